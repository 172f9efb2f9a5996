// The dashboard in a real browser, on the real local pipeline: what an operator sees and does. DASHBOARD_PICTURES=folder keeps pictures.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { Pipeline } from '../../scripts/local/pipeline.ts';
import { violationsOf } from './browser.ts';
import { type Desk, openDesk, SOON } from './desk.ts';
import { seedHistory } from './history.ts';

const CREATE = { method: 'POST', path: '/api/contacts/' };
const REFUSAL = {
  kind: 'status',
  status: 400,
  body: { zip_code: ['Ensure this field has no more than 10 characters.'] },
} as const;
const PICTURES = process.env.DASHBOARD_PICTURES;

let desk: Desk;
let pipeline: Pipeline;
let sandbox: Sandbox;
let page: Page;

beforeAll(async () => {
  desk = await openDesk({ BACKSTOP_PAGE_SIZE: '1' });
  ({ pipeline, sandbox, page } = desk);
});

afterAll(async () => {
  await desk?.close();
  expect(desk?.complaints).toEqual([]);
});

let lastFour = 1000;
function lead(tag = 'cold lead') {
  return sandbox.ghl.addContact({ firstName: 'Dana', phone: `+1305555${lastFour++}`, tags: [tag] });
}
/** The value of the tile of that name. */
const tile = (name: string) =>
  page
    .locator('#totals > div', { has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }) })
    .locator('dd')
    .textContent();

test('the page and its files are under a strict policy, and hold no data', async () => {
  const answer = await fetch(pipeline.url);
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
  expect(await answer.text()).not.toContain(pipeline.locationId);
});

test('a wrong token shows nothing and says so; the right one is asked for once', async () => {
  await page.goto(pipeline.url);
  await page.getByLabel('Operator token').fill('no header can hold ☎');
  await page.keyboard.press('Enter');
  await page.getByText('This is not the operator token.').waitFor();
  await page.reload();
  await page.getByLabel('Operator token').fill('not the token');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('This is not the operator token.').waitFor();
  expect(await page.locator('#desk').isVisible()).toBe(false);
  expect(await violationsOf(page)).toEqual([]);

  await page.getByLabel('Operator token').fill(pipeline.adminToken);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Now' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Now' }).waitFor();
});

test('an outage is shown where people look: at the form, on an empty page, above old numbers', async () => {
  const detail = 'The database does not answer.';
  await page.route('**/api/v1/overview', (route) => route.fulfill({ status: 503, json: { detail } }));
  const offline = page.locator('#offline');
  await offline.getByText(`${detail} What is shown may be out of date.`, { exact: true }).waitFor();
  await page.reload();
  await offline.getByText(detail, { exact: true }).waitFor();
  await page.evaluate('sessionStorage.clear()');
  await page.reload();
  await page.getByLabel('Operator token').fill(pipeline.adminToken);
  await page.keyboard.press('Enter');
  await page.locator('#login-error').getByText(detail).waitFor();
  expect(await offline.isVisible()).toBe(false);
  await page.unroute('**/api/v1/overview');
  await page.getByRole('heading', { name: 'Now' }).waitFor();
});

test('the numbers change by themselves when a webhook comes in', async () => {
  await expect.poll(() => tile('In the dialer'), SOON).toBe('0');
  await lead();
  await expect.poll(() => tile('In the dialer'), SOON).toBe('1');
  await lead('customer');
  await lead();
  await expect.poll(() => tile('In the dialer'), SOON).toBe('2');
  await expect
    .poll(() => page.locator('#latency-note').textContent(), SOON)
    .toMatch(/^100 % of \d+ webhooks within the promised 5 s/);
  await page.getByText('How work on contacts ended: as a table').click();
  const thisHour = page.locator('#outcomes tbody tr').first();
  await expect.poll(() => thisHour.locator('td').first().textContent(), SOON).not.toBe('0');
  const [chart, legend] = await Promise.all(
    ['#outcomes canvas', '#outcomes .legend'].map((what) => page.locator(what).boundingBox()),
  );
  expect(chart && legend && chart.y + chart.height <= legend.y, 'the chart is above its legend').toBe(true);
  expect(await page.locator('#outcomes .legend').textContent()).toContain('nothing to do');
});

