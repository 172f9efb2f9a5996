// What calls said, on the home page in a real browser: by day, and when the record cannot be read.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { Pipeline } from '../../scripts/local/pipeline.ts';
import { violationsOf } from './browser.ts';
import { type Desk, flawsOf, logIn, openDesk, SOON } from './desk.ts';

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
  await logIn(desk);
});

afterAll(async () => {
  await desk?.close();
  expect(desk?.complaints).toEqual([]);
});

/** As if the cron of two minutes ago had come late: the next poll is due at once. */
const poll = () => pipeline.runCron('* * * * *', new Date(Date.now() - 2 * MINUTE_MS));
const part = () => page.getByRole('region', { name: 'What calls said', exact: true });
async function dispose(disposition: string) {
  const [contact] = sandbox.callTools.withPhone(PHONE);
  if (!contact) throw new Error('not in CallTools');
  sandbox.callTools.agentCalls(contact.id, { disposition, force: true });
  await poll();
}

test('before the first poll nothing is claimed', async () => {
  await part().getByText('has not been read to its end yet').waitFor();
  await poll();
  await part().getByText('was last read').locator('time').waitFor();
  expect(await part().getByText('No call of our contacts').isVisible()).toBe(true);
});

test('each day has its calls by disposition; all are in the table, also those that share a colour', async () => {
  await sandbox.ghl.addContact({ firstName: 'Dana', lastName: 'Calloway', phone: PHONE, tags: ['cold lead'] });
  await expect.poll(() => sandbox.callTools.holds('Cold Leads'), SOON).toEqual([PHONE]);
  const said = ['No Answer', 'Not Interested', 'Callback', 'Callback', 'Wrong Number', 'Answering Machine'];
  for (const disposition of [...said, 'Appointment Set']) await dispose(disposition);
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
  const days = part().locator('tbody tr');
  expect(await days.count()).toBe(14);
  expect(await days.first().locator('td').allTextContents()).toEqual(['2', '1', '1', '1', '1', '1']);
  await part().getByText('Calls of contacts that are not ours: 1, of them today 1.').waitFor();
});

test('why GoHighLevel takes nothing of what follows is told, until it does', async () => {
  const unwritten = part().getByText(/^GoHighLevel does not take what follows from calls: .*[^.]\. It waits/);
  await poll();
  await unwritten.waitFor();
  expect(await violationsOf(page)).toEqual([]);
  sandbox.ghl.settings.scopes = [...sandbox.ghl.settings.scopes, 'contacts.write'];
  await poll();
  await poll();
  await unwritten.waitFor({ state: 'detached' });
});

test('it is clean in light and dark at each width, and nobody is named', async () => {
  expect(await flawsOf(page)).toEqual([]);
  const shown = (await page.locator('body').textContent()) ?? '';
  for (const secret of [NAME, 'Calloway', PHONE, PHONE.slice(2)]) expect(shown).not.toContain(secret);
});

test('a record that cannot be read is told with what that means, until it can', async () => {
  sandbox.callTools.faults.plan({
    match: { path: '/api/historicalcalldispositions/' },
    do: { kind: 'status', status: 403, body: { detail: 'You do not have permission to perform this action.' } },
  });
  await poll();
  const failure = part().getByText(/It cannot be read now: GET [^ ]+ [^ ]*403.*[^.]\. It is tried again/);
  await failure.waitFor();
  await part().getByText('is not taken out of the dialer by it; nothing is lost').waitFor();
  expect(await violationsOf(page)).toEqual([]);
  sandbox.callTools.faults.clear();
  // A poll that failed is tried again after a minute.
  await pipeline.database.prepare('UPDATE call_polls SET due_at = 0').run();
  await poll();
  await failure.waitFor({ state: 'detached' });
});
