// Syncs in a real browser: one is started and watched; what it repaired and for whom, what failed in it, and whether that is fixed.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, flawsOf, logIn, NO_NEW_CONTACT, openDesk } from './desk.ts';

const VIEWER_TOKEN = 'token-of-a-viewer';

let desk: Desk;
let page: Page;
beforeAll(async () => {
  desk = await openDesk({ VIEWER_TOKEN, BACKSTOP_PAGE_SIZE: '1' });
  ({ page } = desk);
  // The contact list shows everybody at once.
  desk.sandbox.ghl.settings.searchLagMs = 0;
  await logIn(desk, undefined, '/syncs');
});
afterAll(async () => {
  await desk?.close();
  expect(desk?.complaints).toEqual([]);
});

let lastFour = 1000;
/** No webhook tells of it. */
const missed = () =>
  desk.sandbox.ghl.addContact(
    { firstName: 'Dana', phone: `+1305555${lastFour++}`, tags: ['cold lead'] },
    { silent: true },
  );
const runs = () => page.getByRole('table', { name: 'Syncs, the newest first' }).locator('tbody').getByRole('row');
const contactsOf = () => page.getByRole('table', { name: 'Contacts that the sync repaired, or that failed' });
const progress = () => page.getByRole('progressbar', { name: 'Progress of the sync' });
const start = () => page.getByRole('button', { name: 'Start a sync now' }).click();

test('before the first one the page says what a sync is for, and when the next one starts', async () => {
  await page.getByText('No sync has run yet').waitFor();
  await page.getByText('The next sync').waitFor();
  expect(await flawsOf(page)).toEqual([]);
});

test('one is started, watched with one estimate, and is over', async () => {
  await missed();
  await missed();
  desk.sandbox.ghl.faults.plan({ match: { path: '/contacts/search' }, times: 4, do: { kind: 'latency', ms: 2_000 } });
  await start();
  await page.getByText('Started.', { exact: true }).waitFor();
  await progress().waitFor();
  expect(await progress().count()).toBe(1);
  expect(await page.getByText(/It will be done|When it will be done is not known yet/).count()).toBe(1);
  await runs().first().getByText('complete', { exact: true }).waitFor();
  await runs().first().getByText('an operator').waitFor();
  await runs().first().getByText('2 missing').waitFor();
  expect(await progress().count()).toBe(0);
});

test('one that is under way is shown without a flaw too', async () => {
  const { database } = desk.pipeline;
  await database.prepare(`UPDATE runs SET state = 'running', total = 100, settled_at = NULL`).run();
  await progress().waitFor();
  expect(await flawsOf(page)).toEqual([]);
  await page.getByRole('link', { name: 'Under way' }).click();
  await page.getByRole('heading', { level: 1, name: 'Sync of' }).waitFor();
  await progress().waitFor();
  expect(await flawsOf(page)).toEqual([]);
  await database.prepare(`UPDATE runs SET state = 'complete', total = seen, settled_at = finished_at`).run();
  await page.getByRole('link', { name: 'All syncs' }).click();
  await runs().first().getByText('complete', { exact: true }).waitFor();
});

test('a sync says whom it repaired, and how each is now', async () => {
  await runs().first().getByRole('link').first().click();
  await page.getByText('It repaired 2 contacts. Nothing failed.').waitFor();
  await contactsOf().waitFor();
  expect(await contactsOf().getByText('put into the dialer: it belongs there and was not').count()).toBe(2);
  expect(await contactsOf().getByText('in the dialer', { exact: true }).count()).toBe(2);
  const link = contactsOf().getByRole('link').first();
  expect(await link.getAttribute('href')).toMatch(/^\/contacts\/\w+$/);
  expect(await flawsOf(page)).toEqual([]);
});

test('what failed in it is named, and said to be fixed once it is', async () => {
  desk.sandbox.callTools.faults.plan(NO_NEW_CONTACT);
  const { id } = await missed();
  await page.getByRole('link', { name: 'All syncs' }).click();
  await start();
  await runs().nth(1).waitFor();
  await runs().first().getByText('complete', { exact: true }).waitFor();
  await runs().first().getByRole('link', { name: '1', exact: true }).click();
  expect(new URL(page.url()).searchParams.get('kind')).toBe('failed');
  await page.getByText('It found nothing to repair. 1 contact failed: none is fixed yet.').waitFor();
  await contactsOf().getByText('could not be done').waitFor();
  expect(await contactsOf().getByRole('link', { name: id, exact: true }).getAttribute('href')).toBe(`/contacts/${id}`);
  expect(await page.getByRole('link', { name: 'See what needs you' }).getAttribute('href')).toBe('/failed');
  expect(await flawsOf(page)).toEqual([]);

  desk.sandbox.callTools.faults.clear();
  const headers = { authorization: `Bearer ${desk.pipeline.adminToken}` };
  const retried = await fetch(`${desk.pipeline.url}/contacts/${id}/retry`, { method: 'POST', headers });
  expect(retried.status).toBe(202);
  await page.getByText('1 contact failed: all are fixed by now.').waitFor();
  await page.getByRole('link', { name: 'all 1' }).click();
  await contactsOf().getByText('fixed, in the dialer').waitFor();
});

test('what became of the order is said: also one that joined, and of several locations those that could not', async () => {
  const runs = [
    { location_id: 'one', joined: false },
    { location_id: 'two', error: 'its key is missing' },
  ];
  await page.getByRole('link', { name: 'Syncs', exact: true }).click();
  for (const [data, text] of [
    [{ joined: true }, 'A sync is under way already.'],
    [{ runs }, 'Started for 1 of 2 locations. Location two: its key is missing'],
  ] as const) {
    await page.route('**/sync/trigger', (route) => route.fulfill({ status: 202, json: { success: true, data } }));
    await start();
    await page.getByText(text, { exact: true }).waitFor();
    await page.unroute('**/sync/trigger');
  }
});

test('a sync that is not known says where to look', async () => {
  await page.goto(`${desk.pipeline.url}/syncs/nothing`);
  await page.getByText('There is no run with this id').waitFor();
  expect(await flawsOf(page)).toEqual([]);
});

test('a viewer sees the same, and cannot start one', async () => {
  await page.getByRole('button', { name: 'Log out' }).click();
  await logIn(desk, VIEWER_TOKEN, '/syncs');
  await runs().first().waitFor();
  expect(await page.getByRole('button', { name: 'Start a sync now' }).count()).toBe(0);
});
