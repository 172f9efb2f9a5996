// How long will it take? From what was done in the last minutes, and never a promise that nothing supports.

import { expect, test } from 'vitest';
import { finishOf, marksAfter, phaseOf, progressOf } from '../../../workers/consumer/backstop/progress.ts';
import type { Run } from '../../../workers/consumer/store/runs.ts';

const NOON = Date.UTC(2026, 10, 20, 12);
const MINUTE = 60_000;

function run(changes: Partial<Run>): Run {
  const run = { state: 'running', startedAt: NOON, seen: 0, total: 10_000, processed: 0, waiting: 0, marks: [] };
  return { ...run, ...changes } as unknown as Run;
}

test('pages: what is left at the rate of the last minutes, not of the whole run', () => {
  const now = NOON + 60 * MINUTE;
  const slowed = run({
    seen: 9000,
    marks: [
      [now - MINUTE, 8900, 0],
      [now - 2 * MINUTE, 8800, 0],
    ],
  });
  expect(progressOf(slowed, now).pages).toEqual({
    remaining: 1000,
    per_minute: 100,
    expected_finish: new Date(now + 10 * MINUTE).toISOString(),
  });
});

test('contacts: those that wait, at the rate at which they are settled', () => {
  const now = NOON + 3 * MINUTE;
  const later = run({
    state: 'complete',
    seen: 10_000,
    processed: 250,
    waiting: 500,
    marks: [[now - MINUTE, 10_000, 0]],
  });
  expect(progressOf(later, now)).toEqual({
    pages: { remaining: 0, per_minute: null, expected_finish: null },
    contacts: { remaining: 500, per_minute: 250, expected_finish: new Date(now + 2 * MINUTE).toISOString() },
  });
});

test('where nothing was done in the last minutes no end is in sight', () => {
  const stuck = run({ state: 'complete', processed: 250, waiting: 500, marks: [[NOON, 10_000, 250]] });
  expect(progressOf(stuck, NOON + MINUTE).contacts).toMatchObject({ per_minute: 0, expected_finish: null });
  expect(progressOf(run({ total: null }), NOON).pages).toMatchObject({ remaining: null, expected_finish: null });
});

test('the whole run has one end: the later of its two, and none while one of them is not known', () => {
  const now = NOON + MINUTE;
  const at = (minutes: number) => new Date(now + minutes * MINUTE).toISOString();
  expect(finishOf(run({ seen: 5000, processed: 100, waiting: 1000 }), now)).toBe(at(10));
  expect(finishOf(run({ seen: 1000, processed: 100, waiting: 100 }), now)).toBe(at(9));
  expect(finishOf(run({ seen: 5000, waiting: 0 }), now)).toBe(at(1));
  expect(finishOf(run({ seen: 5000, waiting: 10 }), now)).toBeNull();
  expect(finishOf(run({ seen: 5000, waiting: null }), now)).toBeNull();
  expect(finishOf(run({ state: 'complete', seen: 10_000, processed: 100, waiting: 200 }), now)).toBe(at(2));
  expect(finishOf(run({ state: 'complete', seen: 10_000, processed: 100, waiting: 0 }), now)).toBeNull();
});

test('a run is over when its pages and its contacts are', () => {
  expect(phaseOf({ state: 'running', waiting: 0 })).toBe('pages');
  expect(phaseOf({ state: 'incomplete', waiting: 1 })).toBe('contacts');
  expect(phaseOf({ state: 'complete', waiting: 0 })).toBe('over');
});

test('only the last minutes are kept', () => {
  let marks: Run['marks'] = [];
  for (let minute = 0; minute < 9; minute++) marks = marksAfter(run({ marks, seen: minute }), NOON + minute * MINUTE);
  expect(marks.map(([, seen]) => seen)).toEqual([8, 7, 6, 5, 4]);
});
