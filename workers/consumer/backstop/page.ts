// The message of a backstop run: from the page that it names on, page after page, until its time is over.

import type { BackstopPage } from '../../../shared/messages.ts';
import type { LocationContext } from '../config/context.ts';
import { storedLabels } from '../dialer/labels.ts';
import type { Circuit } from '../domain/circuit.ts';
import { type Failure, toFailure, type Vendor } from '../domain/failure.ts';
import { type Outcome, outcomeOf, waiting } from '../domain/outcome.ts';
import { PROBE_EVERY_MS } from '../domain/retry.ts';
import { circuitStatements, saveCircuits } from '../store/circuits.ts';
import { readLabels } from '../store/labels.ts';
import { reservePageSlot } from '../store/page-slots.ts';
import { findRun, pauseRun, type Run } from '../store/runs.ts';
import { heldBack } from '../vendors/circuit-breaker.ts';
import { createVendors, type Vendors } from '../vendors/clients.ts';
import { detectOutage, isDown, logCircuitChanges, nextCircuits } from '../vendors/outage.ts';
import { comparePage, fetchPage, type Looked, stepAfter } from './compare.ts';
import { endBackstop, finishBackstop } from './finish.ts';
import { resumeStalled, STALLED_WHEN_ASKED_MS, sendPage } from './run.ts';

/** No page is begun after this. Another message for the next page costs a queue's wait, and may stand behind thousands of contacts. */
const BUDGET_MS = 50_000;
/** Longest time for one message, vendor calls included. */
const WORK_MS = 65_000;
/** Of all runs of an invocation: a page costs four statements, and D1 takes 1,000 (facts/cloudflare.md [doc]). */
const MAX_PAGES = 220;
/** Buckets are looked up anew by a run when what we know of them is older than this. */
const LABELS_OLD_MS = 12 * 3_600_000;

const DONE: Outcome = { kind: 'skipped' };

/** Where the run stands after a message, and what is to become of it. */
interface Stop {
  run: Run;
  outcome: Outcome;
}

/** No page is begun after `until` (epoch ms), nor more than `maxPages`. */
interface Bounds {
  until: number;
  maxPages: number;
}

/**
 * Handles a page and, for `budgetMs`, those after it. `attempts` counts deliveries, `runs` the pages that the invocation handles
 * side by side. Throws where D1 or the queue fails: the message then comes back.
 */
export async function handlePage(
  page: BackstopPage,
  attempts: number,
  context: LocationContext,
  { budgetMs = BUDGET_MS, runs = 1 }: { budgetMs?: number | undefined; runs?: number } = {},
): Promise<Outcome> {
  const { env, world } = context;
  const found = await findRun(env.DB, page.runId);
  if (found?.state !== 'running') return DONE;
  const inTurn = found.page === page.page;
  // A page that was counted and comes again: whoever handled it may have died over a later one.
  const run = inTurn ? found : attempts > 1 ? await resumeStalled(STALLED_WHEN_ASKED_MS, context) : null;
  if (run === null) return DONE;

  const bounds = { until: world.now() + budgetMs, maxPages: Math.floor(MAX_PAGES / runs) };
  const stop = await handleRun(run, inTurn ? attempts : 1, context, bounds);
  const { outcome } = stop;
  if (!('delaySeconds' in outcome)) return DONE;
  await pauseRun(env.DB, stop.run, world.now() + outcome.delaySeconds * 1000, outcome.error);
  if (stop.run.page === page.page) return outcome;
  await sendPage(stop.run, context, { delaySeconds: outcome.delaySeconds });
  return DONE;
}

async function handleRun(run: Run, attempts: number, context: LocationContext, bounds: Bounds): Promise<Stop> {
  const { env, world, settings, log } = context;
  if (run.page > 0 && run.cursor === null) {
    await finishBackstop(run, context);
    return { run, outcome: DONE };
  }
  const { circuits, probing } = await readHealth(context);
  const held = heldBack(
    circuits.filter(({ vendor }) => vendor === 'gohighlevel'),
    probing,
    world.now(),
  );
  if (held) return { run, outcome: waiting(held, world.random()) };
  const vendors = createVendors(settings, world, world.now() + WORK_MS);
  if (run.page === 0) await refreshLabels(vendors, context);
  const stop = await readOn(run, attempts, { circuits, vendors, ...bounds }, context);
  const changed = nextCircuits(circuits, vendors.monitor, world.now());
  if (changed.length > 0) await saveCircuits(env.DB, run.locationId, world.now(), changed).run();
  logCircuitChanges(circuits, changed, log, world.now());
  return stop;
}

