// One batch of hints, the algorithm of this product: coalesce, claim, skip, read, decide, apply, commit.

import { forEachLimit } from '../../../shared/concurrency.ts';
import { callBlocked } from '../../../shared/dnd.ts';
import type { ContactChanged } from '../../../shared/messages.ts';
import type { LocationContext } from '../config/context.ts';
import type { Env } from '../config/env.ts';
import { decidedBy, type Settings } from '../config/settings.ts';
import { contactLetter } from '../dead-letters/letter.ts';
import { createLookup } from '../dialer/find-by-phone.ts';
import { createMemberSearch } from '../dialer/find-in-buckets.ts';
import { storedLabels } from '../dialer/labels.ts';
import { groupOf, knownNumbers, type Numbers, numbersChanged } from '../dialer/numbers.ts';
import type { Dialer } from '../dialer/target.ts';
import type { CircuitChange } from '../domain/circuit.ts';
import type { Known, Read } from '../domain/contact.ts';
import { type Decision, decide, isPhoneUnread } from '../domain/decide.ts';
import { type Failure, toFailure, type Vendor } from '../domain/failure.ts';
import { readHash } from '../domain/fingerprint.ts';
import { waiting } from '../domain/outcome.ts';
import { phoneHash } from '../domain/phone.ts';
import { contradicted, heed, outUnread, type Shown } from '../domain/told.ts';
import type { Claimed } from '../store/claim.ts';
import { commitBatch } from '../store/commit.ts';
import { claimPhones, type NumbersChange } from '../store/phones.ts';
import { SPAN_MS } from '../store/rate-limits.ts';
import type { Lease } from '../store/sql.ts';
import type { Held } from '../vendors/circuit-breaker.ts';
import { createVendors, type Vendors } from '../vendors/clients.ts';
import { detectOutage, isDown, logCircuitChanges, nextCircuits } from '../vendors/outage.ts';
import { createPacer, type PaceChange, roomFor, type Urgency } from '../vendors/rate-limiter.ts';
import type { Failed } from '../vendors/refusal.ts';
import { applyJobs } from './apply.ts';
import { BUSY, claimBatch, type Ended, leased, toldOf, WORK_MS } from './claim.ts';
import { coalesce, type Work } from './coalesce.ts';
import { countsOf } from './counts.ts';
import { believe } from './deletion.ts';
import { dialerCommits, replanner, revisits, unique } from './linked.ts';
import { requireWhole } from './partial-read.ts';
import { planJobs } from './plan.ts';
import { type Ask, askFor, lookOf, type Settled, settle, siblingsOf } from './settle.ts';
import type { Phones, Result, Task } from './work.ts';

/** How each contact of the batch ended, and whom to look at because of it. */
export interface Reconciled {
  ended: Ended[];
  ask: Ask[];
}

/** A vendor so slow that its turns do not suffice for the whole batch: the rest comes back when they are over. */
const OUT_OF_TURN: Failure = { kind: 'busy', error: 'the vendors’ limits are used up', forMs: SPAN_MS };
/** Longest wait for a vendor's pace before another look, and the wait as a share of the message's age. */
const MAX_LOOK_MS = 60_000;
const LOOK_SHARE = 1 / 4;
/** Contacts read from GoHighLevel at once; the sixth connection of an invocation is D1's (facts/cloudflare.md [doc]). */
const READ_CONCURRENCY = 5;

