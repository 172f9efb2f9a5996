// A person changes the numbers of a CallTools contact, or merges two: nobody is dialed against their will, and nobody else is taken out.

import { describe, expect, test } from 'vitest';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';
import { look, person, SILENT } from './people-harness.ts';
import { KEPT_OUT, LEAD, MINE, OTHER, PLACED, placeOf, retag, THEIRS } from './shared-contact-harness.ts';

test.each(['cold lead', 'customer'])(
  'a number that is found while both are in hand asks for nobody again: %s',
  async (tag) => {
    const stage = backstopStage();
    await person(stage, LEAD, MINE);
    const [ours] = stage.callTools.contacts();
    stage.callTools.editContactByHand(ours?.id ?? 0, { home_phone_number: THEIRS });
    stage.clock.advance(60_000);
    await stage.ghl.editContact(LEAD, { firstName: 'Dana' }, SILENT);
    await stage.ghl.addContact({ id: OTHER, phone: THEIRS, tags: [tag] }, SILENT);
    for (const id of [LEAD, OTHER]) stage.hint(id);
    await stage.step();
    expect(stage.queues.events).toEqual([]);
    expect(placeOf(stage, LEAD)).toEqual(tag === 'customer' ? KEPT_OUT : PLACED);
  },
);

test('a contact that gains a number while it is written is taken out again where another batch has that number', async () => {
  const stage = backstopStage();
  await person(stage, OTHER, THEIRS);
  stage.clock.advance(60_000);
  stage.sqlite.rows(`UPDATE dialer SET lease_token = 'theirs', lease_until = ?1`, stage.clock.at + 600_000);
  const { id } = stage.callTools.addContactByHand({ mobile_phone_number: MINE });
  const { handle } = stage.callTools;
  let seen = false;
  Object.assign(stage.callTools, {
    async handle(request: Request) {
      if (request.method === 'PATCH' && !seen) stage.callTools.editContactByHand(id, { home_phone_number: THEIRS });
      const answer = await handle(request);
      seen ||= stage.dialed().includes(MINE);
      return answer;
    },
  });
  await stage.ghl.addContact({ id: LEAD, phone: MINE, tags: ['cold lead'] }, SILENT);
  stage.hint(LEAD);
  await stage.step();
  expect(seen).toBe(true);
  expect(stage.dialed()).not.toContain(MINE);
  expect(placeOf(stage, LEAD)).toMatchObject({ state: 'pending' });
});

test('a contact that comes back is not in its bucket for a moment where its CallTools contact has gained a number', async () => {
  const stage = backstopStage();
  await person(stage, LEAD, MINE);
  await person(stage, OTHER, THEIRS, ['customer']);
  await retag(stage, LEAD, 'customer');
  const [ours] = stage.callTools.contacts();
  stage.callTools.editContactByHand(ours?.id ?? 0, { home_phone_number: THEIRS });
  const seen: string[] = [];
  const { handle } = stage.callTools;
  Object.assign(stage.callTools, {
    async handle(request: Request) {
      const answer = await handle(request);
      seen.push(...stage.dialed());
      return answer;
    },
  });
  await retag(stage, LEAD, 'cold lead');
  expect(placeOf(stage, LEAD)).toEqual(KEPT_OUT);
  expect(seen).toEqual([]);
});

test('two CallTools contacts that a person merges: the survivor carries both numbers, and is out', async () => {
  const stage = backstopStage();
  await person(stage, LEAD, MINE);
  await person(stage, OTHER, THEIRS);
  const [first, second] = stage.callTools.contacts();
  await retag(stage, OTHER, 'customer');
  stage.callTools.mergeContactsByHand(first?.id ?? 0, second?.id ?? 0);
  for (let night = 0; night < 8; night++) {
    stage.clock.advance(86_400_000);
    await stage.night();
  }
  expect(stage.callTools.contacts()).toMatchObject([{ phones: [MINE, THEIRS], buckets: [] }]);
  expect(placeOf(stage, LEAD)).toEqual(KEPT_OUT);
});

