// The circuit of a vendor. While it is open, work waits and uses up no attempts.
//
// | from   | to             | when a batch saw                                                                                   |
// |--------|----------------|----------------------------------------------------------------------------------------------------|
// | any    | open (refused) | a set-up failure; or records are refused, and so is a call that concerns none (refusal.ts)            |
// | any    | open (down)    | SUSPICIOUS_FAILURES without a success, and the vendor's health call fails too (outage.ts)            |
// | any    | open (down)    | failures of SUSPECTS different contacts, and no work that went through: only work closes it then     |
// | open   | closed         | a call that was answered; where only work closes it, work that went through                        |
// | open   | open           | failures again: the next batch may try after PROBE_EVERY_MS                                        |
// | any    | same           | a 429: no call before `throttledUntil`                                                             |
//
// The first line that applies counts; a 429 comes after a set-up failure and before all others. Only one batch tries an open circuit
// at a time: it takes `probeAt` in its claim.

import { redact } from '../../../shared/log.ts';
import type { Circuit } from '../domain/circuit.ts';
import { type Failure, type Vendor, VendorError } from '../domain/failure.ts';
import { MAX_RECHECK_MS, PROBE_EVERY_MS, RECHECK_SHARE } from '../domain/retry.ts';
import type { Request } from './call.ts';
import type { Answer, Http } from './http.ts';
import { createRefusals, type Refusals, refusedAfter } from './refusal-log.ts';

/** After this many transient failures in a row, we call the vendor to see whether it is down. */
export const SUSPICIOUS_FAILURES = 5;
/**
 * When this many different contacts (for CallTools: phones) failed and no work went through in between, the vendor's work as a whole is
 * down, whatever else it answers. One or two contacts that always fail cannot look like that.
 */
export const SUSPECTS = 3;
/** After this many failures a batch that tries an open circuit stops: its other contacts would only wait for time-outs. */
const PROBE_FAILURES = 3;

/** What one batch saw of the vendors. */
export interface CallMonitor {
  /** Vendors that answered something sensible. */
  ok: Set<Vendor>;
  /** Vendors with which the work itself went through: GoHighLevel answered for a contact, CallTools took a write. */
  worked: Set<Vendor>;
  /** A failure that each further call of this batch would meet too. */
  stopped: Map<Vendor, Failure>;
  /** How many contacts had a transient failure. */
  transient: Map<Vendor, number>;
  /** Which contacts had one: contact ids, for CallTools phone hashes. */
  suspects: Map<Vendor, Set<string>>;
  /** Vendors whose work fails while they answer otherwise, with what they said. */
  workDown: Map<Vendor, string>;
  /** Vendors whose health call failed, with what they said. */
  down: Map<Vendor, string>;
  /** Vendors that refuse everybody, with what they said. */
  refusing: Map<Vendor, string>;
  /** Refusals, and what explains them. */
  refusals: Refusals;
  /** Contacts that GoHighLevel says it no longer has, which nothing else confirms. */
  gone: Set<string>;
  /** The search shows a contact that GoHighLevel said it did not have: contacts in doubt are read again. */
  doubted: boolean;
  guard(vendor: Vendor): (http: Http) => Http;
}

/**
 * Watches the calls of one batch. A set-up failure or a throttle stops all further calls to that vendor. Where its circuit is open
 * already, so do a few failures in a row. A list that is refused beside records stops them only while no work goes through.
 */
export function createCallMonitor(circuits: readonly Circuit[] = []): CallMonitor {
  const failures = new Map<Vendor, number>();
  const noteFailure = async (vendor: Vendor, request: Request, error: unknown) => {
    if (error instanceof VendorError) noteStop(monitor, vendor, error.failure);
    if (error instanceof VendorError) await monitor.refusals.note(request, error.failure);
    if (request.part) return;
    const refusing = monitor.refusals.refusing(vendor);
    if (refusing !== null && !monitor.worked.has(vendor) && !monitor.stopped.has(vendor))
      monitor.stopped.set(vendor, { kind: 'busy', error: refusing, forMs: PROBE_EVERY_MS });
    const count = (failures.get(vendor) ?? 0) + 1;
    failures.set(vendor, count);
    if (count === PROBE_FAILURES) endProbe(monitor, vendor, circuits);
  };
  const monitor: CallMonitor = {
    ok: new Set(),
    worked: new Set(),
    stopped: new Map(),
    transient: new Map(),
    suspects: new Map(),
    workDown: new Map(),
    down: new Map(),
    refusing: new Map(),
    refusals: createRefusals(),
    gone: new Set(),
    doubted: false,
    guard: (vendor) => (http) => ({
      async call(call) {
        const stopped = monitor.stopped.get(vendor);
        // A withdrawal that has begun goes on, although the try of an open circuit is over.
        if (stopped && !(call.part && stopped.kind === 'busy')) throw new VendorError(stopped);
        if (call.aside) return http.call(call);
        const begunAt = monitor.refusals.begin();
        try {
          const answer = await http.call(call);
          if (!call.part) noteAnswer(monitor, vendor, call, answer);
          monitor.refusals.explain(vendor, call, answer, begunAt);
          return answer;
        } catch (error) {
          await noteFailure(vendor, call, error);
          throw error;
        }
      },
    }),
  };
  return monitor;
}

function noteAnswer({ ok, worked }: CallMonitor, vendor: Vendor, call: Request, answer: Answer): void {
  if (answer.ok || !call.optional) ok.add(vendor);
  if (isWork(vendor, call, answer)) worked.add(vendor);
}

