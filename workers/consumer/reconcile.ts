// One batch of hints, the algorithm of this product: coalesce, claim, skip, read, decide, apply, commit.

import type { ContactChanged } from '../../shared/messages.ts';
import { applyJobs, DOUBT_MS, type Result } from './apply-jobs.ts';
import type { Basis } from './basis.ts';
import { PROBE_EVERY_MS } from './circuit.ts';
import type { Circuit } from './circuit-store.ts';
import { coalesce, type Work } from './coalesce.ts';
import { commitBatch } from './commit-store.ts';
import { deadLetterOf } from './dead-contact.ts';
import { decide } from './decide.ts';
import type { Env } from './env.ts';
import { toFailure } from './failure.ts';
import { examine, isDown, judgeAll } from './health.ts';
import { createLookup } from './lookup.ts';
import { createMemberSearch } from './members.ts';
import { heldBack, type Outcome, waiting } from './outcome.ts';
import { phoneHash } from './phone.ts';
import { type Phones, planJobs, type Task } from './plan.ts';
import { eachOf } from './pool.ts';
import type { Settings } from './settings.ts';
import { type Ask, askFor, dialerCommit, type Settled, settle, siblingsOf } from './settle.ts';
import { type Claimed, claimContacts, claimPhones, type Lease } from './store.ts';
import { storedLabels } from './stored-labels.ts';
import { triage } from './triage.ts';
import type { Dialer } from './upsert.ts';
import { createVendors, type Vendors } from './vendors.ts';

export interface Ended {
  work: Work;
  outcome: Outcome;
}

/** How each contact of the batch ended, and whom to look at because of it. */
export interface Reconciled {
  ended: Ended[];
  ask: Ask[];
}

/** A batch works this long at most; no vendor call runs past it. */
const WORK_MS = 40_000;
/** A call that was given up may still take effect at the vendor's for a while: nobody else starts before. */
const LEASE_MARGIN_MS = 15_000;
/** Contacts read from GoHighLevel at once; the sixth connection of an invocation is D1's (facts/cloudflare.md [doc]). */
const READ_CONCURRENCY = 5;
/** A lease held elsewhere is over within seconds as a rule. */
const BUSY: Outcome = { kind: 'busy', delaySeconds: 2, error: 'another batch is working on this contact or its phone' };

/** Brings CallTools in line for every contact that the events name. Throws only where D1 fails: then nothing may be acked. */
export async function reconcile(events: readonly ContactChanged[], basis: Basis): Promise<Reconciled> {
  const { env, world, settings } = basis;
  const now = world.now();
  const token = world.newId();
  const lease: Lease = {
    ...{ locationId: settings.GHL_LOCATION_ID, token },
    ...{ now, until: now + WORK_MS + LEASE_MARGIN_MS, lateMs: DOUBT_MS - LEASE_MARGIN_MS },
  };

  // 1. coalesce, 2. claim
  const works = coalesce(events, settings.rules);
  if (works.length === 0) return { ended: [], ask: [] };
  const items = works.map(({ contactId, mayMatter }) => ({ id: contactId, insert: mayMatter }));
  const claimed = await claimContacts(env.DB, lease, items, now + PROBE_EVERY_MS);

  // 3. skip
  const judged = works.map((work) => ({ work, triage: triage(work, claimed) }));
  const tasks = judged.flatMap((one) => (one.triage.kind === 'task' ? [one.triage.task] : []));
  const idle = judged.flatMap(({ work, triage: { kind } }): Ended[] =>
    kind === 'task' ? [] : [{ work, outcome: kind === 'skipped' ? { kind } : BUSY }],
  );
  const held = heldBack(claimed.circuits, claimed.probing, now);
  if (held) {
    await commit([], [], { works, claimed, phones: claimed, lease, circuits: [], ask: [] }, basis);
    return {
      ended: [...idle, ...tasks.map(({ work }) => ({ work, outcome: waiting(held, world.random()) }))],
      ask: [],
    };
  }

  // 4. read, 5. decide
  const vendors = createVendors(settings, world, now + WORK_MS);
  await eachOf(tasks, READ_CONCURRENCY, (task) => readContact(task, vendors, settings));
  const phones = await phonesOf(tasks, claimed, lease, env);

  // 6. apply
  const dialer = dialerOf(vendors, phones, lease, basis);
  const results = await applyJobs(planJobs(tasks, phones, settings.rules), dialer, settings.rules, world.now);

  // 7. commit
  const failures = [...tasks, ...results].flatMap(({ failure }) => failure ?? []);
  await examine(failures, claimed.circuits, vendors);
  const settled = tasks.map((task) => {
    const clock = { now: world.now(), random: world.random() };
    return settle(task, results, (vendor) => isDown(vendor, claimed.circuits, vendors.watch), clock);
  });
  const circuits = judgeAll(claimed.circuits, vendors.watch, world.now());
  const ask = results.flatMap((result) => askFor(result, world.now()) ?? []);
  const kept = await commit(settled, results, { works, claimed, phones, lease, circuits, ask }, basis);
  const ended = settled.map(({ task: { work }, outcome }) => ({
    work,
    outcome: kept.has(work.contactId) ? outcome : BUSY,
  }));
  return { ended: [...idle, ...ended], ask };
}