test.each(['off', 'contacts'])(
  'a CallTools contact that a person merges into another is out with it once its lead is none (look-ups: %s)',
  async (lookup) => {
    for (const edit of [{ tags: [] }, { tags: ['customer'] }, { phone: '' }]) {
      const stage = backstopStage({ env: { CALLTOOLS_PHONE_LOOKUP: lookup } });
      const { id: other } = stage.callTools.addContactByHand({ mobile_phone_number: THEIRS });
      await person(stage, LEAD, MINE);
      const [ours] = stage.callTools.withPhone(MINE);
      stage.callTools.mergeContactsByHand(other, ours?.id ?? 0);
      expect(stage.dialed()).toEqual([MINE, THEIRS]);
      await stage.ghl.editContact(LEAD, edit, SILENT);
      await look(stage, LEAD);
      expect(stage.dialed()).toEqual([]);
    }
  },
);

test('a survivor of a merge that was given another lead’s number too is out beside that lead’s own CallTools contact', async () => {
  const stage = backstopStage();
  const { id: survivor } = stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(9) });
  for (const [id, phone] of [
    [LEAD, MINE],
    [OTHER, THEIRS],
  ] as const)
    await person(stage, id, phone);
  const [ours] = stage.callTools.withPhone(MINE);
  const [theirs] = stage.callTools.withPhone(THEIRS);
  stage.callTools.mergeContactsByHand(survivor, theirs?.id ?? 0);
  stage.callTools.editContactByHand(survivor, { office_phone_number: MINE });
  for (let night = 0; night < 8; night++) {
    stage.clock.advance(86_400_000);
    await stage.night();
  }
  const placed = stage.callTools.contacts().filter(({ buckets }) => buckets.length > 0);
  expect(placed).toMatchObject([{ id: ours?.id }]);
  expect(placeOf(stage, LEAD)).toEqual(PLACED);
  expect(placeOf(stage, OTHER)).toEqual(KEPT_OUT);
});

test('two leads whose CallTools contacts are merged are both dialed, each once, whichever has the survivor', async () => {
  for (const survivor of [0, 1]) {
    const stage = backstopStage();
    await person(stage, LEAD, MINE);
    await person(stage, OTHER, THEIRS);
    const ids = stage.callTools.contacts().map(({ id }) => id);
    stage.callTools.mergeContactsByHand(ids[survivor] ?? 0, ids[1 - survivor] ?? 0);
    for (let night = 0; night < 8; night++) {
      stage.clock.advance(86_400_000);
      await stage.night();
    }
    expect(stage.dialed()).toEqual([MINE, THEIRS]);
    const writes = stage.writes();
    for (let night = 0; night < 8; night++) {
      stage.clock.advance(86_400_000);
      await stage.night();
    }
    expect(stage.writes()).toBe(writes);
  }
});

test.each([
  ['has another number', { phone: phoneOf(5) }],
  ['has none', { phone: '' }],
  ['is no lead any more', { tags: [] }],
])('a lead keeps its place where the person whose number stands there too %s', async (_, edit) => {
  const stage = backstopStage();
  await person(stage, OTHER, THEIRS);
  await person(stage, LEAD, MINE);
  const [ours] = stage.callTools.withPhone(MINE);
  stage.callTools.editContactByHand(ours?.id ?? 0, { home_phone_number: THEIRS });
  await stage.ghl.editContact(OTHER, edit, SILENT);
  await look(stage, OTHER);
  expect(stage.callTools.withPhone(MINE)).toMatchObject([{ buckets: ['Cold Leads'] }]);
  expect(placeOf(stage, LEAD)).toEqual(PLACED);
});

