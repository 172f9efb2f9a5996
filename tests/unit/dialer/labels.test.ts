// Bucket and tag ids by name: found, made once when missing, asked for again when out of date, and never anyone else's.

import { describe, expect, test } from 'vitest';
import { createLabels } from '../../../workers/consumer/dialer/labels.ts';
import type { LabelRow } from '../../../workers/consumer/store/labels.ts';
import {
  COLD,
  callToolsStage,
  failureOf,
  jsonAnswer,
  labelMemory,
  type Meddle,
  WARM,
} from '../../support/vendor-harness.ts';
import { NOON } from '../../support/virtual-clock.ts';

const HOUR = 3_600_000;
const NONE = { bucket: null, tag: null };
const want = (bucket: string | null, tag: string | null = null) => ({ bucket, tag });

function labelStage(managed = { buckets: [COLD, WARM], tags: [] as string[] }, rows: LabelRow[] = []) {
  const stage = callToolsStage({}, { leaseMs: 1000 * HOUR });
  const memory = labelMemory(stage.world);
  for (const row of rows) memory.rows.set(row.name, row);
  const fresh = () =>
    createLabels({
      callTools: stage.client,
      managed,
      world: stage.world,
      rows: [...memory.rows.values()],
      save: memory.save,
      lease: memory.lease,
    });
  const idOf = (name: string) => stage.vendor.bucketNamed(name)?.id;
  return { ...stage, memory, fresh, labels: fresh(), idOf };
}

/** As remembered a moment ago. */
const row = (name: string, callToolsId: number | null): LabelRow => ({
  kind: 'bucket',
  name,
  callToolsId,
  otherIds: [],
  newestId: null,
  updatedAt: NOON,
});

describe('finding', () => {
  test('ids are looked up by name, and remembered: the next batch makes no call', async () => {
    const { labels, fresh, vendor, idOf } = labelStage();
    vendor.addContactByHand({ buckets: [WARM, COLD, 'Other'] });
    const expected = {
      bucket: new Map([
        [COLD, [idOf(COLD)]],
        [WARM, [idOf(WARM)]],
      ]),
      tag: new Map(),
      newest: { bucket: idOf('Other'), tag: Number.POSITIVE_INFINITY },
    };
    expect(await labels.resolve(want(COLD))).toEqual(expected);
    vendor.calls.clear();
    expect(await fresh().resolve(want(WARM))).toEqual(expected);
    expect(await labels.resolve(NONE)).toEqual(expected);
    expect(vendor.calls.count()).toBe(0);
  });

  test('without tags in the rules the tags of the account are never asked for', async () => {
    const { labels, vendor } = labelStage();
    await labels.resolve(want(COLD));
    expect(vendor.calls.count({ path: '/api/alltags/' })).toBe(0);
    const tagged = labelStage({ buckets: [COLD], tags: ['ghl'] });
    await tagged.labels.resolve(NONE);
    expect(tagged.vendor.calls.count({ path: '/api/alltags/' })).toBe(1);
  });

  test('after a day the account is asked again', async () => {
    const { labels, fresh, vendor, clock } = labelStage();
    vendor.addContactByHand({ buckets: [WARM, COLD] });
    await labels.resolve(NONE);
    vendor.calls.clear();
    clock.advance(23 * HOUR);
    await fresh().resolve(NONE);
    expect(vendor.calls.count()).toBe(0);
    clock.advance(HOUR);
    await fresh().resolve(NONE);
    expect(vendor.calls.count()).toBe(1);
  });

  test('of several with one name the exact spelling is used, then the oldest; the others are known too', async () => {
    const { labels, vendor } = labelStage();
    const names = ['cold leads ', COLD, 'COLD\u00a0LEADS', ' warm LEADS', 'warm leads', 'Warm Leads 2'];
    const ids = names.map((name) => vendor.addLabelByHand('buckets', name));
    const { bucket } = await labels.resolve(NONE);
    expect(bucket.get(COLD)).toEqual([ids[1], ids[0], ids[2]]);
    expect(bucket.get(WARM)).toEqual([ids[3], ids[4]]);
  });

  test('the one in use stays the one in use when another comes, even with the exact spelling', async () => {
    const { labels, fresh, vendor } = labelStage();
    const first = vendor.addLabelByHand('buckets', 'cold leads');
    await labels.resolve(NONE);
    const second = vendor.addLabelByHand('buckets', COLD);
    const later = fresh();
    later.forget();
    expect((await later.resolve(NONE)).bucket.get(COLD)).toEqual([first, second]);
    vendor.calls.clear();
    expect((await fresh().resolve(NONE)).bucket.get(COLD)).toEqual([first, second]);
    expect(vendor.calls.count()).toBe(0);
    vendor.removeLabelByHand('buckets', first);
    labels.forget();
    expect((await labels.resolve(NONE)).bucket.get(COLD)).toEqual([second]);
  });

  test('a bucket that was renamed stays ours, though a tag of the rules has its new name', async () => {
    const { labels, vendor } = labelStage({ buckets: [COLD], tags: ['vip'] });
    const id = vendor.addLabelByHand('buckets', COLD);
    await labels.resolve(NONE);
    vendor.renameLabelByHand('buckets', id, 'vip');
    labels.forget();
    expect((await labels.resolve(NONE)).bucket.get(COLD)).toEqual([id]);
  });

  test('labels that the rules no longer name are not ours to touch, though they are still remembered', async () => {
    const { labels } = labelStage({ buckets: [COLD], tags: [] }, [row(COLD, 7), row('Former bucket', 8)]);
    expect((await labels.resolve(NONE)).bucket).toEqual(new Map([[COLD, [7]]]));
  });
});

