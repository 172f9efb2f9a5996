// One batch of hints, the algorithm of this product: coalesce, claim, triage, read, decide, plan, apply, settle, commit, ask.

import type { ContactChanged } from '../../../shared/messages.ts';
import { MINUTE_MS } from '../../../shared/time.ts';
import type { LocationContext } from '../config/context.ts';
import { fieldChanges } from '../dialer/echo.ts';
import { fieldPlan } from '../dialer/field-plan.ts';
import { createLookup } from '../dialer/find-by-phone.ts';
import { createMemberSearch } from '../dialer/find-in-buckets.ts';
import { storedLabels } from '../dialer/labels.ts';
import { knownNumbers, numbersChanged } from '../dialer/numbers.ts';
import type { Dialer } from '../dialer/session.ts';
import { readsTags } from '../domain/calls/writes.ts';
import type { Failure, Vendor } from '../domain/failure.ts';
import type { FieldPlan } from '../domain/fields/field-map.ts';
import { planOf } from '../domain/fields/field-plan.ts';
import { waiting } from '../domain/outcome.ts';
import type { Claimed } from '../store/claim.ts';
import { SPAN_MS } from '../store/rate-limits.ts';
import type { Lease } from '../store/sql.ts';
import type { Held } from '../vendors/circuit-breaker.ts';
import { createVendors, type Vendors } from '../vendors/clients.ts';
import { detectOutage, isDown, logCircuitChanges, nextCircuits } from '../vendors/outage.ts';
import { createRateLimiter, roomFor, type Urgency } from '../vendors/rate-limiter.ts';
import type { Failed } from '../vendors/refusal.ts';
import { applyJobs } from './apply.ts';
import { ask, askFor, lookOf, questionsOf, unique } from './ask.ts';
import { brake } from './brake.ts';
import { BUSY, type ClaimedBatch, claimBatch, claimNewPhones, WORK_MS } from './claim.ts';
import { coalesce, type Work } from './coalesce.ts';
import { commit } from './commit.ts';
import { withoutRead } from './held.ts';
import { replanner, revisits } from './linked.ts';
import { planJobs } from './plan.ts';
import { readAndDecide } from './read.ts';
import { type Settled, settle } from './settle.ts';
import type { ClaimedPhones, Ended, Result, Task } from './work.ts';

/** A vendor is so slow that its slots do not suffice for the whole batch. The rest comes back when they are over. */
const OUT_OF_SLOTS: Failure = { kind: 'busy', error: 'the vendors’ limits are used up', forMs: SPAN_MS };
/** Longest wait for a vendor's limit before another look, and the wait as a share of the message's age. */
const MAX_LOOK_MS = MINUTE_MS;
const LOOK_SHARE = 1 / 4;

/**
 * Brings CallTools in line for every contact that the events name, and asks for the contacts that must be read because of it. Resolves to
 * how each contact ended. Throws only where D1 fails: then nothing may be acked.
 */
export async function reconcile(
  events: readonly ContactChanged[],
  urgency: Urgency,
  context: LocationContext,
): Promise<Ended[]> {
  const { rules, fields } = context.settings;
  const works = coalesce(events, rules, readsTags(fields));
  if (works.length === 0) return [];
  const batch = await claimBatch(works, urgency, context);
  const waits = batch.held === null ? [] : waitingTasks(batch.waiting, batch.held, context);
  if (batch.held !== null && batch.tasks.length === 0) return [...batch.idle, ...waits];
  return [...(await reconcileClaimed(batch, urgency, context)), ...waits];
}

