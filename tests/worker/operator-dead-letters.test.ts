// Dead letters over HTTP: found by any filter, replayed without loss, discarded on purpose; against real D1 and real queues.

import type { D1Database } from '@cloudflare/workers-types';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseMessage } from '../../shared/messages.ts';
import { resolveDeadLetters } from '../../workers/consumer/dead-letter-store.ts';
import type { OperatorDeps } from '../../workers/consumer/operator-routes.ts';
import {
  ADMIN_TOKEN,
  aLetter,
  ask,
  dataOf,
  HOUR,
  keep,
  LOCATION,
  letterRows,
  MINUTE,
  NOW,
  operatorDeps,
  type Stage,
  startStage,
} from './operator-stage.ts';

let stage: Stage;
let db: D1Database;
beforeAll(async () => {
  stage = await startStage();
  db = stage.env.DB;
});
beforeEach(() => stage.clear());
afterAll(() => stage.close());

interface List {
  dead_letters: ({ id: string } & Record<string, unknown>)[];
  total: number;
  next: string | null;
  by_reason: { reason: string; count: number; oldest_dead_at: string; what: string; what_to_do: string }[];
}
const list = (query = '', deps = operatorDeps(db).deps) => dataOf<List>(ask(`/dead-letters${query}`, deps));
const idsOf = async (query: string) => (await list(query)).dead_letters.map(({ id }) => id);

interface Outcomes {
  outcomes: { id: string; outcome: string }[];
}
const post = (action: 'replay' | 'discard', ids: unknown, deps: OperatorDeps) =>
  dataOf<Outcomes>(ask(`/dead-letters/${action}`, deps, { ids }));
const outcome = (id: string, is: string) => ({ id, outcome: is });

describe('the list', () => {
  test('shows what waits, oldest first, with reasons in plain words', async () => {
    await keep(db, aLetter({ contactId: 'young', deadAt: NOW }), aLetter({ contactId: 'old' }));
    await keep(
      db,
      aLetter({ contactId: 'other', reason: 'exhausted', deadAt: NOW - 5 }),
      aLetter({ contactId: 'gone' }),
    );
    await resolveDeadLetters(db, LOCATION, ['gone'], NOW).run();
    const { dead_letters, total, next, by_reason } = await list();
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
      db,
      aLetter({
        error: 'refused ann@example.com, +1 305 555 0142',
        message: { kind: 'contact.changed', snapshot: { tags: ['friend of Ann'], dnd: false } },
      }),
    );
    const text = await (await ask('/dead-letters', operatorDeps(db).deps)).text();
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
      db,
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
    await post('discard', ['d-4'], operatorDeps(db).deps);
    const page = await list(`?${query}`);
    expect(page.dead_letters.map(({ id }) => id)).toEqual(ids);
    expect(page.total).toBe(ids.length);
  });

  test('comes in pages that lose and repeat nothing, also among letters of one moment', async () => {
    await keep(db, ...Array.from({ length: 7 }, (_, i) => aLetter({ id: `d-${i}`, deadAt: i < 5 ? NOW : NOW + i })));
    const seen: string[] = [];
    let query = '?limit=3';
    for (let pages = 1; ; pages++) {
      const { dead_letters, total, next } = await list(query);
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
    await keep(db, aLetter());
    expect((await list('?limit=1')).next).toBeNull();
  });

  test.each([
    ['status=dead', /status must be one of waiting/],
    ['reason=typo', /reason must be one of rejected/],
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
    const response = await ask(`/dead-letters?${query}`, operatorDeps(db).deps);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(((await response.json()) as { detail: string }).detail).toMatch(detail);
  });
});

