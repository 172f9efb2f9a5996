// Dead letters over HTTP: found by any filter, chosen by their ids, and replayed through the real queues; against real D1.

import { describe, expect, test } from 'vitest';
import { resolveDeadLetters } from '../../workers/consumer/store/dead-letters.ts';
import {
  ADMIN_TOKEN,
  aLetter,
  ask,
  dataOf,
  HOUR,
  keep,
  LOCATION,
  NOW,
  operatorDeps,
  stageOfFile,
} from '../support/operator-harness.ts';
import { type List, list, type Outcomes, post } from './operator-letters-harness.ts';

const stage = stageOfFile();

describe('the list', () => {
  test('shows what waits, oldest first, with reasons in plain words', async () => {
    await keep(stage.db, aLetter({ contactId: 'young', deadAt: NOW }), aLetter({ contactId: 'old' }));
    await keep(
      stage.db,
      aLetter({ contactId: 'other', reason: 'exhausted', deadAt: NOW - 5 }),
      aLetter({ contactId: 'gone' }),
    );
    await resolveDeadLetters(stage.db, LOCATION, ['gone'], NOW).run();
    const { dead_letters, total, next, by_reason } = await list(stage.db);
    expect(dead_letters.map(({ id }) => id)).toEqual(['d-old', 'd-other', 'd-young']);
    expect([total, next]).toEqual([3, null]);
    expect(by_reason).toMatchObject([
      { reason: 'rejected', count: 2, oldest_dead_at: new Date(NOW - HOUR).toISOString() },
      { reason: 'exhausted', count: 1 },
    ]);
    expect(by_reason[0]?.what).toMatch(/refused/);
    expect(dead_letters[0]).toEqual({
      id: 'd-old',
      status: 'waiting',
      reason: 'rejected',
      error: 'CallTools answered 400: {"zip_code":["too long"]}',
      location_id: LOCATION,
      contact_id: 'old',
      replayable: true,
      attempts: 1,
      replays: 0,
      received_at: new Date(NOW - 2 * HOUR).toISOString(),
      dead_at: new Date(NOW - HOUR).toISOString(),
      replayed_at: null,
      settled_at: null,
      died_again: null,
      message: { v: 1, kind: 'contact.changed', eventId: 'event1' },
    });
  });

  test('masks phones and emails in errors, and never shows what a webhook said of a person', async () => {
    await keep(
      stage.db,
      aLetter({
        error: 'refused ann@example.com, +1 305 555 0142',
        message: { kind: 'contact.changed', snapshot: { tags: ['friend of Ann'], dnd: false } },
      }),
    );
    const text = await (await ask('/dead-letters', operatorDeps(stage.db).deps)).text();
    expect(text).not.toMatch(/ann@|555|friend of Ann/i);
  });

  test.each([
    ['reason=exhausted', ['d-2']],
    ['location=anotherLocation', ['d-3']],
    ['contact=contact2', ['d-2']],
    ['error=ZIP_code', ['d-1']],
    ['error=100%25', ['d-3']],
    ['older_than=12h', ['d-3', 'd-2']],
    ['newer_than=12h', ['d-1']],
    ['older_than=1d&newer_than=2d', ['d-3', 'd-2']],
    ['older_than=86401s', ['d-3']],
    ['ids=d-1,d-3,unknown', ['d-3', 'd-1']],
    ['reason=rejected&contact=contact2', []],
    ['status=discarded', ['d-4']],
    ['status=all&contact=contact4', ['d-4']],
    ['status=all', ['d-3', 'd-2', 'd-1', 'd-4']],
    ['status=replayed', []],
  ])('narrows by %s', async (query, ids) => {
    await keep(
      stage.db,
      aLetter({ id: 'd-1' }),
      aLetter({ id: 'd-2', contactId: 'contact2', reason: 'exhausted', error: 'POST: 502', deadAt: NOW - 24 * HOUR }),
      aLetter({
        id: 'd-3',
        contactId: 'contact3',
        locationId: 'anotherLocation',
        error: '100% sure',
        deadAt: NOW - 48 * HOUR,
      }),
      aLetter({ id: 'd-4', contactId: 'contact4', error: '100 sure', deadAt: NOW }),
    );
    await post('discard', ['d-4'], operatorDeps(stage.db).deps);
    const page = await list(stage.db, `?${query}`);
    expect(page.dead_letters.map(({ id }) => id)).toEqual(ids);
    expect(page.total).toBe(ids.length);
  });

  test('comes in pages that lose and repeat nothing, also among letters of one moment', async () => {
    await keep(
      stage.db,
      ...Array.from({ length: 7 }, (_, i) => aLetter({ id: `d-${i}`, deadAt: i < 5 ? NOW : NOW + i })),
    );
    const seen: string[] = [];
    let query = '?limit=3';
    for (let pages = 1; ; pages++) {
      const { dead_letters, total, next } = await list(stage.db, query);
      seen.push(...dead_letters.map(({ id }) => id));
      expect(total).toBe(7);
      if (next === null) {
        expect(pages).toBe(3);
        break;
      }
      query = `?limit=3&cursor=${encodeURIComponent(next)}`;
    }
    expect(seen).toEqual(['d-0', 'd-1', 'd-2', 'd-3', 'd-4', 'd-5', 'd-6']);
  });

  test('ends with a full last page', async () => {
    await keep(stage.db, aLetter());
    expect((await list(stage.db, '?limit=1')).next).toBeNull();
  });

  test.each([
    ['status=dead', /status must be one of waiting/],
    ['reason=typo', /reason must be one of refused, rejected/],
    ['location=a%20b', /location must be/],
    ['contact=', /contact must be/],
    ['error=', /error must not be empty/],
    ['older_than=12', /older_than must be a duration/],
    ['newer_than=1w', /newer_than must be a duration/],
    [`ids=${Array(101).fill('x').join(',')}`, /ids must name at most 100/],
    ['ids=', /ids must not be empty/],
    ['limit=0', /limit must be/],
    ['cursor=x', /cursor must be/],
    ['state=waiting', /has status, reason, location/],
    ['limit=1&limit=2', /once/],
  ])('refuses %s', async (query, detail) => {
    const response = await ask(`/dead-letters?${query}`, operatorDeps(stage.db).deps);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(((await response.json()) as { detail: string }).detail).toMatch(detail);
  });
});

