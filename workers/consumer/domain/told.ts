// What webhooks say of a contact, compared with what a read shows. GoHighLevel's reads lag behind its webhooks, so a read that
// contradicts a webhook may be the older of the two. Then the stricter of the two counts, and the contact is read again until a read is
// surely newer than the webhook.
//
// `Told` (shared/messages.ts) holds the newest statement of each kind: deleted, there, tags (`tags`, or `signs`), DND, opportunities. In the order of their use:
// `toldBy` (what one message says), `merge` (several), `recall` (with what is remembered), `stillCounts` (without what a read has
// overtaken), `contradicted` and `heed` (against a read), `nextLook` (when to read again: looks.ts). `agrees` answers the triage: no read
// needed. Opportunities are compared in told-opportunities.ts.

import { type ContactChanged, OPPORTUNITY_EVENTS, type Told } from '../../../shared/messages.ts';
import { type Decision, type Intent, isPhoneUnread } from './decide.ts';
import type { Pipeline, Rules } from './rules/conditions.ts';
import { tagSigns, tagsPermit, tagsSay } from './rules/match.ts';
import {
  BY_STRICTNESS,
  isKnown,
  mergeOpportunities,
  opportunityTold,
  outByOpportunities,
} from './told-opportunities.ts';
import { laterSaid, ruledOut, type ShownTags, tagsContradicted } from './told-tags.ts';

/** A read that begins this long after a webhook is surely newer. Reads were seen to lag 4 to 6 s; this is twenty times as long. */
export const READ_LAG_MS = 120_000;
/** Events of one moment may carry times in the wrong order. Only an event this much later than a deletion shows that a contact is back. */
const RESTORED_AFTER_MS = 5000;

/** The part of a read that webhooks also speak of. */
export interface Shown extends ShownTags {
  /** `phoneMark` of its phone; null where that cannot be read. */
  phone: string | null;
  gone: boolean;
  blocked: boolean;
  /** DND is set for all channels. */
  blockedAll: boolean;
}

/** The event that comes with a change of the phone. A new contact is not there at all in a read that is too old. */
const PHONE_CHANGED = 'ContactUpdate';

type Tags = NonNullable<Told['tags']>;
type Switch = NonNullable<Told['dnd']>;

/** Whether the message comes from GoHighLevel. All other messages ask for a read for their own reasons. */
export function isHint({ source }: ContactChanged): boolean {
  return source === 'webhook' || source === 'workflow';
}

/**
 * What one message says. A copy says what its originals said; a replay, the backstop and our own follow-ups say nothing. A webhook about
 * an opportunity says nothing else of the contact, not even that it exists.
 */
export function toldBy(event: ContactChanged, rules: Rules): Told {
  if (event.told) return event.told;
  if (!isHint(event)) return {};
  if (OPPORTUNITY_EVENTS.includes(event.eventType)) return present({ opportunities: opportunityTold(event) });
  const { eventType, snapshot, against, occurredAt, receivedAt } = event;
  const at = occurredAt ?? receivedAt;
  if (eventType === 'ContactDelete') return { gone: at };
  const there = against?.deleted ? { gone: at } : occurredAt === null ? { heard: at } : { there: at };
  const kind = eventType === 'ContactDndUpdate' ? 'dnd' : 'dndAll';
  if (snapshot === null) {
    const out = outBy(against?.tags ?? [], at, rules);
    return { ...there, ...(out && { tags: out }), ...(against?.dnd && { [kind]: { at, on: true } }) };
  }
  const tags = tagsBy(snapshot.tags, at, rules);
  const dnd = { at, on: snapshot.dnd };
  const tellsPhone = snapshot.phone !== undefined && occurredAt !== null && eventType === PHONE_CHANGED;
  // Without a time of its own it may be older than anything else, so it only counts against dialing.
  return {
    ...there,
    ...(tellsPhone && snapshot.phone !== undefined && { phone: { at, mark: snapshot.phone } }),
    ...(tags !== null && (occurredAt !== null || tags.intent === 'out') && { tags }),
    ...(tags === null && { signs: { at, routes: tagSigns(rules, snapshot.tags) } }),
    ...((occurredAt !== null || dnd.on) && { [kind]: dnd }),
  };
}

/** What tags say that may be read in several ways: only a route that keeps out counts. */
function outBy(tags: string[], at: number, rules: Rules): Tags | null {
  const said = tagsBy(tags, at, rules);
  return said?.intent === 'out' ? said : null;
}

/** Null where the tags alone do not tell. */
function tagsBy(tags: string[], at: number, rules: Rules): Tags | null {
  const said = tagsSay(rules, tags);
  if (!said.sure) return said.out === null ? null : { at, priority: said.out, intent: 'out' };
  const route = rules.routes[said.priority];
  if (route?.bucket === null) return { at, priority: said.priority, intent: 'out' };
  return { at, priority: said.priority, intent: route && tagsPermit(rules, tags) ? 'place' : 'none' };
}

