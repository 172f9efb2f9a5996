// The circuit: when a vendor is down or our set-up is wrong, work waits, nobody's attempts are used up, and a probe finds the end.

import { redact } from '../../shared/log.ts';
import type { Circuit } from './circuit-store.ts';
import { type Failure, type Vendor, VendorError } from './failure.ts';
import type { Http } from './vendor-http.ts';

/** Failures in passing without a success in between, after which the vendor's health is asked for. */
export const SUSPICIOUS_FAILURES = 5;
/** One batch may try this often while a circuit is open. */
export const PROBE_EVERY_MS = 30_000;

/** What one batch saw of the vendors. */
export interface Watch {
  /** Vendors that answered something sensible. */
  ok: Set<Vendor>;
  /** A failure that every further call of this batch would meet too. */
  stopped: Map<Vendor, Failure>;
  /** Contacts that failed in passing. */
  transient: Map<Vendor, number>;
  /** Vendors whose own health call failed. */
  down: Map<Vendor, string>;
  guard(vendor: Vendor): (http: Http) => Http;
}

/** Watches the calls of one batch. After a set-up failure or a throttle no further call goes to that vendor. */
export function createWatch(): Watch {
  const watch: Watch = {
    ok: new Set(),
    stopped: new Map(),
    transient: new Map(),
    down: new Map(),
    guard: (vendor) => (http) => ({
      async call(call) {
        const stopped = watch.stopped.get(vendor);
        if (stopped) throw new VendorError(stopped);
        try {
          const answer = await http.call(call);
          watch.ok.add(vendor);
          return answer;
        } catch (error) {
          const failure = error instanceof VendorError ? error.failure : null;
          const known = watch.stopped.get(vendor)?.kind;
          if (failure?.kind === 'setup' || (failure?.kind === 'throttled' && known !== 'setup'))
            watch.stopped.set(vendor, failure);
          throw error;
        }
      },
    }),
  };
  return watch;
}

/** The circuit after the batch, or null where nothing about it has changed. */
export function judge(vendor: Vendor, before: Circuit | undefined, watch: Watch, now: number): Circuit | null {
  const circuit = before ?? { vendor, openReason: null, openedAt: null, probeAt: 0, throttledUntil: 0, failures: 0 };
  const stopped = watch.stopped.get(vendor);
  const down = watch.down.get(vendor);
  const open = (reason: string): Circuit => ({
    ...circuit,
    openReason: redact(reason),
    openedAt: circuit.openedAt ?? now,
    probeAt: now + PROBE_EVERY_MS,
  });

  if (stopped?.kind === 'setup') return open(stopped.error);
  if (stopped?.kind === 'throttled') return { ...circuit, throttledUntil: now + stopped.retryAfterMs };
  if (down !== undefined) return open(down);
  if (watch.ok.has(vendor)) {
    const untouched = circuit.openReason === null && circuit.failures === 0;
    return untouched ? null : { ...circuit, openReason: null, openedAt: null, failures: 0 };
  }
  const failed = watch.transient.get(vendor) ?? 0;
  if (failed === 0) return null;
  const counted = { ...circuit, failures: circuit.failures + failed };
  return circuit.openReason === null ? counted : { ...open(circuit.openReason), failures: counted.failures };
}
