// What the operator is shown of calls: in a contact's story what followed from each, and how many there were by hour and day.

import { expect, test } from 'vitest';
import type { Contact } from '../../../shared/api/contacts.ts';
import type { History, Stats } from '../../../shared/api/status.ts';
import { DAY_MS } from '../../../shared/time.ts';
import { type CallsStage, callsStage, SILENT } from '../calls/calls-harness.ts';

async function callsOf(stage: CallsStage) {
  const { calls } = (await stage.story()) as unknown as Contact;
  return calls.map(({ disposition, hold, held_at, released }) => [disposition, hold, held_at !== null, released]);
}

test('a contact’s story tells what followed from each call: nothing, held, released, held again', async () => {
  const stage = await callsStage();
  stage.dispose('No Answer');
  await stage.nextMinute();
  stage.dispose('Not Interested');
  await stage.nextMinute();
  const quiet = ['No Answer', false, false, false];
  expect(await callsOf(stage)).toEqual([['Not Interested', true, true, false], quiet]);
  await stage.placeAgain();
  await stage.work();
  expect(await callsOf(stage)).toEqual([['Not Interested', true, true, true], quiet]);
  stage.dispose('Not Interested');
  await stage.nextMinute();
  expect((await callsOf(stage))[0]).toEqual(['Not Interested', true, true, false]);
  await stage.ghl.editContact(stage.id, { tags: ['hot lead'] }, SILENT);
  await stage.webhook();
  expect((await callsOf(stage))[0]).toEqual(['Not Interested', true, true, true]);
});

test('a hold that goes along to a new number is not released', async () => {
  const stage = await callsStage();
  stage.dispose('Not Interested');
  await stage.nextMinute();
  await stage.ghl.editContact(stage.id, { phone: '+13055550777' }, SILENT);
  await stage.webhook();
  expect(await callsOf(stage)).toEqual([['Not Interested', true, true, false]]);
});

test('a hold with another reason is not that of the call', async () => {
  const stage = await callsStage();
  stage.dispose('Not Interested');
  await stage.nextMinute();
  stage.sqlite.rows(`UPDATE dialer SET hold = json_set(hold, '$.reason', 'taken_out_in_calltools')`);
  expect(await callsOf(stage)).toEqual([['Not Interested', true, true, true]]);
  // Where nothing is known of a number any more, nobody can tell.
  stage.sqlite.rows('DELETE FROM dialer');
  expect(await callsOf(stage)).toEqual([['Not Interested', true, true, false]]);
});

test('the history counts our contacts’ calls by disposition, hour by hour and day by day', async () => {
  const stage = await callsStage();
  stage.dispose('No Answer');
  stage.callTools.agentCalls(stage.callTools.addContactByHand({ mobile_phone_number: '+13055550777' }).id, {
    disposition: 'Callback',
  });
  await stage.nextMinute();
  stage.clock.advance(DAY_MS);
  stage.dispose('No Answer');
  stage.dispose('Not Interested');
  await stage.nextMinute();
  const { hours, days } = (await stage.ask('GET', '/api/v1/history')) as unknown as History;
  expect(hours.at(-1)?.calls).toEqual({ 'No Answer': 1, 'Not Interested': 1 });
  expect(days.slice(-3).map(({ calls }) => calls)).toEqual([
    {},
    { 'No Answer': 1 },
    { 'No Answer': 1, 'Not Interested': 1 },
  ]);
});

test('what a call causes to be written to GoHighLevel is told with how far it is, and why nothing is taken', async () => {
  const stage = await callsStage({ poll: '1m', results: [{ dispositions: ['Callback'], tags: ['dialer: callback'] }] });
  stage.dispose('No Answer');
  stage.dispose('Callback');
  const writes = async () => ((await stage.story()) as unknown as Contact).calls.map((call) => call.writes);
  await stage.nextMinute();
  await stage.nextMinute();
  const at = expect.stringMatching(/Z$/);
  expect(await writes()).toEqual([[{ step: 'tags', state: 'waiting', at }], []]);
  const told = async () => ((await stage.ask('GET', '/sync/stats')) as unknown as Stats).calls?.write_failure;
  expect(await told()).toMatch(/scope/);
  stage.ghl.settings.scopes = [...stage.ghl.settings.scopes, 'contacts.write'];
  await stage.nextMinute();
  await stage.nextMinute();
  expect(await writes()).toEqual([[{ step: 'tags', state: 'done', at }], []]);
  expect(await told()).toBeNull();
});
