// An answer about a contact that cannot be read whole: each sign against dialing takes effect, none for it does, and nothing is lost.

import { describe, expect, test } from 'vitest';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';
import { LOCATION } from '../../support/vendor-harness.ts';

const SILENT = { silent: true };

/** A placed lead, and then an answer about it that is changed so. */
async function answered(changes: Record<string, unknown>, around: Record<string, unknown> = {}) {
  const stage = backstopStage();
  const [id = ''] = await stage.leads(1);
  stage.hint(id);
  await stage.work();
  expect(stage.dialed()).toEqual([phoneOf(0)]);
  const plain = { id, locationId: LOCATION, phone: phoneOf(0), tags: ['cold lead'], dnd: false };
  stage.hooks.contact = async () => Response.json({ contact: { ...plain, ...changes }, ...around });
  stage.clock.at += 60_000;
  stage.hint(id);
  return { stage, id };
}

type Answered = Awaited<ReturnType<typeof answered>>;
const rowOf = ({ stage }: Answered) => stage.sqlite.rows('SELECT state, reason, wish FROM contacts')[0];
const letters = ({ stage }: Answered) => stage.sqlite.rows('SELECT reason, error, status FROM dead_letters');
const isMarked = ({ stage }: Answered) => stage.callTools.contacts()[0]?.doNotContact;

const ODD_TAGS = [{ name: 'cold lead' }];
const LETTER = [{ reason: 'unexpected_response', status: 'waiting' }];

