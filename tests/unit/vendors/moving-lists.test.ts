// Lists of CallTools that change while they are read: no row that was there all the time is missed, and a list that stands still costs
// one call a page.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ReadPage, rowsOf } from '../../../workers/consumer/vendors/calltools-lists.ts';
import {
  apply,
  COLD,
  callToolsStage,
  dialerStage,
  failureOf,
  jsonAnswer,
  OUT,
  PHONE,
} from '../../support/vendor-harness.ts';

const SIZE = 3;

/** A list of ids, newest first, whose pages are numbered. `change` is called before each page but the first is read. */
function listOf(ids: number[], change: (ids: number[], reads: number) => void = () => {}) {
  let reads = 0;
  const readPage: ReadPage = async (query) => {
    if (reads++ > 0) change(ids, reads);
    const page = Number(new URLSearchParams(query).get('page') ?? 1);
    const from = (page - 1) * SIZE;
    if (page > 1 && from >= ids.length) return null;
    const next = from + SIZE < ids.length ? `?page=${page + 1}` : null;
    return { count: ids.length, next, results: ids.slice(from, from + SIZE).map((id) => ({ id })) };
  };
  const read = async () => {
    const seen: number[] = [];
    for await (const row of rowsOf(readPage, '/list/', '?first')) seen.push((row as { id: number }).id);
    return seen;
  };
  return { read, reads: () => reads };
}

const newestFirst = (count: number) => Array.from({ length: count }, (_, n) => count - n);

describe('a list that stands still', () => {
  test.each([
    [0, 1],
    [3, 1],
    [7, 3],
  ])('of %i rows costs %i calls', async (count, calls) => {
    const list = listOf(newestFirst(count));
    expect(await list.read()).toEqual(newestFirst(count));
    expect(list.reads()).toBe(calls);
  });

  test('whose count is wrong costs no more', async () => {
    const list = listOf(newestFirst(7));
    const more: ReadPage = async (query) => ({
      count: 99,
      next: query === '?first' ? '?b' : null,
      results: [{ id: query }],
    });
    const seen: unknown[] = [];
    for await (const row of rowsOf(more, '/list/', '?first')) seen.push(row);
    expect(seen).toEqual([{ id: '?first' }, { id: '?b' }]);
    expect(await list.read()).toHaveLength(7);
  });
});

