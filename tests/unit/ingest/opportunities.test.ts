// Webhooks about opportunities are notifications about their contact, and say nothing of the contact itself.

import { describe, expect, test } from 'vitest';
import { OPPORTUNITY_EVENTS } from '../../../shared/messages.ts';
import { readAppWebhook } from '../../../workers/ingest/payload.ts';
import { ago, answerOf, CONTACT, createStage, ED25519_KEY, edSigned, LOCATION, MINUTE, NOW } from './ingest-harness.ts';

const OPPORTUNITY = 'wWhVuzqpRuOA1ZVWi4FC';
const STAGE = 'e93ba61a-53b3-45e7-985a-c7732dbcdb69';

/** As documented (apps/opportunities.json). */
const body = (changes: Record<string, unknown> = {}) => ({
  type: 'OpportunityStageUpdate',
  locationId: LOCATION,
  id: OPPORTUNITY,
  assignedTo: 'bNl8QNGXhIQJLv8eeASQ',
  contactId: CONTACT,
  monetaryValue: 40,
  name: 'Jane Doe, roof',
  pipelineId: 'VDm7RPYC2GLUvdpKmBfC',
  pipelineStageId: STAGE,
  source: 'a form',
  status: 'open',
  dateAdded: '2026-11-20T11:00:00.000Z',
  timestamp: new Date(NOW).toISOString(),
  webhookId: 'w1',
  ...changes,
});

const SAID = { id: OPPORTUNITY, pipelineId: 'VDm7RPYC2GLUvdpKmBfC', stageId: STAGE, status: 'open', deleted: false };

test.each(OPPORTUNITY_EVENTS)('%s is queued about its contact, without a name or a value', async (type) => {
  const stage = createStage();
  expect(await answerOf(await stage.post(body({ type })))).toMatchObject({ status: 'queued', id: 'w1' });
  expect(stage.events.messages).toEqual([
    {
      ...{ v: 1, kind: 'contact.changed', source: 'webhook', eventType: type, eventId: 'w1' },
      ...{ locationId: LOCATION, contactId: CONTACT, occurredAt: NOW, receivedAt: NOW, snapshot: null },
      opportunity: { ...SAID, deleted: type === 'OpportunityDelete' },
    },
  ]);
});

test('what such a webhook says of the contact does not count: not its tags, DND or deletion', () => {
  const contact = { tags: ['customer'], dnd: true, deleted: true };
  for (const more of [contact, { contact: { id: CONTACT, ...contact } }, { data: contact }])
    expect(readAppWebhook(body(more))).toMatchObject({ snapshot: null, against: null });
});

describe('the contact', () => {
  test.each([
    ['contactId', {}],
    ['contact_id', { contactId: undefined, contact_id: CONTACT }],
    ['a nested contact', { contactId: undefined, contact: { id: CONTACT } }],
    ['data', { contactId: undefined, id: undefined, data: { id: OPPORTUNITY, contactId: CONTACT } }],
  ])('is named by %s', (_name, changes) => {
    expect(readAppWebhook(body(changes)).contactId).toEqual({ kind: 'id', id: CONTACT });
  });

  test.each([undefined, null, '', 'null'])('is never the opportunity itself, where contactId is %j', (contactId) => {
    expect(readAppWebhook(body({ contactId })).contactId).toEqual({ kind: 'absent' });
  });

  test('that cannot be an id is kept as unreadable', async () => {
    const stage = createStage();
    expect(await answerOf(await stage.post(body({ contactId: '../x' })))).toMatchObject({ status: 'quarantined' });
  });
});

test('without a contact it is acknowledged and logged, and goes nowhere', async () => {
  const stage = createStage();
  const answer = await stage.post(body({ contactId: undefined }));
  expect(answer.status).toBe(202);
  expect(await answerOf(answer)).toMatchObject({ status: 'ignored', detail: expect.stringMatching(/nightly sync/) });
  expect([...stage.events.messages, ...stage.deadLetters.messages]).toEqual([]);
  expect(stage.log()[0]).toMatchObject({ reason: 'no_contact', eventType: 'OpportunityStageUpdate' });
});

test('an old one is a bare contact id', async () => {
  const stage = createStage({ GHL_ED25519_PUBLIC_KEYS: ED25519_KEY });
  const old = body({ timestamp: ago(60 * MINUTE) });
  await stage.post(old, edSigned(old));
  expect(stage.events.messages).toMatchObject([{ contactId: CONTACT, occurredAt: NOW - 60 * MINUTE }]);
  expect(stage.events.messages[0]).not.toHaveProperty('opportunity');
});

test.each([
  ['an id that is none', { id: '' }, null],
  ['a stage that is none', { pipelineStageId: { id: 'x' } }, { ...SAID, stageId: null }],
  ['a status of two words', { status: 'not open' }, { ...SAID, status: null }],
])('%s is not told', (_name, changes, said) => {
  expect(readAppWebhook(body(changes)).opportunity).toEqual(said);
});
