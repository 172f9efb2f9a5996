// What the simulation holds agents' calls to: no more than anybody could keep, and no less.

import { beforeEach, expect, test } from 'vitest';
import { createCallTools } from '../../sandbox/calltools.ts';
import { openSqlite } from '../../sandbox/d1-sqlite.ts';
import { BLANK_CONTACT } from '../../sandbox/gohighlevel/contact.ts';
import { Clock } from '../../sandbox/virtual-clock.ts';
import { type Calls, createCalls } from './calls.ts';
import { generate } from './generate.ts';
import { PHONES } from './history.ts';
import { bucketsOf } from './rule-sets.ts';
import { createTruth } from './truth.ts';

const [HIS = '', HERS = ''] = PHONES;
const [BUCKET = ''] = bucketsOf('guide');
const SETUP = {
  ...generate(1).setup,
  rules: 'guide' as const,
  callResults: { poll: '1m', since: true, calm: false, writes: {}, dndReplaces: false, notices: null } as const,
};
const sqlite = openSqlite();
beforeEach(sqlite.clear);

/** He and she want to be dialed. `told`: what the simulation reports. */
function stage() {
  const clock = new Clock();
  const told: string[] = [];
  let calls: Calls | undefined;
  const callTools = createCallTools({
    token: '',
    now: () => clock.now,
    random: () => 0.5,
    wait: clock.wait,
    onChange: () => calls?.look(),
  });
  const truth = createTruth('guide', () => []);
  const of = (id: string, phone: string) => ({
    ...BLANK_CONTACT,
    id,
    phone,
    tags: ['cold lead'],
    locationId: '',
    dateAdded: '',
    dateUpdated: '',
  });
  truth.note([of('he', HIS), of('she', HERS)], clock.now);
  calls = createCalls({
    ...{ clock, callTools, truth, sqlite, setup: SETUP },
    lately: () => false,
    byHand: () => false,
    report: (promise, detail) => told.push(`${promise}: ${detail}`),
  });
  const agentCall = () =>
    calls.call(
      { do: 'agent-call', phone: 0, disposition: 'Not Interested', rowAfterMs: 0, lateId: false, hangUpAfterMs: 0 },
      () => true,
    );
  return {
    callTools,
    told,
    agentCall,
    place: (lead: string, phone: string) =>
      callTools.addContactByHand({ mobile_phone_number: phone, ghl_contact_id: lead, buckets: [BUCKET] }).id,
    /** He says no, and his number is held. */
    saysNo() {
      agentCall();
      for (const row of callTools.dispositionRows())
        sqlite.rows(
          `INSERT INTO call_results (location_id, row_id, calltools_id, disposition, seen_at, hold, held_at)
           VALUES ('location', ?1, ?2, 'Not Interested', 1, 1, 1)`,
          'id' in row ? row.id : 0,
          row.contact,
        );
    },
  };
}

test('nobody is called on a contact that has no number', () => {
  const { callTools, place, agentCall } = stage();
  place('he', '');
  agentCall();
  expect(callTools.dispositionRows()).toEqual([]);
  const hers = place('she', HERS);
  agentCall();
  expect(callTools.dispositionRows()).toMatchObject([{ contact: hers }]);
});

test('a held number that comes into a bucket is told', () => {
  const { callTools, place, saysNo, told } = stage();
  const his = place('he', HIS);
  saysNo();
  callTools.takeOutByHand(his);
  place('she', HIS);
  expect(told).toEqual([expect.stringContaining(`said no: ${HIS} is dialed for she again`)]);
});

test('a held number that comes into a bucket on a second contact is told', () => {
  const { place, saysNo, told } = stage();
  place('he', HIS);
  saysNo();
  place('she', HIS);
  expect(told).toEqual([expect.stringContaining(`said no: ${HIS} is dialed for she again`)]);
});

test('a held number that stays where it is while its contact comes to show another person has not come', () => {
  const { callTools, place, saysNo, told } = stage();
  const his = place('he', HIS);
  saysNo();
  callTools.editContactByHand(his, { ghl_contact_id: 'she' });
  expect(told).toEqual([]);
});

test('a contact that comes to show a person who is held is told', () => {
  const { callTools, place, saysNo, told } = stage();
  const hers = place('she', HERS);
  place('he', HIS);
  saysNo();
  callTools.editContactByHand(hers, { ghl_contact_id: 'he' });
  expect(told).toEqual([expect.stringContaining(`said no: ${HERS} is dialed for he again`)]);
});
