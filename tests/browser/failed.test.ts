// Needs you in a real browser: failed contacts by reason and error, retried or given up as a group, a selection or one.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { violationsOf } from './browser.ts';
import { type Desk, flawsOf, logIn, NO_NEW_CONTACT, openDesk, SOON } from './desk.ts';

const VIEWER_TOKEN = 'token-of-a-viewer';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({ VIEWER_TOKEN });
});
afterAll(async () => {
  await desk?.close();
  expect(desk?.complaints).toEqual([]);
});

const heading = (name: string | RegExp) => desk.page.getByRole('heading', { name });
const button = (name: string | RegExp) => desk.page.getByRole('button', { name });
const checkbox = (id: string) => desk.page.getByRole('checkbox', { name: `Select contact ${id}` });

let lastFour = 1000;
/** Leads that CallTools refuses, in the order of their ids on the page. */
async function refusedLeads(count: number): Promise<string[]> {
  const { sandbox } = desk;
  sandbox.callTools.faults.plan(NO_NEW_CONTACT);
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    const phone = `+1305555${lastFour++}`;
    ids.push((await sandbox.ghl.addContact({ firstName: 'Dana', phone, tags: ['cold lead'] })).id);
  }
  const waiting = async () => {
    const row = await desk.pipeline.database
      .prepare(
        `SELECT count(*) AS n FROM dead_letters WHERE status = 'waiting' AND contact_id IN (SELECT value FROM json_each(?1))`,
      )
      .bind(JSON.stringify(ids))
      .first<{ n: number }>();
    return row?.n;
  };
  await expect.poll(waiting, SOON).toBe(count);
  return ids;
}

/** The cron ends an order. */
async function untilOrderSays(text: string): Promise<void> {
  const said = desk.page.getByText(text, { exact: true });
  await expect
    .poll(async () => {
      await desk.pipeline.runCron('* * * * *');
      return said.count();
    }, SOON)
    .toBe(1);
}

test('nothing has failed: the page says so', async () => {
  await logIn(desk, undefined, '/failed');
  await desk.page.getByText('Nothing needs you.').waitFor();
  expect(await flawsOf(desk.page)).toEqual([]);
});

test('contacts with one error are one group with what to do, and open into links to their pages', async () => {
  const { page } = desk;
  const ids = await refusedLeads(3);
  await heading('rejected: 3').waitFor();
  await page.getByText('What to do:').waitFor();
  expect(await page.getByText('Ensure this field has no more than').count()).toBe(1);
  await button(/^Show contacts/).click();
  for (const id of ids) {
    const link = page.getByRole('link', { name: id, exact: true });
    await link.waitFor();
    expect(await link.getAttribute('href')).toContain(`/contacts/${id}`);
  }
  await checkbox(ids[0] ?? '').check();
  expect(await flawsOf(page)).toEqual([]);
});

test('a selection is retried by an order, whose result stays over a reload', async () => {
  const { page, sandbox } = desk;
  sandbox.callTools.faults.clear();
  await button(/^Retry 1 selected/).click();
  await untilOrderSays('1 fixed, 0 failed again.');
  await heading('rejected: 2').waitFor();
  await page.reload();
  await page.getByText('1 fixed, 0 failed again.', { exact: true }).waitFor();
  await button('Close').click();
  await expect.poll(() => page.getByText('1 fixed').count(), SOON).toBe(0);
  expect(new URL(page.url()).searchParams.has('order')).toBe(false);
});

test('a group is retried; what fails again is counted, and waits once more', async () => {
  const { page, sandbox } = desk;
  sandbox.callTools.faults.plan({ ...NO_NEW_CONTACT, times: 1 });
  await button(/^Retry all 2 rejected/).click();
  await page.getByRole('progressbar').waitFor();
  await untilOrderSays('1 fixed, 1 failed again.');
  await heading('rejected: 1').waitFor();
  await page.getByRole('link', { name: 'Resolved 2' }).click();
  await heading('rejected: 2').waitFor();
  expect(await button(/^(Retry|Discard)/).count()).toBe(0);
  await page.getByRole('link', { name: /^Waiting/ }).click();
});

test('giving up needs a second click; the contact stays named as failed until it is retried', async () => {
  const { page, sandbox } = desk;
  const discard = button(/^Discard rejected/);
  await discard.click();
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  expect(await violationsOf(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await discard.click();
  await dialog.getByRole('button', { name: 'Discard' }).click();
  await page.getByText(/^1 discarded\. 1 contact stays failed\./).waitFor();
  await heading('Discarded, still failed: 1').waitFor();
  expect(await page.getByText('Nothing needs you.').count()).toBe(0);
  expect(await flawsOf(page)).toEqual([]);
  sandbox.callTools.faults.clear();
  await page.getByRole('link', { name: 'Discarded 1' }).click();
  await button(/^Retry 1 still failed/).click();
  await untilOrderSays('1 fixed, 0 failed again.');
  await page.getByText('Nothing was discarded.').waitFor();
  await page.getByRole('link', { name: 'Waiting' }).click();
  await page.getByText('Nothing needs you.').waitFor();
});

test('one contact is retried or given up by its own buttons, and a viewer has none', async () => {
  const { page, pipeline, sandbox } = desk;
  const [first = '', second = ''] = await refusedLeads(2);
  await button(/^Show contacts/).click();
  await button(`Discard contact ${first}`).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
  await heading('Discarded, still failed: 1').waitFor();
  await page.getByRole('button', { name: 'Log out' }).click();
  await logIn(desk, VIEWER_TOKEN, '/failed');
  await button(/^Show contacts/).click();
  await page.getByRole('link', { name: second, exact: true }).waitFor();
  expect(await button(/^(Retry|Discard)/).count()).toBe(0);
  expect(await page.getByRole('checkbox').count()).toBe(0);
  await page.getByRole('button', { name: 'Log out' }).click();
  await logIn(desk, pipeline.adminToken, '/failed');
  await button(/^Show contacts/).click();
  sandbox.callTools.faults.clear();
  await button(`Retry contact ${second}`).click();
  await untilOrderSays('1 fixed, 0 failed again.');
});

test('10,000 failed contacts are a short page, two clicks and a progress bar', async () => {
  const { page, pipeline } = desk;
  await pipeline.database
    .prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
       INSERT INTO dead_letters (id, location_id, contact_id, reason, error, message, replayable, attempts, received_at, dead_at)
       SELECT 'd-' || i, ?1, 'unknown' || i, 'exhausted', 'PUT /api/contacts/' || i || '/: ' || iif(i % 3, 502, 503), '{}', 1, 5, ?2 - i, ?2 - i FROM n`,
    )
    .bind(pipeline.locationId, Date.now())
    .run();
  await heading(/^exhausted: 10.000$/).waitFor();
  expect(await page.getByText('What to do:').count()).toBe(1);
  const height = () => page.evaluate('document.documentElement.scrollHeight');
  expect(await height()).toBeLessThan(1500);
  await button(/^Show contacts exhausted/)
    .first()
    .click();
  await page.getByRole('link', { name: 'unknown10000', exact: true }).waitFor();
  expect(await height()).toBeLessThan(6000);
  await button(/^Hide contacts/).click();
  await button(/^Retry all 10.000/).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Retry 10.000$/ })
    .click();
  await page.getByRole('progressbar').waitFor();
  await heading(/^Retrying 10.000 contacts$/).waitFor();
  await page.getByText(/to go\.$/).waitFor();
  expect(await flawsOf(page)).toEqual([]);
});
