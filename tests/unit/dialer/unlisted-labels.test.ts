// A bucket that a list lacks, and of which CallTools does not say that it is gone: it is kept until CallTools refuses its id.

import { expect, test } from 'vitest';
import { createLabels, isInNewLabel } from '../../../workers/consumer/dialer/labels.ts';
import { COLD, callToolsStage, jsonAnswer, labelMemory } from '../../support/vendor-harness.ts';

const NONE = { bucket: null, tag: null };
const WANTED = { bucket: COLD, tag: null };

/** A bucket that is listed once, and then not; asked for by its id, CallTools answers this. */
async function unlisted(status: number, body: unknown) {
  const { client: callTools, vendor, world, hooks } = callToolsStage();
  const { rows, save, lease } = labelMemory(world);
  const fresh = () =>
    createLabels({ callTools, managed: { buckets: [COLD], tags: [] }, world, rows: [...rows.values()], save, lease });
  const labels = fresh();
  const id = vendor.addLabelByHand('buckets', COLD);
  const ids = await labels.resolve(NONE);
  hooks.meddle = async (request, handle) => {
    if (/\/buckets\/\d/.test(request.url)) return jsonAnswer(status, body);
    return request.method === 'GET' ? jsonAnswer(200, { count: 1, next: null, results: [] }) : handle(request);
  };
  vendor.calls.clear();
  return { labels, fresh, vendor, id, ids, remembered: () => rows.get(`bucket:${COLD}`)?.callToolsId };
}

test('a bucket that is not listed is gone where CallTools says that it has none of its id', async () => {
  const { labels, remembered } = await unlisted(404, { detail: 'Not found.' });
  labels.forget();
  expect((await labels.resolve(NONE)).bucket.size).toBe(0);
  expect(remembered()).toBeNull();
});

const UNSAID: [number, unknown][] = [
  [200, { detail: 'Service temporarily unavailable' }],
  [200, []],
  [200, { id: 999, name: COLD }],
  [401, { detail: 'Invalid token.' }],
  [403, { detail: 'You do not have permission to perform this action.' }],
  [404, { message: 'no route' }],
  [405, { detail: 'Method "GET" not allowed.' }],
  [502, {}],
];

test.each(UNSAID)('one that is answered with %i %j is kept, and none is made', async (status, body) => {
  const { labels, fresh, remembered, vendor, id } = await unlisted(status, body);
  labels.forget();
  expect((await labels.resolve(WANTED)).bucket.get(COLD)).toEqual([id]);
  expect(remembered()).toBe(id);
  expect((await fresh().resolve(WANTED)).bucket.get(COLD)).toEqual([id]);
  expect(vendor.calls.count({ method: 'POST' })).toBe(0);
});

test.each(UNSAID)('until CallTools has refused its id: answered with %i %j, it is gone then', async (status, body) => {
  const { labels, remembered, ids, vendor } = await unlisted(status, body);
  labels.forget();
  const kept = await labels.resolve(NONE);
  // Of ids that were replaced meanwhile, too.
  labels.forget(ids);
  expect((await labels.resolve(NONE)).bucket.size).toBe(0);
  labels.forget(kept);
  expect((await labels.resolve(NONE)).bucket.size).toBe(0);
  expect(remembered()).toBeNull();
  expect(vendor.calls.count({ method: 'POST' })).toBe(0);
});

test('a contact in a newer bucket is no refusal', async () => {
  const { labels, id, ids } = await unlisted(403, {});
  expect(isInNewLabel({ buckets: [id + 1], tags: null }, ids)).toBe(true);
  labels.forget(ids);
  expect((await labels.resolve(NONE)).bucket.get(COLD)).toEqual([id]);
});
