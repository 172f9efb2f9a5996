// Health of a vendor, as D1 keeps it for all instances.

import type { Vendor } from './failure.ts';

/** A vendor’s circuit. docs/architecture.md has its states and transitions. */
export interface Circuit {
  vendor: Vendor;
  /** Why work waits; null when closed. */
  openReason: string | null;
  /** `refused`: the vendor refuses all calls, so a person must act. `down`: it does not work. Null when closed. */
  openKind: 'refused' | 'down' | null;
  openedAt: number | null;
  /** Epoch ms: the next time that one batch may try while it is open. */
  probeAt: number;
  /** Epoch ms: the vendor asked for no call before this. */
  throttledUntil: number;
  /** Contacts with a transient failure since the last success. */
  failures: number;
  /** Which contacts failed since work last went through: contact ids, for CallTools phone hashes. */
  suspects: string[];
  /**
   * Records that the vendor refused: contact ids, for CallTools phone hashes. 0 while the set-up may be the cause; else since when
   * the record is known to be the cause, epoch ms.
   */
  refused: Record<string, number>;
  /** Contacts that GoHighLevel says it no longer has, unconfirmed, since it last returned a contact. */
  gone: string[];
  /** Opened by work that fails while the vendor answers otherwise: only work that goes through closes it. */
  needsWork: boolean;
}

/** A circuit after a batch. */
export interface CircuitChange extends Circuit {
  /** The batch neither opened nor closed it: a change that another batch made since the claim stays. */
  keeps: boolean;
}
