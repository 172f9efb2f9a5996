// A key whose role lacks a right, or a list that is refused: several contacts that are refused for reasons of their own still stop nobody.

import { describe, expect, test } from 'vitest';
import { type BackstopStage, backstopStage, phoneOf } from '../../support/consumer-harness.ts';
import { intercept } from '../../support/intercept.ts';
import { jsonAnswer } from '../../support/vendor-harness.ts';

const forbidden = () => jsonAnswer(403, { detail: 'You do not have permission to perform this action.' });
const circuits = ({ sqlite }: BackstopStage) =>
  sqlite.rows('SELECT vendor, open_kind AS kind FROM circuits WHERE open_reason IS NOT NULL');
const letters = ({ sqlite }: BackstopStage) =>
  sqlite.rows(`SELECT contact_id AS id, reason FROM dead_letters WHERE status = 'waiting' ORDER BY contact_id`);

/** Where in the batch the refused ones stand. */
const PLACES = [
  [0, 1],
  [0, 9],
  [4, 5],
  [8, 9],
];

/** Ten leads in the dialer, all to be taken out; CallTools refuses those at `places`, and `alsoRefused`. */
async function refusing(places: number[], alsoRefused: (request: Request) => boolean) {
  const stage = backstopStage();
  const ids = await stage.leads(10);
  for (const id of ids) stage.hint(id);
  await stage.work();
  stage.clock.advance(60_000);
  const paths = places.map((place) => `/api/contacts/${stage.callTools.withPhone(phoneOf(place))[0]?.id}/`);
  intercept(stage.callTools, (request) =>
    paths.includes(new URL(request.url).pathname) || alsoRefused(request) ? forbidden() : undefined,
  );
  for (const id of ids) {
    await stage.ghl.setDnd(id, { dnd: true }, { silent: true });
    stage.hint(id);
  }
  return { stage, refused: places.map((place) => ids[place] ?? '') };
}

describe('two contacts that CallTools refuses', () => {
  test.each(PLACES)('beside a role that may not list buckets: %i and %i', async (...places) => {
    const { stage, refused } = await refusing(places, ({ method, url }) => method === 'GET' && /\/buckets\//.test(url));
    await stage.step();
    expect(circuits(stage)).toEqual([]);
    // They are taken out from the bucket's side, and are not marked.
    expect(stage.dialed()).toEqual([]);
    expect(stage.callTools.contacts().filter(({ doNotContact }) => !doNotContact)).toHaveLength(places.length);
    expect(
      letters(stage)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(refused.toSorted());
  });
});

describe('two contacts that GoHighLevel refuses, beside a list that it refuses', () => {
  test.each(PLACES)('open nothing while others get through: %i and %i', async (...places) => {
    const stage = backstopStage();
    const ids = await stage.leads(10);
    const refused = places.map((place) => ids[place] ?? '');
    stage.hooks.contact = async (id) => (refused.includes(id) ? forbidden() : undefined);
    stage.hooks.search = async () => forbidden();
    for (const id of ids) stage.hint(id);
    await stage.step();
    expect([stage.dialed().length, circuits(stage)]).toEqual([8, []]);
    for (let look = 0; look < 3; look++) {
      const [more = ''] = await stage.leads(1, 20 + look);
      stage.hint(more);
      await stage.step();
      expect([stage.dialed().length, circuits(stage)]).toEqual([9 + look, []]);
      stage.clock.advance(60_000);
    }
    expect(letters(stage)).toEqual(refused.toSorted().map((id) => ({ id, reason: 'refused' })));
    expect(stage.queues.events).toEqual([]);
  });

  test('open it as soon as nobody gets through', async () => {
    const stage = backstopStage();
    const ids = await stage.leads(6);
    let reads = 0;
    stage.hooks.contact = async () => (++reads > 2 ? forbidden() : undefined);
    stage.hooks.search = async () => forbidden();
    for (const id of ids) stage.hint(id);
    await stage.step();
    stage.clock.advance(60_000);
    await stage.step();
    expect([stage.dialed().length, letters(stage), circuits(stage)]).toEqual([
      2,
      [],
      [{ vendor: 'gohighlevel', kind: 'refused' }],
    ]);
    Object.assign(stage.hooks, { contact: async () => undefined, search: async () => undefined });
    await stage.work();
    expect([stage.dialed().length, letters(stage), circuits(stage)]).toEqual([6, [], []]);
  });
});
