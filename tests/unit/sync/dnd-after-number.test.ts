// A person who asks not to be called is marked in CallTools under every number that was theirs, whatever else the same edit does.

import { describe, expect, test } from 'vitest';
import { type BackstopStage, phoneOf } from '../../support/consumer-harness.ts';
import { dialedPerson, FIRST, OTHER, OUT_AND_MARKED, PERSON } from './dnd-harness.ts';
import { look, person, SILENT } from './people-harness.ts';

describe('DND and a number that goes', () => {
  test.each(['', '12', phoneOf(1)])('in one edit: the number is now "%s"', async (phone) => {
    const { stage, marked } = await dialedPerson();
    await stage.ghl.editContact(PERSON, { phone }, SILENT);
    await stage.ghl.setDnd(PERSON, { dnd: true }, SILENT);
    await look(stage, PERSON);
    expect(marked()).toMatchObject(OUT_AND_MARKED);
  });

  test.each(['', phoneOf(1)])('first the number (now "%s"), then DND', async (phone) => {
    const { stage, marked } = await dialedPerson();
    await stage.ghl.editContact(PERSON, { phone }, SILENT);
    await look(stage, PERSON);
    await stage.ghl.setDnd(PERSON, { call: 'active' }, SILENT);
    await look(stage, PERSON);
    expect(marked()).toMatchObject(OUT_AND_MARKED);
  });

  test('the new number is shared: both CallTools contacts are out and marked', async () => {
    const { stage, marked } = await dialedPerson();
    await person(stage, OTHER, phoneOf(1));
    await stage.ghl.editContact(PERSON, { phone: phoneOf(1) }, SILENT);
    await stage.ghl.setDnd(PERSON, { dnd: true }, SILENT);
    await look(stage, PERSON);
    expect(marked()).toMatchObject(OUT_AND_MARKED);
    expect(stage.callTools.withPhone(phoneOf(1))).toMatchObject([OUT_AND_MARKED]);
  });

  test.each(['', phoneOf(1)])(
    'another CallTools contact with the old number is out and marked too (now "%s")',
    async (phone) => {
      const { stage, marked } = await dialedPerson();
      stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(0), buckets: ['Cold Leads'] });
      await stage.ghl.editContact(PERSON, { phone }, SILENT);
      await stage.ghl.setDnd(PERSON, { dnd: true }, SILENT);
      await look(stage, PERSON);
      expect(marked()).toMatchObject(OUT_AND_MARKED);
      expect(stage.callTools.contacts()).toMatchObject([OUT_AND_MARKED, OUT_AND_MARKED]);
    },
  );

  test('the mark survives a try that fails', async () => {
    const { stage, id, marked } = await dialedPerson();
    stage.callTools.faults.plan({
      match: { path: `/api/contacts/${id}/` },
      times: 2,
      do: { kind: 'status', status: 503, body: {} },
    });
    await stage.ghl.editContact(PERSON, { phone: '' }, SILENT);
    await stage.ghl.setDnd(PERSON, { dnd: true }, SILENT);
    await look(stage, PERSON);
    expect(marked()).toMatchObject(OUT_AND_MARKED);
  });

  test('a CallTools contact whose id is not known any more is found in its bucket, and marked', async () => {
    const { stage, marked } = await dialedPerson();
    stage.sqlite.rows('UPDATE dialer SET calltools_id = NULL, fingerprint = NULL');
    await stage.ghl.editContact(PERSON, { phone: '' }, SILENT);
    await stage.ghl.setDnd(PERSON, { dnd: true }, SILENT);
    await look(stage, PERSON);
    expect(marked()).toMatchObject(OUT_AND_MARKED);
  });

  test('a CallTools contact whose id is not known any more, and which is in no bucket, is left to a person', async () => {
    const { stage, id } = await dialedPerson();
    stage.sqlite.rows('UPDATE dialer SET calltools_id = NULL, fingerprint = NULL');
    stage.callTools.takeOutByHand(id);
    await stage.ghl.editContact(PERSON, { phone: phoneOf(1) }, SILENT);
    await stage.ghl.setDnd(PERSON, { dnd: true }, SILENT);
    for (let looks = 0; looks < 2; looks++) {
      await look(stage, PERSON);
      expect({ ...stage.sqlite.rows('SELECT state, reason FROM contacts')[0] }).toEqual({
        state: 'failed',
        reason: 'untraceable',
      });
    }
  });

  test('an unchanged person causes no further call to CallTools', async () => {
    const { stage } = await dialedPerson();
    await stage.ghl.editContact(PERSON, { phone: '' }, SILENT);
    await stage.ghl.setDnd(PERSON, { dnd: true }, SILENT);
    await look(stage, PERSON);
    stage.callTools.calls.clear();
    await look(stage, PERSON);
    expect(stage.callTools.calls.count({ path: '/api/contacts' })).toBe(0);
  });
});