/** The newest statement of each kind. Of two with the same time the one against dialing counts. */
export function merge(one: Told, other: Told): Told {
  const merged: Told = {
    gone: latest(one.gone, other.gone),
    there: latest(one.there, other.there),
    heard: latest(one.heard, other.heard),
    ...laterSaid(one, other),
    phone: (one.phone?.at ?? 0) > (other.phone?.at ?? 0) ? one.phone : (other.phone ?? one.phone),
    dnd: laterSwitch(one.dnd, other.dnd),
    dndAll: laterSwitch(one.dndAll, other.dndAll),
    opportunities: mergeOpportunities(one.opportunities, other.opportunities),
  };
  return present(merged);
}

function latest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? other : other === undefined ? one : Math.max(one, other);
}

function laterSwitch(one: Switch | undefined, other: Switch | undefined): Switch | undefined {
  if (!one || !other) return one ?? other;
  const tied = one.at === other.at && (one.tied || other.tied || one.on !== other.on);
  if (tied) return { at: one.at, on: true, tied };
  return one.at >= other.at ? one : other;
}

/** Without undefined, which JSON does not have. */
function present(told: Told): Told {
  return Object.fromEntries(Object.entries(told).filter(([, said]) => said !== undefined));
}

/**
 * What is remembered, together with what the messages in hand say. `placedBy`: index of the route by which the contact was to be in the
 * dialer, null where it was not to be there.
 */
export function recall(remembered: Told, given: Told, placedBy: number | null): Told {
  const isOut = placedBy !== null && given.signs !== undefined && ruledOut(given.signs, placedBy) !== null;
  const said = isOut && given.signs ? { ...given, signs: { ...given.signs, removed: true } } : given;
  const { tags } = said;
  const placed = placedBy !== null;
  const news = tags !== undefined && tags.at > (remembered.tags?.at ?? Number.NEGATIVE_INFINITY);
  if (!news || tags.intent !== 'none' || !placed) return merge(remembered, said);
  return merge(remembered, { ...said, tags: { ...tags, intent: 'removed' } });
}

/** What still counts beside a read that began at `began` (epoch ms): without the statements that the read is surely newer than. */
export function stillCounts({ opportunities = [], ...told }: Told, began: number): Told {
  const counts = (at: number | undefined) => at !== undefined && began <= at + READ_LAG_MS;
  const left = Object.entries(told).filter(([, said]) => counts(typeof said === 'number' ? said : said?.at));
  const open = opportunities.filter(({ at }) => counts(at));
  return { ...Object.fromEntries(left), ...(open.length > 0 && { opportunities: open }) };
}

/** Times of the webhooks that a read contradicts, epoch ms; empty where it contradicts none. */
export function contradicted(told: Told, shown: Shown): number[] {
  const { gone, there, heard, tags, dnd, dndAll } = told;
  const isGone = saysGone(told);
  // Deleted and there, both within a moment: only a later read tells which.
  if (isGone && there !== undefined && there >= (gone ?? there)) return [there];
  if (isGone !== shown.gone) {
    const at = shown.gone ? latest(there, heard) : gone;
    if (at !== undefined) return [at];
  }
  if (shown.gone) return [];
  const tied = [tags, dnd, dndAll].flatMap((said) => (said?.tied ? [said.at] : []));
  const renumbered = told.phone && shown.phone !== null && told.phone.mark !== shown.phone ? [told.phone.at] : [];
  const found = [...tied, ...renumbered, ...tagsContradicted(told, shown)];
  const blocked = blockedAt(told);
  if (blocked !== null) return shown.blocked ? found : [...found, blocked];
  if (dnd && shown.blocked) found.push(dnd.at);
  if (dndAll && shown.blockedAll) found.push(dndAll.at);
  return found;
}

function saysGone({ gone, there }: Told): boolean {
  return gone !== undefined && (there === undefined || there <= gone + RESTORED_AFTER_MS);
}

/**
 * When DND was switched on, epoch ms; null where it was not, or something newer says that it is off. Only ContactDndUpdate knows that the
 * call channel is open.
 */
export function blockedAt({ dnd, dndAll }: Told): number | null {
  if (dnd?.on) return dnd.at;
  return dndAll?.on && (dnd === undefined || dnd.at <= dndAll.at) ? dndAll.at : null;
}

/** The part of what is remembered of a contact that webhooks also speak of. */
export interface Remembered {
  told: Told;
  reason: string;
  route: string | null;
  priority: number;
  intent: Intent;
  readAt: number;
}

