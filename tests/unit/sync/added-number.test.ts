// A person adds a number to a CallTools contact by hand: it counts as long as it stands there, and not a look longer.

import { describe, expect, test } from 'vitest';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';
import { intercept } from '../../support/intercept.ts';
import { look, person, SILENT } from './people-harness.ts';
import { KEPT_OUT, LEAD, MINE, OTHER, PLACED, placeOf, THEIRS } from './shared-contact-harness.ts';

describe('a number that was added to a CallTools contact by hand', () => {
  async function placed() {
    const stage = backstopStage();
    await person(stage, OTHER, THEIRS, ['customer']);
    await person(stage, LEAD, MINE);
    const [ours] = stage.callTools.contacts();
    stage.callTools.editContactByHand(ours?.id ?? 0, { home_phone_number: THEIRS });
    return stage;
  }

  test('is seen in the echo of the next write, and taken out in the same batch', async () => {
    const stage = await placed();
    await stage.ghl.editContact(LEAD, { firstName: 'Dana' }, SILENT);
    stage.hint(LEAD, { receivedAt: stage.clock.at + 10_000 });
    await stage.step();
    expect(stage.dialed()).toEqual([]);
    expect(placeOf(stage, LEAD)).toEqual(KEPT_OUT);
  });

  test('is seen when the contact is verified', async () => {
    const stage = await placed();
    for (let night = 0; night < 8; night++) {
      stage.clock.advance(86_400_000);
      await stage.night();
    }
    expect(stage.dialed()).toEqual([]);
    expect(placeOf(stage, LEAD)).toEqual(KEPT_OUT);
  });

  test('is forgotten once it is gone again: the lead is dialed', async () => {
    const stage = await placed();
    await stage.ghl.editContact(LEAD, { firstName: 'Dana' }, SILENT);
    await look(stage, LEAD);
    stage.callTools.editContactByHand(stage.callTools.contacts()[0]?.id ?? 0, { home_phone_number: '' });
    for (let night = 0; night < 8; night++) {
      stage.clock.advance(86_400_000);
      await stage.night();
    }
    expect(stage.dialed()).toEqual([MINE]);
    expect(placeOf(stage, LEAD)).toEqual(PLACED);
    expect(stage.sqlite.rows('SELECT 1 FROM calltools_numbers')).toEqual([]);
  });

  test('is forgotten by the look that shows that it is gone: the lead is dialed at once', async () => {
    const stage = await placed();
    await stage.ghl.editContact(LEAD, { firstName: 'Dana' }, SILENT);
    await look(stage, LEAD);
    stage.callTools.editContactByHand(stage.callTools.contacts()[0]?.id ?? 0, { home_phone_number: '' });
    stage.hint(LEAD, { source: 'backstop', verify: true });
    await stage.work();
    expect(stage.dialed()).toEqual([MINE]);
  });
});

test('a CallTools contact that shows another number at each look is looked at four times, and again with the next try', async () => {
  const stage = backstopStage();
  const { id } = stage.callTools.addContactByHand({ mobile_phone_number: MINE });
  let looks = 0;
  intercept(stage.callTools, ({ url }) => {
    if (new URL(url).pathname === `/api/contacts/${id}/`)
      stage.callTools.editContactByHand(id, { home_phone_number: phoneOf(10 + looks++) });
    return undefined;
  });
  await stage.ghl.addContact({ id: LEAD, phone: MINE, tags: ['cold lead'] }, SILENT);
  stage.hint(LEAD);
  await stage.step();
  expect([looks, stage.dialed(), stage.queues.events.length]).toEqual([4, [], 1]);
});

test('numbers that are found in one batch on the CallTools contacts of two pairs ask for nobody again', async () => {
  const stage = backstopStage();
  const pairs = ['a', 'b'].map((letter) => [letter.repeat(20), letter.repeat(19).concat('z')] as const);
  for (const [n, [lead]] of pairs.entries()) await person(stage, lead, phoneOf(n));
  stage.clock.advance(60_000);
  for (const [n, [lead, other]] of pairs.entries()) {
    const [theirs] = stage.callTools.withPhone(phoneOf(n));
    stage.callTools.editContactByHand(theirs?.id ?? 0, { home_phone_number: phoneOf(10 + n) });
    await stage.ghl.editContact(lead, { firstName: 'Dana' }, SILENT);
    await stage.ghl.addContact({ id: other, phone: phoneOf(10 + n), tags: ['cold lead'] }, SILENT);
    for (const id of [lead, other]) stage.hint(id);
  }
  await stage.step();
  expect(stage.queues.events).toEqual([]);
  for (const [lead] of pairs) expect(placeOf(stage, lead)).toEqual(PLACED);
});
