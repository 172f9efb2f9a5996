// The home page in a real browser, on the real local pipeline: what a person reads first, from a fresh start to an outage.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { Pipeline } from '../../scripts/local/pipeline.ts';
import { type Desk, flawsOf, logIn, NO_NEW_CONTACT, openDesk, SOON } from './desk.ts';

const BRAKE = 12;

let desk: Desk;
let pipeline: Pipeline;
let sandbox: Sandbox;
let page: Page;

beforeAll(async () => {
  desk = await openDesk({ BACKSTOP_PAGE_SIZE: '1', MAX_NEW_PLACEMENTS: String(BRAKE) });
  ({ pipeline, sandbox, page } = desk);
});

afterAll(async () => {
  await desk?.close();
  expect(desk?.complaints).toEqual([]);
});

let lastFour = 1000;
function lead(tag = 'cold lead', more: object = {}) {
  return sandbox.ghl.addContact({ firstName: 'Dana', phone: `+1305555${lastFour++}`, tags: [tag], ...more });
}
const now = () => page.getByRole('region', { name: 'How things stand' });
const title = (name: string) => now().getByRole('heading', { level: 1, name }).waitFor();
const tile = (name: string) => page.getByRole('navigation', { name: 'Who is where' }).getByRole('link', { name });
const count = (name: string) => tile(name).locator('b').textContent();
const region = (name: string) => page.getByRole('region', { name, exact: true });
const vendor = (name: string) => region('Both systems').locator(`dt:text-is("${name}") + dd`);

test('a fresh start is being set up: that is no fault, and each step says what to do', async () => {
  await logIn(desk);
  await title('Setting up');
  const steps = region('Setting up').getByRole('listitem');
  expect(await steps.count()).toBe(4);
  expect((await steps.allTextContents()).every((text) => text.includes('To do: '))).toBe(true);
  expect(await steps.nth(3).getByRole('link', { name: 'Start the first sync' }).getAttribute('href')).toBe('/syncs');
  expect(await page.locator('#root').textContent()).not.toMatch(/Degraded|Stopped/);
  expect(await page.title()).not.toMatch(/Degraded|Stopped/);
  await expect(vendor('CallTools').textContent()).resolves.toContain('has not been asked yet');
  expect(await flawsOf(page)).toEqual([]);
});

test('the numbers change by themselves when webhooks come in, lead to their lists, and a zero steps back', async () => {
  await expect.poll(() => count('in the dialer'), SOON).toBe('0');
  expect(await tile('in the dialer').getAttribute('class')).toContain('zero');
  await lead();
  await expect.poll(() => count('in the dialer'), SOON).toBe('1');
  await lead('customer');
  await lead();
  await expect.poll(() => count('in the dialer'), SOON).toBe('2');
  await expect.poll(() => count('kept out'), SOON).toBe('1');
  expect(await tile('in the dialer').getAttribute('class')).not.toContain('zero');
  expect(await tile('kept out').getAttribute('href')).toBe('/contacts?state=kept_out');
  await expect.poll(() => vendor('CallTools').textContent(), SOON).toBe('CallTools works.');
  await expect
    .poll(() => region('Setting up').getByRole('listitem').filter({ hasText: 'Done: ' }).count(), SOON)
    .toBeGreaterThanOrEqual(2);
});

test('how fast it went is told, and the chart has its numbers on hover and as a table', async () => {
  const day = region('The last 24 hours');
  await expect
    .poll(() => day.textContent(), SOON)
    .toMatch(/half within \d+ s, 95 % within \d+ s; 100 % of \d+ webhooks? within the promised 5 s\./);
  const canvas = day.locator('svg');
  const [chart, legend] = await Promise.all([canvas.boundingBox(), day.locator('.legend').boundingBox()]);
  if (!chart || !legend) throw new Error('no chart');
  expect(chart.y + chart.height <= legend.y, 'the chart is above its legend').toBe(true);
  expect(await day.locator('.legend').textContent()).toContain('nothing to do');
  await canvas.scrollIntoViewIfNeeded();
  const box = (await canvas.boundingBox()) ?? chart;
  await page.mouse.move(box.x + box.width - 60, box.y + box.height / 2, { steps: 5 });
  await day
    .locator('.legend li')
    .filter({ hasText: /\d:\d\d/ })
    .waitFor();
  await page.mouse.move(0, 0);
  await day.getByText('as a table').click();
  const thisHour = day.locator('tbody tr').first();
  await expect.poll(() => thisHour.locator('td').first().textContent(), SOON).not.toBe('0');
});

test('a sync is watched from its start to its end, with one estimate, and then all is set up and well', async () => {
  sandbox.ghl.faults.plan({ match: { path: '/contacts/search' }, times: 4, do: { kind: 'latency', ms: 1_500 } });
  const started = await fetch(`${pipeline.url}/sync/trigger`, {
    method: 'POST',
    headers: { authorization: `Bearer ${pipeline.adminToken}` },
  });
  expect(started.status).toBe(202);
  const sync = region('A sync in progress');
  await sync.getByRole('progressbar', { name: /^Progress of the sync/ }).waitFor();
  await sync.getByRole('link', { name: 'See this sync' }).waitFor();
  await sync.waitFor({ state: 'detached' });
  await title('All is well');
  expect(await region('Setting up').count()).toBe(0);
  expect(await flawsOf(page)).toEqual([]);
});

