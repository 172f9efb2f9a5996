// Dead letters by reason and error, as lists, and given up or retried a group at a time.

import { beforeEach, describe, expect, test } from 'vitest';
import { openSqlite } from '../../../../sandbox/d1-sqlite.ts';
import type {
  DeadLetterList,
  LetterGroups,
  ManyDiscarded,
  Replay,
  ReplayList,
  ReplayStarted,
} from '../../../../shared/api/lists.ts';
import type { DeadLetter } from '../../../../workers/consumer/store/dead-letters.ts';
import { resolveDeadLetters } from '../../../../workers/consumer/store/dead-letters.ts';
import {
  aLetter,
  ask,
  dataOf,
  expectProblem,
  HOUR,
  iso,
  keep,
  LOCATION,
  letterRows,
  locationsOf,
  MINUTE,
  NOW,
  operatorDeps,
  seedContact,
} from '../../../support/operator-harness.ts';

const BOTH = await locationsOf([LOCATION, 'two']);
const TIMEOUT = 'no answer within 10000 ms';

let sqlite: ReturnType<typeof openSqlite>;
let now = NOW;
let stage: ReturnType<typeof operatorDeps>;
beforeEach(() => {
  [now, sqlite] = [NOW, openSqlite()];
  let ids = 0;
  const world = { now: () => now, newId: () => `id-${++ids}` };
  stage = operatorDeps(
    sqlite.bind(async (act) => act()),
    { world, locations: BOTH },
  );
});

const db = () => stage.deps.env.DB;
const get = async <T>(path: string) => (await (await ask(path, stage.deps)).json()) as T;
const groups = (query = '') => get<LetterGroups>(`/api/v1/dead-letters/groups${query}`);
const list = (query = '') => get<DeadLetterList>(`/api/v1/dead-letters${query}`);
const idsOf = async (query: string) => (await list(query)).data.map(({ id }) => id);
const post = <T>(path: string, filter: object) => dataOf<T>(ask(path, stage.deps, filter));
const discard = (filter: object) => post<ManyDiscarded>('/api/v1/discards', filter);
const retry = (filter: object) => post<ReplayStarted>('/api/v1/replays', filter);
const statuses = async () => Object.fromEntries((await letterRows(db())).map(({ id, status }) => [id, status]));

/** A contact that has failed, and its letter. */
async function failed(contactId: string, changes: Partial<DeadLetter> = {}): Promise<void> {
  const letter = aLetter({ contactId, ...changes });
  await keep(db(), letter);
  const row = { state: 'failed', reason: letter.reason };
  await seedContact(db(), contactId, row, letter.locationId ?? LOCATION);
}

