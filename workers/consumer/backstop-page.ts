// One page of a backstop run: queues the contacts that may differ, then the next page. Unchanged contacts cost no call.

import { callBlocked } from '../../shared/dnd.ts';
import type { BackstopPage } from '../../shared/messages.ts';
import { matchRoute } from '../../shared/rules.ts';
import { sendPage } from './backstop.ts';
import { type Candidate, finishBackstop, queueContacts } from './backstop-finish.ts';
import type { Basis } from './basis.ts';
import { PROBE_EVERY_MS } from './circuit.ts';
import { type Circuit, circuitStatements, saveCircuits } from './circuit-store.ts';
import { toFailure, type Vendor } from './failure.ts';
import type { GhlContact, SearchPage } from './gohighlevel.ts';
import { examine, isDown, judgeAll } from './health.ts';
import { readLabels } from './label-store.ts';
import { heldBack, type Outcome, outcomeOf, waiting } from './outcome.ts';
import { takeTurn } from './pace-store.ts';
import { findRun, finishRun, type Run, searchHashes, turnPage } from './run-store.ts';
import { searchHash } from './search-hash.ts';
import { storedLabels } from './stored-labels.ts';
import { createVendors, type Vendors } from './vendors.ts';

/** Longest time for one page, vendor calls included. */
const WORK_MS = 60_000;
/** Buckets are looked up anew by a run when what we know of them is older than this. */
const LABELS_OLD_MS = 12 * 3_600_000;

const DONE: Outcome = { kind: 'skipped' };

/** Handles a page. `attempts` counts its deliveries. Throws where D1 or the queue fails: the page then comes back. */
export async function handlePage(page: BackstopPage, attempts: number, basis: Basis): Promise<Outcome> {
  const { env, world } = basis;
  const run = await findRun(env.DB, page.runId);
  if (run?.state !== 'running') return DONE;
  if (run.page !== page.page) {
    // Counted already. A redelivery may mean that the next page was never sent.
    if (attempts > 1 && run.page === page.page + 1) await sendPage(run, basis);
    return DONE;
  }
  if (run.page > 0 && run.cursor === null) {
    await finishBackstop(run, basis);
    return DONE;
  }

  const circuits = await readHealth(basis);
  const held = heldBack(circuits.circuits, circuits.probing, world.now());
  if (held) return waiting(held, world.random());
  const vendors = createVendors(basis.settings, world, world.now() + WORK_MS);
  if (run.page === 0) await refreshLabels(vendors, basis);
  const outcome = await turn(run, attempts, circuits.circuits, vendors, basis);
  const changed = judgeAll(circuits.circuits, vendors.watch, world.now());
  if (changed.length > 0) await saveCircuits(env.DB, run.locationId, world.now(), changed).run();
  return outcome;
}

async function turn(run: Run, attempts: number, circuits: Circuit[], vendors: Vendors, basis: Basis): Promise<Outcome> {
  const { world, settings } = basis;
  let found: SearchPage;
  await world.wait(await takeTurn(basis.env.DB, run.locationId, 'gohighlevel', 1, 'bulk', world.now()));
  try {
    found = await vendors.ghl.search(run.cursor, settings.BACKSTOP_PAGE_SIZE);
  } catch (thrown) {
    const failure = toFailure(thrown, 'gohighlevel');
    await examine([failure], circuits, vendors);
    const down = failure.kind === 'transient' && isDown(failure.vendor, circuits, vendors.watch);
    const outcome = outcomeOf(failure, attempts, down, world.random());
    return outcome.kind === 'dead' ? giveUp(run, outcome.error, basis) : outcome;
  }
  const { contacts, total, next } = found;
  const candidates = await mayDiffer(contacts, run, basis);
  await queueContacts(candidates, 'BackstopCompare', basis);

  const repeated = next !== null && JSON.stringify(next) === JSON.stringify(run.cursor);
  const cursor = contacts.length === 0 || repeated ? null : next;
  const ids = [...new Set(contacts.map(({ id }) => id))];
  const count = { total, seen: ids.length, queued: candidates.length, skipped: ids.length - candidates.length };
  if (await turnPage(basis.env.DB, run, cursor, ids, count, world.now())) {
    await sendPage({ ...run, page: run.page + 1, cursor }, basis);
  }
  return DONE;
}

/** Contacts whose row differs from when they were last settled, and unknown ones that a route or do-not-disturb concerns. */
async function mayDiffer(contacts: GhlContact[], run: Run, { env, settings }: Basis): Promise<Candidate[]> {
  const { rules } = settings;
  const known = await searchHashes(
    env.DB,
    run.locationId,
    contacts.map(({ id }) => id),
  );
  const judged = await Promise.all(
    contacts.map(async (contact): Promise<Candidate | null> => {
      const hash = await searchHash(contact, rules);
      const concerns = matchRoute(rules, contact.tags) !== -1 || callBlocked(contact.dnd, contact.dndSettings);
      const differs = known.has(contact.id) ? known.get(contact.id) !== hash : concerns;
      return differs ? { contactId: contact.id, searchHash: hash } : null;
    }),
  );
  const candidates = judged.filter((candidate) => candidate !== null);
  return [...new Map(candidates.map((candidate) => [candidate.contactId, candidate])).values()];
}

async function giveUp(run: Run, error: string, { env, world, log }: Basis): Promise<Outcome> {
  await finishRun(env.DB, run, { state: 'incomplete', vanished: 0, verified: 0, error, now: world.now() });
  log('backstop.incomplete', { runId: run.id, locationId: run.locationId, page: run.page, error });
  return DONE;
}

/** GoHighLevel's circuit only: a page does not need CallTools. */
async function readHealth({ env, world, settings }: Basis): Promise<{ circuits: Circuit[]; probing: Vendor[] }> {
  const now = world.now();
  const { statements, read } = circuitStatements(env.DB, settings.GHL_LOCATION_ID, now, now + PROBE_EVERY_MS);
  const { circuits, probing } = read(await env.DB.batch(statements));
  return { circuits: circuits.filter(({ vendor }) => vendor === 'gohighlevel'), probing };
}

/** A bucket that was deleted in CallTools is noticed here: everyone who was in it is then looked at again. */
async function refreshLabels({ callTools }: Vendors, basis: Basis): Promise<void> {
  const { env, world, settings, log } = basis;
  const rows = await readLabels(env.DB, settings.GHL_LOCATION_ID);
  if (!rows.some(({ updatedAt }) => updatedAt < world.now() - LABELS_OLD_MS)) return;
  try {
    const labels = storedLabels(callTools, [], world.newId(), basis);
    await labels.resolve({ bucket: null, tag: null });
  } catch (thrown) {
    // The run compares contacts all the same; a write that meets a deleted bucket looks it up then.
    log('backstop.labels_unread', { error: toFailure(thrown, 'calltools').error });
  }
}
