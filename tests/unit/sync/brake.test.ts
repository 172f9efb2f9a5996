// The brake: what exceeds MAX_NEW_PLACEMENTS within an hour is held back. Edits, moves, repairs and withdrawals never are.

import { describe, expect, test } from 'vitest';
import { HOUR_MS } from '../../../shared/time.ts';
import { type BackstopStage, backstopStage, phoneOf, phones } from '../../support/consumer-harness.ts';
import { look, SILENT } from './people-harness.ts';

const HELD = { state: 'kept_out', reason: 'held_by_brake' };
const IN = { state: 'placed', reason: 'placed' };

function braked(limit: number | string = 2): BackstopStage {
  return backstopStage({ env: { MAX_NEW_PLACEMENTS: String(limit) } });
}

const reasons = ({ sqlite }: BackstopStage) =>
  sqlite.rows('SELECT state, reason FROM contacts ORDER BY created_at, contact_id');
const counted = ({ sqlite }: BackstopStage) =>
  sqlite.rows('SELECT state, count(*) AS n FROM new_placements GROUP BY state ORDER BY state');

test('without the setting D1 is asked nothing but to clean up once a day, and nothing is stored', async () => {
  const stage = backstopStage();
  await look(stage, ...(await stage.leads(3)));
  await stage.night();
  expect(stage.dialed()).toEqual(phones(3));
  const asked = stage.statements.filter((sql) => sql.includes('new_placements'));
  expect(asked.filter((sql) => !sql.includes('LIMIT 500'))).toEqual([]);
  expect(counted(stage)).toEqual([]);
});

test('webhooks and a run share the room of an hour', async () => {
  const stage = braked(3);
  const [first = '', second = ''] = await stage.leads(2);
  await look(stage, first, second);
  await stage.leads(4, 2);
  await stage.night();
  expect(stage.dialed()).toHaveLength(3);
  expect(reasons(stage).filter(({ reason }) => reason === 'held_by_brake')).toHaveLength(3);
});

test('CallTools is asked nothing about a contact that is held back, then and later', async () => {
  const stage = braked(1);
  await look(stage, ...(await stage.leads(1)));
  const calls = stage.callTools.calls.count();
  await look(stage, ...(await stage.leads(1, 1)));
  await stage.night();
  expect(reasons(stage)).toEqual([IN, HELD]);
  expect(stage.callTools.calls.count()).toBe(calls);
});

test('five batches at once do not overshoot', async () => {
  const stage = braked(7);
  const ids = await stage.leads(25);
  for (const id of ids) stage.hint(id);
  const batches = [0, 1, 2, 3, 4].map((n) => stage.queues.events.slice(5 * n, 5 * n + 5));
  await Promise.all(batches.map((batch) => stage.deliver('events', batch)));
  await stage.work();
  expect(stage.dialed()).toHaveLength(7);
  expect(counted(stage)).toEqual([
    { state: 'held', n: 18 },
    { state: 'let_in', n: 7 },
  ]);
});

test('what is held back stays so when the hour is over, and new contacts have the room of their own hour', async () => {
  const stage = braked(1);
  const ids = await stage.leads(2);
  await look(stage, ...ids);
  expect(reasons(stage)).toEqual([IN, HELD]);
  stage.clock.advance(2 * HOUR_MS);
  const [later = ''] = await stage.leads(1, 2);
  await look(stage, ...ids, later);
  expect(reasons(stage)).toEqual([IN, HELD, IN]);
});

describe('never counted nor held back', () => {
  test('an edit, a move to another bucket, a new number, a repair and a withdrawal', async () => {
    const stage = braked(1);
    stage.reconfigure({
      SYNC_RULES: JSON.stringify({
        routes: [
          { name: 'hot', tags: ['hot lead'], bucket: 'Hot Leads' },
          { name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' },
        ],
      }),
    });
    const [id = '', held = ''] = await stage.leads(2);
    await look(stage, id, held);
    stage.ghl.editContact(id, { firstName: 'New' }, SILENT);
    await look(stage, id);
    stage.ghl.editContact(id, { phone: phoneOf(7) }, SILENT);
    await look(stage, id);
    expect(stage.dialed()).toEqual([phoneOf(7)]);
    stage.ghl.editContact(id, { tags: ['hot lead'] }, SILENT);
    await look(stage, id);
    expect(stage.callTools.holds('Hot Leads')).toEqual([phoneOf(7)]);
    stage.callTools.deleteContact(stage.callTools.contacts()[0]?.id ?? 0);
    stage.ghl.editContact(id, { firstName: 'Newer' }, SILENT);
    await look(stage, id);
    expect(stage.callTools.holds('Hot Leads')).toEqual([phoneOf(7)]);
    stage.ghl.editContact(id, { dnd: true }, SILENT);
    await look(stage, id);
    expect(stage.callTools.holds('Hot Leads')).toEqual([]);
    expect(counted(stage)).toEqual([
      { state: 'held', n: 1 },
      { state: 'let_in', n: 1 },
    ]);
  });
});

test.each([
  ['do-not-disturb', { dnd: true }, 'dnd'],
  ['a lost tag', { tags: [] }, 'no_route'],
  ['a lost number', { phone: '' }, 'no_phone'],
])('%s takes a contact out of those that are held back', async (_, change, reason) => {
  const stage = braked(1);
  const ids = await stage.leads(2);
  await look(stage, ...ids);
  stage.ghl.editContact(ids[1] ?? '', change, SILENT);
  await look(stage, ids[1] ?? '');
  expect(reasons(stage)).toEqual([IN, { state: 'kept_out', reason }]);
  expect(counted(stage)).toEqual([{ state: 'let_in', n: 1 }]);
});

test('a write that fails is counted once, however often it is tried', async () => {
  const stage = braked(2);
  const ids = await stage.leads(2);
  stage.callTools.faults.plan({
    match: { method: 'POST', path: '/api/contacts/' },
    times: 3,
    do: { kind: 'status', status: 503, body: {} },
  });
  await look(stage, ...ids);
  expect(stage.dialed()).toEqual(phones(2));
  expect(counted(stage)).toEqual([{ state: 'let_in', n: 2 }]);
});

test.each([
  ['', {}],
  [', also from a contact that has another number by now', { home_phone_number: phoneOf(9) }],
])('what may have been written before it is held back is taken out%s', async (_, changed) => {
  const stage = braked(1);
  const [id = ''] = await stage.leads(1);
  await look(stage, id);
  stage.callTools.editContactByHand(stage.callTools.contacts()[0]?.id ?? 0, changed);
  // As an invocation leaves it that died after its write, more than an hour ago.
  stage.sqlite.rows('UPDATE dialer SET calltools_id = NULL, fingerprint = NULL, held = 1');
  stage.clock.advance(2 * HOUR_MS);
  const [other = ''] = await stage.leads(1, 1);
  await look(stage, other);
  await look(stage, id);
  expect(stage.dialed()).toEqual([phoneOf(1)]);
  expect(reasons(stage)).toEqual([HELD, IN]);
  // CallTools has it now, out of its bucket. That is no confirmation.
  await look(stage, id);
  expect(reasons(stage)).toEqual([HELD, IN]);
});
