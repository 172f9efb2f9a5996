// The stand-in for CallTools has agents: they call, say how it went, and the account keeps a record of it.

import { describe, expect, test } from 'vitest';
import { DISPOSITIONS } from '../../../sandbox/calltools/calls/dispositions.ts';
import { callCenter, NOON } from './calls-harness.ts';
import { OTHER, PHONE } from './calltools-harness.ts';

const idOf = (name: string) => DISPOSITIONS.find((one) => one.name === name)?.id;

test('the dispositions of the account are a paged list with what each of them does', async () => {
  const { call } = callCenter();
  const { json } = await call('GET', '/calldispositions/?page_size=2');
  expect([json.count, json.results]).toEqual([DISPOSITIONS.length, DISPOSITIONS.slice(0, 2)]);
  expect(json.results[0]).toEqual({
    id: 3001,
    name: 'Do Not Call',
    hang_up_call: true,
    no_contact: false,
    set_contact_dnc: true,
    set_phone_number_dnc: false,
  });
  expect((await call('POST', '/calldispositions/', {})).status).toBe(405);
});

describe('a call', () => {
  test('leaves a row of the record, a call, and its traces at the contact', async () => {
    const { call, dispose, contact, history, vendor, id } = callCenter();
    const made = dispose('Not Interested', { talkMs: 95_000 });
    const [maria] = vendor.settings.users;
    const [row] = await history();
    expect(row).toEqual({
      id: expect.any(Number),
      call_uuid: made.called && made.callUuid,
      contact: id,
      app_user: maria?.id,
      campaign: 7001,
      disposition: idOf('Not Interested'),
      phone_number: PHONE,
      created_on: '2026-11-20 12:00:00',
    });
    const { json } = await call('GET', `/calls/?uuid=${row?.call_uuid}`);
    expect(json.results).toMatchObject([
      {
        uuid: row?.call_uuid,
        contact: id,
        app_user: maria?.id,
        campaign: 7001,
        system_disposition: 'Answered',
        call_disposition: idOf('Not Interested'),
        destination: PHONE,
        inbound: false,
        start: '2026-11-20T11:58:25Z',
        end: '2026-11-20T12:00:00Z',
        duration: 95,
        billsec: 95,
        call_recording_fsfile_id: null,
        created_on: '2026-11-20T12:00:00Z',
      },
    ]);
    expect((await call('GET', `/contacts/${id}/`)).json).toMatchObject({
      disposition: 'Not Interested',
      call_disposition: 'Not Interested',
      last_call_outbound: '2026-11-20 12:00:00',
      last_call_outbound_human: '2026-11-20 12:00:00',
      calls_outbound: 1,
      calls_outbound_human: 1,
    });
    expect(contact()).toMatchObject({ buckets: ['Cold Leads'], doNotContact: false });
  });

  test('that reached nobody is counted, and leaves the last conversation as it was', async () => {
    const { call, dispose, clock, id } = callCenter();
    dispose('Callback');
    clock.advance(60_000);
    for (let n = 0; n < 2; n++) dispose('No Answer');
    const shown = async () => (await call('GET', `/contacts/${id}/`)).json;
    expect(await shown()).toMatchObject({
      last_call_outbound: '2026-11-20 12:01:00',
      last_call_outbound_human: '2026-11-20 12:00:00',
      calls_outbound: 3,
      calls_outbound_human: 1,
      consecutive_no_contact: 2,
    });
    expect((await call('GET', '/calls/?ordering=-pk')).json.results[0]).toMatchObject({
      system_disposition: 'No Answer',
      billsec: 0,
    });
    dispose('Callback');
    expect(await shown()).toMatchObject({ consecutive_no_contact: 0 });
  });

  test('can be anybody’s, and of no campaign', async () => {
    const { dispose, history } = callCenter();
    dispose('Callback', { agent: null, campaign: null });
    expect(await history()).toMatchObject([{ app_user: null, campaign: null }]);
  });

  test('may forbid further ones: to the contact, or to the number', async () => {
    const one = callCenter();
    one.dispose('Do Not Call');
    expect(one.contact()?.doNotContact).toBe(true);
    const two = callCenter();
    const numbers = async () =>
      (await two.call('GET', `/phonenumbers/?contact_id=${two.id}`)).json.results.map((row) => [
        row.phone_number,
        row.do_not_contact,
      ]);
    two.vendor.editContactByHand(two.id, { home_phone_number: OTHER });
    two.dispose('DNC This Number');
    expect(two.contact()?.doNotContact).toBe(false);
    expect(await numbers()).toEqual([
      [PHONE, true],
      [OTHER, false],
    ]);
    expect(two.dispose('Callback')).toMatchObject({ called: true, phone: OTHER });
    await two.call('PATCH', `/contacts/${two.id}/`, { mobile_phone_number: PHONE, do_not_contact: false });
    expect(await numbers()).toContainEqual([PHONE, true]);
  });

  test('a number that may not be called stays so when contacts are merged', async () => {
    const { vendor, call, id, dispose } = callCenter();
    dispose('DNC This Number');
    const other = vendor.addContactByHand({ mobile_phone_number: OTHER });
    vendor.mergeContactsByHand(other.id, id);
    const { results } = (await call('GET', `/phonenumbers/?contact_id=${other.id}`)).json;
    expect(results.filter((row) => row.do_not_contact)).toMatchObject([{ phone_number: PHONE }]);
  });

  test('of an unknown contact or with an unknown disposition is an error', () => {
    const { vendor, dispose } = callCenter();
    expect(() => dispose('Not interested')).toThrow('no disposition "Not interested"');
    expect(() => vendor.agentCalls(1, { disposition: 'Callback' })).toThrow('no contact 1');
  });
});

