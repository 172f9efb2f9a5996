// Slots on real SQL: batches that claim, runs that read pages, and the calls that both may make of it.

import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { claimContacts } from '../../../workers/consumer/store/claim.ts';
import { endPageSlots, reservePageSlot, savePaces } from '../../../workers/consumer/store/rate-limits.ts';
import {
  createRateLimiter,
  type PaceChange,
  type Slots,
  type Urgency,
} from '../../../workers/consumer/vendors/rate-limiter.ts';

export const HERE = 'here';
export const START = 1_795_000_000_000;
export const sqlite = openSqlite();
export const db = sqlite.bind(async (act) => act());
let ids = 0;

/** A fresh database. */
export function stage() {
  sqlite.clear();
  return {
    /** A batch of so many new contacts, with its slots where it gets any. */
    async claim(contacts: number, urgency: Urgency, now: number) {
      const items = Array.from({ length: contacts }, () => ({ id: `c${++ids}`, insert: true, heardAt: null }));
      const lease = { locationId: HERE, token: `t${++ids}`, now, until: now + 60_000, lateMs: 0 };
      const { granted } = await claimContacts(db, lease, items, now + 30_000, urgency);
      return granted;
    },
    change: (changes: Partial<PaceChange>, now: number) => savePaces(db, HERE, now, [changeOf(changes)]).run(),
  };
}

function changeOf(changes: Partial<PaceChange>): PaceChange {
  const none = {
    moveMs: 0,
    endAt: Number.MAX_SAFE_INTEGER,
    notBefore: 0,
    maxCalls: null,
    intervalMs: null,
    learnedRate: null,
    since: START,
  };
  return { vendor: 'calltools', ...none, ...changes };
}

/** Epoch ms of each call that a batch makes as soon as it may. */
export function callsOf(slots: Slots[], vendor: Slots['vendor'], now: number): number[] {
  const granted = slots.find((one) => one.vendor === vendor)?.granted ?? 0;
  const limiter = createRateLimiter(slots, now);
  let at = now;
  return Array.from({ length: granted }, () => {
    at = Math.max(at, limiter.next(vendor, at));
    return at;
  });
}

/** The most calls in any window of this length. */
export function densest(calls: number[], windowMs: number): number {
  const sorted = calls.toSorted((a, b) => a - b);
  return Math.max(0, ...sorted.map((from, i) => sorted.slice(i).filter((at) => at < from + windowMs).length));
}

/** The calls of a run's pages, as time goes on. The next one's slot is taken while a page is on its way; the last one ends them. */
export function pageChain({ from, pages, latencyMs }: { from: number; pages: number; latencyMs: number }) {
  const calls: number[] = [];
  let askAt = START + from;
  return {
    calls,
    async until(now: number) {
      while (calls.length < pages && askAt <= now) {
        const slot = askAt + (await reservePageSlot(db, HERE, askAt));
        askAt = Math.max(slot, (calls.at(-1) ?? 0) + latencyMs);
        calls.push(askAt);
        if (calls.length === pages) await endPageSlots(db, HERE, askAt);
      }
    },
  };
}