describe('groups', () => {
  test('errors that differ only in an id are one group, explained once, the largest first', async () => {
    for (const [n, id] of ['ghlA', 'ghlB', 'ghlC'].entries())
      await failed(id, {
        reason: 'exhausted',
        error: `PUT /api/contacts/${n * 100}/: ${TIMEOUT}`,
        deadAt: NOW - n * MINUTE,
      });
    for (const id of ['ghlD', 'ghlE'])
      await failed(id, { reason: 'exhausted', error: `GET /contacts/${id}: ${TIMEOUT}` });
    await failed('ghlF');
    const { data, counts, next } = await groups();
    expect(data.map(({ reason, error, count }) => [reason, error, count])).toEqual([
      ['exhausted', `PUT /api/contacts/…/: ${TIMEOUT}`, 3],
      ['exhausted', `GET /contacts/…: ${TIMEOUT}`, 2],
      ['rejected', 'CallTools answered 400: {"zip_code":["too long"]}', 1],
    ]);
    expect(data[0]).toMatchObject({
      replayable: 3,
      oldest_dead_at: iso(NOW - 2 * MINUTE),
      newest_dead_at: iso(NOW),
      examples: ['ghlC', 'ghlB', 'ghlA'],
      what: expect.stringContaining('Every attempt failed'),
      what_to_do: expect.stringContaining('Retry'),
    });
    expect([counts, next]).toEqual([{ waiting: 6, retrying: 0, discarded: 0, resolved: 0 }, null]);
  });

  test('a group names five of its contacts, and pages follow each other', async () => {
    for (let n = 0; n < 7; n++) await failed(`c${n}`, { deadAt: NOW + n });
    await failed('other', { reason: 'exhausted', error: 'HTTP 500' });
    const first = await groups('?limit=1');
    expect(first.data[0]?.examples).toEqual(['c0', 'c1', 'c2', 'c3', 'c4']);
    const second = await groups(`?limit=1&cursor=${first.next}`);
    expect([second.data[0]?.examples, second.next]).toEqual([['other'], null]);
  });

  test('a letter without a contact is counted, and cannot be retried', async () => {
    await keep(db(), aLetter({ id: 'p-1', contactId: null, reason: 'backstop_page_failed', replayable: false }));
    expect((await groups()).data[0]).toMatchObject({ count: 1, replayable: 0, examples: [] });
  });

  test('one location is shown alone', async () => {
    await failed('here');
    await failed('there', { locationId: 'two' });
    const { data, counts } = await groups('?location=two');
    expect(data).toMatchObject([{ examples: ['there'], filter: { location: 'two', reason: 'rejected' } }]);
    expect(counts.waiting).toBe(1);
    expect((await retry(data[0]?.filter ?? {})).letters).toBe(1);
    expect(stage.bulk.map(({ contactId }) => contactId)).toEqual(['there']);
  });

  test('the filter of a group retries or gives up exactly that group', async () => {
    const error = (id: string) => `PUT /api/contacts/7/: ${id} 50% of "it" _ …`;
    for (const id of ['lead-a', 'lead-b']) await failed(id, { error: error(id) });
    await failed('lead-c', { error: `${error('lead-c')} and more` });
    await failed('lead-d', { reason: 'exhausted', error: error('lead-d') });
    const [group] = (await groups()).data;
    const filter = group?.filter ?? {};
    expect(await idsOf(`?reason=rejected&same_error=${encodeURIComponent(filter.same_error ?? '')}`)).toEqual([
      'd-lead-a',
      'd-lead-b',
    ]);
    expect(await discard(filter)).toMatchObject({ discarded: 2, filter });
    expect(await statuses()).toEqual({
      'd-lead-a': 'discarded',
      'd-lead-b': 'discarded',
      'd-lead-c': 'waiting',
      'd-lead-d': 'waiting',
    });
  });
});

describe('tabs', () => {
  test('a letter is retrying until its contact succeeds or fails again, for whatever reason', async () => {
    for (const id of ['fixed', 'again', 'otherwise', 'still']) await failed(id);
    await retry({});
    now += 1000;
    await resolveDeadLetters(db(), LOCATION, ['fixed'], now).run();
    await keep(db(), aLetter({ contactId: 'again', deadAt: now }));
    await keep(db(), aLetter({ id: 'd-new', contactId: 'otherwise', reason: 'exhausted', deadAt: now }));
    expect((await groups()).counts).toEqual({ waiting: 2, retrying: 1, discarded: 0, resolved: 1 });
    expect(await idsOf('?status=retrying')).toEqual(['d-still']);
    expect(await idsOf('?status=resolved')).toEqual(['d-fixed']);
    await discard({});
    expect(await idsOf('?status=discarded')).toEqual(['d-new', 'd-again']);
    expect(await groups('?status=retrying')).toMatchObject({ data: [{ count: 1, replayable: 0 }] });
  });

  test('those that wait come the oldest first, the others the newest first, page by page', async () => {
    for (let n = 0; n < 5; n++) await failed(`c${n}`, { deadAt: NOW + n });
    const pages = async (status: string) => {
      const found: string[][] = [];
      let cursor = '';
      do {
        const { data, next } = await list(`?status=${status}&limit=2${cursor}`);
        found.push(data.map(({ id }) => id));
        cursor = next === null ? '' : `&cursor=${next}`;
      } while (cursor !== '');
      return found;
    };
    const all = ['d-c0', 'd-c1', 'd-c2', 'd-c3', 'd-c4'];
    expect((await pages('waiting')).flat()).toEqual(all);
    await discard({});
    expect(await pages('discarded')).toEqual([['d-c4', 'd-c3'], ['d-c2', 'd-c1'], ['d-c0']]);
    expect(await idsOf('?status=discarded&contact=c3')).toEqual(['d-c3']);
  });
});

