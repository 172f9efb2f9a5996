// Confirming what the brake holds back: by run or by hour, read again first, placed once and without being counted.

import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { BrakeCounts, Stats } from '../../../shared/api/status.ts';
import { DAY_MS, HOUR_MS } from '../../../shared/time.ts';
import { removeExpired } from '../../../workers/consumer/store/retention.ts';
import { type BackstopStage, backstopStage, phones } from '../../support/consumer-harness.ts';
import { ask, LOCATION, locationsOf, NOW, operatorDeps } from '../../support/operator-harness.ts';
import { look, SILENT } from '../sync/people-harness.ts';
import { runScript } from './script-harness.ts';

const IN = { state: 'placed', reason: 'placed' };
const HELD = { state: 'kept_out', reason: 'held_by_brake' };

const braked = (limit: number) => backstopStage({ env: { MAX_NEW_PLACEMENTS: String(limit) } });
const reasons = ({ sqlite }: BackstopStage) =>
  sqlite.rows('SELECT state, reason FROM contacts ORDER BY created_at, contact_id');
const states = ({ sqlite }: BackstopStage) =>
  sqlite.rows('SELECT state, count(*) AS n FROM new_placements GROUP BY 1 ORDER BY 1');
const hourOf = ({ clock }: BackstopStage) => new Date(clock.at).toISOString().slice(0, 13);
const brakeOf = async (stage: BackstopStage) =>
  ((await stage.ask('GET', '/sync/stats')) as unknown as Stats).brake as BrakeCounts;

async function lookIn(ms: number, stage: BackstopStage, id: string) {
  stage.clock.advance(ms);
  await look(stage, id);
}

test('what a run held back is placed by its id, at the speed of a run, once and without being counted', async () => {
  const stage = braked(2);
  await stage.leads(5);
  const { id } = await stage.night();
  expect(await brakeOf(stage)).toMatchObject({ held: 3, groups: [{ confirm: id, held: 3, location_id: LOCATION }] });
  expect(await stage.ask('POST', `/sync/trigger?confirm=${id}`)).toEqual({ confirmed: id, contacts: 3 });
  expect(stage.queues.events).toEqual([]);
  expect(stage.queues.backstop).toHaveLength(3);
  await stage.work();
  expect(stage.dialed()).toEqual(phones(5));
  expect(states(stage)).toEqual([{ state: 'let_in', n: 2 }]);
  expect(await brakeOf(stage)).toEqual({ held: 0, since: null, groups: [] });
});

test('what webhooks held back is placed by the hour, and no other hour', async () => {
  const stage = braked(1);
  for (const id of await stage.leads(2)) await lookIn(1, stage, id);
  const first = hourOf(stage);
  stage.clock.advance(2 * HOUR_MS);
  for (const id of await stage.leads(2, 2)) await lookIn(1, stage, id);
  expect(reasons(stage)).toEqual([IN, HELD, IN, HELD]);
  expect((await brakeOf(stage)).groups.map(({ confirm }) => confirm)).toEqual([first, hourOf(stage)]);
  await stage.ask('POST', `/sync/trigger?confirm=${first}&location=${LOCATION}`);
  await stage.work();
  expect(reasons(stage)).toEqual([IN, IN, IN, HELD]);
});

test('an hour confirms what webhooks held back in it, and not what a run did', async () => {
  const stage = braked(1);
  await stage.leads(3);
  const { id: run } = await stage.night();
  for (const id of await stage.leads(1, 3)) await lookIn(1, stage, id);
  const hour = hourOf(stage);
  expect((await brakeOf(stage)).groups).toMatchObject([
    { confirm: run, held: 2 },
    { confirm: hour, held: 1 },
  ]);
  expect(await stage.ask('POST', `/sync/trigger?confirm=${hour}`)).toEqual({ confirmed: hour, contacts: 1 });
  await stage.work();
  expect(stage.dialed()).toHaveLength(2);
  expect((await brakeOf(stage)).groups).toMatchObject([{ confirm: run, held: 2 }]);
});

test('a contact that has changed in GoHighLevel since is placed by what it is now, or not at all', async () => {
  const stage = braked(1);
  await stage.leads(3);
  await stage.night();
  const held = stage.sqlite.rows(`SELECT contact_id FROM contacts WHERE reason = 'held_by_brake'`);
  const [changed = '', gone = ''] = held.map(({ contact_id }) => String(contact_id));
  stage.ghl.editContact(changed, { dnd: true }, SILENT);
  stage.ghl.deleteContact(gone, SILENT);
  await stage.ask('POST', `/sync/trigger?confirm=${(await stage.run()).id}`);
  await stage.work();
  expect(stage.dialed()).toHaveLength(1);
  expect(states(stage)).toEqual([{ state: 'let_in', n: 1 }]);
});

test('a message that is lost is made up for by the next run, or by confirming again', async () => {
  const stage = braked(1);
  await stage.leads(3);
  const { id } = await stage.night();
  await stage.ask('POST', `/sync/trigger?confirm=${id}`);
  stage.queues.backstop.splice(0, 1);
  await stage.work();
  expect(stage.dialed()).toHaveLength(2);
  expect(await stage.ask('POST', `/sync/trigger?confirm=${id}`)).toEqual({ confirmed: id, contacts: 1 });
  stage.queues.backstop.splice(0);
  await stage.night();
  expect(stage.dialed()).toEqual(phones(3));
});

