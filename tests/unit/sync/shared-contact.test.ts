// One CallTools contact with several numbers: it is dialed under all of them, so the wishes under all of them count together.

import { describe, expect, test } from 'vitest';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';
import { look, person, SILENT } from './people-harness.ts';
import {
  KEPT_OUT,
  LEAD,
  MINE,
  OTHER,
  PLACED,
  placeOf,
  quiet,
  retag,
  shared,
  THEIRS,
} from './shared-contact-harness.ts';

describe('a CallTools contact with the numbers of a lead and of a customer', () => {
  test.each([
    ['the customer first', [OTHER, LEAD]],
    ['the lead first', [LEAD, OTHER]],
  ])('is not dialed: %s', async (_, order) => {
    const stage = backstopStage();
    shared(stage);
    for (const id of order)
      await person(stage, id, id === LEAD ? MINE : THEIRS, [id === LEAD ? 'cold lead' : 'customer']);
    expect(stage.dialed()).toEqual([]);
    expect(placeOf(stage, LEAD)).toEqual(KEPT_OUT);
    await quiet(stage);
  });

  test('is not dialed where both come in one batch', async () => {
    const stage = backstopStage();
    shared(stage, ['Cold Leads']);
    await stage.ghl.addContact({ id: LEAD, phone: MINE, tags: ['cold lead'] }, SILENT);
    await stage.ghl.addContact({ id: OTHER, phone: THEIRS, tags: ['customer'] }, SILENT);
    await look(stage, LEAD, OTHER);
    expect(stage.dialed()).toEqual([]);
    expect(placeOf(stage, LEAD)).toEqual(KEPT_OUT);
    await quiet(stage);
  });

  test('is never in the bucket where the look-up shows both numbers', async () => {
    const stage = backstopStage();
    shared(stage);
    await person(stage, OTHER, THEIRS, ['customer']);
    stage.callTools.calls.clear();
    await person(stage, LEAD, MINE);
    expect(stage.writes()).toBe(0);
    expect(placeOf(stage, LEAD)).toEqual(KEPT_OUT);
  });

  test('stays out night after night, and the nights cause no write', async () => {
    const stage = backstopStage();
    shared(stage);
    await person(stage, OTHER, THEIRS, ['customer']);
    await person(stage, LEAD, MINE);
    stage.callTools.calls.clear();
    for (let night = 0; night < 10; night++) {
      stage.clock.advance(86_400_000);
      await stage.night();
    }
    expect(stage.writes()).toBe(0);
    expect(stage.dialed()).toEqual([]);
  });

  test('is marked where one of them asks not to be called', async () => {
    const stage = backstopStage();
    shared(stage);
    await person(stage, LEAD, MINE);
    await person(stage, OTHER, THEIRS);
    await stage.ghl.setDnd(OTHER, { dnd: true }, SILENT);
    await look(stage, OTHER);
    expect(stage.callTools.contacts()).toMatchObject([{ buckets: [], doNotContact: true }]);
    expect(placeOf(stage, LEAD)).toEqual(KEPT_OUT);
  });
});

describe('a change of one', () => {
  test('takes the other out, and lets the other back in', async () => {
    const stage = backstopStage();
    shared(stage);
    await person(stage, LEAD, MINE);
    await person(stage, OTHER, THEIRS, ['newsletter']);
    expect(placeOf(stage, LEAD)).toEqual(PLACED);

    stage.callTools.editContactByHand(stage.callTools.contacts()[0]?.id ?? 0, { office_phone_number: THEIRS });
    await retag(stage, OTHER, 'customer');
    expect(stage.dialed()).toEqual([]);
    expect(placeOf(stage, LEAD)).toEqual(KEPT_OUT);

    await retag(stage, OTHER, 'newsletter');
    expect(stage.dialed()).toContain(MINE);
    expect(placeOf(stage, LEAD)).toEqual(PLACED);
    await quiet(stage);
  });

  test.each(['deleted', 'given another number'])('lets the other back in once it is %s', async (how) => {
    const stage = backstopStage();
    shared(stage);
    await person(stage, OTHER, THEIRS, ['customer']);
    await person(stage, LEAD, MINE);
    if (how === 'deleted') await stage.ghl.deleteContact(OTHER, SILENT);
    else await stage.ghl.editContact(OTHER, { phone: phoneOf(7) }, SILENT);
    await look(stage, OTHER);
    expect(stage.dialed()).toContain(MINE);
    expect(placeOf(stage, LEAD)).toEqual(PLACED);
  });
});

