// What calls said is written to GoHighLevel: each write once, in its own time, and nothing comes of its coming back.

import { describe, expect, test } from 'vitest';
import { phoneOf } from '../../support/consumer-harness.ts';
import { IN, MINUTE, OUT } from './calls-harness.ts';
import { RESULTS, writesStage } from './writes-harness.ts';

describe('what follows from a disposition', () => {
  test('a tag is added beside the others, and the webhook of it causes no call', async () => {
    const stage = await writesStage();
    stage.dispose('No Answer');
    await stage.minutes(4);
    expect(stage.contact()?.tags).toEqual(['cold lead', 'dialer: called']);
    expect(stage.webhooks).toEqual(['ContactTagUpdate']);
    expect(stage.asked()).toEqual(['POST /tags']);
    expect([stage.steps(), stage.reasons()]).toEqual([[{ step: 'tags', state: 'done' }], [IN]]);
  });

  test.each(['kept', 'replaced'] as const)('call DND: the other channels stay (a write: %s)', async (dndWrite) => {
    const stage = await writesStage(1, { dndWrite });
    const sms = { status: 'active', message: 'stop' };
    await stage.ghl.editContact(stage.id, { dndSettings: { SMS: sms } }, { silent: true });
    stage.dispose('Do Not Call');
    await stage.minutes(4);
    expect(stage.contact()?.dndSettings).toMatchObject({ SMS: sms, Call: { status: 'active' } });
    expect(stage.contact()?.tags).toEqual(['cold lead', 'dialer: do not call']);
    expect(stage.dialed()).toEqual([]);
    expect(
      stage
        .asked()
        .filter((call) => call.startsWith('P'))
        .sort(),
    ).toEqual(['POST /tags', 'PUT ']);
  });

  test('call DND that is set already is not written', async () => {
    const stage = await writesStage();
    await stage.ghl.setDnd(stage.id, { call: 'permanent' }, { silent: true });
    stage.dispose('Do Not Call');
    await stage.minutes(3);
    expect(stage.asked()).not.toContain('PUT ');
    expect(stage.steps()).toContainEqual({ step: 'dnd', state: 'done' });
  });

  test('a workflow is started once and a note written once, however often the row and the message are seen', async () => {
    const stage = await writesStage();
    stage.dispose('Appointment Set');
    const sent: (typeof stage.queues.backstop)[number][] = [];
    stage.clock.advance(MINUTE);
    await stage.minute();
    sent.push(...stage.queues.backstop);
    await stage.work();
    for (const { body } of sent) stage.queues.backstop.push({ id: 'copy', body, attempts: 0, visibleAt: 0 });
    await stage.minutes(3);
    const { workflowStarts, notes } = stage.ghl.written;
    expect(workflowStarts.map(({ workflowId }) => workflowId)).toEqual(['wf1']);
    expect(notes.map(({ body }) => body)).toEqual([
      expect.stringMatching(/^Dialer: Appointment Set on \d{4}-\d\d-\d\d \d\d:\d\d UTC$/),
    ]);
  });

  test('nothing, where a contact is gone', async () => {
    const stage = await writesStage();
    stage.dispose('Do Not Call');
    stage.dispose('Appointment Set');
    await stage.ghl.deleteContact(stage.id, { silent: true });
    await stage.minutes(3);
    expect(stage.steps().map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done']);
    expect([stage.letters(), stage.ghl.written.notes]).toEqual([[], []]);
  });

  test('nothing, where no entry says so, and for contacts that are not ours', async () => {
    const stage = await writesStage(1, {}, { poll: '1m', results: RESULTS.results });
    stage.dispose('No Answer');
    stage.callTools.agentCalls(stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(8) }).id, {
      disposition: 'Appointment Set',
    });
    await stage.minutes(3);
    expect(stage.asked()).toEqual([]);
    stage.clock.advance(61 * MINUTE);
    await stage.minutes(2);
    expect([stage.asked(), stage.steps()]).toEqual([[], []]);
  });
});

describe('in which order', () => {
  test('nothing is written before the person is out of the dialer', async () => {
    const stage = await writesStage();
    stage.callTools.faults.plan({ match: { method: 'PATCH' }, do: { kind: 'status', status: 503 } });
    stage.dispose('Not Interested');
    await stage.minutes(3);
    expect([stage.dialed(), stage.asked()]).toEqual([[phoneOf(0)], []]);
    stage.callTools.faults.clear();
    stage.hint(stage.id);
    await stage.work();
    expect(stage.asked()).not.toContain('POST /tags');
    await stage.minutes(2);
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
    expect(stage.asked()).toContain('POST /tags');
  });

  test('the hold stands whatever is written', async () => {
    const stage = await writesStage();
    stage.dispose('Not Interested');
    await stage.minutes(3);
    stage.dispose('No Answer');
    await stage.minutes(3);
    await stage.night();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
    expect(stage.contact()?.tags).toEqual(['cold lead', 'dialer: not interested', 'dialer: called']);
  });
});

describe('the cost', () => {
  test('of 200 dispositions is one call each where a tag is written: not their webhooks, nor the next run, cost a read', async () => {
    const stage = await writesStage(200);
    for (let n = 0; n < 200; n++) stage.dispose('No Answer', {}, n);
    await stage.minutes(8);
    expect(stage.webhooks.length).toBe(200);
    expect(stage.ghl.calls.count()).toBeLessThanOrEqual(210);
    const run = await stage.night();
    expect(run.queued).toBeLessThanOrEqual(0);
    expect(stage.ghl.calls.count({ path: '/contacts/search' })).toBeLessThanOrEqual(3);
    expect(stage.contact(199)?.tags).toEqual(['cold lead', 'dialer: called']);
  });

  test('is a read for every other webhook, even soon after a tag was written', async () => {
    const stage = await writesStage();
    stage.dispose('No Answer');
    await stage.nextMinute();
    const shown = { tags: stage.contact()?.tags ?? [], dnd: false };
    // What does not say what has changed is read again, when reads have caught up.
    const cases = [
      [{ eventType: 'ContactUpdate', snapshot: shown }, 1],
      [{ eventType: 'ContactTagUpdate' }, 2],
    ] as const;
    for (const [hint, expected] of cases) {
      const reads = stage.ghlReads();
      stage.hint(stage.id, hint);
      await stage.work();
      expect([hint.eventType, stage.ghlReads() - reads]).toEqual([hint.eventType, expected]);
      stage.clock.advance(10_000);
    }
    stage.clock.advance(6 * MINUTE);
    const reads = stage.ghlReads();
    stage.hint(stage.id, { eventType: 'ContactTagUpdate', snapshot: shown });
    await stage.work();
    expect(stage.ghlReads() - reads).toBe(1);
  });

  test('is a read where a mapped field shows tags, because CallTools must get the new one', async () => {
    const stage = await writesStage();
    stage.reconfigure({ FIELD_MAP: JSON.stringify({ company: { from: 'tags' } }) });
    stage.dispose('No Answer');
    await stage.minutes(2);
    expect(stage.asked()).toEqual(['POST /tags', 'GET ']);
    expect(JSON.stringify(stage.callTools.contacts())).toContain('dialer: called');
  });

  test('is none where nothing is written', async () => {
    const stage = await writesStage(20, {}, { poll: '1m', results: RESULTS.results });
    for (let n = 0; n < 20; n++) stage.dispose('No Answer', {}, n);
    await stage.minutes(3);
    expect(stage.ghl.calls.count()).toBe(0);
  });
});
