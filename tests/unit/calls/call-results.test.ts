// A person who said no in a call is out of the dialer within one poll, and stays out.

import { describe, expect, test } from 'vitest';
import { phoneOf } from '../../support/consumer-harness.ts';
import { intercept } from '../../support/intercept.ts';
import { jsonAnswer } from '../../support/vendor-harness.ts';
import { callsStage, IN, MINUTE, OUT, SILENT } from './calls-harness.ts';

describe('who said no', () => {
  test('is out of the dialer within one poll, without a look at GoHighLevel', async () => {
    const stage = await callsStage();
    expect([stage.dialed(), stage.reasons()]).toEqual([[phoneOf(0)], [IN]]);
    stage.dispose('Not Interested');
    const reads = stage.ghlReads();
    await stage.nextMinute();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
    expect(stage.ghlReads()).toBe(reads);
    expect(stage.results()).toEqual([{ disposition: 'Not Interested', hold: 1, pending: 0 }]);
  });

  test('is out with the next minute, although a cron before had a time far ahead of the clock', async () => {
    const stage = await callsStage();
    stage.clock.advance(MINUTE);
    await stage.minute(stage.clock.at + 24 * 60 * MINUTE);
    stage.dispose('Not Interested');
    await stage.nextMinute();
    expect(stage.dialed()).toEqual([]);
  });

  test('is out with the next minute, although the clock is behind the cron’s time and the last poll failed slowly', async () => {
    const stage = await callsStage();
    stage.dispose('Not Interested');
    let slow = true;
    intercept(stage.callTools, (request) => {
      if (!slow || !/historicalcalldispositions/.test(request.url)) return undefined;
      slow = false;
      stage.clock.advance(3000);
      return jsonAnswer(500, {});
    });
    const cron = stage.clock.at + MINUTE;
    stage.clock.advance(MINUTE - 20);
    await stage.minute(cron);
    expect(slow).toBe(false);
    stage.clock.advance(cron + MINUTE - 20 - stage.clock.at);
    await stage.minute(cron + MINUTE);
    await stage.work();
    expect(stage.dialed()).toEqual([]);
  });

  test('is held wherever CallTools marks do-not-contact, though no rule names it', async () => {
    for (const disposition of ['Do Not Call', 'DNC This Number']) {
      const stage = await callsStage({ poll: '1m' });
      stage.dispose(disposition);
      await stage.nextMinute();
      expect([disposition, stage.dialed(), stage.reasons()]).toEqual([disposition, [], [OUT]]);
    }
  });

  test('other dispositions are kept and counted, and nothing follows from them', async () => {
    const stage = await callsStage();
    stage.dispose('No Answer');
    stage.dispose('Appointment Set');
    const writes = stage.writes();
    await stage.nextMinute();
    expect([stage.dialed(), stage.reasons(), stage.writes()]).toEqual([[phoneOf(0)], [IN], writes]);
    expect(await stage.ask('GET', '/sync/stats')).toMatchObject({
      calls: { today: { 'No Answer': 1, 'Appointment Set': 1 }, of_others: { today: 0 }, failure: null },
    });
  });
});

test('without CALL_RESULTS nothing is asked for, kept or stored', async () => {
  const stage = await callsStage(null);
  stage.dispose('Do Not Call');
  // The clean-up of the day removes what is old, whatever is set now.
  await stage.minute();
  stage.statements.length = 0;
  await stage.minute();
  expect(stage.statements.filter((sql) => sql.includes('call_'))).toEqual([]);
  expect(stage.callTools.calls.count({ path: /dispositions/ })).toBe(0);
  expect(await stage.ask('GET', '/sync/stats')).toMatchObject({ calls: null });
});

test('GET /contacts/:id shows the calls, newest first, and what followed', async () => {
  const stage = await callsStage();
  expect(await stage.story()).toMatchObject({ calls: [] });
  stage.dispose('No Answer');
  const calledAt = new Date(stage.clock.at - (stage.clock.at % 1000)).toISOString();
  await stage.nextMinute();
  stage.dispose('Not Interested');
  await stage.nextMinute();
  const heldAt = new Date(stage.clock.at).toISOString();
  expect(await stage.story()).toMatchObject({
    ...OUT,
    what_to_do: expect.stringContaining('npm run place'),
    calls: [
      { disposition: 'Not Interested', hold: true, held_at: heldAt },
      { disposition: 'No Answer', hold: false, held_at: null, called_at: calledAt },
    ],
    dialer: [{ in_a_bucket: false, hold: { reason: 'said_no', route: 'cold', since: heldAt } }],
    history: [{ source: 'call', reason: 'said_no' }, {}],
  });
});

test('GET /sync/stats counts by day: what was said yesterday is not of today', async () => {
  const stage = await callsStage();
  stage.dispose('No Answer');
  await stage.nextMinute();
  stage.clock.advance(24 * 60 * MINUTE);
  stage.dispose('No Answer');
  stage.dispose('Callback');
  await stage.nextMinute();
  expect(await stage.ask('GET', '/sync/stats')).toMatchObject({
    calls: {
      today: { 'No Answer': 1, Callback: 1 },
      last_14_days: { 'No Answer': 2, Callback: 1 },
      polled_at: expect.stringMatching(/^2026-11-21T12:03/),
    },
  });
  expect(await stage.ask('GET', '/api/v1/overview')).toMatchObject({ totals: { calls: { today: { Callback: 1 } } } });
});