describe('a body that is not {"ids":[…]}', () => {
  test.each([
    ['not json', /not JSON/],
    ['[]', /ids is missing/],
    ['"d-1"', /JSON object/],
    ['{}', /ids is missing/],
    ['{"ids":"d-1"}', /ids/],
    ['{"ids":[]}', /ids must name at least one/],
    ['{"ids":[1]}', /ids must be texts/],
    [JSON.stringify({ ids: Array(101).fill('d') }), /ids must name at most 100/],
    [JSON.stringify({ ids: ['d'.repeat(65)] }), /ids must be at most 64/],
    [JSON.stringify({ ids: ['d'.repeat(40_000)] }), /too long/],
    ['{"ids":["d-1"],"all":true}', /has ids/],
  ])('(number %#) is refused', async (body, detail) => {
    for (const action of ['replay', 'discard']) {
      const response = await ask(`/dead-letters/${action}`, operatorDeps(stage.db).deps, body);
      expect(response.status).toBe(400);
      expect(((await response.json()) as { detail: string }).detail).toMatch(detail);
    }
  });
});

describe('through ingest, the real queues and the drain', () => {
  const operator = (path: string, body?: unknown) =>
    fetch(new URL(path, stage.url), {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    });

  /** Asks again until it is so; the test's time limit bounds it. */
  async function until(query: string, found: (page: List) => boolean): Promise<List> {
    for (;;) {
      const page = await dataOf<List>(operator(`/dead-letters?${query}`));
      if (found(page)) return page;
    }
  }

  test('what nobody could read is kept, and replayed by the contact it names', async () => {
    await stage.env.DEAD_LETTERS.send({ v: 2, kind: 'contact.changed', locationId: LOCATION, contactId: 'mended1' });
    await stage.env.DEAD_LETTERS.send('Ann Example, 305 555 0142');
    const { dead_letters } = await until('status=waiting', ({ total }) => total === 2);
    expect(dead_letters).toMatchObject([{ reason: 'unreadable_message' }, { reason: 'unreadable_message' }]);
    const ids = dead_letters.map(({ id }) => id);
    const { outcomes } = await dataOf<Outcomes>(operator('/dead-letters/replay', { ids }));
    expect(outcomes.map((one) => one.outcome).sort()).toEqual(['not_replayable', 'replayed']);
    await until('status=resolved&contact=mended1', ({ total }) => total === 1);
    expect((await list(stage.db, '?contact=mended1')).dead_letters).toEqual([]);
  });
});
