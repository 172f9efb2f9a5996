// Several buckets or tags of one name in CallTools: contacts are put into one of them, and nobody who must be out stays in another.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../../../shared/time.ts';
import { type BackstopStage, backstopStage, phoneOf } from '../../support/consumer-harness.ts';
import { COLD } from '../../support/vendor-harness.ts';

const SILENT = { silent: true };
const ALIKE = [COLD, 'cold leads', 'COLD\u00a0LEADS ', 'Cold\u200b  Leads'];
const tagged = JSON.stringify({
  routes: [
    { name: 'customer', words: ['customer'], bucket: null },
    { name: 'cold', tags: ['cold lead'], bucket: COLD, calltoolsTag: 'Dialed' },
  ],
});

/** Ids of the buckets that the only contact is in. */
function bucketsOf({ callTools }: BackstopStage): number[] {
  const { contacts } = callTools.snapshot() as { contacts: { buckets: [number, number][] }[] };
  return contacts.flatMap(({ buckets }) => buckets.map(([id]) => id));
}

const dialerIdOf = ({ callTools }: BackstopStage) => callTools.contacts()[0]?.id ?? 0;

/** A webhook about the contact, later than all before. */
async function hint(stage: BackstopStage, id: string): Promise<void> {
  stage.clock.advance(60_000);
  stage.hint(id);
  await stage.work();
}

/** A lead in the dialer; `name` is one more bucket, made afterwards, that somebody has put the lead into. */
async function inTwin(name = COLD, options: Parameters<typeof backstopStage>[0] = {}) {
  const stage = backstopStage(options);
  const [id = ''] = await stage.leads(1);
  await hint(stage, id);
  const [used = 0] = bucketsOf(stage);
  const twin = stage.callTools.addLabelByHand('buckets', name);
  stage.callTools.putInBucketByHand(dialerIdOf(stage), twin);
  return { stage, id, used, twin };
}

describe('a withdrawal', () => {
  test.each(ALIKE)('empties each bucket of the name, also one made a moment ago (%j)', async (name) => {
    const { stage, id } = await inTwin(name);
    await stage.ghl.setDnd(id, { dnd: true }, SILENT);
    await hint(stage, id);
    expect(bucketsOf(stage)).toEqual([]);
    expect(stage.sqlite.rows('SELECT state, reason FROM contacts')).toEqual([{ state: 'kept_out', reason: 'dnd' }]);
  });

  test('takes away each tag of the name', async () => {
    const stage = backstopStage({ env: { SYNC_RULES: tagged } });
    const [id = ''] = await stage.leads(1);
    await hint(stage, id);
    stage.callTools.addLabelByHand('tags', 'dialed');
    stage.callTools.editContactByHand(dialerIdOf(stage), { tags: ['dialed', 'By hand'] });
    await stage.ghl.editContact(id, { tags: ['customer'] }, SILENT);
    await hint(stage, id);
    expect(stage.callTools.contacts()[0]).toMatchObject({ buckets: [], tags: ['By hand'] });
  });

  test('property: whatever names the buckets have, the contact is in none that folds to the name of a route', async () => {
    const names = fc.array(fc.constantFrom(...ALIKE, 'Cold Leads 2', 'VIP'), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(names, names, async (before, after) => {
        const stage = backstopStage();
        const made = before.map((name) => ({ name, id: stage.callTools.addLabelByHand('buckets', name) }));
        const [id = ''] = await stage.leads(1);
        await hint(stage, id);
        expect(bucketsOf(stage)).toHaveLength(1);
        made.push(...after.map((name) => ({ name, id: stage.callTools.addLabelByHand('buckets', name) })));
        for (const bucket of made) stage.callTools.putInBucketByHand(dialerIdOf(stage), bucket.id);
        await stage.ghl.setDnd(id, { call: 'active' }, SILENT);
        await hint(stage, id);
        const theirs = made.filter(({ name }) => !ALIKE.includes(name)).map((bucket) => bucket.id);
        expect(bucketsOf(stage)).toEqual(theirs);
      }),
      { numRuns: 30 },
    );
  });

  test('costs no further call where the contact is in a bucket of another name that is known', async () => {
    const stage = backstopStage();
    const vip = stage.callTools.addLabelByHand('buckets', 'VIP');
    const [id = ''] = await stage.leads(1);
    await hint(stage, id);
    stage.callTools.putInBucketByHand(dialerIdOf(stage), vip);
    stage.callTools.calls.clear();
    await stage.ghl.editContact(id, { tags: ['customer'] }, SILENT);
    await hint(stage, id);
    expect(stage.callTools.calls.count({ method: 'PATCH' })).toBe(1);
    expect(stage.callTools.calls.count({ path: '/api/buckets/' })).toBe(0);
    expect(bucketsOf(stage)).toEqual([vip]);
  });

  test('in a bucket that is newer than the list: CallTools is asked once, and the answer is remembered', async () => {
    const { stage, id } = await inTwin('VIP 2026');
    stage.callTools.calls.clear();
    for (const tags of [['customer'], ['cold lead'], ['customer']]) {
      await stage.ghl.editContact(id, { tags }, SILENT);
      await hint(stage, id);
    }
    expect(stage.callTools.calls.count({ method: 'GET', path: '/api/buckets/' })).toBe(1);
  });
});

