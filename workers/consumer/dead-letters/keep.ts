// Keeps dead letters in D1: a queue forgets them after days, a row waits for a person.

import { errorText } from '../../../shared/harmless.ts';
import type { Log } from '../../../shared/log.ts';
import { type ContactChanged, parseMessage } from '../../../shared/messages.ts';
import type { InvocationContext } from '../config/context.ts';
import type { Env, World } from '../config/env.ts';
import { insertDeadLetters, insertDrainedLetters } from '../store/dead-letters.ts';
import { giveUpQueued } from '../store/run-contacts.ts';
import { letterOfMessage, type QueueMessage } from './from-message.ts';
import { unknownLocationLetter } from './letter.ts';

/** What is to be done with one message of the batch. */
export type DrainOutcome =
  | { messageId: string; kind: 'ack' }
  | { messageId: string; kind: 'retry'; delaySeconds: number };

interface Deps {
  env: Pick<Env, 'DB'>;
  world: Pick<World, 'now'>;
  log: Log;
}

/**
 * This queue has no dead-letter queue of its own: after 100 retries (wrangler.consumer.jsonc) a message is lost. With these waits
 * the retries last for 4 days, the time that a queue keeps a message by default (docs/vendors.md, Cloudflare: queues).
 */
const FIRST_RETRY_SECONDS = 60;
const LONGEST_RETRY_SECONDS = 3_600;

/**
 * Keeps every message of the batch that has a letter as a row, in one transaction: all are acked together, or where D1 fails retried together.
 * `attempts` counts deliveries from 1. Never throws.
 */
export async function drainDeadLetters(
  messages: readonly (QueueMessage & { attempts: number })[],
  { env, world, log }: Deps,
): Promise<DrainOutcome[]> {
  if (messages.length === 0) return [];
  try {
    const all = await Promise.all(messages.map((message) => letterOfMessage(message, world.now())));
    const letters = all.filter((letter) => letter !== null);
    const ofRuns = messages.flatMap(({ body }) => runHint(body) ?? []);
    const givenUp = ofRuns.length > 0 ? giveUpQueued(env.DB, ofRuns, world.now()) : [];
    await env.DB.batch([insertDrainedLetters(env.DB, letters), ...givenUp]);
    for (const { id, reason, locationId, contactId } of letters) {
      log('dead_letter.kept', { deadLetterId: id, reason, locationId, contactId });
    }
    return messages.map(({ id }) => ({ messageId: id, kind: 'ack' }));
  } catch (error) {
    log('dead_letter.not_kept', { messages: messages.length, error: errorText(error) });
    return messages.map(({ id, attempts }) => ({ messageId: id, kind: 'retry', delaySeconds: retrySeconds(attempts) }));
  }
}

function retrySeconds(attempts: number): number {
  return Math.min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** Math.max(0, attempts - 1));
}

/** The contact that a run has asked for. The run waits for it until it is told that the message has failed. */
function runHint(body: unknown): { locationId: string; contactId: string; runId: string } | null {
  const message = parseMessage(body);
  if (message?.kind !== 'contact.changed' || message.runId === undefined) return null;
  const { locationId, contactId, runId } = message;
  return { locationId, contactId, runId };
}

/** Keeps messages about locations that the settings do not name: a person must decide which is wrong. Throws where D1 fails. */
export async function keepUnknownLocation(
  events: ContactChanged[],
  { env, world, log }: InvocationContext,
): Promise<void> {
  const letters = await Promise.all(events.map((event) => unknownLocationLetter(event, world.now())));
  await insertDeadLetters(env.DB, letters).run();
  for (const { contactId, locationId, reason } of letters) log('contact.dead', { contactId, locationId, code: reason });
}
