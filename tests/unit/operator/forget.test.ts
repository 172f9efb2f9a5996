// Erasure: all that is kept about one person goes, and nothing is forgotten while forgetting it could leave somebody dialed unknown to us.

import { describe, expect, test } from 'vitest';
import { forgetContact } from '../../../workers/consumer/store/forget.ts';
import { dataOf, LOCATION, NOW } from '../../support/operator-harness.ts';
import { createStage, ID, type Row } from './forget-harness.ts';
import { runScript } from './script-harness.ts';

test('the contact, its numbers, its history and its dead letters go; nobody else’s do', async () => {
  const stage = await createStage();
  stage.contact(ID);
  stage.contact('other', { wish: 'place', state: 'placed', reason: 'placed', phone_hash: 'p2' });
  stage.number('p1', ID);
  stage.number('p2', 'other', { held: 1 });
  for (const phone_hash of ['p1', 'p2']) stage.link(77, phone_hash);
  stage.letter('d-1', ID);
  stage.letter('d-2', ID, { status: 'resolved', settled_at: NOW });
  stage.letter('d-3', 'other');
  stage.sqlite.rows(
    `INSERT INTO circuits (location_id, vendor, suspects, updated_at) VALUES (?1, 'gohighlevel', ?2, 0), (?1, 'calltools', ?3, 0)`,
    ...[LOCATION, JSON.stringify([ID, 'other']), JSON.stringify(['p1', 'p2'])],
  );
  const data = await dataOf(stage.forget());
  expect(data).toMatchObject({
    contact_id: ID,
    location_id: LOCATION,
    forgotten: { contacts: 1, numbers: 1, dead_letters: 2 },
    calltools_ids: [77],
    note: expect.stringMatching(/delete the person there.*comes back here/),
  });
  expect(stage.all()).not.toContain(ID);
  expect(stage.all()).not.toContain('"p1"');
  expect(stage.sqlite.rows('SELECT contact_id, held FROM dialer')).toEqual([{ contact_id: 'other', held: 1 }]);
  expect(stage.sqlite.rows('SELECT id FROM dead_letters')).toEqual([{ id: 'd-3' }]);
  expect(stage.sqlite.rows('SELECT suspects FROM circuits ORDER BY vendor')).toEqual([
    { suspects: '["p2"]' },
    { suspects: '["other"]' },
  ]);
  expect((await stage.forget()).status).toBe(404);
});

test('what calls said points to nobody any more, and its rows stay: else the next poll would take them for new ones', async () => {
  const stage = await createStage();
  stage.contact(ID);
  stage.call(1, ID);
  stage.call(2, 'other');
  await dataOf(stage.forget());
  expect(stage.all()).not.toContain(ID);
  expect(
    stage.sqlite.rows('SELECT row_id, calltools_id, contact_id, disposition, pending FROM call_results ORDER BY 1'),
  ).toEqual([
    { row_id: 1, calltools_id: null, contact_id: null, disposition: '', pending: 0 },
    { row_id: 2, calltools_id: 77, contact_id: 'other', disposition: 'said by other', pending: 1 },
  ]);
});

test('the cursor of a run that is over goes, where it may name the contact; one that is going needs its own', async () => {
  const stage = await createStage();
  stage.contact(ID);
  for (const [id, state] of [
    ['over', 'incomplete'],
    ['going', 'running'],
  ] as const)
    stage.sqlite.rows(
      `INSERT INTO runs (id, location_id, started_by, state, cursor, started_at, heartbeat_at) VALUES (?1, ?2, 'cron', ?3, ?4, 0, 0)`,
      ...[id, LOCATION, state, JSON.stringify([1, state === 'running' ? 'other' : ID])],
    );
  await dataOf(stage.forget());
  expect(stage.all()).not.toContain(ID);
  expect(stage.sqlite.rows(`SELECT cursor FROM runs WHERE id = 'going'`)).toEqual([{ cursor: '[1,"other"]' }]);
});

test('no run says any more that it was about the contact; what it says of others stays', async () => {
  const stage = await createStage();
  stage.contact(ID);
  stage.sqlite.rows(
    `INSERT INTO runs (id, location_id, started_by, state, started_at, heartbeat_at) VALUES ('r', ?1, 'cron', 'complete', 0, 0), ('s', 'elsewhere', 'cron', 'complete', 0, 0)`,
    LOCATION,
  );
  stage.sqlite.rows(
    `INSERT INTO run_contacts (run_id, contact_id, kind, at) VALUES ('r', ?1, 'gone', 0), ('r', 'other', 'gone', 0), ('s', ?1, 'gone', 0)`,
    ID,
  );
  await dataOf(stage.forget());
  expect(stage.sqlite.rows('SELECT run_id, contact_id FROM run_contacts ORDER BY 1')).toEqual([
    { run_id: 'r', contact_id: 'other' },
    { run_id: 's', contact_id: ID },
  ]);
});

