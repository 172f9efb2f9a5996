// The messages in the queues. They are versioned and parsed on both sides, so that a deploy in the middle of a backlog breaks nothing.

import * as v from 'valibot';

/** GoHighLevel ids are about 20 letters and digits; the limit keeps log lines, keys and URLs harmless. */
const ID = /^[A-Za-z0-9_-]{1,64}$/;
export const Id = v.pipe(v.string(), v.regex(ID, 'must be 1 to 64 letters, digits, - or _'));

/**
 * What a fresh webhook said of the contact. It saves work, and it is compared with GoHighLevel's API, which may lag behind
 * (workers/consumer/domain/told.ts).
 */
export const Snapshot = v.object({
  tags: v.array(v.string()),
  dnd: v.boolean(),
  /** `phoneMark` of its phone, where the webhook tells it. */
  phone: v.optional(v.string()),
});
export type Snapshot = v.InferOutput<typeof Snapshot>;

/**
 * What a fresh webhook without a snapshot says against dialing. Only what is set here was said. `tags`: those that it names, surely or
 * perhaps.
 */
export const Against = v.object({ tags: v.array(v.string()), dnd: v.boolean(), deleted: v.boolean() });
export type Against = v.InferOutput<typeof Against>;

/** Events about an opportunity of a contact. To a contact that no rule judges by its opportunities they mean nothing. */
export const OPPORTUNITY_EVENTS: readonly string[] = [
  'OpportunityCreate',
  'OpportunityUpdate',
  'OpportunityStageUpdate',
  'OpportunityStatusUpdate',
  'OpportunityDelete',
];

/** What a fresh webhook says of one opportunity. Ids and a status only; null where it does not say. */
export const ToldOpportunity = v.object({
  id: Id,
  pipelineId: v.nullable(Id),
  stageId: v.nullable(Id),
  status: v.nullable(Id),
  deleted: v.boolean(),
});
export type ToldOpportunity = v.InferOutput<typeof ToldOpportunity>;

/**
 * What asks for the work. `replay`: an operator replays a dead letter. `operator`: an operator acts on one contact (retry, place again).
 * `followup`: earlier work found another contact with the same phone, or one that must be confirmed or read again. `doctor`: its check
 * of a membership. `call`: a call said no, and the contact's number is held (workers/consumer/calls/).
 */
export const SOURCES = ['webhook', 'workflow', 'backstop', 'replay', 'followup', 'doctor', 'operator', 'call'] as const;

const Switch = v.object({ at: v.number(), on: v.boolean(), tied: v.optional(v.boolean()) });
/**
 * What webhooks said of a contact, the newest statement of each kind. Times are the webhooks' own if they have one, epoch ms. `tied`:
 * another statement of the same time contradicts it, so that only a later read decides.
 */
export const Told = v.object({
  /** When it was deleted. */
  gone: v.optional(v.number()),
  /** When any other event showed that it existed. */
  there: v.optional(v.number()),
  /** The same for webhooks without a time of their own: when they arrived. */
  heard: v.optional(v.number()),
  /**
   * The route that matches its tags: `priority` is its index, -1 for none. `removed`: no route matches now, and one that places it did
   * before.
   */
  tags: v.optional(
    v.object({
      at: v.number(),
      priority: v.number(),
      intent: v.picklist(['place', 'out', 'none', 'removed']),
      tied: v.optional(v.boolean()),
    }),
  ),
  /**
   * Where its tags alone do not tell its route: what they say of each, a letter a route. n: ruled out, y: it matches, u: it depends on more.
   * `removed`: the route that placed it before is ruled out.
   */
  signs: v.optional(v.object({ at: v.number(), routes: v.string(), removed: v.optional(v.boolean()) })),
  /** `phoneMark` of its phone, from ContactUpdate, which comes with a change of it. */
  phone: v.optional(v.object({ at: v.number(), mark: v.string() })),
  /** From ContactDndUpdate, which knows the call channel. */
  dnd: v.optional(Switch),
  /** From other events, which know only the DND of all channels. */
  dndAll: v.optional(Switch),
  /** Of its opportunities, usually one statement of each. `unsure`: without a time of its own, or not everything was said. */
  opportunities: v.optional(
    v.array(v.object({ ...ToldOpportunity.entries, at: v.number(), unsure: v.optional(v.boolean()) })),
  ),
});
export type Told = v.InferOutput<typeof Told>;

