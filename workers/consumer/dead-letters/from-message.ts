// Makes the row of a dead-letter queue's message, without personal data: a person reads it, and a replay needs only ids.

import * as v from 'valibot';
import {
  type BackstopPage,
  type CallWrite,
  type ContactChanged,
  Id,
  type Message,
  parseMessage,
  type Quarantined,
} from '../../../shared/messages.ts';
import type { FailureReason } from '../domain/explanations.ts';
import type { DeadLetter } from '../store/dead-letters.ts';
import { contactLetterId, singleLetterId, writeLetter } from './letter.ts';

/** A queue message; `timestamp` is when it was first sent. */
export interface QueueMessage {
  id: string;
  timestamp: Date;
  body: unknown;
}

type Letter = DeadLetter & { reason: FailureReason };

/** D1 binds at most 2 MB: 100 letters of this size fit. Real ones have a few hundred characters. */
const MAX_MESSAGE_CHARS = 8_000;
const MAX_ERROR_CHARS = 500;

/**
 * The letter of any message that a queue gave up, or that ingest sent here. `now` is epoch ms. Null where nothing is lost with it: CallTools'
 * word of a call only hastens the next poll.
 */
export async function letterOfMessage(message: QueueMessage, now: number): Promise<Letter | null> {
  const body = parseMessage(message.body);
  switch (body?.kind) {
    case undefined:
      return unreadableLetter(message, now);
    case 'calls.hint':
      return null;
    case 'contact.changed':
      return exhaustedLetter(body, now);
    case 'call.write':
      return lostWriteLetter(body, now);
    case 'webhook.quarantined':
      return quarantinedLetter(body, now);
    case 'backstop.page':
      return pageLetter(body, message, now);
  }
}

/** The letter of a message that this build cannot read. Of its body only the size, the kind and valid ids are kept. */
async function unreadableLetter({ id, timestamp, body }: QueueMessage, now: number): Promise<Letter> {
  const { locationId, contactId, ...shape } = outlineOf(body);
  return {
    id: await singleLetterId('message', id),
    locationId,
    contactId,
    reason: 'unreadable_message',
    error: `${shape.kind ?? 'a message'} of version ${shape.version ?? 'unknown'}, ${shape.bytes ?? 'unknown'} bytes, is of no form that this build reads`,
    message: shape,
    replayable: shape.kind === 'contact.changed' && locationId !== null && contactId !== null,
    attempts: 0,
    receivedAt: timestamp.getTime(),
    deadAt: now,
  };
}

async function exhaustedLetter(body: ContactChanged, now: number): Promise<Letter> {
  const { locationId, contactId, receivedAt } = body;
  return {
    id: await contactLetterId(locationId, contactId, 'retries_exhausted'),
    locationId,
    contactId,
    reason: 'retries_exhausted',
    error: 'the queue spent all deliveries of this hint without an acknowledgement',
    message: limited({ ...body, snapshot: null }),
    replayable: true,
    attempts: 0,
    receivedAt,
    deadAt: now,
  };
}

async function lostWriteLetter(body: CallWrite, now: number): Promise<Letter> {
  const error = 'the queue spent all deliveries of this write without an acknowledgement';
  return { ...(await writeLetter(body, { code: 'write_failed', error }, 0, now)), reason: 'write_failed' };
}

/** A replay sends only the contact's id. The contact is read afresh, so what the webhook said is not needed. */
async function quarantinedLetter(body: Quarantined, now: number): Promise<Letter> {
  const { locationId, contactId, eventId, receivedAt, detail } = body;
  return {
    id: await singleLetterId('webhook', eventId),
    locationId,
    contactId,
    reason: 'unreadable_webhook',
    error: detail.slice(0, MAX_ERROR_CHARS),
    message: limited(body),
    replayable: locationId !== null && contactId !== null,
    attempts: 0,
    receivedAt,
    deadAt: now,
  };
}

/** Without the cursor, which may name a contact. There is nothing to replay. */
async function pageLetter(body: BackstopPage, { timestamp }: QueueMessage, now: number): Promise<Letter> {
  const { locationId, runId, page } = body;
  return {
    id: await singleLetterId('page', `${runId}|${page}`),
    locationId,
    contactId: null,
    reason: 'backstop_page_failed',
    error: `the queue spent all deliveries of page ${page} of a backstop run`,
    message: limited({ ...body, cursor: null }),
    replayable: false,
    attempts: 0,
    receivedAt: timestamp.getTime(),
    deadAt: now,
  };
}

/** Only short texts and numbers: a kind and a version are our own words, everything else may be personal. */
const Outline = v.object({
  v: v.fallback(v.optional(v.number()), undefined),
  kind: v.fallback(v.optional(v.pipe(v.string(), v.regex(/^[a-z]{1,20}\.[a-z]{1,20}$/))), undefined),
  locationId: v.fallback(v.nullable(Id), null),
  contactId: v.fallback(v.nullable(Id), null),
});

function outlineOf(body: unknown) {
  const parsed = v.safeParse(Outline, body);
  const known = parsed.success ? parsed.output : { locationId: null, contactId: null };
  return {
    type: body === null ? 'null' : Array.isArray(body) ? 'list' : typeof body,
    bytes: bytesOf(body),
    version: 'v' in known ? known.v : undefined,
    kind: 'kind' in known ? known.kind : undefined,
    locationId: known.locationId,
    contactId: known.contactId,
  };
}

/** Undefined where JSON cannot hold the body. */
function bytesOf(body: unknown): number | undefined {
  try {
    const json: string | undefined = JSON.stringify(body);
    return json === undefined ? undefined : new TextEncoder().encode(json).length;
  } catch {
    return undefined;
  }
}

/** The message; of one that is far too long, only what identifies it. */
function limited(message: Message): unknown {
  const chars = JSON.stringify(message).length;
  if (chars <= MAX_MESSAGE_CHARS) return message;
  const eventId = 'eventId' in message ? message.eventId.slice(0, 100) : undefined;
  return { kind: message.kind, eventId, omittedChars: chars };
}