describe('another contact has the number by now', () => {
  test.each(['', phoneOf(1)])(
    'the mark goes on all the same, and the other keeps its place (now "%s")',
    async (phone) => {
      const { stage, marked } = await dialedPerson();
      await person(stage, OTHER, phoneOf(0));
      await stage.ghl.editContact(PERSON, { phone }, SILENT);
      await stage.ghl.setDnd(PERSON, { dnd: true }, SILENT);
      await look(stage, PERSON);
      expect(marked()).toMatchObject({
        buckets: ['Cold Leads'],
        doNotContact: true,
        fields: { ghl_contact_id: OTHER },
      });
      expect({ ...stage.sqlite.rows('SELECT reason FROM contacts WHERE contact_id = ?1', OTHER)[0] }).toEqual({
        reason: 'do_not_contact_set',
      });
    },
  );

  /** Each PATCH of the first try fails, and what the worker wants to store of that waits for `stored`. */
  function failing(stage: BackstopStage, id: number, stored: () => Promise<void>): void {
    const match = { path: `/api/contacts/${id}/`, method: 'PATCH' };
    stage.callTools.faults.plan({ match, do: { kind: 'status', status: 503, body: {} } });
    stage.callTools.calls.clear();
    stage.hooks.database = async () => {
      if (stage.callTools.calls.count(match) === 0) return;
      stage.callTools.faults.clear();
      await stored();
    };
  }

  async function dies(stage: BackstopStage, id: number): Promise<void> {
    const { promise: killed, resolve: kill } = Promise.withResolvers<void>();
    failing(stage, id, () => {
      kill();
      return new Promise(() => {});
    });
    stage.hint(PERSON, { receivedAt: stage.clock.at + 10_000 });
    await stage.deliver('events', stage.queues.events, killed);
    stage.hooks.database = async () => {};
  }

  const TROUBLES: [string, (stage: BackstopStage, id: number) => unknown][] = [
    ['fails', (stage, id) => failing(stage, id, async () => {})],
    ['fails, and its worker dies', dies],
  ];

  test.each(TROUBLES)('the mark goes on all the same where its first try %s, and the other led', async (_, trouble) => {
    const { stage, id, marked } = await dialedPerson();
    await person(stage, FIRST, phoneOf(0));
    await stage.ghl.editContact(PERSON, { phone: phoneOf(1) }, SILENT);
    await stage.ghl.setDnd(PERSON, { dnd: true }, SILENT);
    await trouble(stage, id);
    await look(stage, PERSON);
    expect(marked()).toMatchObject({
      buckets: ['Cold Leads'],
      doNotContact: true,
      fields: { ghl_contact_id: FIRST },
    });
  });

  test('a number that was left long ago is that of the other contact alone', async () => {
    const { stage } = await dialedPerson();
    await stage.ghl.editContact(PERSON, { phone: phoneOf(1) }, SILENT);
    await look(stage, PERSON);
    await person(stage, OTHER, phoneOf(0));
    await stage.ghl.setDnd(PERSON, { dnd: true }, SILENT);
    await look(stage, PERSON);
    expect(stage.callTools.withPhone(phoneOf(1))).toMatchObject([OUT_AND_MARKED]);
    expect(stage.callTools.withPhone(phoneOf(0))).toMatchObject([{ buckets: ['Cold Leads'], doNotContact: false }]);
  });
});

