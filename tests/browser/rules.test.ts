// The rules page in a real browser: what the deployed rules do, and what new ones would.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, flawsOf, logIn, openDesk, SOON } from './desk.ts';

const VIEWER_TOKEN = 'token-of-a-viewer';
const ROUTES = [
  { name: 'customer', words: ['customer'], bucket: null },
  { name: 'warm', tags: ['warm lead'], bucket: 'Warm Leads' },
  { name: 'warm-florida', tags: ['warm lead'], state: ['FL'], bucket: 'Florida' },
];
/** As a person writes them, with a comment. */
const NEW_RULES = `{
  // Everybody with a tag of ours.
  "routes": [
    { "name": "customer", "words": ["customer"], "bucket": "Customers" },
    { "name": "cold", "tags": ["cold lead"], "bucket": "Cold Leads" }
  ]
}`;

let desk: Desk;
let page: Page;
let customer: string;
let warm: string;
beforeAll(async () => {
  desk = await openDesk({ VIEWER_TOKEN, SYNC_RULES: JSON.stringify({ routes: ROUTES }) });
  ({ page } = desk);
  const { ghl } = desk.sandbox;
  const lead = async (n: number, tag: string) =>
    (await ghl.addContact({ firstName: 'Dana', phone: `+1305555014${n}`, tags: [tag] })).id;
  warm = await lead(1, 'warm lead');
  await lead(2, 'warm lead');
  customer = await lead(3, 'past customer');
});
afterAll(async () => {
  await desk?.close();
  // The browser reports what was refused: the contact that there is not, and the faulty rules.
  expect(desk?.complaints.filter((text) => !/status of (404|422)|INTERNET_DISCONNECTED/.test(text))).toEqual([]);
});

const row = (name: string) =>
  page.getByRole('region', { name: 'Routes', exact: true }).locator('tr', { hasText: name });

test('what would the tag "warm lead" do: it is dialed, by which condition of which route', async () => {
  await logIn(desk);
  await page.getByRole('link', { name: 'Rules', exact: true }).click();
  await page.getByLabel('Tags, with commas between them').fill('warm lead');
  await page.getByRole('button', { name: 'Test these tags' }).click();
  await page.getByText('It is dialed. The route warm places it in the bucket Warm Leads.').waitFor();
  await page.getByText('The route warm decides: a tag "warm lead".').waitFor();
  const judged = page.getByRole('region', { name: 'Routes, one by one' }).locator('tbody tr', { hasText: 'customer' });
  await judged.getByText('does not match').waitFor();
  expect(await flawsOf(page)).toEqual([]);
});

test('each route has its conditions in words, its contacts as links, and why it can never match', async () => {
  await page.reload();
  await expect.poll(() => row('customer').textContent(), SOON).toContain('the word "customer" in a tag');
  const placed = page.locator('a[href="/contacts?route=warm&state=placed"]');
  await expect.poll(async () => [await page.reload(), await placed.textContent()][1], SOON).toBe('2');
  await page.getByText('Route "warm-florida" can never match: route "warm", which stands before it').waitFor();
  await row('warm-florida').getByText('never matches').waitFor();
  expect(await page.locator('a[href="/contacts?route=customer&state=kept_out"]').textContent()).toBe('1');
});

test('a contact is tried by its id', async () => {
  await page.getByLabel('Or the id of a contact').fill(customer);
  await page.getByRole('button', { name: 'Test this contact' }).click();
  await page.getByText('It is not dialed. The route customer keeps it out of the dialer.').waitFor();
  await page.locator(`a[href="/contacts/${customer}"]`).waitFor();
  await page.getByLabel('Or the id of a contact').fill('ofNobody');
  await page.getByRole('button', { name: 'Test this contact' }).click();
  await page.getByRole('alert').getByText('GoHighLevel').waitFor();
});

test.each<[string, string, RegExp]>([
  [
    'a comma that is missing',
    NEW_RULES.replace('"Customers" },', '"Customers" }'),
    /^line 5, column 5: a comma is missing/,
  ],
  [
    'a word that is not known',
    NEW_RULES.replace('"tags"', '"tag"'),
    /^line 5, column 23: .*"tag" is not known\. Did you mean tags/,
  ],
])('faulty rules show line and column and what to do: %s', async (_what, rules, fault) => {
  await page.getByLabel('New rules, as they would stand in rules.jsonc').fill(rules);
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByText('These rules have mistakes.').waitFor();
  await expect.poll(() => page.locator('[role="alert"] li').first().textContent(), SOON).toMatch(fault);
});

test('a preview says who comes in, goes out and moves, with examples to look at', async () => {
  await page.getByLabel('New rules, as they would stand in rules.jsonc').fill(NEW_RULES);
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByText('1 contact would come in, 2 go out, 0 move.').waitFor();
  const out = page.getByRole('region', { name: 'Go out' });
  expect(await out.textContent()).toContain('Warm Leads (route warm)');
  await out.locator(`a[href="/contacts/${warm}"]`).waitFor();
  await page.getByRole('region', { name: 'Come in' }).locator(`a[href="/contacts/${customer}"]`).waitFor();
  expect(await flawsOf(page)).toEqual([]);
});

test('a preview that is cut short says so', async () => {
  const progress = `${JSON.stringify({ event: 'progress', contacts: 500, total: 900 })}\n`;
  await page.route('**/api/v1/rules/preview*', (route) => route.fulfill({ body: progress }));
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.getByText('The answer was cut short. Preview again.').waitFor();
  await page.unroute('**/api/v1/rules/preview*');
});

test('rules that cannot be read say what stands still and why', async () => {
  const fault = 'SYNC_RULES: route "a": "tag" is not known.';
  const data = [
    {
      location_id: 'a',
      location_name: null,
      fault,
      from: null,
      opt_out_tags: null,
      routes: [],
      require: [],
      former_routes: [],
    },
  ];
  await page.route('**/api/v1/rules', (route) => route.fulfill({ json: { success: true, data, next: null } }));
  await page.reload();
  await page.getByText('No contact is processed, because the settings cannot be used.').waitFor();
  await page.getByText(fault).waitFor();
  expect(await flawsOf(page)).toEqual([]);
  await page.unroute('**/api/v1/rules');
});

test('what could not be read while the connection was gone is read when it is back', async () => {
  const gone = page.getByRole('main').getByText('The pipeline does not answer.', { exact: true });
  await page.getByRole('link', { name: 'Home', exact: true }).click();
  await page.getByRole('region', { name: 'How things stand' }).waitFor();
  await page.context().setOffline(true);
  await page.getByRole('link', { name: 'Rules', exact: true }).click();
  await gone.waitFor();
  await page.context().setOffline(false);
  await page.getByText('The first route that matches a contact decides.').waitFor();
  expect(await gone.count()).toBe(0);
});

test('a viewer may try rules too', async () => {
  await page.evaluate('sessionStorage.clear()');
  await logIn(desk, VIEWER_TOKEN, '/rules');
  await page.getByLabel('Tags, with commas between them').fill('nothing, of ours');
  await page.getByRole('button', { name: 'Test these tags' }).click();
  await page.getByText('It is not dialed. No route matches.').waitFor();
});
