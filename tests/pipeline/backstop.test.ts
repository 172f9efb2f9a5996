// The nightly backstop: whatever webhook was lost, the dialer ends up as the rules say, and unchanged contacts cost nothing.

import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LocatedRun } from '../../shared/api/status.ts';
import { type Pipeline, SOON, startPipeline, tonight } from './harness.ts';

let pipeline: Pipeline;
beforeEach(async () => {
  pipeline = await startPipeline({ vars: { BACKSTOP_PAGE_SIZE: '3' }, ghlSettings: { searchLagMs: 0 } });
});
afterEach(() => pipeline.close());

const SILENT = { silent: true };
const holds = () => pipeline.sandbox.callTools.holds('Cold Leads');
const phoneOf = (n: number) => `+1305555${String(100 + n).padStart(4, '0')}`;
const latest = async () => (await pipeline.operator<{ runs: LocatedRun[] }>('GET', '/sync/runs')).data.runs[0];

/** Cold leads whose webhooks were all lost. */
async function lostLeads(count: number) {
  const { ghl } = pipeline.sandbox;
  const numbers = Array.from({ length: count }, (_, n) => phoneOf(n));
  for (const phone of numbers) await ghl.addContact({ phone, tags: ['cold lead'] }, SILENT);
  return numbers;
}

async function backstop() {
  expect((await pipeline.operator('POST', '/sync/trigger')).status).toBe(202);
  await expect.poll(latest, SOON).toMatchObject({ state: 'complete' });
  await pipeline.idle();
  return latest();
}

test('contacts whose webhooks were lost are placed, page by page', async () => {
  const numbers = await lostLeads(8);
  await pipeline.sandbox.ghl.addContact({ phone: phoneOf(50), tags: ['newsletter'] }, SILENT);
  expect(await backstop()).toMatchObject({ seen: 9, queued: 8, skipped: 1, total: 9, started_by: 'trigger' });
  expect(holds()).toEqual(numbers);
});

test('a second run over unchanged contacts makes no call to CallTools and reads no contact', async () => {
  await lostLeads(4);
  await backstop();
  const { callTools, ghl } = pipeline.sandbox;
  const before = [callTools.calls.count(), ghl.calls.count({ method: 'GET' })];
  expect(await backstop()).toMatchObject({ seen: 4, queued: 0, skipped: 4 });
  expect([callTools.calls.count(), ghl.calls.count({ method: 'GET' })]).toEqual(before);
});

test('lost withdrawals take effect: a customer, a removed tag, a deletion', async () => {
  await lostLeads(4);
  await backstop();
  const { ghl } = pipeline.sandbox;
  const [first, second, third, fourth] = ghl.contacts();
  await ghl.editContact(first?.id ?? '', { tags: ['cold lead', 'customer'] }, SILENT);
  await ghl.editContact(second?.id ?? '', { tags: [] }, SILENT);
  await ghl.deleteContact(third?.id ?? '', SILENT);
  expect(await backstop()).toMatchObject({ seen: 3, queued: 2, vanished: 1 });
  expect(holds()).toEqual([fourth?.phone]);
});

test('a run that saw fewer contacts than there are infers no deletion', async () => {
  const numbers = await lostLeads(3);
  await backstop();
  pipeline.sandbox.ghl.faults.plan({
    match: { method: 'POST', path: '/contacts/search' },
    do: { kind: 'status', status: 200, body: { contacts: [], total: 3 } },
  });
  await pipeline.operator('POST', '/sync/trigger');
  await expect.poll(latest, SOON).toMatchObject({ state: 'incomplete', seen: 0, vanished: 0 });
  await pipeline.idle();
  expect(holds()).toEqual(numbers);
});

test('the nightly cron starts a run, and a second trigger joins the running one', async () => {
  await lostLeads(1);
  pipeline.sandbox.ghl.faults.latency = 1500;
  await pipeline.cron(tonight());
  const joined = await pipeline.operator('POST', '/sync/trigger');
  expect(joined).toMatchObject({ status: 202, data: { joined: true, run: { started_by: 'cron', state: 'running' } } });
  await expect.poll(latest, SOON).toMatchObject({ state: 'complete', seen: 1 });
  expect((await pipeline.operator<{ runs: LocatedRun[] }>('GET', '/sync/runs')).data.runs).toHaveLength(1);
});

test('a new rule reaches contacts that have not changed', async () => {
  await lostLeads(2);
  await backstop();
  const rules = { routes: [{ name: 'lead', tags: ['cold lead'], bucket: 'Spring' }] };
  await pipeline.configure({ SYNC_RULES: JSON.stringify(rules) });
  expect(await backstop()).toMatchObject({ queued: 2 });
  await expect.poll(() => pipeline.sandbox.callTools.holds('Spring'), SOON).toHaveLength(2);
});
