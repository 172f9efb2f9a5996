// A contact that was placed without a refused field: it is remembered, tried whole again at night, and forgotten once it is whole or out.

import { describe, expect, test } from 'vitest';
import type { Numbers } from '../../../workers/consumer/dialer/numbers.ts';
import { dialerCommits } from '../../../workers/consumer/sync/linked.ts';
import type { Result } from '../../../workers/consumer/sync/work.ts';
import { decisionOf, dialerRow, jobsOf, resultOf, taskOf } from '../../support/batch-harness.ts';
import { type BackstopStage, backstopStage, NO_REPAIR, phoneOf } from '../../support/consumer-harness.ts';
import { look, SILENT } from './people-harness.ts';

const DAY = 86_400_000;
const LEFT = '["personal_email_address"]';

/** A lead whose email CallTools refuses, placed a day ago. */
async function placed(data: object = {}) {
  const stage = backstopStage({ env: { VERIFY_WITHIN_DAYS: '2' } });
  const contact = { id: 'dana', phone: phoneOf(0), email: 'no-address', tags: ['cold lead'], ...data };
  await stage.ghl.addContact(contact, SILENT);
  await stage.night();
  stage.clock.at += DAY;
  return stage;
}

const stored = ({ sqlite }: BackstopStage) => sqlite.rows('SELECT left_out, no_area FROM dialer');
const state = ({ sqlite }: BackstopStage) => sqlite.rows('SELECT state, reason FROM contacts');

test('is placed, and what it lacks is stored by the account’s name of the field', async () => {
  const stage = await placed();
  expect(stored(stage)).toEqual([{ left_out: LEFT, no_area: 1 }]);
  expect(state(stage)).toEqual([{ state: 'placed', reason: 'placed' }]);
  expect(stage.dialed()).toEqual([phoneOf(0)]);
  expect(stage.sqlite.rows('SELECT count(*) AS n FROM dead_letters')).toEqual([{ n: 0 }]);
});

test('is not written again by a webhook that changes nothing', async () => {
  const stage = await placed();
  const before = stage.writes();
  await look(stage, 'dana');
  expect(stage.writes()).toBe(before);
  expect(stored(stage)).toEqual([{ left_out: LEFT, no_area: 1 }]);
});

describe('the nightly verification', () => {
  test('tries it whole again, and counts nothing as repaired where the field is refused again', async () => {
    const stage = await placed();
    const before = stage.writes();
    expect(await stage.night()).toMatchObject({ verified: 1, processed: 1, repaired: NO_REPAIR });
    expect(stage.writes()).toBeGreaterThan(before);
    expect(stored(stage)).toEqual([{ left_out: LEFT, no_area: 1 }]);
    expect(state(stage)).toEqual([{ state: 'placed', reason: 'placed' }]);
  });

  test('finds that CallTools takes the field now', async () => {
    const stage = await placed();
    stage.callTools.settings.emailField = 'email';
    stage.callTools.settings.customFields.push({ name: 'personal_email_address', type: 'text' });
    expect(await stage.night()).toMatchObject({ repaired: { ...NO_REPAIR, outdated: 1 } });
    expect(stored(stage)).toEqual([{ left_out: null, no_area: 1 }]);
    expect(stage.callTools.contacts()).toMatchObject([{ fields: { personal_email_address: 'no-address' } }]);
    const before = stage.writes();
    stage.clock.at += DAY;
    await stage.night();
    expect(stage.writes()).toBe(before);
  });
});

test.each<[string, object, string | null]>([
  ['is corrected', { email: 'dana@example.com' }, null],
  ['leaves the dialer', { tags: ['customer'] }, null],
  ['asks not to be called', { dnd: true }, null],
  ['changes otherwise', { firstName: 'Dana' }, LEFT],
])('what is stored follows the truth when the contact %s', async (_, edit, left) => {
  const stage = await placed({ state: 'FL', postalCode: '33101' });
  expect(stored(stage)).toEqual([{ left_out: LEFT, no_area: 0 }]);
  await stage.ghl.editContact('dana', edit, SILENT);
  await look(stage, 'dana');
  expect(stored(stage)).toEqual([{ left_out: left, no_area: 0 }]);
});

test('another contact’s data under the number is another story', async () => {
  const stage = await placed();
  await stage.ghl.addContact({ id: 'aaron', phone: phoneOf(0), email: 'a@example.com', tags: ['cold lead'] }, SILENT);
  await look(stage, 'aaron');
  expect(stored(stage)).toEqual([{ left_out: null, no_area: 1 }]);
});

test('a number that the contact has left lacks nothing', async () => {
  const stage = await placed();
  await stage.ghl.editContact('dana', { phone: phoneOf(1) }, SILENT);
  await look(stage, 'dana');
  const rows = stage.sqlite.rows('SELECT left_out FROM dialer WHERE calltools_id IS NOT NULL');
  expect(rows).toEqual([{ left_out: LEFT }]);
  expect(stage.sqlite.rows('SELECT count(*) AS n FROM dialer WHERE left_out IS NOT NULL')).toEqual([{ n: 1 }]);
});

