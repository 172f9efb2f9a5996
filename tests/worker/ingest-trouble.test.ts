// Ingest while its queue is in trouble, in workerd with real timers, a real queue and real D1: whatever was acknowledged is kept.

import type { D1Database } from '@cloudflare/workers-types';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestHarness, type TestHarness } from 'wrangler';
import { contactUpdate, hmac, LOCATION, SECRET } from './ingest-harness.ts';
import type { Mode, Seen } from './ingest-trouble-worker.ts';

const SOON = { timeout: 25_000, interval: 20 };

let server: TestHarness;
let url: URL;
let db: D1Database;
beforeAll(async () => {
  server = createTestHarness({
    workers: [
      {
        config: {
          name: 'ingest-in-trouble',
          main: 'tests/worker/ingest-trouble-worker.ts',
          compatibility_date: '2026-10-01',
          compatibility_flags: ['no_nodejs_compat', 'no_nodejs_compat_v2'],
          vars: { GHL_LOCATION_ID: LOCATION, GHL_WEBHOOK_SECRET: SECRET },
          d1_databases: [
            {
              binding: 'DB',
              database_name: 'contact-pipeline',
              database_id: '00000000-0000-0000-0000-000000000000',
              migrations_dir: 'migrations',
            },
          ],
          queues: {
            producers: [
              { binding: 'EVENTS', queue: 'contact-events' },
              { binding: 'DEAD_LETTERS', queue: 'contact-dead-letters' },
            ],
            consumers: [{ queue: 'contact-events', max_batch_timeout: 0 }],
          },
        },
      },
    ],
  });
  ({ url } = await server.listen());
  const worker = server.getWorker<{ DB: D1Database }>('ingest-in-trouble');
  await worker.applyD1Migrations('DB');
  ({ DB: db } = await worker.getEnv());
});
afterAll(() => server.close());
beforeEach(() => become('take'));

/** Each webhook is about a contact of its own. */
let contacts = 0;
const nextContact = () => `contact${++contacts}`;
const become = async (mode: Mode, budgetMs = '') => {
  expect((await fetch(new URL(`/mode?is=${mode}&budgetMs=${budgetMs}`, url))).status).toBe(204);
};
/** So that a busy machine does not make the answer leave before D1 has spoken. */
const AMPLE_MS = '10000';
const seen = async (): Promise<Seen> => (await fetch(new URL('/seen', url))).json() as Promise<Seen>;
function post(contactId: string, changes: object = {}, signal: AbortSignal | null = null): Promise<Response> {
  const body = contactUpdate({ id: contactId, ...changes });
  return fetch(new URL('/webhook/ghl', url), { method: 'POST', body, headers: hmac(body), signal });
}
const delivered = async (contactId: string) =>
  (await seen()).delivered.filter((message) => message.contactId === contactId);
const inOutbox = async (contactId: string) =>
  (await db.prepare(`SELECT queue FROM outbox WHERE message ->> 'contactId' = ?1`).bind(contactId).all()).results;
const logged = (contactId: string) =>
  server
    .getLogs()
    .filter(({ message }) => message.includes(`"${contactId}"`))
    .map(({ message }): Record<string, unknown> => JSON.parse(message));

test('while the queue takes no end of time, the answer leaves at the budget, and the late send arrives', async () => {
  const contact = nextContact();
  await become('hold');
  const response = await post(contact);
  // The queue still holds it back: nothing but the budget can have let the answer go.
  expect([response.status, await delivered(contact)]).toEqual([202, []]);
  await expect.poll(() => logged(contact), SOON).toMatchObject([{ event: 'webhook.late', budgetHit: true }]);
  await become('take');
  await expect.poll(() => delivered(contact), SOON).toHaveLength(1);
  await expect.poll(() => logged(contact).map(({ event }) => event), SOON).toEqual(['webhook.late', 'webhook.queued']);
  expect(await inOutbox(contact)).toEqual([]);
});

test('a send that is refused after the answer has left lands in the outbox', async () => {
  const contact = nextContact();
  await become('hold');
  expect((await post(contact)).status).toBe(202);
  await become('refuse');
  await expect.poll(() => inOutbox(contact), SOON).toEqual([{ queue: 'events' }]);
  await expect.poll(() => logged(contact).at(-1), SOON).toMatchObject({ event: 'webhook.outbox', budgetHit: true });
});

test('a queue that never answers is given up twice, and the message lands in the outbox', async () => {
  const contact = nextContact();
  await become('hold');
  const { sends } = await seen();
  expect((await post(contact)).status).toBe(202);
  await expect.poll(() => inOutbox(contact), SOON).toEqual([{ queue: 'events' }]);
  expect((await seen()).sends - sends).toBe(2);
});

test('a queue that is down or over quota: the outbox has the message before the answer leaves', async () => {
  const contact = nextContact();
  await become('refuse', AMPLE_MS);
  expect((await post(contact)).status).toBe(202);
  expect(await inOutbox(contact)).toEqual([{ queue: 'events' }]);
});

test('a message that is too large for the queue lands in the outbox', async () => {
  const contact = nextContact();
  await become('oversize');
  expect((await post(contact)).status).toBe(202);
  await expect.poll(() => inOutbox(contact), SOON).toEqual([{ queue: 'events' }]);
  await expect.poll(() => logged(contact).at(-1), SOON).toMatchObject({ event: 'webhook.outbox', sends: 2 });
});

test('a webhook that is larger than a queue message is queued without its snapshot', async () => {
  const contact = nextContact();
  const tags = Array.from({ length: 90 }, (_, n) => `${n}${'x'.repeat(2000)}`);
  expect((await post(contact, { tags })).status).toBe(202);
  await expect.poll(() => delivered(contact), SOON).toEqual([{ contactId: contact, snapshot: null }]);
});

test('a sender that hangs up does not take its webhook along', async () => {
  const contact = nextContact();
  await become('hold');
  const { sends } = await seen();
  const gone = new AbortController();
  const answer = post(contact, {}, gone.signal);
  await expect.poll(async () => (await seen()).sends, SOON).toBeGreaterThan(sends);
  gone.abort();
  await answer.catch(() => {});
  await become('take');
  await expect.poll(() => delivered(contact), SOON).toHaveLength(1);
});

test('with D1 down as well the sender is asked to come again', async () => {
  const contact = nextContact();
  await become('refuse', AMPLE_MS);
  await db.prepare('ALTER TABLE outbox RENAME TO gone').run();
  try {
    const response = await post(contact);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '30']);
    await expect
      .poll(() => logged(contact).at(-1), SOON)
      .toMatchObject({ event: 'webhook.throttled', stored: 'nowhere' });
  } finally {
    await db.prepare('ALTER TABLE gone RENAME TO outbox').run();
  }
  await become('take');
  expect((await post(contact)).status).toBe(202);
  await expect.poll(() => delivered(contact), SOON).toHaveLength(1);
});
