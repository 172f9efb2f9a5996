// The contacts page in a real browser, on the real local pipeline: somebody is found by what people know of them, and nobody's data is kept.

import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { type Desk, flawsOf, logIn, openDesk, SOON } from './desk.ts';

const CUSTOMER = { firstName: 'Dana', lastName: 'Calloway', phone: '+13055550142', tags: ['past customer'] };
const LEAD = { firstName: 'Dana', lastName: 'Whitfield', phone: '+13055550143', tags: ['cold lead'] };
const REFUSED = { firstName: 'Sam', lastName: 'Okafor', phone: '+13055550144', tags: ['cold lead'] };

let desk: Desk;
let sandbox: Sandbox;
let page: Page;
const ids = { customer: '', lead: '', refused: '' };

beforeAll(async () => {
  desk = await openDesk({});
  ({ sandbox, page } = desk);
  await logIn(desk, undefined, '/contacts');
});
afterAll(async () => {
  await desk?.close();
  // A browser notes each answer that is an error, also the one to a number that cannot be read.
  expect(desk?.complaints.filter((one) => !/status of 400/.test(one))).toEqual([]);
});

const box = () => page.getByRole('searchbox', { name: 'Find a contact' });
async function find(text: string) {
  await box().fill(text);
  await page.keyboard.press('Enter');
}
const rows = () => page.locator('tbody tr');
const chip = (name: RegExp) => page.locator('.chip', { hasText: name });
const search = () => new URL(page.url()).search;
async function open(address = '/contacts') {
  await page.goto(`${desk.pipeline.url}${address}`);
  await page.getByRole('heading', { name: 'Contacts', level: 1 }).waitFor();
}

test('before the first contact the page says what brings one', async () => {
  await page.getByText('No contacts yet').waitFor();
  expect(await flawsOf(page)).toEqual([]);
});

test('contacts appear by themselves, with their reason in words and their page in GoHighLevel', async () => {
  ids.customer = (await sandbox.ghl.addContact(CUSTOMER)).id;
  ids.lead = (await sandbox.ghl.addContact(LEAD)).id;
  await expect.poll(() => sandbox.callTools.holds('Cold Leads'), SOON).toEqual([LEAD.phone]);
  const refusal = { kind: 'status', status: 400, body: { zip_code: ['Too long.'] } } as const;
  sandbox.callTools.faults.plan({ match: { method: 'POST', path: '/api/contacts/' }, do: refusal });
  ids.refused = (await sandbox.ghl.addContact(REFUSED)).id;
  await rows().filter({ hasText: ids.refused }).getByText('A vendor refused the data').waitFor();
  sandbox.callTools.faults.clear();
  const row = rows().filter({ hasText: ids.lead });
  await row.getByText('In the dialer').waitFor();
  const link = row.getByRole('link', { name: 'GoHighLevel' });
  expect(await link.getAttribute('href')).toContain(
    `/v2/location/${desk.pipeline.locationId}/contacts/detail/${ids.lead}`,
  );
  expect(await row.getByRole('button', { name: `Copy ${ids.lead}` }).isVisible()).toBe(true);
  expect(await flawsOf(page)).toEqual([]);
});

test('somebody who types a phone number learns why this person is not called, and the number is in no address', async () => {
  await find('+1 305 555 0142');
  await page
    .getByText('Not called: the route "customer" keeps it out, because of a tag with the word "customer".')
    .waitFor();
  expect(page.url()).toBe(`${desk.pipeline.url}/contacts/${ids.customer}`);
  await page.goBack();
  await box().waitFor();
});

test.each([
  ['a GoHighLevel id', () => ids.lead],
  ['a CallTools id', () => String(sandbox.callTools.withPhone(LEAD.phone)[0]?.id)],
  ['a number without its country code', () => '(305) 555-0143'],
])('by %s the contact is found', async (_, typed) => {
  await open();
  await find(typed());
  await page.getByText('In "Cold Leads" because of tag "cold lead".').waitFor();
});

