// What calls said, on the dashboard in a real browser: by day, in a contact's story, and when the record cannot be read.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { Pipeline } from '../../scripts/local/pipeline.ts';
import { violationsOf } from './browser.ts';
import { type Desk, openDesk, SOON } from './desk.ts';

const RULES = {
  poll: '1m',
  results: [
    { dispositions: ['Not Interested'], hold: true },
    { dispositions: ['Appointment Set'], tags: ['dialer: appointment'] },
  ],
};
const NAME = 'Dana Calloway';
const PHONE = '+13055550147';
const MINUTE_MS = 60_000;

let desk: Desk;
let pipeline: Pipeline;
let sandbox: Sandbox;
let page: Page;

beforeAll(async () => {
  desk = await openDesk({ CALL_RESULTS: JSON.stringify(RULES) });
  ({ pipeline, sandbox, page } = desk);
  await page.goto(pipeline.url);
  await page.getByLabel('Operator token').fill(pipeline.adminToken);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Now' }).waitFor();
});

afterAll(async () => {
  await desk?.close();
  expect(desk?.complaints).toEqual([]);
});

/** As if the cron of two minutes ago had come late: the next poll is due at once. */
const poll = () => pipeline.runCron('* * * * *', new Date(Date.now() - 2 * MINUTE_MS));
const part = () => page.getByRole('region', { name: 'What calls said' });
const story = () => page.locator('#story');
/** Cells of a table, by row. */
const rowsOf = (table: string) =>
  page.evaluate(
    `[...document.querySelectorAll('${table} tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))`,
  );
async function dispose(disposition: string) {
  const [contact] = sandbox.callTools.withPhone(PHONE);
  if (!contact) throw new Error('not in CallTools');
  sandbox.callTools.agentCalls(contact.id, { disposition, force: true });
  await poll();
}

test('before the first poll nothing is claimed', async () => {
  await part().getByText('has not been read to its end yet').waitFor();
  await poll();
  await part()
    .getByText(/was last read .*\d/)
    .waitFor();
  expect(await part().getByText('No call of our contacts').isVisible()).toBe(true);
});

test('a person who said no is counted and kept out, and its story says so', async () => {
  const { id } = await sandbox.ghl.addContact({
    firstName: 'Dana',
    lastName: 'Calloway',
    phone: PHONE,
    tags: ['cold lead'],
  });
  await page.locator('#contact-id').fill(id);
  await page.keyboard.press('Enter');
  await expect.poll(() => sandbox.callTools.holds('Cold Leads'), SOON).toEqual([PHONE]);
  await dispose('No Answer');
  await dispose('Not Interested');
  await page.getByRole('button', { name: 'Look up' }).click();
  await story().getByText(`${id}: kept out, said no`).waitFor();
  await page.locator('#reasons').getByText('Kept out because of: said no 1.').waitFor();
  await story().getByText('Calls, the newest first').waitFor();
  const calls = [
    [expect.stringMatching(/\d/), 'Not Interested', expect.stringMatching(/^kept out since .*\d/)],
    [expect.stringMatching(/\d/), 'No Answer', 'nothing'],
  ];
  await expect.poll(() => rowsOf('#story .calls'), SOON).toEqual(calls);
});

test('each day has its calls by disposition; all are in the table, also those that share a colour', async () => {
  for (const disposition of ['Callback', 'Callback', 'Wrong Number', 'Answering Machine', 'Appointment Set'])
    await dispose(disposition);
  sandbox.callTools.agentCalls(sandbox.callTools.addContactByHand({ mobile_phone_number: '+13055550199' }).id, {
    disposition: 'Callback',
  });
  await poll();
  await expect
    .poll(() => part().locator('.legend li').allTextContents(), SOON)
    .toEqual(['Callback 2', 'Answering Machine 1', 'Appointment Set 1', 'No Answer 1', 'all others 2']);
  expect(await part().locator('canvas').isVisible()).toBe(true);
  await part().getByText('Calls by disposition: as a table').click();
  expect(await part().getByRole('columnheader').allTextContents()).toEqual([
    'Day (UTC)',
    ...['Callback', 'Answering Machine', 'Appointment Set', 'No Answer', 'Not Interested', 'Wrong Number'],
  ]);
  const days = (await rowsOf('#dispositions')) as string[][];
  expect(days).toHaveLength(14);
  expect(days[0]?.slice(1)).toEqual(['2', '1', '1', '1', '1', '1']);
  await part().getByText('Calls of contacts that are not ours: 1, of them today 1.').waitFor();
});

test('what a call causes to be written is told with how far it is, and why GoHighLevel takes nothing', async () => {
  const unwritten = page.locator('#calls-unwritten');
  await poll();
  await unwritten.getByText(/^GoHighLevel does not take what follows from calls: .*[^.]\. It waits/).waitFor();
  const written = async () =>
    ((await rowsOf('#story .calls')) as string[][]).flatMap(([, said, , text]) =>
      said === 'Appointment Set' || said === 'No Answer' ? [text] : [],
    );
  await expect.poll(written, SOON).toEqual(['tags (waits)', 'nothing']);
  expect(await violationsOf(page)).toEqual([]);
  sandbox.ghl.settings.scopes = [...sandbox.ghl.settings.scopes, 'contacts.write'];
  await poll();
  await expect.poll(written, SOON).toEqual(['tags', 'nothing']);
  await poll();
  await expect.poll(() => unwritten.textContent(), SOON).toBe('');
});

test('axe finds nothing in light, in dark and on a phone, a phone needs no scrolling sideways, and nobody is named', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await violationsOf(page), `${width}, ${colorScheme}`).toEqual([]);
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      expect(wide, `${width}, ${colorScheme}`).toBeLessThanOrEqual(width);
    }
  }
  const shown = (await page.locator('body').textContent()) ?? '';
  for (const secret of [NAME, 'Calloway', PHONE, PHONE.slice(2)]) expect(shown).not.toContain(secret);
});

test('"Place again" releases the hold, and the call says that it is over', async () => {
  await page.getByRole('button', { name: 'Place again' }).click();
  await story().getByText(': placed').waitFor();
  const followed = async () =>
    ((await rowsOf('#story .calls')) as string[][]).find(([, said]) => said === 'Not Interested')?.[2];
  await expect.poll(followed, SOON).toMatch(/^kept out from .*\d.*, released since$/);
  expect(await page.getByRole('button', { name: 'Place again' }).count()).toBe(0);
});

test('a record that cannot be read is told with what that means, until it can', async () => {
  sandbox.callTools.faults.plan({
    match: { path: '/api/historicalcalldispositions/' },
    do: { kind: 'status', status: 403, body: { detail: 'You do not have permission to perform this action.' } },
  });
  await poll();
  await part().getByText('It cannot be read now:').waitFor();
  await part()
    .getByText(/now: GET [^ ]+ [^ ]*403.*[^.]\. It is tried again/)
    .waitFor();
  await part().getByText('is not taken out of the dialer by it; nothing is lost').waitFor();
  expect(await violationsOf(page)).toEqual([]);
  sandbox.callTools.faults.clear();
  // A poll that failed is tried again after a minute.
  await pipeline.database.prepare('UPDATE call_polls SET due_at = 0').run();
  await poll();
  await expect.poll(() => page.locator('#calls-failure').textContent(), SOON).toBe('');
});
