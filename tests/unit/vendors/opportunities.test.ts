// The real client reads opportunities and pipelines: all pages, rows of any form, and nothing concluded from what cannot be read.

import { describe, expect, test } from 'vitest';
import { createCallMonitor } from '../../../workers/consumer/vendors/circuit-breaker.ts';
import { opportunityOf } from '../../../workers/consumer/vendors/opportunities.ts';
import { CONTACT, failureOf, goHighLevelStage, jsonAnswer, LOCATION, PHONE } from '../../support/vendor-harness.ts';
import { answering } from './gohighlevel-harness.ts';

const SALES = 'sales000000000000000';
const UNTOLD = { id: '', contactId: null, pipelineId: null, stageId: null, status: null };
const SILENT = { silent: true };

/** A location where the contact has so many opportunities, and somebody else has one. */
async function stageWith(count: number, version = '2021-07-28') {
  const stage = goHighLevelStage({}, { version });
  await stage.vendor.addContact({ id: CONTACT, phone: PHONE }, SILENT);
  await stage.vendor.addContact({ id: 'other' }, SILENT);
  const add = (id: string, contactId: string) => {
    stage.clock.at += 1;
    return stage.vendor.addOpportunity({ id, contactId, pipelineId: SALES, pipelineStageId: 's1' }, SILENT);
  };
  for (let n = 0; n < count; n++) await add(`o${n}`, CONTACT);
  await add('x', 'other');
  return stage;
}

const row = (id: string, more: object = {}) => ({
  ...{ id, contactId: CONTACT, pipelineId: 'p', pipelineStageId: 's', status: 'open', ...more },
});
const read = { id: 'a', contactId: CONTACT, pipelineId: 'p', stageId: 's', status: 'open' };

describe('the opportunities of a contact', () => {
  test('are asked for in every status, by its id', async () => {
    const { client, sent } = await stageWith(1);
    expect(await client.opportunitiesOf(CONTACT)).toEqual([
      { id: 'o0', contactId: CONTACT, pipelineId: SALES, stageId: 's1', status: 'open' },
    ]);
    expect(sent.map(({ url }) => Object.fromEntries(url.searchParams))).toEqual([
      { location_id: LOCATION, contact_id: CONTACT, status: 'all', order: 'added_asc', limit: '100' },
    ]);
  });

  test('are asked for in camel case from v3 on', async () => {
    const { client } = await stageWith(2, 'v3');
    expect(await client.opportunitiesOf(CONTACT)).toHaveLength(2);
  });

  test.each([
    [0, 1],
    [99, 1],
    [100, 2],
    [101, 2],
    [250, 3],
  ])('%i of them take %i calls, and are read whole', async (count, calls) => {
    const { client, sent } = await stageWith(count);
    const found = await client.opportunitiesOf(CONTACT);
    expect(found).toHaveLength(count);
    expect(found).not.toContainEqual(UNTOLD);
    expect(sent).toHaveLength(calls);
  });

  test.each([
    ['more are there than pages say', { opportunities: [row('a')], meta: { total: 2 } }],
    [
      'the pages go round in a circle',
      { opportunities: [row('a')], meta: { total: 9, startAfter: 1, startAfterId: 'a' } },
    ],
    ['an empty page is not the end', { opportunities: [], meta: { total: 1 } }],
  ])('are in doubt where %s', async (_why, page) => {
    expect(await answering(200, page).opportunitiesOf(CONTACT)).toContainEqual(UNTOLD);
  });

  test('are in doubt, and no endless work, where the pages do not end', async () => {
    let calls = 0;
    const { client } = goHighLevelStage(
      {},
      {
        meddle: async () => {
          calls += 1;
          const opportunities = Array.from({ length: 100 }, (_, n) => row(`o${calls}-${n}`));
          return jsonAnswer(200, { opportunities, meta: { startAfter: calls, startAfterId: 'x' } });
        },
      },
    );
    expect(await client.opportunitiesOf(CONTACT)).toContainEqual(UNTOLD);
    expect(calls).toBe(10);
  });

  test.each([
    ['a row that is no object', 7, UNTOLD],
    ['a stage that is no text', row('a', { pipelineStageId: { id: 's' } }), { ...read, stageId: null }],
    ['a status of another form', row('a', { status: ['open'] }), { ...read, status: null }],
    ['an opportunity that names no contact', row('a', { contactId: undefined }), { ...UNTOLD, id: 'a' }],
    ['a contact that is named beside it', row('a', { contactId: undefined, contact: { id: CONTACT } }), read],
  ])('%s is read as far as it goes', async (_name, one, expected) => {
    expect(await answering(200, { opportunities: [one] }).opportunitiesOf(CONTACT)).toEqual([expected]);
  });

  test('of another contact show that the filter was ignored: try again', async () => {
    const client = answering(200, { opportunities: [row('a', { contactId: 'other' })] });
    expect(await failureOf(client.opportunitiesOf(CONTACT))).toMatchObject({
      kind: 'transient',
      vendor: 'gohighlevel',
    });
  });

  test.each([
    [500, { message: 'oops' }, { kind: 'transient' }],
    [200, { detail: 'odd' }, { kind: 'transient' }],
    [429, {}, { kind: 'throttled' }],
    [401, { message: 'Invalid token: access token is invalid' }, { kind: 'refused', sign: 'record' }],
    [403, { message: 'The token does not have access to this location.' }, { kind: 'refused', sign: 'record' }],
  ])('fail with %i %j', async (status, body, failure) => {
    expect(await failureOf(answering(status, body).opportunitiesOf(CONTACT))).toMatchObject(failure);
  });

  test('that are read say nothing of whether contacts can be read', async () => {
    const monitor = createCallMonitor();
    const { client, vendor } = goHighLevelStage({}, { guard: monitor.guard('gohighlevel') });
    await client.opportunityPage(null);
    expect(monitor.worked.size).toBe(0);
    await vendor.addContact({ id: CONTACT }, SILENT);
    await client.read(CONTACT);
    expect(monitor.worked.has('gohighlevel')).toBe(true);
  });
});

