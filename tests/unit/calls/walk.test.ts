// The walk through the record of calls, against a record that grows, gets late rows and loses rows while it is read, and invocations that
// die between any two pages: each row takes effect exactly once.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Bounds,
  firstMark,
  follow,
  type Mark,
  NEW_WALK,
  type Walk,
} from '../../../workers/consumer/calls/walk.ts';
import type { CallPage, CallRow } from '../../../workers/consumer/vendors/calls/calltools-calls.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 10, 20, 12);

const row = (id: number, at: number | null = START): CallRow => ({
  id,
  at,
  callToolsId: 1,
  said: { id: '1', name: null },
});
const pageOf = (rows: CallRow[], more = false, count: number | null = null): CallPage => ({
  rows: rows.toSorted((a, b) => b.id - a.id),
  unreadable: 0,
  count,
  more,
});
const CURSOR: Bounds = { cursor: { id: 10, at: START }, startId: 0, startAt: null };
const idsOf = (rows: CallRow[]) => rows.map(({ id }) => id);

describe('one page', () => {
  test('new rows count, and old ones that may have come late; the walk ends an hour behind the cursor', () => {
    const rows = [row(12), row(11), row(9, START - HOUR), row(8, START - HOUR - 1), row(7, START - HOUR - 1)];
    const step = follow(NEW_WALK, pageOf(rows, true), CURSOR);
    expect([idsOf(step.rows), step.isOver, step.walk.top?.id]).toEqual([[12, 11, 9], true, 12]);
  });

  test('it goes on while all rows are younger than that', () => {
    const step = follow(NEW_WALK, pageOf([row(12), row(9, START - HOUR)], true), CURSOR);
    expect([step.isOver, step.walk]).toEqual([
      false,
      { top: { id: 12, at: START }, page: 2, low: 9, count: null, slipped: false },
    ]);
  });

  test('it ends with the record', () => {
    expect(follow(NEW_WALK, pageOf([row(12)]), CURSOR).isOver).toBe(true);
    expect(follow(NEW_WALK, pageOf([]), CURSOR)).toMatchObject({ isOver: true, rows: [] });
  });

  test('one row without a time ends nothing; a page without any time ends at the cursor', () => {
    expect(follow(NEW_WALK, pageOf([row(12), row(9, null)], true), CURSOR).isOver).toBe(false);
    expect(follow(NEW_WALK, pageOf([row(12, null), row(9, null)], true), CURSOR).isOver).toBe(true);
    expect(follow(NEW_WALK, pageOf([row(12, null), row(11, null)], true), CURSOR).isOver).toBe(false);
  });

  test('a row with a wrong time among newer ones does not end it', () => {
    const since: Bounds = { cursor: null, startId: 0, startAt: START };
    const step = follow(NEW_WALK, pageOf([row(3), row(2, START - 100 * HOUR), row(1)], true), since);
    expect([idsOf(step.rows), step.isOver]).toEqual([[3, 1], false]);
  });

  const EPOCH = 0;

  test('one last row with a wrong time does not end it either: those behind it may be new', () => {
    const since: Bounds = { cursor: null, startId: 0, startAt: START - HOUR };
    const step = follow(NEW_WALK, pageOf([row(9), row(8), row(7, EPOCH)], true), since);
    expect([idsOf(step.rows), step.isOver]).toEqual([[9, 8], false]);
    for (const others of [
      [row(8, null), row(7, EPOCH)],
      [row(7, EPOCH), row(6, null)],
      [row(8, EPOCH), row(7)],
    ])
      expect(follow(NEW_WALK, pageOf([row(9), ...others], true), since).isOver).toBe(false);
    expect(follow(NEW_WALK, pageOf([row(8, null), row(7, EPOCH)], true), since).isOver).toBe(false);
    expect(follow(NEW_WALK, pageOf([row(9), row(8, EPOCH), row(7, EPOCH)], true), since).isOver).toBe(true);
    expect(follow(NEW_WALK, pageOf([row(7, EPOCH)], true), since).isOver).toBe(true);
    const late = follow(NEW_WALK, pageOf([row(12), row(10), row(9, EPOCH)], true), CURSOR);
    expect([idsOf(late.rows), late.isOver]).toEqual([[12, 10], false]);
  });

  test('a row that may take no effect ends it by its id alone', () => {
    const bounds: Bounds = { ...CURSOR, startId: 9 };
    expect(follow(NEW_WALK, pageOf([row(12), row(9)], true), bounds).isOver).toBe(true);
    expect(follow(NEW_WALK, pageOf([row(12), row(9, null)], true), bounds).isOver).toBe(true);
  });

  test('a row above the cursor is new, whatever its time', () => {
    const bounds: Bounds = { ...CURSOR, startAt: START - HOUR };
    expect(idsOf(follow(NEW_WALK, pageOf([row(12, EPOCH), row(11), row(9, EPOCH)]), bounds).rows)).toEqual([12, 11]);
    // The first poll has seen nothing: ids say nothing of what came before it.
    const nothing: Bounds = { cursor: { id: 0, at: null }, startId: 0, startAt: START };
    expect(idsOf(follow(NEW_WALK, pageOf([row(12), row(11, START - 1)]), nothing).rows)).toEqual([12]);
  });

  test('what is older than the first poll takes no effect, and neither does what is older than "since"', () => {
    const bounds: Bounds = { ...CURSOR, startId: 9 };
    expect(idsOf(follow(NEW_WALK, pageOf([row(12), row(9), row(8)]), bounds).rows)).toEqual([12]);
    const since: Bounds = { cursor: null, startId: 0, startAt: START };
    const rows = [row(4), row(3, null), row(2, START - 1), row(1, START - 1)];
    const step = follow(NEW_WALK, pageOf(rows, true), since);
    expect([idsOf(step.rows), step.isOver]).toEqual([[4, 3], true]);
  });

  test('the first poll remembers the newest row, and a time where one can be read', () => {
    expect(firstMark([row(12, null), row(11)])).toEqual({ id: 12, at: START });
    expect(firstMark([])).toEqual({ id: 0, at: null });
  });
});

