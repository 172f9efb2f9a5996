// What webhooks say of a contact, against what a read shows. GoHighLevel's reads lag behind its webhooks, so a read that contradicts
// a webhook may be the older of the two. A sign against dialing acts at once, whichever of them gives it.

import type { ContactChanged, Told } from '../../../shared/messages.ts';
import { type Decision, type Intent, isPhoneUnread } from './decide.ts';
import { matchRoute, type Rules } from './rules.ts';

/**
 * A read that begins so long after a webhook is surely newer. Reads were seen 4 to 6 s behind; twenty times that is the margin for
 * worse days.
 */
export const READ_LAG_MS = 120_000;
/** Events of one moment may carry times in the wrong order. Only a later event than this shows that a contact is back. */
const RESTORED_AFTER_MS = 5000;

/** What a read shows, as far as webhooks speak of it. */
export interface Shown {
  gone: boolean;
  /** Index of the route that its tags lead to, -1 for none. */
  priority: number;
  blocked: boolean;
  /** DND is set for all channels. */
  blockedAll: boolean;
}

type Tags = NonNullable<Told['tags']>;
type Switch = NonNullable<Told['dnd']>;

/** Whether GoHighLevel told us of it. Others ask for a look for reasons of their own. */
export function isHint({ source }: ContactChanged): boolean {
  return source === 'webhook' || source === 'workflow';
}

/** What one message says. A copy says what it stands for; a replay, the backstop and our own questions say nothing. */
export function toldBy(event: ContactChanged, rules: Rules): Told {
  if (event.told) return event.told;
  if (!isHint(event)) return {};
  const { eventType, snapshot, against, occurredAt, receivedAt } = event;
  const at = occurredAt ?? receivedAt;
  if (eventType === 'ContactDelete') return { gone: at };
  const there = against?.deleted ? { gone: at } : occurredAt === null ? { heard: at } : { there: at };
  const kind = eventType === 'ContactDndUpdate' ? 'dnd' : 'dndAll';
  if (snapshot === null) {
    const out = outBy(against?.tags ?? [], at, rules);
    return { ...there, ...(out && { tags: out }), ...(against?.dnd && { [kind]: { at, on: true } }) };
  }
  const tags = tagsOf(snapshot.tags, at, rules);
  const dnd = { at, on: snapshot.dnd };
  // Without a time it is not known to be newer than anything, so it counts against dialing only.
  return {
    ...there,
    ...((occurredAt !== null || tags.intent === 'out') && { tags }),
    ...((occurredAt !== null || dnd.on) && { [kind]: dnd }),
  };
}

/** The word of tags that may be read in several ways: only a route that keeps out counts. */
function outBy(tags: string[], at: number, rules: Rules): Tags | null {
  const word = tagsOf(tags, at, rules);
  return word.intent === 'out' ? word : null;
}

function tagsOf(tags: string[], at: number, rules: Rules): Tags {
  const priority = matchRoute(rules, tags);
  const route = rules.routes[priority];
  return { at, priority, intent: !route ? 'none' : route.bucket === null ? 'out' : 'place' };
}

/** The newest of each kind. Of two with one time the one against dialing counts. */
export function merge(one: Told, other: Told): Told {
  const merged: Told = {
    gone: latest(one.gone, other.gone),
    there: latest(one.there, other.there),
    heard: latest(one.heard, other.heard),
    tags: laterTags(one.tags, other.tags),
    dnd: laterSwitch(one.dnd, other.dnd),
    dndAll: laterSwitch(one.dndAll, other.dndAll),
  };
  return present(merged);
}

function latest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined ? other : other === undefined ? one : Math.max(one, other);
}

const STRICTNESS: Tags['intent'][] = ['place', 'none', 'removed', 'out'];