test('a dead letter says why, tells its contact’s story, and is replayed', async () => {
  sandbox.callTools.faults.plan({ match: CREATE, do: REFUSAL });
  const { id } = await lead();
  const letter = page.locator('#letters > li', { hasText: id });
  await letter.getByText('zip_code').waitFor();
  expect(await page.locator('#status').textContent()).toBe('Degraded');

  await letter.getByRole('button', { name: `contact ${id}`, exact: true }).click();
  await page.locator('#story').getByText('It could not be brought into line').waitFor();
  sandbox.callTools.faults.clear();
  await letter.getByRole('button', { name: 'Replay' }).click();
  await letter.waitFor({ state: 'detached' });
  await page.locator('#letters-note').getByText('Replayed').waitFor();
  await expect.poll(() => tile('In the dialer'), SOON).toBe('3');
  await page.locator('#story').getByText(`${id}: placed`).waitFor();
});

test('a contact that was taken out in CallTools is placed again by a button of its story', async () => {
  const { id, phone } = await lead();
  await expect.poll(() => tile('In the dialer'), SOON).toBe('4');
  const [held] = sandbox.callTools.withPhone(phone);
  if (!held) throw new Error('not in CallTools');
  sandbox.callTools.call(held.id, { disposition: 'Not interested' });
  sandbox.callTools.takeOutByHand(held.id);
  await sandbox.ghl.editContact(id, { firstName: 'Renamed' });
  await page.locator('#contact-id').fill(id);
  await page.keyboard.press('Enter');
  await page.locator('#story').getByText(`${id}: kept out, taken out in calltools`).waitFor();
  expect(await violationsOf(page)).toEqual([]);
  await page.getByRole('button', { name: 'Place again' }).click();
  await page.locator('#story').getByText(`${id}: placed`).waitFor();
  expect(await page.getByRole('button', { name: 'Place again' }).count()).toBe(0);
  expect(sandbox.callTools.contacts().find((one) => one.id === held.id)?.buckets).toEqual(['Cold Leads']);
});

test('a dead letter is discarded only after a second question', async () => {
  sandbox.callTools.faults.plan({ match: CREATE, do: REFUSAL });
  const { id } = await lead();
  const letter = page.locator('#letters > li', { hasText: id });
  const discard = letter.getByRole('button', { name: 'Discard' });
  await discard.click();
  await page.getByRole('dialog').waitFor();
  expect(await violationsOf(page)).toEqual([]);
  await page.keyboard.press('Escape');
  expect(await letter.isVisible()).toBe(true);
  await discard.focus();
  const later = await lead();
  await page.locator('#letters > li', { hasText: later.id }).waitFor();
  expect(await page.locator(':focus').getAttribute('aria-label')).toBe(`Discard contact ${id}`);
  await discard.click();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
  await letter.waitFor({ state: 'detached' });
  await page.locator('#letters-note').getByText(`Still failed: 1 (${id} rejected)`).waitFor();
  sandbox.callTools.faults.clear();
});