test('a lead is out once a look at a customer, in the same batch, shows both numbers on another CallTools contact', async () => {
  const stage = backstopStage();
  await person(stage, LEAD, MINE);
  shared(stage);
  await stage.ghl.editContact(LEAD, { firstName: 'Dana' }, SILENT);
  await stage.ghl.addContact({ id: OTHER, phone: THEIRS, tags: ['customer'] }, SILENT);
  await look(stage, LEAD, OTHER);
  expect(stage.dialed()).toEqual([]);
  expect(placeOf(stage, LEAD)).toEqual(KEPT_OUT);
});

test('a customer that is none again before the other was looked at leaves the other dialed', async () => {
  const stage = backstopStage();
  shared(stage);
  await person(stage, LEAD, MINE);
  stage.callTools.editContactByHand(stage.callTools.contacts()[0]?.id ?? 0, { home_phone_number: THEIRS });
  await person(stage, OTHER, THEIRS, ['newsletter']);
  await retag(stage, OTHER, 'newsletter');
  for (const tag of ['customer', 'newsletter']) {
    await stage.ghl.editContact(OTHER, { tags: [tag] }, SILENT);
    stage.queues.events.splice(0);
    stage.hint(OTHER, { receivedAt: stage.clock.at + 10_000 });
    await stage.step();
  }
  await stage.work();
  expect(stage.dialed()).toContain(MINE);
});

test.each([
  ['has a tag of the first route', { tags: ['stop'] }],
  ['asked not to be called, and has no tag of a route', { dnd: true, tags: [] }],
])('a contact that keeps the other out causes no look at it where nothing has changed: it %s', async (_, contact) => {
  const stage = backstopStage();
  shared(stage);
  await stage.ghl.addContact({ id: OTHER, phone: THEIRS, ...contact }, SILENT);
  await look(stage, OTHER);
  await person(stage, LEAD, MINE);
  expect(placeOf(stage, LEAD)).toEqual(KEPT_OUT);
  stage.ghl.calls.clear();
  await look(stage, OTHER);
  expect(stage.ghl.calls.count({ path: `/contacts/${OTHER}` })).toBeGreaterThan(0);
  expect(stage.ghl.calls.count({ path: `/contacts/${LEAD}` })).toBe(0);
});

describe('a number that is nobody’s', () => {
  test('on the same CallTools contact changes nothing', async () => {
    const stage = backstopStage();
    const id = shared(stage);
    await person(stage, LEAD, MINE);
    expect(placeOf(stage, LEAD)).toEqual(PLACED);
    expect(stage.callTools.contacts()).toMatchObject([{ id, buckets: ['Cold Leads'] }]);
  });

  test('such as a switchboard, on the CallTools contacts of several people, does not tie them together', async () => {
    const stage = backstopStage();
    const office = phoneOf(9);
    for (const phone of [MINE, THEIRS])
      stage.callTools.addContactByHand({ mobile_phone_number: phone, office_phone_number: office });
    await person(stage, OTHER, THEIRS, ['customer']);
    await person(stage, LEAD, MINE);
    expect(placeOf(stage, LEAD)).toEqual(PLACED);
    expect(stage.dialed()).toEqual([MINE, office].sort());
  });

  test('does not tie a number that nobody has any more to a person on another CallTools contact', async () => {
    const stage = backstopStage();
    const gone = 'gggggggggggggggggggg';
    await person(stage, gone, phoneOf(9), ['customer']);
    await stage.ghl.deleteContact(gone, SILENT);
    await look(stage, gone);
    for (const phone of [MINE, THEIRS])
      stage.callTools.addContactByHand({ mobile_phone_number: phone, office_phone_number: phoneOf(9) });
    await person(stage, LEAD, MINE);
    await person(stage, OTHER, THEIRS);
    await stage.ghl.editContact(LEAD, { tags: [] }, SILENT);
    await look(stage, LEAD, OTHER);
    expect(stage.dialed()).toEqual([THEIRS, phoneOf(9)]);
    stage.callTools.calls.clear();
    await look(stage, LEAD);
    expect(stage.callTools.calls.count({ path: '/api/contacts' })).toBe(0);
  });

  test('and becomes a customer’s later: the lead is out', async () => {
    const stage = backstopStage();
    stage.callTools.addContactByHand({ mobile_phone_number: MINE, office_phone_number: THEIRS });
    await person(stage, LEAD, MINE);
    expect(placeOf(stage, LEAD)).toEqual(PLACED);
    await person(stage, OTHER, THEIRS, ['customer']);
    expect(stage.dialed()).toEqual([]);
    expect(placeOf(stage, LEAD)).toEqual(KEPT_OUT);
    await quiet(stage);
  });
});