test('by name all who have it are shown, and by another one nobody, with what that means', async () => {
  await open();
  await find('dana');
  await page.getByText('2 contacts were found by name.').waitFor();
  expect(await rows().count()).toBe(2);
  await find('nobody of this name');
  await page.getByText('GoHighLevel shows no contact whose name has all of these words.').waitFor();
  expect(await flawsOf(page)).toEqual([]);
  await page.getByRole('button', { name: 'Show all contacts' }).click();
  await expect.poll(() => rows().count(), SOON).toBe(3);
});

test('what it is can be said, where the guess would be wrong; a number that cannot be read is refused in words', async () => {
  await page.getByLabel('What you look for').selectOption('phone');
  await find('555');
  await page.getByText('This is no valid phone number').waitFor();
  await page.getByLabel('What you look for').selectOption('');
});

test('filters are in the address: they can be shared, and taken back', async () => {
  await open();
  await chip(/^Kept out 1$/).click();
  await expect.poll(search, SOON).toBe('?state=kept_out');
  await expect.poll(() => rows().count(), SOON).toBe(1);
  await chip(/Kept out by a route/).click();
  await expect.poll(search, SOON).toBe('?state=kept_out&reason=route');
  await page.reload();
  await expect.poll(() => rows().count(), SOON).toBe(1);
  expect(await chip(/^Kept out 1$/).getAttribute('aria-current')).toBe('true');
  await chip(/^Kept out 1$/).click();
  await expect.poll(search, SOON).toBe('');
  await page.getByLabel('Route').selectOption('cold-lead');
  await expect.poll(() => rows().count(), SOON).toBe(2);
  await open('/contacts?state=pending&route=cold-lead');
  await page.getByText('No contact matches these filters').waitFor();
});

test('the list goes on where a page ends, and no row goes when the first page has changed meanwhile', async () => {
  let hasChanged = false;
  await page.route(/\/api\/v1\/contacts(\?|$)/, async (route) => {
    const address = new URL(route.request().url());
    address.searchParams.set('limit', '2');
    const response = await route.fetch({ url: address.href });
    const json = (await response.json()) as { data: unknown[] };
    const isFirst = !address.searchParams.has('cursor');
    hasChanged ||= !isFirst;
    await route.fulfill({ response, json: isFirst && hasChanged ? { ...json, data: json.data.slice(1) } : json });
  });
  await open();
  await expect.poll(() => rows().count(), SOON).toBe(2);
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect.poll(() => rows().count(), SOON).toBe(3);
  expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
  await page.unrouteAll({ behavior: 'wait' });
});

test('the rows that match are saved as a file', async () => {
  await open('/contacts?route=cold-lead');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download as CSV' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^contacts-\d{4}-\d\d-\d\d\.csv$/);
  const text = await readFile(await download.path(), 'utf8');
  const listed = text
    .trim()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(',')[0]);
  expect(listed.toSorted()).toEqual([ids.lead, ids.refused].toSorted());
});

test('while the list is awaited, and where it cannot be read, the page says so', async () => {
  const detail = 'The database does not answer.';
  let answer = () => {};
  const released = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route(/\/api\/v1\/contacts(\?|$)/, async (route) => {
    await released;
    await route.fulfill({ status: 503, json: { detail } });
  });
  await open();
  await page.locator('.loading').waitFor();
  answer();
  await page.getByText(detail).waitFor();
  expect(await flawsOf(page)).toEqual([]);
  expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(1);
  // It looks again by itself, so the button may be gone before anybody presses it.
  await page.unrouteAll({ behavior: 'wait' });
  await expect.poll(() => rows().count(), SOON).toBe(3);
});

test('nobody’s name or number is shown, or kept', async () => {
  const shown = (await page.locator('body').textContent()) ?? '';
  const kept = (await page.evaluate(
    'JSON.stringify([{...localStorage}, {...sessionStorage}, history.state])',
  )) as string;
  for (const secret of ['Dana', 'Calloway', 'Whitfield', 'Okafor', '5550142', '5550143', '555-0143']) {
    expect(shown).not.toContain(secret);
    expect(kept).not.toContain(secret);
  }
});
