// Every page with the data of an ordinary business, as README and docs/dashboard.md show it: no flaw at any width, in light and dark.

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Desk, flawsOf, logIn, NO_NEW_CONTACT, openDesk, SOON } from './desk.ts';
import { seedHistory } from './history.ts';

const CALL_RESULTS = JSON.stringify({ poll: '1m', results: [{ dispositions: ['Not Interested'], hold: true }] });
const MINUTE_MS = 60_000;

let desk: Desk;
/** A contact that said no in a call. */
let called = '';
let run = '';

beforeAll(async () => {
  desk = await openDesk({ CALL_RESULTS });
  const { pipeline, sandbox, page } = desk;
  const { ghl, callTools } = sandbox;
  ghl.settings.searchLagMs = 0;
  let lastFour = 1000;
  const lead = (tag: string) =>
    ghl.addContact({ firstName: 'Dana', phone: `+1305555${lastFour++}`, tags: [tag] }).then(({ id }) => id);
  const leads = await Promise.all(Array.from({ length: 14 }, () => lead('cold lead')));
  await Promise.all([lead('customer'), lead('customer'), lead('customer')]);
  called = leads[0] ?? '';
  await vi.waitUntil(() => callTools.holds('Cold Leads').length === 14, SOON);
  const poll = () => pipeline.runCron('* * * * *', new Date(Date.now() - 2 * MINUTE_MS));
  await poll();
  const [first] = callTools.withPhone('+13055551000');
  callTools.agentCalls(first?.id ?? 0, { disposition: 'Not Interested', force: true });
  await poll();
  await logIn(desk);
  await page.getByRole('link', { name: 'Syncs', exact: true }).click();
  await page.getByRole('button', { name: 'Start a sync now' }).click();
  await page.getByRole('cell', { name: 'complete' }).first().waitFor();
  callTools.faults.plan(NO_NEW_CONTACT);
  await Promise.all(Array.from({ length: 5 }, () => lead('cold lead')));
  const letters = () => pipeline.database.prepare('SELECT count(*) AS n FROM dead_letters').first<{ n: number }>();
  await vi.waitUntil(async () => (await letters())?.n === 5, SOON);
  callTools.faults.clear();
  await seedHistory(pipeline.database, pipeline.locationId);
  run = (await pipeline.database.prepare('SELECT id FROM runs').first<{ id: string }>())?.id ?? '';
});
afterAll(async () => {
  await desk?.close();
  expect(desk?.complaints).toEqual([]);
});

test.each([
  ['home', () => '/', 'Needs you'],
  ['contacts', () => '/contacts?state=kept_out', 'customer'],
  ['contact', () => `/contacts/${called}`, 'Not Interested'],
  ['failed', () => '/failed', 'zip_code'],
  ['activity', () => '/activity', 'cold-lead'],
  ['syncs', () => '/syncs', 'complete'],
  ['sync', () => `/syncs/${run}`, 'complete'],
  ['rules', () => '/rules', 'Cold Leads'],
  ['check-up', () => '/check-up', 'Settings'],
])('%s', async (name, address, text) => {
  const { page, pipeline } = desk;
  await page.goto(`${pipeline.url}${address()}`);
  await page.locator('main').getByText(text).locator('visible=true').first().waitFor();
  await expect.poll(() => page.locator('.loading').count(), SOON).toBe(0);
  expect(await flawsOf(page, `dashboard-${name}`)).toEqual([]);
});
