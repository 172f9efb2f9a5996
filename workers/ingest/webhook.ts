// POST /webhook/ghl, top-down: verify the bytes, parse them, classify them as too old, not ours, unreadable, or a contact that changed.

import { sha256Hex } from '../../shared/hash.ts';
import type { ContactChanged } from '../../shared/messages.ts';
import { type Age, ageOf } from './age.ts';
import { readBody } from './body.ts';
import type { Scheme } from './keys.ts';
import { locationOf, type NamedLocation } from './location.ts';
import { type AppWebhook, type Body, eventIdOf, parseBody, readAppWebhook, readUntyped } from './payload.ts';
import { quarantined } from './quarantine.ts';
import { type Decision, type Facts, type Ignored, type RequestContext, refused } from './request.ts';
import type { Settings } from './settings.ts';
import { verifySignature } from './signature.ts';

/** Event type of the hint that is sent for a webhook without a readable type. */
const UNTYPED_EVENT = 'Untyped';

/** Reads the request's bytes, verifies their signature, and only then looks at what they say. */
export async function decideWebhook(request: Request, { settings, keyring, world }: RequestContext): Promise<Decision> {
  const body = await readBody(request);
  if (body.kind === 'refused') return refused({ reason: body.reason });

  const verdict = await verifySignature(request.headers, body.bytes, settings, keyring);
  if (verdict.kind === 'refused') return refused(verdict.refusal);

  return classifyWebhook(body.bytes, verdict.scheme, settings, world.now());
}

/** Classifies verified bytes. With the scheme `hmac` the sender holds our secret; with the others GoHighLevel signed, for any of its apps. */
export async function classifyWebhook(
  bytes: Uint8Array<ArrayBuffer>,
  scheme: Scheme,
  settings: Settings,
  receivedAt: number,
): Promise<Decision> {
  const parsed = parseBody(bytes);
  const webhook = readAppWebhook(parsed.kind === 'object' ? parsed.object : {});

  // 1. Too old? An HMAC sender signs each attempt, so an old one is a replay. GoHighLevel's own may be a late retry.
  const age = ageOf(webhook.timestamp, receivedAt, settings.maxAgeMs);
  if (scheme === 'hmac' && (age.kind === 'stale' || age.kind === 'future')) return refused(refusalOf(age), { scheme });

  // 2. About which contact?
  const location = locationOf(webhook.locationId, scheme === 'hmac', settings);
  const facts = factsOf(webhook, location, scheme);
  const { locationId, contactId, eventType } = facts;
  const occurredAt = age.kind === 'fresh' || age.kind === 'stale' ? age.at : null;
  // Only when needed: a digest costs as much as a signature.
  const digest = () => sha256Hex(bytes);
  const eventId = webhook.webhookId ?? (await eventIdOf(locationId, contactId, eventType, occurredAt, await digest()));

  // 3. Ours?
  if (location.kind === 'unknown') return refused({ reason: 'no_location' }, facts);
  const why = foreign(webhook, location, scheme, settings);
  if (why) return { kind: 'ignored', why, eventId, facts };

  // 4. Readable?
  const common = { v: 1, kind: 'contact.changed', source: 'webhook', eventId, occurredAt, receivedAt } as const;
  const detail = parsed.kind === 'object' ? faultOf(webhook, location, settings) : parsed.detail;
  if (detail !== null || locationId === null || contactId === null) {
    const json = parsed.kind === 'object' ? parsed.object : parsed.json;
    const odd = { detail: detail ?? '', json, eventId, receivedAt, bytes: bytes.length, sha256: await digest() };
    return quarantined(odd, facts, untypedHint(parsed, webhook, age, { ...common, locationId }, bytes.length));
  }
  const nothing = { snapshot: null, against: null, opportunity: null };
  const { snapshot, against, opportunity } = age.kind === 'fresh' ? webhook : nothing;
  const message: ContactChanged = {
    ...common,
    locationId,
    contactId,
    eventType,
    snapshot,
    ...(against && { against }),
    ...(opportunity && { opportunity }),
  };
  return { kind: 'queued', message: fitting(message, bytes.length), facts };
}