describe('a CallTools contact that a person has taken the lead’s number off', () => {
  const FIELDS = { own: 'mobile_phone_number', second: 'home_phone_number' };

  /** The lead was placed on it. `left`: the numbers that it has afterwards. */
  async function taken(left: Partial<typeof FIELDS>) {
    const stage = backstopStage();
    const { id } = stage.callTools.addContactByHand({ [FIELDS.own]: MINE, [FIELDS.second]: THEIRS });
    await person(stage, LEAD, MINE);
    expect(stage.callTools.contacts()).toMatchObject([{ id, buckets: ['Cold Leads'] }]);
    const fields = Object.entries(FIELDS).map(([which, field]) => [field, left[which as keyof typeof FIELDS] ?? '']);
    stage.callTools.editContactByHand(id, Object.fromEntries(fields));
    return stage;
  }

  const LEFT = [{ second: THEIRS }, { own: phoneOf(8) }, { own: phoneOf(8), second: THEIRS }];

  test.each(LEFT)('is out once the lead is deleted: it has %j', async (left) => {
    const stage = await taken(left);
    await stage.ghl.deleteContact(LEAD, SILENT);
    await look(stage, LEAD);
    expect(stage.dialed()).toEqual([]);
    expect(stage.sqlite.rows('SELECT calltools_id AS id FROM dialer WHERE calltools_id IS NOT NULL')).toEqual([]);
  });

  test.each(LEFT)('is out and marked once the lead has DND and no number: it has %j', async (left) => {
    const stage = await taken(left);
    await stage.ghl.editContact(LEAD, { phone: '' }, SILENT);
    await stage.ghl.setDnd(LEAD, { dnd: true }, SILENT);
    await look(stage, LEAD);
    expect(stage.callTools.contacts()).toMatchObject([{ buckets: [], doNotContact: true }]);
  });

  test.each([{ second: THEIRS }, { own: THEIRS }])(
    'belongs to another person, who is dialed on it: it has %j',
    async (left) => {
      for (const edit of [{ phone: '' }, { tags: [] }]) {
        const stage = await taken(left);
        await person(stage, OTHER, THEIRS);
        await stage.ghl.editContact(LEAD, edit, SILENT);
        await stage.ghl.setDnd(LEAD, { dnd: 'phone' in edit }, SILENT);
        await look(stage, LEAD);
        expect(stage.callTools.contacts()).toMatchObject([{ buckets: ['Cold Leads'], doNotContact: false }]);
        expect(placeOf(stage, OTHER)).toEqual(PLACED);
      }
    },
  );
});

describe('a CallTools contact with the numbers of two, which one of them has left', () => {
  /** It was left before the other was looked at, who is dialed on a contact of their own. */
  async function left({ dnd }: { dnd: boolean }) {
    const stage = backstopStage({ env: { VERIFY_WITHIN_DAYS: '2' } });
    await person(stage, OTHER, THEIRS);
    stage.callTools.addContactByHand({ mobile_phone_number: MINE, home_phone_number: THEIRS });
    await stage.ghl.addContact({ id: LEAD, phone: MINE, tags: ['cold lead'], dnd }, SILENT);
    stage.hint(LEAD, { receivedAt: stage.clock.at + 10_000 });
    await stage.step();
    await stage.ghl.editContact(LEAD, { phone: phoneOf(5) }, SILENT);
    await look(stage, LEAD);
    for (let night = 0; night < 8; night++) {
      stage.clock.advance(86_400_000);
      await stage.night();
    }
    return stage;
  }

  test('is confirmed once a night, and no more', async () => {
    const stage = await left({ dnd: false });
    expect(stage.dialed()).toEqual([THEIRS, phoneOf(5)]);
    const calls = () => stage.callTools.calls.count({ path: '/api/contacts' });
    const before = calls();
    await stage.ask('POST', '/sync/trigger');
    await stage.work();
    expect(calls()).toBe(before);
  });

  test('stays marked where that one asked not to be called, and later nights write nothing', async () => {
    const stage = await left({ dnd: true });
    const writes = stage.writes();
    for (let night = 0; night < 8; night++) {
      stage.clock.advance(86_400_000);
      await stage.night();
    }
    expect(stage.writes()).toBe(writes);
    expect(stage.callTools.withPhone(MINE)).toMatchObject([{ buckets: [], doNotContact: true }]);
  });
});
