// Reads CallTools' record of calls, where CALL_RESULTS is set: from the newest row back to where the last poll began. A poll that does
// not come to its end goes on in the next minute.

import { DAY_MS, MINUTE_MS } from '../../../shared/time.ts';
import type { LocationContext } from '../config/context.ts';
import type { CallResults } from '../domain/calls/setting.ts';
import { type Failure, VendorError } from '../domain/failure.ts';
import { endPoll, type Poll, type PollEnd, type PollLease, saveWalk, takePoll } from '../store/calls/polls.ts';
import { keepResults } from '../store/calls/results.ts';
import { keepWrites } from '../store/calls/writes.ts';
import { readCircuits, saveCircuits } from '../store/circuits.ts';
import { savePaces } from '../store/rate-limits.ts';
import type { CallRow } from '../vendors/calls/calltools-calls.ts';
import { createVendors, type Vendors } from '../vendors/clients.ts';
import { logCircuitChanges, nextCircuits } from '../vendors/outage.ts';
import { createRateLimiter, type RateLimiter } from '../vendors/rate-limiter.ts';
import { createMeanings, newAmong, resultsOf } from './record.ts';
import { type Bounds, firstMark, follow, type Mark, NEW_WALK, newRows, type Walk } from './walk.ts';
import { type AtOnce, withdrawHeld } from './withdraw.ts';
import { sendWrites } from './writes.ts';

/** No page is begun after this. */
const BUDGET_MS = 25_000;
/** No call runs longer. */
const WORK_MS = 40_000;
/** Ends before the next cron but one, so that a poll that died is repeated soon. */
const LEASE_MS = 55_000;
/** A poll that could not go on is tried again after this. */
const AGAIN_MS = MINUTE_MS;

/** How far a poll came. */
interface Read {
  pages: number;
  rows: number;
  holding: number;
  /** Rows because of which something is written to GoHighLevel. */
  writing: number;
  unreadable: number;
  /** Set where the walk is complete. */
  complete: PollEnd['complete'] | null;
  failure: Failure | null;
}

/** How one poll goes. */
export interface Polling {
  rules: CallResults;
  /** The cron's own time, epoch ms. */
  now: number;
  maxPages: number;
  /** CallTools has sent a notification of a call. This poll runs at once, and the time of the next one stays. */
  early?: boolean;
  atOnce: AtOnce;
}

/** Polls one location where that is due, and finishes holds and writes that an earlier poll could not. Throws where D1 fails. */
export async function pollCalls(
  { rules, now, maxPages, early = false, atOnce }: Polling,
  context: LocationContext,
): Promise<void> {
  const { env, world, settings } = context;
  const lease: PollLease = { locationId: settings.GHL_LOCATION_ID, token: world.newId() };
  const startedAt = world.now();
  // The next poll is due at a cron's own time. This clock may be behind it or ahead of it, and neither may skip the next.
  const dueBy = Math.max(now, startedAt);
  const cronAt = Math.min(now, startedAt);
  const { poll, isPending, isWaiting } = await takePoll(env.DB, lease, dueBy, startedAt + LEASE_MS, early);
  const read = poll ? await readRecord(poll, lease, { rules, maxPages }, context) : null;
  if (poll && read) await end(read, lease, { cronAt, nextAt: early ? poll.dueAt : cronAt + rules.pollMs }, context);
  const held = isPending || (read?.holding ?? 0) > 0 ? await withdrawHeld(context, atOnce) : 0;
  if (isWaiting || (read?.writing ?? 0) > 0) await sendWrites(context);
  if (read && (read.rows > 0 || held > 0 || read.complete === null))
    context.log('calls.polled', {
      pages: read.pages,
      rows: read.rows,
      holding: read.holding,
      numbersHeld: held,
      unreadable: read.unreadable,
      complete: read.complete !== null,
      ms: world.now() - startedAt,
    });
}

/** `nextAt`: when the next poll is due, epoch ms; sooner, where this one is not complete. `cronAt`: when this one was due. */
async function end(
  { complete, failure }: Read,
  lease: PollLease,
  { cronAt, nextAt }: { cronAt: number; nextAt: number },
  { env, world, log }: LocationContext,
): Promise<void> {
  const throttledUntil = failure?.kind === 'throttled' ? world.now() + failure.retryAfterMs : 0;
  const againAt = Math.max(Math.min(nextAt, cronAt + AGAIN_MS), throttledUntil);
  const dueAt = complete ? nextAt : failure ? againAt : world.now();
  if (failure) log('calls.poll_failed', { error: failure.error, kind: failure.kind });
  await endPoll(env.DB, lease, { ...(complete && { complete }), failure: failure?.error ?? null, dueAt });
}

