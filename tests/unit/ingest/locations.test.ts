// Webhooks of several locations: ours are queued, others ignored, and one that does not say whose it is is kept for a person.

import { describe, expect, test } from 'vitest';
import { answerOf, CONTACT, contactUpdate, createStage, ED25519_KEY, edSigned, LOCATION } from './ingest-harness.ts';

const TOKEN = 'token-of-the-workflow';
const stageWith = (LOCATIONS: unknown, more: object = {}) =>
  createStage({ LOCATIONS, GHL_WORKFLOW_TOKEN: TOKEN, GHL_LOCATION_ID: '', ...more });
const workflow = (body: object) =>
  new Request('https://ingest.test/webhook/ghl-workflow', {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify(body),
  });

test.each<[string, unknown]>([
  ['an object as the consumer has it', { first: { secrets: 'FIRST' }, second: { secrets: 'SECOND' } }],
  ['the same as text', '{"first": {"secrets": "FIRST"}, "second": {}}'],
  ['a list', ['first', 'second']],
  ['ids separated by commas', 'first, second'],
])('LOCATIONS may be %s', async (_form, setting) => {
  const stage = stageWith(setting);
  for (const locationId of ['first', 'second'])
    expect((await answerOf(await stage.post(contactUpdate({ locationId })))).status).toBe('queued');
  const other = await answerOf(await stage.post(contactUpdate({ locationId: 'third' })));
  expect(other).toMatchObject({ status: 'ignored', detail: expect.stringContaining('LOCATIONS') });
  expect(stage.events.messages.map(({ locationId }) => locationId)).toEqual(['first', 'second']);
  expect(stage.log().map(({ event, locationId }) => [event, locationId])).toEqual([
    ['webhook.queued', 'first'],
    ['webhook.queued', 'second'],
    ['webhook.ignored', 'third'],
  ]);
});

test.each([null, '', ' ', {}])('LOCATIONS %j is as good as unset', async (setting) => {
  const stage = stageWith(setting, { GHL_LOCATION_ID: LOCATION });
  expect((await answerOf(await stage.post(contactUpdate({ locationId: undefined })))).status).toBe('queued');
  expect((await answerOf(await stage.post(contactUpdate({ locationId: 'another' })))).status).toBe('ignored');
});

test('GHL_LOCATION_ID is one more', async () => {
  const stage = stageWith('first', { GHL_LOCATION_ID: LOCATION });
  for (const locationId of ['first', LOCATION])
    expect((await answerOf(await stage.post(contactUpdate({ locationId })))).status).toBe('queued');
});

describe('a webhook that names no location', () => {
  test('means the only one, also where that one is in LOCATIONS', async () => {
    const stage = stageWith({ first: { secrets: 'FIRST' } });
    expect((await answerOf(await stage.post(contactUpdate({ locationId: undefined })))).status).toBe('queued');
    expect((await answerOf(await stage.fetch(workflow({ contact_id: CONTACT })))).status).toBe('queued');
    expect(stage.events.messages.map(({ locationId }) => locationId)).toEqual(['first', 'first']);
  });

  test('is kept where there are several, and the answer says what to add', async () => {
    const stage = stageWith('first,second');
    const signed = await answerOf(await stage.post(contactUpdate({ locationId: undefined })));
    expect(signed).toMatchObject({ status: 'quarantined', detail: expect.stringContaining('"locationId"') });
    const action = await answerOf(await stage.fetch(workflow({ contact_id: CONTACT })));
    expect(action).toMatchObject({
      status: 'quarantined',
      detail: expect.stringMatching(/"location_id".*\{\{location\.id\}\}/),
    });
    expect(stage.events.messages).toEqual([]);
    expect(stage.deadLetters.messages).toMatchObject([
      { locationId: null, contactId: CONTACT },
      { locationId: null, contactId: CONTACT },
    ]);
  });

  test.each([
    ['the only one', 'first', 'The body has no "locationId".'],
    ['several', 'first,second', 'The body has no "locationId", and there are several locations here: add it.'],
  ])(
    'and that GoHighLevel has signed is kept where there is %s: any account may have sent it',
    async (_how, ids, detail) => {
      const stage = stageWith(ids, { GHL_ED25519_PUBLIC_KEYS: ED25519_KEY });
      const body = contactUpdate({ locationId: undefined });
      expect(await answerOf(await stage.post(body, edSigned(body)))).toMatchObject({ status: 'quarantined', detail });
      expect(stage.events.messages).toEqual([]);
    },
  );

  test('is queued where the workflow’s standard data name it', async () => {
    const stage = stageWith('first,second');
    await stage.fetch(workflow({ contact_id: CONTACT, location: { id: 'second' } }));
    await stage.fetch(workflow({ contact_id: CONTACT, location_id: 'first' }));
    expect(stage.events.messages.map(({ locationId }) => locationId)).toEqual(['second', 'first']);
  });
});

describe('while LOCATIONS cannot be read', () => {
  test.each<[string, unknown, string]>([
    ['at all', '{"first": ', 'LOCATIONS is not valid JSON'],
    ['in one entry', ['first', 'my location'], 'entry 2'],
  ])('%s, a location that is not known is sent back for later, never ignored', async (_how, setting, named) => {
    const stage = stageWith(setting, { GHL_LOCATION_ID: LOCATION });
    const response = await stage.post(contactUpdate({ locationId: 'second' }));
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '60']);
    expect((await answerOf(response)).detail).toContain('LOCATIONS');
    expect((await stage.fetch(workflow({ contact_id: CONTACT }))).status).toBe(429);
    expect((await answerOf(await stage.post(contactUpdate()))).status).toBe('queued');
    const warnings = stage.log().filter(({ event }) => event === 'webhook.bad_setting');
    expect(warnings).toMatchObject([{ setting: 'LOCATIONS', detail: expect.stringContaining(named) }]);
  });
});