/** Brings CallTools in line for every contact that the events name. `again`: contacts whose messages come again. Throws only where D1 fails: then nothing may be acked. */
export async function reconcile(
  events: readonly ContactChanged[],
  urgency: Urgency,
  context: LocationContext,
  again: ReadonlySet<string> = new Set(),
): Promise<Reconciled> {
  const { env, world, settings, log } = context;

  // 1. coalesce, 2. claim, 3. skip
  const works = coalesce(events, settings.rules, again);
  if (works.length === 0) return { ended: [], ask: [] };
  const { lease, claimed, idle, tasks, held } = await claimBatch(works, urgency, context);
  if (held) {
    const now = world.now();
    const ended = tasks.map(({ work }) => ({ work, outcome: waiting(patient(held, work, now), world.random()) }));
    return { ended: [...idle, ...ended], ask: [] };
  }
  const { turns, waitMs } = claimed.turn;
  for (const task of tasks.slice(roomFor(tasks.length, turns))) task.failure = OUT_OF_TURN;

  // 4. read, 5. decide
  const pacer = createPacer(turns, lease.now);
  const vendors = createVendors(settings, world, lease.now + waitMs + WORK_MS, { pacer, circuits: claimed.circuits });
  const inTurn = tasks.filter(({ failure }) => failure === null);
  const reads = new Map<Task, Read | Failure>();
  await forEachLimit(inTurn, READ_CONCURRENCY, async (task) => void reads.set(task, await readContact(task, vendors)));
  const { known, failed, ask: doubted } = await believe(reads, claimed.circuits, vendors, world.now());
  for (const [task, read] of known) await decideContact(task, read, settings);
  for (const [task, failure] of failed) leaveUnread(task, failure, settings);
  const phones = await phonesOf(tasks, claimed, lease, env);

  // 6. apply
  const dialer = dialerOf(vendors, phones, lease, context);
  const jobs = planJobs(tasks, phones, settings.rules);
  const replan = replanner(tasks, phones, lease, context);
  const { rules } = settings;
  const results = await applyJobs(jobs, { dialer, rules, now: world.now, replan: replan.replan });

  // 7. commit
  const judged = await detectOutage(failedOf(tasks, results), claimed.circuits, vendors, world.now());
  for (const one of [...tasks, ...results]) if (one.failure) one.failure = judged(one.failure);
  for (const task of tasks) if (task.readFailure) task.readFailure = judged(task.readFailure);
  const settled = tasks.map((task) => {
    const clock = { now: world.now(), claimedAt: lease.now, random: world.random() };
    return settle(task, results, (vendor) => isDown(vendor, claimed.circuits, vendors.watch), clock);
  });
  const circuits = nextCircuits(claimed.circuits, vendors.watch, world.now());
  const numbers = numbersChanged(dialer.numbers);
  const others = await revisits(tasks, results, { phones, numbers, linked: replan.linked }, lease, env);
  const ask = unique([...doubted, ...results.flatMap((result) => askFor(result, world.now()) ?? []), ...others]);
  const throttled = (vendor: Vendor) => vendors.watch.stopped.get(vendor)?.kind === 'throttled';
  const paces = pacer.changes(throttled, world.now());
  const kept = await commit(
    settled,
    results,
    { claimed, phones, lease, circuits, paces, ask, idle, numbers, seen: dialer.numbers },
    context,
  );
  logCircuitChanges(claimed.circuits, circuits, log, world.now());
  const ended = settled.map(({ task: { work }, outcome }) => ({
    work,
    outcome: kept.has(work.contactId) ? outcome : BUSY,
  }));
  const looks = settled.filter(({ task }) => kept.has(task.work.contactId)).flatMap((one) => lookOf(one, world.now()));
  return { ended: [...idle, ...ended], ask: [...ask, ...looks] };
}

/** The longer it has waited, the rarer it looks: thousands that wait for one vendor's pace must not come back every few seconds. */
function patient(held: Held, { events }: Work, now: number): Held {
  const ms = Math.min(MAX_LOOK_MS, LOOK_SHARE * (now - events[0].receivedAt));
  return held.passes ? { ...held, ms: Math.max(held.ms, ms) } : held;
}

function failedOf(tasks: Task[], results: Result[]): Failed[] {
  return [
    ...tasks.flatMap(({ work, failure, readFailure }) => {
      const reason = failure ?? readFailure;
      return reason ? [{ id: work.contactId, failure: reason }] : [];
    }),
    ...results.flatMap(({ job, failure }) => (failure ? [{ id: job.row.phoneHash, failure }] : [])),
  ];
}

async function readContact(task: Task, { ghl }: Vendors): Promise<Read | Failure> {
  try {
    const read = await ghl.read(task.work.contactId);
    return read;
  } catch (thrown) {
    return toFailure(thrown, 'gohighlevel');
  }
}

async function decideContact(task: Task, read: Known, settings: Settings): Promise<void> {
  try {
    const decision = decide(read, settings.rules, settings.DEFAULT_COUNTRY);
    // Who is asked about without a row, to be verified or unseen, is compared with the row that was last settled.
    const shown = task.work.searchHash ?? (task.work.byBackstop ? task.row.searchHash : null);
    if (read.kind === 'found') task.readHash = await readHash(read.contact, shown, decidedBy(settings));
    if (decision.phone !== null) task.phoneHash = await phoneHash(settings.GHL_LOCATION_ID, decision.phone);
    else if (isPhoneUnread(decision.unread)) task.phoneHash = task.row.phoneHash;
    task.against = contradicted(task.told, shownBy(read, decision));
    const heeded = heed(decision, task.told, settings.rules);
    requireWhole(heeded);
    task.decision = heeded;
  } catch (thrown) {
    leaveUnread(task, toFailure(thrown, 'gohighlevel'), settings);
  }
}

