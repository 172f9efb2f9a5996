// Dead letters as an operator sees them: ids, reasons and times, and the message without what it said of the contact.

import { explain } from '../domain/explanations.ts';
import type { DeadLetterPage, ReasonCount, StoredDeadLetter } from '../store/dead-letter-list.ts';
import { iso } from './answer.ts';

export function viewDeadLetter(letter: StoredDeadLetter) {
  const { id, status, reason, error, locationId, contactId, replayable, attempts, replays, diedAgain } = letter;
  return {
    id,
    status,
    reason,
    error,
    location_id: locationId,
    contact_id: contactId,
    replayable,
    attempts,
    replays,
    received_at: iso(letter.receivedAt),
    dead_at: iso(letter.deadAt),
    replayed_at: iso(letter.replayedAt),
    settled_at: iso(letter.settledAt),
    died_again: diedAgain && {
      id: diedAgain.id,
      reason: diedAgain.reason,
      error: diedAgain.error,
      dead_at: iso(diedAgain.deadAt),
    },
    message: withoutSnapshot(letter.message),
  };
}

/** `total` and `by_reason` count all that the filter matches, not only this page. */
export function viewDeadLetters({ letters, byReason, next }: DeadLetterPage) {
  return {
    dead_letters: letters.map(viewDeadLetter),
    total: byReason.reduce((total, { count }) => total + count, 0),
    by_reason: byReason.map(viewReason),
    next,
  };
}

function viewReason({ reason, count, oldestDeadAt }: ReasonCount) {
  const { what, todo } = explain(reason);
  return { reason, count, oldest_dead_at: iso(oldestDeadAt), what, what_to_do: todo };
}

/** A snapshot holds tags: the user's own words, which may name a person. */
function withoutSnapshot(message: unknown): unknown {
  if (typeof message !== 'object' || message === null) return message;
  const { snapshot: _, ...rest } = message as { snapshot?: unknown };
  return rest;
}