test('fields that CallTools does not take are named with a contact, until that is over', async () => {
  const fields = region('Fields that CallTools does not take');
  expect(await fields.count()).toBe(0);
  const { id } = await lead('cold lead', { email: 'no-address' });
  await fields.getByText('its value was refused for 1 contact, such as').waitFor();
  expect(await fields.getByRole('link', { name: id }).getAttribute('href')).toBe(`/contacts/${id}`);
  await pipeline.database
    .prepare(
      `INSERT INTO field_reports VALUES (?1, 'city', 'absent', ?2, ?2, NULL), (?1, 'state', 'altered', ?2, ?2, NULL)`,
    )
    .bind(pipeline.locationId, Date.now())
    .run();
  await fields.getByText('your CallTools account has no such field').waitFor();
  await fields.getByText('kept otherwise than it was sent, or not at all').waitFor();
  await sandbox.ghl.editContact(id, { email: 'dana@example.com' });
  await pipeline.database.prepare('DELETE FROM field_reports').run();
  await fields.waitFor({ state: 'detached' });
});

test('a failed contact needs you: the number and the button lead to the list', async () => {
  sandbox.callTools.faults.plan(NO_NEW_CONTACT);
  await lead();
  await title('Needs you');
  sandbox.callTools.faults.clear();
  await now().getByText('1 failure waits for a decision.').waitFor();
  expect(await now().getByRole('link', { name: 'See what failed' }).getAttribute('href')).toBe('/failed');
  expect(await count('needs you')).toBe('1');
  expect(await tile('needs you').getAttribute('href')).toBe('/failed');
  expect(await page.title()).toContain('Degraded');
  expect(await page.locator('#root').textContent()).not.toMatch(/npm run|POST \//);
  expect(await flawsOf(page)).toEqual([]);
});

/** The next batch may try the vendor at once. */
const tryAgain = () => pipeline.database.prepare('UPDATE circuits SET probe_at = 0, throttled_until = 0').run();

test('a key that CallTools refuses reads otherwise than an outage of CallTools, and each goes when it is over', async () => {
  const well = () =>
    expect.poll(() => vendor('CallTools').textContent(), { ...SOON, timeout: 60_000 }).toBe('CallTools works.');
  sandbox.callTools.faults.plan({ do: { kind: 'status', status: 401, body: { detail: 'Invalid token.' } } });
  // One refused contact is that contact's trouble. A second one, and a list that is refused too, show that the key is wrong.
  await Promise.all([lead(), lead()]);
  await title('Stopped');
  await now()
    .getByText('CallTools refuses our key. Nobody is put into the dialer or taken out until it is corrected.')
    .waitFor();
  await now().getByText('nothing changes until a person corrects it').waitFor();
  await now().getByText('Invalid token.').waitFor();
  expect(await now().getByRole('link', { name: 'Open the check-up' }).getAttribute('href')).toBe('/check-up');
  expect(await vendor('CallTools').textContent()).toContain('refuses our key');
  expect(await vendor('GoHighLevel').textContent()).toBe('GoHighLevel works.');
  expect(await now().locator('time').first().getAttribute('title')).toMatch(/\d.*(GMT|UTC|[A-Z]{3,4})/);
  expect(await page.title()).toContain('Stopped');
  expect(await flawsOf(page)).toEqual([]);
  sandbox.callTools.faults.clear();
  await tryAgain();
  await lead();
  await well();

  sandbox.callTools.faults.plan({ do: { kind: 'status', status: 503 } });
  for (let n = 0; n < 4; n++) await lead();
  await expect.poll(() => now().textContent(), { ...SOON, timeout: 60_000 }).toContain('CallTools is down.');
  await now().getByText('It is tried again by itself').waitFor();
  expect(await now().getByRole('link', { name: 'Open the check-up' }).count()).toBe(0);
  expect(await now().textContent()).not.toContain('refuses');
  sandbox.callTools.faults.clear();
  await tryAgain();
  await lead();
  await well();
}, 150_000);

test('what the brake holds back is placed after a second question', async () => {
  const held = region('Held back until you confirm');
  while (!(await held.isVisible())) await lead();
  await held.getByText(/new contacts? (is|are) held back since/).waitFor();
  expect(await flawsOf(page)).toEqual([]);
  const before = Number(await count('in the dialer'));
  await held.getByRole('button', { name: /^Place them/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await held.getByRole('button', { name: /^Place them/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Place them' }).click();
  await held.getByText(/read again and placed\./).waitFor();
  await expect.poll(async () => Number(await count('in the dialer')), SOON).toBeGreaterThan(before);
});

test('an outage of the API is said, old numbers stay, and a part that cannot be read says so alone', async () => {
  const detail = 'The database does not answer.';
  await page.route('**/api/v1/history*', (route) => route.fulfill({ status: 503, json: { detail } }));
  await page.reload();
  await region('The last 24 hours').getByText(detail).waitFor();
  expect(await page.getByText('may be out of date').count()).toBe(0);
  await page.route('**/api/v1/overview*', (route) => route.fulfill({ status: 503, json: { detail } }));
  await page.getByText(`${detail} What is shown may be out of date.`).waitFor();
  expect(await count('in the dialer')).not.toBe('0');
  expect(await flawsOf(page)).toEqual([]);
  await page.unroute('**/api/v1/history*');
  await page.unroute('**/api/v1/overview*');
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await expect.poll(() => page.getByText(detail).count(), SOON).toBe(0);
});

test('what calls said has no place where CALL_RESULTS is not set', async () => {
  expect(await region('What calls said').count()).toBe(0);
});
