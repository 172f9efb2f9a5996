// Dead letters as an operator sees them: ids, reasons and times, and the message without what it said about the contact.

import type { DeadLetter, DeadLetterReason, DeadLetters } from '../../../shared/api/contacts.ts';
import { explain } from '../domain/explanations.ts';
import type { DeadLetterPage, ReasonCount, StoredDeadLetter } from '../store/dead-letter-list.ts';
import { iso } from './answer.ts';

/** One dead letter. */
export function viewDeadLetter(letter: StoredDeadLetter): DeadLetter {
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

/** One page of dead letters. */
export function viewDeadLetters({ letters, byReason, next }: DeadLetterPage): DeadLetters {
  return {
    dead_letters: letters.map(viewDeadLetter),
    total: byReason.reduce((total, { count }) => total + count, 0),
    by_reason: byReason.map(viewReason),
    next,
  };
}

function viewReason({ reason, count, oldestDeadAt }: ReasonCount): DeadLetterReason {
  const { what, todo } = explain(reason);
  return { reason, count, oldest_dead_at: iso(oldestDeadAt), what, what_to_do: todo };
}

/** A snapshot holds tags. They are the user's own words and may name a person. */
function withoutSnapshot(message: unknown): unknown {
  if (typeof message !== 'object' || message === null) return message;
  const { snapshot: _, ...rest } = message as { snapshot?: unknown };
  return rest;
}
