// When a webhook left its sender, in every form that senders write it; and what becomes of one that is old, ahead or without a time.

import { describe, expect, test } from 'vitest';
import { ageOf, readTimestamp } from '../../../workers/ingest/age.ts';
import {
  ago,
  answerOf,
  CONTACT,
  contactUpdate,
  createStage,
  ED25519_KEY,
  edSigned,
  MINUTE,
  NOW,
} from './ingest-harness.ts';

const MAX = 300_000;

test.each([
  [NOW, NOW],
  [String(NOW), NOW],
  [NOW / 1000, NOW],
  [String(NOW / 1000), NOW],
  [NOW / 1000 + 0.25, NOW + 250],
  ['2026-11-20T12:00:00.000Z', NOW],
  ['2026-11-20T12:00:00Z', NOW],
  ['2026-11-20T12:00:00.000000Z', NOW],
  ['2026-11-20t12:00:00z', NOW],
  ['2026-11-20T13:30:00+01:30', NOW],
  ['2026-11-20T07:00:00-0500', NOW],
  ['2026-11-20 12:00:00', NOW],
  ['2026-11-20T12:00', NOW],
  [' 2026-11-20T12:00:00Z ', NOW],
])('%j is read as the moment it names', (value, at) => {
  expect(readTimestamp(value)).toBe(at);
});

test.each([
  undefined,
  null,
  '',
  'now',
  'Fri, 20 Nov 2026 12:00:00 GMT',
  '2026-13-40T12:00:00Z',
  true,
  {},
  [NOW],
  1e300,
  '12',
  '1'.repeat(20),
])('%j names no moment', (value) => {
  expect(readTimestamp(value)).toBeNull();
  expect(ageOf(value, NOW, MAX)).toEqual({ kind: 'unknown' });
});

describe('the age limits are exact', () => {
  test.each([
    [-MAX, 'fresh'],
    [-MAX - 1, 'stale'],
    [60_000, 'fresh'],
    [60_001, 'future'],
    [0, 'fresh'],
  ])('%d ms from now is %s', (offset, kind) => {
    expect(ageOf(NOW + offset, NOW, MAX).kind).toBe(kind);
  });
});

describe('age', () => {
  test.each([
    ['six minutes old', ago(6 * MINUTE), 'stale'],
    ['two minutes ahead', ago(-2 * MINUTE), 'future'],
    ['six minutes old, epoch ms', NOW - 6 * MINUTE, 'stale'],
  ])('an HMAC webhook %s is refused', async (_name, timestamp, reason) => {
    const stage = createStage();
    const response = await stage.post(contactUpdate({ timestamp }));
    expect(response.status).toBe(401);
    expect((await answerOf(response)).detail).toMatch(/timestamp/);
    expect(stage.events.messages).toEqual([]);
    expect(stage.log()[0]).toMatchObject({ event: 'webhook.refused', reason, scheme: 'hmac', status: 401 });
  });

  test.each([undefined, null, '', 'yesterday', true])(
    'an HMAC webhook with the timestamp %j is a bare contact id',
    async (timestamp) => {
      const stage = createStage();
      expect((await stage.post(contactUpdate({ timestamp }))).status).toBe(202);
      expect(stage.events.messages).toMatchObject([{ contactId: CONTACT, occurredAt: null, snapshot: null }]);
    },
  );

  test.each([
    ['six hours old', ago(360 * MINUTE), NOW - 360 * MINUTE],
    ['ahead', ago(-2 * MINUTE), null],
    ['without a time', undefined, null],
  ])('an Ed25519 webhook %s is a bare contact id', async (_name, timestamp, occurredAt) => {
    const stage = createStage({ GHL_ED25519_PUBLIC_KEYS: ED25519_KEY });
    const body = contactUpdate({ timestamp });
    expect((await stage.post(body, edSigned(body))).status).toBe(202);
    expect(stage.events.messages).toMatchObject([{ contactId: CONTACT, occurredAt, snapshot: null }]);
  });

  test('a fresh Ed25519 webhook brings its snapshot', async () => {
    const stage = createStage({ GHL_ED25519_PUBLIC_KEYS: ED25519_KEY });
    await stage.post(contactUpdate(), edSigned(contactUpdate()));
    expect(stage.events.messages).toMatchObject([{ snapshot: { tags: ['cold lead'] } }]);
  });

  test('the limit is WEBHOOK_MAX_AGE_SECONDS', async () => {
    const stage = createStage({ WEBHOOK_MAX_AGE_SECONDS: '600' });
    expect((await stage.post(contactUpdate({ timestamp: ago(10 * MINUTE) }))).status).toBe(202);
    expect((await stage.post(contactUpdate({ timestamp: ago(10 * MINUTE + 1) }))).status).toBe(401);
  });
});