describe('making', () => {
  test('a missing bucket is made once, although two contacts of a batch need it at the same time', async () => {
    const { labels, fresh, vendor, idOf } = labelStage({ buckets: [COLD], tags: ['ghl'] });
    const both = await Promise.all([labels.resolve(want(COLD, 'ghl')), labels.resolve(want(COLD, 'ghl'))]);
    for (const ids of both) expect([ids.bucket.get(COLD)?.[0], ids.tag.size]).toEqual([idOf(COLD), 1]);
    expect(vendor.calls.count({ method: 'POST', path: '/api/buckets/' })).toBe(1);
    expect(vendor.calls.count({ method: 'POST', path: '/api/alltags/' })).toBe(1);
    expect(vendor.calls.count({ method: 'GET', path: '/api/buckets/' })).toBeLessThanOrEqual(3);
    vendor.calls.clear();
    expect((await fresh().resolve(want(COLD, 'ghl'))).bucket.get(COLD)?.[0]).toBe(idOf(COLD));
    expect(vendor.calls.count()).toBe(0);
  });

  test('two missing buckets needed at once are both made', async () => {
    const { labels, idOf } = labelStage();
    await Promise.all([labels.resolve(want(COLD)), labels.resolve(want(WARM))]);
    expect((await labels.resolve(NONE)).bucket).toEqual(
      new Map([
        [COLD, [idOf(COLD)]],
        [WARM, [idOf(WARM)]],
      ]),
    );
  });

  test('what was just made is known, although the list lags behind', async () => {
    const { labels, hooks, idOf, vendor } = labelStage();
    hooks.meddle = async (request, handle) =>
      request.method === 'GET' ? jsonAnswer(200, { count: 0, next: null, results: [] }) : handle(request);
    for (let n = 0; n < 2; n++) expect((await labels.resolve(want(COLD))).bucket.get(COLD)?.[0]).toBe(idOf(COLD));
    expect(vendor.calls.count({ method: 'POST' })).toBe(1);
  });

  test('a bucket that was missing and has been made by someone else is found instead of made twice', async () => {
    const { labels, vendor, idOf } = labelStage(undefined, [row(COLD, null), row(WARM, null)]);
    expect((await labels.resolve(NONE)).bucket.size).toBe(0);
    vendor.addContactByHand({ buckets: [COLD] });
    expect((await labels.resolve(want(COLD))).bucket.get(COLD)?.[0]).toBe(idOf(COLD));
    expect(vendor.calls.count({ method: 'POST' })).toBe(0);
  });

  test('while another instance is at it the work comes back, and nothing is made', async () => {
    const { labels, memory, vendor, clock } = labelStage();
    await memory.lease('bucket', COLD, clock.at + 60_000);
    expect(await failureOf(labels.resolve(want(COLD)))).toMatchObject({ kind: 'busy' });
    expect(vendor.calls.count({ method: 'POST' })).toBe(0);
  });

  test('a withdrawal makes nothing', async () => {
    const { labels, vendor } = labelStage();
    expect((await labels.resolve(NONE)).bucket.size).toBe(0);
    expect(vendor.bucketNamed(COLD)).toBeUndefined();
  });

  test('a failed making fails all who need it, and the next try may succeed', async () => {
    const { labels, vendor, clock, idOf } = labelStage();
    vendor.faults.plan({ match: { method: 'POST' }, times: 1, do: { kind: 'html500' } });
    const both = await Promise.allSettled([labels.resolve(want(COLD)), labels.resolve(want(COLD))]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    clock.advance(60_000);
    expect((await labels.resolve(want(COLD))).bucket.get(COLD)?.[0]).toBe(idOf(COLD));
  });

  test('a making whose answer was lost is found, not repeated', async () => {
    const { labels, vendor, clock } = labelStage();
    vendor.faults.plan({ match: { method: 'POST' }, times: 1, do: { kind: 'after-reset' } });
    await failureOf(labels.resolve(want(COLD)));
    clock.advance(60_000);
    await labels.resolve(want(COLD));
    expect(vendor.calls.count({ method: 'POST' })).toBe(1);
  });
});

describe('out of date', () => {
  test('forgetting asks the account once, for all contacts that met the same old id', async () => {
    const { labels, vendor, idOf } = labelStage();
    vendor.addContactByHand({ buckets: [WARM, COLD] });
    const [a, b] = await Promise.all([labels.resolve(NONE), labels.resolve(NONE)]);
    expect(vendor.calls.count()).toBe(1);
    vendor.deleteBucket(COLD);
    vendor.addContactByHand({ buckets: [COLD] });
    labels.forget(a);
    const first = labels.resolve(NONE);
    labels.forget(b);
    expect((await first).bucket.get(COLD)?.[0]).toBe(idOf(COLD));
    labels.forget(b);
    await labels.resolve(NONE);
    // The second list lacks a bucket, which is asked for by its id.
    expect(vendor.calls.count()).toBe(3);
  });

  test.each(['bucket', 'tag'] as const)(
    'a %s that a list lacks for a moment is kept, and none is made',
    async (kind) => {
      const { labels, vendor, hooks } = labelStage({ buckets: [COLD], tags: ['ghl'] });
      const ids = await labels.resolve(want(COLD, 'ghl'));
      hooks.meddle = shortList;
      labels.forget();
      vendor.calls.clear();
      const again = await labels.resolve(want(COLD, 'ghl'));
      expect(again[kind]).toEqual(ids[kind]);
      expect(vendor.calls.count({ method: 'POST' })).toBe(0);
      expect(vendor.calls.count()).toBe(4);
    },
  );

  test('one of two buckets with the same name is kept too', async () => {
    const { labels, vendor, hooks } = labelStage();
    const both = [COLD, COLD].map((name) => vendor.addLabelByHand('buckets', name));
    await labels.resolve(NONE);
    hooks.meddle = async (request, handle) => shortList(request, handle, both[1]);
    labels.forget();
    expect((await labels.resolve(NONE)).bucket.get(COLD)).toEqual(both);
  });

  test('forgetting without saying what asks the account anew', async () => {
    const { labels, vendor } = labelStage();
    await labels.resolve(NONE);
    labels.forget();
    await labels.resolve(NONE);
    expect(vendor.calls.count()).toBe(2);
  });

  test('a list that could not be read is asked for again by the next who needs it', async () => {
    const { labels, vendor } = labelStage();
    vendor.faults.plan({ times: 1, do: { kind: 'html500' } });
    expect(await failureOf(labels.resolve(NONE))).toMatchObject({ kind: 'transient' });
    expect((await labels.resolve(NONE)).bucket.size).toBe(0);
  });
});

test('a bucket that vanishes while its tag is created is no place to be put in', async () => {
  const { labels, vendor, hooks } = labelStage({ buckets: [COLD], tags: ['ghl'] });
  vendor.addContactByHand({ buckets: [COLD] });
  const { handle } = vendor;
  hooks.meddle = async (request) => {
    // Between the list that shows the bucket and the one before the tag is made.
    const list = request.method === 'GET' && request.url.includes('/alltags/');
    const answer = await handle(request);
    if (list) vendor.deleteBucket(COLD);
    return answer;
  };
  expect(await failureOf(labels.resolve(want(COLD, 'ghl')))).toMatchObject({ kind: 'stale_labels' });
});

/** Lists of labels show none, or lack this one alone, although their count includes it. */
async function shortList(request: Request, handle: Parameters<Meddle>[1], without?: number): Promise<Response> {
  const answer = await handle(request);
  if (request.method !== 'GET' || !/\/(buckets|alltags)\/\?/.test(request.url)) return answer;
  const page = (await answer.json()) as { results: { id: number }[] };
  return jsonAnswer(200, {
    ...page,
    results: page.results.filter(({ id }) => without !== undefined && id !== without),
  });
}