/** Everything after the claim. */
async function reconcileClaimed(batch: ClaimedBatch, urgency: Urgency, context: LocationContext): Promise<Ended[]> {
  const { lease, claimed, idle, tasks, held } = batch;
  const { env, world, settings, log } = context;

  // Read and decide
  const { slots, waitMs } = claimed.granted;
  for (const task of tasks.slice(roomFor(tasks.length, slots))) task.failure = OUT_OF_SLOTS;
  const inTurn = tasks.filter(({ failure }) => failure === null);
  const limiter = createRateLimiter(slots, lease.now);
  const vendors = createVendors(settings, world, lease.now + waitMs + WORK_MS, { limiter, circuits: claimed.circuits });
  const { pipelines } = planOf(settings.fields, claimed.lists);
  const toRead = withoutRead(inTurn, claimed.dialer, settings.rules, pipelines, held);
  const plan = await planFor(toRead, claimed, vendors, context);
  const doubted = await readAndDecide(toRead, claimed, vendors, plan, context);

  // Plan and apply
  const phones = await claimNewPhones(tasks, claimed, lease, context);
  const dialer = dialerOf(vendors, phones, lease, plan, context);
  const jobs = await brake(planJobs(tasks, phones, settings.rules), context);
  const { replan, linked } = replanner(tasks, phones, lease, context);
  const results = await applyJobs(jobs, { dialer, rules: settings.rules, now: world.now, replan });

  // Settle
  const settled = await settleAll(batch, results, vendors, context);
  const circuits = nextCircuits(claimed.circuits, vendors.monitor, world.now());
  const numbers = numbersChanged(dialer.numbers);
  const fieldReports = fieldChanges(dialer.echoes, claimed.fieldReports, world.now());
  const others = await revisits(tasks, results, { phones, numbers, linked }, lease, env);
  const asks = unique([...doubted, ...results.flatMap((result) => askFor(result, world.now()) ?? []), ...others]);
  const throttled = (vendor: Vendor) => vendors.monitor.stopped.get(vendor)?.kind === 'throttled';
  const paces = limiter.changes(throttled, world.now());

  const looks = settled.flatMap((one) => lookOf(one, world.now()));
  const questions = questionsOf([...asks, ...looks], context);

  // Commit, then ask
  const kept = await commit(
    {
      ...{ lease, claimed, phones, idle, settled, results, asks, questions },
      ...{ numbers, fieldReports, seen: dialer.numbers, circuits, paces },
    },
    context,
  );
  await ask(questions, urgency, context);
  logCircuitChanges(claimed.circuits, circuits, log, world.now());
  const ended = settled.map(({ task: { work }, outcome }) => ({
    work,
    outcome: kept.has(work.contactId) ? outcome : BUSY,
  }));
  return [...idle, ...ended];
}

/** The longer a message has waited, the rarer it comes back: thousands that wait for one vendor must not return every few seconds. */
function waitingTasks(tasks: readonly Task[], held: Held, { world }: LocationContext): Ended[] {
  const now = world.now();
  const waitOf = ({ events }: Work) => {
    const ms = Math.min(MAX_LOOK_MS, LOOK_SHARE * (now - events[0].receivedAt));
    return held.passes ? { ...held, ms: Math.max(held.ms, ms) } : held;
  };
  return tasks.map(({ work }) => ({ work, outcome: waiting(waitOf(work), world.random()) }));
}

/** A batch that reads nobody asks nobody for a list. */
function planFor(
  inTurn: readonly Task[],
  claimed: Claimed,
  vendors: Vendors,
  context: LocationContext,
): Promise<FieldPlan> | FieldPlan {
  return inTurn.length > 0 ? fieldPlan(claimed, vendors, context) : planOf(context.settings.fields, claimed.lists);
}

function dialerOf(
  { callTools }: Vendors,
  { labels, dialer }: ClaimedPhones,
  lease: Lease,
  plan: FieldPlan,
  context: LocationContext,
): Dialer {
  const { settings, log, unsupportedLookups } = context;
  return {
    callTools,
    settings,
    plan,
    labels: storedLabels(callTools, labels, lease.token, context),
    numbers: { known: (id) => knownNumbers(id, dialer), seen: new Map() },
    echoes: new Map(),
    members: createMemberSearch(callTools, settings, context.world.now),
    lookup: createLookup({
      callTools,
      country: settings.DEFAULT_COUNTRY,
      mode: settings.CALLTOOLS_PHONE_LOOKUP,
      unsupported: unsupportedLookups,
      remember: async (resource) => log('calltools.phone_filter_ignored', { resource }),
    }),
  };
}

/** Settles every contact, once it is known whether a failure was the contact's or the vendor's as a whole. */
async function settleAll(
  { tasks, claimed: { circuits }, lease }: ClaimedBatch,
  results: Result[],
  vendors: Vendors,
  { world }: LocationContext,
): Promise<Settled[]> {
  const judged = await detectOutage(failedOf(tasks, results), circuits, vendors, world.now());
  for (const one of [...tasks, ...results]) if (one.failure) one.failure = judged(one.failure);
  for (const task of tasks) if (task.readFailure) task.readFailure = judged(task.readFailure);
  return tasks.map((task) => {
    const clock = { now: world.now(), claimedAt: lease.now, random: world.random() };
    return settle(task, results, (vendor) => isDown(vendor, circuits, vendors.monitor), clock);
  });
}

function failedOf(tasks: readonly Task[], results: readonly Result[]): Failed[] {
  return [
    ...tasks.flatMap(({ work, failure, readFailure }) => {
      const reason = failure ?? readFailure;
      return reason ? [{ id: work.contactId, failure: reason }] : [];
    }),
    ...results.flatMap(({ job, failure }) => (failure ? [{ id: job.row.phoneHash, failure }] : [])),
  ];
}