describe('other numbers of the CallTools contact that was written', () => {
  const LACKING = { leftOut: ['email'], noArea: true };
  const q = dialerRow({ phoneHash: 'q', ...LACKING });
  const commitOf = (
    hash: string,
    intent: 'place' | 'out',
    changes: Partial<Result>,
    seen: Numbers['seen'] = new Map(),
  ) => {
    const rows = [dialerRow(LACKING), q];
    const job = jobsOf([taskOf({ decision: decisionOf(intent) })], { rows }).get('p');
    if (!job) throw new Error('no job');
    const result = resultOf({ ...job, primaryRow: q }, changes);
    const dialer = new Map(rows.map((row) => [row.phoneHash, row]));
    return dialerCommits([result], { dialer, intents: new Map() }, { seen }, 500).find((one) => one.phoneHash === hash);
  };
  const UNTOUCHED = { callToolsId: 7, mayBeInBucket: true, moved: false, doNotContact: false, placing: null };

  test.each(['place', 'out'] as const)('lack nothing of their own: %s', (intent) => {
    expect(commitOf('q', intent, {})).toMatchObject({ leftOut: null, noArea: false });
  });

  test('lack what they lacked where that contact was not written', () => {
    const observed = { ...UNTOUCHED, primaryIsLost: true };
    expect(commitOf('q', 'place', { kind: 'asked', observed })).toMatchObject(LACKING);
  });

  test('a contact that has the number no longer lacks nothing under it', () => {
    const observed = { ...UNTOUCHED, callToolsId: 1 };
    const seen = new Map([[1, { hashes: ['q'], whole: true }]]);
    expect(commitOf('p', 'place', { kind: 'unchanged', observed })).toMatchObject(LACKING);
    expect(commitOf('p', 'place', { kind: 'unchanged', observed }, seen)).toMatchObject({
      leftOut: null,
      noArea: false,
    });
  });
});

describe('calling hours', () => {
  const AREA = { email: 'dana@example.com', state: 'FL', postalCode: '33101' };
  test.each<[string, object, number]>([
    ['has both', AREA, 0],
    ['has no state', { ...AREA, state: '' }, 1],
    ['has no zip code', { ...AREA, postalCode: '' }, 1],
  ])('a contact that %s', async (_, data, no_area) => {
    expect(stored(await placed(data))).toEqual([{ left_out: null, no_area }]);
  });

  test.each<[string, object, object]>([
    ['changes', AREA, { state: '' }],
    ['leaves the dialer', AREA, { tags: ['customer'] }],
    ['changes, and had no state', { ...AREA, state: '' }, { state: 'FL' }],
    ['leaves the dialer, and had no state', { ...AREA, state: '' }, { tags: ['customer'] }],
  ])('are as they were where CallTools cannot be written to: the contact %s', async (_, data, edit) => {
    const stage = await placed(data);
    const before = stored(stage);
    stage.callTools.faults.plan({ match: { method: 'PATCH' }, do: { kind: 'status', status: 503, body: {} } });
    await stage.ghl.editContact('dana', edit, SILENT);
    stage.hint('dana', { receivedAt: stage.clock.at + 10_000 });
    await stage.step();
    expect(stored(stage)).toEqual(before);
  });

  test('a contact whose state CallTools refuses has none', async () => {
    const stage = await placed(AREA);
    stage.callTools.settings.customFields.push({ name: 'state', type: 'choice', choices: ['GA'] });
    await stage.ghl.editContact('dana', { state: 'TX' }, SILENT);
    await look(stage, 'dana');
    expect(stored(stage)).toEqual([{ left_out: '["state"]', no_area: 1 }]);
  });
});

describe('fields that the account does not keep', () => {
  const reports = ({ sqlite }: BackstopStage) =>
    sqlite.rows('SELECT field, problem, since, seen_at, added_at FROM field_reports');

  test('are stored once, not once a contact, and cost an unchanged contact nothing', async () => {
    const stage = backstopStage({ env: { CALLTOOLS_EXTERNAL_ID_FIELD: 'crm_id' } });
    await stage.leads(3);
    await stage.night();
    const [report, ...more] = reports(stage);
    expect(more).toEqual([]);
    expect(report).toMatchObject({ field: 'crm_id', problem: 'absent', added_at: null });
    expect(stage.dialed()).toHaveLength(3);
    const wrote = () => stage.statements.filter((sql) => sql.includes('INSERT INTO field_reports')).length;
    const before = wrote();
    await stage.leads(1, 3);
    await stage.night();
    expect(wrote()).toBe(before);
    expect(reports(stage)).toEqual([report]);
    expect(stage.sqlite.rows('SELECT left_out FROM dialer WHERE left_out IS NOT NULL')).toEqual([]);
  });

  test('are said to be added once CallTools shows them', async () => {
    const stage = backstopStage({ env: { CALLTOOLS_EXTERNAL_ID_FIELD: 'crm_id' } });
    await stage.leads(1);
    await stage.night();
    stage.callTools.settings.customFields.push({ name: 'crm_id', type: 'text' });
    await stage.leads(1, 1);
    await stage.night();
    expect(reports(stage)).toMatchObject([{ field: 'crm_id', problem: 'absent', added_at: expect.any(Number) }]);
  });
});
