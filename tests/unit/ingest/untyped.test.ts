// Webhooks whose event type is absent or no text: kept as a dead letter, and the contact that they name is read all the same.

import { describe, expect, test } from 'vitest';
import {
  ago,
  answerOf,
  CONTACT,
  contactUpdate,
  createStage,
  ED25519_KEY,
  edSigned,
  LOCATION,
  MINUTE,
  NOW,
} from './ingest-harness.ts';

const DEAL = 'wWhVuzqpRuOA1ZVWi4FC';
const untyped = (changes: Record<string, unknown> = {}) => contactUpdate({ type: undefined, ...changes });

async function posted(body: Record<string, unknown>, stage = createStage()) {
  const answer = await answerOf(await stage.post(body));
  return { stage, answer };
}

test.each([undefined, null, '', 7, {}])(
  'a type that is %j: a letter, and a notice without a snapshot',
  async (type) => {
    const { stage, answer } = await posted(untyped({ type, tags: ['customer'], dnd: true }));
    expect(answer).toMatchObject({ status: 'quarantined', detail: expect.stringContaining('"type"') });
    expect(stage.deadLetters.messages).toMatchObject([{ kind: 'webhook.quarantined', eventId: answer.id }]);
    expect(stage.events.messages).toEqual([
      {
        ...{ v: 1, kind: 'contact.changed', source: 'webhook', eventType: 'Untyped', eventId: answer.id },
        ...{ locationId: LOCATION, contactId: CONTACT, occurredAt: NOW, receivedAt: NOW, snapshot: null },
        against: { tags: ['customer'], dnd: true, deleted: false },
      },
    ]);
    expect(stage.log()).toMatchObject([{ event: 'webhook.quarantined' }]);
  },
);

describe('the contact is named by', () => {
  test.each<[string, Record<string, unknown>]>([
    ['a nested contact', { id: 'evt_1', contact: { id: CONTACT } }],
    ['contactId', { id: DEAL, contactId: CONTACT }],
    ['contact_id', { id: DEAL, contact_id: CONTACT }],
    ['data with tags', { id: 'evt_1', data: { id: CONTACT, tags: [] } }],
    ['data with DND', { id: undefined, data: { id: CONTACT, dndSettings: {} } }],
    ['the id beside tags', { dnd: undefined, tags: [] }],
    ['the id beside DND', { tags: undefined }],
    [
      'contactId, of an opportunity',
      { id: DEAL, contactId: CONTACT, pipelineId: 'p', tags: undefined, dnd: undefined },
    ],
  ])('%s', async (_name, changes) => {
    const { stage } = await posted(untyped(changes));
    expect(stage.events.messages).toMatchObject([{ contactId: CONTACT, snapshot: null }]);
    expect(stage.deadLetters.messages).toHaveLength(1);
  });

  test.each<[string, Record<string, unknown>]>([
    ['an id beside neither', { tags: undefined, dnd: undefined }],
    ['an id beside what says nothing', { tags: null, dnd: 'null' }],
    ['data without either, although the event has tags', { id: 'evt_1', data: { id: CONTACT } }],
    ['an opportunity', { id: DEAL, pipelineId: 'VDm7RPYC2GLUvdpKmBfC' }],
    ['an opportunity in snake case', { id: DEAL, pipeline_stage_id: 'x' }],
    ['no id', { id: undefined }],
    ['what is no id', { id: '../x' }],
    ['a contact whose id is none', { contact: { id: 7 } }],
  ])('never by %s', async (_name, changes) => {
    const { stage } = await posted(untyped(changes));
    expect(stage.events.messages).toEqual([]);
    expect(stage.deadLetters.messages).toHaveLength(1);
  });
});

test.each<[string, Record<string, unknown>]>([
  ['nothing against dialing', { tags: [] }],
  ['a deletion, which may be of something else', { tags: [], deleted: true }],
  ['DND beside an opportunity', { contactId: CONTACT, pipelineId: 'p', dnd: true, tags: ['customer'] }],
  ['DND, an hour ago', { dnd: true, timestamp: ago(60 * MINUTE) }],
  ['DND at no time', { dnd: true, timestamp: undefined }],
])('%s is no sign', async (_name, changes) => {
  const stage = createStage({ GHL_ED25519_PUBLIC_KEYS: ED25519_KEY });
  const body = untyped(changes);
  await stage.post(body, edSigned(body));
  expect(stage.events.messages).toMatchObject([{ contactId: CONTACT, snapshot: null }]);
  expect(stage.events.messages[0]).not.toHaveProperty('against');
});

test('tags of an odd form are signs too', async () => {
  const { stage } = await posted(untyped({ tags: [{ name: 'customer' }] }));
  expect(stage.events.messages).toMatchObject([{ against: { tags: ['customer'], dnd: false } }]);
});

test.each([
  ['another fault', { type: 'ContactUpdate', contact: { id: 7 } }],
  ['no location', { locationId: 'two words' }],
])('%s brings a letter alone', async (_name, changes) => {
  const { stage } = await posted(untyped(changes));
  expect([stage.events.messages.length, stage.deadLetters.messages.length]).toEqual([0, 1]);
});

test('an event of another type is not read', async () => {
  const { stage } = await posted(untyped({ type: 'TaskCreate', contactId: CONTACT, dnd: true }));
  expect([...stage.events.messages, ...stage.deadLetters.messages]).toEqual([]);
});

test('a notice that nothing takes is sent again by GoHighLevel', async () => {
  const stage = createStage();
  stage.breakDatabase();
  stage.events.send = async () => {
    throw new Error('queue down');
  };
  expect((await stage.post(untyped())).status).toBe(429);
  expect(stage.deadLetters.messages).toHaveLength(1);
});
