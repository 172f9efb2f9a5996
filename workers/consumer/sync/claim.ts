// Claiming: the contacts of a batch at its start, once the vendors may be called, and later the phones that they turned out to have.

import type { LocationContext } from '../config/context.ts';
import type { Settings } from '../config/settings.ts';
import { needsLists } from '../dialer/field-plan.ts';
import { groupOf } from '../dialer/numbers.ts';
import { planOf } from '../domain/fields/field-plan.ts';
import type { Outcome } from '../domain/outcome.ts';
import { PROBE_EVERY_MS } from '../domain/retry.ts';
import { type Claimed, claimContacts } from '../store/claim.ts';
import { claimPhones } from '../store/phones.ts';
import { bulkWaitMs, PATIENCE_MS } from '../store/rate-limits.ts';
import type { Lease } from '../store/sql.ts';
import { type Held, heldBack } from '../vendors/circuit-breaker.ts';
import type { Urgency } from '../vendors/rate-limiter.ts';
import { DOUBT_MS } from './attempt.ts';
import type { Work } from './coalesce.ts';
import { giveBack } from './commit.ts';
import { urgentWithoutRead } from './held.ts';
import { itemOf, triage } from './triage.ts';
import type { ClaimedPhones, Ended, Task } from './work.ts';

/** A claimed and triaged batch. */
export interface ClaimedBatch {
  lease: Lease;
  claimed: Claimed;
  /** Contacts for which there is nothing to do, or which another batch holds. */
  idle: Ended[];
  tasks: Task[];
  /** Why the vendors may not be called for a while. Null where work may start. */
  held: Held | null;
  /** They wait because of that, and their leases are returned. The tasks that are left need no call to the vendor that holds them back. */
  waiting: Task[];
}

/** A batch works for at most this long from its first slot on. No vendor call runs past it. */
export const WORK_MS = 40_000;
/** A call that was given up may still take effect at the vendor for a while. No other batch starts before. */
const LEASE_MARGIN_MS = 15_000;
/**
 * The longest that a batch waits, without its leases, for a throttle to pass or a slot to come near. The messages that wait with it hold
 * the queue back: 10,000 of them resent at once would be a storm. Where locations share the queue a batch does not wait, because an import
 * of one location would delay the leads of another.
 */
const HOLD_MS = 30_000;
/** A lease of another batch usually ends within seconds. */
export const BUSY: Outcome = {
  kind: 'busy',
  delaySeconds: 2,
  error: 'another batch is working on this contact or its phone',
};

/** Claims the contacts of these works and triages them. Waits for the vendors where that takes only seconds. */
export async function claimBatch(works: Work[], urgency: Urgency, context: LocationContext): Promise<ClaimedBatch> {
  const { env, world, settings, shared } = context;
  const items = works.map(itemOf);
  // Before the claim: a lease that is taken and given back again costs rows.
  if (urgency === 'bulk') await world.wait(await bulkWaitMs(env.DB, settings.GHL_LOCATION_ID, world.now()));
  const giveUpAt = world.now() + (shared ? 0 : HOLD_MS);
  for (;;) {
    const now = world.now();
    const until = now + PATIENCE_MS + WORK_MS + LEASE_MARGIN_MS;
    const lease: Lease = {
      locationId: settings.GHL_LOCATION_ID,
      token: world.newId(),
      now,
      until,
      lateMs: DOUBT_MS - LEASE_MARGIN_MS,
    };
    const claimed = await claimContacts(env.DB, lease, items, now + PROBE_EVERY_MS, urgency, needsLists(settings));
    const { tasks, idle } = triaged(works, claimed, now);
    const held = heldBack(claimed.circuits, claimed.probing, now) ?? tooEarly(claimed, world.random());
    if (held === null) return { lease, claimed, idle, tasks, held, waiting: [] };
    const urgent = needsCallToolsOnly(tasks, claimed, settings, now);
    if (urgent.length > 0) {
      const waiting = tasks.filter((task) => !urgent.includes(task));
      return { lease, claimed: withoutSlots(claimed), idle, tasks: urgent, held, waiting };
    }
    const inTime = held.passes && now + held.ms <= giveUpAt;
    const ends = tasks.length === 0 || !inTime;
    // Skipped contacts are over now. The others are counted when they are.
    await giveBack(lease, claimed, ends ? idle.filter(({ outcome }) => outcome.kind === 'skipped') : [], context);
    if (ends) return { lease, claimed, idle, tasks: [], held, waiting: tasks };
    await world.wait(held.ms);
  }
}