describe('giving up', () => {
  test('the answer says how many, and that their contacts stay failed', async () => {
    for (const id of ['lead-a', 'lead-b', 'lead-c']) await failed(id);
    await keep(db(), aLetter({ id: 'd-second', contactId: 'lead-a', reason: 'exhausted' }));
    await keep(db(), aLetter({ contactId: 'unknown' }));
    const { discarded, still_failed, note } = await discard({ reason: 'rejected' });
    // One more letter of contact a waits.
    expect([discarded, still_failed]).toEqual([4, 2]);
    expect(note).toMatch(/^4 discarded\. 2 contacts stay failed\. To try a contact again/);
    expect(await discard({ reason: 'rejected' })).toMatchObject({
      discarded: 0,
      note: 'Nothing was waiting that matches.',
    });
  });

  test('a selection is given up, and nothing else', async () => {
    for (const id of ['lead-a', 'lead-b', 'lead-c']) await failed(id);
    expect((await discard({ ids: ['d-lead-a', 'd-lead-c', 'd-none'] })).discarded).toBe(2);
    expect(await statuses()).toEqual({ 'd-lead-a': 'discarded', 'd-lead-b': 'waiting', 'd-lead-c': 'discarded' });
  });

  test('contacts that are still failed are named until one order has retried them', async () => {
    for (const id of ['lead-a', 'lead-b']) await failed(id);
    await seedContact(db(), 'healthy', { state: 'placed', reason: 'placed' });
    await keep(db(), aLetter({ contactId: 'healthy' }));
    expect((await groups()).still_failed).toBeNull();
    await discard({});
    const { still_failed, data } = await groups();
    expect(still_failed).toEqual({ count: 2, examples: ['lead-a', 'lead-b'], filter: { status: 'discarded' } });
    expect(data).toEqual([]);
    expect((await groups('?status=discarded')).data).toMatchObject([
      { count: 3, replayable: 2, filter: { status: 'discarded', reason: 'rejected' } },
    ]);
    now += 1000;
    const order = await retry(still_failed?.filter ?? {});
    expect([order.letters, stage.bulk.map(({ contactId }) => contactId).sort()]).toEqual([2, ['lead-a', 'lead-b']]);
    expect((await groups()).still_failed).toBeNull();
    now += 1000;
    await resolveDeadLetters(db(), LOCATION, ['lead-a'], now).run();
    await keep(db(), aLetter({ contactId: 'lead-b', deadAt: now }));
    expect(await get<{ data: Replay }>(`/api/v1/replays/${order.id}`)).toMatchObject({
      data: { fixed: 1, failed_again: 1, filter: { status: 'discarded' } },
    });
  });

  test.each([
    [{ status: 'discarded' }, /body field status must be waiting/],
    [{ reason: 'odd' }, /body field reason must be one of .*rejected/],
    [{ ids: [] }, /body field ids must name at least one/],
    [{ contact: 'a' }, /must be of this form/],
  ])('%j is refused, and the right words are named', async (filter, detail) => {
    await expectProblem(await ask('/api/v1/discards', stage.deps, filter), 400, detail);
  });

  test('a location that there is not is not found', async () => {
    await expectProblem(await ask('/api/v1/discards', stage.deps, { location: 'typo' }), 404, /no such location/);
  });
});

test('orders are listed, the newest first, page by page, each with its progress', async () => {
  for (const id of ['lead-a', 'lead-b', 'lead-c']) {
    await failed(id);
    await retry({ ids: [`d-${id}`] });
    now += HOUR;
  }
  const first = await get<ReplayList>('/api/v1/replays?limit=2');
  expect(first.data.map(({ filter, retrying }) => [filter, retrying])).toEqual([
    [{ ids: ['d-lead-c'] }, 1],
    [{ ids: ['d-lead-b'] }, 1],
  ]);
  const second = await get<ReplayList>(`/api/v1/replays?limit=2&cursor=${first.next}`);
  expect([second.data.map(({ filter }) => filter), second.next]).toEqual([[{ ids: ['d-lead-a'] }], null]);
});
