// When to try again: never sooner than asked, never beyond what a queue takes.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoffSeconds, delaySecondsFor, MAX_ATTEMPTS, retryAfterMs } from '../../../workers/consumer/domain/retry.ts';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const NOW = Date.UTC(2026, 10, 20, 12);

describe('backoff', () => {
  test.each([
    [1, 4],
    [2, 8],
    [3, 16],
    [8, 512],
    [9, 900],
    [40, 900],
  ])('the wait after attempt %i is from 1 to %i seconds', (attempt, ceiling) => {
    expect(backoffSeconds(attempt, 0)).toBe(1);
    expect(backoffSeconds(attempt, 1 - Number.EPSILON)).toBe(ceiling);
  });

  test('property: a whole number of seconds within bounds, longer with a larger random number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2000 }), random, random, (attempt, a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        const seconds = backoffSeconds(attempt, more);
        expect(Number.isInteger(seconds)).toBe(true);
        expect(seconds).toBeGreaterThanOrEqual(backoffSeconds(attempt, less));
        expect(seconds).toBeGreaterThanOrEqual(1);
        expect(seconds).toBeLessThanOrEqual(900);
      }),
    );
  });

  test('all attempts together wait about half an hour at most, so that a blip of minutes is outlasted', () => {
    const waits = Array.from({ length: MAX_ATTEMPTS - 1 }, (_, i) => backoffSeconds(i + 1, 0.999));
    const total = waits.reduce((sum, seconds) => sum + seconds, 0);
    expect(total).toBeGreaterThan(8 * 60);
    expect(total).toBeLessThan(35 * 60);
  });
});

describe('delay', () => {
  test('property: never shorter than asked, and never more than a queue takes', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1000, max: 10 * 86_400_000 }), random, (ms, chance) => {
        const seconds = delaySecondsFor(ms, chance);
        expect(Number.isInteger(seconds)).toBe(true);
        expect(seconds).toBeGreaterThanOrEqual(1);
        expect(seconds).toBeLessThanOrEqual(86_400);
        if (ms <= 86_400_000) expect(seconds * 1000).toBeGreaterThanOrEqual(ms);
      }),
    );
  });

  test('waiters are spread over a quarter of the wait', () => {
    expect(delaySecondsFor(60_000, 0)).toBe(60);
    expect(delaySecondsFor(60_000, 0.999)).toBe(75);
  });
});

describe('Retry-After', () => {
  test.each([
    ['seconds', '7', 7000],
    ['seconds with spaces', ' 7 ', 7000],
    ['a date', new Date(NOW + 30_000).toUTCString(), 30_000],
    ['a day', '86400', 3_600_000],
    ['a date in a year', new Date(NOW + 365 * 86_400_000).toUTCString(), 3_600_000],
  ])('%s is kept to, up to an hour', (_, header, ms) => {
    expect(retryAfterMs(header, NOW, 5000)).toBe(ms);
  });

  test.each([null, '', ' ', '0', '-5', 'soon', 'Infinity', new Date(NOW - 1000).toUTCString()])(
    'nothing useful (%j) means the usual wait',
    (header) => {
      expect(retryAfterMs(header, NOW, 5000)).toBe(5000);
    },
  );

  test('property: whatever a vendor sends, the wait is at least a moment and at most an hour', () => {
    const header = fc.oneof(fc.string(), fc.integer().map(String), fc.double().map(String), fc.date().map(String));
    fc.assert(
      fc.property(header, (text) => {
        const ms = retryAfterMs(text, NOW, 5000);
        expect(ms).toBeGreaterThan(0);
        expect(ms).toBeLessThanOrEqual(3_600_000);
      }),
    );
  });
});