/** What GoHighLevel alone holds back, and can be done without it. */
function needsCallToolsOnly(
  tasks: readonly Task[],
  { circuits, probing, dialer, granted, lists }: Claimed,
  { rules, fields }: Settings,
  now: number,
): Task[] {
  const callTools = circuits.filter(({ vendor }) => vendor === 'calltools');
  const isFree = granted.slots.every(({ vendor, granted: n }) => vendor !== 'calltools' || n === 0);
  if (!isFree || heldBack(callTools, probing, now) !== null) return [];
  return urgentWithoutRead(tasks, dialer, rules, planOf(fields, lists).pipelines);
}

/** A claim that is held back has taken no slots of GoHighLevel, and has none to give back. */
function withoutSlots(claimed: Claimed): Claimed {
  const slots = claimed.granted.slots.filter(({ vendor }) => vendor !== 'gohighlevel');
  return { ...claimed, granted: { slots, waitMs: 0 } };
}

function triaged(works: Work[], claimed: Claimed, now: number): Pick<ClaimedBatch, 'tasks' | 'idle'> {
  const judged = works.map((work) => ({ work, triage: triage(work, claimed, now) }));
  const tasks = judged.flatMap(({ triage }) => (triage.kind === 'task' ? [triage.task] : []));
  const idle = judged.flatMap(({ work, triage }): Ended[] => {
    if (triage.kind === 'task') return [];
    if (triage.kind === 'busy') return [{ work, outcome: BUSY }];
    return [{ work, outcome: { kind: 'skipped' }, ...(triage.told && { told: triage.told }) }];
  });
  return { tasks, idle };
}

/** The first slot is too far away to hold contacts until then. Waits are spread, so that batches do not come back as one. */
function tooEarly({ granted }: Claimed, random: number): Held | null {
  const ms = granted.waitMs - PATIENCE_MS;
  return ms > 0 ? { ms: ms + 1000 * (1 + random), why: 'the vendors’ limits are used up', passes: true } : null;
}

/**
 * All phones in hand: those claimed with their contacts, and now those that contacts turned out to have. A task whose phone another
 * batch holds is marked as busy. The labels are never older than the claim of a phone, so nobody can be in a bucket that they lack.
 */
export async function claimNewPhones(
  tasks: readonly Task[],
  claimed: Claimed,
  lease: Lease,
  { env, settings }: LocationContext,
): Promise<ClaimedPhones> {
  const moved = tasks.filter(
    ({ decision, phoneHash: hash, row }) =>
      decision && decision.intent !== 'none' && hash !== null && hash !== row.phoneHash,
  );
  if (moved.length === 0) return claimed;
  const asked = moved.map(({ work, phoneHash: hash }) => ({ contactId: work.contactId, phoneHash: hash ?? '' }));
  const fresh = await claimPhones(env.DB, lease, asked, settings.calls !== null);
  const isWanted = (hash: string) => fresh.intents.get(hash)?.some(({ intent }) => intent !== 'none') === true;
  for (const task of moved) {
    const group = [...groupOf([task.phoneHash ?? ''], fresh.dialer, isWanted)];
    const rows = group.flatMap((hash) => fresh.dialer.get(hash) ?? []);
    if (rows.length > 0 && rows.every(({ mine }) => mine)) continue;
    task.failure = { kind: 'busy', error: 'another batch is working on this phone' };
  }
  return {
    dialer: new Map([...claimed.dialer, ...fresh.dialer]),
    intents: new Map([...claimed.intents, ...fresh.intents]),
    labels: fresh.labels,
  };
}