test('all numbers of the CallTools contact that was called stay out, and place again for one counts for all', async () => {
  const stage = await callsStage(undefined, 2);
  stage.callTools.mergeContactsByHand(stage.callToolsId(0), stage.callToolsId(1));
  await stage.webhook(stage.ids[1]);
  await stage.webhook(stage.ids[0]);
  expect([stage.callTools.contacts().length, stage.dialed()]).toEqual([1, [phoneOf(0), phoneOf(1)]]);
  stage.dispose('Not Interested');
  await stage.nextMinute();
  expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT, OUT]]);
  expect(await stage.placeAgain(stage.ids[1])).toMatchObject({ status: 'queued' });
  await stage.work();
  await stage.webhook(stage.ids[0]);
  expect(stage.dialed()).toEqual([phoneOf(0), phoneOf(1)]);
});

describe('the first poll', () => {
  test('takes no effect for what was said before', async () => {
    const stage = await callsStage(null);
    stage.dispose('Do Not Call');
    stage.reconfigure({ CALL_RESULTS: '{"poll": "1m"}' });
    for (let n = 0; n < 3; n++) await stage.nextMinute();
    expect([stage.dialed(), stage.results()]).toEqual([[phoneOf(0)], []]);
    stage.dispose('Do Not Call');
    await stage.nextMinute();
    expect(stage.dialed()).toEqual([]);
  });

  test('goes back to "since"', async () => {
    const stage = await callsStage(null, 2);
    stage.dispose('Do Not Call', {}, 0);
    stage.clock.advance(60 * MINUTE);
    const since = new Date(stage.clock.at).toISOString().slice(0, 19);
    stage.clock.advance(MINUTE);
    stage.dispose('Do Not Call', {}, 1);
    stage.reconfigure({ CALL_RESULTS: JSON.stringify({ poll: '1m', since: `${since}Z` }) });
    await stage.nextMinute();
    await stage.nextMinute();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
  });
});

describe('the hold survives', () => {
  async function held() {
    const stage = await callsStage();
    stage.dispose('Not Interested');
    await stage.nextMinute();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
    return stage;
  }

  test('webhooks, runs, replays, and the same row seen again', async () => {
    const stage = await held();
    await stage.ghl.editContact(stage.id, { firstName: 'Renamed' }, SILENT);
    await stage.webhook();
    await stage.night();
    stage.hint(stage.id, { source: 'replay', eventType: 'replay' });
    await stage.work();
    await stage.nextMinute();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });

  test('a new number, one that CallTools has under another contact, and the way back', async () => {
    const stage = await held();
    stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(6) });
    for (const number of [5, 6, 0]) {
      await stage.ghl.editContact(stage.id, { phone: phoneOf(number) }, SILENT);
      await stage.webhook();
      expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
    }
  });

  test('a contact that is deleted and made again with the number', async () => {
    const stage = await held();
    await stage.ghl.deleteContact(stage.id, SILENT);
    await stage.webhook();
    const again = await stage.ghl.addContact({ phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
    await stage.webhook(again.id);
    expect(stage.dialed()).toEqual([]);
    expect(stage.reasons().at(-1)).toEqual(OUT);
  });

  test('a contact that was merged into another with the number', async () => {
    const stage = await held();
    const winner = await stage.ghl.addContact({ phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
    await stage.webhook(winner.id);
    await stage.ghl.deleteContact(stage.id, SILENT);
    await stage.webhook();
    await stage.webhook(winner.id);
    expect(stage.dialed()).toEqual([]);
  });

  test('do-not-disturb switched on and off, and a route with a new name', async () => {
    const stage = await held();
    await stage.ghl.setDnd(stage.id, { dnd: true }, SILENT);
    await stage.webhook();
    await stage.ghl.setDnd(stage.id, { dnd: false }, SILENT);
    await stage.webhook();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
    stage.reconfigure({
      SYNC_RULES: '{"routes": [{"name": "cold leads", "tags": ["cold lead"], "bucket": "Cold Leads"}]}',
    });
    await stage.webhook();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });
});

describe('the hold ends', () => {
  test('with another route', async () => {
    const stage = await callsStage();
    stage.dispose('Not Interested');
    await stage.nextMinute();
    await stage.ghl.editContact(stage.id, { tags: ['hot lead'] }, SILENT);
    await stage.webhook();
    expect([stage.callTools.holds('Hot Leads'), stage.reasons()]).toEqual([[phoneOf(0)], [IN]]);
    await stage.nextMinute();
    expect(stage.callTools.holds('Hot Leads')).toEqual([phoneOf(0)]);
  });

  test('when an operator says so, and a new call that says no holds again', async () => {
    const stage = await callsStage();
    stage.dispose('Not Interested');
    await stage.nextMinute();
    expect(await stage.placeAgain()).toMatchObject({ status: 'queued' });
    await stage.work();
    for (let n = 0; n < 3; n++) await stage.nextMinute();
    expect([stage.dialed(), stage.reasons()]).toEqual([[phoneOf(0)], [IN]]);
    stage.dispose('Not Interested');
    await stage.nextMinute();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });

  test('but do-not-contact in CallTools stays', async () => {
    const stage = await callsStage({ poll: '1m' });
    stage.dispose('Do Not Call');
    await stage.nextMinute();
    await stage.placeAgain();
    await stage.work();
    expect(stage.reasons()).toEqual([{ state: 'placed', reason: 'do_not_contact_set' }]);
    expect(stage.callTools.contacts().map(({ doNotContact }) => doNotContact)).toEqual([true]);
  });
});