test('without the scope each call says so', async () => {
  const { client, vendor } = await stageWith(1);
  vendor.settings.scopes = ['contacts.readonly'];
  expect(await client.opportunitiesOf(CONTACT)).toBe('no_scope');
  expect(await client.opportunityPage(null)).toBe('no_scope');
  expect(await client.pipelines()).toBe('no_scope');
});

test('the whole location is read page by page, the oldest first', async () => {
  const { client } = await stageWith(150);
  const first = await client.opportunityPage(null);
  if (first === 'no_scope') throw new Error('no scope');
  expect([first.rows.length, first.total, first.rows[0]?.id]).toEqual([100, 151, 'o0']);
  const second = await client.opportunityPage(first.next);
  expect(second).toMatchObject({ rows: { length: 51 } });
});

describe('pipelines', () => {
  test('have names and stages', async () => {
    const { client, sent } = goHighLevelStage();
    expect(await client.pipelines()).toMatchObject([
      { id: SALES, name: 'Sales', stages: [{ name: 'New Lead' }, { name: 'Contacted' }, { name: 'Booked' }, {}] },
      { name: 'Installation' },
    ]);
    expect(`${sent[0]?.url.pathname}${sent[0]?.url.search}`).toBe(`/opportunities/pipelines?locationId=${LOCATION}`);
  });

  test('of another form are left out, and so are stages', async () => {
    const pipelines = [
      null,
      { id: 7, name: 'x' },
      { id: 'p', name: 'P' },
      { id: 'q', name: 'Q', stages: [{ id: 's' }, 7] },
    ];
    expect(await answering(200, { pipelines }).pipelines()).toEqual([
      { id: 'p', name: 'P', stages: [] },
      { id: 'q', name: 'Q', stages: [] },
    ]);
  });
});

test('an entry of the contact list spells its keys in snake case', () => {
  const entry = { id: 'a', pipeline_id: 'p', pipeline_stage_id: 's', monetary_value: 5, status: 'won' };
  expect(opportunityOf(entry)).toEqual({ ...read, contactId: null, status: 'won' });
});
