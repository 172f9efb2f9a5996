// What calls said, on the activity page in a real browser: by day, when the record cannot be read, and when nothing can be written.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, flawsOf, logIn, openDesk, SOON } from './desk.ts';

const RULES = {
  poll: '1m',
  results: [
    { dispositions: ['Not Interested'], hold: true },
    { dispositions: ['Appointment Set'], tags: ['dialer: appointment'] },
  ],
};
const PHONE = '+13055550147';
const MINUTE_MS = 60_000;

let desk: Desk;
let page: Page;
beforeAll(async () => {
  desk = await openDesk({ CALL_RESULTS: JSON.stringify(RULES) });
  ({ page } = desk);
  await logIn(desk, undefined, '/activity');
});
afterAll(async () => {
  await desk?.close();
  expect(desk?.complaints).toEqual([]);
});

/** As if the cron of two minutes ago had come late: the next poll is due at once. */
const poll = () => desk.pipeline.runCron('* * * * *', new Date(Date.now() - 2 * MINUTE_MS));
const part = () => page.getByRole('region', { name: 'What calls said' });
async function dispose(disposition: string) {
  const [contact] = desk.sandbox.callTools.withPhone(PHONE);
  if (!contact) throw new Error('not in CallTools');
  desk.sandbox.callTools.agentCalls(contact.id, { disposition, force: true });
  await poll();
}

test('before the first poll nothing is claimed', async () => {
  await part().getByText('has not been read to its end yet').waitFor();
  await poll();
  await part().getByText('was last read').waitFor();
  await part().getByText('No call of our contacts was noted in these days.').waitFor();
});

test('each day has its calls by disposition; all are in the table, also those that share a colour', async () => {
  const { callTools, ghl } = desk.sandbox;
  await ghl.addContact({ firstName: 'Dana', phone: PHONE, tags: ['cold lead'] });
  await expect.poll(() => callTools.holds('Cold Leads'), SOON).toEqual([PHONE]);
  for (const disposition of [
    'No Answer',
    'Not Interested',
    'Callback',
    'Callback',
    'Wrong Number',
    'Answering Machine',
  ])
    await dispose(disposition);
  callTools.agentCalls(callTools.addContactByHand({ mobile_phone_number: '+13055550199' }).id, {
    disposition: 'Callback',
  });
  await poll();
  await expect
    .poll(() => part().locator('.legend li').allTextContents(), SOON)
    .toEqual(['Callback 2', 'Answering Machine 1', 'No Answer 1', 'Not Interested 1', 'all others 1']);
  await part().getByText('Calls by disposition: as a table').click();
  expect(await part().getByRole('columnheader').allTextContents()).toEqual([
    'Day (UTC)',
    ...['Callback', 'Answering Machine', 'No Answer', 'Not Interested', 'Wrong Number'],
  ]);
  expect(await part().locator('tbody tr').first().locator('td').allTextContents()).toEqual(['2', '1', '1', '1', '1']);
  await part().getByText('Calls of contacts that are not ours: 1, of them today 1.').waitFor();
});

test('why GoHighLevel takes nothing is said until it does', async () => {
  await dispose('Appointment Set');
  await poll();
  await part()
    .getByText(/^GoHighLevel does not take what follows from calls: .*[^.]\. It waits/)
    .waitFor();
  expect(await flawsOf(page)).toEqual([]);
});

test('a record that cannot be read is told with what that means, until it can', async () => {
  const { callTools, ghl } = desk.sandbox;
  ghl.settings.scopes = [...ghl.settings.scopes, 'contacts.write'];
  await poll();
  await poll();
  await expect.poll(() => part().getByText('GoHighLevel does not take').count(), SOON).toBe(0);
  callTools.faults.plan({
    match: { path: '/api/historicalcalldispositions/' },
    do: { kind: 'status', status: 403, body: { detail: 'You do not have permission to perform this action.' } },
  });
  await poll();
  await part()
    .getByText(/It cannot be read now: GET [^ ]+ [^ ]*403.*[^.]\. It is tried again/)
    .waitFor();
  await part().getByText('is not taken out of the dialer by it; nothing is lost').waitFor();
  expect(await flawsOf(page)).toEqual([]);
  // The home page has it too, while it lasts.
  await page.getByRole('link', { name: 'Home', exact: true }).click();
  await part().getByText('It cannot be read now').waitFor();
  callTools.faults.clear();
  // A poll that failed is tried again after a minute.
  await desk.pipeline.database.prepare('UPDATE call_polls SET due_at = 0').run();
  await poll();
  await expect.poll(() => part().getByText('It cannot be read now').count(), SOON).toBe(0);
});