describe('a list that changes', () => {
  test('a row that slips to a page that was read is found there', async () => {
    const list = listOf(newestFirst(7), (ids, reads) => reads === 2 && ids.shift());
    expect((await list.read()).sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(list.reads()).toBe(4);
  });

  test('whose last page vanishes is read again before it', async () => {
    const list = listOf(newestFirst(7), (ids, reads) => reads === 3 && ids.splice(0, 2));
    expect((await list.read()).sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test('rows that come while an import runs are read too, and pushed rows once', async () => {
    let next = 8;
    const list = listOf(newestFirst(7), (ids, reads) => reads < 5 && ids.unshift(next++));
    const seen = await list.read();
    expect(seen.map(String).toSorted().map(Number)).toEqual([1, 10, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(new Set(seen).size).toBe(seen.length);
    expect(list.reads()).toBeLessThan(10);
  });

  test('a list that never stands still is read to its end all the same', async () => {
    let next = 100;
    const growing = listOf(newestFirst(12), (ids) => ids.unshift(next++));
    expect(await growing.read()).toEqual(expect.arrayContaining(newestFirst(12)));
    const shrinking = listOf(newestFirst(40), (ids) => ids.splice(Math.floor(ids.length / 2), 1));
    expect((await shrinking.read()).length).toBeGreaterThan(20);
  });

  const grow = (...at: number[]) => ({ remove: false, at });
  const shrink = (...at: number[]) => ({ remove: true, at });
  type Change = { remove: boolean; at: number[] };
  /** A row was seen behind a gap, and later taken for a proof that there is none. */
  const GAP: [number, Change[]] = [
    6,
    [grow(0, 0, 0), grow(0, 0, 0), shrink(0), shrink(0, 0, 0, 0), grow(), grow(0, 0), shrink(0)],
  ];
  /** So many rows go that several pages vanish, twice. */
  const FELL: [number, Change[]] = [
    4,
    [
      ...[grow(0, 2, 0, 0, 4), grow(0, 0, 6, 0, 7), grow(0, 0), grow(), shrink(0, 0, 0, 0), grow()],
      ...[shrink(0, 0, 0, 0), grow(0, 0), shrink(0, 0, 0, 0, 0, 0, 0)],
    ],
  ];

  test('property: a row that is there all the time is seen, and none twice, whatever comes or goes between two pages', async () => {
    const step = fc.record({ remove: fc.boolean(), at: fc.array(fc.nat({ max: 40 }), { maxLength: 8 }) });
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 25 }), fc.array(step, { maxLength: 12 }), async (count, steps) => {
        const ids = newestFirst(count);
        const lasting = new Set(ids);
        let next = 1000;
        const list = listOf(ids, (now, reads) => {
          const { remove = false, at = [] } = steps[reads - 2] ?? {};
          for (const place of at) {
            if (!remove) now.splice(place % (now.length + 1), 0, next++);
            else for (const gone of now.splice(place % Math.max(1, now.length), 1)) lasting.delete(gone);
          }
        });
        const seen = await list.read();
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen).toEqual(expect.arrayContaining([...lasting]));
        // Each change costs two pages at most, and what has come one more look at all of it.
        expect(list.reads()).toBeLessThan(3 * (2 + (count + 100) / SIZE + 2 * steps.length));
      }),
      { numRuns: 2000, examples: [GAP, FELL] },
    );
  });

  test('property: a list that changes before every page fails for now, or shows all that was there', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 30 }),
        fc.infiniteStream(fc.integer({ min: -2, max: 2 })),
        async (count, moves) => {
          const ids = newestFirst(count);
          const lasting = new Set(ids);
          let next = 1000;
          const list = listOf(ids, (now) => {
            const move = moves.next().value;
            for (let n = 0; n < move; n++) now.unshift(next++);
            for (const gone of now.splice(0, Math.max(0, -move))) lasting.delete(gone);
          });
          const seen = await list.read().catch((thrown: unknown) => thrown);
          if (Array.isArray(seen)) expect(seen).toEqual(expect.arrayContaining([...lasting]));
          else expect(seen).toMatchObject({ failure: { kind: 'transient' } });
          expect(list.reads()).toBeLessThanOrEqual(300);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('pages of odd forms', () => {
  const pages = (...answers: unknown[]) => {
    let calls = 0;
    const stage = callToolsStage({}, { meddle: async () => jsonAnswer(200, answers[calls++ % answers.length]) });
    return { client: stage.client, calls: () => calls };
  };
  const label = (id: number) => ({ id, name: `B${id}` });

  test('a long list of which many pages vanish at once is read to its end', async () => {
    const list = listOf(newestFirst(60), (ids, reads) => reads === 20 && ids.splice(0, 40));
    expect((await list.read()).toSorted((a, b) => a - b)).toEqual(expect.arrayContaining(newestFirst(20)));
  });

  test('a count that is told as text counts', async () => {
    let page = 0;
    const counts = ['3', ' 2 ', '2', '2'];
    const results = [[label(1), label(2)], [], [label(2), label(3)], []];
    const moving = callToolsStage(
      {},
      {
        meddle: async () => {
          const at = page++;
          return jsonAnswer(200, { count: counts[at], results: results[at], next: at % 2 === 0 ? '?page=2' : null });
        },
      },
    );
    expect(await moving.client.labels('bucket')).toEqual([label(1), label(2), label(3)]);
  });

  test('a next of itself ends a list that has been read whole, and fails one that has not', async () => {
    const whole = pages({ count: 2, results: [label(1), label(2)], next: '?page_size=100' });
    expect(await whole.client.labels('bucket')).toHaveLength(2);
    expect(whole.calls()).toBe(1);
    for (const count of [3, null]) {
      const half = pages({ count, results: [label(1), label(2)], next: '?page_size=100' });
      expect(await failureOf(half.client.labels('bucket'))).toMatchObject({ kind: 'transient' });
    }
  });

  test('a next without rows is followed, and a row that comes twice is one', async () => {
    const list = pages(
      { count: 3, results: [label(1), label(1)], next: '?page=2' },
      { count: 3, results: [], next: '?page=3' },
      { count: 3, results: [label(1), label(2)], next: null },
    );
    expect(await list.client.labels('bucket')).toEqual([label(1), label(2)]);
    expect(list.calls()).toBe(3);
  });

  test('pages without end, or one that is always gone, fail after a bounded number of calls', async () => {
    let page = 1;
    const endless = callToolsStage(
      {},
      { meddle: async () => jsonAnswer(200, { results: [], next: `?page=${++page}` }) },
    );
    expect(await failureOf(endless.client.labels('bucket'))).toMatchObject({ kind: 'transient' });
    expect(page).toBeLessThan(110);
    let calls = 0;
    const gone = callToolsStage(
      {},
      {
        meddle: async ({ url }) => {
          calls++;
          return url.includes('page=2')
            ? jsonAnswer(404, { detail: 'Invalid page.' })
            : jsonAnswer(200, { count: 9, results: [label(1)], next: '?page=2' });
        },
      },
    );
    expect(await failureOf(gone.client.labels('bucket'))).toMatchObject({ kind: 'transient' });
    expect(calls).toBeLessThan(15);
  });
});

test('during an import the withdrawal that needs the list of members finds whom it looks for', async () => {
  const stage = dialerStage({ listRowsOmitPhones: false });
  const { id } = stage.vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [COLD] });
  const add = (n: number) =>
    stage.vendor.addContactByHand({ mobile_phone_number: `+1305555${1000 + n}`, buckets: [COLD] });
  for (let n = 0; n < 240; n++) add(n);
  let more = 300;
  stage.hooks.meddle = async (request, handle) => {
    const answer = await handle(request);
    if (/buckets__id=/.test(request.url)) add(more++);
    return answer;
  };
  expect(await apply(stage, OUT, { e164: null, inDoubt: true })).toMatchObject({
    mayBeInBucket: false,
    callToolsId: id,
  });
  expect(stage.vendor.holds(COLD)).not.toContain(PHONE);
});
