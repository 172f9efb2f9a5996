import { describe, expect, test } from 'vitest';
import { ageOf, readTimestamp } from '../../workers/ingest/age.ts';

const NOW = Date.parse('2026-11-20T12:00:00.000Z');
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