type Unsaid = 'locationId' | 'contactId' | 'eventType' | 'snapshot';

/** Of a webhook without a readable type: a hint about the contact that it names all the same. Null where it names none for sure. */
function untypedHint(
  parsed: Body,
  { type }: AppWebhook,
  age: Age,
  { locationId, ...common }: Omit<ContactChanged, Unsaid> & { locationId: string | null },
  bodyBytes: number,
): ContactChanged | null {
  const isUntyped = type.kind === 'absent' || type.kind === 'malformed';
  const named = isUntyped && parsed.kind === 'object' ? readUntyped(parsed.object) : null;
  if (named === null || locationId === null) return null;
  const against = age.kind === 'fresh' ? named.against : null;
  const about = { locationId, contactId: named.contactId, eventType: UNTYPED_EVENT, snapshot: null };
  return fitting({ ...common, ...about, ...(against && { against }) }, bodyBytes);
}

function refusalOf(age: Age & { kind: 'stale' | 'future' }) {
  return age.kind === 'stale'
    ? ({ reason: 'stale', ageMs: age.ageMs } as const)
    : ({ reason: 'future', aheadMs: age.aheadMs } as const);
}

function factsOf({ contactId, type }: AppWebhook, location: NamedLocation, scheme: Scheme) {
  return {
    scheme,
    eventType: 'type' in type ? type.type : '',
    locationId: 'id' in location ? location.id : null,
    contactId: contactId.kind === 'id' ? contactId.id : null,
  } satisfies Facts;
}

function foreign(
  { appId, type, contactId }: AppWebhook,
  { kind }: NamedLocation,
  scheme: Scheme,
  settings: Settings,
): Ignored | null {
  if (kind === 'other') return 'other_location';
  if (scheme !== 'hmac' && settings.appIds.size > 0 && !settings.appIds.has(appId ?? '')) return 'other_app';
  // Nobody could say whose it is. The nightly run notices what has changed.
  if (type.kind === 'opportunity' && contactId.kind === 'absent') return 'no_contact';
  return type.kind === 'other' ? 'other_type' : null;
}

/** What is missing or malformed, or null. */
function faultOf({ type, contactId }: AppWebhook, location: NamedLocation, { locations }: Settings): string | null {
  if (type.kind === 'absent') return 'The body has no "type", such as ContactUpdate.';
  if (type.kind === 'malformed') return 'The "type" is not a text such as ContactUpdate.';
  if (location.kind === 'malformed') return `The location id ${NOT_AN_ID}`;
  if (location.kind === 'unsaid')
    return `The body has no "locationId"${locations.size > 1 ? ', and there are several locations here: add it' : ''}.`;
  if (contactId.kind === 'malformed') return `The contact id ${NOT_AN_ID}`;
  if (contactId.kind === 'absent') return 'The body has no contact id ("id", or "contact": {"id"}).';
  return null;
}

const NOT_AN_ID = 'is not 1 to 64 letters, digits, - or _.';

/** A message of more bytes goes without tags; a queue takes 128,000 (docs/vendors.md, Cloudflare: queues). */
const MAX_MESSAGE_BYTES = 100_000;

/** The message, without its tags where they would make it too big. A small body cannot make a big message. */
function fitting(message: ContactChanged, bodyBytes: number): ContactChanged {
  if (bodyBytes < MAX_MESSAGE_BYTES / 2) return message;
  const size = new TextEncoder().encode(JSON.stringify(message)).length;
  if (size <= MAX_MESSAGE_BYTES) return message;
  const { snapshot, against, ...rest } = message;
  const dnd = snapshot?.dnd || against?.dnd || false;
  return { ...rest, snapshot: null, against: { tags: [], dnd, deleted: against?.deleted ?? false } };
}
