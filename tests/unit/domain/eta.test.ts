// When waiting work will be done, at the pace of the last minutes.

import { expect, test } from 'vitest';
import { etaOf } from '../../../workers/consumer/domain/eta.ts';

const NOW = Date.parse('2026-11-30T12:00:00.000Z');

test.each([
  [30, 10, '2026-11-30T12:03:00.000Z'],
  [0, 10, '2026-11-30T12:00:00.000Z'],
  [30, 0, null],
  [null, 10, null],
])('%j contacts at %j a minute are done at %j', (remaining, perMinute, expected) => {
  expect(etaOf(remaining, perMinute, NOW)).toEqual({ remaining, per_minute: perMinute, expected_finish: expected });
});
