// What cannot be handled is kept where a person sees it, and what a queue would not take is sent later.

import type { D1Database, Queue } from '@cloudflare/workers-types';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeadLetters } from '../../shared/api/contacts.ts';
import type { LocatedRun } from '../../shared/api/status.ts';
import { type Pipeline, SOON, startPipeline } from './harness.ts';
import { LOCATION } from './keys.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline();
});
afterAll(() => pipeline.close());

const letters = async (reason: string) =>
  (await pipeline.operator<DeadLetters>('GET', `/dead-letters?status=all&reason=${reason}`)).data.dead_letters;
const env = () => pipeline.server.getWorker<{ DB: D1Database; EVENTS: Queue }>('contact-consumer').getEnv();

test('an authentic webhook that cannot be read becomes a dead letter without its values', async () => {
  const answer = await pipeline.webhook('{"type":"ContactCreate", "phone":"+13055550142", ');
  expect(answer.status).toBe(202);
  expect(await answer.json()).toMatchObject({ status: 'quarantined' });
  await expect.poll(() => letters('unreadable_webhook'), SOON).toHaveLength(1);
  expect(JSON.stringify(await letters('unreadable_webhook'))).not.toContain('3055550142');
});

test('a queue message of another version becomes a dead letter, and its neighbours are handled', async () => {
  const { EVENTS } = await env();
  const contact = await pipeline.sandbox.ghl.addContact(
    { phone: '+13055550143', tags: ['cold lead'] },
    { silent: true },
  );
  await EVENTS.sendBatch([{ body: { v: 2, kind: 'contact.changed', firstName: 'Dana' } }, { body: hint(contact.id) }]);
  await expect.poll(() => letters('unreadable_message'), SOON).toHaveLength(1);
  await expect.poll(() => pipeline.sandbox.callTools.holds('Cold Leads'), SOON).toContain('+13055550143');
});

test('a hint about another location is kept for a person, and can be replayed once the settings are right', async () => {
  const { EVENTS } = await env();
  await EVENTS.send({ ...hint('someContact'), locationId: 'anotherLocation' });
  await expect.poll(() => letters('other_location'), SOON).toMatchObject([{ replayable: true, status: 'waiting' }]);
});

test('the outbox is drained into the queue by the minute cron', async () => {
  const { DB } = await env();
  const contact = await pipeline.sandbox.ghl.addContact(
    { phone: '+13055550144', tags: ['cold lead'] },
    { silent: true },
  );
  await DB.prepare(`INSERT INTO outbox (id, queue, message, created_at) VALUES ('one', 'events', ?1, 1)`)
    .bind(JSON.stringify(hint(contact.id)))
    .run();
  await pipeline.cron();
  await expect.poll(() => pipeline.sandbox.callTools.holds('Cold Leads'), SOON).toContain('+13055550144');
  expect((await DB.prepare('SELECT count(*) AS n FROM outbox').first<{ n: number }>())?.n).toBe(0);
});

test('a run that has lost its page is resumed by the minute cron', async () => {
  const { DB } = await env();
  await DB.prepare(
    `INSERT INTO runs (id, location_id, started_by, state, started_at, heartbeat_at) VALUES ('lost', ?1, 'cron', 'running', ?2, ?2)`,
  )
    .bind(LOCATION, Date.now() - 600_000)
    .run();
  await pipeline.cron();
  const run = async () => (await pipeline.operator<{ runs: LocatedRun[] }>('GET', '/sync/runs')).data.runs[0];
  await expect.poll(run, SOON).toMatchObject({ id: 'lost', state: 'complete' });
});

function hint(contactId: string) {
  return {
    v: 1,
    kind: 'contact.changed',
    locationId: LOCATION,
    contactId,
    eventType: 'ContactUpdate',
    source: 'webhook',
    eventId: contactId,
    occurredAt: null,
    receivedAt: Date.now(),
    snapshot: null,
  };
}
