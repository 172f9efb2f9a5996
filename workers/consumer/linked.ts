// What a batch leaves to do for the other numbers of a CallTools contact: who is looked at again, and which rows no longer hold.

import type { Batch, Result } from './apply-jobs.ts';
import type { Basis } from './basis.ts';
import { claimLinked } from './claim-phones.ts';
import type { DialerCommit } from './commit-store.ts';
import type { Env } from './env.ts';
import { groupOf, type NumbersChange } from './numbers.ts';
import { dialedUnder, type NumbersOf } from './numbers-store.ts';
import { concerns, type Phones, planJob, type Task } from './plan.ts';
import type { Ask } from './settle.ts';
import type { Lease } from './store.ts';

/** Contacts that want to be dialed under a number that shares a CallTools contact with one whose wishes this batch has changed. */
function stirredBy(tasks: readonly Task[], { dialer, wishes }: Phones): string[] {
  const decided = tasks.filter(({ decision, failure }) => decision !== null && failure === null);
  const inHand = new Set(decided.map(({ work }) => work.contactId));
  const isWanted = (hash: string) => wishes.get(hash)?.some(({ wish }) => wish !== 'none') === true;
  return decided.filter(hasChanged).flatMap((task) => {
    const own = [...dialer.values()].flatMap((row) => (concerns(row, task) ? [row.phoneHash] : []));
    const others = [...groupOf(own, dialer, isWanted)].filter((hash) => !own.includes(hash));
    const dialed = others.flatMap((hash) => wishes.get(hash) ?? []).filter(({ wish }) => wish === 'place');
    return dialed.flatMap(({ contactId }) => (inHand.has(contactId) ? [] : [contactId]));
  });
}

/** It wants something else for its number than it did, or has another number. */
function hasChanged({ row, decision, phoneHash }: Task): boolean {
  if (row.wish !== decision?.wish) return true;
  return row.wish !== 'none' && (row.phoneHash !== phoneHash || row.rank !== Math.max(decision.rank, 0));
}

/** True where the contact's job has taken all of these numbers into account as they are now. */
function isUpToDate(contactId: string, results: readonly Result[], changes: readonly NumbersChange[]): boolean {
  return results.some(({ job }) => {
    const has = job.wishes.some((wish) => wish.contactId === contactId && wish.phoneHash === job.row.phoneHash);
    const mine = has && job.tasks.some(({ work }) => work.contactId === contactId);
    const stale = changes.some(
      ({ all, added, removed }) =>
        all.includes(job.row.phoneHash) && (removed.length > 0 || added.some((hash) => !job.numbers.has(hash))),
    );
    return mine && !stale;
  });
}

/**
 * Rows of other numbers that remember the CallTools contact which this batch has just written to for one: it shows somebody else now, and
 * is looked after under that number.
 */
export function overtaken(results: readonly Result[], { dialer }: Phones, now: number): DialerCommit[] {
  const worked = new Set(results.map(({ job }) => job.row.phoneHash));
  const written = new Map(
    results.flatMap(({ job, progress }) =>
      progress.wrote && progress.callToolsId !== null && job.combined.kind === 'place'
        ? [[progress.callToolsId, job.row.phoneHash] as const]
        : [],
    ),
  );
  const rows = [...dialer.values()].filter(
    ({ mine, phoneHash, callToolsId, uncertain, doubtUntil }) =>
      mine && !worked.has(phoneHash) && written.has(callToolsId ?? 0) && !uncertain && doubtUntil <= now,
  );
  return rows.map(({ phoneHash, callToolsId, doubtUntil, hold }) => ({
    ...{ phoneHash, callToolsId, doubtUntil, contactId: null, fingerprint: null, untouched: false, held: false },
    ...{ placing: null, hold, verifiedAt: null },
  }));
}

/** Plans jobs anew where a CallTools contact carries more numbers than were known; `linked` are those that it has learned of. */
export function replanner(tasks: Task[], phones: Phones, lease: Lease, { env, settings }: Basis) {
  const linked: NumbersOf[] = [];
  const replan: Batch['replan'] = async (hash, numbers) => {
    const fresh = await claimLinked(env.DB, lease, numbers);
    linked.push(numbers);
    for (const [key, row] of fresh.dialer) phones.dialer.set(key, row);
    for (const [key, wishes] of fresh.wishes) phones.wishes.set(key, wishes);
    const free = [...fresh.dialer.values()].every(({ mine }) => mine);
    return free ? planJob(hash, tasks, phones, settings.rules) : null;
  };
  return { replan, linked };
}

interface Learned {
  phones: Phones;
  numbers: NumbersChange[];
  linked: NumbersOf[];
}

/** Contacts under other numbers of the same CallTools contacts that must be looked at because of this batch. */
export async function revisits(
  tasks: Task[],
  results: Result[],
  { phones, numbers, linked }: Learned,
  { locationId }: Lease,
  { DB }: Env,
): Promise<Ask[]> {
  const added = linked.map(({ callToolsId, hashes }) => ({ callToolsId, added: hashes, removed: [], all: hashes }));
  const learned = [...numbers, ...added];
  const hashes = learned.flatMap(({ all }) => all);
  const dialed = hashes.length > 0 ? await dialedUnder(DB, locationId, hashes) : [];
  const stale = dialed.filter((contactId) => !isUpToDate(contactId, results, learned));
  return [...stirredBy(tasks, phones), ...stale].map((contactId) => ({ contactId, delayMs: 0 }));
}

/** Each contact once. */
export function unique(asks: Ask[]): Ask[] {
  return asks.filter(({ contactId, delayMs }, index) => {
    const first = asks.findIndex((other) => other.contactId === contactId && other.delayMs === delayMs);
    return first === index;
  });
}
