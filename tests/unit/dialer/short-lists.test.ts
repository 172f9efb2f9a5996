// A list of buckets that is short for a moment: a withdrawal in that moment is carried out, or made good in the next night.

import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../../../shared/time.ts';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';
import { intercept } from '../../support/intercept.ts';
import { apply, COLD, dialerStage, jsonAnswer, OUT, PHONE, WARM } from '../../support/vendor-harness.ts';

const SILENT = { silent: true };
const NOT_FOUND: [number, unknown] = [404, { detail: 'Not found.' }];

/**
 * Two leads in the dialer. While `trouble.list` is on, the list of buckets lacks theirs; `trouble.detail` is what CallTools answers where it is
 * asked for by its id.
 */
async function shortStage() {
  const stage = backstopStage();
  const trouble: { list: boolean; detail: false | [number, unknown] } = { list: false, detail: false };
  intercept(stage.callTools, async (request, handle) => {
    const { pathname } = new URL(request.url);
    if (request.method !== 'GET') return undefined;
    if (trouble.detail && /\/buckets\/\d+\/$/.test(pathname)) return jsonAnswer(...trouble.detail);
    if (!trouble.list || pathname !== '/api/buckets/') return undefined;
    const page = (await (await handle(request)).json()) as { results: { name: string }[] };
    return jsonAnswer(200, { ...page, results: page.results.filter(({ name }) => name !== COLD) });
  });
  const ids = await stage.leads(2);
  await stage.night();
  stage.callTools.addLabelByHand('buckets', 'Newer than all');
  stage.clock.advance(DAY_MS);
  await stage.night();
  const hint = async (id: string) => {
    stage.clock.advance(60_000);
    stage.hint(id);
    await stage.work();
  };
  return { stage, trouble, ids, hint };
}

describe('a withdrawal while the list lacks the bucket', () => {
  test('takes the contact out of it: CallTools shows the bucket by its id', async () => {
    const { stage, trouble, ids, hint } = await shortStage();
    trouble.list = true;
    stage.clock.advance(DAY_MS);
    await stage.ghl.editContact(ids[0] ?? '', { tags: ['customer'] }, SILENT);
    await hint(ids[0] ?? '');
    expect(stage.dialed()).toEqual([phoneOf(1)]);
  });

  test('is made good by the night after the bucket is listed again', async () => {
    const { stage, trouble, ids, hint } = await shortStage();
    Object.assign(trouble, { list: true, detail: NOT_FOUND });
    stage.clock.advance(DAY_MS);
    await stage.ghl.editContact(ids[0] ?? '', { tags: ['customer'] }, SILENT);
    await hint(ids[0] ?? '');
    expect(stage.dialed()).toContain(phoneOf(0));
    Object.assign(trouble, { list: false, detail: false });
    await stage.ghl.editContact(ids[1] ?? '', { firstName: 'Other' }, SILENT);
    await hint(ids[1] ?? '');
    await stage.night();
    expect(stage.dialed()).toEqual([phoneOf(1)]);
  });
});

describe.each<[number, unknown]>([
  [200, { detail: 'Service temporarily unavailable' }],
  [401, { detail: 'Invalid token.' }],
  [403, { detail: 'No.' }],
  [405, { detail: 'Method "GET" not allowed.' }],
])('where the list lacks the bucket, and its id is answered with %i %j,', (...detail) => {
  const letters = ({ sqlite }: Awaited<ReturnType<typeof shortStage>>['stage']) =>
    sqlite.rows('SELECT reason FROM dead_letters');

  test('a person is taken out of it all the same, and no second one is made', async () => {
    const { stage, trouble, ids, hint } = await shortStage();
    Object.assign(trouble, { list: true, detail });
    stage.clock.advance(DAY_MS);
    await stage.ghl.editContact(ids[0] ?? '', { tags: ['customer'] }, SILENT);
    await hint(ids[0] ?? '');
    expect(stage.dialed()).toEqual([phoneOf(1)]);
    const { id } = await stage.ghl.addContact({ phone: phoneOf(5), tags: ['cold lead'] }, SILENT);
    await hint(id);
    expect(stage.dialed()).toEqual([phoneOf(1), phoneOf(5)]);
    expect([stage.callTools.calls.count({ method: 'POST', path: '/api/buckets/' }), letters(stage)]).toEqual([1, []]);
  });

  test('and the bucket is gone indeed, CallTools’ refusal of it shows that: nobody waits, and one is made', async () => {
    const { stage, trouble, ids, hint } = await shortStage();
    Object.assign(trouble, { list: true, detail });
    stage.callTools.deleteBucket(COLD);
    stage.clock.advance(DAY_MS);
    await stage.ghl.editContact(ids[0] ?? '', { dnd: true, tags: ['customer'] }, SILENT);
    await stage.ghl.setDnd(ids[0] ?? '', { dnd: true }, SILENT);
    await hint(ids[0] ?? '');
    expect(stage.callTools.withPhone(phoneOf(0))).toMatchObject([{ doNotContact: true }]);
    trouble.list = false;
    const { id } = await stage.ghl.addContact({ phone: phoneOf(5), tags: ['cold lead'] }, SILENT);
    await hint(id);
    expect([stage.callTools.holds(COLD), letters(stage)]).toEqual([[phoneOf(5)], []]);
    const asked = stage.callTools.calls.count();
    await hint(ids[0] ?? '');
    expect(stage.callTools.calls.count() - asked).toBeLessThan(5);
  });
});

test('a bucket that we have created is no reason to read all contacts', async () => {
  const routes = [
    { name: 'cold', tags: ['cold lead'], bucket: COLD },
    { name: 'warm', tags: ['warm lead'], bucket: WARM },
  ];
  const stage = backstopStage({ env: { SYNC_RULES: JSON.stringify({ routes }) } });
  const ids = [
    ...(await stage.leads(1)),
    (await stage.ghl.addContact({ phone: phoneOf(5), tags: ['warm lead'] }, SILENT)).id,
  ];
  for (const id of ids) {
    stage.hint(id);
    await stage.work();
  }
  expect([stage.callTools.holds(COLD), stage.callTools.holds(WARM)]).toEqual([[phoneOf(0)], [phoneOf(5)]]);
  expect(stage.sqlite.rows(`SELECT 1 FROM dialer WHERE fingerprint = ''`)).toEqual([]);
});

describe('where no label is listed at all, and answers do not show the buckets of a contact,', () => {
  test.each([
    ['its remembered contact', true],
    ['the contact that is found by its number', false],
  ])('a withdrawal asks again before %s counts as out', async (_, isRemembered) => {
    const stage = dialerStage();
    const { id } = stage.vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [COLD] });
    let lists = 0;
    stage.hooks.meddle = async (request, handle) => {
      const { pathname } = new URL(request.url);
      if (pathname === '/api/buckets/' && lists++ === 0) return jsonAnswer(200, { count: 1, next: null, results: [] });
      const answer = await handle(request);
      if (!/\/contacts\/\d+\/$/.test(pathname)) return answer;
      return jsonAnswer(200, { ...((await answer.json()) as object), buckets: null });
    };
    const changes = isRemembered ? { callToolsId: id } : {};
    expect(await apply(stage, OUT, changes)).toMatchObject({ mayBeInBucket: false });
    expect(stage.vendor.holds(COLD)).toEqual([]);
    expect(lists).toBe(2);
  });
});