describe('the dialer gives an agent only a contact that', () => {
  test.each([
    ['is ready', { ready: false }, 'not ready'],
    ['may be contacted', { do_not_contact: true }, 'do-not-contact'],
    ['is not suppressed', { suppress_until: '2026-11-20 12:00:01' }, 'suppressed'],
    ['is not suppressed, in ISO', { suppress_until: '2026-11-20T12:00:01Z' }, 'suppressed'],
    ['has a suppression that can be read', { suppress_until: 'soon' }, 'suppressed'],
    ['has a number', { mobile_phone_number: '' }, 'no number'],
  ])('%s', async (_, fields, why) => {
    const { vendor, dispose, history, id, contact } = callCenter();
    vendor.editContactByHand(id, fields);
    const before = contact();
    expect(dispose('Callback')).toEqual({ called: false, why: expect.stringContaining(why) });
    expect(vendor.whyNotDialed(id)).toContain(why);
    expect([await history(), contact()]).toEqual([[], before]);
    expect(dispose('Callback', { force: true })).toMatchObject({ called: true });
    expect(await history()).toHaveLength(1);
  });

  test('has a number that is not on the federal list, and one that no agent forbade', () => {
    const { vendor, dispose, id } = callCenter();
    vendor.call(id, { fields: { all_phone_numbers_fdnc: true } });
    expect(vendor.whyNotDialed(id)).toContain('federal');
    vendor.call(id, { fields: { all_phone_numbers_fdnc: false } });
    expect(vendor.whyNotDialed(id)).toBeNull();
    dispose('DNC This Number');
    expect(vendor.whyNotDialed(id)).toContain('no number');
  });

  test('is suppressed no longer', () => {
    const { vendor, dispose, id } = callCenter();
    vendor.editContactByHand(id, { suppress_until: '2026-11-20 12:00:00' });
    expect(dispose('Callback')).toMatchObject({ called: true });
  });
});

test('a transfer is disposed of while the call goes on; the call is there when it has ended', async () => {
  const { call, dispose, history, vendor, pass } = callCenter();
  dispose('Callback');
  const made = dispose('Transferred');
  const uuid = made.called ? made.callUuid : '';
  const calls = async () => (await call('GET', `/calls/?uuid=${uuid}`)).json.results;
  expect([await history(), await calls()]).toMatchObject([[{ call_uuid: uuid }, {}], []]);
  await pass(60_000);
  expect([vendor.hangUp(uuid), vendor.hangUp(uuid)]).toEqual([true, false]);
  expect(await calls()).toMatchObject([{ end: '2026-11-20T12:01:00Z', duration: 90 }]);
});

