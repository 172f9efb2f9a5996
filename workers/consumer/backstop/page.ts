// The message of a backstop run: handles the page that it names, and the pages after it, until its time is over.

import { sha256Hex } from '../../../shared/hash.ts';
import type { BackstopPage } from '../../../shared/messages.ts';
import { HOUR_MS } from '../../../shared/time.ts';
import type { LocationContext } from '../config/context.ts';
import { fieldPlan, type KnownFields, needsLists } from '../dialer/field-plan.ts';
import { storedLabels } from '../dialer/labels.ts';
import type { Circuit } from '../domain/circuit.ts';
import { type Failure, toFailure } from '../domain/failure.ts';
import type { FieldPlan } from '../domain/fields/field-map.ts';
import { type Outcome, outcomeOf, waiting } from '../domain/outcome.ts';
import { PROBE_EVERY_MS } from '../domain/retry.ts';
import type { Rules } from '../domain/rules/conditions.ts';
import { noteRules, type RulesSeen } from '../store/brake/rule-changes.ts';
import { circuitStatements, saveCircuits } from '../store/circuits.ts';
import { accountList, askAccountLists, askFieldReports, fieldReport } from '../store/fields.ts';
import { readLabels } from '../store/labels.ts';
import { findRun, pauseRun, type Run } from '../store/runs.ts';
import { rowsOf } from '../store/sql.ts';
import { heldBack } from '../vendors/circuit-breaker.ts';
import { createVendors, type Vendors } from '../vendors/clients.ts';
import { detectOutage, isDown, logCircuitChanges, nextCircuits } from '../vendors/outage.ts';
import { comparePage, stepAfter } from './compare.ts';
import { createPageReader, fetchOpportunities } from './fetch.ts';
import { endRun, type RunEnd } from './finish.ts';
import { askForGone, compareListed, compareSwept, mustSweep } from './opportunities.ts';
import { resumeStalled, STALLED_WHEN_ASKED_MS, sendPage } from './run.ts';

/** No page is begun after this. Another message for the next page costs a queue's wait, and may stand behind thousands of contacts. */
const BUDGET_MS = 50_000;
/** Longest time for one message, vendor calls included. */
const WORK_MS = 65_000;
/** Of all runs of an invocation: a page costs four statements, and D1 takes 1,000 (docs/vendors.md, Cloudflare: D1). */
const MAX_PAGES = 220;
/** A run looks buckets up anew if what we know of them is older than this. */
const LABELS_OLD_MS = 12 * HOUR_MS;

/** The next page's request goes out in this time. Comparing the 500 contacts of this one would keep it here for longer. */
const SEND_MS = 1;

const DONE: Outcome = { kind: 'skipped' };

type Delayed = Extract<Outcome, { delaySeconds: number }>;

/** Where a run stands when its message is handled, and what follows. */
type Stop =
  | { kind: 'ends'; run: Run; end: RunEnd }
  /** Its next page gets a message of its own. */
  | { kind: 'goes_on'; run: Run }
  /** Its page cannot be read now. */
  | { kind: 'waits'; run: Run; outcome: Delayed }
  /** Another delivery handled the page first, and goes on. */
  | { kind: 'overtaken' };

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
  const isItsTurn = found.page === page.page;
  // A page that was counted and comes again: the invocation that had it may have died at a later page.
  const run = isItsTurn ? found : attempts > 1 ? await resumeStalled(STALLED_WHEN_ASKED_MS, context) : null;
  if (run === null) return DONE;

  const bounds = { until: world.now() + budgetMs, maxPages: Math.floor(MAX_PAGES / runs) };
  const stop = await handleRun(run, isItsTurn ? attempts : 1, context, bounds);
  switch (stop.kind) {
    case 'ends':
      await endRun(stop.run, stop.end, context);
      return DONE;
    case 'goes_on':
      await sendPage(stop.run, context);
      return DONE;
    case 'overtaken':
      return DONE;
    case 'waits': {
      const { delaySeconds, error } = stop.outcome;
      // The run's error tells of its list alone. What the sweep of opportunities waits for does not make the list incomplete.
      const why = isListDone(stop.run) ? null : error;
      await pauseRun(env.DB, stop.run, world.now() + delaySeconds * 1000, why);
      if (stop.run.page === page.page) return stop.outcome;
      await sendPage(stop.run, context, { delaySeconds });
      return DONE;
    }
  }
}