test('a message in the outbox that is not JSON prevents nothing', async () => {
  const stage = await createStage();
  stage.contact(ID);
  stage.sqlite.rows(
    `INSERT INTO outbox (id, queue, message, created_at) VALUES ('bad', 'events', '{"', 0), ('other', 'events', '{"contactId":"other"}', 0)`,
  );
  expect((await stage.forget()).status).toBe(200);
});

test('a number that another contact has too stays for that one, without the name of this one', async () => {
  const stage = await createStage();
  stage.contact(ID);
  stage.contact('other', { wish: 'out', reason: 'route', phone_hash: 'p1' });
  stage.number('p1', ID, { fingerprint: 'f', hold: '{"reason":"taken_out_in_calltools"}' });
  await dataOf(stage.forget());
  expect(stage.all()).not.toContain(ID);
  expect(stage.sqlite.rows('SELECT phone_hash, contact_id, fingerprint, hold FROM dialer')).toEqual([
    { phone_hash: 'p1', contact_id: null, fingerprint: null, hold: '{"reason":"taken_out_in_calltools"}' },
  ]);
});

test('what CallTools holds under its number for another contact stays, and is not named for deletion', async () => {
  const stage = await createStage();
  stage.contact(ID, { phone_hash: 'p1' });
  stage.contact('other', { wish: 'place', state: 'placed', reason: 'placed', phone_hash: 'p1' });
  stage.number('p1', 'other', { held: 1, lease_until: NOW + 1 });
  expect(await dataOf(stage.forget())).toMatchObject({ forgotten: { contacts: 1, numbers: 0 }, calltools_ids: [] });
  expect(stage.all()).not.toContain(ID);
  expect(stage.sqlite.rows('SELECT contact_id, held FROM dialer')).toEqual([{ contact_id: 'other', held: 1 }]);
});

test('a letter and a message that do not say of which location the contact is are of it too', async () => {
  const stage = await createStage();
  stage.contact(ID);
  stage.letter('d-1', ID, { location_id: null, reason: 'unreadable_webhook', replayable: 0 });
  stage.letter('d-2', 'other', { location_id: null, reason: 'unreadable_webhook', replayable: 0 });
  stage.letter('d-3', ID, { location_id: 'elsewhere' });
  stage.outbox(ID, null);
  expect((await stage.forget()).status).toBe(409);
  stage.sqlite.rows('DELETE FROM outbox');
  expect(await dataOf(stage.forget())).toMatchObject({ forgotten: { contacts: 1, dead_letters: 1 } });
  expect(stage.sqlite.rows('SELECT id FROM dead_letters')).toEqual([{ id: 'd-2' }, { id: 'd-3' }]);
});

test('one of whom only such a letter is known is forgotten', async () => {
  const stage = await createStage();
  stage.letter('d-1', ID, { location_id: null });
  expect(await dataOf(stage.forget())).toMatchObject({ forgotten: { contacts: 0, dead_letters: 1 } });
});

test('one of whom only dead letters are known is forgotten too', async () => {
  const stage = await createStage();
  stage.letter('d-1', ID);
  expect(await dataOf(stage.forget())).toMatchObject({ forgotten: { contacts: 0, numbers: 0, dead_letters: 1 } });
  expect(stage.all()).not.toContain(ID);
});