/** A hint that a contact changed. The contact is read afresh from GoHighLevel; times are epoch ms. */
export const ContactChanged = v.object({
  v: v.literal(1),
  kind: v.literal('contact.changed'),
  locationId: Id,
  contactId: Id,
  eventType: v.string(),
  source: v.picklist(SOURCES),
  eventId: v.string(),
  occurredAt: v.nullable(v.number()),
  receivedAt: v.number(),
  snapshot: v.nullable(Snapshot),
  /** Set only where there is no snapshot. */
  against: v.optional(Against),
  /** Of a fresh webhook about an opportunity. Such a webhook says nothing else. */
  opportunity: v.optional(ToldOpportunity),
  /** Of a message that stands for several hints: what they said together. */
  told: v.optional(Told),
  /** Of a message that stands for several hints: when the newest of them was received. */
  newestAt: v.optional(v.number()),
  /** From the backstop: hash of the search row that caused this message, remembered once the contact is settled. */
  searchHash: v.optional(v.string()),
  /** From the backstop: the run that asks. */
  runId: v.optional(v.string()),
  /** From the backstop, or an operator: CallTools too is asked what it holds, however certain we are of it. */
  verify: v.optional(v.boolean()),
});
export type ContactChanged = v.InferOutput<typeof ContactChanged>;

/** One page of a backstop run. `page` counts from 0; `cursor` is GoHighLevel's `searchAfter`, null for the first page. */
export const BackstopPage = v.object({
  v: v.literal(1),
  kind: v.literal('backstop.page'),
  locationId: Id,
  runId: v.string(),
  page: v.number(),
  cursor: v.nullable(v.array(v.union([v.string(), v.number()]))),
});
export type BackstopPage = v.InferOutput<typeof BackstopPage>;

/**
 * An authentic webhook that could not be read, on its way to the dead letters. `shape` describes the body's structure (key paths and
 * types, ids kept) and never its values: bodies hold names, phones and emails, which we do not store.
 */
export const Quarantined = v.object({
  v: v.literal(1),
  kind: v.literal('webhook.quarantined'),
  eventId: v.string(),
  locationId: v.nullable(Id),
  contactId: v.nullable(Id),
  receivedAt: v.number(),
  detail: v.string(),
  bytes: v.number(),
  sha256: v.string(),
  shape: v.unknown(),
});
export type Quarantined = v.InferOutput<typeof Quarantined>;

/**
 * A notice of CallTools: there was a call. The record is read at once, until it shows a row of this contact. It only hastens the poll, so it
 * may be lost.
 * `callToolsId` null: which contact was called is not known.
 */
export const CallsHint = v.object({
  v: v.literal(1),
  kind: v.literal('calls.hint'),
  locationId: Id,
  callToolsId: v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  eventId: v.string(),
  receivedAt: v.number(),
});
export type CallsHint = v.InferOutput<typeof CallsHint>;

/** What may be written to a GoHighLevel contact because of a call. */
export const WRITE_STEPS = ['tags', 'dnd', 'workflow', 'note'] as const;
/** One write. */
export type WriteStep = (typeof WRITE_STEPS)[number];

/** One write to a GoHighLevel contact, because of the disposition in CallTools' row `rowId`. `askedAt` is epoch ms. */
export const CallWrite = v.object({
  v: v.literal(1),
  kind: v.literal('call.write'),
  locationId: Id,
  contactId: Id,
  rowId: v.number(),
  step: v.picklist(WRITE_STEPS),
  askedAt: v.number(),
});
export type CallWrite = v.InferOutput<typeof CallWrite>;

const Message = v.variant('kind', [ContactChanged, BackstopPage, CallWrite, Quarantined, CallsHint]);
/** Any message of the three queues. */
export type Message = v.InferOutput<typeof Message>;

/** The message, or null when this build cannot read it (the caller keeps it as a dead letter, reason `unreadable_message`). */
export function parseMessage(body: unknown): Message | null {
  const parsed = v.safeParse(Message, body);
  return parsed.success ? parsed.output : null;
}

/** The value when it is an id, or null. */
export function validId(value: unknown): string | null {
  return typeof value === 'string' && ID.test(value) ? value : null;
}