/** What webhooks have said against dialing takes effect all the same. */
function leaveUnread(task: Task, failure: Failure, settings: Settings): void {
  task.decision = outUnread(task.told, settings.rules);
  if (task.decision === null) task.failure = failure;
  else Object.assign(task, { readFailure: failure, readHash: null, phoneHash: task.row.phoneHash });
}

/** What the read shows of that which webhooks speak of. */
function shownBy(read: Known, { priority, reason }: Decision): Shown {
  const blockedAll = read.kind === 'found' && callBlocked(read.contact.dnd, null);
  return { gone: read.kind === 'gone', priority, blocked: reason === 'dnd', blockedAll };
}

type Hand = Phones & Pick<Claimed, 'labels'>;

/**
 * All phones in hand: those claimed with their contacts, and those that contacts turned out to have now. The labels are
 * never older than the claim of a phone: a bucket that is not known is one that nobody can be in.
 */
async function phonesOf(tasks: Task[], claimed: Claimed, lease: Lease, env: Env): Promise<Hand> {
  const moved = tasks.filter(
    ({ decision, phoneHash: hash, row }) =>
      decision && decision.intent !== 'none' && hash !== null && hash !== row.phoneHash,
  );
  if (moved.length === 0) return claimed;
  const asked = moved.map(({ work, phoneHash: hash }) => ({ contactId: work.contactId, phoneHash: hash ?? '' }));
  const fresh = await claimPhones(env.DB, lease, asked);
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

function dialerOf({ callTools }: Vendors, { labels, dialer }: Hand, lease: Lease, context: LocationContext): Dialer {
  const { settings, log, unsupportedLookups } = context;
  return {
    callTools,
    settings,
    labels: storedLabels(callTools, labels, lease.token, context),
    numbers: { known: (id) => knownNumbers(id, dialer), seen: new Map() },
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

interface Scene {
  claimed: Claimed;
  phones: Phones;
  lease: Lease;
  /** Those that have changed. */
  circuits: CircuitChange[];
  paces: PaceChange[];
  ask: Ask[];
  /** Not worked on. */
  idle: Ended[];
  numbers: NumbersChange[];
  seen: Pick<Numbers, 'seen'>;
}

/** Writes all outcomes and gives the rest back untouched; returns the ids of the contacts that were still ours. */
async function commit(
  settled: Settled[],
  results: Result[],
  scene: Scene,
  { env, world }: LocationContext,
): Promise<Set<string>> {
  const { claimed, phones, lease, circuits, paces, ask, idle, numbers, seen } = scene;
  const now = world.now();
  const worth = settled.filter(
    ({ task, outcome }) => (task.decision && !task.failure) || ['retry', 'dead'].includes(outcome.kind),
  );
  const written = new Set(worth.map(({ task }) => task.work.contactId));
  const letters = await Promise.all(
    settled.flatMap(({ task: { work, row }, outcome }) =>
      outcome.kind === 'dead'
        ? [
            contactLetter(
              {
                latest: work.latest,
                receivedAt: work.events[0].receivedAt,
                failure: outcome,
                attempts: row.attempts + 1,
              },
              now,
            ),
          ]
        : [],
    ),
  );
  const ended = [...idle, ...settled.map(({ task: { work }, outcome }) => ({ work, outcome }))];
  const dialer = dialerCommits(results, phones, seen, now);
  const worked = new Set(dialer.map(({ phoneHash }) => phoneHash));
  return commitBatch(
    env.DB,
    { ...lease, now },
    {
      contacts: worth.map((one) => one.commit),
      dialer,
      numbers,
      siblings: results.flatMap(siblingsOf),
      asked: ask.map(({ contactId }) => contactId),
      released: leased(claimed, phones, written, worked),
      deadLetters: letters,
      circuits,
      paces,
      counts: countsOf(ended, (id) => claimed.contacts.get(id)?.mine === true, now),
      ...toldOf(idle),
    },
  );
}