describe('nobody is forgotten', () => {
  type Stage = Awaited<ReturnType<typeof createStage>>;
  test.each<[string, (stage: Stage) => void, RegExp]>([
    [
      'that is in the dialer',
      (s) => {
        s.contact(ID, { wish: 'place', state: 'placed', reason: 'placed', phone_hash: 'p' });
        s.number('p', ID, { held: 1 });
      },
      /Delete the contact in GoHighLevel/,
    ],
    [
      'who may be in the dialer though no route places it any more',
      (s) => {
        s.contact(ID, { reason: 'no_route' });
        s.number('p', ID, { held: 1 });
      },
      /in the dialer, or may be/,
    ],
    [
      'whose refusal keeps a number out that another contact has too',
      (s) => {
        s.contact(ID, { wish: 'dnc', reason: 'dnd', phone_hash: 'p' });
        s.contact('other', { wish: 'place', state: 'kept_out', reason: 'shared_phone', phone_hash: 'p' });
        s.number('p', 'other');
      },
      /\(dnd\).*Delete the contact in GoHighLevel/,
    ],
    ['that is being worked on', (s) => s.contact(ID, { lease_until: NOW + 1 }), /being worked on/],
    [
      'with a write that CallTools has not answered',
      (s) => {
        s.contact(ID);
        s.number('p', ID, { doubt_until: NOW + 1 });
      },
      /has not answered a write yet/,
    ],
    [
      'of whom a message waits in the outbox',
      (s) => {
        s.contact(ID);
        s.outbox(ID);
      },
      /outbox/,
    ],
    ...['untraceable', 'lookup_unsupported'].flatMap((reason) =>
      ['waiting', 'replayed'].map((status): [string, (stage: Stage) => void, RegExp] => [
        `whom CallTools may have unknown to us (${reason}, ${status})`,
        (s) => {
          s.contact(ID, { state: 'failed', reason });
          s.letter('d-lost', ID, { reason, status });
        },
        new RegExp(`dead letter \\(${reason}\\) waits.*earlier write may have created.*--discard`),
      ]),
    ),
    [
      'that is deleted, but whose number CallTools still has in a bucket',
      (s) => {
        s.contact(ID, { phone_hash: 'p' });
        s.number('p', ID, { held: 1 });
      },
      /in a bucket, or may be. GET \/contacts\/:id names the number/,
    ],
  ])('%s', async (_what, begin, why) => {
    const stage = await createStage();
    begin(stage);
    stage.letter('d-1', ID);
    const before = stage.all();
    const answer = await stage.forget();
    expect([answer.status, ((await answer.json()) as { detail: string }).detail]).toEqual([
      409,
      expect.stringMatching(why),
    ]);
    expect(stage.all()).toBe(before);
  });
});

test('once a person has looked in CallTools and discarded its letter, it is forgotten', async () => {
  const stage = await createStage();
  stage.contact(ID, { state: 'failed', reason: 'untraceable' });
  stage.letter('d-lost', ID, { reason: 'untraceable', status: 'discarded' });
  expect(await dataOf(stage.forget())).toMatchObject({ forgotten: { contacts: 1, dead_letters: 1 } });
});

test.each<[string, Row, Row]>([
  ['work has begun on it', { lease_until: NOW + 1 }, {}],
  ['a route places it', { wish: 'place', state: 'placed' }, {}],
  ['its number is written to', {}, { unsettled: 1, lease_until: NOW + 1 }],
])('where %s between looking and forgetting, everything of it stays', async (_what, changes, numbers) => {
  const stage = await createStage();
  stage.contact(ID, changes);
  stage.number('p1', ID, numbers);
  stage.letter('d-1', ID);
  const rows = () => stage.sqlite.rows('SELECT * FROM contacts, dead_letters, dialer');
  const before = rows();
  expect(await forgetContact(stage.deps.env.DB, { locationId: LOCATION, contactId: ID }, NOW)).toMatchObject({
    contacts: 0,
    dialer: 0,
    deadLetters: 0,
  });
  expect(rows()).toEqual(before);
});

test('of several locations the one that knows the contact is meant, and where two do it must be named', async () => {
  const stage = await createStage([LOCATION, 'second']);
  stage.contact(ID);
  stage.contact(ID, { location_id: 'second' });
  expect((await stage.forget()).status).toBe(400);
  expect(await dataOf(stage.forget(ID, '?location=second'))).toMatchObject({ location_id: 'second' });
  expect(await dataOf(stage.forget())).toMatchObject({ location_id: LOCATION });
});

describe('npm run forget', () => {
  const run = (stage: Awaited<ReturnType<typeof createStage>>, ...args: string[]) =>
    runScript('scripts/forget.ts', stage.deps, args);

  test('forgets, and says what is left to do elsewhere', async () => {
    const stage = await createStage();
    stage.contact(ID);
    stage.number('p1', ID);
    const { code, out } = await run(stage, ID, '--yes');
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(
        /contacts 1, hashes of phone numbers 1, dead letters 0\.[\s\S]*in CallTools \(calltools_ids\): 77[\s\S]*delete the person there/,
      ),
    ]);
    expect(stage.all()).not.toContain(ID);
  });

  test('ends with 1 where the pipeline refuses, and with 2 where it is not asked', async () => {
    const stage = await createStage();
    stage.contact(ID, { wish: 'place' });
    expect(await run(stage, ID, '--yes')).toMatchObject({
      code: 1,
      err: expect.stringContaining('Delete the contact'),
    });
    expect(await run(stage, 'unknown1', '--yes')).toMatchObject({
      code: 1,
      err: expect.stringContaining('Nothing is kept'),
    });
    expect(await run(stage, ID)).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
    expect(await run(stage)).toMatchObject({ code: 2 });
    expect(await run(stage, ID, '--yes', '--token', 'wrong')).toMatchObject({ code: 2 });
    expect(stage.sqlite.rows('SELECT count(*) AS n FROM contacts')).toEqual([{ n: 1 }]);
  });
});
