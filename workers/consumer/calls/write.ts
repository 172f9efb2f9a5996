// One batch of writes to GoHighLevel: claimed, paced and guarded like reads, each with an end of its own.

import type { CallWrite, WriteStep } from '../../../shared/messages.ts';
import type { LocationContext } from '../config/context.ts';
import type { World } from '../config/env.ts';
import type { Circuit } from '../domain/circuit.ts';
import type { Vendor } from '../domain/failure.ts';
import { type Outcome, waiting } from '../domain/outcome.ts';
import { PROBE_EVERY_MS } from '../domain/retry.ts';
import {
  claimWrites,
  endWrites,
  noteTags,
  type StoredWrite,
  storedWrites,
  takeBack,
  type WriteLease,
} from '../store/calls/writes.ts';
import { circuitStatements, saveCircuits } from '../store/circuits.ts';
import { callSlots, type Granted, PATIENCE_MS, savePaces } from '../store/rate-limits.ts';
import { type Held, heldBack } from '../vendors/circuit-breaker.ts';
import { createVendors } from '../vendors/clients.ts';
import { detectOutage, isDown, logCircuitChanges, nextCircuits } from '../vendors/outage.ts';
import { createRateLimiter } from '../vendors/rate-limiter.ts';
import { carryOut, type Job, type WriteDelivery } from './carry-out.ts';
import { endStatements, logEnd, settle } from './write-end.ts';

/** Calls of one write. */
const CALLS: Record<WriteStep, number> = { tags: 1, dnd: 2, workflow: 1, note: 1 };
/** No call runs longer after the first slot; a call that was given up may take effect later, so the lease is longer. */
const WORK_MS = 40_000;
const LEASE_MARGIN_MS = 15_000;
/** A batch waits this long, without its leases, for a slot to come near (as sync/claim.ts does, and for its reasons). */
const HOLD_MS = 30_000;
/** Tries to note what was written, and the pause between the first two; all within the lease's margin. */
const NOTE_TRIES = 4;
const NOTE_PAUSE_MS = 1500;
const BUSY: Outcome = { kind: 'busy', delaySeconds: 5, error: 'another batch writes this' };
const SKIPPED: Outcome = { kind: 'skipped' };

/** The outcome of each message, in their order; all are of one location. Throws where D1 fails: the messages then come back. */
export async function writeResults(deliveries: readonly WriteDelivery[], context: LocationContext): Promise<Outcome[]> {
  const { env, world, settings, shared } = context;
  const bodies = deliveries.map(({ body }) => body);
  // Without CALL_RESULTS nothing is written; what is left waits until it is set again.
  if (settings.calls === null) {
    await takeBack(env.DB, settings.GHL_LOCATION_ID, bodies, world.now());
    return deliveries.map(() => SKIPPED);
  }
  const giveUpAt = world.now() + (shared ? 0 : HOLD_MS);
  for (;;) {
    const claimed = await claim(bodies, context);
    const { jobs, idle } = sorted(deliveries, claimed.stored);
    const { circuits, probing, granted } = claimed;
    const held = heldBack(circuits, probing, world.now()) ?? tooEarly(granted);
    const endsOf = (ended: readonly Outcome[]) => {
      const outcomes = new Map(jobs.map(({ delivery }, index) => [delivery, ended[index] ?? BUSY]));
      return deliveries.map((delivery) => outcomes.get(delivery) ?? idle.get(delivery) ?? BUSY);
    };
    if (held === null) return endsOf(await writeAll(jobs, claimed, context));
    await endWrites(env.DB, claimed.lease, jobs.map(keepOf), world.now()).run();
    if (jobs.length === 0 || !held.passes || world.now() + held.ms > giveUpAt)
      return endsOf(jobs.map(() => waiting(held, world.random())));
    await world.wait(held.ms);
  }
}

/** What this batch has to do. A write that is over, or that a copy asks for, needs nothing more. */
function sorted(deliveries: readonly WriteDelivery[], stored: readonly StoredWrite[]) {
  const jobs: Job[] = [];
  const idle = new Map<WriteDelivery, Outcome>();
  for (const delivery of deliveries) {
    const { body } = delivery;
    const row = stored.find(({ rowId, step }) => rowId === body.rowId && step === body.step);
    const isOver = row === undefined || row.state === 'done' || row.state === 'dropped';
    if (isOver || jobs.some((job) => job.stored === row)) idle.set(delivery, SKIPPED);
    else if (row.mine) jobs.push({ delivery, stored: row });
    else idle.set(delivery, BUSY);
  }
  return { jobs, idle };
}

