// A person who asks not to be called is marked on CallTools contacts that somebody gave their number, and nobody else is.

import { describe, expect, test } from 'vitest';
import { phoneOf } from '../../support/consumer-harness.ts';
import { dialedPerson, OTHER, OUT_AND_MARKED, PERSON } from './dnd-harness.ts';
import { look, person, SILENT } from './people-harness.ts';

describe('a CallTools contact made by hand carries the old number too', () => {
  // The number that we write replaces the mobile number.
  const FIELDS = [
    { old: 'mobile_phone_number', other: 'home_phone_number' },
    { old: 'home_phone_number', other: 'mobile_phone_number' },
    { old: 'home_phone_number', other: 'office_phone_number' },
  ];

  describe.each([true, false])('and the new one, which another contact has: %s', (isShared) => {
    test.each(FIELDS)('the person is placed on it, and both are marked: it was $old', async ({ old, other }) => {
      const { stage, id, marked } = await dialedPerson();
      const made = stage.callTools.addContactByHand({ [old]: phoneOf(0), [other]: phoneOf(1) });
      if (isShared) await person(stage, OTHER, phoneOf(1));
      await stage.ghl.editContact(PERSON, { phone: phoneOf(1) }, SILENT);
      await look(stage, PERSON);
      expect(stage.callTools.contacts().find((one) => one.id === made.id)).toMatchObject({ buckets: ['Cold Leads'] });
      expect(marked()).toMatchObject({ id, buckets: [], doNotContact: false });
      await stage.ghl.setDnd(PERSON, { call: 'active' }, SILENT);
      await look(stage, PERSON);
      expect(marked()).toMatchObject(OUT_AND_MARKED);
      expect(stage.callTools.withPhone(phoneOf(1))).toMatchObject([OUT_AND_MARKED]);
      stage.callTools.calls.clear();
      await look(stage, PERSON);
      expect(stage.callTools.calls.count({ path: '/api/contacts' })).toBe(0);
    });
  });

  test.each(['before the other is placed', 'after'])(
    'and shows another contact: that one keeps its place, unmarked (the number is added %s)',
    async (when) => {
      const { stage, marked } = await dialedPerson();
      await stage.ghl.editContact(PERSON, { phone: '' }, SILENT);
      await look(stage, PERSON);
      const fields = { mobile_phone_number: phoneOf(1), ...(when !== 'after' && { home_phone_number: phoneOf(0) }) };
      const made = stage.callTools.addContactByHand(fields);
      await person(stage, OTHER, phoneOf(1));
      if (when === 'after') stage.callTools.editContactByHand(made.id, { home_phone_number: phoneOf(0) });
      await stage.ghl.setDnd(PERSON, { call: 'active' }, SILENT);
      await look(stage, PERSON);
      expect(marked()).toMatchObject(OUT_AND_MARKED);
      const theirs = { buckets: ['Cold Leads'], doNotContact: false };
      expect(stage.callTools.withPhone(phoneOf(1))).toMatchObject([theirs]);
    },
  );

  test('and a third shows a customer: that one keeps nobody else out', async () => {
    const { stage, marked } = await dialedPerson();
    await stage.ghl.editContact(PERSON, { phone: '' }, SILENT);
    await look(stage, PERSON);
    for (const n of [1, 2])
      stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(n), home_phone_number: phoneOf(0) });
    await person(stage, 'cccccccccccccccccccc', phoneOf(2), ['customer']);
    await person(stage, OTHER, phoneOf(1));
    await stage.ghl.setDnd(PERSON, { call: 'active' }, SILENT);
    await look(stage, PERSON);
    expect(marked()).toMatchObject(OUT_AND_MARKED);
    expect(stage.callTools.withPhone(phoneOf(1))).toMatchObject([{ buckets: ['Cold Leads'], doNotContact: false }]);
  });
});

test.each([phoneOf(1), ''])(
  'a CallTools contact that was given another person’s number by hand is marked after it was set aside (now "%s")',
  async (phone) => {
    const { stage, id, marked } = await dialedPerson();
    await person(stage, OTHER, phoneOf(2));
    stage.callTools.editContactByHand(id, { office_phone_number: phoneOf(2) });
    await stage.ghl.editContact(PERSON, { phone, tags: [] }, SILENT);
    await look(stage, PERSON);
    await look(stage, PERSON, OTHER);
    await stage.ghl.setDnd(PERSON, { call: 'active' }, SILENT);
    await look(stage, PERSON);
    expect(marked()).toMatchObject(OUT_AND_MARKED);
    expect(stage.callTools.withPhone(phoneOf(2))).toContainEqual(
      expect.objectContaining({ phones: [phoneOf(2)], buckets: ['Cold Leads'], doNotContact: false }),
    );
  },
);
