// When to read a contact again because a read contradicts a webhook (told.ts).

import { READ_LAG_MS } from './told.ts';

/** Growing delays until a contradicted contact is read again: a lag of seconds ends soon, and one of minutes costs few reads. */
const LOOK_AFTER_MS = [3000, 10_000, 30_000, 90_000];
/** Clocks of two machines differ by less than this. */
const SKEW_MS = 5000;

/** When a contact must be read again because of a contradiction. */
export interface Looks {
  /** Epoch ms; null where nothing contradicts. */
  lookAt: number | null;
  /** How often it has been read again so far. */
  looks: number;
}

/** Nothing contradicts. */
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
  const pending = before.lookAt !== null && before.lookAt > now;
  if (pending && !(looking && isDue(before, now))) return before;
  const delayMs = LOOK_AFTER_MS[before.looks] ?? Math.max(...LOOK_AFTER_MS);
  const surelyNewer = Math.max(...times) + READ_LAG_MS + SKEW_MS;
  const lookAt = Math.min(now + delayMs, Math.max(surelyNewer, now + SKEW_MS));
  return { lookAt, looks: before.looks + 1 };
}