describe('two leads on one CallTools contact', () => {
  async function both() {
    const stage = backstopStage();
    stage.callTools.addContactByHand({ home_phone_number: MINE, office_phone_number: THEIRS });
    await person(stage, OTHER, THEIRS);
    await person(stage, LEAD, MINE);
    return stage;
  }

  test('it shows the one that leads, and both are dialed', async () => {
    const stage = await both();
    expect(stage.callTools.contacts()).toMatchObject([{ fields: { ghl_contact_id: LEAD }, buckets: ['Cold Leads'] }]);
    expect(placeOf(stage, LEAD)).toEqual(PLACED);
    expect(placeOf(stage, OTHER)).toEqual({ state: 'placed', reason: 'shared_contact' });
    await quiet(stage);
  });

  test('it shows the other one once the first is deleted', async () => {
    const stage = await both();
    await stage.ghl.deleteContact(LEAD, SILENT);
    await look(stage, LEAD);
    expect(stage.callTools.contacts()).toMatchObject([{ fields: { ghl_contact_id: OTHER }, buckets: ['Cold Leads'] }]);
    expect(placeOf(stage, OTHER)).toEqual(PLACED);
  });

  test('it is out once both are gone', async () => {
    const stage = await both();
    for (const id of [LEAD, OTHER]) await stage.ghl.deleteContact(id, SILENT);
    await look(stage, LEAD, OTHER);
    expect(stage.dialed()).toEqual([]);
  });
});

test('a POST that CallTools merges into a contact with a customer’s number is taken back in the same batch', async () => {
  const stage = backstopStage({ env: { CALLTOOLS_PHONE_LOOKUP: 'off' } });
  await person(stage, OTHER, THEIRS, ['customer']);
  stage.callTools.addContactByHand({ home_phone_number: MINE, office_phone_number: THEIRS });
  await stage.ghl.addContact({ id: LEAD, phone: MINE, tags: ['cold lead'] }, SILENT);
  stage.hint(LEAD);
  await stage.step();
  expect(stage.dialed()).toEqual([]);
  expect(placeOf(stage, LEAD)).toEqual(KEPT_OUT);
});

test('a person’s new number does not take a CallTools contact along that carries a customer’s number too', async () => {
  const stage = backstopStage();
  stage.callTools.addContactByHand({ home_phone_number: MINE, office_phone_number: THEIRS });
  await person(stage, OTHER, THEIRS, ['customer']);
  await person(stage, LEAD, MINE);
  await stage.ghl.editContact(LEAD, { phone: phoneOf(5) }, SILENT);
  await look(stage, LEAD);
  expect(stage.dialed()).toEqual([phoneOf(5)]);
  expect(placeOf(stage, LEAD)).toEqual(PLACED);
});

test('a number that our own write replaces is no longer one of the CallTools contact’s', async () => {
  const stage = backstopStage();
  await person(stage, LEAD, MINE);
  stage.callTools.editContactByHand(stage.callTools.contacts()[0]?.id ?? 0, { office_phone_number: THEIRS });
  await stage.ghl.editContact(LEAD, { phone: THEIRS }, SILENT);
  await look(stage, LEAD);
  expect(stage.callTools.contacts()).toMatchObject([{ phones: [THEIRS], buckets: ['Cold Leads'] }]);
  expect(stage.sqlite.rows('SELECT 1 FROM calltools_numbers')).toEqual([]);
  await person(stage, OTHER, MINE);
  expect(stage.dialed()).toEqual([MINE, THEIRS]);
});

test('a person who leaves a shared CallTools contact with DND marks it; the other stays in its place', async () => {
  const stage = backstopStage();
  shared(stage);
  await person(stage, LEAD, MINE);
  stage.callTools.editContactByHand(stage.callTools.contacts()[0]?.id ?? 0, { home_phone_number: THEIRS });
  await person(stage, OTHER, THEIRS);
  await stage.ghl.editContact(LEAD, { phone: '' }, SILENT);
  await stage.ghl.setDnd(LEAD, { dnd: true }, SILENT);
  await look(stage, LEAD);
  const marked = { buckets: ['Cold Leads'], doNotContact: true, fields: { ghl_contact_id: OTHER } };
  expect(stage.callTools.withPhone(THEIRS)).toMatchObject([marked]);
  await quiet(stage);
});

test('an ordinary contact costs no row, and no statement that names the table alone', async () => {
  const stage = backstopStage();
  await person(stage, LEAD, MINE);
  await retag(stage, LEAD, 'customer');
  expect(stage.sqlite.rows('SELECT 1 FROM calltools_numbers')).toEqual([]);
  expect(stage.statements.filter((sql) => /^\s*(INSERT|DELETE|UPDATE)[^(]*calltools_numbers/.test(sql))).toEqual([]);
});