/** What is left to read are opportunities, if anything. */
function isListDone({ page, cursor }: Run): boolean {
  return page > 0 && cursor === null;
}

async function handleRun(run: Run, attempts: number, context: LocationContext, bounds: Bounds): Promise<Stop> {
  const { env, world, settings, log } = context;
  const isSweep = isListDone(run);
  if (isSweep && !mustSweep(run, context)) return { kind: 'ends', run, end: { kind: 'pages_done' } };
  const { circuits, probing, ...known } = await readKnown(context);
  const held = heldBack(
    circuits.filter(({ vendor }) => vendor === 'gohighlevel'),
    probing,
    world.now(),
  );
  if (held) return { kind: 'waits', run, outcome: waiting(held, world.random()) };
  const vendors = createVendors(settings, world, world.now() + WORK_MS);
  const stop = isSweep
    ? await sweepOn(run, attempts, { circuits, vendors, ...bounds }, context)
    : await readList(run, attempts, { circuits, vendors, known, ...bounds }, context);
  const changed = nextCircuits(circuits, vendors.monitor, world.now());
  if (changed.length > 0) await saveCircuits(env.DB, run.locationId, world.now(), changed).run();
  logCircuitChanges(circuits, changed, log, world.now());
  return stop;
}

async function readList(
  run: Run,
  attempts: number,
  { known, ...rest }: { circuits: Circuit[]; vendors: Vendors; known: KnownFields } & Bounds,
  context: LocationContext,
): Promise<Stop> {
  if (run.page === 0) {
    await noteRules(context.env.DB, run, await rulesSeen(context.settings.rules));
    await refreshLabels(rest.vendors, context);
  }
  // The same as that of the batches: contacts that were settled by it are not queued again.
  const plan = await fieldPlan(known, rest.vendors, context, { anew: run.page === 0 });
  return readOn(run, attempts, { ...rest, plan }, context);
}

/** The location's opportunities, page after page, each in a slot like those of the contact list. */
async function sweepOn(
  first: Run,
  attempts: number,
  { circuits, vendors, until, maxPages }: { circuits: Circuit[]; vendors: Vendors } & Bounds,
  context: LocationContext,
): Promise<Stop> {
  let run = first;
  for (let pages = 1; mustSweep(run, context); pages++) {
    if (pages > maxPages || (pages > 1 && context.world.now() >= until)) return { kind: 'goes_on', run };
    const fetched = await fetchOpportunities(run, vendors, context);
    if (fetched.kind === 'failed')
      return sweepFailed(run, fetched.failure, run === first ? attempts : 1, { circuits, vendors }, context);
    const turned = await compareSwept(run, fetched.page, context);
    if (turned === null) return { kind: 'overtaken' };
    run = turned;
  }
  return { kind: 'ends', run, end: { kind: 'pages_done' } };
}

/** The contacts have been compared all the same: what cannot be read of opportunities ends the run like any other. */
async function sweepFailed(
  run: Run,
  failure: Failure,
  attempts: number,
  health: { circuits: Circuit[]; vendors: Vendors },
  context: LocationContext,
): Promise<Stop> {
  const stop = failure.kind === 'refused' ? null : await pageFailed(run, failure, attempts, health, context);
  if (stop !== null && stop.kind !== 'ends') return stop;
  context.log('backstop.opportunities_unread', { runId: run.id, error: failure.error });
  return { kind: 'ends', run, end: { kind: 'pages_done' } };
}

/** `isListed`: the rows of the list showed the opportunities. */
async function afterList(run: Run, isListed: boolean, context: LocationContext): Promise<Stop> {
  if (isListed) await askForGone(run, context);
  else if (mustSweep(run, context)) return { kind: 'goes_on', run };
  return { kind: 'ends', run, end: { kind: 'pages_done' } };
}

