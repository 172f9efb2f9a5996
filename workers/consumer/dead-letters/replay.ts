// Replays and discards dead letters. The message is sent before the row is marked: a crash in between replays it twice, which is
// harmless, and never loses it.

import type { Queue } from '@cloudflare/workers-types';
import type { Discarded, LetterOutcome } from '../../../shared/api/contacts.ts';
import { errorText } from '../../../shared/harmless.ts';
import type { Log } from '../../../shared/log.ts';
import { type CallWrite, type ContactChanged, type Message, parseMessage } from '../../../shared/messages.ts';
import type { Env, World } from '../config/env.ts';
import { RETRY_OR_FORGET } from '../domain/explanations.ts';
import { readDeadLetters, type StoredDeadLetter } from '../store/dead-letter-list.ts';
import { discardWaiting, markReplayed } from '../store/dead-letters.ts';

import { type FailedContact, failedWithoutLetter, namesOfFailed } from '../store/operator-orders.ts';

/** What a replay needs. `EVENTS` is the queue that the contacts go to. */
export interface ReplayDeps {
  env: { DB: Env['DB']; EVENTS: Pick<Queue<Message>, 'sendBatch'> };
  world: Pick<World, 'now' | 'newId'>;
  log: Log;
}

type Replayable = StoredDeadLetter & { locationId: string; contactId: string };

/**
 * Puts the contacts of these letters (at most 100) back into the queue, as bare ids: each is read afresh. A write is asked for again. A message has under
 * 500 bytes, so that they fit one `sendBatch` of 256 KB (docs/vendors.md, Cloudflare: queues).
 */
export async function replayLetters(ids: string[], { env, world, log }: ReplayDeps): Promise<LetterOutcome[]> {
  const letters = new Map((await readDeadLetters(env.DB, ids)).map((letter) => [letter.id, letter]));
  const sendable = [...letters.values()].filter(isReplayable);
  const at = world.now();
  const sent = sendable.length === 0 || (await sendAgain(sendable, 'replay', at, { env, world, log }));
  if (sent && sendable.length > 0) {
    for (const { id, locationId, contactId, reason } of sendable)
      log('dead_letter.replayed', { deadLetterId: id, locationId, contactId, reason });
    await markReplayed(env.DB, sendable, at);
  }
  return ids.map((id) => ({ id, outcome: outcomeOf(letters.get(id), sent) }));
}

/** Gives these letters up; only waiting ones change. Their contacts stay failed, and are named with what can be done. */
export async function discardLetters(ids: string[], { env, world, log }: ReplayDeps): Promise<Discarded> {
  const discarded = new Set(await discardWaiting(env.DB, ids, world.now()));
  const letters = await readDeadLetters(env.DB, ids);
  const known = new Set(letters.map(({ id }) => id));
  for (const { id, locationId } of letters)
    if (discarded.has(id)) log('dead_letter.discarded', { deadLetterId: id, locationId });
  const outcomes = ids.map(
    (id): LetterOutcome => ({
      id,
      outcome: discarded.has(id) ? 'discarded' : known.has(id) ? 'not_waiting' : 'not_found',
    }),
  );
  const failed = await stillFailed(letters, env.DB);
  return {
    outcomes,
    still_failed: failed.map(({ contactId, locationId, reason }) => ({
      contact_id: contactId,
      location_id: locationId,
      reason,
    })),
    note: failed.length === 0 ? null : `Still failed: ${namesOfFailed(failed)}. ${RETRY_OR_FORGET}`,
  };
}

/** Contacts of these letters that are failed, and for which no other letter waits. */
async function stillFailed(letters: StoredDeadLetter[], db: Env['DB']): Promise<FailedContact[]> {
  const named = letters.filter(isAboutContact);
  if (named.length === 0) return [];
  const failed = await failedWithoutLetter(
    db,
    [...new Set(named.map(({ locationId }) => locationId))],
    named.map(({ contactId }) => contactId),
  );
  const keys = new Set(named.map(({ locationId, contactId }) => `${locationId}/${contactId}`));
  return failed.filter(({ locationId, contactId }) => keys.has(`${locationId}/${contactId}`));
}

function isAboutContact(letter: StoredDeadLetter): letter is Replayable {
  return letter.locationId !== null && letter.contactId !== null;
}

function isReplayable(letter: StoredDeadLetter): letter is Replayable {
  return letter.status === 'waiting' && letter.replayable && isAboutContact(letter);
}

function outcomeOf(letter: StoredDeadLetter | undefined, sent: boolean): LetterOutcome['outcome'] {
  if (!letter) return 'not_found';
  if (letter.status !== 'waiting') return 'not_waiting';
  if (!isReplayable(letter)) return 'not_replayable';
  return sent ? 'replayed' : 'send_failed';
}

/** Puts contacts (at most 100) into the queue, to be read afresh. True once the queue has all of them; false when it took none. */
export async function sendAgain(
  contacts: (Pick<Replayable, 'locationId' | 'contactId'> & Partial<Pick<Replayable, 'message'>>)[],
  source: 'replay' | 'operator',
  at: number,
  { env, world, log }: Pick<ReplayDeps, 'world' | 'log'> & { env: Pick<ReplayDeps['env'], 'EVENTS'> },
): Promise<boolean> {
  const messages = contacts.map((contact) => ({
    body: writeOf(contact.message, at) ?? messageOf(contact, source, at, world.newId()),
  }));
  try {
    await env.EVENTS.sendBatch(messages);
  } catch (error) {
    log('dead_letter.replay_failed', { letters: contacts.length, error: errorText(error) });
    return false;
  }
  return true;
}

/** A letter about a write holds its message; all others are about the contact. */
function writeOf(message: unknown, askedAt: number): CallWrite | null {
  const body = parseMessage(message);
  return body?.kind === 'call.write' ? { ...body, askedAt } : null;
}

/** It has an event type of its own, because a ContactDelete may be ignored where the contact is not known. */
function messageOf(
  { locationId, contactId }: Pick<Replayable, 'locationId' | 'contactId'>,
  source: ContactChanged['source'],
  receivedAt: number,
  eventId: string,
): ContactChanged {
  return {
    v: 1,
    kind: 'contact.changed',
    locationId,
    contactId,
    eventType: 'Replay',
    source,
    eventId,
    occurredAt: null,
    receivedAt,
    snapshot: null,
  };
}