describe('a replay', () => {
  test('puts the contact back as a bare id, and notes it', async () => {
    await keep(db, aLetter());
    const { deps, sent } = operatorDeps(db);
    expect(await post('replay', ['d-contact1'], deps)).toEqual({ outcomes: [outcome('d-contact1', 'replayed')] });
    expect(sent).toEqual([
      {
        v: 1,
        kind: 'contact.changed',
        locationId: LOCATION,
        contactId: 'contact1',
        eventType: 'Replay',
        source: 'replay',
        eventId: 'new-1',
        occurredAt: null,
        receivedAt: NOW,
        snapshot: null,
      },
    ]);
    expect(parseMessage(sent[0])).toEqual(sent[0]);
    expect(await letterRows(db)).toMatchObject([{ status: 'replayed', replays: 1, replayed_at: NOW, settled_at: NOW }]);
  });

  test('says of each letter what became of it, in the order asked', async () => {
    await keep(
      db,
      aLetter(),
      aLetter({ contactId: 'done' }),
      aLetter({ id: 'w-bare', contactId: null, reason: 'unreadable_webhook', replayable: false }),
    );
    await post('discard', ['d-done'], operatorDeps(db).deps);
    const { deps, sent } = operatorDeps(db);
    const asked = ['nobody', 'd-done', 'w-bare', 'd-contact1', 'd-contact1'];
    expect(await post('replay', asked, deps)).toEqual({
      outcomes: [
        outcome('nobody', 'not_found'),
        outcome('d-done', 'not_waiting'),
        outcome('w-bare', 'not_replayable'),
        outcome('d-contact1', 'replayed'),
      ],
    });
    expect(sent).toHaveLength(1);
    expect((await letterRows(db)).map(({ id, status }) => [id, status])).toEqual([
      ['d-contact1', 'replayed'],
      ['d-done', 'discarded'],
      ['w-bare', 'waiting'],
    ]);
  });

  test('of a letter that is on its way already sends nothing', async () => {
    await keep(db, aLetter());
    const { deps, sent } = operatorDeps(db);
    await post('replay', ['d-contact1'], deps);
    expect(await post('replay', ['d-contact1'], deps)).toEqual({ outcomes: [outcome('d-contact1', 'not_waiting')] });
    expect(sent).toHaveLength(1);
    expect(await letterRows(db)).toMatchObject([{ replays: 1 }]);
  });

  test('that the queue refuses leaves the letters waiting', async () => {
    await keep(db, aLetter(), aLetter({ contactId: 'contact2' }));
    const { deps, lines } = operatorDeps(db);
    const refusing = {
      ...deps,
      env: { ...deps.env, EVENTS: { sendBatch: () => Promise.reject(new Error('10250 overloaded')) } },
    };
    expect(await post('replay', ['d-contact1', 'd-contact2', 'x'], refusing)).toEqual({
      outcomes: [outcome('d-contact1', 'send_failed'), outcome('d-contact2', 'send_failed'), outcome('x', 'not_found')],
    });
    expect(await letterRows(db)).toMatchObject([
      { status: 'waiting', replays: 0 },
      { status: 'waiting', replays: 0 },
    ]);
    expect(lines.join()).toContain('10250 overloaded');
  });

  test('is sent before the letter is marked: a crash in between loses nothing', async () => {
    await keep(db, aLetter());
    const { deps, sent } = operatorDeps(db);
    let at: string | undefined;
    const watching = {
      ...deps.env.EVENTS,
      sendBatch: async (messages: Parameters<typeof deps.env.EVENTS.sendBatch>[0]) => {
        at = (await letterRows(db))[0]?.status;
        return deps.env.EVENTS.sendBatch(messages);
      },
    };
    await post('replay', ['d-contact1'], { ...deps, env: { ...deps.env, EVENTS: watching } });
    expect([at, sent.length]).toEqual(['waiting', 1]);
  });

  test.each([
    ['died again', 'waiting', () => keep(db, aLetter({ deadAt: NOW + 1, reason: 'exhausted' }))],
    ['was resolved', 'resolved', () => resolveDeadLetters(db, LOCATION, ['contact1'], NOW).run()],
  ])('of a contact that %s meanwhile leaves the letter %s', async (_what, status, meanwhile) => {
    await keep(db, aLetter());
    const { deps } = operatorDeps(db);
    const EVENTS = {
      sendBatch: async (messages: Parameters<typeof deps.env.EVENTS.sendBatch>[0]) => {
        const sent = await deps.env.EVENTS.sendBatch(messages);
        await meanwhile();
        return sent;
      },
    };
    const raced = { ...deps, env: { ...deps.env, EVENTS } };
    expect(await post('replay', ['d-contact1'], raced)).toEqual({ outcomes: [outcome('d-contact1', 'replayed')] });
    expect(await letterRows(db)).toMatchObject([{ status }]);
  });

  test('that succeeds closes the letter, and all others of the contact', async () => {
    await keep(db, aLetter({ id: 'd-1' }), aLetter({ id: 'd-2' }), aLetter({ id: 'd-3', contactId: 'other' }));
    await post('replay', ['d-1'], operatorDeps(db).deps);
    await resolveDeadLetters(db, LOCATION, ['contact1'], NOW + 1).run();
    expect((await letterRows(db)).map(({ id, status }) => [id, status])).toEqual([
      ['d-1', 'resolved'],
      ['d-2', 'resolved'],
      ['d-3', 'waiting'],
    ]);
  });

  test('that fails for another reason is told with the letter', async () => {
    await keep(db, aLetter());
    await post('replay', ['d-contact1'], operatorDeps(db).deps);
    await keep(db, aLetter({ id: 'd-earlier', deadAt: NOW - 1, reason: 'exhausted' }));
    expect((await list('?status=replayed')).dead_letters).toMatchObject([{ died_again: null }]);
    await keep(db, aLetter({ id: 'd-later', deadAt: NOW, reason: 'dnc_not_applied', error: 'no' }));
    expect((await list('?status=replayed')).dead_letters).toMatchObject([
      { died_again: { id: 'd-later', reason: 'dnc_not_applied', error: 'no', dead_at: new Date(NOW).toISOString() } },
    ]);
    await post('discard', ['d-later'], operatorDeps(db).deps);
    expect((await list('?status=replayed')).dead_letters).toMatchObject([{ died_again: null }]);
  });

  test('takes 100 letters at once within what one sendBatch takes, ids of any length', async () => {
    const long = 'x'.repeat(61);
    const letters = Array.from({ length: 100 }, (_, i) =>
      aLetter({ id: `d-${i}`, contactId: `${long}${i}`, locationId: `${long}abc` }),
    );
    await keep(db, ...letters);
    const { deps, sent } = operatorDeps(db);
    const real = { ...deps, env: { ...deps.env, EVENTS: stage.env.EVENTS } };
    const ids = letters.map(({ id }) => id);
    expect((await post('replay', ids, real)).outcomes.map((one) => one.outcome)).toEqual(Array(100).fill('replayed'));
    await keep(db, ...letters);
    await post('replay', ids, deps);
    expect(new TextEncoder().encode(JSON.stringify(sent)).length).toBeLessThan(100_000);
  });
});

