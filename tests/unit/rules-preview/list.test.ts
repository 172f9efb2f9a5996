// A preview reads the list once, at its pace, in flat memory, and stops where nobody listens any more.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { FILE_RULES, rulesOf } from '../../support/rules.ts';
import { jsonAnswer } from '../../support/vendor-harness.ts';
import { lastOf, stubList } from './list-harness.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heapMb = () => {
  collect();
  return process.memoryUsage().heapUsed / 1e6;
};

test('100,000 contacts take 201 calls, at 65 % of the limit, and no more memory than the first thousands', {
  timeout: 120_000,
}, async () => {
  const { preview, calls, clock, sqlite } = stubList({
    size: 100_000,
    row: (n) => ({ firstName: `Name ${n}`, city: `City ${n}` }),
  });
  const start = clock.at;
  let atFirst = 0;
  let most = 0;
  for await (const line of preview(rulesOf({ name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' }))) {
    if (line.event !== 'progress') {
      expect(line).toMatchObject({
        event: 'result',
        result: {
          contacts: 100_000,
          total: 100_000,
          complete: true,
          comes_in: [
            {
              contacts: 100_000,
              examples: ['c0', 'c1', 'c2', 'c3', 'c4'],
              to: { route: 'cold', bucket: 'Cold Leads' },
            },
          ],
        },
      });
      continue;
    }
    if (line.contacts === 10_000) atFirst = heapMb();
    if (line.contacts > 10_000 && line.contacts % 30_000 === 0) most = Math.max(most, heapMb());
  }
  expect(calls).toHaveLength(201);
  // 65 in 10 s.
  expect((calls.at(-1) ?? 0) - start).toBeGreaterThanOrEqual(Math.floor((200 * 10_000) / 65));
  const busiest = Math.max(...calls.map((at) => calls.filter((other) => other >= at && other < at + 10_000).length));
  expect(busiest).toBeLessThanOrEqual(66);
  expect(most - atFirst).toBeLessThan(5);
  for (const table of ['contacts', 'dialer', 'runs', 'paces', 'circuits', 'account_lists'])
    expect(sqlite.rows(`SELECT * FROM ${table}`)).toEqual([]);
});

const limit = (max: number, left: number) => ({
  'x-ratelimit-max': String(max),
  'x-ratelimit-interval-milliseconds': '10000',
  'x-ratelimit-remaining': String(left),
});

test('a lower limit that the headers name is kept', async () => {
  const { preview, calls } = stubList({ size: 5_000, headers: () => limit(10, 9) });
  await lastOf(preview(FILE_RULES));
  const gaps = calls.slice(2).map((at, n) => at - (calls[n + 1] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1538);
});

test('while others use the limit, it waits until they have their share', async () => {
  const { preview, calls } = stubList({ size: 1_000, headers: () => limit(100, 15) });
  await lastOf(preview(FILE_RULES));
  expect((calls[1] ?? 0) - (calls[0] ?? 0)).toBeGreaterThanOrEqual(2000);
});

test('a 429 and an outage are waited for, and the same page is asked for again', async () => {
  const { preview, calls } = stubList({
    size: 1_000,
    instead: (call) =>
      call === 2 ? jsonAnswer(429, {}, { 'retry-after': '7' }) : call === 3 ? jsonAnswer(503, {}) : undefined,
  });
  const lines = [];
  for await (const line of preview(FILE_RULES)) lines.push(line);
  expect(lines.flatMap((line) => (line.event === 'waiting' ? line.seconds : []))).toEqual([7, 2]);
  expect(lines.at(-1)).toMatchObject({ event: 'result', result: { contacts: 1_000, complete: true } });
  expect((calls[2] ?? 0) - (calls[1] ?? 0)).toBeGreaterThanOrEqual(7000);
});

test.each([
  ['a token that may not read contacts', jsonAnswer(401, { message: 'no' }), 1],
  ['a day whose requests are used up', jsonAnswer(429, {}, { 'x-ratelimit-daily-remaining': '0' }), 1],
  ['an outage that does not end', jsonAnswer(503, {}), 8],
])('%s ends it with a failure', async (_what, answer, tries) => {
  const { preview, calls } = stubList({ size: 1_000, instead: () => answer.clone() });
  expect(await lastOf(preview(FILE_RULES))).toMatchObject({
    event: 'failed',
    detail: expect.stringMatching(/^The contact list cannot be read: POST \/contacts\/search/),
  });
  expect(calls).toHaveLength(tries);
});

test('a database that fails ends it with a failure', async () => {
  const { preview, sqlite } = stubList({ size: 1_000 });
  sqlite.rows('DROP TABLE contacts');
  expect(await lastOf(preview(FILE_RULES))).toMatchObject({ event: 'failed' });
});

test('a list that ends before its total is said to be incomplete', async () => {
  const { preview } = stubList({
    size: 1_000,
    instead: (call) => (call === 2 ? jsonAnswer(200, { contacts: [], total: 1_000 }) : undefined),
  });
  expect(await lastOf(preview(FILE_RULES))).toMatchObject({ result: { contacts: 500, total: 1_000, complete: false } });
});

test('nothing is asked for while nobody takes the next line, nor after the client has gone', async () => {
  const { preview, calls } = stubList({ size: 100_000 });
  const lines = preview(FILE_RULES);
  await lines.next();
  await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toHaveLength(1);
  await lines.return();
  expect(await lines.next()).toMatchObject({ done: true });
  expect(calls).toHaveLength(1);
});
