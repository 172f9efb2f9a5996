// Logs: one JSON object a line, enough to follow a contact by, and nothing of the person.

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeadLetters } from '../../shared/api/contacts.ts';
import { leaksIn } from './clean-logs.ts';
import { type Pipeline, SOON, startPipeline } from './harness.ts';
import { LOCATION } from './keys.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline();
});
afterAll(() => pipeline.close());

const lines = (): Record<string, unknown>[] => pipeline.logs().map((line) => JSON.parse(line));
const person = { firstName: 'Dana', lastName: 'Reyes', email: 'dana@example.com', phone: '+13055550142' };

test('a contact can be followed through both workers by its ids', async () => {
  const contact = await pipeline.sandbox.ghl.addContact({ ...person, tags: ['cold lead'] });
  await expect.poll(() => lines().map(({ event }) => event), SOON).toContain('contact.placed');
  // Two webhooks tell of a new contact, and either may be logged first.
  const queued = lines().find(({ event, eventType }) => event === 'webhook.queued' && eventType === 'ContactCreate');
  expect(queued).toMatchObject({
    contactId: contact.id,
    locationId: LOCATION,
    eventId: expect.any(String),
    outcome: 'queued',
    ms: expect.any(Number),
  });
  const placed = lines().find(({ event }) => event === 'contact.placed');
  expect(placed).toMatchObject({
    contactId: contact.id,
    locationId: LOCATION,
    eventId: expect.any(String),
    ms: expect.any(Number),
  });
});

test("every line of ingest's has the word webhook, so that `wrangler tail | grep webhook` shows them", async () => {
  await pipeline.webhook('{}', { 'x-ghl-signature': 'forged' });
  const ingest = pipeline.logs().filter((line) => !line.includes('"worker":"consumer"'));
  expect(ingest.length).toBeGreaterThan(0);
  expect(ingest.filter((line) => !line.includes('webhook'))).toEqual([]);
});

test('a vendor that quotes the person in its errors does not bring them into the log or the dead letters', async () => {
  const quoting = {
    first_name: ['"Dana" is not a valid choice.'],
    personal_email_address: ['dana at example is a invalid email address for field personal_email_address'],
    mobile_phone_number: ['(305) 555-0199 is not dialable'],
  };
  pipeline.sandbox.callTools.faults.plan({
    match: { method: 'POST', path: '/api/contacts/' },
    do: { kind: 'status', status: 400, body: quoting },
  });
  const odd = { ...person, phone: '+13055550199', email: 'dana at example' };
  await pipeline.sandbox.ghl.addContact({ ...odd, tags: ['cold lead'] });
  await expect.poll(() => lines().map(({ event }) => event), SOON).toContain('contact.dead');
  const { data } = await pipeline.operator<DeadLetters>('GET', '/dead-letters');
  expect(data.dead_letters[0]?.error).toContain('is not a valid choice');
  const kept = [...pipeline.logs(), JSON.stringify(data)];
  expect(leaksIn(kept)).toEqual([]);
  expect(kept.filter((line) => line.includes('dana at example'))).toEqual([]);
});

test('nor does one that spells the person in its own way, and what is harmless stays readable', async () => {
  const quoting = {
    last_name: [
      'Contact REYES, D&#97;na (%44ana) (305) 555-0177 is locked since 2026-11-28T10:11:12Z by 203.0.113.7, ticket 9011223',
    ],
    trace_id: '7f3e6b52-8a11-4c0e-9d0f-1b2c3d4e5f6a',
  };
  pipeline.sandbox.callTools.faults.clear();
  pipeline.sandbox.callTools.faults.plan({
    match: { method: 'POST', path: '/api/contacts/' },
    do: { kind: 'status', status: 400, body: quoting },
  });
  await pipeline.sandbox.ghl.addContact({ ...person, phone: '+13055550177', tags: ['cold lead'] });
  const errors = async () => {
    const { data } = await pipeline.operator<DeadLetters>('GET', '/dead-letters');
    return data.dead_letters.map(({ error }) => error);
  };
  const seen =
    'last_name: Contact [value] ([value]) [phone] is locked since 2026-11-28T10:11:12Z by 203.0.113.7, ticket 9011223';
  await expect.poll(errors, SOON).toContainEqual(expect.stringContaining(`${seen}; trace_id: ${quoting.trace_id}`));
  expect(leaksIn([...pipeline.logs(), ...(await errors())])).toEqual([]);
});

test('an answer of GoHighLevel that is cut short does not bring the person into the log either', async () => {
  const cut = {
    kind: 'status',
    status: 200,
    body: '{"contact":{"firstName":"Dana","address1":"12 Elm Street"',
  } as const;
  pipeline.sandbox.ghl.faults.plan({ times: 1, do: cut });
  const contact = await pipeline.sandbox.ghl.addContact({ ...person, phone: '+13055550188', tags: ['cold lead'] });
  await expect.poll(() => lines().map(({ event }) => event), SOON).toContain('contact.retry');
  const story = await pipeline.operator('GET', `/contacts/${contact.id}`);
  expect(leaksIn([...pipeline.logs(), JSON.stringify(story)])).toEqual([]);
  expect(pipeline.logs().filter((line) => line.includes('Elm'))).toEqual([]);
});