test('a contact whose letter was discarded is named until it is retried from its story', async () => {
  sandbox.callTools.faults.plan({ match: CREATE, do: REFUSAL });
  const { id } = await lead();
  const letter = page.locator('#letters > li', { hasText: id });
  await letter.getByRole('button', { name: `contact ${id}`, exact: true }).click();
  await letter.getByRole('button', { name: 'Discard' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
  await letter.waitFor({ state: 'detached' });
  await page.locator('#causes').getByText(`${id} rejected`).waitFor();
  sandbox.callTools.faults.clear();
  await page.getByRole('button', { name: `Retry contact ${id}` }).click();
  await page.locator('#story').getByText('The contact is read again').waitFor();
  await page.locator('#story').getByText(`${id}: placed`).waitFor();
  await expect.poll(() => page.locator('#causes').getByText(`${id} rejected`).count(), SOON).toBe(0);
  expect(await page.getByRole('button', { name: `Retry contact ${id}` }).count()).toBe(0);
});

test('a run is watched from its start to its end', async () => {
  sandbox.ghl.faults.plan({ match: { path: '/contacts/search' }, times: 4, do: { kind: 'latency', ms: 1_000 } });
  await page.getByRole('button', { name: 'Start a run now' }).click();
  const run = page.locator('#runs > li').first();
  await run.getByRole('progressbar').waitFor();
  await run.getByText('complete', { exact: true }).waitFor();
  await expect.poll(() => run.textContent(), SOON).toContain('8 of 8 contacts seen');
});

test('of several locations, starting a run names those that could not', async () => {
  const runs = [
    { location_id: 'one', joined: false },
    { location_id: 'two', error: 'its key is missing' },
  ];
  await page.route('**/sync/trigger', (route) =>
    route.fulfill({ status: 202, json: { success: true, data: { runs } } }),
  );
  await page.getByRole('button', { name: 'Start a run now' }).click();
  const told = 'Started for 1 of 2 locations. Location two: its key is missing';
  await page.locator('#runs-note').getByText(told, { exact: true }).waitFor();
  await page.unroute('**/sync/trigger');
});

test('fields that CallTools does not take are named, at a glance and in the contact’s story, until that is over', async () => {
  const reasons = page.locator('#reasons');
  expect(await reasons.getByText('CallTools').count()).toBe(0);
  const { id } = await sandbox.ghl.addContact({ phone: '+13055551999', email: 'no-address', tags: ['cold lead'] });
  const refused = `whose value CallTools refused: personal_email_address (1, such as contact ${id}).`;
  await reasons.getByText(refused).waitFor();
  await pipeline.database
    .prepare(
      `INSERT INTO field_reports VALUES (?1, 'city', 'absent', ?2, ?2, NULL), (?1, 'state', 'altered', ?2, ?2, NULL)`,
    )
    .bind(pipeline.locationId, Date.now())
    .run();
  await reasons.getByText('Not fields of your CallTools account, so these values are lost: city.').waitFor();
  await reasons.getByText('Kept by CallTools otherwise than sent, or not at all: state.').waitFor();
  await page.locator('#contact-id').fill(id);
  await page.keyboard.press('Enter');
  await page.locator('#story').getByText('Placed without', { exact: true }).waitFor();
  await sandbox.ghl.editContact(id, { email: 'dana@example.com' });
  await pipeline.database.prepare('DELETE FROM field_reports').run();
  await expect.poll(() => reasons.getByText('CallTools').count(), SOON).toBe(0);
  await expect.poll(() => page.locator('#story').getByText('Placed without', { exact: true }).count(), SOON).toBe(0);
});

test('what calls said has no place where CALL_RESULTS is not set', async () => {
  expect(await page.locator('#calls').isVisible()).toBe(false);
  expect(await page.getByText('What calls said').isVisible()).toBe(false);
  expect(await page.locator('#story').getByText('Calls, the newest first').count()).toBe(0);
});

test('axe finds nothing in light, in dark and on a phone, and a phone needs no scrolling sideways', async () => {
  sandbox.callTools.faults.plan({ match: CREATE, do: REFUSAL });
  await lead();
  await lead();
  await expect.poll(() => page.locator('#letters > li').count(), SOON).toBeGreaterThan(1);
  if (PICTURES) await seedHistory(pipeline.database, pipeline.locationId);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [name, width] of [
      ['desk', 1280],
      ['phone', 390],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      if (PICTURES) await takePicture(`dashboard-${name}-${colorScheme}`);
      expect(await violationsOf(page), `${name}, ${colorScheme}`).toEqual([]);
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      expect(wide, `${name}, ${colorScheme}`).toBeLessThanOrEqual(width);
    }
  }
});

test('logging out forgets the token', async () => {
  await page.getByRole('button', { name: 'Log out' }).click();
  expect(await page.locator('#desk').isVisible()).toBe(false);
  await page.reload();
  await page.getByLabel('Operator token').waitFor();
});

/** The ones that README and docs/dashboard.md show. */
const SHOWN = ['dashboard-desk-light', 'dashboard-phone-dark'];

async function takePicture(name: string): Promise<void> {
  if (!SHOWN.includes(name)) return;
  await page.reload();
  await page.locator('#outcomes canvas').waitFor();
  await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: name.includes('desk') });
}