describe('the record', () => {
  const rows = async (history: ReturnType<typeof callCenter>['history'], query?: string) =>
    (await history(query)).map((row) => row.disposition);
  const [NO, SET, CALLBACK] = ['Not Interested', 'Appointment Set', 'Callback'].map(idOf);

  test('is newest first only if asked for that, and ignores filters', async () => {
    const { dispose, history } = callCenter();
    for (const name of ['Not Interested', 'Appointment Set']) dispose(name);
    expect(await rows(history)).toEqual([SET, NO]);
    expect(await rows(history, '')).toEqual([NO, SET]);
    expect(await rows(history, '?ordering=-created_on&contact=1&contact_id=1&created_on__gte=2030-01-01')).toEqual([
      NO,
      SET,
    ]);
  });

  test('grows while it is paged, so that a page repeats what the one before has shown', async () => {
    const { dispose, history } = callCenter();
    for (const name of ['Not Interested', 'Appointment Set', 'Callback']) dispose(name);
    expect(await rows(history, '?ordering=-pk&page_size=2')).toEqual([CALLBACK, SET]);
    dispose('Callback');
    expect(await rows(history, '?ordering=-pk&page_size=2&page=2')).toEqual([SET, NO]);
  });

  test('shows a late row with the time of the pick, between those that came meanwhile or before them all', async () => {
    const { dispose, history, pass, vendor } = callCenter();
    dispose('Not Interested', { rowAfterMs: 60_000 });
    dispose('Appointment Set', { rowAfterMs: 60_000, lateId: true });
    await pass(10_000);
    dispose('Callback');
    expect(await rows(history)).toEqual([CALLBACK]);
    expect(vendor.dispositionRows().map((row) => row.disposition)).toEqual([NO, SET, CALLBACK]);
    await pass(49_999);
    expect(await history()).toHaveLength(1);
    await pass(1);
    expect(await history()).toMatchObject([
      { disposition: SET, created_on: '2026-11-20 12:00:00' },
      { disposition: CALLBACK, created_on: '2026-11-20 12:00:10' },
      { disposition: NO, created_on: '2026-11-20 12:00:00' },
    ]);
    const ids = (await history()).map((row) => row.id);
    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
    expect(vendor.dispositionRows()).toHaveLength(3);
  });

  test.each([
    ['id', NO],
    ['name', 'Not Interested'],
    ['object', DISPOSITIONS[2]],
  ] as const)('names a disposition by %s', async (dispositionForm, shown) => {
    const { dispose, history } = callCenter({ dispositionForm, callTimes: 'iso' });
    dispose('Not Interested');
    expect(await history()).toMatchObject([{ disposition: shown, created_on: new Date(NOON).toISOString() }]);
  });

  test('outlives a restart, and so does what is still to come', async () => {
    const one = callCenter({ bucketAutomations: [{ disposition: 'Callback', bucket: 'Cold Leads', afterMs: 9000 }] });
    one.dispose('DNC This Number');
    one.dispose('Callback', { rowAfterMs: 5000, force: true });
    const transfer = one.dispose('Transferred', { force: true });
    const two = callCenter();
    two.vendor.restore(JSON.parse(JSON.stringify(one.vendor.snapshot())));
    expect(await rows(two.history)).toEqual(['Transferred', 'DNC This Number'].map(idOf));
    expect((await two.call('GET', '/phonenumbers/')).json.results).toMatchObject([{ do_not_contact: true }]);
    await two.pass(5000);
    expect(await two.history()).toHaveLength(3);
    expect(two.contact()?.buckets).toEqual(['Cold Leads']);
    await two.pass(4000);
    expect(two.contact()?.buckets).toEqual([]);
    expect(two.vendor.hangUp(transfer.called ? transfer.callUuid : '')).toBe(true);
    const { record: _record, ...older } = one.vendor.snapshot() as Record<string, unknown>;
    two.vendor.restore(older);
    expect(await two.history()).toEqual([]);
  });
});

describe('an automation takes the contact out of its bucket', () => {
  const automation = { disposition: 'Not Interested', bucket: 'Cold Leads' };

  test('before the row of the record appears', async () => {
    const { dispose, contact, history, pass } = callCenter({ bucketAutomations: [{ ...automation, afterMs: 0 }] });
    dispose('Not Interested', { rowAfterMs: 1000 });
    expect([contact()?.buckets, await history()]).toEqual([[], []]);
    await pass(1000);
    expect(await history()).toHaveLength(1);
  });

  test('or after that, and only after the disposition that it is for', async () => {
    const { dispose, contact, history, pass } = callCenter({ bucketAutomations: [{ ...automation, afterMs: 1000 }] });
    dispose('Callback');
    await pass(1000);
    dispose('Not Interested');
    await pass(999);
    expect([contact()?.buckets, (await history()).length]).toEqual([['Cold Leads'], 2]);
    await pass(1);
    expect(contact()?.buckets).toEqual([]);
  });

  test('and no other bucket', async () => {
    const { dispose, contact, vendor, id } = callCenter({ bucketAutomations: [{ ...automation, afterMs: 0 }] });
    vendor.putInBucketByHand(id, 'Hot Leads');
    dispose('Not Interested');
    expect(contact()?.buckets).toEqual(['Hot Leads']);
  });
});

test('a person may make a row of the record say something else, or remove it', async () => {
  const { dispose, history, vendor } = callCenter();
  dispose('No Answer');
  dispose('Not Interested');
  const [second, first] = (await history()).toSorted((a, b) => b.id - a.id);
  expect(vendor.editDispositionByHand(first?.id ?? 0, 'Appointment Set')).toBe(true);
  expect(vendor.editDispositionByHand(second?.id ?? 0, null)).toBe(true);
  expect(await history()).toMatchObject([{ id: first?.id, disposition: idOf('Appointment Set') }]);
  expect(vendor.editDispositionByHand(second?.id ?? 0, 'No Answer')).toBe(false);
});
