// The local run killed in the middle of a burst: what was in its queues is gone, and a backstop brings every contact home.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { endLocalRuns, startLocal } from '../support/local-run.ts';
import { leaksIn } from './clean-logs.ts';

let state: string;
beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'kill-'));
});
afterEach(async () => expect(leaksIn(await endLocalRuns())).toEqual([]));
afterAll(() => rm(state, { recursive: true, force: true }));

interface Contact {
  phone: string;
}
interface Held {
  phones: string[];
  buckets: string[];
}

const get = async <T>(url: string) => (await fetch(url)).json() as Promise<T>;

test('loses no contact once a backstop has run', { timeout: 180_000 }, async () => {
  const before = startLocal(state);
  await before.ready();
  const sandbox = before.row('Sandbox');
  const dialed = async (url: string) =>
    (await get<Held[]>(`${url}/calltools/contacts`)).filter(({ buckets }) => buckets.includes('Cold Leads'));
  let created = 0;
  const burst = Promise.allSettled(
    Array.from({ length: 60 }, async (_, n) => {
      const phone = `+1305555${String(1000 + n)}`;
      const body = JSON.stringify({ phone, tags: ['cold lead'] });
      created += (await fetch(`${sandbox}/ghl/contacts`, { method: 'POST', body })).status === 201 ? 1 : 0;
    }),
  );
  await expect.poll(() => dialed(sandbox), { timeout: 30_000, interval: 10 }).not.toHaveLength(0);
  before.child.kill('SIGKILL');
  await Promise.all([before.ended, burst]);
  expect(created).toBeGreaterThan(0);

  const after = startLocal(state);
  await after.ready();
  const operator = async (method: string, path: string) => {
    const headers = { authorization: `Bearer ${after.row('Admin token')}` };
    return (await fetch(`${after.row('Ingest')}${path}`, { method, headers })).json() as Promise<{ data: Runs }>;
  };
  await operator('POST', '/sync/trigger');
  await expect
    .poll(async () => (await operator('GET', '/sync/runs')).data.runs[0]?.state, { timeout: 60_000, interval: 50 })
    .toBe('complete');

  const url = after.row('Sandbox');
  const wanted = (await get<Contact[]>(`${url}/ghl/contacts`)).map(({ phone }) => phone).sort();
  const held = async () => (await dialed(url)).flatMap(({ phones }) => phones).sort();
  await expect.poll(held, { timeout: 60_000, interval: 50 }).toEqual(wanted);
});

interface Runs {
  runs: { state: string }[];
}