async function readContact(task: Task, { ghl }: Vendors, settings: Settings): Promise<void> {
  try {
    const decision = decide(await ghl.read(task.work.contactId), settings.rules, settings.DEFAULT_COUNTRY);
    if (decision.phone !== null) task.phoneHash = await phoneHash(settings.GHL_LOCATION_ID, decision.phone);
    task.decision = decision;
  } catch (thrown) {
    task.failure = toFailure(thrown, 'gohighlevel');
  }
}

type Hand = Phones & Pick<Claimed, 'labels'>;

/**
 * All phones in hand: those claimed with their contacts, and those that contacts turned out to have now. The labels are
 * never older than the claim of a phone: a bucket that is not known is one that nobody can be in.
 */
async function phonesOf(tasks: Task[], claimed: Claimed, lease: Lease, env: Env): Promise<Hand> {
  const moved = tasks.filter(
    ({ decision, phoneHash: hash, row }) =>
      decision && decision.wish !== 'none' && hash !== null && hash !== row.phoneHash,
  );
  if (moved.length === 0) return claimed;
  const asked = moved.map(({ work, phoneHash: hash }) => ({ contactId: work.contactId, phoneHash: hash ?? '' }));
  const fresh = await claimPhones(env.DB, lease, asked);
  for (const task of moved) {
    if (task.phoneHash !== null && fresh.dialer.get(task.phoneHash)?.mine) continue;
    task.failure = { kind: 'busy', error: 'another batch is working on this phone' };
  }
  return {
    dialer: new Map([...claimed.dialer, ...fresh.dialer]),
    wishes: new Map([...claimed.wishes, ...fresh.wishes]),
    labels: fresh.labels,
  };
}

function dialerOf({ callTools }: Vendors, { labels }: Hand, lease: Lease, basis: Basis): Dialer {
  const { settings, log, unsupportedLookups } = basis;
  return {
    callTools,
    settings,
    labels: storedLabels(callTools, labels, lease.token, basis),
    members: createMemberSearch(callTools, settings),
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
  works: Work[];
  claimed: Claimed;
  phones: Phones;
  lease: Lease;
  /** Those that have changed. */
  circuits: Circuit[];
  ask: Ask[];
}

/** Writes all outcomes and gives the rest back untouched; returns the ids of the contacts that were still ours. */
async function commit(
  settled: Settled[],
  results: Result[],
  scene: Scene,
  { env, world }: Basis,
): Promise<Set<string>> {
  const { works, claimed, phones, lease, circuits, ask } = scene;
  const now = world.now();
  const worth = settled.filter(
    ({ task, outcome }) => (task.decision && !task.failure) || ['retry', 'dead'].includes(outcome.kind),
  );
  const written = new Set(worth.map(({ task }) => task.work.contactId));
  const letters = await Promise.all(settled.map((one) => deadLetterOf(one, lease.locationId, now)));
  const worked = new Set(results.map(({ job }) => job.row.phoneHash));
  return commitBatch(
    env.DB,
    { ...lease, now },
    {
      contacts: worth.map((one) => one.commit),
      dialer: results.map((result) => dialerCommit(result, now)),
      siblings: results.flatMap(siblingsOf),
      asked: ask.map(({ contactId }) => contactId),
      released: {
        contactIds: works
          .map(({ contactId }) => contactId)
          .filter((id) => claimed.contacts.get(id)?.mine && !written.has(id)),
        phoneHashes: [...phones.dialer.values()].flatMap((row) =>
          row.mine && !worked.has(row.phoneHash) ? [row.phoneHash] : [],
        ),
      },
      deadLetters: letters.filter((letter) => letter !== null),
      circuits,
    },
  );
}
