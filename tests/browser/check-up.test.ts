// The check-up page in a real browser: what is wrong, what follows from it, what to do; settings, a test alert, and what was done.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Desk, flawsOf, logIn, openDesk } from './desk.ts';

const VIEWER_TOKEN = 'token-of-a-viewer';
const WRONG_KEY = { kind: 'status', status: 401, body: { detail: 'Invalid token.' } } as const;

let desk: Desk;
let page: Page;
let channel: Server;
/** What the address for alerts has received. */
const texts: string[] = [];
let channelAnswers = 200;

beforeAll(async () => {
  channel = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    texts.push((JSON.parse(body) as { text: string }).text);
    response.writeHead(channelAnswers).end();
  });
  await new Promise<void>((resolve) => channel.listen(0, '127.0.0.1', resolve));
  const { port } = channel.address() as AddressInfo;
  desk = await openDesk({ VIEWER_TOKEN, ALERT_WEBHOOK_URL: `http://127.0.0.1:${port}/secret-path` });
  ({ page } = desk);
});
beforeEach(() => desk.sandbox.callTools.faults.clear());
afterAll(async () => {
  await desk?.close();
  channel?.close();
  expect(desk?.complaints).toEqual([]);
});

const finding = (code: string) => page.locator('.checks > li', { has: page.locator(`> p code:text-is("${code}")`) });
const again = async () => {
  const answered = page.waitForResponse('**/api/v1/doctor*');
  await page.getByRole('button', { name: 'Check again' }).click();
  await answered;
  await page.getByRole('button', { name: 'Check again' }).waitFor();
};

test('the check-up runs when the page opens, and looks right', async () => {
  await logIn(desk, undefined, '/check-up');
  await page.getByText(/^Checked /).waitFor();
  expect(await flawsOf(page)).toEqual([]);
});

test('is CallTools down or is our key wrong: the key is, what follows stands under it, and what to do', async () => {
  desk.sandbox.callTools.faults.plan({ do: WRONG_KEY });
  const { database, locationId } = desk.pipeline;
  await database
    .prepare(
      `INSERT INTO circuits (location_id, vendor, open_reason, opened_at, updated_at) VALUES (?1, 'calltools', '401: Invalid token.', ?2, ?2)
       ON CONFLICT DO UPDATE SET open_reason = excluded.open_reason, opened_at = excluded.opened_at`,
    )
    .bind(locationId, Date.now())
    .run();
  await again();
  const key = finding('calltools-token');
  expect(await page.locator('.checks > li').first().textContent()).toMatch(/^Failed.*calltools-token/s);
  expect(await key.textContent()).toMatch(/What to do: .*create a new key/s);
  expect(await key.locator('.checks').textContent()).toContain('circuits');
  expect(await finding('calltools-host').count()).toBe(0);
  expect(await flawsOf(page)).toEqual([]);
});

test('is CallTools down or is our key wrong: CallTools is down, and nothing needs to be done', async () => {
  desk.sandbox.callTools.faults.plan({ do: { kind: 'status', status: 503 } });
  await again();
  expect(await page.locator('.checks > li').first().textContent()).toMatch(
    /calltools-host.*CallTools is down: work waits/s,
  );
  expect(await finding('calltools-token').count()).toBe(0);
});

test('settings are shown as they are in force, and no secret', async () => {
  const settings = page.getByRole('region', { name: /^Settings of/ });
  const value = (name: string) =>
    settings
      .locator('tr', { has: page.locator(`code:text-is("${name}")`) })
      .locator('td')
      .nth(1);
  expect(await value('BACKSTOP_AT').textContent()).toBe('02:00 UTC (default)');
  expect(await value('CALLTOOLS_API_KEY').textContent()).toBe('set');
  expect(await value('ALERT_WEBHOOK_URL').textContent()).toBe('set');
  expect(await value('MAX_NEW_PLACEMENTS').textContent()).toBe('not set');
  expect(await page.locator('main').textContent()).not.toContain('secret-path');
});

test('a test alert arrives, or says why not, and is on the list of what was done', async () => {
  await page.getByRole('button', { name: 'Send a test alert' }).click();
  await page.getByText('The address has accepted the test alert.').waitFor();
  expect(texts.filter((text) => text.includes('TEST: This is a test alert.'))).toHaveLength(1);
  channelAnswers = 404;
  await page.getByRole('button', { name: 'Send a test alert' }).click();
  await page.getByText('The test alert did not arrive: it answered 404.').waitFor();
  channelAnswers = 200;
  await page.reload();
  const done = page.getByRole('region', { name: 'Actions, the newest first' });
  await done.getByText('Sent a test alert').first().waitFor();
  expect(await flawsOf(page)).toEqual([]);
});

test('a doctor that does not answer says so, and is asked again', async () => {
  await page.route('**/api/v1/doctor*', (route) => route.fulfill({ status: 503, json: { detail: 'Not now.' } }));
  await page.reload();
  await page.getByRole('alert').getByText('Not now.').waitFor();
  await page.unroute('**/api/v1/doctor*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText(/^Checked /).waitFor();
});

test('a viewer sees the checks, and no button that acts', async () => {
  await page.evaluate('sessionStorage.clear()');
  await logIn(desk, VIEWER_TOKEN, '/check-up');
  await page.getByText(/^Checked /).waitFor();
  await page.getByRole('region', { name: /^Settings of/ }).waitFor();
  expect(await page.getByRole('button', { name: 'Send a test alert' }).count()).toBe(0);
});
