// Search by name at GoHighLevel: what is asked, and what is believed of the answer.

import { expect, test } from 'vitest';
import { findByName } from '../../../../workers/consumer/operator/lists/find-by-name.ts';
import { LOCATION, locationsOf } from '../../../support/operator-harness.ts';
import { VirtualClock, worldOn } from '../../../support/virtual-clock.ts';

const [OURS] = (await locationsOf([LOCATION])).all;

/** GoHighLevel answers with these rows, or with this status. */
async function named(name: string, answer: object[] | number) {
  if (OURS?.kind !== 'ready') throw new Error('the settings are faulty');
  const clock = new VirtualClock();
  const asked: Record<string, unknown>[] = [];
  const world = worldOn(clock, async (request) => {
    asked.push((await request.json()) as Record<string, unknown>);
    if (typeof answer === 'number') return new Response(null, { status: answer });
    return Response.json({ contacts: answer, total: answer.length });
  });
  const found = await clock.whenIdle(findByName(name, OURS.settings, world));
  return { found, asked };
}

test('each word is asked for, without special characters, and a page is bounded', async () => {
  const { asked } = await named("O'Brien, Dana", []);
  const filters = ['o', 'brien', 'dana'].map((value) => ({ field: 'contactName', operator: 'contains', value }));
  expect(asked).toMatchObject([{ locationId: LOCATION, pageLimit: 20, filters }]);
});

test('only contacts whose name has every word are believed', async () => {
  const rows = [
    { id: 'a', contactName: 'Dana Reyes' },
    { id: 'b', firstName: 'dana', lastName: null },
    { id: 'c', firstName: 'DANA', lastName: 'Reyes' },
  ];
  expect((await named('reyes dana', rows)).found).toEqual({ kind: 'found', contactIds: ['a', 'c'] });
});

test('an answer that ignores the name is not believed, and quotes nobody', async () => {
  const { found } = await named('Dana', [{ id: 'a', contactName: 'Sam Smith' }]);
  expect(found).toMatchObject({ kind: 'unread', error: expect.stringContaining('filter by name was ignored') });
  expect(JSON.stringify(found)).not.toMatch(/Dana|Smith/);
});

test.each([500, 401, 429])('a vendor that answers %i is not an empty list', async (status) => {
  const { found } = await named('Dana', status);
  expect(found).toMatchObject({ kind: 'unread', error: expect.stringContaining('GoHighLevel could not be asked') });
});

test('a name without a letter asks for nobody', async () => {
  expect(await named('--', [])).toEqual({ found: { kind: 'found', contactIds: [] }, asked: [] });
});