describe('a customer has the number too', () => {
  async function markedBoth() {
    const dialed = await dialedPerson();
    const { stage } = dialed;
    await person(stage, OTHER, phoneOf(0), ['customer']);
    await stage.ghl.editContact(PERSON, { phone: phoneOf(1) }, SILENT);
    await stage.ghl.setDnd(PERSON, { dnd: true }, SILENT);
    await look(stage, PERSON);
    expect(dialed.marked()).toMatchObject(OUT_AND_MARKED);
    stage.callTools.calls.clear();
    return dialed;
  }

  test('a look at either of them, in any order, causes no further call to CallTools', async () => {
    const { stage } = await markedBoth();
    for (const id of [OTHER, PERSON, OTHER]) await look(stage, id);
    await look(stage, OTHER, PERSON);
    expect(stage.callTools.calls.count({ path: '/api/contacts' })).toBe(0);
  });

  test('neither does the customer once the person is deleted: a deletion does not take the request back', async () => {
    const { stage } = await markedBoth();
    await stage.ghl.deleteContact(PERSON, SILENT);
    for (const id of [PERSON, OTHER, PERSON]) await look(stage, id);
    expect(stage.callTools.calls.count({ path: '/api/contacts' })).toBe(0);
  });

  test('a request that was taken back and is made again marks anew, should the mark have been cleared by hand', async () => {
    const { stage, id, marked } = await markedBoth();
    await stage.ghl.setDnd(PERSON, { dnd: false }, SILENT);
    await look(stage, PERSON, OTHER);
    stage.callTools.editContactByHand(id, { do_not_contact: false });
    expect(marked()).toMatchObject({ doNotContact: false });
    await look(stage, OTHER);
    await stage.ghl.setDnd(PERSON, { dnd: true }, SILENT);
    await look(stage, OTHER, PERSON);
    expect(marked()).toMatchObject(OUT_AND_MARKED);
  });
});

test('a customer’s request that is made again marks anew, should the mark have been cleared by hand', async () => {
  const { stage, id, marked } = await dialedPerson();
  await stage.ghl.editContact(PERSON, { tags: ['customer'] }, SILENT);
  for (const dnd of [true, false, true]) {
    await stage.ghl.setDnd(PERSON, { dnd }, SILENT);
    await look(stage, PERSON);
    expect(marked()).toMatchObject({ buckets: [], doNotContact: true });
    if (!dnd) stage.callTools.editContactByHand(id, { do_not_contact: false });
  }
});

test('a number whose marked CallTools contact went along to another number is looked at anew', async () => {
  const { stage, id } = await dialedPerson();
  const { ghl, callTools } = stage;
  await person(stage, OTHER, phoneOf(0));
  await ghl.setDnd(OTHER, { dnd: true }, SILENT);
  await look(stage, OTHER);
  await ghl.deleteContact(OTHER, SILENT);
  await ghl.editContact(PERSON, { phone: phoneOf(1) }, SILENT);
  await look(stage, OTHER);
  await look(stage, PERSON);
  expect(callTools.withPhone(phoneOf(1))).toMatchObject([{ id }]);
  callTools.addContactByHand({ mobile_phone_number: phoneOf(0), buckets: ['Cold Leads'] });
  await ghl.addContact({ id: 'nnnnnnnnnnnnnnnnnnnn', phone: phoneOf(0), tags: [] }, SILENT);
  await ghl.setDnd('nnnnnnnnnnnnnnnnnnnn', { dnd: true }, SILENT);
  await look(stage, 'nnnnnnnnnnnnnnnnnnnn');
  expect(callTools.withPhone(phoneOf(0))).toMatchObject([OUT_AND_MARKED]);
});

describe('a deletion', () => {
  test('is no request not to be called', async () => {
    const { stage, marked } = await dialedPerson();
    await stage.ghl.deleteContact(PERSON, SILENT);
    await look(stage, PERSON);
    expect(marked()).toMatchObject({ buckets: [], doNotContact: false });
  });

  test('does not take back a request that has not reached CallTools yet', async () => {
    const { stage, id, marked } = await dialedPerson();
    stage.callTools.faults.plan({
      match: { path: `/api/contacts/${id}/` },
      times: 1,
      do: { kind: 'status', status: 503, body: {} },
    });
    await stage.ghl.setDnd(PERSON, { dnd: true }, SILENT);
    stage.hint(PERSON, { receivedAt: stage.clock.at + 10_000 });
    await stage.step();
    await stage.ghl.deleteContact(PERSON, SILENT);
    await stage.work();
    expect(marked()).toMatchObject(OUT_AND_MARKED);
  });

  test('does not take back a request that only its webhook tells of', async () => {
    const { stage, marked } = await dialedPerson();
    await stage.ghl.deleteContact(PERSON, SILENT);
    const occurredAt = stage.clock.at;
    stage.hint(PERSON, { eventType: 'ContactDndUpdate', snapshot: { tags: [], dnd: true }, occurredAt });
    stage.hint(PERSON, { eventType: 'ContactDelete', occurredAt: occurredAt + 1 });
    await stage.work();
    expect(marked()).toMatchObject(OUT_AND_MARKED);
  });
});
