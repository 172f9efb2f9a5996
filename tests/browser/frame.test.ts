// The dashboard's frame in a real browser: log-in, the pages' addresses, outages, the status in the title, and what a viewer may do.

import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { violationsOf } from './browser.ts';
import { type Desk, logIn, openDesk, SOON } from './desk.ts';

const VIEWER_TOKEN = 'token-of-a-viewer';
const PAGES = ['/', '/contacts', '/contacts/of-nobody', '/failed', '/activity', '/syncs', '/syncs/none', '/rules'];
const ADDRESSES = [...PAGES, '/check-up'];
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({ VIEWER_TOKEN });
});
afterAll(async () => {
  await desk?.close();
  expect(desk?.complaints).toEqual([]);
});

test('a browser gets the page at each address, under a strict policy and without data; other clients get the API', async () => {
  const { pipeline } = desk;
  for (const address of ADDRESSES) {
    const page = await fetch(`${pipeline.url}${address}`, { headers: HTML });
    const policy = page.headers.get('content-security-policy') ?? '';
    expect([address, page.status, page.headers.get('vary')]).toEqual([address, 200, 'accept']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(await page.text()).not.toContain(pipeline.locationId);
    expect([address, (await fetch(`${pipeline.url}${address}`)).status]).toEqual([address, 401]);
  }
});

test('a wrong token shows nothing and says so; the right one is asked for once', async () => {
  const { page, pipeline } = desk;
  await page.goto(pipeline.url);
  for (const wrong of ['no header can hold ☎', 'not the token']) {
    await page.getByLabel('Operator token').fill(wrong);
    await page.keyboard.press('Enter');
    await page.getByText('This token is not accepted.').waitFor();
    expect(await page.getByRole('navigation').count()).toBe(0);
  }
  expect(await violationsOf(page)).toEqual([]);
  await page.getByLabel('Operator token').fill(pipeline.adminToken);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.reload();
  await page.getByRole('link', { name: 'Contacts', exact: true }).waitFor();
});

test('all scripts and styles together are under 60 KB gzipped', async () => {
  const loaded = (await desk.page.evaluate(
    `performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => /\\.(js|css)$/.test(name))`,
  )) as string[];
  expect(loaded.length).toBeGreaterThan(15);
  const texts = await Promise.all(loaded.map(async (url) => (await fetch(url)).text()));
  const bytes = texts.reduce((sum, text) => sum + gzipSync(text).byteLength, 0);
  expect(bytes).toBeLessThan(60_000);
});

test('links change the address and the title without loading the page anew, Back returns, and the focus is at the content', async () => {
  const { page } = desk;
  await page.evaluate('window.kept = true');
  await page.getByRole('link', { name: 'Check-up', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Check-up' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/check-up');
  expect(await page.title()).toContain('Check-up');
  expect(await page.evaluate('document.activeElement.id')).toBe('main');
  expect(await page.getByRole('link', { name: 'Check-up', exact: true }).getAttribute('aria-current')).toBe('page');
  await page.goBack();
  await page.getByRole('link', { name: 'Home', exact: true }).and(page.locator('[aria-current]')).waitFor();
  expect(await page.evaluate('window.kept')).toBe(true);
});

test('an outage is said above the page, and goes when it is over', async () => {
  const { page } = desk;
  const detail = 'The database does not answer.';
  await page.route('**/api/v1/overview*', (route) => route.fulfill({ status: 503, json: { detail } }));
  await page.getByText(`${detail} What is shown may be out of date.`).first().waitFor();
  await page.reload();
  await page.getByText(detail, { exact: true }).first().waitFor();
  await page.unroute('**/api/v1/overview*');
  await expect.poll(() => page.getByText(detail).count(), SOON).toBe(0);
});

test('logging out forgets the token, and a viewer logs in', async () => {
  const { page } = desk;
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByLabel('Operator token').waitFor();
  expect(await page.evaluate('sessionStorage.length')).toBe(0);
  await logIn(desk, VIEWER_TOKEN);
});
