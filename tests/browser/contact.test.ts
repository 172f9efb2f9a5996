// The page of one contact in a real browser, on the real local pipeline: why it is called or not, what happened, and what can be done.

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { type Desk, flawsOf, logIn, openDesk, SOON } from './desk.ts';

const VIEWER_TOKEN = 'token-of-a-viewer';
const CALL_RESULTS = JSON.stringify({ poll: '1m', results: [{ dispositions: ['Not Interested'], hold: true }] });
const CALLTOOLS_CONTACT_URL = 'https://calltools.example.com/contact/{id}';
const PHONE = '+13055550147';
const MINUTE_MS = 60_000;

let desk: Desk;
let sandbox: Sandbox;
let page: Page;
/** The contact that most tests are about. */
let dana = '';

beforeAll(async () => {
  desk = await openDesk({ VIEWER_TOKEN, CALL_RESULTS, CALLTOOLS_CONTACT_URL });
  ({ sandbox, page } = desk);
  await logIn(desk, undefined, '/contacts');
});
afterAll(async () => {
  await desk?.close();
  // A browser notes each answer that is an error, also the one about a contact that is not known.
  expect(desk?.complaints.filter((one) => !/status of 404/.test(one))).toEqual([]);
});

let lastFour = 2000;
function lead(changes: object = {}) {
  const phone = `+1305555${lastFour++}`;
  return sandbox.ghl.addContact({ firstName: 'Dana', lastName: 'Calloway', phone, tags: ['cold lead'], ...changes });
}
async function open(id: string) {
  await page.goto(`${desk.pipeline.url}/contacts/${id}`);
  await page.getByRole('button', { name: `Copy ${id}` }).waitFor();
}
const sentence = () => page.locator('.sentence').textContent();
const region = (name: string) => page.getByRole('region', { name, exact: true });
const button = (name: string) => page.getByRole('button', { name });
const steps = () => page.locator('.timeline .step').allTextContents();
/** As if the cron of two minutes ago had come late: the next poll of calls is due at once. */
const poll = () => desk.pipeline.runCron('* * * * *', new Date(Date.now() - 2 * MINUTE_MS));
const PLACED = 'In "Cold Leads" because of tag "cold lead".';

test('a contact of whom nothing is known is said to be so, with what brings it', async () => {
  await open('nobody1');
  await page.getByText('No webhook or sync has brought this contact yet').waitFor();
  expect(await flawsOf(page)).toEqual([]);
});

test('a lead is followed from its webhook to CallTools, with links into both systems', async () => {
  ({ id: dana } = await lead({ phone: PHONE }));
  await expect.poll(() => sandbox.callTools.holds('Cold Leads'), SOON).toEqual([PHONE]);
  await open(dana);
  await expect.poll(sentence, SOON).toBe(PLACED);
  await expect.poll(steps, SOON).toEqual(expect.arrayContaining(['written', 'decided', 'read', 'received']));
  const [inCallTools] = sandbox.callTools.withPhone(PHONE);
  const top = page.locator('h1 + p');
  expect(await top.getByRole('link', { name: 'CallTools' }).getAttribute('href')).toBe(
    `https://calltools.example.com/contact/${inCallTools?.id}`,
  );
  expect(await top.getByRole('link', { name: 'GoHighLevel' }).getAttribute('href')).toMatch(
    new RegExp(`/contacts/detail/${dana}$`),
  );
  for (const name of ['Retry', 'Place again', 'Forget']) expect(await button(name).count()).toBe(0);
  expect(await region('Calls').count()).toBe(0);
});

test('"Check again" reads it again, and the timeline shows that', async () => {
  await button('Check again').click();
  await page.getByText('The contact is read again').waitFor();
  await page.getByText('It was put into the queue for an operator.').waitFor();
  await page.getByText('An operator asked to check it again.').waitFor();
});