/** A throttle that is answered later does not hide a broken set-up. */
function noteStop({ stopped }: CallMonitor, vendor: Vendor, failure: Failure): void {
  const setUp = failure.kind === 'setup';
  if (setUp || (failure.kind === 'throttled' && stopped.get(vendor)?.kind !== 'setup')) stopped.set(vendor, failure);
}

/** Contacts that were not tried yet only wait. */
function endProbe(monitor: CallMonitor, vendor: Vendor, circuits: readonly Circuit[]): void {
  const circuit = circuits.find((one) => one.vendor === vendor);
  if (!circuit || circuit.openReason === null || isThrough(circuit, monitor) || monitor.stopped.has(vendor)) return;
  monitor.stopped.set(vendor, { kind: 'busy', error: circuit.openReason, forMs: PROBE_EVERY_MS });
}

/** True when the batch saw what closes the circuit. */
export function isThrough({ vendor, needsWork }: Circuit, { ok, worked }: CallMonitor): boolean {
  return (needsWork ? worked : ok).has(vendor);
}

/** Work is to read a contact of GoHighLevel or to write to CallTools. Pages and searches may succeed while work fails. */
function isWork(vendor: Vendor, { method, path }: Request, { ok }: Answer): boolean {
  if (vendor === 'gohighlevel') return ok && method === 'GET' && !path.startsWith('/opportunities/');
  return ok && method !== 'GET';
}

/** The circuit after the batch; null where it has not changed. `now` is epoch ms. */
export function nextCircuit(
  vendor: Vendor,
  before: Circuit | undefined,
  monitor: CallMonitor,
  now: number,
): Circuit | null {
  const known = before ?? closed(vendor);
  const remembering = { ...known, refused: refusedAfter(known, monitor, now), gone: goneAfter(known, monitor) };
  const after = healthAfter(remembering, monitor, now);
  return JSON.stringify(after) === JSON.stringify(known) ? null : after;
}

/** At most SUSPECTS of them: more are not needed. */
function goneAfter({ vendor, gone }: Circuit, monitor: CallMonitor): string[] {
  if (vendor !== 'gohighlevel' || monitor.worked.has(vendor) || monitor.doubted) return [];
  return [...new Set([...gone, ...monitor.gone])].slice(0, SUSPECTS);
}

function healthAfter(circuit: Circuit, monitor: CallMonitor, now: number): Circuit {
  const { vendor } = circuit;
  const stopped = monitor.stopped.get(vendor);
  const down = monitor.down.get(vendor);
  const workDown = monitor.workDown.get(vendor);
  const open = (kind: Circuit['openKind'], reason: string, needsWork = false): Circuit => ({
    ...circuit,
    openReason: redact(reason),
    openKind: kind,
    openedAt: circuit.openedAt ?? now,
    probeAt: now + PROBE_EVERY_MS,
    needsWork,
  });

  if (stopped?.kind === 'setup') return open('refused', stopped.error);
  if (stopped?.kind === 'throttled') return { ...circuit, throttledUntil: now + stopped.retryAfterMs };
  const refusing = monitor.refusing.get(vendor);
  if (refusing !== undefined) return open('refused', refusing);
  if (down !== undefined) return open('down', down);
  if (workDown !== undefined) return open('down', workDown, true);
  if (isThrough(circuit, monitor)) {
    const suspects = monitor.worked.has(vendor) ? [] : suspectsOf(circuit, monitor);
    const well = { openReason: null, openKind: null, openedAt: null, failures: 0, needsWork: false };
    return { ...circuit, ...well, suspects };
  }
  const failed = monitor.transient.get(vendor) ?? 0;
  if (failed === 0 && !monitor.refusals.isOpen(vendor)) return circuit;
  const counted = { ...circuit, failures: circuit.failures + failed, suspects: suspectsOf(circuit, monitor) };
  return circuit.openReason === null
    ? counted
    : { ...counted, ...open(circuit.openKind, circuit.openReason, circuit.needsWork), failures: counted.failures };
}

/** The circuit of a vendor that was never in trouble. */
export function closed(vendor: Vendor): Circuit {
  const never = { openReason: null, openKind: null, openedAt: null, probeAt: 0, throttledUntil: 0, failures: 0 };
  return { vendor, ...never, suspects: [], refused: {}, gone: [], needsWork: false };
}

/** The suspects of earlier batches and of this one; at most SUSPECTS of them. */
export function suspectsOf(circuit: Circuit, { suspects }: CallMonitor): string[] {
  return [...new Set([...circuit.suspects, ...(suspects.get(circuit.vendor) ?? [])])].slice(0, SUSPECTS);
}

/** Why work must not start now. */
export interface Held {
  ms: number;
  why: string;
  /** True where work may start then, as far as we know. False: the circuit is only checked again. */
  passes: boolean;
}

/** Null when work may start. */
export function heldBack(circuits: Circuit[], probing: Vendor[], now: number): Held | null {
  for (const circuit of circuits) {
    if (circuit.throttledUntil > now)
      return { ms: circuit.throttledUntil - now, why: `${circuit.vendor} asked to slow down`, passes: true };
    if (circuit.openReason !== null && !probing.includes(circuit.vendor)) {
      const openMs = now - (circuit.openedAt ?? now);
      const untilProbe = Math.max(1000, circuit.probeAt - now);
      const ms = Math.min(MAX_RECHECK_MS, Math.max(untilProbe, openMs * RECHECK_SHARE));
      return { ms, why: circuit.openReason, passes: false };
    }
  }
  return null;
}
