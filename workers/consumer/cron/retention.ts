// The daily clean-up, and how long everything is kept. Its statements are bounded, so that nothing else in D1 waits for it.

import { DAY_MS, MINUTE_MS } from '../../../shared/time.ts';
import type { InvocationContext } from '../config/context.ts';
import { ALTERED_KEPT_DAYS } from '../store/fields.ts';
import { type Expiring, removeExpired, scheduleCleanup, takeCleanup } from '../store/retention.ts';

/** Days; docs/operations.md lists them. What is not listed is bounded by the settings or by GoHighLevel's contacts, or must not be lost. */
export const LIFETIME_DAYS = {
  /** Of runs that are over, and of the contacts that they name; the last complete run of a location stays, without its contacts. */
  runs: 90,
  resolvedLetters: 30,
  /** Discarded letters, and replayed ones that have not come back: no queue keeps a message this long. */
  settledLetters: 90,
  /** Letters that wait without anything to replay. The backstop has looked at all contacts since. */
  unreplayableLetters: 180,
  /** Contacts that are out of the dialer, and that GoHighLevel no longer has or no route places. */
  contacts: 90,
  /** That no run has seen: no rule asks for them any more, or the token may not read them. */
  opportunities: 30,
  /** Of replays that are done. */
  replays: 90,
  counters: 15,
  hours: 15,
  refusals: 1,
  alerts: 90,
  /** Of fields that CallTools keeps otherwise than sent. Those that the account does not have stay. */
  fieldReports: ALTERED_KEPT_DAYS,
  /** Of calls. What a later poll could see again stays. */
  calls: 90,
  /** Of writes to GoHighLevel that calls have caused, once they are over. */
  callWrites: 90,
  /** Of whom a CallTools contact has shown before. What a poll may still need stays. */
  pastLinks: 7,
  /** Of numbers that the brake has counted. Those that are held back stay as long as a contact has them. */
  newPlacements: 1,
  /** What operators did, where VIEWER_TOKEN is set. */
  audit: 90,
} as const;

type Kept = keyof typeof LIFETIME_DAYS;

/** What is removed, in this order, and whose lifetime counts. */
const EXPIRING: [Expiring, Kept][] = [
  ['runContacts', 'runs'],
  ...(Object.keys(LIFETIME_DAYS) as Kept[]).map((kept): [Expiring, Kept] => [kept, kept]),
  ['numbers', 'contacts'],
  ['links', 'contacts'],
];

/** Statements for each kind. What is left is removed in the next minute. */
const MAX_ROUNDS = 20;
/** A clean-up that died is repeated after this. */
const AGAIN_MS = 10 * MINUTE_MS;

/** Cleans up once a day; the first cron that finds it due does it. Throws where D1 fails: the rest is then done ten minutes later. */
export async function cleanUp({ env: { DB }, world, log }: InvocationContext): Promise<void> {
  const now = world.now();
  if (!(await takeCleanup(DB, now, now + AGAIN_MS))) return;
  const removed: Record<string, number> = {};
  let left = false;
  for (const [kind, kept] of EXPIRING) {
    const before = now - LIFETIME_DAYS[kept] * DAY_MS;
    let rounds = 0;
    let rows: number;
    do {
      rows = await removeExpired(DB, kind, before, now);
      removed[kind] = (removed[kind] ?? 0) + rows;
    } while (rows > 0 && ++rounds < MAX_ROUNDS);
    left ||= rows > 0;
  }
  await scheduleCleanup(DB, left ? now : now + DAY_MS);
  const rows = Object.entries(removed).filter(([, count]) => count > 0);
  if (rows.length > 0) log('cleanup.done', { ...Object.fromEntries(rows), left });
}