test('a confirmation in the middle of the work loses nobody', async () => {
  const stage = braked(1);
  await stage.leads(3);
  const { id } = await stage.night();
  for (const { contact_id } of stage.sqlite.rows('SELECT contact_id FROM contacts')) stage.hint(String(contact_id));
  stage.hooks.contact = async () => {
    stage.hooks.contact = async () => undefined;
    await stage.ask('POST', `/sync/trigger?confirm=${id}`);
    return undefined;
  };
  await stage.work();
  expect(stage.dialed()).toEqual(phones(3));
});

describe('is answered clearly', () => {
  test.each([
    ['an unknown run', 'no-such-run'],
    ['an hour in which nothing was held back', '2026-11-29T14'],
    ['no hour at all', '2026-11-29T99'],
  ])('%s', async (_, runOrHour) => {
    const stage = braked(1);
    await stage.leads(2);
    const { id } = await stage.night();
    const answer = await stage.fetch('POST', `/sync/trigger?confirm=${runOrHour}`);
    expect(answer.status).toBe(404);
    const { detail } = (await answer.json()) as { detail: string };
    expect(detail).toMatch(/^Nothing is held back under this run or hour, or it has been placed already\. /);
    expect(detail).toContain(`Held back at the moment: 1 under ${id}.`);
    expect(reasons(stage)).toContainEqual(HELD);
  });

  test('what cannot be a run or an hour', async () => {
    const { deps } = operatorDeps(openSqlite().bind(async (act) => act()));
    const answer = await ask('/sync/trigger?confirm=last%20night', deps, {});
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('must be the id of a run, or an hour in UTC such as 2026-11-29T14');
  });
});

test('it works where the brake has been switched off since, and of one location only where one is named', async () => {
  const sqlite = openSqlite();
  const there = 'anotherLocation00001';
  for (const location of [LOCATION, there])
    sqlite.rows(`INSERT INTO new_placements VALUES (?1, 'p', 'c', 'run1', 'held', ?2)`, location, NOW);
  const { deps, sent, bulk } = operatorDeps(
    sqlite.bind(async (act) => act()),
    { locations: await locationsOf([LOCATION, there]) },
  );
  const answer = await ask(`/sync/trigger?confirm=run1&location=${there}`, deps, {});
  expect(answer.status).toBe(202);
  expect([sent, bulk.map(({ locationId }) => locationId)]).toEqual([[], [there]]);
});

test('the script confirms, and says what it needs', async () => {
  const sqlite = openSqlite();
  sqlite.rows(`INSERT INTO new_placements VALUES (?1, 'p', 'c', NULL, 'held', ?2)`, LOCATION, NOW);
  const { deps, bulk } = operatorDeps(sqlite.bind(async (act) => act()));
  const done = await runScript('scripts/place.ts', deps, ['--confirm', '2026-11-20T12', '--location', LOCATION]);
  expect([done.code, done.out]).toEqual([0, expect.stringContaining('1 contacts are read again and placed')]);
  expect(bulk).toMatchObject([{ contactId: 'c', source: 'operator', eventType: 'BrakeConfirmed' }]);
  const unknown = await runScript('scripts/place.ts', deps, ['--confirm', '2026-11-20T13']);
  expect([unknown.code, unknown.err]).toEqual([
    1,
    expect.stringContaining('Nothing is held back under this run or hour'),
  ]);
  expect((await runScript('scripts/place.ts', deps, [])).err).toContain('--contact ID, or --confirm RUN_OR_HOUR');
  expect((await runScript('scripts/place.ts', deps, ['--contact', 'a', '--confirm', 'b'])).code).toBe(2);
});

test('GET /contacts/:id says why a contact is held back, and stats ask nothing where there is no brake', async () => {
  const stage = braked(1);
  const [, held = ''] = await stage.leads(2);
  await stage.night();
  expect(await stage.ask('GET', `/contacts/${held}`)).toMatchObject({
    reason: 'held_by_brake',
    explanation: expect.stringContaining('held back until somebody confirms it'),
  });
  const before = stage.statements.filter((sql) => sql.includes('new_placements')).length;
  stage.reconfigure({ MAX_NEW_PLACEMENTS: '' });
  expect(await brakeOf(stage)).toBeNull();
  expect((await stage.ask('GET', '/api/v1/overview')).totals).toMatchObject({ brake: null });
  expect(stage.statements.filter((sql) => sql.includes('new_placements'))).toHaveLength(before);
});

test('counts are kept for a day, and what is held back as long as a contact has the number', async () => {
  const stage = braked(1);
  await stage.leads(2);
  await stage.night();
  stage.sqlite.rows(
    `INSERT INTO new_placements VALUES (?1, 'nobody', 'c', NULL, 'held', ?2)`,
    LOCATION,
    stage.clock.at,
  );
  const db = stage.sqlite.bind(async (act) => act());
  const expire = () => removeExpired(db, 'newPlacements', stage.clock.at - DAY_MS, stage.clock.at);
  expect(await expire()).toBe(0);
  stage.clock.advance(DAY_MS + 1);
  expect(await expire()).toBe(2);
  expect(stage.sqlite.rows(`SELECT state, phone_hash = 'nobody' AS nobody FROM new_placements`)).toEqual([
    { state: 'held', nobody: 0 },
  ]);
});

test('a contact that is forgotten is forgotten here too', async () => {
  const stage = braked(1);
  const [id = ''] = await stage.leads(1);
  await stage.night();
  stage.ghl.deleteContact(id, SILENT);
  await look(stage, id);
  expect(states(stage)).toEqual([{ state: 'let_in', n: 1 }]);
  expect((await stage.fetch('POST', `/contacts/${id}/forget`)).status).toBe(200);
  expect(states(stage)).toEqual([]);
});
