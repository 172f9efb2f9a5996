// A call is made to a CallTools contact, and read of minutes later. Who was called then is held, whatever has become of the contact.

import { describe, expect, test } from 'vitest';
import { phoneOf } from '../../support/consumer-harness.ts';
import { type CallsStage, callsStage, MINUTE, OUT, SILENT } from './calls-harness.ts';
import { writesStage } from './writes-harness.ts';

const HOUR = 60 * MINUTE;

async function rephone(stage: CallsStage, number: number, id = stage.id) {
  await stage.ghl.editContact(id, { phone: phoneOf(number) }, SILENT);
  await stage.webhook(id);
}

/** State and reason of a contact. */
function reasonOf({ sqlite }: CallsStage, id: string) {
  return sqlite.rows('SELECT state, reason FROM contacts WHERE contact_id = ?1', id)[0];
}

const links = ({ sqlite }: CallsStage) => sqlite.rows('SELECT * FROM past_links');

describe('between the call and the poll', () => {
  test('the number changes, and a stranger takes the old one: the person is held, and so is the number that was called', async () => {
    const stage = await callsStage();
    stage.dispose('Not Interested');
    await rephone(stage, 5);
    const stranger = await stage.ghl.addContact({ phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
    await stage.webhook(stranger.id);
    expect(stage.dialed()).toEqual([phoneOf(0), phoneOf(5)]);
    await stage.nextMinute();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT, OUT]]);
  });

  test('the CallTools contact is deleted by hand, and the person gets a new one', async () => {
    const stage = await callsStage();
    const called = stage.callToolsId();
    stage.dispose('Not Interested');
    stage.callTools.deleteContact(called);
    await stage.ghl.editContact(stage.id, { firstName: 'Renamed' }, SILENT);
    await stage.webhook();
    expect([stage.dialed(), stage.callToolsId() === called]).toEqual([[phoneOf(0)], false]);
    await stage.nextMinute();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });

  test('it is deleted by hand, and the person has a new number', async () => {
    const stage = await callsStage();
    const called = stage.callToolsId();
    stage.dispose('Not Interested');
    stage.callTools.deleteContact(called);
    await rephone(stage, 5);
    expect(stage.dialed()).toEqual([phoneOf(5)]);
    await stage.nextMinute();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });

  test('it is merged into another by hand, and the person leaves that one with a new number', async () => {
    const stage = await callsStage(undefined, 2);
    const [called, other] = [stage.callToolsId(0), stage.callToolsId(1)];
    stage.dispose('Not Interested');
    stage.callTools.mergeContactsByHand(other, called);
    await stage.ghl.editContact(stage.id, { firstName: 'Renamed' }, SILENT);
    await stage.webhook();
    await rephone(stage, 5);
    await stage.nextMinute();
    expect(reasonOf(stage, stage.id)).toEqual(OUT);
    expect(stage.dialed()).not.toContain(phoneOf(5));
  });

  test('it passes to another person with its number, and the one who was called gets a new number', async () => {
    const stage = await callsStage();
    const better = await stage.ghl.addContact({ phone: phoneOf(0), tags: ['hot lead'] }, SILENT);
    stage.dispose('Not Interested');
    await stage.webhook(better.id);
    await rephone(stage, 5);
    expect(stage.dialed()).toEqual([phoneOf(5)]);
    await stage.nextMinute();
    expect([stage.dialed(), reasonOf(stage, stage.id)]).toEqual([[], OUT]);
  });

  test('the number is removed, a stranger takes it, and the person gets one after the poll', async () => {
    const stage = await callsStage();
    stage.dispose('Not Interested');
    await stage.ghl.editContact(stage.id, { phone: '' }, SILENT);
    const stranger = await stage.ghl.addContact({ phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
    await stage.webhook(stranger.id);
    await stage.webhook();
    await stage.nextMinute();
    await rephone(stage, 5);
    expect([stage.dialed(), reasonOf(stage, stage.id)]).toEqual([[], OUT]);
    await stage.webhook();
    await stage.placeAgain();
    await stage.work();
    expect(stage.dialed()).toEqual([phoneOf(5)]);
  });

  test('one of several numbers of the CallTools contact goes', async () => {
    const stage = await callsStage(undefined, 2);
    const [first, second] = [stage.callToolsId(0), stage.callToolsId(1)];
    stage.callTools.mergeContactsByHand(first, second);
    await stage.webhook(stage.ids[1]);
    await stage.webhook(stage.ids[0]);
    expect(stage.dialed()).toEqual([phoneOf(0), phoneOf(1)]);
    stage.dispose('Not Interested');
    await rephone(stage, 5, stage.ids[1]);
    await rephone(stage, 6, stage.ids[1]);
    await stage.nextMinute();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT, OUT]]);
  });
});