describe('rows that go while the pages are read', () => {
  const walk: Walk = { top: { id: 20, at: START }, page: 3, low: 15, count: 100, slipped: false };

  test('the page before is read again, until it shows a row that was passed', () => {
    const back = follow(walk, pageOf([row(13)], true, 98), CURSOR);
    expect([back.walk.page, back.walk.slipped, back.isOver, idsOf(back.rows)]).toEqual([2, true, false, [13]]);
    const again = follow(back.walk, pageOf([row(14), row(13)], true, 98), CURSOR);
    expect([again.walk.page, again.walk.slipped]).toEqual([1, true]);
    const over = follow(again.walk, pageOf([row(16), row(15)], true, 98), CURSOR);
    expect([over.walk.page, over.walk.low, over.walk.slipped]).toEqual([2, 15, false]);
  });

  test('a page that has gone is no end', () => {
    expect(follow(walk, null, CURSOR)).toMatchObject({ isOver: false, walk: { page: 2, slipped: true, low: 15 } });
  });

  test('more rows than before are no gap', () => {
    const step = follow(walk, pageOf([row(14)], true, 101), CURSOR);
    expect(step.walk).toMatchObject({ page: 4, low: 14, top: { id: 20 } });
  });

  test('a page that begins with the last row that was passed shows that none slipped', () => {
    expect(follow(walk, pageOf([row(15), row(14)], true, 98), CURSOR).walk).toMatchObject({ page: 4, low: 14 });
  });
});

/** What happens to the record, or to the poll that reads it. */
type Event =
  | { kind: 'call' | 'read' | 'kill'; minutes?: number }
  | { kind: 'late'; minutes: number }
  | { kind: 'remove'; nth: number }
  | { kind: 'pass'; minutes: number };

const EVENT: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ kind: 'call' } as const) },
  { weight: 8, arbitrary: fc.constant({ kind: 'read' } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: 'kill' } as const) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('late' as const), minutes: fc.nat(59) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), nth: fc.nat(40) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), minutes: fc.integer({ min: 1, max: 200 }) }),
  },
);

/** The record as CallTools has it, in pages of `size`. */
function createRecord(size: number) {
  let now = START;
  let nextId = 1000;
  const rows: CallRow[] = [];
  return {
    rows,
    happen(event: Event): void {
      if (event.kind === 'call') rows.push(row(nextId++, now));
      if (event.kind === 'pass') now += event.minutes * MINUTE;
      if (event.kind === 'remove' && rows.length > 0) rows.splice(event.nth % rows.length, 1);
      if (event.kind !== 'late') return;
      // A late row takes an id between those that are there, and shows a time of up to an hour ago.
      const at = now - event.minutes * MINUTE;
      const above = rows.filter((one) => (one.at ?? 0) <= at).map(({ id }) => id);
      rows.push(row(Math.max(901, ...above) + 0.001 * rows.length + 0.0001, at));
    },
    page(number: number): CallPage | null {
      const sorted = rows.toSorted((a, b) => b.id - a.id);
      const from = (number - 1) * size;
      if (number > 1 && from >= sorted.length) return null;
      const more = sorted.length > from + size;
      return { rows: sorted.slice(from, from + size), unreadable: 0, count: sorted.length, more };
    },
  };
}

/** A poll of that record: rows are kept before the progress is, and a kill may come between. `outage` rows came before it began. */
function simulate(size: number, outage: number, events: Event[]) {
  const record = createRecord(size);
  let stored: { cursor: Mark; walk: Walk | null } = { cursor: { id: 900, at: START }, walk: null };
  const effects = new Map<number, number>();
  const known = new Set<number>();

  function read(killed: boolean): boolean {
    const walk = stored.walk ?? NEW_WALK;
    const step = follow(walk, record.page(walk.page), { cursor: stored.cursor, startId: 900, startAt: null });
    for (const { id } of step.rows) {
      if (!known.has(id)) effects.set(id, (effects.get(id) ?? 0) + 1);
      known.add(id);
    }
    if (killed) return false;
    const { top } = step.walk;
    stored = step.isOver
      ? { cursor: top && top.id > stored.cursor.id ? top : stored.cursor, walk: null }
      : { ...stored, walk: step.walk };
    return step.isOver;
  }

  for (let n = 0; n < outage; n++) for (const kind of ['call', 'pass'] as const) record.happen({ kind, minutes: 45 });
  for (const event of events) {
    record.happen(event);
    if (event.kind === 'read' || event.kind === 'kill') read(event.kind === 'kill');
  }
  // The faults stop; one walk that is under way ends, and one more is made.
  for (let walks = 0, pages = 0; walks < 2 && pages < 1000; pages++) if (read(false)) walks++;
  return { rows: record.rows, effects };
}

test('each row takes effect exactly once, whatever happens while the pages are read', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.nat(30),
      fc.array(EVENT, { maxLength: 80 }),
      (size, outage, events) => {
        const { rows, effects } = simulate(size, outage, events);
        expect(rows.filter(({ id }) => effects.get(id) !== 1).map(({ id }) => id)).toEqual([]);
        expect([...effects.values()].every((times) => times === 1)).toBe(true);
      },
    ),
    { numRuns: 3000 },
  );
});

test('a thousand rows that came during an outage are read in one walk', () => {
  const { rows, effects } = simulate(250, 1000, []);
  expect([rows.length, effects.size]).toEqual([1000, 1000]);
});