describe('a placement', () => {
  test('goes into the bucket in use, and out of the others of its name', async () => {
    const { stage, id, used } = await inTwin();
    await stage.ghl.editContact(id, { firstName: 'Other' }, SILENT);
    await hint(stage, id);
    expect(bucketsOf(stage)).toEqual([used]);
  });
});

describe('the nightly run', () => {
  test('finds a person who was kept out long ago and is in a twin since', async () => {
    const stage = backstopStage({ env: { VERIFY_WITHIN_DAYS: '28' } });
    const [id = '', other = ''] = await stage.leads(2);
    await stage.night();
    await stage.ghl.setDnd(id, { dnd: true }, SILENT);
    await stage.ghl.editContact(other, { tags: [] }, SILENT);
    await stage.night();
    stage.clock.advance(DAY_MS);
    await stage.night();
    const twin = stage.callTools.addLabelByHand('buckets', COLD);
    for (const { id: dialerId } of stage.callTools.contacts()) stage.callTools.putInBucketByHand(dialerId, twin);
    expect(stage.dialed()).toEqual([phoneOf(0), phoneOf(1)]);
    stage.clock.advance(DAY_MS);
    await stage.night();
    expect(stage.dialed()).toEqual([]);
    const writes = stage.writes();
    stage.clock.advance(DAY_MS);
    await stage.night();
    expect(stage.writes()).toBe(writes);
  });

  test('keeps using a bucket that was renamed', async () => {
    const stage = backstopStage();
    const [id = ''] = await stage.leads(1);
    await stage.night();
    const [used = 0] = bucketsOf(stage);
    stage.callTools.renameLabelByHand('buckets', used, 'Cold Leads 2026');
    stage.clock.advance(DAY_MS);
    await stage.night();
    expect([bucketsOf(stage), stage.callTools.bucketNamed(COLD)]).toEqual([[used], undefined]);
    await stage.ghl.editContact(id, { tags: ['customer'] }, SILENT);
    await stage.night();
    expect(bucketsOf(stage)).toEqual([]);
  });

  test('empties a bucket that was renamed, where another has its name now', async () => {
    const stage = backstopStage();
    const [id = ''] = await stage.leads(1);
    await stage.night();
    const [used = 0] = bucketsOf(stage);
    stage.callTools.renameLabelByHand('buckets', used, 'Cold Leads of last year');
    const now = stage.callTools.addLabelByHand('buckets', COLD);
    stage.clock.advance(DAY_MS);
    await stage.night();
    expect(bucketsOf(stage)).toEqual([now]);
    stage.callTools.putInBucketByHand(dialerIdOf(stage), used);
    await stage.ghl.setDnd(id, { dnd: true }, SILENT);
    await stage.night();
    expect(bucketsOf(stage)).toEqual([]);
  });
});

test('GET /contacts/:id names the duplicates once they are known', async () => {
  const { stage, id, used, twin } = await inTwin();
  expect(await stage.ask('GET', `/contacts/${id}`)).toMatchObject({ duplicate_labels: [] });
  await hint(stage, id);
  await stage.ghl.editContact(id, { firstName: 'Other' }, SILENT);
  await hint(stage, id);
  expect(await stage.ask('GET', `/contacts/${id}`)).toMatchObject({
    duplicate_labels: [{ kind: 'bucket', name: COLD, used_id: used, other_ids: [twin] }],
  });
});
