// CALL_RESULTS: read as people write it, and what is wrong is named with what it must be.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseCallResults } from '../../../../workers/consumer/domain/calls/setting.ts';
import { NO_WRITES } from '../../../../workers/consumer/domain/calls/writes.ts';

const NO = { dispositions: ['Not Interested'], hold: true };

describe('what is read', () => {
  test('nothing, where it is not set', () => {
    for (const unset of [undefined, null, '', '  ']) expect(parseCallResults(unset)).toBeNull();
  });

  test('text and object alike; every five minutes unless said otherwise', () => {
    const read = { pollMs: 300_000, since: null, results: [{ ...NO, writes: NO_WRITES }], otherwise: NO_WRITES };
    expect(parseCallResults({ results: [NO] })).toEqual(read);
    expect(parseCallResults(JSON.stringify({ results: [NO] }))).toEqual(read);
    expect(parseCallResults({})).toEqual({ ...read, results: [] });
  });

  test.each([
    ['90s', 90_000],
    ['5m', 300_000],
    [' 1 H ', 3_600_000],
    ['60s', 60_000],
    ['24h', 86_400_000],
  ])('poll %s', (poll, pollMs) => {
    expect(parseCallResults({ poll })).toMatchObject({ pollMs });
  });

  test.each([
    ['2026-11-01', Date.UTC(2026, 10, 1)],
    ['2026-11-01T08:30Z', Date.UTC(2026, 10, 1, 8, 30)],
    ['2026-11-01T08:30:15+02:00', Date.UTC(2026, 10, 1, 6, 30, 15)],
  ])('since %s', (since, at) => {
    expect(parseCallResults({ since })).toMatchObject({ since: at });
  });
});

test('the setting that docs/call-results.md shows is one', () => {
  const [, shown = ''] = /^```json$([\s\S]*?)^```$/m.exec(readFileSync('docs/call-results.md', 'utf8')) ?? [];
  expect(parseCallResults(shown)).toMatchObject({
    pollMs: 300_000,
    results: [{ hold: true }, { hold: true }, { hold: false }],
  });
});

describe('what is refused', () => {
  test.each<[string, unknown]>([
    ['CALL_RESULTS: is not valid JSON (a missing quote or comma?)', '{"poll": "5m"'],
    ['CALL_RESULTS: must be an object such as {"poll": "5m", "results": []}', [NO]],
    ['CALL_RESULTS.poll: must be a time such as 90s, 5m or 1h', { poll: '5 minutes' }],
    ['CALL_RESULTS.poll: must be a time such as 90s, 5m or 1h', { poll: 5 }],
    ['CALL_RESULTS.poll: must be at least 1m and at most 24h', { poll: '59s' }],
    ['CALL_RESULTS.poll: must be at least 1m and at most 24h', { poll: '25h' }],
    ['CALL_RESULTS.since: must be a date such as 2026-11-01 (UTC) or 2026-11-01T08:00:00Z', { since: '01.11.2026' }],
    ['CALL_RESULTS.since: must be a date such as 2026-11-01 (UTC) or 2026-11-01T08:00:00Z', { since: '2026-02-30' }],
    ['CALL_RESULTS.since: must be a date such as 2026-11-01 (UTC) or 2026-11-01T08:00:00Z', { since: '2026-13-01' }],
    [
      'CALL_RESULTS.since: must be a date such as 2026-11-01 (UTC) or 2026-11-01T08:00:00Z',
      { since: '2026-11-01T08:00' },
    ],
    ['CALL_RESULTS.results: must be a list of objects', { results: NO }],
    [
      'CALL_RESULTS.results.0: must be an object such as {"dispositions": ["Not Interested"], "hold": true}',
      { results: ['Not Interested'] },
    ],
    [
      'CALL_RESULTS.results.1.dispositions: must be a list of names of dispositions, and not empty',
      { results: [NO, { dispositions: [], hold: true }] },
    ],
    [
      'CALL_RESULTS.results.0.dispositions: must hold names of 1 to 100 characters',
      { results: [{ dispositions: [' '], hold: true }] },
    ],
    [
      'CALL_RESULTS.results.0.dispositions: must hold names of 1 to 100 characters',
      { results: [{ dispositions: [3001], hold: true }] },
    ],
    [
      'CALL_RESULTS.results.0: needs "hold": true, "tags", "dnd", "workflow" or "note", or nothing would follow from it',
      { results: [{ dispositions: ['x'] }] },
    ],
    [
      'CALL_RESULTS.results: names not  interested twice',
      { results: [NO, { dispositions: ['not  interested'], hold: true }] },
    ],
    ['CALL_RESULTS: "pol" is not known. Did you mean poll? It may hold poll, since, results, otherwise', { pol: '5m' }],
    [
      'CALL_RESULTS.results.0: "disposition" is not known. Did you mean dispositions? It may hold dispositions, hold, tags, dnd, workflow, note',
      { results: [{ disposition: ['x'], hold: true }] },
    ],
  ])('%s', (message, setting) => {
    expect(() => parseCallResults(setting)).toThrow(new Error(message));
  });

  test('more names than can be meant', () => {
    const dispositions = Array.from({ length: 501 }, (_, n) => `Disposition ${n}`);
    expect(() => parseCallResults({ results: [{ dispositions, hold: true }] })).toThrow('At most 500 are possible');
  });
});