function laterTags(one: Tags | undefined, other: Tags | undefined): Tags | undefined {
  if (!one || !other) return one ?? other;
  const strictness = ({ intent }: Tags) => STRICTNESS.indexOf(intent);
  const [earlier, later] = [one, other].sort((a, b) => a.at - b.at || strictness(a) - strictness(b)) as [Tags, Tags];
  const removed = later.intent === 'none' && (earlier.intent === 'place' || earlier.intent === 'removed');
  const tied = one.at === other.at && (one.tied || other.tied || one.priority !== other.priority);
  return { ...later, ...(removed && { intent: 'removed' }), ...(tied && { tied }) };
}

function laterSwitch(one: Switch | undefined, other: Switch | undefined): Switch | undefined {
  if (!one || !other) return one ?? other;
  const tied = one.at === other.at && (one.tied || other.tied || one.on !== other.on);
  if (tied) return { at: one.at, on: true, tied };
  return one.at >= other.at ? one : other;
}

/** JSON has no undefined. */
function present(told: Told): Told {
  return Object.fromEntries(Object.entries(told).filter(([, word]) => word !== undefined));
}

/** What is remembered together with what the messages in hand say. `placed`: it is, or was to be, in the dialer. */
export function recall(remembered: Told, said: Told, placed: boolean): Told {
  const { tags } = said;
  const news = tags !== undefined && tags.at > (remembered.tags?.at ?? Number.NEGATIVE_INFINITY);
  if (!news || tags.intent !== 'none' || !placed) return merge(remembered, said);
  return merge(remembered, { ...said, tags: { ...tags, intent: 'removed' } });
}

/** Without what a read that began at `began` (epoch ms) is surely newer than. */
export function stillCounts(told: Told, began: number): Told {
  const counts = (at: number | undefined) => at !== undefined && began <= at + READ_LAG_MS;
  const words = Object.entries(told).filter(([, word]) => counts(typeof word === 'number' ? word : word?.at));
  return Object.fromEntries(words);
}

/** Times of the webhooks that a read contradicts; empty where none. */
export function contradicted(told: Told, shown: Shown): number[] {
  const { gone, there, heard, tags, dnd, dndAll } = told;
  const isGone = saysGone(told);
  // Both within a moment: only a later read tells.
  if (isGone && there !== undefined && there >= (gone ?? there)) return [there];
  if (isGone !== shown.gone) {
    const at = shown.gone ? latest(there, heard) : gone;
    if (at !== undefined) return [at];
  }
  if (shown.gone) return [];
  const tied = [tags, dnd, dndAll].flatMap((word) => (word?.tied ? [word.at] : []));
  const found = tags !== undefined && tags.priority !== shown.priority ? [...tied, tags.at] : tied;
  const blocked = blockedAt(told);
  if (blocked !== null) return shown.blocked ? found : [...found, blocked];
  if (dnd && shown.blocked) found.push(dnd.at);
  if (dndAll && shown.blockedAll) found.push(dndAll.at);
  return found;
}

function saysGone({ gone, there }: Told): boolean {
  return gone !== undefined && (there === undefined || there <= gone + RESTORED_AFTER_MS);
}

/** When DND was switched on, where nothing newer says that it is off. Only ContactDndUpdate knows that the call channel is open. */
export function blockedAt({ dnd, dndAll }: Told): number | null {
  if (dnd?.on) return dnd.at;
  return dndAll?.on && (dnd === undefined || dnd.at <= dndAll.at) ? dndAll.at : null;
}

/** What is remembered of a contact, as far as webhooks speak of it. */
export interface Remembered {
  told: Told;
  reason: string;
  route: string | null;
  priority: number;
  intent: Intent;
  readAt: number;
}

