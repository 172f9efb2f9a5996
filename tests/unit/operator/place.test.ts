// Place again: an operator ends the hold on a person who was taken out in CallTools. Anything else is refused with what to do instead.

import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { ask, dataOf, LOCATION, locationsOf, NOW, operatorDeps } from '../../support/operator-harness.ts';
import { runScript } from './script-harness.ts';

const ID = 'nmFmQEsNgz6AVpgLVUJ0';
const HOLD = JSON.stringify({ reason: 'taken_out_in_calltools', route: 'cold', at: NOW });
const PLACING = JSON.stringify({ at: NOW, route: 'cold', bucket: 1, tag: null, word: null });

type Row = Record<string, string | number | null>;

async function createStage(locations: string[] = [LOCATION]) {
  const sqlite = openSqlite();
  const { deps, sent } = operatorDeps(
    sqlite.bind(async (act) => act()),
    { locations: await locationsOf(locations) },
  );
  const insert = (table: string, row: Row) => {
    const names = Object.keys(row);
    const values = names.map((_, n) => `?${n + 1}`);
    sqlite.rows(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${values.join(', ')})`, ...Object.values(row));
  };
  return {
    sqlite,
    deps,
    sent,
    /** Kept out because it was taken out in CallTools, unless said otherwise. */
    contact: (changes: Row = {}) =>
      insert('contacts', {
        location_id: LOCATION,
        contact_id: ID,
        state: 'kept_out',
        reason: 'taken_out_in_calltools',
        wish: 'place',
        phone_hash: 'p1',
        search_hash: 'settled',
        created_at: NOW,
        updated_at: NOW,
        ...changes,
      }),
    number: (hash: string, contactId: string | null, changes: Row = {}) =>
      insert('dialer', {
        location_id: LOCATION,
        phone_hash: hash,
        contact_id: contactId,
        calltools_id: 77,
        updated_at: NOW,
        fingerprint: 'out',
        hold: HOLD,
        placing: PLACING,
        ...changes,
      }),
    place: (id = ID, query = '') => ask(`/contacts/${id}/place${query}`, deps, {}),
  };
}

test('ends the hold on each of its numbers, asks for the contact, and leaves a trace for the next run', async () => {
  const stage = await createStage();
  stage.contact();
  stage.number('p1', 'another');
  stage.number('p2', ID);
  stage.number('p3', 'another');
  expect(await dataOf(stage.place())).toEqual({ contact_id: ID, location_id: LOCATION, status: 'queued' });
  expect(stage.sqlite.rows('SELECT phone_hash, hold, placing, fingerprint FROM dialer ORDER BY 1')).toEqual([
    { phone_hash: 'p1', hold: null, placing: null, fingerprint: null },
    { phone_hash: 'p2', hold: null, placing: null, fingerprint: null },
    { phone_hash: 'p3', hold: HOLD, placing: PLACING, fingerprint: 'out' },
  ]);
  expect(stage.sqlite.rows('SELECT search_hash FROM contacts')).toEqual([{ search_hash: null }]);
  expect(stage.sent).toMatchObject([{ contactId: ID, locationId: LOCATION, source: 'operator', snapshot: null }]);
});

test('a person who said no in a call is placed again in the same way, also where the hold is gone already', async () => {
  for (const hold of [JSON.stringify({ reason: 'said_no', route: 'cold', at: NOW }), null]) {
    const stage = await createStage();
    stage.contact({ reason: 'said_no' });
    stage.number('p1', ID, { hold });
    expect(await dataOf(stage.place())).toMatchObject({ status: 'queued' });
    expect(stage.sqlite.rows('SELECT hold FROM dialer')).toEqual([{ hold: null }]);
    expect(stage.sent).toHaveLength(1);
  }
});

test('said twice before the contact was looked at, it is asked for twice', async () => {
  const stage = await createStage();
  stage.contact();
  stage.number('p1', ID);
  for (let n = 0; n < 2; n++) expect(await dataOf(stage.place())).toMatchObject({ status: 'queued' });
  expect(stage.sent).toHaveLength(2);
});

test('one that is in the dialer already is left alone', async () => {
  const stage = await createStage();
  stage.contact({ state: 'placed', reason: 'placed' });
  stage.number('p1', ID, { hold: null });
  expect(await dataOf(stage.place())).toMatchObject({ status: 'placed' });
  expect(stage.sqlite.rows('SELECT placing, fingerprint FROM dialer')).toEqual([
    { placing: PLACING, fingerprint: 'out' },
  ]);
  expect(stage.sent).toEqual([]);
});

test.each<[string, Row, RegExp]>([
  [
    'who asked not to be called',
    { reason: 'dnd', wish: 'dnc' },
    /another reason \(dnd\).*switch it off in GoHighLevel/,
  ],
  [
    'without a route',
    { reason: 'no_route', wish: 'none' },
    /another reason \(no_route\).*give it in GoHighLevel what a route asks for/,
  ],
  ['that has failed', { state: 'failed', reason: 'rejected' }, /another reason \(rejected\).*Correct that field/],
])('a contact %s is refused, with what to do', async (_, changes, detail) => {
  const stage = await createStage();
  stage.contact(changes);
  const answer = await stage.place();
  expect(answer.status).toBe(409);
  expect(await answer.json()).toMatchObject({ detail: expect.stringMatching(detail) });
  expect(stage.sent).toEqual([]);
});

test('while a batch works on the number it is refused, for the batch would write the hold again', async () => {
  const stage = await createStage();
  stage.contact();
  stage.number('p1', ID, { lease_until: NOW + 1000, lease_token: 'batch' });
  const answer = await stage.place();
  expect([answer.status, stage.sent]).toEqual([409, []]);
  expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('Ask again in a minute') });
  expect(stage.sqlite.rows('SELECT hold FROM dialer')).toEqual([{ hold: HOLD }]);
});

test('an unknown contact is 404, an id that is none 400, and of several locations the one that knows it is meant', async () => {
  const stage = await createStage([LOCATION, 'another']);
  expect((await stage.place()).status).toBe(404);
  expect((await stage.place('no%20id')).status).toBe(400);
  stage.contact();
  stage.number('p1', ID);
  expect((await stage.place(ID, '?location=another')).status).toBe(404);
  expect(await dataOf(stage.place())).toMatchObject({ location_id: LOCATION });
});

describe('npm run place', () => {
  const run = (stage: Awaited<ReturnType<typeof createStage>>, ...args: string[]) =>
    runScript('scripts/place.ts', stage.deps, args);

  test('places, says so, and may be run again', async () => {
    const stage = await createStage();
    stage.contact();
    stage.number('p1', ID);
    expect(await run(stage, '--contact', ID)).toMatchObject({
      code: 0,
      out: expect.stringContaining('within seconds'),
    });
    stage.sqlite.rows(`UPDATE contacts SET state = 'placed', reason = 'placed'`);
    expect(await run(stage, '--contact', ID)).toMatchObject({ code: 0, out: expect.stringContaining('already') });
  });

  test('ends with 1 where the pipeline refuses, and with 2 where it is not asked', async () => {
    const stage = await createStage();
    stage.contact({ reason: 'dnd' });
    expect(await run(stage, '--contact', ID)).toMatchObject({ code: 1, err: expect.stringContaining('dnd') });
    expect(await run(stage, '--contact', 'unknown1')).toMatchObject({ code: 1 });
    expect(await run(stage)).toMatchObject({ code: 2 });
    expect(await run(stage, '--contact', ID, '--token', 'wrong')).toMatchObject({ code: 2 });
  });
});
