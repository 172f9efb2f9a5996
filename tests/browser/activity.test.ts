// Activity in a real browser: changes appear by themselves and can be held, filters and a dragged range stand in the address.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOUR_MS } from '../../shared/time.ts';
import { type Desk, flawsOf, logIn, openDesk, SOON } from './desk.ts';
import { seedHistory } from './history.ts';

let desk: Desk;
let page: Page;
beforeAll(async () => {
  desk = await openDesk({});
  ({ page } = desk);
  await logIn(desk, undefined, '/activity');
});
afterAll(async () => {
  await desk?.close();
  expect(desk?.complaints).toEqual([]);
});

let lastFour = 1000;
const lead = (tag = 'cold lead') =>
  desk.sandbox.ghl.addContact({ firstName: 'Dana', phone: `+1305555${lastFour++}`, tags: [tag] });
const feed = () => page.getByRole('table', { name: 'Changes, the newest first' });
const entryOf = (id: string) => feed().getByRole('row').filter({ hasText: id });
const filterOf = (name: string) => new URL(page.url()).searchParams.get(name);

test('before anything has happened the page says so', async () => {
  await page.getByText('Nothing has happened yet').waitFor();
  expect(await flawsOf(page)).toEqual([]);
});

test('a change appears by itself, with what became of the contact, why, and what asked for it', async () => {
  const placed = await lead();
  await entryOf(placed.id).getByText('in the dialer', { exact: true }).waitFor();
  await entryOf(placed.id).getByText('A route gives this contact a bucket').waitFor();
  await entryOf(placed.id).getByText('a webhook', { exact: true }).waitFor();
  const customer = await lead('customer');
  await entryOf(customer.id).getByText('kept out', { exact: true }).waitFor();
  expect(await entryOf(customer.id).getByRole('link', { name: customer.id, exact: true }).getAttribute('href')).toBe(
    `/contacts/${customer.id}`,
  );
});

test('while it is paused nothing moves, and how much is new is said', async () => {
  await page.getByRole('button', { name: 'Pause' }).click();
  const { id } = await lead();
  await page.getByText('Paused. 1 new change.').waitFor();
  expect(await entryOf(id).count()).toBe(0);
  await page.getByRole('button', { name: 'Resume' }).click();
  await entryOf(id).waitFor();
  await page.getByText('Live: new changes appear by themselves.').waitFor();
});

test('filters stand in the address, and are there again after it is opened anew', async () => {
  await page.getByLabel('Outcome').selectOption('kept out');
  await expect.poll(() => feed().getByText('in the dialer').count(), SOON).toBe(0);
  await page.getByLabel('Asked for by').selectOption('a webhook');
  expect([filterOf('outcome'), filterOf('source')]).toEqual(['kept_out', 'webhook']);
  await page.reload();
  await feed().getByText('kept out', { exact: true }).waitFor();
  expect(await page.getByLabel('Outcome').inputValue()).toBe('kept_out');
  expect(await feed().getByText('in the dialer').count()).toBe(0);
  await page.getByLabel('Asked for by').selectOption('a call');
  await page.getByText('No change matches these filters').waitFor();
  expect(await flawsOf(page)).toEqual([]);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await feed().getByText('in the dialer').first().waitFor();
  expect(new URL(page.url()).search).toBe('');
});

test('the span of the charts is chosen by links; each chart is there as a table too', async () => {
  await seedHistory(desk.pipeline.database, desk.pipeline.locationId);
  await page.getByRole('link', { name: '14 days' }).click();
  expect(filterOf('span')).toBe('days');
  for (const title of ['How work on contacts ended', 'What asked for it']) {
    await page.getByText(`${title}: as a table`).click();
    const table = page.getByRole('region', { name: title });
    await expect.poll(() => table.getByRole('row').count(), SOON).toBe(15);
  }
  expect(await flawsOf(page)).toEqual([]);
  await page.getByRole('link', { name: '24 hours' }).click();
});

test('a range that is dragged over a chart narrows the list to it', async () => {
  const plot = page.locator('.plot svg').first();
  await plot.scrollIntoViewIfNeeded();
  const box = await plot.boundingBox();
  if (!box) throw new Error('the chart is not drawn');
  const at = (share: number) => [box.x + share * box.width, box.y + box.height / 2] as const;
  await page.mouse.move(...at(0.1));
  await page.mouse.down();
  await page.mouse.move(...at(0.2));
  await page.mouse.move(...at(0.4));
  await page.mouse.up();
  await page.getByText('No change matches these filters').waitFor();
  const [from, to] = ['from', 'to'].map((name) => Date.parse(filterOf(name) ?? ''));
  expect([from, to].map((ms) => (ms ?? 1) % HOUR_MS)).toEqual([0, 0]);
  expect(((to ?? 0) - (from ?? 0)) / HOUR_MS).toBeGreaterThanOrEqual(7);
  expect(((to ?? 0) - (from ?? 0)) / HOUR_MS).toBeLessThanOrEqual(9);
  expect(await page.getByLabel('From', { exact: true }).inputValue()).not.toBe('');
});

test('without a mouse the same is done by buttons and fields', async () => {
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByRole('button', { name: 'Last hour' }).press('Enter');
  await feed().getByText('in the dialer').first().waitFor();
  expect(Date.now() - Date.parse(filterOf('from') ?? '')).toBeLessThan(HOUR_MS + 60_000);
  await page.getByLabel('To', { exact: true }).fill('2020-01-01T00:00');
  await page.getByLabel('To', { exact: true }).press('Tab');
  await page.getByText('No change matches these filters').waitFor();
  expect(filterOf('to')).toMatch(/^20(19|20)-/);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await feed().getByText('in the dialer').first().waitFor();
  expect(await flawsOf(page)).toEqual([]);
});

test('older changes are shown on demand, and the list stands still then', async () => {
  const rows = Array.from({ length: 60 }, (_, n) => [`old${n}`, Date.now() - HOUR_MS - n * 1000]);
  await desk.pipeline.database
    .prepare(
      `INSERT INTO contacts (location_id, contact_id, state, reason, reason_since, created_at, updated_at)
       SELECT ?1, m.value ->> 0, 'kept_out', 'no_route', m.value ->> 1, 0, 0 FROM json_each(?2) m`,
    )
    .bind(desk.pipeline.locationId, JSON.stringify(rows))
    .run();
  await entryOf('old0').waitFor();
  expect(await entryOf('old59').count()).toBe(0);
  await page.getByRole('button', { name: 'Look further back' }).click();
  await entryOf('old59').waitFor();
  await page.getByText('Paused.').waitFor();
  expect(await page.getByRole('button', { name: 'Look further back' }).count()).toBe(0);
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect.poll(() => entryOf('old59').count(), SOON).toBe(0);
});
