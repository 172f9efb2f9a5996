// When to read a contact again: because a read contradicts a webhook (told.ts), shows nothing new so soon after a webhook that did not
// say what has changed, or cannot be judged until a list can be read.

import { type ContactChanged, OPPORTUNITY_EVENTS } from '../../../shared/messages.ts';
import { type Rules, TEXT_CONDITIONS } from './rules/conditions.ts';
import { isHint, READ_LAG_MS } from './told.ts';

/** Growing delays until a contradicted contact is read again: a lag of seconds ends soon, and one of minutes costs few reads. */
const LOOK_AFTER_MS = [3000, 10_000, 30_000, 90_000];
/** Clocks of two machines differ by less than this. */
const SKEW_MS = 5000;

/** A read that begins so soon after a change may not show it: lags of 4 to 6 s were seen. */
const EARLY_MS = 10_000;

/** A list by which the rules are resolved, and that could not be read, is read again so long after. */
export const LIST_AGAIN_MS = 30_000;
/** Growing delays until a contact is read again that is in doubt because of such a list. After the last of them the next run reads it. */
const LIST_LOOK_AFTER_MS = [LIST_AGAIN_MS, 60_000, 120_000, 240_000, 480_000];

/** When a contact must be read again. */
export interface Looks {
  /** Epoch ms; null where there is no need. */
  lookAt: number | null;
  /** How often it has been read again so far. */
  looks: number;
}

/** No other read is needed. */
const NO_LOOKS: Looks = { lookAt: null, looks: 0 };

/** Event type of the message that asks for such a look. */
export const READ_AGAIN = 'ReadAgain';

/** The time of the look has come. If not, the message is a leftover: the look was moved to a later time. */
export function isDue({ lookAt }: Pick<Looks, 'lookAt'>, now: number): boolean {
  return lookAt !== null && lookAt <= now + SKEW_MS;
}

/**
 * The next look at a contact of which webhooks at `times` (epoch ms) are contradicted. The last look is surely newer than they are.
 * `looking`: this was a look itself. If one is planned already, its message is on its way, and no other is needed.
 */
export function nextLook(before: Looks, times: readonly number[], looking: boolean, now: number): Looks {
  if (times.length === 0) return NO_LOOKS;
  const delayMs = LOOK_AFTER_MS[before.looks] ?? Math.max(...LOOK_AFTER_MS);
  const surelyNewer = Math.max(...times) + READ_LAG_MS + SKEW_MS;
  const lookAt = Math.min(now + delayMs, Math.max(surelyNewer, now + SKEW_MS));
  return isPending(before, lookAt, looking, now) ? before : { lookAt, looks: before.looks + 1 };
}

/**
 * When the newest of these hints was received that did not say what has changed, epoch ms, if a read that began at `began` may be too early
 * to show it. Null where there is none: other webhooks are compared with what the read shows.
 */
export function unsaidAt(events: readonly ContactChanged[], began: number, rules: Rules): number | null {
  const more = asksForMore(rules);
  const times = events.flatMap((event) => (isUnsaid(event, more) ? (event.newestAt ?? event.receivedAt) : []));
  // Of none, before all time.
  const at = Math.max(...times);
  return began <= at + EARLY_MS ? at : null;
}

/** Whether the rules ask for what an edit of the contact changes, beside tags: a custom field, a source, a state. */
function asksForMore({ routes, require = {} }: Rules): boolean {
  const all = [require, ...routes].flatMap((conditions) => [conditions, conditions.not ?? {}]);
  return all.some(({ custom, ...rest }) => custom !== undefined || TEXT_CONDITIONS.some((name) => rest[name]));
}

/** What a message that stands for several says of it that told nothing else: it is there, and something was heard of it. */
const BARE_WORDS = ['there', 'heard'];

/**
 * It does not name all tags, or is an update where the rules ask for more than tags. A message that stands for several tells what they told.
 */
function isUnsaid(event: ContactChanged, asksMore: boolean): boolean {
  const { eventType, snapshot, told = {} } = event;
  const namesTags = snapshot !== null || Object.keys(told).some((kind) => !BARE_WORDS.includes(kind));
  const saysAll = namesTags && !(asksMore && eventType === 'ContactUpdate');
  return isHint(event) && !saysAll && eventType !== 'ContactDelete' && !OPPORTUNITY_EVENTS.includes(eventType);
}

/** A look is on its way that comes no later than `lookAt`: not the one that is being done. */
function isPending(before: Looks, lookAt: number, looking: boolean, now: number): boolean {
  const isOnItsWay = before.lookAt !== null && before.lookAt > now && before.lookAt <= lookAt;
  return isOnItsWay && !(looking && isDue(before, now));
}

/** The next look at a contact whose decision is in doubt because a list could not be read. `looking`: this was a look itself. */
export function lookForList(before: Looks, looking: boolean, now: number): Looks {
  const delayMs = LIST_LOOK_AFTER_MS[before.looks];
  if (isPending(before, now + (delayMs ?? Number.POSITIVE_INFINITY), looking, now)) return before;
  return delayMs === undefined ? NO_LOOKS : { lookAt: now + delayMs, looks: before.looks + 1 };
}

/** One look, when reads have caught up. A webhook told of a change, and the read showed nothing new. */
export function lookOnce(before: Looks, now: number): Looks {
  const lookAt = now + EARLY_MS;
  return isPending(before, lookAt, false, now) ? before : { lookAt, looks: 1 };
}
