// What a batch leaves to do for the other numbers of a CallTools contact: contacts to read again, and rows that are no longer right.

import type { LocationContext } from '../config/context.ts';
import type { Env } from '../config/env.ts';
import { groupOf, lacks, type Numbers } from '../dialer/numbers.ts';
import type { DialerRow } from '../store/claim.ts';
import type { DialerCommit } from '../store/commit.ts';
import { claimLinked, dialedUnder, type NumbersChange, type NumbersOf } from '../store/phones.ts';
import type { Lease } from '../store/sql.ts';
import type { Ask } from './ask.ts';
import type { Batch } from './attempt.ts';
import { WHOLE } from './left-out.ts';
import { concerns, planJob } from './plan.ts';
import { dialerCommit } from './settle.ts';
import type { Phones, Result, Task } from './work.ts';

/** Contacts that want to be dialed under a number that shares a CallTools contact with one whose intents this batch has changed. */
function stirredBy(tasks: readonly Task[], { dialer, intents }: Phones): string[] {
  const decided = tasks.filter(({ decision, failure }) => decision !== null && failure === null);
  const inHand = new Set(decided.map(({ work }) => work.contactId));
  const isWanted = (hash: string) => intents.get(hash)?.some(({ intent }) => intent !== 'none') === true;
  return decided.filter(hasChanged).flatMap((task) => {
    const own = [...dialer.values()].flatMap((row) => (concerns(row, task) ? [row.phoneHash] : []));
    const others = [...groupOf(own, dialer, isWanted)].filter((hash) => !own.includes(hash));
    const dialed = others.flatMap((hash) => intents.get(hash) ?? []).filter(({ intent }) => intent === 'place');
    return dialed.flatMap(({ contactId }) => (inHand.has(contactId) ? [] : [contactId]));
  });
}

/** It wants something else for its number than it did, or has another number. */
function hasChanged({ row, decision, phoneHash }: Task): boolean {
  if (row.intent !== decision?.intent) return true;
  return row.intent !== 'none' && (row.phoneHash !== phoneHash || row.priority !== Math.max(decision.priority, 0));
}

/** True where the contact's job has taken all of these numbers into account as they are now. */
function isUpToDate(contactId: string, results: readonly Result[], changes: readonly NumbersChange[]): boolean {
  return results.some(({ job }) => {
    const has = job.intents.some((intent) => intent.contactId === contactId && intent.phoneHash === job.row.phoneHash);
    const mine = has && job.tasks.some(({ work }) => work.contactId === contactId);
    const stale = changes.some(
      ({ all, added, removed }) =>
        all.includes(job.row.phoneHash) && (removed.length > 0 || added.some((hash) => !job.numbers.has(hash))),
    );
    return mine && !stale;
  });
}

/** The new rows of numbers: of those that the batch has worked on, and of others on the same CallTools contacts. */
export function dialerCommits(
  results: readonly Result[],
  { dialer }: Phones,
  numbers: Pick<Numbers, 'seen'>,
  now: number,
): DialerCommit[] {
  const worked = results.map((result) => dialerCommit(result, now));
  const hashes = new Set(worked.map(({ phoneHash }) => phoneHash));
  const others = [...dialer.values()].filter(
    ({ mine, phoneHash, inDoubt, doubtUntil }) => mine && !hashes.has(phoneHash) && !inDoubt && doubtUntil <= now,
  );
  const lost = new Set(results.flatMap(({ job, observed }) => (observed.primaryIsLost ? [job.primaryRow] : [])));
  const written = new Map(
    results.flatMap(({ job, observed: { wrote, callToolsId } }) =>
      wrote && callToolsId !== null ? [[callToolsId, job.combined.kind] as const] : [],
    ),
  );
  const overtaken = others.flatMap((row) => {
    const kind = written.get(row.callToolsId ?? 0);
    // A contact that was taken out is as the row of another number remembers it, unless that row had it in a bucket.
    if (kind === undefined || (kind === 'out' && !row.mayBeInBucket)) return lost.has(row) ? [unknown(row)] : [];
    const shown = kind === 'place' ? { contactId: null, placing: null } : {};
    return [{ ...unknown(row), mayBeInBucket: false, ...WHOLE, ...shown }];
  });
  const forget = { callToolsId: null, fingerprint: null, mayBeInBucket: false, ...WHOLE };
  return [...worked, ...overtaken].map((one) =>
    one.doubtUntil <= now && lacks(numbers, one.callToolsId, one.phoneHash) ? { ...one, ...forget } : one,
  );
}

/** The row, now that it is not known what CallTools holds. */
function unknown(row: DialerRow): DialerCommit {
  return {
    phoneHash: row.phoneHash,
    contactId: row.contactId,
    callToolsId: row.callToolsId,
    mayBeInBucket: row.mayBeInBucket,
    doubtUntil: row.doubtUntil,
    placing: row.placing,
    hold: row.hold,
    leftOut: row.leftOut.length > 0 ? row.leftOut : null,
    noArea: row.noArea,
    fingerprint: null,
    untouched: false,
    verifiedAt: null,
  };
}

/** Plans jobs anew where a CallTools contact carries more numbers than were known; `linked` grows by what it learns. */
export function replanner(tasks: Task[], phones: Phones, lease: Lease, { env, settings }: LocationContext) {
  const linked: NumbersOf[] = [];
  const replan: Batch['replan'] = async (hash, numbers) => {
    const fresh = await claimLinked(env.DB, lease, numbers);
    linked.push(numbers);
    for (const [key, row] of fresh.dialer) phones.dialer.set(key, row);
    for (const [key, intents] of fresh.intents) phones.intents.set(key, intents);
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

/** Contacts under other numbers of the same CallTools contacts that must be read because of this batch. */
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