/** Page after page. The next one is fetched as soon as its cursor is known, while this one is compared and queued. */
async function readOn(
  first: Run,
  attempts: number,
  { circuits, vendors, plan, until, maxPages }: { circuits: Circuit[]; vendors: Vendors; plan: FieldPlan } & Bounds,
  context: LocationContext,
): Promise<Stop> {
  const { world, settings } = context;
  const reader = createPageReader(first, world.now() + BUDGET_MS, vendors, context);
  let run = first;
  let coming = reader.fetch(run.cursor, run.seen, run.total);
  let isListed = false;
  try {
    for (let pages = 1; ; pages++) {
      const fetched = await coming;
      if (fetched.kind === 'failed')
        return await pageFailed(run, fetched.failure, run === first ? attempts : 1, { circuits, vendors }, context);
      const step = stepAfter(fetched.page, run, settings.BACKSTOP_PAGE_SIZE);
      if (step.kind === 'endless') return { kind: 'ends', run, end: { kind: 'endless' } };
      const goesOn = step.kind === 'next' && pages < maxPages && world.now() < until;
      if (goesOn) {
        coming = reader.fetch(step.cursor, run.seen + fetched.page.seen, fetched.page.total);
        await world.wait(SEND_MS);
      }
      const turned = await comparePage(run, fetched.page, step, plan, context);
      if (turned === null) return { kind: 'overtaken' };
      run = turned;
      // The last page is often empty, and says nothing of what rows show.
      if (fetched.page.rows > 0) isListed = await compareListed(run, fetched.page, context);
      if (!goesOn) break;
    }
  } finally {
    await reader.end();
  }
  return run.cursor === null ? afterList(run, isListed, context) : { kind: 'goes_on', run };
}

async function pageFailed(
  run: Run,
  failure: Failure,
  attempts: number,
  { circuits, vendors }: { circuits: Circuit[]; vendors: Vendors },
  context: LocationContext,
): Promise<Stop> {
  const judged = await detectOutage([{ id: null, failure }], circuits, vendors, context.world.now());
  const seen = judged(failure);
  const down = seen.kind === 'transient' && isDown(seen.vendor, circuits, vendors.monitor);
  const { now, random } = context.world;
  const outcome = outcomeOf(seen, attempts, down, random(), now() - run.startedAt);
  if (outcome.kind === 'dead') return { kind: 'ends', run, end: { kind: 'page_failed', error: outcome.error } };
  return { kind: 'waits', run, outcome };
}

/** What is remembered, in one round trip. */
async function readKnown({ env, world, settings }: LocationContext) {
  const now = world.now();
  const locationId = settings.GHL_LOCATION_ID;
  // A page does not need CallTools: it leaves that vendor's probe to a contact.
  const health = circuitStatements(env.DB, locationId, now, now + PROBE_EVERY_MS, ['gohighlevel']);
  const lists = needsLists(settings) ? [askAccountLists(env.DB, locationId)] : [];
  const [reports, ...results] = await env.DB.batch([
    askFieldReports(env.DB, [locationId]),
    ...health.statements,
    ...lists,
  ]);
  return {
    ...health.read(results),
    fieldReports: rowsOf(reports).map(fieldReport),
    lists: lists.length > 0 ? rowsOf(results.at(-1)).map(accountList) : [],
  };
}

/** The next run compares its rules with these. */
async function rulesSeen(rules: Rules): Promise<RulesSeen> {
  const buckets = rules.routes.flatMap(({ name, bucket }) => (bucket === null ? [] : [[name, bucket] as const]));
  return { hash: await sha256Hex(JSON.stringify(rules)), buckets: Object.fromEntries(buckets) };
}

/** Notices a bucket that was deleted in CallTools: every contact that was in it is then looked at again. */
async function refreshLabels({ callTools }: Vendors, context: LocationContext): Promise<void> {
  const { env, world, settings, log } = context;
  const rows = await readLabels(env.DB, settings.GHL_LOCATION_ID);
  if (!rows.some(({ updatedAt }) => updatedAt < world.now() - LABELS_OLD_MS)) return;
  try {
    const labels = storedLabels(callTools, rows, world.newId(), context);
    labels.forget();
    await labels.resolve({ bucket: null, tag: null });
  } catch (thrown) {
    // The run compares contacts all the same. A write that meets a deleted bucket looks it up then.
    log('backstop.labels_unread', { error: toFailure(thrown, 'calltools').error });
  }
}