/** Reads what it can within its time, and keeps it. */
async function readRecord(
  poll: Poll,
  lease: PollLease,
  { rules, maxPages }: { rules: CallResults; maxPages: number },
  context: LocationContext,
): Promise<Read> {
  const { env, world, settings } = context;
  const read: Read = { pages: 0, rows: 0, holding: 0, writing: 0, unreadable: 0, complete: null, failure: null };
  const before = await readCircuits(env.DB, lease.locationId);
  const now = world.now();
  const throttledMs = (before.find(({ vendor }) => vendor === 'calltools')?.throttledUntil ?? 0) - now;
  if (throttledMs > 0) {
    const error = 'CallTools asked to slow down';
    return { ...read, failure: { kind: 'throttled', vendor: 'calltools', retryAfterMs: throttledMs, error } };
  }
  // An open circuit does not stop it: one page a poll is no more than a probe, and who said no must be held even while writes fail.
  const limiter = createRateLimiter([], now);
  const vendors = createVendors(settings, world, now + WORK_MS, { limiter, circuits: before });
  try {
    await readPages(poll, lease, { rules, maxPages, until: now + BUDGET_MS }, { read, vendors }, context);
  } catch (thrown) {
    if (!(thrown instanceof VendorError)) throw thrown;
    read.failure = thrown.failure;
  }
  await saveHealth(before, vendors, limiter, context);
  return read;
}

/** What this has shown of CallTools as a whole: a 429 slows everybody, a key that is refused stops all work. No contact is blamed. */
async function saveHealth(
  before: Awaited<ReturnType<typeof readCircuits>>,
  { monitor }: Vendors,
  limiter: RateLimiter,
  { env, world, settings, log }: LocationContext,
): Promise<void> {
  const now = world.now();
  const circuits = nextCircuits(before, monitor, now);
  const paces = limiter.changes((vendor) => monitor.stopped.get(vendor)?.kind === 'throttled', now);
  if (circuits.length > 0) await saveCircuits(env.DB, settings.GHL_LOCATION_ID, now, circuits).run();
  if (paces.length > 0) await savePaces(env.DB, settings.GHL_LOCATION_ID, now, paces).run();
  logCircuitChanges(before, circuits, log, now);
}

interface Asked {
  rules: CallResults;
  maxPages: number;
  /** Epoch ms: no page is begun later. */
  until: number;
}

/** Page after page; `read` grows. Each page is kept with the progress that it makes, in one transaction. */
async function readPages(
  poll: Poll,
  lease: PollLease,
  { rules, maxPages, until }: Asked,
  { read, vendors: { callTools } }: { read: Read; vendors: Vendors },
  context: LocationContext,
): Promise<void> {
  const { env, world } = context;
  const isFirst = poll.cursor === null && poll.walk === null;
  if (isFirst && rules.since === null) {
    const mark = firstMark((await pageOf(1, callTools, world.now()))?.rows ?? []);
    read.pages++;
    // A record that shows nothing may show old rows later.
    const startAt = mark.id === 0 ? world.now() - DAY_MS : null;
    read.complete = { cursor: mark, startId: mark.id, startAt, at: world.now() };
    return;
  }
  const startAt = isFirst ? rules.since : poll.startAt;
  const bounds: Bounds = { cursor: poll.cursor, startId: poll.startId, startAt };
  const meanings = createMeanings(poll, callTools, context);
  let walk: Walk = poll.walk === null ? NEW_WALK : (JSON.parse(poll.walk) as Walk);
  /** False where another poll has taken over. */
  const keep = async (all: CallRow[], rows: CallRow[], progress: Walk): Promise<boolean> => {
    const { results, failure } = await resultsOf(all, await newAmong(rows, context), rules, meanings);
    const writing = results.filter(({ steps }) => steps.length > 0);
    const kept = await env.DB.batch([
      ...(results.length > 0 ? keepResults(env.DB, lease.locationId, results, world.now()) : []),
      ...(writing.length > 0 ? [keepWrites(env.DB, lease.locationId, writing, world.now())] : []),
      saveWalk(env.DB, lease, JSON.stringify(failure === null ? progress : walk), startAt),
    ]);
    read.pages++;
    read.rows += results.length;
    read.holding += results.filter(({ hold }) => hold).length;
    read.writing += writing.length;
    if (failure !== null) throw new VendorError(failure);
    return kept.at(-1)?.results.length === 1;
  };
  // A walk that goes on, perhaps on a page that always fails, does not keep the newest rows waiting.
  if (walk.page > 1) {
    const newest = (await pageOf(1, callTools, world.now()))?.rows ?? [];
    await keep(newest, newRows(newest, bounds), walk);
  }
  while (read.pages < maxPages && world.now() < until) {
    const page = await pageOf(walk.page, callTools, world.now());
    const step = follow(walk, page, bounds);
    const isOurs = await keep(page?.rows ?? [], step.rows, step.walk);
    read.unreadable += page?.unreadable ?? 0;
    walk = step.walk;
    if (step.isOver)
      read.complete = { cursor: later(walk.top, poll.cursor), startId: poll.startId, startAt, at: world.now() };
    if (step.isOver || !isOurs) return;
  }
}

/** A record that shows less than before, or nothing, does not make old rows new. */
function later(top: Mark | null, cursor: Mark | null): Mark {
  if (cursor !== null && (top === null || top.id < cursor.id)) return cursor;
  return top ?? firstMark([]);
}

/** A row of the future is one of now. */
async function pageOf(page: number, callTools: Vendors['callTools'], now: number) {
  const read = await callTools.callRows(page);
  const rows = read?.rows.map((row) => ({ ...row, at: row.at === null ? null : Math.min(row.at, now) })) ?? [];
  return read && { ...read, rows };
}
