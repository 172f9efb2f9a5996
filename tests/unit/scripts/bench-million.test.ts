// The stage on which the bench plays nights over many locations: its clock, its queues and its vendors.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { installSynchronousCrypto } from '../../../sandbox/synchronous-crypto.ts';
import { LEAD_EVERY } from '../../../scripts/bench/million/account.ts';
import { createStage } from '../../../scripts/bench/million/stage.ts';

const CONTACTS = 1200;
const LEADS = CONTACTS / LEAD_EVERY;
/** One call each, of 200 ms: an empty page ends no list here, because GoHighLevel says how many there are. */
const PAGES = Math.ceil(CONTACTS / 500) + 1;

let asBefore: () => void;
beforeAll(() => {
  asBefore = installSynchronousCrypto();
});
afterAll(() => asBefore());

test('a night places the leads of all locations at the vendors’ pace, and the next one only looks', async () => {
  const sqlite = openSqlite();
  const stage = createStage({ locations: [1, 2], contacts: CONTACTS, database: sqlite.bind(async (act) => act()) });
  const first = await stage.night();
  expect(stage.placed()).toBe(2 * LEADS);
  expect(first).toMatchObject({ pages: 2 * PAGES, ghlCalls: PAGES + LEADS, throttled: 0 });
  // The pages of a location come one after the other.
  expect(first.seconds).toBeGreaterThan(PAGES * 0.2);
  expect(first.seconds).toBeLessThan(60);

  const told: number[] = [];
  const second = await stage.night((pages) => told.push(pages));
  expect(told).toEqual(Array.from({ length: 2 * PAGES }, (_, n) => n + 1));
  // A share of the leads is verified each night.
  expect(second.ghlCalls).toBe(PAGES + Math.ceil(LEADS / 6));
  expect(stage.placed()).toBe(2 * LEADS);
  const [runs] = sqlite.rows(`SELECT count(*) AS n, sum(seen) AS seen FROM runs WHERE state = 'complete'`);
  expect(runs).toEqual({ n: 4, seen: 4 * CONTACTS });
});
