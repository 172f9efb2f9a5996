// The real GoHighLevel client keeps the limits that GoHighLevel names.

import { describe, expect, test } from 'vitest';
import { CONTACT, failureOf, goHighLevelStage } from '../../support/vendor-harness.ts';
import { answering } from './gohighlevel-harness.ts';

describe('rate limit', () => {
  test('a 429 without Retry-After waits for the interval that the headers name', async () => {
    const { client } = goHighLevelStage({ rateLimit: { max: 1, intervalMs: 7000, dailyMax: 100 } });
    const [, second] = await Promise.all([client.read('a'), failureOf(client.read('b'))]);
    expect(second).toMatchObject({ kind: 'throttled', retryAfterMs: 7000 });
  });

  test('where the headers say nothing, or nonsense, the documented window counts, and no more than a minute', async () => {
    for (const [header, ms] of [
      [{}, 10_000],
      [{ 'x-ratelimit-interval-milliseconds': 'soon' }, 10_000],
      [{ 'x-ratelimit-interval-milliseconds': '-5' }, 10_000],
      [{ 'x-ratelimit-interval-milliseconds': '9999999999' }, 60_000],
    ] as [Record<string, string>, number][]) {
      const failed = await failureOf(answering(429, {}, header).read(CONTACT));
      expect(failed).toMatchObject({ kind: 'throttled', retryAfterMs: ms });
    }
  });

  test('when the day is used up it is not asked every ten seconds', async () => {
    const { client } = goHighLevelStage({ rateLimit: { max: 100, intervalMs: 10_000, dailyMax: 1 } });
    await client.read('a');
    expect(await failureOf(client.read('b'))).toMatchObject({ kind: 'throttled', retryAfterMs: 15 * 60_000 });
  });

  test('with few requests left in the window it slows down before it is told to, the more the fewer', async () => {
    const { client, clock } = goHighLevelStage({ rateLimit: { max: 10, intervalMs: 10_000, dailyMax: 1000 } });
    for (let n = 0; n < 7; n++) await client.read('a');
    // 9 and 8 left: no pause; then 7, 6, 5, 4 left: 1 to 4 shares of the window.
    expect(clock.pauses).toEqual([1000, 2000, 3000, 4000]);
  });

  test('it never pauses longer than the window lasts', async () => {
    const { client, clock } = goHighLevelStage({ rateLimit: { max: 1, intervalMs: 7000, dailyMax: 1000 } });
    for (let n = 0; n < 3; n++) await client.read('a');
    expect(clock.pauses).toEqual([7000, 7000]);
  });

  test('a pause ends with the first answer that has enough left again', async () => {
    const { client, clock } = goHighLevelStage({ rateLimit: { max: 10, intervalMs: 10_000, dailyMax: 1000 } });
    for (let n = 0; n < 3; n++) await client.read('a');
    clock.advance(20_000);
    await client.read('a');
    clock.pauses.length = 0;
    await client.read('a');
    expect(clock.pauses).toEqual([]);
  });
});