/** What was said adds nothing: it was taken into account before, or the last read is surely newer, or showed the same. */
export function agrees(said: Told, { told, reason, route, priority, intent, readAt }: Remembered): boolean {
  const { gone, there, heard, tags, signs, phone, dnd, dndAll, opportunities = [] } = said;
  // A second statement of the same time adds nothing only if it says the same, or if the tie is already known.
  const known = (at: number | undefined, before: number | undefined, alike = true) =>
    at === undefined ||
    at + READ_LAG_MS < readAt ||
    (before !== undefined && (at < before || (at === before && alike)));
  const deleted = reason === 'deleted';
  const led = route === null ? -1 : priority;
  const blocked = intent === 'dnc' || reason === 'dnd';
  // Of the same route tags may say that `require` is no longer met.
  const allows = intent !== 'place' || tags?.intent === 'place';
  return (
    (deleted || known(gone, told.gone)) &&
    (!deleted || (known(there, told.there) && known(heard, told.heard))) &&
    ((tags?.priority === led && allows) ||
      known(tags?.at, told.tags?.at, told.tags?.tied || isNoStricter(tags, told.tags))) &&
    (signs?.routes === told.signs?.routes || known(signs?.at, told.signs?.at)) &&
    (phone?.mark === told.phone?.mark || known(phone?.at, told.phone?.at)) &&
    (dnd?.on === blocked || known(dnd?.at, told.dnd?.at, told.dnd?.tied || dnd?.on === told.dnd?.on)) &&
    (dndAll?.on === blocked ||
      known(dndAll?.at, told.dndAll?.at, told.dndAll?.tied || dndAll?.on === told.dndAll?.on)) &&
    opportunities.every((one) => one.at + READ_LAG_MS < readAt || isKnown(one, told.opportunities))
  );
}

/** The same route, and `require` not met less than before. */
function isNoStricter(tags: Tags | undefined, before: Tags | undefined): boolean {
  return tags?.priority === before?.priority && (tags?.intent === 'place' || before?.intent !== 'place');
}

/**
 * The decision, made no less strict than what webhooks say. DND from a webhook keeps the contact out but sets no do-not-contact mark:
 * the mark is never cleared, and the webhook may be older than the read. It waits until a read shows DND.
 */
export function heed(decision: Decision, told: Told, rules: Rules): Decision {
  const { intent, phone, unread } = decision;
  const numberless = phone === null && !isPhoneUnread(unread);
  if (numberless || intent === 'dnc' || intent === 'out') return decision;
  const { condition: _, ...rest } = decision;
  const held = { ...rest, reason: 'webhook_said_out', person: null } as const;
  if (blockedAt(told) !== null) return { ...held, intent: 'out' };
  const { tags, signs } = told;
  if (tags?.intent === 'out')
    return { ...held, intent: 'out', priority: tags.priority, route: rules.routes[tags.priority]?.name ?? null };
  // With an unread field, the decision might have been to place it.
  if (intent !== 'place' && !unread) return decision;
  if (saysGone(told)) return { ...held, intent: 'none' };
  if (tags?.intent === 'removed') return { ...held, ...NOWHERE };
  if (!signs) return decision;
  if (unread) return signs.removed ? { ...held, ...NOWHERE } : decision;
  const out = ruledOut(signs, decision.priority);
  if (out === null) return decision;
  const route = rules.routes[out.by];
  return route?.bucket === null
    ? { ...held, intent: 'out', priority: out.by, route: route.name }
    : { ...held, ...NOWHERE };
}

const NOWHERE = { intent: 'none', priority: -1, route: null } as const;

/** The decision of a contact that could not be read, before what webhooks say is added. */
const UNREAD: Decision = {
  intent: 'none',
  reason: 'no_phone',
  priority: -1,
  route: null,
  phone: null,
  person: null,
  unread: ['contact.phone'],
};

/**
 * The decision by webhooks alone, for a contact that cannot be read. Null where they do not say that it must not be dialed. It is no less
 * strict than the `remembered` intent, which only a read can take back. `pipelines`: the location's, null where they are not known.
 */
export function outUnread(
  told: Told,
  rules: Rules,
  remembered: Intent,
  pipelines: readonly Pipeline[] | null,
): Decision | null {
  const { unread: _, ...heeded } = heed(UNREAD, told, rules);
  const led = heeded.intent === 'out' ? null : outByOpportunities(rules, told.opportunities, pipelines);
  const route = rules.routes[led ?? -1]?.name ?? null;
  const decision: Decision =
    led === null ? heeded : { ...heeded, intent: 'out', reason: 'webhook_said_out', priority: led, route };
  if (decision.reason !== 'webhook_said_out') return null;
  const isStricter = BY_STRICTNESS.indexOf(remembered) > BY_STRICTNESS.indexOf(decision.intent);
  return isStricter ? { ...decision, intent: remembered } : decision;
}