/** Page after page. The next one is on its way as soon as its cursor is known, while this one is compared and queued. */
async function readOn(
  first: Run,
  attempts: number,
  { circuits, vendors, until, maxPages }: { circuits: Circuit[]; vendors: Vendors } & Bounds,
  context: LocationContext,
): Promise<Stop> {
  const { world, settings } = context;
  const size = settings.BACKSTOP_PAGE_SIZE;
  const patientUntil = world.now() + BUDGET_MS;
  let turn: Promise<number> | null = null;
  /** `before`: rows of the pages before this one, of `total`. */
  const look = async (cursor: Run['cursor'], before: number, total: number | null): Promise<Looked> => {
    const at = await (turn ?? turnOfPage(first.locationId, context));
    const ms = Math.max(0, at - world.now());
    if (world.now() + ms > patientUntil)
      return { kind: 'failed', failure: { kind: 'busy', error: 'GoHighLevel’s limit is used up', forMs: ms } };
    await world.wait(ms);
    // The next page's is taken while this one is on its way: later it would be answered behind the comparing of 500 contacts.
    const last = total !== null && before + size >= total;
    turn = last ? null : turnOfPage(first.locationId, context);
    return fetchPage(cursor, vendors, settings);
  };
  let run = first;
  let coming = look(run.cursor, run.seen, run.total);
  try {
    for (let pages = 1; ; pages++) {
      const looked = await coming;
      if (looked.kind === 'failed')
        return failed(run, looked.failure, run === first ? attempts : 1, circuits, vendors, context);
      const step = stepAfter(looked.page, run, size);
      if (step.kind === 'endless')
        return giveUp(run, `GoHighLevel said ${run.total} contacts, and its pages do not end`, context);
      const goesOn = step.kind === 'next' && pages < maxPages && world.now() < until;
      if (goesOn) coming = look(step.cursor, run.seen + looked.page.seen, looked.page.total);
      const turned = await comparePage(run, looked.page, step, context);
      // Another delivery was first, and goes on.
      if (turned === null) return { run, outcome: DONE };
      run = turned;
      if (!goesOn) break;
    }
  } finally {
    await turn;
  }
  if (run.cursor === null) await finishBackstop(run, context);
  else await sendPage(run, context);
  return { run, outcome: DONE };
}

/** Epoch ms from which GoHighLevel's limit has room for a page beside what others ask it for. Where D1 does not say, its 429 will. */
async function turnOfPage(locationId: string, { env, world }: LocationContext): Promise<number> {
  const now = world.now();
  try {
    return now + (await reservePageSlot(env.DB, locationId, now));
  } catch {
    return now;
  }
}

async function failed(
  run: Run,
  failure: Failure,
  attempts: number,
  circuits: Circuit[],
  vendors: Vendors,
  context: LocationContext,
): Promise<Stop> {
  const judged = await detectOutage([{ id: null, failure }], circuits, vendors, context.world.now());
  const seen = judged(failure);
  const down = seen.kind === 'transient' && isDown(seen.vendor, circuits, vendors.monitor);
  const { now, random } = context.world;
  const outcome = outcomeOf(seen, attempts, down, random(), now() - run.startedAt);
  return outcome.kind === 'dead' ? giveUp(run, outcome.error, context) : { run, outcome };
}

async function giveUp(run: Run, error: string, context: LocationContext): Promise<Stop> {
  await endBackstop(run, error, context);
  return { run, outcome: DONE };
}

async function readHealth({
  env,
  world,
  settings,
}: LocationContext): Promise<{ circuits: Circuit[]; probing: Vendor[] }> {
  const now = world.now();
  // A page does not need CallTools: it leaves that vendor's probe to a contact.
  const { statements, read } = circuitStatements(env.DB, settings.GHL_LOCATION_ID, now, now + PROBE_EVERY_MS, [
    'gohighlevel',
  ]);
  return read(await env.DB.batch(statements));
}

/** A bucket that was deleted in CallTools is noticed here: everyone who was in it is then looked at again. */
async function refreshLabels({ callTools }: Vendors, context: LocationContext): Promise<void> {
  const { env, world, settings, log } = context;
  const rows = await readLabels(env.DB, settings.GHL_LOCATION_ID);
  if (!rows.some(({ updatedAt }) => updatedAt < world.now() - LABELS_OLD_MS)) return;
  try {
    const labels = storedLabels(callTools, rows, world.newId(), context);
    labels.forget();
    await labels.resolve({ bucket: null, tag: null });
  } catch (thrown) {
    // The run compares contacts all the same; a write that meets a deleted bucket looks it up then.
    log('backstop.labels_unread', { error: toFailure(thrown, 'calltools').error });
  }
}