describe('a discard', () => {
  test('gives up what waits, and nothing else', async () => {
    await keep(db, aLetter(), aLetter({ contactId: 'onItsWay' }));
    const { deps, sent } = operatorDeps(db);
    await post('replay', ['d-onItsWay'], deps);
    expect(await post('discard', ['d-contact1', 'd-onItsWay', 'x'], deps)).toEqual({
      outcomes: [outcome('d-contact1', 'discarded'), outcome('d-onItsWay', 'not_waiting'), outcome('x', 'not_found')],
    });
    expect(await letterRows(db)).toMatchObject([{ status: 'discarded', settled_at: NOW }, { status: 'replayed' }]);
    expect(sent).toHaveLength(1);
  });

  test('holds until the contact fails again', async () => {
    await keep(db, aLetter());
    await post('discard', ['d-contact1'], operatorDeps(db).deps);
    await resolveDeadLetters(db, LOCATION, ['contact1'], NOW).run();
    expect(await letterRows(db)).toMatchObject([{ status: 'discarded' }]);
    await keep(db, aLetter({ deadAt: NOW + MINUTE }));
    expect(await letterRows(db)).toMatchObject([{ status: 'waiting', settled_at: null }]);
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
      const response = await ask(`/dead-letters/${action}`, operatorDeps(db).deps, body);
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
    expect(await idsOf('?contact=mended1')).toEqual([]);
  });
});
