// What ingest answers, and what becomes of the webhook: queued, ignored, kept as a dead letter, or sent back for later; and what the log says of it.

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
  SECRET,
  signed,
  textOf,
} from './ingest-harness.ts';

describe('a fresh webhook', () => {
  test('is queued with everything the consumer needs', async () => {
    const stage = createStage();
    const response = await stage.post(contactUpdate());
    expect(response.status).toBe(202);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const id = '881b9415-5d35-4ff1-a667-0545b80b96c0';
    expect(await response.json()).toEqual({ status: 'queued', id });
    expect(stage.events.messages).toEqual([
      {
        v: 1,
        kind: 'contact.changed',
        locationId: LOCATION,
        contactId: CONTACT,
        eventType: 'ContactUpdate',
        source: 'webhook',
        eventId: id,
        occurredAt: NOW,
        receivedAt: NOW,
        snapshot: { tags: ['cold lead'], dnd: false },
      },
    ]);
  });

  test("of the set-up guide's form, with epoch milliseconds and no location, is for the configured location", async () => {
    const stage = createStage();
    await stage.post({
      type: 'ContactCreate',
      id: 'evt',
      contact: { id: CONTACT, tags: ['Cold Lead'] },
      timestamp: NOW,
    });
    expect(stage.events.messages).toMatchObject([
      { contactId: CONTACT, locationId: LOCATION, snapshot: { dnd: false } },
    ]);
  });

  test('without an id of its own gets one that is the same for every copy', async () => {
    const stage = createStage();
    const ids = [];
    for (const changes of [{}, {}, { tags: ['other'] }]) {
      const response = await stage.post(contactUpdate({ webhookId: undefined, ...changes }));
      ids.push((await answerOf(response)).id);
    }
    expect(ids[0]).toMatch(/^h-[0-9a-f]{32}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });
});

describe('what is not ours is answered with 202, and goes nowhere', () => {
  const OTHER = { locationId: 'anotherLocation00001' };
  test.each([
    ['other_location', OTHER, {}, 'hmac'],
    ['other_location', { ...OTHER, id: 'no contact id' }, {}, 'hmac'],
    ['other_location', { ...OTHER, timestamp: ago(360 * MINUTE) }, {}, 'ed25519'],
    ['other_type', { type: 'TaskCreate' }, {}, 'hmac'],
    ['no_contact', { type: 'OpportunityCreate', contactId: undefined }, {}, 'hmac'],
    ['other_type', { type: 'INSTALL', locationId: undefined, id: undefined }, {}, 'ed25519'],
    ['other_app', { appId: 'another app' }, { GHL_APP_IDS: 'our-app-1, second' }, 'ed25519'],
    ['other_app', { appId: undefined }, { GHL_APP_IDS: 'our-app-1' }, 'ed25519'],
  ])('%s (%#)', async (reason, changes, vars, scheme) => {
    const stage = createStage({ GHL_ED25519_PUBLIC_KEYS: ED25519_KEY, ...vars });
    const body = contactUpdate(changes);
    const response = await stage.post(body, scheme === 'hmac' ? signed(textOf(body)) : edSigned(body));
    expect(response.status).toBe(202);
    expect(await answerOf(response)).toMatchObject({ status: 'ignored', id: expect.any(String) });
    expect([...stage.events.messages, ...stage.deadLetters.messages]).toEqual([]);
    expect(stage.log()[0]).toMatchObject({ event: 'webhook.ignored', reason });
  });

  test.each(['second', 'client'])('an app of GHL_APP_IDS is ours: %s', async (appId) => {
    const stage = createStage({ GHL_ED25519_PUBLIC_KEYS: ED25519_KEY, GHL_APP_IDS: 'first,second client-suffix' });
    const body = contactUpdate({ appId });
    expect(await answerOf(await stage.post(body, edSigned(body)))).toMatchObject({ status: 'queued' });
  });

  test('GHL_APP_IDS does not concern senders who hold our secret', async () => {
    const stage = createStage({ GHL_APP_IDS: 'our-app' });
    expect(await answerOf(await stage.post(contactUpdate()))).toMatchObject({ status: 'queued' });
  });
});

test('a wrong path is told where webhooks go, and where all other paths stand', async () => {
  const answer = await createStage().fetch(new Request('https://ingest.example/stats'));
  expect(answer.status).toBe(404);
  expect((await answerOf(answer)).detail).toMatch(/POST \/webhook\/ghl .*docs\/api\.md/);
});

describe('what is authentic but unreadable is kept', () => {
  test.each([
    ['not JSON', 'type=ContactUpdate&id=1', /not JSON/],
    ['no object', '[]', /not an object/],
    ['no type', contactUpdate({ type: undefined, tags: undefined, dnd: undefined }), /"type"/],
    ['a type that is no text', contactUpdate({ type: 7, id: undefined }), /"type"/],
    ['no contact id', contactUpdate({ id: undefined }), /no contact id/],
    ['a contact id that is none', contactUpdate({ id: '../../etc' }), /contact id is not/],
    ['a location id that is none', contactUpdate({ locationId: 7 }), /location id is not/],
  ])('%s', async (_name, body, detail) => {
    const stage = createStage();
    const response = await stage.post(body);
    expect(response.status).toBe(202);
    const answer = await answerOf(response);
    expect(answer).toMatchObject({ status: 'quarantined', id: expect.any(String) });
    expect(answer.detail).toMatch(detail);
    expect(stage.events.messages).toEqual([]);
    expect(stage.deadLetters.messages).toMatchObject([
      {
        kind: 'webhook.quarantined',
        eventId: answer.id,
        receivedAt: NOW,
        detail: answer.detail,
        bytes: textOf(body).length,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    expect(stage.log()[0]).toMatchObject({ event: 'webhook.quarantined', eventId: answer.id });
  });

  test("GoHighLevel's own webhook without a location is not taken for ours", async () => {
    const stage = createStage({ GHL_ED25519_PUBLIC_KEYS: ED25519_KEY });
    const body = contactUpdate({ locationId: null });
    expect(await answerOf(await stage.post(body, edSigned(body)))).toMatchObject({ status: 'quarantined' });
    expect(stage.deadLetters.messages).toMatchObject([{ locationId: null, contactId: CONTACT }]);
  });

  test('its dead letter tells the structure, the ids and nothing else', async () => {
    const stage = createStage();
    await stage.post(
      contactUpdate({ type: 7, phone: '+13055550142', email: 'jane@example.com', 'Favourite drink': 'tea' }),
    );
    expect(stage.deadLetters.messages).toMatchObject([
      {
        locationId: LOCATION,
        contactId: CONTACT,
        shape: {
          type: 'number',
          locationId: LOCATION,
          id: CONTACT,
          tags: { list: 1, first: 'text' },
          dnd: 'boolean',
          timestamp: 'text',
          webhookId: '881b9415-5d35-4ff1-a667-0545b80b96c0',
          phone: 'text',
          email: 'text',
          otherKeys: 1,
        },
      },
    ]);
  });

  test('a stale one is refused before it is kept', async () => {
    const stage = createStage();
    expect((await stage.post(contactUpdate({ id: undefined, timestamp: ago(6 * MINUTE) }))).status).toBe(401);
    expect(stage.deadLetters.messages).toEqual([]);
  });
});

describe('set-up', () => {
  test.each(['', ' ', 'not an id'])(
    'with GHL_LOCATION_ID %j the webhook is sent back for later, and the setting is named',
    async (value) => {
      const stage = createStage({ GHL_LOCATION_ID: value });
      const response = await stage.post(contactUpdate());
      expect(response.status).toBe(429);
      expect(response.headers.get('retry-after')).toBe('60');
      expect((await answerOf(response)).detail).toContain('GHL_LOCATION_ID');
      expect(stage.log().at(-1)).toMatchObject({ event: 'webhook.throttled', reason: 'no_location' });
    },
  );

  test('a sender that cannot sign learns nothing of a missing GHL_LOCATION_ID', async () => {
    const stage = createStage({ GHL_LOCATION_ID: '' });
    expect((await stage.post(contactUpdate(), signed('x'))).status).toBe(401);
  });

  test.each([
    [{ ACK_BUDGET_MS: 'soon' }, 'ACK_BUDGET_MS'],
    [{ ACK_BUDGET_MS: '-1' }, 'ACK_BUDGET_MS'],
    [{ WEBHOOK_MAX_AGE_SECONDS: '5 minutes' }, 'WEBHOOK_MAX_AGE_SECONDS'],
    [{ WEBHOOK_MAX_AGE_SECONDS: '0' }, 'WEBHOOK_MAX_AGE_SECONDS'],
    [{ GHL_LEGACY_RSA: 'yes' }, 'GHL_LEGACY_RSA'],
  ])('%j falls back to the default, and says so once', async (vars, setting) => {
    const stage = createStage(vars);
    for (let i = 0; i < 2; i++) expect((await stage.post(contactUpdate())).status).toBe(202);
    expect((await stage.post(contactUpdate({ timestamp: ago(6 * MINUTE) }))).status).toBe(401);
    const warnings = stage.log().filter((line) => line.event === 'webhook.bad_setting');
    expect(warnings).toMatchObject([{ setting }]);
  });

  test('a setting that changes takes effect at once', async () => {
    const stage = createStage();
    stage.reconfigure({ GHL_WEBHOOK_SECRET: 'rotated' });
    expect((await stage.post(contactUpdate())).status).toBe(401);
    stage.reconfigure({ GHL_WEBHOOK_SECRET_PREVIOUS: SECRET });
    expect((await stage.post(contactUpdate())).status).toBe(202);
  });
});

describe('the log', () => {
  test('has one line a webhook, with the word webhook and no personal data or secret', async () => {
    const stage = createStage({ GHL_ED25519_PUBLIC_KEYS: ED25519_KEY });
    const person = { email: 'jane@example.com', phone: '+13055550142', firstName: 'Jane' };
    const bodies: unknown[] = [
      contactUpdate(person),
      contactUpdate({ ...person, type: 'Jane Doe +13055550142' }),
      contactUpdate({ ...person, id: undefined }),
      contactUpdate({ ...person, timestamp: ago(6 * MINUTE) }),
      `jane@example.com +13055550142`,
    ];
    for (const body of bodies) await stage.post(body);
    await stage.post(contactUpdate(person), { 'x-ghl-signature': SECRET });
    expect(stage.lines).toHaveLength(bodies.length + 1);
    for (const line of stage.lines) {
      expect(line).toContain('webhook');
      expect(line).not.toMatch(/jane|3055550142|a secret/i);
    }
  });

  test('a line for a queued webhook can be found by each of its ids', async () => {
    const stage = createStage();
    await stage.post(contactUpdate());
    expect(stage.log()).toEqual([
      {
        event: 'webhook.queued',
        worker: 'webhook-ingest',
        scheme: 'hmac',
        eventType: 'ContactUpdate',
        locationId: LOCATION,
        contactId: CONTACT,
        eventId: '881b9415-5d35-4ff1-a667-0545b80b96c0',
        outcome: 'queued',
        status: 202,
        budgetHit: false,
        stored: 'queue',
        sends: 1,
        ms: 0,
      },
    ]);
  });
});

test.each([
  ['a 429 for a webhook, so that it comes again', '/webhook/ghl', 429],
  ['a 500 for anything else', '/metrics', 500],
])('a fault of our own is %s', async (_, path, status) => {
  const stage = createStage();
  const request = new Request(`https://ingest.test${path}`, { method: 'POST' });
  Object.defineProperty(request, 'headers', { value: null });
  expect((await stage.fetch(request)).status).toBe(status);
  expect(stage.log()).toMatchObject([{ event: 'webhook.crashed' }]);
});
