// After a batch: is a vendor as a whole in trouble, or only this contact? A cheap call of its own tells them apart.

import { judge, SUSPICIOUS_FAILURES, type Watch } from './circuit.ts';
import type { Circuit } from './circuit-store.ts';
import { type Failure, toFailure, type Vendor } from './failure.ts';
import type { Vendors } from './vendors.ts';

const VENDORS: Vendor[] = ['gohighlevel', 'calltools'];

/** Notes each failure in passing; several in a row without a success make us ask the vendor how it is. */
export async function examine(failures: Failure[], before: Circuit[], vendors: Vendors): Promise<void> {
  const { watch } = vendors;
  for (const failure of failures) {
    if (failure.kind === 'transient')
      watch.transient.set(failure.vendor, (watch.transient.get(failure.vendor) ?? 0) + 1);
  }
  for (const vendor of VENDORS) {
    const failed = watch.transient.get(vendor) ?? 0;
    const earlier = before.find((circuit) => circuit.vendor === vendor)?.failures ?? 0;
    if (failed === 0 || watch.ok.has(vendor) || watch.stopped.has(vendor)) continue;
    if (earlier + failed >= SUSPICIOUS_FAILURES) await ask(vendor, vendors);
  }
}

async function ask(vendor: Vendor, { watch, ghl, callTools }: Vendors): Promise<void> {
  try {
    await (vendor === 'gohighlevel' ? ghl.search(null, 1) : callTools.probe());
  } catch (thrown) {
    const failure = toFailure(thrown, vendor);
    if (failure.kind !== 'busy') watch.down.set(vendor, failure.error);
  }
}

/** True when the vendor is known to be down: its failures say nothing about a contact. */
export function isDown(vendor: Vendor, before: Circuit[], watch: Watch): boolean {
  const open = before.some((circuit) => circuit.vendor === vendor && circuit.openReason !== null);
  return watch.down.has(vendor) || (open && !watch.ok.has(vendor));
}

/** The circuits that have changed. */
export function judgeAll(before: Circuit[], watch: Watch, now: number): Circuit[] {
  return VENDORS.flatMap((vendor) => {
    const known = before.find((circuit) => circuit.vendor === vendor);
    return judge(vendor, known, watch, now) ?? [];
  });
}
