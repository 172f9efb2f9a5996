// After a batch: is a vendor as a whole in trouble, or only one contact? A cheap extra call decides.

import type { Log } from '../../../shared/log.ts';
import type { Circuit, CircuitChange } from '../domain/circuit.ts';
import { troubleOf } from '../domain/circuit-text.ts';
import { type Failure, toFailure, type Vendor } from '../domain/failure.ts';
import {
  type CallMonitor,
  closed,
  isThrough,
  nextCircuit,
  SUSPECTS,
  SUSPICIOUS_FAILURES,
  suspectsOf,
} from './circuit-breaker.ts';
import type { Vendors } from './clients.ts';
import { type Failed, judgeRefusals } from './refusal.ts';

const VENDORS: Vendor[] = ['gohighlevel', 'calltools'];

/**
 * Judges what failed in a batch. Returns a function that says what each failure means. After several transient failures without a
 * success we call the vendor to see whether it is down. When several different contacts failed in a row, the vendor's work is down,
 * whatever else it answers.
 */
export async function detectOutage(
  seen: readonly Failed[],
  before: Circuit[],
  vendors: Vendors,
  now: number,
): Promise<(failure: Failure) => Failure> {
  const { monitor } = vendors;
  const circuitOf = (vendor: Vendor) => before.find((one) => one.vendor === vendor) ?? closed(vendor);
  const meanings = new Map<Failure, Failure>();
  for (const vendor of VENDORS)
    for (const [failure, meaning] of await judgeRefusals(vendor, seen, circuitOf(vendor), vendors, now))
      meanings.set(failure, meaning);
  const judged = (failure: Failure) => meanings.get(failure) ?? failure;
  const failed = seen.map(({ id, failure }) => ({ id, failure: judged(failure) }));
  for (const { id, failure } of failed) {
    if (failure.kind !== 'transient') continue;
    monitor.transient.set(failure.vendor, (monitor.transient.get(failure.vendor) ?? 0) + 1);
    if (id !== null && !failure.lagging)
      monitor.suspects.set(failure.vendor, new Set([...(monitor.suspects.get(failure.vendor) ?? []), id]));
  }
  for (const vendor of VENDORS) {
    if (!monitor.transient.has(vendor) || monitor.worked.has(vendor) || monitor.stopped.has(vendor)) continue;
    const ofVendor = failed.filter(
      ({ failure }) => failure.kind === 'transient' && failure.vendor === vendor && !failure.lagging,
    );
    await suspect(circuitOf(vendor), ofVendor, vendors);
  }
  return judged;
}

/** No work went through, and something failed. */
async function suspect(circuit: Circuit, failed: Failed[], vendors: Vendors): Promise<void> {
  const { vendor, failures } = circuit;
  const { monitor } = vendors;
  const inARow = failures + (monitor.transient.get(vendor) ?? 0);
  if (!monitor.ok.has(vendor) && inARow >= SUSPICIOUS_FAILURES) await ask(vendor, vendors);
  const last = failed.at(-1);
  if (last && !monitor.down.has(vendor) && suspectsOf(circuit, monitor).length >= SUSPECTS)
    monitor.workDown.set(vendor, `no contact gets through: ${last.failure.error}`);
}

async function ask(vendor: Vendor, { monitor, ghl, callTools }: Vendors): Promise<void> {
  try {
    await (vendor === 'gohighlevel' ? ghl.search(null, 1) : callTools.probe());
  } catch (thrown) {
    const failure = toFailure(thrown, vendor);
    // A list that is refused says nothing about the contacts (refusal.ts).
    if (failure.kind !== 'busy' && failure.kind !== 'refused') monitor.down.set(vendor, failure.error);
  }
}

/** True when the vendor is known to be down: its failures say nothing about a contact. */
export function isDown(vendor: Vendor, before: Circuit[], monitor: CallMonitor): boolean {
  if (monitor.down.has(vendor) || monitor.workDown.has(vendor)) return true;
  const circuit = before.find((one) => one.vendor === vendor);
  return circuit !== undefined && circuit.openReason !== null && !isThrough(circuit, monitor);
}

/** The circuits that have changed. */
export function nextCircuits(before: Circuit[], monitor: CallMonitor, now: number): CircuitChange[] {
  return VENDORS.flatMap((vendor) => {
    const known = before.find((circuit) => circuit.vendor === vendor);
    const after = nextCircuit(vendor, known, monitor, now);
    return after ? { ...after, keeps: after.openReason === (known?.openReason ?? null) } : [];
  });
}

/** Logs which circuits opened and which closed (`ms`: how long it was open). Two batches at once may both log it. */
export function logCircuitChanges(before: Circuit[], changed: Circuit[], log: Log, now: number): void {
  for (const circuit of changed) {
    const { vendor, openReason } = circuit;
    const known = before.find((circuit) => circuit.vendor === vendor) ?? closed(vendor);
    if (openReason !== null && known.openReason === null)
      log('circuit.opened', { vendor, error: openReason, ...wordsOf(circuit, now) });
    if (openReason === null && known.openReason !== null)
      log('circuit.closed', { vendor, ms: now - (known.openedAt ?? now) });
  }
}

/** The same sentences as in the overview and in alerts. */
function wordsOf(circuit: Circuit, now: number) {
  const trouble = troubleOf(circuit, { now });
  return trouble && { kind: trouble.kind, what: trouble.what, todo: trouble.todo };
}
