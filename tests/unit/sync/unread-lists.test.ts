// A list that the rules need could not be read for a moment: who is in doubt because of it is read again soon, and not only at night.

import { describe, expect, test } from 'vitest';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';
import { BILL, DEFINED, MINUTE, SILENT } from './lists-harness.ts';
import { CONTACTED, CONTACTED_IN, opportunityStage } from './opportunities-harness.ts';

const UNAVAILABLE = { kind: 'status', status: 503 } as const;
const LISTS = /\/customFields$|\/opportunities\/pipelines$/;
const COLD = { name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' };
const LARGE = { custom: { 'contact.monthly_bill': { min: 200 } } };

const CASES: [string, object][] = [
  ['a condition of the route', { routes: [{ ...COLD, ...LARGE }] }],
  ['the opposite of one', { routes: [{ ...COLD, not: { custom: { 'contact.monthly_bill': { max: 100 } } } }] }],
  ['require', { routes: [COLD], require: LARGE }],
];

/** A location with these rules, whose lists cannot be read so many times; and a lead of 250, whose webhook is worked on once. */
async function unread(rules: object, times: number, answer: object = UNAVAILABLE) {
  const stage = backstopStage({
    env: { SYNC_RULES: JSON.stringify(rules) },
    ghl: { customFields: [...DEFINED] as never },
  });
  stage.ghl.faults.plan({ match: { path: LISTS }, times, do: answer as never });
  const customFields = [{ id: BILL, value: 250 }];
  const { id } = await stage.ghl.addContact({ phone: phoneOf(0), tags: ['cold lead'], customFields }, SILENT);
  stage.hint(id);
  await stage.step();
  const row = () => ({ ...stage.sqlite.rows('SELECT state, look_at AS lookAt, looks FROM contacts')[0] });
  const reads = () => stage.ghl.calls.list().filter(({ path }) => path === `/contacts/${id}`).length;
  return { ...stage, id, row, reads };
}

describe.each(CASES)('custom fields of %s', (_, rules) => {
  test('that cannot be read once keep nobody out for longer than half a minute', async () => {
    const stage = await unread(rules, 1);
    expect(stage.dialed()).toEqual([]);
    expect(stage.row()).toMatchObject({ state: 'kept_out', looks: 1 });
    const before = stage.clock.at;
    await stage.work();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    expect(stage.clock.at - before).toBeLessThanOrEqual(45_000);
    expect(stage.row()).toMatchObject({ state: 'placed', lookAt: null, looks: 0 });
    expect(stage.reads()).toBe(2);
  });

  test('that cannot be read for minutes are tried again and again, and cost no dead letter', async () => {
    const stage = await unread(rules, 4);
    const before = stage.clock.at;
    await stage.work();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    expect(stage.reads()).toBe(5);
    expect(stage.clock.at - before).toBeLessThan(8 * MINUTE);
    expect(stage.sqlite.rows('SELECT * FROM dead_letters')).toEqual([]);
  });

  test('that cannot be read at all cost a bounded number of looks, and the night reads the contact again', async () => {
    const stage = await unread(rules, 100);
    await stage.work();
    expect(stage.row()).toMatchObject({ state: 'kept_out', lookAt: null, looks: 0 });
    expect(stage.reads()).toBe(6);
    stage.ghl.faults.clear();
    stage.clock.advance(60 * MINUTE);
    await stage.night();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
  });

  test('that the key may not read are no reason for another look', async () => {
    const stage = await unread(rules, 100, { kind: 'status', status: 403, body: { message: 'no scope' } });
    await stage.work();
    expect(stage.row()).toMatchObject({ state: 'kept_out', lookAt: null });
    expect(stage.reads()).toBe(1);
  });
});

test('pipelines that cannot be read once keep nobody out until the night', async () => {
  const stage = opportunityStage([CONTACTED_IN]);
  stage.ghl.faults.plan({ match: { path: LISTS }, times: 1, do: UNAVAILABLE });
  const id = await stage.lead([CONTACTED], []);
  stage.hint(id);
  await stage.step();
  expect(stage.dialed()).toEqual([]);
  await stage.work();
  expect(stage.dialed()).toEqual([phoneOf(0)]);
});

test.each<[string, object, object]>([
  ['do-not-disturb', { routes: [{ ...COLD, ...LARGE }] }, { dnd: true }],
  ['no phone', { routes: [{ ...COLD, ...LARGE }] }, { phone: '' }],
  ['a required tag that is missing', { routes: [COLD], require: { ...LARGE, tags: ['consent'] } }, {}],
])('a contact that is not dialed whatever the list shows is not read again: %s', async (_, rules, changes) => {
  const stage = backstopStage({
    env: { SYNC_RULES: JSON.stringify(rules) },
    ghl: { customFields: [...DEFINED] as never },
  });
  stage.ghl.faults.plan({ match: { path: LISTS }, times: 100, do: UNAVAILABLE });
  const { id } = await stage.ghl.addContact({ phone: phoneOf(0), tags: ['cold lead'], ...changes }, SILENT);
  stage.hint(id);
  await stage.work();
  expect(stage.ghl.calls.count({ path: `/contacts/${id}` })).toBe(1);
});

test('whom a run finds in doubt is read again behind fresh leads', async () => {
  const stage = backstopStage({
    env: { SYNC_RULES: JSON.stringify({ routes: [{ ...COLD, ...LARGE }] }) },
    ghl: { customFields: [...DEFINED] as never },
  });
  stage.ghl.faults.plan({ match: { path: LISTS }, times: 1, do: UNAVAILABLE });
  const customFields = [{ id: BILL, value: 250 }];
  await stage.ghl.addContact({ phone: phoneOf(0), tags: ['cold lead'], customFields }, SILENT);
  await stage.nightly();
  while (await stage.step());
  const waiting = (name: 'events' | 'backstop') => stage.queues[name].map(({ body }) => body);
  expect([waiting('events'), waiting('backstop')]).toMatchObject([[], [{ eventType: 'ReadAgain' }]]);
  await stage.work();
  expect(stage.dialed()).toEqual([phoneOf(0)]);
});

const BY_ID = { routes: [{ name: 'large', tags: ['x'], custom: { [BILL]: { min: 900 } }, bucket: 'Large' }, COLD] };
const MAPPED = JSON.stringify({ monthly_bill: 'custom:contact.monthly_bill' });
test.each<[string, Record<string, string>]>([
  ['no rule asks for a field', { FIELD_MAP: MAPPED }],
  ['the rules name theirs by its id', { FIELD_MAP: MAPPED, SYNC_RULES: JSON.stringify(BY_ID) }],
])('a list that only mapped fields need is not asked for so often: %s', async (_, env) => {
  const stage = backstopStage({ env, ghl: { customFields: [...DEFINED] as never } });
  stage.ghl.faults.plan({ match: { path: LISTS }, times: 100, do: UNAVAILABLE });
  const [id = ''] = await stage.leads(1);
  for (let minutes = 0; minutes < 5; minutes++) {
    stage.hint(id, { receivedAt: stage.clock.at });
    await stage.work();
    stage.clock.advance(MINUTE);
  }
  expect(stage.ghl.calls.count({ path: LISTS })).toBe(1);
  expect(stage.dialed()).toHaveLength(1);
});
