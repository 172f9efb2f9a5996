// A withdrawal over which CallTools fails: what it takes of it is done, unless CallTools as a whole may be in trouble.

import { describe, expect, test } from 'vitest';
import { apply, applyFailing, DNC, jsonAnswer } from '../../support/vendor-harness.ts';
import { inAll, refusing } from './parts-harness.ts';

test.each([
  ['no answer', () => Promise.reject(new TypeError('fetch failed'))],
  ['a throttle', () => jsonAnswer(429, {}, { 'retry-after': '5' })],
  ['an odd answer', () => new Response('<h1>Not Found</h1>', { status: 404 })],
])('%s is not answered with more calls', async (_, answer) => {
  const { stage, id, vendor } = inAll();
  let patches = 0;
  stage.hooks.meddle = async (request, handle) => {
    if (request.method !== 'PATCH') return handle(request);
    patches++;
    return answer();
  };
  await applyFailing(stage, DNC, { callToolsId: id });
  expect([patches, vendor.calls.count({ method: 'PATCH' })]).toEqual([1, 0]);
});

test('a withdrawal that cannot be read back is not sent again in parts', async () => {
  const { stage, id, vendor } = inAll({ bucketPatch: 'ignored' });
  let written = false;
  stage.hooks.meddle = async (request, handle) => {
    written ||= request.method === 'PATCH';
    return written && request.method === 'GET' ? Promise.reject(new TypeError('fetch failed')) : handle(request);
  };
  await applyFailing(stage, DNC, { callToolsId: id });
  expect(vendor.calls.count({ method: 'PATCH', path: '/api/contacts' })).toBe(1);
});

test('where CallTools fails on everything, a few calls show it', async () => {
  const { stage, id } = inAll();
  let patches = 0;
  stage.hooks.meddle = async (request, handle) => {
    if (request.method !== 'PATCH') return handle(request);
    patches++;
    return jsonAnswer(500, {});
  };
  await applyFailing(stage, DNC, { callToolsId: id });
  // The whole, the mark, and the first bucket from both sides.
  expect(patches).toBe(4);
});

describe('a failure that may pass', () => {
  test.each([
    ['a 500', () => jsonAnswer(500, {})],
    ['a 400 of no known form', () => jsonAnswer(400, { detail: 'Not now.' })],
  ])('%s for one part keeps no other from being done', async (_, answer) => {
    const { stage, id, vendor } = inAll();
    stage.hooks.meddle = refusing(/remove_tags/, answer);
    expect((await applyFailing(stage, DNC, { callToolsId: id })).failure).toMatchObject({ kind: 'transient' });
    expect(vendor.contacts()).toMatchObject([{ buckets: [], tags: ['a', 'b'], doNotContact: true }]);
  });

  test('a bucket that the contact cannot leave is left from its own side', async () => {
    const { stage, id, vendor } = inAll();
    stage.hooks.meddle = refusing(/remove_buckets/, () => jsonAnswer(500, {}));
    expect(await apply(stage, DNC, { callToolsId: id })).toMatchObject({ mayBeInBucket: false });
    expect(vendor.contacts()).toMatchObject([{ buckets: [], tags: [], doNotContact: true }]);
  });

  test.each([
    ['is not known', () => jsonAnswer(404, { detail: 'Not found.' })],
    ['is refused', () => jsonAnswer(403, {})],
  ])('stays one, although a bucket %s', async (_, answer) => {
    const { stage, id } = inAll();
    stage.hooks.meddle = async (request, handle) => {
      if (request.method !== 'PATCH') return handle(request);
      return request.url.includes('/buckets/') ? answer() : jsonAnswer(500, {});
    };
    expect((await applyFailing(stage, DNC, { callToolsId: id })).failure).toMatchObject({ kind: 'transient' });
  });
});
