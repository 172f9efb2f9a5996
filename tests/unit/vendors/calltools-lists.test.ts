// The real CallTools client against the sandbox's CallTools: lists, membership, and a vendor in trouble.

import { describe, expect, test } from 'vitest';
import type { Meddle } from '../../support/vendor-harness.ts';
import { callToolsStage, failureOf, jsonAnswer, OTHER_PHONE, PHONE } from '../../support/vendor-harness.ts';
import { NOON } from '../../support/virtual-clock.ts';

/** A client whose CallTools gives this one answer to calls of this path. */
function answering(path: string | RegExp, answer: () => Response, account: Parameters<typeof callToolsStage>[0] = {}) {
  const meddle: Meddle = async (request, handle) => {
    const { pathname } = new URL(request.url);
    return pathname.search(path) >= 0 ? answer() : handle(request);
  };
  return callToolsStage(account, { meddle });
}

describe('lists', () => {
  test('`next` is followed to the end, by its query alone: its host may be out of reach', async () => {
    const hosts = ['https://internal.example/api/buckets/?page=2', '/api/buckets/?page=2', '?page=2'];
    for (const next of hosts) {
      const { client, vendor } = callToolsStage(
        {},
        {
          meddle: async (request) => {
            const second = new URL(request.url).searchParams.get('page') === '2';
            return jsonAnswer(200, { results: [{ id: second ? 2 : 1, name: 'x' }], next: second ? null : next });
          },
        },
      );
      expect((await client.labels('bucket')).map(({ id }) => id)).toEqual([1, 2]);
      expect(vendor.calls.count()).toBe(0);
    }
  });

  test('pages of the vendor’s own size are all read', async () => {
    const { client, vendor } = callToolsStage({ pageSizeMax: 2 });
    for (let n = 0; n < 5; n++) vendor.addContactByHand({ buckets: [`B${n}`] });
    expect((await client.labels('bucket')).map(({ name }) => name)).toEqual(['B0', 'B1', 'B2', 'B3', 'B4']);
  });

  test.each(['/api/buckets/?page_size=100', 'https://x/api/buckets/', '::?page=2'])(
    'a `next` that leads round in circles fails: half a list would be a false statement (%s)',
    async (next) => {
      const { client } = answering('/buckets/', () => jsonAnswer(200, { results: [], next }));
      expect(await failureOf(client.labels('bucket'))).toMatchObject({ kind: 'transient' });
    },
  );

  test('a page that has gone is no broken set-up', async () => {
    const { client } = callToolsStage(
      {},
      {
        meddle: async (request) =>
          new URL(request.url).searchParams.has('page')
            ? jsonAnswer(404, { detail: 'Invalid page.' })
            : jsonAnswer(200, { results: [], next: '?page=2' }),
      },
    );
    expect(await failureOf(client.labels('bucket'))).toMatchObject({ kind: 'transient' });
  });

  test('rows that are no labels are left out', async () => {
    const { client } = answering('/alltags/', () =>
      jsonAnswer(200, { results: [null, { id: 1 }, { id: 2, name: 'a' }] }),
    );
    expect(await client.labels('tag')).toEqual([{ id: 2, name: 'a' }]);
  });
});

describe('membership', () => {
  test('is read from the link rows, of this contact only', async () => {
    const { client, vendor } = callToolsStage();
    const { id } = vendor.addContactByHand({ buckets: ['A', 'B'] });
    vendor.addContactByHand({ buckets: ['C'] });
    expect(await client.bucketsOf(id)).toEqual([vendor.bucketNamed('A')?.id, vendor.bucketNamed('B')?.id]);
  });

  test.each([
    ['the role may not read link rows', () => jsonAnswer(403, { detail: 'no' })],
    ['the account has none', () => new Response('', { status: 404 })],
    ['their filter is ignored', () => jsonAnswer(200, { count: 9, results: [{ contact: 1, bucket: 2 }] })],
    ['their form is another', () => jsonAnswer(200, { results: [{ contact_id: 1 }] })],
    ['there are more of them than a page', () => jsonAnswer(200, { results: [], next: '?page=2' })],
  ])('where %s, the contact’s own list has to do', async (_, links) => {
    const { client, vendor } = answering('/contactbuckets/', links);
    const { id } = vendor.addContactByHand({ buckets: ['A'] });
    expect(await client.bucketsOf(id)).toEqual([vendor.bucketNamed('A')?.id]);
  });

  test('where neither tells, it is a failure, not an empty list', async () => {
    const { client } = callToolsStage(
      {},
      {
        meddle: async ({ url }) =>
          url.includes('/contactbuckets/') ? jsonAnswer(403, {}) : jsonAnswer(200, { id: 1 }),
      },
    );
    expect(await failureOf(client.bucketsOf(1))).toMatchObject({ kind: 'contact', code: 'membership_not_applied' });
  });
});

describe('trouble', () => {
  test.each(['seconds', 'date', 'none'] as const)('a 429 with Retry-After as %s', async (retryAfter) => {
    const { client, vendor } = callToolsStage();
    vendor.faults.plan({ do: { kind: 'throttle', retryAfter, seconds: 42 } });
    const retryAfterMs = retryAfter === 'none' ? 10_000 : 42_000;
    expect(await failureOf(client.get(1))).toMatchObject({ kind: 'throttled', retryAfterMs });
  });

  test.each([
    [{ kind: 'html500' }, 'transient'],
    [{ kind: 'not-json' }, 'transient'],
    [{ kind: 'reset' }, 'transient'],
    [{ kind: 'hang' }, 'transient'],
    [{ kind: 'login-redirect' }, 'refused'],
    [{ kind: 'status', status: 530, body: 'error code: 1016' }, 'setup'],
  ] as const)('%j is a %s failure', async (fault, kind) => {
    const { client, vendor } = callToolsStage();
    vendor.faults.plan({ do: fault });
    expect(await failureOf(client.get(1))).toMatchObject({ kind, vendor: 'calltools' });
  });

  test('a slow vendor is waited for, up to the time-out; a write may take effect after it', async () => {
    const { client, vendor, clock } = callToolsStage();
    vendor.faults.plan({ times: 1, do: { kind: 'latency', ms: 9000 } });
    expect(await client.create({ mobile_phone_number: PHONE })).toMatchObject({ kind: 'created' });
    expect(clock.at).toBe(NOON + 9000);
    vendor.faults.plan({ do: { kind: 'latency', ms: 11_000 } });
    expect(await failureOf(client.create({ mobile_phone_number: OTHER_PHONE }))).toMatchObject({ kind: 'transient' });
    expect(vendor.contacts()).toHaveLength(1);
    await clock.whenIdle(clock.sleep(1001));
    expect(vendor.contacts()).toHaveLength(2);
  });
});