/** The words add nothing to what is remembered: they were taken into account, or the last read is surely newer, or showed the same. */
export function agrees(said: Told, { told, reason, route, priority, intent, readAt }: Remembered): boolean {
  const { gone, there, heard, tags, dnd, dndAll } = said;
  // Of two words of one time the second is no news only where it says the same, or the tie is known.
  const known = (at: number | undefined, before: number | undefined, alike = true) =>
    at === undefined ||
    at + READ_LAG_MS < readAt ||
    (before !== undefined && (at < before || (at === before && alike)));
  const deleted = reason === 'deleted';
  const led = route === null ? -1 : priority;
  const blocked = intent === 'dnc' || reason === 'dnd';
  return (
    (deleted || known(gone, told.gone)) &&
    (!deleted || (known(there, told.there) && known(heard, told.heard))) &&
    (tags?.priority === led ||
      known(tags?.at, told.tags?.at, told.tags?.tied || tags?.priority === told.tags?.priority)) &&
    (dnd?.on === blocked || known(dnd?.at, told.dnd?.at, told.dnd?.tied || dnd?.on === told.dnd?.on)) &&
    (dndAll?.on === blocked || known(dndAll?.at, told.dndAll?.at, told.dndAll?.tied || dndAll?.on === told.dndAll?.on))
  );
}

/**
 * The decision, no less strict than what webhooks say. A mark in CallTools is never cleared, so it waits until a read shows DND
 * too: a webhook may be older than the read.
 */
export function heed(decision: Decision, told: Told, rules: Rules): Decision {
  const { intent, phone, unread } = decision;
  const numberless = phone === null && !isPhoneUnread(unread);
  if (numberless || intent === 'dnc' || intent === 'out') return decision;
  const held = { ...decision, reason: 'webhook_said_out', person: null } as const;
  if (blockedAt(told) !== null) return { ...held, intent: 'out' };
  const { tags } = told;
  if (tags?.intent === 'out')
    return { ...held, intent: 'out', priority: tags.priority, route: rules.routes[tags.priority]?.name ?? null };
  // What could not be read might have placed it.
  if (intent !== 'place' && !unread) return decision;
  if (saysGone(told)) return { ...held, intent: 'none' };
  return tags?.intent === 'removed' ? { ...held, intent: 'none', priority: -1, route: null } : decision;
}

/** Of a contact that could not be read nothing is known but what webhooks say. */
const UNREAD: Decision = {
  ...{ intent: 'none', reason: 'no_phone', priority: -1, route: null, phone: null, person: null },
  unread: ['contact.phone'],
};

/** The decision by webhooks alone, for a contact that cannot be read; null where they do not say that it must not be dialed. */
export function outUnread(told: Told, rules: Rules): Decision | null {
  const { unread: _, ...decision } = heed(UNREAD, told, rules);
  return decision.reason === 'webhook_said_out' ? decision : null;
}

/** Delays until a contradicted contact is read again, growing: lags of seconds end soon, and one of minutes costs few reads. */
const LOOK_AFTER_MS = [3000, 10_000, 30_000, 90_000];
/** Clocks of two machines differ by less than this. */
const SKEW_MS = 5000;

/** When a contact is to be read again, and how often it has been. */
export interface Looks {
  lookAt: number | null;
  looks: number;
}

export const NO_LOOKS: Looks = { lookAt: null, looks: 0 };

/** Event type of the message that asks for a look. */
export const READ_AGAIN = 'ReadAgain';

/** The look has come: this message is not a leftover of a chain that has moved on. */
export function isDue({ lookAt }: Pick<Looks, 'lookAt'>, now: number): boolean {
  return lookAt !== null && lookAt <= now + SKEW_MS;
}

/**
 * The next look at a contact of which webhooks at `times` are contradicted. The last one is surely newer than they are. `looking`:
 * this was a look. Another one that is planned is on its way, and one chain of looks is enough.
 */
export function nextLook(before: Looks, times: readonly number[], looking: boolean, now: number): Looks {
  if (times.length === 0) return NO_LOOKS;
  const pending = before.lookAt !== null && before.lookAt > now;
  if (pending && !(looking && isDue(before, now))) return before;
  const delayMs = LOOK_AFTER_MS[before.looks] ?? Math.max(...LOOK_AFTER_MS);
  const surelyNewer = Math.max(...times) + READ_LAG_MS + SKEW_MS;
  const lookAt = Math.min(now + delayMs, Math.max(surelyNewer, now + SKEW_MS));
  return { lookAt, looks: before.looks + 1 };
}
