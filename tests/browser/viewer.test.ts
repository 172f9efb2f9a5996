// A viewer in the dashboard: everything is shown, and no button that the API would refuse.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, openDesk, SOON } from './desk.ts';

const VIEWER_TOKEN = 'token-of-a-viewer';
const REFUSED = { kind: 'status', status: 400, body: { zip_code: ['too long'] } } as const;

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk({ VIEWER_TOKEN });
});
afterAll(async () => {
  await desk?.close();
  expect(desk?.complaints).toEqual([]);
});

async function logIn(token: string) {
  const { page, pipeline } = desk;
  await page.goto(pipeline.url);
  await page.getByLabel('Operator token').fill(token);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Failed contacts' }).waitFor();
}

test('a viewer sees a failed contact and its story, and no button that acts; an operator then has them', async () => {
  const { page, sandbox } = desk;
  sandbox.callTools.faults.plan({ match: { method: 'POST', path: '/api/contacts/' }, do: REFUSED });
  const { id } = await sandbox.ghl.addContact({ firstName: 'Dana', phone: '+13055551000', tags: ['cold lead'] });
  await logIn(VIEWER_TOKEN);
  await page.getByRole('button', { name: `contact ${id}`, exact: true }).click();
  await page.getByRole('heading', { name: new RegExp(`^${id}: failed`) }).waitFor();
  const acting = () =>
    Promise.all(
      [
        'Replay all shown',
        'Start a run now',
        `Replay contact ${id}`,
        `Discard contact ${id}`,
        `Retry contact ${id}`,
      ].map((name) => page.getByRole('button', { name }).count()),
    );
  expect(await acting()).toEqual([0, 0, 0, 0, 0]);
  await page.getByRole('button', { name: 'Log out' }).click();
  await logIn(desk.pipeline.adminToken);
  await expect.poll(async () => (await acting()).slice(0, 4), SOON).toEqual([1, 1, 1, 1]);
});
