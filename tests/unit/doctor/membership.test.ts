// The doctor's one change: a contact leaves its bucket and comes back, and never ends in a bucket against the rules.

import { beforeEach, describe, expect, test } from 'vitest';
import type { Message } from '../../../shared/messages.ts';
import { COLD, LOCATION, PHONE } from '../../support/vendor-harness.ts';
import { type DoctorStage, HOUR, healthyStage } from './doctor-harness.ts';

const SENT = { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
let stage: DoctorStage;
let dana: string;
beforeEach(async () => {
  ({ stage, dana } = await healthyStage());
});

describe('the membership of a named contact', () => {
  test('is taken away and comes back, both read back', async () => {
    const before = stage.callTools.calls.list().length;
    expect(await stage.check('membership', dana)).toMatchObject({
      status: 'ok',
      seen: expect.stringContaining('came back'),
    });
    const writes = stage.callTools.calls
      .list()
      .slice(before)
      .filter(({ method }) => method !== 'GET');
    expect(writes.map(({ method }) => method)).toEqual(['PATCH', 'PATCH']);
    expect(stage.callTools.holds(COLD)).toEqual([PHONE]);
  });

  test('is the doctor’s, in the history and in the counters: nobody has replayed anything', async () => {
    const counted = () =>
      stage.sqlite.rows(
        `SELECT key, value FROM hours, json_each(hours.counts) WHERE key IN ('hint replay', 'hint doctor')`,
      );
    expect(counted()).toEqual([]);
    await stage.check('membership', dana);
    expect(counted()).toEqual([{ key: 'hint doctor', value: expect.any(Number) }]);
    const [row] = stage.sqlite.rows('SELECT history FROM contacts WHERE contact_id = ?1', dana);
    expect(JSON.parse(String(row?.history)).map(({ source }: { source: string }) => source)).toContain('doctor');
  });

  test('that cannot be taken away is named', async () => {
    stage.callTools.settings.bucketPatch = 'ignored';
    expect(await stage.check('membership', dana)).toMatchObject({
      status: 'failed',
      seen: expect.stringContaining('still in it'),
    });
    // The pipeline was asked for the last word, and knows again what CallTools holds.
    expect(stage.sqlite.rows('SELECT fingerprint IS NULL AS forgotten FROM dialer')).toEqual([{ forgotten: 0 }]);
    expect(stage.callTools.holds(COLD)).toEqual([PHONE]);
  });

  test('that does not come back is named, with the reason', async () => {
    const handle = stage.callTools.handle;
    stage.hosts['east-1.calltools.io'] = async (request) => {
      const body = request.method === 'PATCH' ? await request.clone().text() : '';
      if (body.includes('add_buckets')) stage.callTools.settings.bucketPatch = 'ignored';
      if (body.includes('add_contacts')) stage.callTools.settings.bucketSidePatch = 'ignored';
      return handle(request);
    };
    expect(await stage.check('membership', dana)).toMatchObject({
      status: 'failed',
      seen: expect.stringContaining('membership_not_applied'),
    });
  });

  test('of a contact that must be kept out by now is not given back', async () => {
    await stage.ghl.editContact(dana, { tags: ['customer'] }, { silent: true });
    expect(await stage.check('membership', dana)).toMatchObject({
      status: 'ok',
      seen: expect.stringContaining('kept out (route)'),
    });
    expect(stage.callTools.holds(COLD)).toEqual([]);
  });

  test('that somebody took out is not touched: this check would bring it back', async () => {
    const { stage, dana } = await healthyStage();
    const [held] = stage.callTools.contacts();
    stage.callTools.call(held?.id ?? 0, { disposition: 'No' });
    stage.callTools.takeOutByHand(held?.id ?? 0);
    const check = await stage.check('membership', dana);
    expect(check).toMatchObject({ status: 'skipped', seen: expect.stringContaining('somebody took it out') });
    expect(stage.callTools.contacts().map(({ buckets }) => buckets)).toEqual([[]]);
  });

  test('is left alone while another holds the lease, and where the contact is not placed', async () => {
    stage.sqlite.rows('UPDATE dialer SET lease_until = ?1', stage.clock.at + HOUR);
    expect((await stage.check('membership', dana)).status).toBe('warning');
    const kept = await stage.bring({ firstName: 'Eve', phone: '+13055550143', tags: ['customer'] });
    stage.sqlite.rows(`UPDATE contacts SET state = 'kept_out', reason = 'route' WHERE contact_id = ?1`, dana);
    stage.sqlite.rows('UPDATE dialer SET lease_until = 0');
    for (const contact of [kept, dana, 'nobody'])
      expect((await stage.check('membership', contact)).status).toBe('skipped');
    expect(stage.callTools.holds(COLD)).toEqual([PHONE]);
  });

  /** The nightly comparison, as far as it concerns Dana. */
  const backstop = () =>
    stage.env.EVENTS.send({
      v: 1,
      kind: 'contact.changed',
      locationId: LOCATION,
      contactId: dana,
      eventType: 'x',
      source: 'backstop',
      eventId: 'e2',
      occurredAt: null,
      receivedAt: stage.clock.at,
      snapshot: null,
    });

  test('is not taken away while the queue is down', async () => {
    stage.env.EVENTS.send = () => Promise.reject(new Error('queue is down'));
    expect(await stage.check('membership', dana)).toMatchObject({ status: 'failed', seen: 'queue is down' });
    expect(stage.callTools.holds(COLD)).toEqual([PHONE]);
  });

  test('is asked for before it is taken away, for the time when the lease is over', async () => {
    const { send } = stage.env.EVENTS;
    const asked: { body: Message; delaySeconds: number; held: string[] }[] = [];
    stage.env.EVENTS.send = async (body, { delaySeconds = 0 } = {}) => {
      if (delaySeconds === 0) throw new Error('the request was given up');
      asked.push({ body, delaySeconds, held: stage.callTools.holds(COLD) });
      return SENT;
    };
    await stage.check('membership', dana);
    expect(stage.callTools.holds(COLD)).toEqual([]);
    expect(asked).toMatchObject([{ held: [PHONE] }]);
    stage.env.EVENTS.send = send;
    for (const { body, delaySeconds } of asked) {
      stage.clock.advance(delaySeconds * 1_000);
      await send(body);
    }
    expect(stage.callTools.holds(COLD)).toEqual([PHONE]);
  });

  test('that a doctor took away and could not ask for is given back by the backstop', async () => {
    const { send } = stage.env.EVENTS;
    stage.env.EVENTS.send = async (_, { delaySeconds = 0 } = {}) => {
      if (delaySeconds === 0) throw new Error('queue is down');
      return SENT;
    };
    stage.sqlite.rows(`UPDATE contacts SET search_hash = 'as it was seen'`);
    expect(await stage.check('membership', dana)).toMatchObject({ status: 'failed', seen: 'queue is down' });
    expect(stage.callTools.holds(COLD)).toEqual([]);
    expect(stage.sqlite.rows('SELECT search_hash FROM contacts')).toEqual([{ search_hash: null }]);
    stage.env.EVENTS.send = send;
    await backstop();
    expect(stage.callTools.holds(COLD)).toEqual([PHONE]);
  });

  test('whose removal was given up without an answer is in doubt until it cannot arrive any more', async () => {
    const patch = { method: 'PATCH', path: '/api/contacts/' };
    stage.callTools.faults.plan({ match: patch, times: 1, do: { kind: 'after-reset' } });
    expect((await stage.check('membership', dana)).status).toBe('failed');
    expect(stage.sqlite.rows('SELECT unsettled FROM dialer')).toEqual([{ unsettled: 1 }]);
    stage.clock.advance(61_000);
    await backstop();
    expect(stage.callTools.holds(COLD)).toEqual([PHONE]);
    expect(stage.sqlite.rows('SELECT doubt_until > ?1 AS doubted FROM dialer', stage.clock.at)).toEqual([
      { doubted: 1 },
    ]);
  });

  test('is left alone where an earlier write of the pipeline is in doubt', async () => {
    for (const doubt of ['unsettled = 1', `doubt_until = ${stage.clock.at + 1}`]) {
      stage.sqlite.rows(`UPDATE dialer SET unsettled = 0, doubt_until = 0`);
      stage.sqlite.rows(`UPDATE dialer SET ${doubt}`);
      expect((await stage.check('membership', dana)).status).toBe('warning');
    }
    expect(stage.callTools.holds(COLD)).toEqual([PHONE]);
  });
});
