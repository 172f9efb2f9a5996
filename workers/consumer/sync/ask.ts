// The contacts that a batch asks for, and the messages that ask for them. The commit stores the messages with the rows: what it says may
// leave no trace of the question. They are sent after it, because what they are about must be stored before anybody looks.

import { forEachLimit, inTime } from '../../../shared/concurrency.ts';
import { errorText } from '../../../shared/harmless.ts';
import type { ContactChanged } from '../../../shared/messages.ts';
import type { LocationContext } from '../config/context.ts';
import { READ_AGAIN } from '../domain/looks.ts';
import { endUnsent } from '../store/outbox.ts';
import type { Urgency } from '../vendors/rate-limiter.ts';
import { dialerCommit, type Settled } from './settle.ts';
import type { Job, Result } from './work.ts';

/** Sends at once. */
const CONCURRENCY = 5;
/** For all sends of a batch. */
const SEND_TIMEOUT_MS = 4_000;

/** A contact that must be read, no sooner than in `delayMs`. */
export interface Ask {
  contactId: string;
  delayMs: number;
  /** Event type of the message that asks, where it is not the usual one. */
  why?: typeof READ_AGAIN;
  /** It need not come before fresh leads where a run caused it. */
  patient?: true;
}

/**
 * The next look at a contact whose read may be older than a webhook, or is in doubt until a list can be read. One whose time stands in the
 * contact's row was asked for by the batch that wrote it.
 */
export function lookOf({ task: { row, ...task }, commit }: Settled, now: number): Ask[] {
  const { contactId, lookAt } = commit;
  const isOpen = task.against.length > 0 || task.listUnread || task.tooEarly;
  if (lookAt === null || !isOpen || lookAt === row.lookAt) return [];
  const patient = task.against.length === 0 && task.listUnread && { patient: true as const };
  return [{ contactId, delayMs: Math.max(0, lookAt - now), why: READ_AGAIN, ...patient }];
}

/**
 * The contact that must be read because of this result: the one whose data belongs under the phone, if it is not in hand and CallTools
 * does not show it yet, or the one that alone can look its number up, where the hash did not suffice. Or, while a write that was given up
 * may still take effect, the same contact once more, even if it has failed.
 */
export function askFor(result: Result, now: number): Ask | null {
  const { job, kind, doubtUntil, failure, observed } = result;
  if (kind === 'follows') return null;
  const isLost = observed.unverified || failure?.kind === 'contact';
  const owner = isLost && job.e164 === null ? askOwner(job) : null;
  if (owner) return owner;
  if (kind === 'asked' && job.combined.kind === 'place')
    return isShown(result) ? null : { contactId: job.combined.primary, delayMs: 0 };
  if (job.next !== null && kind !== 'failed') return { contactId: job.next, delayMs: 0 };
  const { contactId } = dialerCommit(result, now);
  // A transient failure comes back by itself.
  const over = kind === 'written' || failure?.kind === 'contact';
  const doubtful = over && doubtUntil > now && contactId !== null;
  return doubtful ? { contactId, delayMs: doubtUntil - now + 1000 } : null;
}

/** A contact that knows the number and is not to be dialed: CallTools may have the number, and it is known here by its hash only. */
function askOwner({ row, tasks, intents }: Job): Ask | null {
  const owner = intents.find(
    ({ contactId, intent, phoneHash }) =>
      (intent === 'dnc' || intent === 'out') &&
      phoneHash === row.phoneHash &&
      !tasks.some(({ work }) => work.contactId === contactId),
  );
  return owner ? { contactId: owner.contactId, delayMs: 0 } : null;
}

/** CallTools already shows the primary contact, or this batch writes it. */
function isShown({ job: { row, primaryRow, primaryInHand, marked, combined }, observed }: Result): boolean {
  if (marked) return true;
  if (primaryRow === null || combined.kind !== 'place') return false;
  const linked = primaryRow.phoneHash !== row.phoneHash;
  // This contact's data was written before it was known that the primary's number is on the same CallTools contact.
  if (observed.primaryIsLost || (linked && observed.wrote)) return false;
  if (linked && primaryInHand) return true;
  return primaryRow.fingerprint !== null && primaryRow.mayBeInBucket && primaryRow.contactId === combined.primary;
}

/** Each contact once. */
export function unique(asks: Ask[]): Ask[] {
  return asks.filter(({ contactId, delayMs }, index) => {
    const first = asks.findIndex((other) => other.contactId === contactId && other.delayMs === delayMs);
    return first === index;
  });
}

/** A message that asks for a contact. */
export interface Question {
  message: ContactChanged;
  delayMs: number;
  patient: boolean;
}

/** The messages that ask for these contacts. */
export function questionsOf(asks: readonly Ask[], { world, settings }: LocationContext): Question[] {
  return asks.map(({ contactId, delayMs, why, patient = false }) => ({
    message: {
      v: 1,
      kind: 'contact.changed',
      locationId: settings.GHL_LOCATION_ID,
      contactId,
      eventType: why ?? (delayMs > 0 ? 'Confirm' : 'SharedPhone'),
      source: 'followup',
      eventId: world.newId(),
      occurredAt: null,
      receivedAt: world.now(),
      snapshot: null,
    },
    delayMs,
    patient,
  }));
}

/**
 * Sends what the commit has stored in the outbox, and deletes it there. What the queue does not take in time stays: the cron sends it. A
 * worker that dies in between, or a D1 that fails then, sends a message twice, which costs one read. Throws nothing.
 */
export async function ask(
  questions: readonly Question[],
  urgency: Urgency,
  { env, world, log }: LocationContext,
): Promise<void> {
  if (questions.length === 0) return;
  const deadline = world.deadline(SEND_TIMEOUT_MS);
  const taken: string[] = [];
  const refused: string[] = [];
  await forEachLimit(questions, CONCURRENCY, async ({ message, delayMs, patient }) => {
    const queue = patient && urgency === 'bulk' ? env.BACKSTOP : env.EVENTS;
    try {
      await inTime(() => queue.send(message, { delaySeconds: Math.ceil(delayMs / 1000) }), deadline);
      taken.push(message.eventId);
    } catch (thrown) {
      refused.push(message.eventId);
      log('queue.send_failed', { contactId: message.contactId, error: errorText(thrown) });
    }
  });
  try {
    await endUnsent(env.DB, taken, refused);
  } catch (thrown) {
    log('outbox.not_emptied', { messages: questions.length, error: errorText(thrown) });
  }
}
