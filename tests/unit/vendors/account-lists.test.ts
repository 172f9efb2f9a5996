// The real clients read the lists by which settings name fields and users: rows of any form, and nothing that follows for the vendor.

import { describe, expect, test } from 'vitest';
import { createCallMonitor } from '../../../workers/consumer/vendors/circuit-breaker.ts';
import { callToolsStage, failureOf, goHighLevelStage, jsonAnswer, LOCATION } from '../../support/vendor-harness.ts';
import { answering } from './gohighlevel-harness.ts';

const ANA = 'aaaaaaaa-0000-4000-8000-aaaaaaaaaaaa';

describe('GoHighLevel', () => {
  test('the custom fields of contacts are asked for, with their keys and names', async () => {
    const { client, sent } = goHighLevelStage();
    const fields = await client.customFields();
    expect(fields).toContainEqual({
      id: 'monthlyBill'.padEnd(20, '0'),
      key: 'contact.monthly_bill',
      name: 'Monthly bill',
      dataType: 'MONETORY',
      options: [],
    });
    expect(fields.some(({ key }) => key?.startsWith('opportunity.'))).toBe(false);
    expect(`${sent[0]?.url.pathname}${sent[0]?.url.search}`).toBe(`/locations/${LOCATION}/customFields?model=contact`);
  });

  test('rows of another form are left out, and fields of another model', async () => {
    const customFields = [
      ...[null, 7, {}, { id: 7 }, { id: 'o', name: 'x', model: 'opportunity' }],
      ...[{ id: 'a' }, { id: 'b', name: 7, fieldKey: null, model: null }],
    ];
    expect(await answering(200, { customFields }).customFields()).toEqual([
      { id: 'a', key: null, name: null, dataType: null, options: [] },
      { id: 'b', key: null, name: null, dataType: null, options: [] },
    ]);
  });

  test('users are those of the location, by their emails', async () => {
    const { client, sent } = goHighLevelStage();
    expect((await client.users())[0]).toEqual({ id: 'user0000000000000001', names: ['erin.walsh@crm.example'] });
    expect(`${sent[0]?.url.pathname}${sent[0]?.url.search}`).toBe(`/users/?locationId=${LOCATION}`);
    expect(await answering(200, { users: [null, { id: 'u' }, { email: 'x@y.z' }] }).users()).toEqual([
      { id: 'u', names: [] },
    ]);
  });
});

describe('CallTools', () => {
  test('users have emails, usernames and names, over all pages', async () => {
    const { client } = callToolsStage({ pageSizeMax: 2 });
    expect(await client.users()).toMatchObject([
      { id: ANA, names: ['maria.lopez@dialer.example', 'maria.lopez', 'Maria Lopez'] },
      {},
      {},
    ]);
  });

  test('rows of another form are read as far as they can be', async () => {
    const results = [
      { id: 7, uuid: ANA, name: 'Ana Lee' },
      { id: 8, username: 'nobody' },
      { id: ANA, email: null, first_name: 'Ana' },
      { id: 9, app_user: ANA, username: 'ana', full_name: 'Ana Lee', is_agent: true },
      null,
    ];
    const { client } = callToolsStage({}, { meddle: async () => jsonAnswer(200, { results }) });
    expect(await client.users()).toEqual([
      { id: ANA, names: ['Ana Lee'] },
      { id: ANA, names: ['Ana '] },
      { id: ANA, names: ['ana', 'Ana Lee'] },
    ]);
  });
});

describe('a list that is refused or fails', () => {
  const ANSWERS = [401, 403, 404, 429, 500, 503, 200].map((status) => [status, () => jsonAnswer(status, {})] as const);

  test.each(ANSWERS)('with %i says nothing of the vendor', async (_, answer) => {
    const monitor = createCallMonitor();
    const meddle = async () => answer();
    const ghl = goHighLevelStage({}, { meddle, guard: monitor.guard('gohighlevel') }).client;
    const { client } = callToolsStage({}, { meddle, guard: monitor.guard('calltools') });
    for (let n = 0; n < 6; n++)
      for (const list of [ghl.customFields, ghl.users, client.users])
        expect((await failureOf(list())).error).toMatch(/^GET \//);
    const { ok, worked, stopped, refusals } = monitor;
    expect([ok.size, worked.size, stopped.size]).toEqual([0, 0, 0]);
    expect([refusals.isOpen('gohighlevel'), refusals.isOpen('calltools')]).toEqual([false, false]);
  });

  test('and one that is answered does not say that work goes through', async () => {
    const monitor = createCallMonitor();
    const { client } = goHighLevelStage({}, { guard: monitor.guard('gohighlevel') });
    await client.customFields();
    expect([monitor.ok.size, monitor.worked.size]).toEqual([0, 0]);
  });

  test('is not asked for where the vendor is stopped', async () => {
    const monitor = createCallMonitor();
    const { client, sent } = goHighLevelStage({}, { guard: monitor.guard('gohighlevel') });
    monitor.stopped.set('gohighlevel', { kind: 'setup', vendor: 'gohighlevel', error: 'stopped' });
    expect((await failureOf(client.customFields())).error).toBe('stopped');
    expect(sent).toEqual([]);
  });
});