test('a call that came long after concerns the present person alone', async () => {
  const stage = await callsStage();
  const called = stage.callToolsId();
  await rephone(stage, 5);
  const stranger = await stage.ghl.addContact({ phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
  await stage.webhook(stranger.id);
  expect(links(stage)).toHaveLength(1);
  stage.clock.advance(2 * HOUR);
  stage.callTools.agentCalls(called, { disposition: 'Not Interested', force: true });
  await stage.nextMinute();
  expect([stage.dialed(), reasonOf(stage, stage.id)]).toEqual([[phoneOf(0)], OUT]);
});

test('what is written to GoHighLevel is about the person who was called, though the CallTools contact has another owner by now', async () => {
  const stage = await writesStage();
  const better = await stage.ghl.addContact({ phone: phoneOf(0), tags: ['hot lead'] }, SILENT);
  stage.dispose('Appointment Set');
  await stage.webhook(better.id);
  expect(stage.callTools.holds('Hot Leads')).toEqual([phoneOf(0)]);
  await stage.minutes(3);
  const [row] = stage.sqlite.rows('SELECT contact_id FROM call_results');
  expect(row).toEqual({ contact_id: stage.id });
  expect(stage.asked().filter((call) => call.startsWith('POST'))).toHaveLength(2);
});

test('nothing is written about a person whose CallTools contact was merged into the called one after the call', async () => {
  const stage = await writesStage();
  const better = await stage.ghl.addContact({ phone: phoneOf(1), tags: ['hot lead'] }, SILENT);
  await stage.webhook(better.id);
  const called = stage.callToolsId();
  const [other] = stage.callTools.withPhone(phoneOf(1));
  stage.dispose('Appointment Set');
  stage.callTools.mergeContactsByHand(called, other?.id ?? 0);
  await rephone(stage, 1);
  await stage.ghl.editContact(better.id, { firstName: 'Renamed' }, SILENT);
  await stage.webhook(better.id);
  const shown = stage.sqlite.rows('SELECT contact_id FROM dialer WHERE calltools_id = ?1 ORDER BY updated_at', called);
  expect(shown.map(({ contact_id }) => contact_id)).toEqual([stage.id, better.id]);
  await stage.minutes(3);
  expect(stage.sqlite.rows('SELECT contact_id FROM call_results')).toEqual([{ contact_id: stage.id }]);
});

test('a merge is noticed later than it was made: a call after it is still the person’s', async () => {
  const stage = await writesStage();
  const { id: called } = stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(9) });
  stage.callTools.mergeContactsByHand(called, stage.callToolsId());
  stage.callTools.agentCalls(called, { disposition: 'Do Not Call', force: true });
  await stage.minutes(1);
  await stage.ghl.editContact(stage.id, { firstName: 'Renamed' }, SILENT);
  await stage.webhook();
  expect(stage.callToolsId()).toBe(called);
  await stage.minutes(3);
  expect(stage.contact()?.tags).toContain('dialer: do not call');
});

test('nothing is written while everything stays as it is, nor without CALL_RESULTS', async () => {
  const stage = await callsStage();
  await stage.ghl.editContact(stage.id, { firstName: 'Renamed' }, SILENT);
  await stage.webhook();
  await stage.ghl.setDnd(stage.id, { dnd: true }, SILENT);
  await stage.webhook();
  await stage.ghl.deleteContact(stage.id, SILENT);
  await stage.webhook();
  expect(links(stage)).toEqual([]);
  const off = await callsStage(null);
  off.statements.length = 0;
  await rephone(off, 5);
  expect(off.dialed()).toEqual([phoneOf(5)]);
  expect(off.statements.filter((sql) => sql.includes('past_links'))).toEqual([]);
});

test('they are forgotten with the person', async () => {
  const stage = await callsStage();
  await rephone(stage, 5);
  expect(links(stage)).toHaveLength(1);
  await stage.ghl.deleteContact(stage.id, SILENT);
  await stage.webhook();
  expect(await stage.ask('POST', `/contacts/${stage.id}/forget`)).toMatchObject({ forgotten: { contacts: 1 } });
  expect(links(stage)).toEqual([]);
});

test.each(['before', 'after'])(
  'a person who loses the number %s the call is read is held with the next one, whatever others do with the old one',
  async (when) => {
    const stage = await callsStage();
    stage.dispose('Not Interested');
    if (when === 'after') await stage.nextMinute();
    await stage.ghl.editContact(stage.id, { phone: '' }, SILENT);
    await stage.webhook();
    if (when === 'before') await stage.nextMinute();
    const other = await stage.ghl.addContact({ phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
    await stage.webhook(other.id);
    // That ends the hold on the old number.
    await stage.ghl.editContact(other.id, { tags: ['hot lead'] }, SILENT);
    await stage.webhook(other.id);
    expect(stage.callTools.holds('Hot Leads')).toEqual([phoneOf(0)]);
    await rephone(stage, 5);
    expect([stage.dialed(), reasonOf(stage, stage.id)]).toEqual([[], OUT]);
    await stage.placeAgain();
    await stage.work();
    expect(stage.dialed()).toEqual([phoneOf(5)]);
  },
);