test('contacts that share its number are linked', async () => {
  const { id: twin } = await lead({ phone: PHONE, tags: ['newsletter', 'cold lead'] });
  await region('Shared numbers').getByRole('link', { name: twin }).click();
  await expect.poll(() => new URL(page.url()).pathname, SOON).toBe(`/contacts/${twin}`);
  await region('Shared numbers').getByRole('link', { name: dana }).waitFor();
  await sandbox.ghl.editContact(twin, { phone: '+13055550148' });
  await expect.poll(() => region('Shared numbers').count(), SOON).toBe(0);
});

test('a contact that failed says why, and is retried', async () => {
  const refusal = { kind: 'status', status: 400, body: { zip_code: ['Too long.'] } } as const;
  sandbox.callTools.faults.plan({ match: { method: 'POST', path: '/api/contacts/' }, do: refusal });
  const { id } = await lead();
  await page.goto(`${desk.pipeline.url}/contacts/${id}`);
  await expect.poll(() => button('Retry').count(), SOON).toBe(1);
  expect(await sentence()).toMatch(/^Not called, because the work on it failed: the vendor refused the data/);
  await region('Why').getByText('zip_code').waitFor();
  await region('Why').getByText('rejected (waiting)').waitFor();
  expect(await flawsOf(page)).toEqual([]);
  sandbox.callTools.faults.clear();
  await button('Retry').click();
  await expect.poll(sentence, SOON).toBe(PLACED);
  expect(await steps()).toContain('retried');
});

test('a field that CallTools does not take is named until it is corrected', async () => {
  const { id } = await lead({ email: 'no-address' });
  await open(id);
  await region('Facts').getByText('personal_email_address').waitFor();
  await sandbox.ghl.editContact(id, { email: 'dana@example.com' });
  await expect.poll(() => region('Facts').getByText('Placed without').count(), SOON).toBe(0);
});

test('a person who said no in a call is kept out, and the call stands there with what followed', async () => {
  const [inCallTools] = sandbox.callTools.withPhone(PHONE);
  await poll();
  for (const disposition of ['No Answer', 'Not Interested']) {
    sandbox.callTools.agentCalls(Number(inCallTools?.id), { disposition, force: true });
    await poll();
  }
  await open(dana);
  await expect.poll(sentence, SOON).toBe('Not called: the person said no in a call ("Not Interested").');
  const call = (name: string) => region('Calls').locator('tbody tr', { hasText: name });
  expect(await call('Not Interested').textContent()).toContain('kept out since');
  expect(await call('No Answer').textContent()).toContain('nothing');
  expect(await flawsOf(page)).toEqual([]);
});

test('"Place again" ends that hold, and the call says that it is over', async () => {
  await button('Place again').click();
  await expect.poll(sentence, SOON).toBe(PLACED);
  await region('Calls').getByText('released since').waitFor();
  await expect.poll(() => button('Place again').count(), SOON).toBe(0);
});

test('a viewer sees the story, and no button that acts', async () => {
  await button('Log out').click();
  await logIn(desk, VIEWER_TOKEN, `/contacts/${dana}`);
  await expect.poll(sentence, SOON).toBe(PLACED);
  expect(await page.getByRole('main').getByRole('button').allTextContents()).not.toContain('Check again');
  await button('Log out').click();
  await logIn(desk, undefined, `/contacts/${dana}`);
  await button('Check again').waitFor();
});

test('nobody’s name, number or email is shown', async () => {
  const shown = (await page.locator('body').textContent()) ?? '';
  for (const secret of ['Dana', 'Calloway', PHONE.slice(2), 'dana@example.com']) expect(shown).not.toContain(secret);
});

test('a deleted contact is forgotten after a second question, and what stays is said', async () => {
  await sandbox.ghl.deleteContact(dana);
  await expect.poll(sentence, SOON).toBe('Not called: it no longer exists in GoHighLevel.');
  await button('Forget').click();
  await page.getByRole('dialog').getByText('cannot be brought back').waitFor();
  expect(await flawsOf(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByRole('dialog').count(), SOON).toBe(0);
  await button('Forget').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Forget it' }).click();
  await page.getByText('It is forgotten').waitFor();
  await page.reload();
  await page.getByText('No webhook or sync has brought this contact yet').waitFor();
});
