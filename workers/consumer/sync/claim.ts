// The start of a batch: claim its contacts when the vendors may be called, and know which of them there is work for.

import type { Told } from '../../../shared/messages.ts';
import type { LocationContext } from '../config/context.ts';
import type { Outcome } from '../domain/outcome.ts';
import { PROBE_EVERY_MS } from '../domain/retry.ts';
import { type Claimed, claimContacts } from '../store/claim.ts';
import { commitBatch } from '../store/commit.ts';
import { PATIENCE_MS } from '../store/rate-limits.ts';
import type { Lease } from '../store/sql.ts';
import { type Held, heldBack } from '../vendors/circuit-breaker.ts';
import type { Urgency } from '../vendors/rate-limiter.ts';
import { DOUBT_MS } from './apply.ts';
import type { Work } from './coalesce.ts';
import { countsOf } from './counts.ts';

import { heardAt, rowAsked, triage } from './triage.ts';
import type { Phones, Task } from './work.ts';

export interface Ended {
  work: Work;
  outcome: Outcome;
  /** What webhooks said of a contact that is skipped: to be remembered. */
  told?: Told;
}

export interface ClaimedBatch {
  lease: Lease;
  claimed: Claimed;
  /** Nothing to do, or not for us. */
  idle: Ended[];
  tasks: Task[];
  /** The vendors may not be called, and will not be for long: the tasks wait, and their leases are given back. */
  held: Held | null;
}

/** A batch works this long at most from its first turn on; no vendor call runs past it. */
export const WORK_MS = 40_000;
/** A call that was given up may still take effect at the vendor's for a while: nobody else starts before. */
const LEASE_MARGIN_MS = 15_000;
/**
 * So long a batch waits in all, without its leases, for a throttle to pass or a turn to come near. The messages that wait
 * with it are the back-pressure on the queue: sent again instead at once, 10,000 of them would be a storm. Not where the queue
 * is shared: an import of one location would hold up the leads of another, which stand behind it.
 */
const HOLD_MS = 30_000;
/** A lease held elsewhere is over within seconds as a rule. */
export const BUSY: Outcome = {
  kind: 'busy',
  delaySeconds: 2,
  error: 'another batch is working on this contact or its phone',
};

/** Claims the contacts of these works; waits for the vendors where that is a matter of seconds. */
export async function claimBatch(works: Work[], urgency: Urgency, context: LocationContext): Promise<ClaimedBatch> {
  const { env, world, settings, shared } = context;
  const items = works.map((work) => ({
    id: work.contactId,
    insert: work.mayMatter,
    heardAt: heardAt(work),
    row: rowAsked(work),
  }));
  const giveUpAt = world.now() + (shared ? 0 : HOLD_MS);
  for (;;) {
    const now = world.now();
    const until = now + PATIENCE_MS + WORK_MS + LEASE_MARGIN_MS;
    const lease: Lease = {
      ...{ locationId: settings.GHL_LOCATION_ID, token: world.newId() },
      ...{ now, until, lateMs: DOUBT_MS - LEASE_MARGIN_MS },
    };
    const claimed = await claimContacts(env.DB, lease, items, now + PROBE_EVERY_MS, urgency);
    const judged = works.map((work) => ({ work, triage: triage(work, claimed, now) }));
    const tasks = judged.flatMap((one) => (one.triage.kind === 'task' ? [one.triage.task] : []));
    const idle = judged.flatMap(({ work, triage }): Ended[] => {
      if (triage.kind === 'task') return [];
      if (triage.kind === 'busy') return [{ work, outcome: BUSY }];
      return [{ work, outcome: { kind: 'skipped' }, ...(triage.told && { told: triage.told }) }];
    });
    const held = heldBack(claimed.circuits, claimed.probing, now) ?? tooEarly(claimed, world.random());
    if (held === null) return { lease, claimed, idle, tasks, held };
    const inTime = held.passes && now + held.ms <= giveUpAt;
    const ends = tasks.length === 0 || !inTime;
    // What is skipped is over now; what waits is counted when it is.
    await giveBack(lease, claimed, ends ? idle.filter(({ outcome }) => outcome.kind === 'skipped') : [], context);
    if (ends) return { lease, claimed, idle, tasks, held };
    await world.wait(held.ms);
  }
}

/** Turns too far away to hold contacts for; spread, so that batches do not come back as one. */
function tooEarly({ turn }: Claimed, random: number): Held | null {
  const ms = turn.waitMs - PATIENCE_MS;
  return ms > 0 ? { ms: ms + 1000 * (1 + random), why: 'the vendors’ limits are used up', passes: true } : null;
}

async function giveBack(lease: Lease, claimed: Claimed, over: Ended[], { env, world }: LocationContext): Promise<void> {
  const now = world.now();
  const empty = { contacts: [], dialer: [], siblings: [], asked: [] };
  const nothing = { ...empty, deadLetters: [], circuits: [], paces: [] };
  const released = leased(claimed, claimed, new Set(), new Set());
  const counts = countsOf(over, (id) => claimed.contacts.get(id)?.mine === true, now);
  await commitBatch(env.DB, { ...lease, now }, { ...nothing, counts, released, ...toldOf(over) });
}

/** What was said of contacts that are skipped, as it is stored. */
export function toldOf(ended: readonly Ended[]): { told?: Record<string, string> } {
  const said = ended.flatMap(({ work, told }) => (told ? [[work.contactId, JSON.stringify(told)]] : []));
  return said.length > 0 ? { told: Object.fromEntries(said) } : {};
}

/** What was claimed, apart from what is written. */
export function leased(
  { contacts }: Pick<Claimed, 'contacts'>,
  { dialer }: Pick<Phones, 'dialer'>,
  writtenContacts: ReadonlySet<string>,
  writtenPhones: ReadonlySet<string>,
) {
  const mine = <Row extends { mine: boolean }>(rows: Map<string, Row>, written: ReadonlySet<string>) =>
    [...rows].flatMap(([key, row]) => (row.mine && !written.has(key) ? [key] : []));
  return { contactIds: mine(contacts, writtenContacts), phoneHashes: mine(dialer, writtenPhones) };
}
