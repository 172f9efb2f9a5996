// One deployment, two locations: each goes by its own rules into its own dialer, and the trouble of one is not the other's.

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { type Pipeline, startPipeline } from '../../scripts/local/pipeline.ts';
import type { LocatedRun, Overview } from '../../shared/api/status.ts';
import { leaksIn } from './clean-logs.ts';
import { SOON } from './harness.ts';

const RULES = { routes: [{ name: 'warm', tags: ['warm'], bucket: 'Warm Leads' }] };
const KEYS = { GHL_API_KEY_SECOND: 'pit-of-second', CALLTOOLS_API_KEY_SECOND: 'calltools-of-second' };

let pipeline: Pipeline;
let first: Sandbox;
let second: Sandbox;
const lines: string[] = [];

beforeAll(async () => {
  pipeline = await startPipeline({
    env: {
      GHL_LOCATION_ID: 'firstLocation',
      LOCATIONS: JSON.stringify({ secondLocation: { name: 'Second', secrets: 'SECOND', SYNC_RULES: RULES } }),
      ...KEYS,
    },
    log: (line) => lines.push(line),
  });
  [first, second] = ['firstLocation', 'secondLocation'].map((id) => pipeline.sandboxes.get(id)) as [Sandbox, Sandbox];
});

afterAll(async () => {
  await pipeline.close();
  expect(leaksIn(lines), 'log lines with personal data or a secret').toEqual([]);
  expect(lines.filter((line) => line.includes('of-second'))).toEqual([]);
});

/** What a vendor that throttles asks for; a lead is placed in 2 s as a rule, and later beside other tests. */
const THROTTLED_SECONDS = 10;
/** A call without an answer is given up then: VENDOR_TIMEOUT_MS. */
const GIVEN_UP_MS = 10_000;

let lastFour = 100;
async function lead({ ghl }: Sandbox, tag: string): Promise<string> {
  const phone = `+1305555${String(lastFour++).padStart(4, '0')}`;
  await ghl.addContact({ firstName: 'Dana', phone, tags: [tag] });
  return phone;
}
const holds = ({ callTools }: Sandbox, bucket: string, phone: string) =>
  expect.poll(() => callTools.holds(bucket).includes(phone), SOON).toBe(true);

async function operator<T>(path: string, method = 'GET'): Promise<T> {
  const headers = { authorization: `Bearer ${pipeline.adminToken}` };
  return ((await (await fetch(`${pipeline.url}${path}`, { method, headers })).json()) as { data: T }).data;
}

test('a webhook of each places its contact by its own rules in its own dialer', async () => {
  const [cold, warm] = [await lead(first, 'cold lead'), await lead(second, 'warm')];
  await holds(first, 'Cold Leads', cold);
  await holds(second, 'Warm Leads', warm);
  const elsewhere = await lead(second, 'cold lead');
  expect(await operator('/sync/trigger', 'POST')).toMatchObject({
    runs: [
      { location_id: 'firstLocation', joined: false },
      { location_id: 'secondLocation', joined: false },
    ],
  });
  const states = async () =>
    (await operator<{ runs: LocatedRun[] }>('/sync/runs')).runs.map((run) => [run.location_id, run.state]).sort();
  await expect.poll(states, SOON).toEqual([
    ['firstLocation', 'complete'],
    ['secondLocation', 'complete'],
  ]);
  const everywhere = [first, second].flatMap(({ callTools }) => callTools.contacts());
  expect(everywhere.flatMap(({ phones }) => phones).sort()).toEqual([cold, warm].sort());
  expect(everywhere.flatMap(({ phones }) => phones)).not.toContain(elsewhere);
});

/** A lead of the second location, from webhook to dialer, with the calls to GoHighLevel and CallTools: as a rule a read; a look-up and a POST. */
async function placeSecond(): Promise<{ phone: string; ms: number; calls: number[] }> {
  const calls = () => [second.ghl.calls.count(), second.callTools.calls.count()];
  const before = calls();
  const startedAt = performance.now();
  const phone = await lead(second, 'warm');
  await holds(second, 'Warm Leads', phone);
  const ms = performance.now() - startedAt;
  return { phone, ms, calls: calls().map((count, index) => count - (before[index] ?? 0)) };
}

