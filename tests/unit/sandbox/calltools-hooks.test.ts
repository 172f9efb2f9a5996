// The stand-in for CallTools has REST hooks: they tell of what was created, unsigned, and perhaps in part.

import { describe, expect, test } from 'vitest';
import { callCenter } from './calls-harness.ts';
import { OTHER } from './calltools-harness.ts';

const URL = 'https://ingest.test/webhook/calltools?token=x';
const HISTORY = 'Historical Call Disposition';

type Center = ReturnType<typeof callCenter>;

const subscribe = async ({ call }: Center, resthook_model: string): Promise<number> =>
  (await call('POST', '/resthooksubscriptions/', { resthook_model, url: URL, description: 'pipeline' })).json.id;

describe('a subscription', () => {
  test('is made, listed, changed and deleted', async () => {
    const center = callCenter();
    const { call } = center;
    const body = { resthook_model: 'Call', url: URL, description: 'pipeline', secret: 'x' };
    const { status, json } = await call('POST', '/resthooksubscriptions/', body);
    const { secret: _secret, ...kept } = body;
    expect([status, json]).toEqual([201, { id: json.id, ...kept, created_on: '2026-11-20 12:00:00' }]);
    const path = `/resthooksubscriptions/${json.id}/`;
    expect((await call('GET', '/resthooksubscriptions/')).json.results).toEqual([json]);
    expect((await call('PATCH', path, { url: 'http://other.test/' })).json).toEqual({
      ...json,
      url: 'http://other.test/',
    });
    expect((await call('GET', path)).json.url).toBe('http://other.test/');
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).status).toBe(404);
    expect((await call('GET', '/resthooksubscriptions/')).json.count).toBe(0);
  });

  test('of no known model, or without an address, is refused', async () => {
    const { call } = callCenter();
    const bad = { resthook_model: 'call', url: 'ingest.test' };
    expect(await call('POST', '/resthooksubscriptions/', bad)).toEqual({
      status: 400,
      json: { resthook_model: ['"call" is not a valid choice.'], url: ['Enter a valid URL.'] },
    });
    expect((await call('POST', '/resthooksubscriptions/', { event: 'call' })).json).toEqual({
      resthook_model: ['This field is required.'],
      url: ['This field is required.'],
    });
  });

  test('outlives a restart', async () => {
    const one = callCenter();
    await subscribe(one, HISTORY);
    const two = callCenter();
    two.vendor.restore(one.vendor.snapshot());
    two.dispose('Callback');
    await two.pass(0);
    expect(two.inbox).toHaveLength(1);
  });
});

describe('a hook', () => {
  test('sends a new row of the record as GET shows it, unsigned', async () => {
    const center = callCenter();
    const { dispose, pass, inbox, history } = center;
    const id = await subscribe(center, HISTORY);
    dispose('Not Interested');
    await pass(0);
    expect(inbox).toEqual([{ url: URL, headers: { 'content-type': 'application/json' }, body: (await history())[0] }]);
    expect(center.vendor.hookDeliveries).toMatchObject([{ from: 'resthook', id, status: 200, attempts: 1 }]);
  });

  test('of a late row comes when the row does', async () => {
    const center = callCenter();
    await subscribe(center, HISTORY);
    center.dispose('Callback', { rowAfterMs: 1000 });
    await center.pass(999);
    expect(center.inbox).toEqual([]);
    await center.pass(1);
    expect(center.inbox).toHaveLength(1);
  });

  test('of a call comes when the call has ended', async () => {
    const center = callCenter();
    await subscribe(center, 'Call');
    const made = center.dispose('Transferred');
    await center.pass(1000);
    expect(center.inbox).toEqual([]);
    center.vendor.hangUp(made.called ? made.callUuid : '');
    await center.pass(0);
    const [call] = (await center.call('GET', '/calls/')).json.results;
    expect(center.inbox.map(({ body }) => body)).toEqual([call]);
  });

  test('of a contact comes when it is created, by the API or by hand, and never when it changes', async () => {
    const center = callCenter();
    await subscribe(center, 'Contact');
    const { json } = await center.call('POST', '/contacts/', { mobile_phone_number: OTHER });
    await center.call('PATCH', `/contacts/${json.id}/`, { first_name: 'Lee' });
    await center.call('POST', '/contacts/', { mobile_phone_number: OTHER, first_name: 'Kim' });
    await center.call('DELETE', `/contacts/${json.id}/`);
    const { id } = center.vendor.addContactByHand({});
    center.dispose('Callback');
    await center.pass(0);
    expect(center.inbox.map(({ body }) => body)).toMatchObject([json, { id }]);
  });

  test('may send some fields only', async () => {
    const center = callCenter({ hookFields: ['id', 'call_uuid'] });
    await subscribe(center, HISTORY);
    center.dispose('Callback');
    await center.pass(0);
    expect(Object.keys(center.inbox[0]?.body ?? {})).toEqual(['id', 'call_uuid']);
  });

  test('that fails is in the log of errors, and gone', async () => {
    const center = callCenter({}, [500, 0]);
    const id = await subscribe(center, HISTORY);
    for (let n = 0; n < 2; n++) {
      center.dispose('Callback');
      await center.pass(60_000);
    }
    const { results } = (await center.call('GET', '/resthookerrorlogs/')).json;
    expect(results).toMatchObject([
      { resthook_subscription: id, url: URL, status_code: 500 },
      { resthook_subscription: id, url: URL, status_code: 0 },
    ]);
    expect(center.inbox).toHaveLength(2);
  });

  test('may be tried again, with the same bytes', async () => {
    const center = callCenter({ hookTries: 3 }, [500, 302]);
    await subscribe(center, HISTORY);
    center.dispose('Callback');
    await center.clock.whenIdle(center.vendor.settled());
    expect(center.vendor.hookDeliveries).toMatchObject([{ status: 200, attempts: 3 }]);
    expect(center.inbox[2]).toEqual(center.inbox[0]);
    expect((await center.call('GET', '/resthookerrorlogs/')).json.count).toBe(0);
  });
});