function tooEarly({ waitMs }: Granted): Held | null {
  const ms = waitMs - PATIENCE_MS;
  return ms > 0 ? { ms: ms + 1000, why: 'the vendors’ limits are used up', passes: true } : null;
}

/** Its lease is returned, and nothing else changes. */
const keepOf = ({ stored: { rowId, step, state } }: Job) => ({ rowId, step, state });

interface Claimed {
  lease: WriteLease;
  stored: StoredWrite[];
  circuits: Circuit[];
  probing: Vendor[];
  granted: Granted;
}

/** One round trip. */
async function claim(bodies: readonly CallWrite[], { env, world, settings }: LocationContext): Promise<Claimed> {
  const now = world.now();
  const locationId = settings.GHL_LOCATION_ID;
  const lease = { locationId, token: world.newId(), now, until: now + PATIENCE_MS + WORK_MS + LEASE_MARGIN_MS };
  const calls = bodies.reduce((sum, { step }) => sum + CALLS[step], 0);
  const slots = callSlots(env.DB, locationId, now, calls);
  const health = circuitStatements(env.DB, locationId, now, now + PROBE_EVERY_MS, ['gohighlevel']);
  const results = await env.DB.batch([
    ...claimWrites(env.DB, lease, bodies),
    ...slots.statements,
    ...health.statements,
  ]);
  const { circuits, probing } = health.read(results.slice(4, 6));
  return {
    lease,
    stored: storedWrites(results[1], lease.token),
    circuits: circuits.filter(({ vendor }) => vendor === 'gohighlevel'),
    probing,
    granted: slots.read([results[2]]),
  };
}

/** Writes, judges and keeps; resolves to the outcome of each job. */
async function writeAll(
  jobs: readonly Job[],
  { lease, circuits, granted }: Pick<Claimed, 'lease' | 'circuits' | 'granted'>,
  context: LocationContext,
): Promise<Outcome[]> {
  const { env, world, settings, log } = context;
  const limiter = createRateLimiter(granted.slots, lease.now);
  const vendors = createVendors(settings, world, lease.now + granted.waitMs + WORK_MS, { limiter, circuits });
  // First, so that the webhooks of these tags cost no read, and end no hold.
  const tagged = jobs.flatMap(({ delivery: { body } }) => (body.step === 'tags' ? [body.contactId] : []));
  if (tagged.length > 0) await noteTags(env.DB, lease.locationId, tagged, world.now()).run();
  const tried = await carryOut(jobs, vendors.ghl, settings);
  const failed = tried.flatMap(({ job, end }) =>
    end.kind === 'failed' ? [{ id: job.delivery.body.contactId, failure: end.failure }] : [],
  );
  const judged = await detectOutage(failed, circuits, vendors, world.now());
  const down = isDown('gohighlevel', circuits, vendors.monitor);
  const ends = tried.map((one) => settle(one, { judged, down }, world));
  const now = world.now();
  const changed = nextCircuits(circuits, vendors.monitor, now);
  const paces = limiter.changes((vendor) => vendors.monitor.stopped.get(vendor)?.kind === 'throttled', now);
  const statements = [
    ...(await endStatements(env.DB, lease, ends, now)),
    ...(changed.length > 0 ? [saveCircuits(env.DB, lease.locationId, now, changed)] : []),
    ...(paces.length > 0 ? [savePaces(env.DB, lease.locationId, now, paces)] : []),
  ];
  await keep(() => env.DB.batch(statements), world);
  logCircuitChanges(circuits, changed, log, now);
  for (const one of ends) logEnd(one, context);
  return ends.map(({ outcome }) => outcome);
}

/** What is not noted would be written again, so D1 is asked more than once. Throws where it fails each time. */
async function keep(note: () => Promise<unknown>, { wait }: Pick<World, 'wait'>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return void (await note());
    } catch (thrown) {
      if (tries === NOTE_TRIES) throw thrown;
    }
    await wait(tries * NOTE_PAUSE_MS);
  }
}