test.each([
  { vendor: 'ghl', circuit: 'gohighlevel', name: 'GoHighLevel' },
  { vendor: 'callTools', circuit: 'calltools', name: 'CallTools' },
] as const)(
  '429s from the $name of one slow down that one alone, and cost it no attempt',
  async ({ vendor, circuit }) => {
    await placeSecond(); // the bucket is known from then on
    const logged = lines.length;
    const { faults } = first[vendor];
    faults.plan({ times: 1_000, do: { kind: 'throttle', seconds: THROTTLED_SECONDS } });
    const throttled = await lead(first, 'cold lead');
    const health = async () =>
      (await operator<Overview['totals']>('/sync/stats?location=firstLocation')).circuits[circuit];
    await expect.poll(health, SOON).toMatchObject({ throttled_until: expect.any(String) });

    // The first location is known to be throttled, and what comes at once is in one batch.
    const [placed, ...more] = await Promise.all([
      placeSecond(),
      ...Array.from({ length: 3 }, () => lead(first, 'cold lead')),
    ]);
    expect(placed.calls).toEqual([1, 2]);
    expect(placed.ms).toBeLessThan(THROTTLED_SECONDS * 1000);
    expect(first.callTools.holds('Cold Leads')).not.toContain(throttled);

    faults.clear();
    for (const phone of [throttled, ...more]) await holds(first, 'Cold Leads', phone);
    // Each retry of a contact that counts as an attempt is a line of the log.
    expect(lines.slice(logged).filter((line) => line.includes('contact.retry'))).toEqual([]);
    await expect
      .poll(() => operator('/sync/stats?location=firstLocation'), SOON)
      .toMatchObject({ dead_letters: 0, failed: 0, pending: 0 });
  },
);

test('while the vendor of one hangs, a contact of the other in the same batch is placed all the same', async () => {
  // One batch is under way at a time here: what comes while one waits for GoHighLevel is in the next, together.
  const before = second.ghl.calls.count();
  second.ghl.faults.plan({ times: 1, do: { kind: 'latency', ms: 3_000 } });
  const gate = await lead(second, 'warm');
  await expect.poll(() => second.ghl.calls.count(), SOON).toBeGreaterThan(before);
  const { faults, calls } = first.callTools;
  faults.plan({ times: 1_000, do: { kind: 'hang' } });
  const [phone] = await Promise.all([
    lead(second, 'warm'),
    ...Array.from({ length: 6 }, () => lead(first, 'cold lead')),
  ]);
  const hanging = () => calls.list().filter(({ fault }) => fault === 'hang');
  await holds(second, 'Warm Leads', gate);
  await holds(second, 'Warm Leads', phone);
  const placedAt = Date.now();
  await expect.poll(hanging, SOON).not.toEqual([]);
  // Nobody has waited for the end of such a call.
  expect(placedAt - (hanging()[0]?.at ?? 0)).toBeLessThan(GIVEN_UP_MS);
  faults.clear();
});

test('a token that is revoked stops its location alone, and the totals show which', async () => {
  const revoked = { kind: 'status', status: 401, body: { detail: 'Invalid token.' } } as const;
  first.callTools.faults.plan({ times: 1_000, do: revoked });
  await lead(first, 'cold lead');
  const stats = () => operator('/sync/stats');
  await expect.poll(stats, SOON).toMatchObject({
    location_id: null,
    circuits: { calltools: { state: 'open' } },
    locations: [
      { location_id: 'firstLocation', circuits: { calltools: { state: 'open' } } },
      { location_id: 'secondLocation', name: 'Second', circuits: { calltools: { state: 'closed' } } },
    ],
  });
  const ofSecond = () => operator<Overview['totals']>('/sync/stats?location=secondLocation');
  const { synced } = await ofSecond();
  await holds(second, 'Warm Leads', await lead(second, 'warm'));
  await expect.poll(ofSecond, SOON).toMatchObject({ synced: synced + 1, pending: 0 });
});