describe('a sign against dialing takes effect, and a dead letter tells of the rest', () => {
  test.each([
    ['DND beside tags as objects', { dnd: true, tags: ODD_TAGS }],
    ['DND of the call channel beside a null tag', { dndSettings: { Call: { status: 'active' } }, tags: [null] }],
    ['DND beside a phone of another type', { dnd: true, phone: { e164: phoneOf(0) } }],
    ['DND beside an id of another type', { dnd: true, id: 7 }],
    ['DND of a contact without an id', { dnd: true, id: null }],
    ['DND beside a location of another type', { dnd: true, locationId: ['x'] }],
    ['DND of a contact that may be deleted', { dnd: true, deleted: 'perhaps' }],
  ])('%s: out, and marked', async (_, changes) => {
    const all = await answered(changes);
    await all.stage.work();
    expect(all.stage.dialed()).toEqual([]);
    expect(isMarked(all)).toBe(true);
    expect(rowOf(all)).toEqual({ state: 'failed', reason: 'unexpected_response', wish: 'dnc' });
    expect(letters(all)).toMatchObject(LETTER);
  });

  test.each([
    ['DND', { dnd: true, locationId: 'another' }, 'dnc'],
    ['a route that keeps out', { tags: ['cold lead', 'customer'], locationId: 'another' }, 'out'],
    ['a deletion', { tags: ['cold lead'], deleted: 'perhaps', locationId: 'another' }, 'none'],
  ])('%s beside another location: out', async (_, changes, wish) => {
    const all = await answered(changes);
    await all.stage.work();
    expect(all.stage.dialed()).toEqual([]);
    expect(rowOf(all)).toEqual({ state: 'failed', reason: 'wrong_location', wish });
    expect(letters(all)).toMatchObject([{ reason: 'wrong_location', status: 'waiting' }]);
  });

  test('another location’s contact is a dead letter at once, whatever else it says, and the one that is ours stays', async () => {
    for (const changes of [{}, { tags: [] }, { phone: null }, { tags: [{ name: 'cold lead' }] }]) {
      const all = await answered({ locationId: 'another', ...changes });
      await all.stage.step();
      expect(all.stage.dialed()).toEqual([phoneOf(0)]);
      expect(rowOf(all)).toMatchObject({ state: 'failed', reason: 'wrong_location' });
      expect(letters(all)).toMatchObject([{ reason: 'wrong_location', status: 'waiting' }]);
    }
  });

  test.each([
    ['as objects', { tags: [{ name: 'cold lead' }, { name: 'Customer' }] }],
    ['as keys', { tags: { 'past customer': true } }],
    ['as JSON text', { tags: '["cold lead","customer"]' }],
    ['as lines', { tags: 'cold lead\ncustomer' }],
    ['beside what cannot be read', { tags: ['customer', { id: 'x' }] }],
    ['of a contact whose phone cannot be read', { tags: ['customer'], phone: [phoneOf(0)] }],
  ])('a tag that keeps out, %s: out', async (_, changes) => {
    const all = await answered(changes);
    await all.stage.work();
    expect(all.stage.dialed()).toEqual([]);
    expect(isMarked(all)).toBe(false);
    expect(rowOf(all)).toEqual({ state: 'failed', reason: 'unexpected_response', wish: 'out' });
    expect(letters(all)).toMatchObject(LETTER);
  });

  test('a contact that may be deleted is out', async () => {
    const all = await answered({ deletedAt: 'perhaps' });
    await all.stage.work();
    expect(all.stage.dialed()).toEqual([]);
    expect(letters(all)).toMatchObject(LETTER);
  });

  test('the letter says where the answer is odd, and not what it says', async () => {
    const all = await answered({ dnd: true, tags: [{ name: 'Dana Reyes' }], phone: {} });
    await all.stage.work();
    expect(letters(all)[0]?.error).toBe('GoHighLevel’s answer cannot be read at contact.phone, contact.tags');
  });

  test('a contact whose phone cannot be read keeps its number out for others too', async () => {
    const all = await answered({ tags: ['customer'], phone: {} });
    await all.stage.work();
    all.stage.hooks.contact = async () => undefined;
    const { id } = await all.stage.ghl.addContact({ phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
    all.stage.hint(id);
    await all.stage.work();
    expect(all.stage.dialed()).toEqual([]);
  });

  test('once it can be read the letter is resolved', async () => {
    const all = await answered({ tags: [...ODD_TAGS, { name: 'customer' }] });
    await all.stage.work();
    all.stage.hooks.contact = async () => undefined;
    all.stage.clock.at += 60_000;
    all.stage.hint(all.id);
    await all.stage.work();
    expect(all.stage.dialed()).toEqual([phoneOf(0)]);
    expect(letters(all)).toMatchObject([{ status: 'resolved' }]);
  });
});

test.each([
  ['DND', { snapshot: { tags: ['cold lead'], dnd: true } }],
  ['that its placing tag is gone', { snapshot: { tags: [], dnd: false } }],
  ['that it is deleted', { eventType: 'ContactDelete' }],
])('a webhook that says %s is heeded, although the answer cannot be read', async (_, said) => {
  for (const odd of [{ tags: ODD_TAGS }, { tags: [null] }, { phone: {} }]) {
    const all = await answered(odd);
    all.stage.queues.events.length = 0;
    all.stage.hint(all.id, { occurredAt: all.stage.clock.at, ...said });
    await all.stage.step();
    expect(all.stage.dialed()).toEqual([]);
  }
});

describe('what is certain needs no letter', () => {
  test.each([
    ['it says that it is deleted', { deleted: true }, {}, 'deleted'],
    ['the answer says so beside it', {}, { isDeleted: true }, 'deleted'],
    ['no tag places it, whatever its phone is', { tags: ['x'], phone: {} }, {}, 'no_route'],
    ['it has no phone, whatever its tags are', { tags: ODD_TAGS, phone: '' }, {}, 'no_phone'],
    ['a part of a tag keeps out', { tags: ['cold lead, customer'] }, {}, 'route'],
  ])('%s: out', async (_, changes, around, reason) => {
    const all = await answered(changes, around);
    await all.stage.work();
    expect(all.stage.dialed()).toEqual([]);
    expect(rowOf(all)).toMatchObject({ state: 'kept_out', reason });
    expect(letters(all)).toEqual([]);
  });

  test.each([
    ['an empty tag', { tags: ['cold lead', ''] }],
    ['a number as a tag', { tags: ['cold lead', 7] }],
    ['a tag in brackets', { tags: ['cold lead', '[VIP] list'] }],
    ['a tag with a comma', { tags: ['cold lead', 'Reyes, Dana'] }],
    ['a location that says nothing', { locationId: 'null' }],
    ['a location of spaces', { locationId: ' ' }],
    ['a name of another type', { tags: ['cold lead'], firstName: { first: 'Dana' } }],
  ])('%s hides nothing: the lead stays', async (_, changes) => {
    const all = await answered(changes);
    await all.stage.work();
    expect(rowOf(all)).toMatchObject({ state: 'placed' });
  });
});

describe('without a sign against dialing nothing is concluded', () => {
  test.each([
    ['tags as objects', { tags: ODD_TAGS }],
    ['a placing tag beside one that cannot be read', { tags: ['cold lead', null] }],
    ['tags as JSON text', { tags: '["cold lead"]' }],
    ['a phone of another type', { phone: { e164: phoneOf(0) } }],
    ['an id of another type', { id: 7 }],
    ['a location of another type', { locationId: {} }],
  ])('%s: it is read again and again, and then a letter is left', async (_, changes) => {
    const all = await answered(changes);
    await all.stage.step();
    expect(rowOf(all)).toMatchObject({ state: 'placed' });
    expect(letters(all)).toEqual([]);
    await all.stage.work();
    expect(all.stage.dialed()).toEqual([phoneOf(0)]);
    expect(rowOf(all)).toEqual({ state: 'failed', reason: 'exhausted', wish: 'place' });
    expect(letters(all)).toMatchObject([{ reason: 'exhausted' }]);
  });

  test('a lead that is new is not dialed on the word of a tag of an odd form', async () => {
    const stage = backstopStage();
    const [id = ''] = await stage.leads(1);
    stage.hooks.contact = async () =>
      Response.json({ contact: { id, locationId: LOCATION, phone: phoneOf(0), tags: ODD_TAGS } });
    stage.hint(id);
    await stage.work();
    expect(stage.callTools.contacts()).toEqual([]);
  });
});

test.each([
  ['beside a blocked call channel', { SMS: 'DEEP', Call: { status: 'active' } }, [], 'dnd'],
  ['of another channel', { SMS: 'DEEP' }, [phoneOf(0)], 'placed'],
])(
  'DND settings nested thousands of levels deep, %s, are decided by as others are',
  async (_, dndSettings, dialed, reason) => {
    const all = await answered({});
    const { stage, id } = all;
    const shown = { id, locationId: LOCATION, phone: phoneOf(0), tags: ['cold lead'], dndSettings };
    // JSON.stringify cannot write what JSON.parse reads at such a depth.
    const text = JSON.stringify({ contact: shown }).replace('"DEEP"', '['.repeat(20_000) + ']'.repeat(20_000));
    stage.hooks.contact = async () => new Response(text, { headers: { 'content-type': 'application/json' } });
    await stage.work();
    expect(stage.dialed()).toEqual(dialed);
    expect(rowOf(all)).toMatchObject({ reason });
    expect(letters(all)).toEqual([]);
  },
);
