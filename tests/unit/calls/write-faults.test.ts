// Writes to GoHighLevel meet trouble: each ends on its own, nothing is lost, and reads do not suffer for them.

import { describe, expect, test } from 'vitest';
import type { Fault } from '../../../sandbox/faults.ts';
import { phoneOf } from '../../support/consumer-harness.ts';
import { MINUTE, OUT } from './calls-harness.ts';
import { MAY_WRITE, READ_ONLY, writesStage } from './writes-harness.ts';

type Stage = Awaited<ReturnType<typeof writesStage>>;

const refuse = (stage: Stage, path: RegExp, status: number, body?: unknown, times?: number) =>
  stage.ghl.faults.plan({
    match: { path },
    do: { kind: 'status', status, body },
    ...(times !== undefined && { times }),
  });
const openCircuits = (stage: Stage) => stage.sqlite.rows('SELECT vendor FROM circuits WHERE open_reason IS NOT NULL');
const writeFailure = (stage: Stage) => stage.sqlite.rows('SELECT write_failure AS failure FROM call_polls')[0]?.failure;

describe('a token without the scope contacts.write', () => {
  test('stops writes and nothing else, and all are done once it has it', async () => {
    const stage = await writesStage(40, { scopes: READ_ONLY });
    for (let n = 0; n < 40; n++) stage.dispose('No Answer', {}, n);
    await stage.minutes(5);
    expect([openCircuits(stage), stage.letters()]).toEqual([[], []]);
    const why = /401 .*the token needs the scope contacts\.write/;
    expect(writeFailure(stage)).toMatch(why);
    expect(await stage.ask('GET', '/sync/stats')).toMatchObject({
      calls: { write_failure: expect.stringMatching(why) },
    });
    // A first look by two batches, and then a few each minute.
    expect(stage.ghl.calls.count({ status: 401 })).toBeLessThanOrEqual(10 + 5 * 3);
    await stage.ghl.editContact(stage.id, { tags: ['customer'] }, { silent: true });
    await stage.webhook();
    expect(stage.dialed()).not.toContain(phoneOf(0));

    stage.ghl.settings.scopes = MAY_WRITE;
    await stage.minutes(3);
    expect(writeFailure(stage)).toBeNull();
    expect(stage.ghl.contacts().filter(({ tags }) => tags.includes('dialer: called')).length).toBe(40);
  });
});

describe('one write that is refused', () => {
  test('is a dead letter of its own, and a replay does it', async () => {
    const stage = await writesStage(3);
    refuse(stage, /\/workflow\//, 404, { statusCode: 404, message: 'Workflow not found' });
    stage.dispose('Appointment Set', {}, 0);
    stage.dispose('No Answer', {}, 1);
    await stage.minutes(3);
    expect(stage.letters()).toMatchObject([
      { reason: 'write_refused', status: 'waiting', error: expect.stringContaining('workflow: POST ') },
    ]);
    expect([stage.ghl.written.notes.length, stage.contact(1)?.tags.length, openCircuits(stage)]).toEqual([1, 2, []]);
    // What is done for the contact itself does not close it.
    await stage.webhook();
    expect(stage.letters()).toMatchObject([{ status: 'waiting' }]);

    stage.ghl.faults.clear();
    await stage.ask('POST', '/dead-letters/replay', { ids: stage.letters().map(({ id }) => id) });
    await stage.work();
    expect(stage.ghl.written.workflowStarts.length).toBe(1);
    expect(stage.letters()).toMatchObject([{ status: 'resolved' }]);
    expect(stage.steps()).toEqual([
      { step: 'note', state: 'done' },
      { step: 'workflow', state: 'done' },
      { step: 'tags', state: 'done' },
    ]);
  });

  test('by a complaint about its data names what was to be written', async () => {
    const stage = await writesStage();
    refuse(stage, /\/notes$/, 422, { statusCode: 422, message: ['body must be shorter'], error: 'Unprocessable' });
    stage.dispose('Appointment Set');
    await stage.minutes(2);
    expect(stage.letters()).toMatchObject([{ reason: 'write_refused', error: expect.stringMatching(/^note: POST/) }]);
  });

  test('of several contacts opens no circuit, because the list is not refused', async () => {
    const stage = await writesStage(5);
    refuse(stage, /\/tags$/, 403, { statusCode: 403, message: 'Forbidden resource' });
    for (let n = 0; n < 5; n++) stage.dispose('No Answer', {}, n);
    await stage.minutes(3);
    expect(stage.letters().map(({ reason }) => reason)).toEqual(Array(5).fill('write_refused'));
    expect(openCircuits(stage)).toEqual([]);
  });
});

describe('trouble that passes', () => {
  test.each<[string, Fault]>([
    ['429', { kind: 'throttle', seconds: 30 }],
    ['503', { kind: 'status', status: 503 }],
    ['html500', { kind: 'html500' }],
    ['reset', { kind: 'reset' }],
  ])('%s: tags are added in the end', async (_name, fault) => {
    const stage = await writesStage(2);
    stage.ghl.faults.plan({ match: { path: /\/tags$/ }, times: 3, do: fault });
    for (const n of [0, 1]) stage.dispose('No Answer', {}, n);
    await stage.minutes(5);
    expect(stage.ghl.contacts().map(({ tags }) => tags.length)).toEqual([2, 2]);
    expect([stage.letters(), openCircuits(stage)]).toEqual([[], []]);
  });

  test.each<[string, unknown]>([
    ['a message', { message: 'Service temporarily unavailable' }],
    ['a status', { statusCode: 500, message: 'Internal server error' }],
    ['an error', { error: 'busy' }],
  ])('200 with %s for a minute: tag and do-not-disturb are there in the end', async (_, body) => {
    const stage = await writesStage();
    for (const method of ['POST', 'PUT'])
      stage.ghl.faults.plan({
        match: { method, path: /^\/contacts\/[^/]{15,}/ },
        do: { kind: 'status', status: 200, body },
      });
    stage.dispose('Do Not Call');
    stage.clock.advance(MINUTE);
    await stage.minute();
    await stage.step();
    stage.ghl.faults.clear();
    await stage.minutes(3);
    expect(stage.contact()).toMatchObject({
      tags: expect.arrayContaining(['dialer: do not call']),
      dndSettings: { Call: { status: 'active' } },
    });
    expect([stage.letters(), openCircuits(stage)]).toEqual([[], []]);
  });

  test('an outage of hours uses up no attempts', async () => {
    const stage = await writesStage(10);
    const outage = { at: stage.clock.at + 3 * 60 * MINUTE };
    stage.hooks.contact = stage.hooks.search = async () =>
      stage.clock.at < outage.at ? new Response('down', { status: 503 }) : undefined;
    for (let n = 0; n < 10; n++) stage.dispose('No Answer', {}, n);
    await stage.minutes(5);
    while (stage.clock.at < outage.at) await stage.minutes(20);
    await stage.minutes(3);
    expect(stage.ghl.contacts().map(({ tags }) => tags.length)).toEqual(Array(10).fill(2));
    expect(stage.letters()).toEqual([]);
  });

  test('of writes only opens no circuit: contacts are read as before', async () => {
    const stage = await writesStage(6);
    stage.ghl.faults.plan({ match: { path: /\/tags$/ }, times: 12, do: { kind: 'status', status: 503 } });
    for (let n = 0; n < 6; n++) stage.dispose('No Answer', {}, n);
    stage.clock.advance(MINUTE);
    await stage.minute();
    await stage.step();
    await stage.step();
    expect([stage.ghl.calls.count({ status: 503 }) > 3, openCircuits(stage)]).toEqual([true, []]);
    await stage.work();
    expect(stage.ghl.contacts().map(({ tags }) => tags.length)).toEqual(Array(6).fill(2));
  });

  test('a write that always fails while others succeed is a dead letter', async () => {
    const stage = await writesStage(2);
    stage.ghl.faults.plan({ record: stage.id, match: { path: /\/tags$/ }, do: { kind: 'status', status: 500 } });
    for (const n of [0, 1]) stage.dispose('No Answer', {}, n);
    await stage.minutes(3);
    expect(stage.letters()).toMatchObject([{ reason: 'write_failed', status: 'waiting' }]);
    expect(stage.contact(1)?.tags).toContain('dialer: called');
    expect(openCircuits(stage)).toEqual([]);
  });
});

describe('what must happen once', () => {
  test('and got no answer waits for a person, who may see that it was done', async () => {
    const stage = await writesStage();
    stage.ghl.faults.plan({ match: { path: /\/(notes|workflow.*)$/ }, times: 2, do: { kind: 'after-reset' } });
    stage.dispose('Appointment Set');
    await stage.minutes(4);
    expect(stage.letters().map(({ reason }) => reason)).toEqual(['write_unconfirmed', 'write_unconfirmed']);
    expect([stage.ghl.written.workflowStarts.length, stage.ghl.written.notes.length]).toEqual([1, 1]);
  });

  test.each<[string, Fault]>([
    ['a page', { kind: 'status', status: 200, html: true }],
    ['an answer that is no JSON', { kind: 'not-json' }],
    ['an error in disguise', { kind: 'status', status: 200, body: { message: 'Service temporarily unavailable' } }],
    ['an error that may have come after it', { kind: 'html500' }],
    ['a gateway that got no usable answer', { kind: 'status', status: 502 }],
    ['a gateway that waited in vain', { kind: 'status', status: 504 }],
    ['Cloudflare, which waited in vain', { kind: 'status', status: 524, html: true }],
  ])('and was answered by %s is not tried again: it may have been done', async (_, fault) => {
    const stage = await writesStage();
    stage.ghl.faults.plan({ match: { path: /\/(notes|workflow.*)$/ }, do: fault });
    stage.dispose('Appointment Set');
    await stage.minutes(8);
    expect(stage.letters().map(({ reason }) => reason)).toEqual(['write_unconfirmed', 'write_unconfirmed']);
    expect(stage.asked()).toEqual(['POST /notes', 'POST /workflow/wf1']);
  });

  test('is not done again where D1 fails for a moment after it', async () => {
    const stage = await writesStage();
    stage.dispose('Appointment Set');
    let failures = 0;
    stage.hooks.database = async (sql) => {
      if (/UPDATE call_writes SET state = m/.test(sql) && failures++ < 3) throw new Error('D1 is gone');
    };
    await stage.minutes(3);
    expect(failures).toBeGreaterThan(3);
    expect([stage.ghl.written.workflowStarts.length, stage.ghl.written.notes.length]).toEqual([1, 1]);
  });

  test('is done again where the worker is killed, at any statement', async () => {
    for (let at = 0; at < 12; at++) {
      const stage = await writesStage();
      stage.dispose('Appointment Set');
      stage.clock.advance(MINUTE);
      let seen = 0;
      stage.hooks.database = async (sql) => {
        if (sql.includes('call_writes') && seen++ === at) throw new Error('D1 is gone');
      };
      await stage.minute().catch(() => {});
      await stage.work();
      stage.hooks.database = async () => {};
      await stage.minutes(4);
      expect([at, stage.steps().map(({ state }) => state)]).toEqual([at, ['done', 'done']]);
      const { workflowStarts, notes } = stage.ghl.written;
      expect([1, 2]).toContain(workflowStarts.length);
      expect([1, 2]).toContain(notes.length);
    }
  });
});

test('without CALL_RESULTS what is left is not written, and is once the setting is back', async () => {
  const stage = await writesStage();
  stage.dispose('No Answer');
  stage.clock.advance(MINUTE);
  await stage.minute();
  stage.reconfigure({ CALL_RESULTS: '' });
  await stage.work();
  await stage.minutes(2);
  expect([stage.asked(), stage.steps()]).toEqual([[], [{ step: 'tags', state: 'waiting' }]]);
  stage.reconfigure({ CALL_RESULTS: '{"poll": "1m", "otherwise": {"tags": ["dialer: other"]}}' });
  await stage.minutes(2);
  expect(stage.contact()?.tags).toEqual(['cold lead', 'dialer: other']);
});

test('a write that the setting no longer wants is dropped', async () => {
  const stage = await writesStage();
  stage.dispose('No Answer');
  stage.clock.advance(MINUTE);
  await stage.minute();
  stage.reconfigure({ CALL_RESULTS: '{"poll": "1m"}' });
  await stage.work();
  expect([stage.asked(), stage.steps()]).toEqual([[], [{ step: 'tags', state: 'dropped' }]]);
});

test('a person who is forgotten leaves no writes', async () => {
  const stage = await writesStage(1, { scopes: READ_ONLY });
  stage.dispose('Not Interested');
  await stage.minutes(3);
  expect([stage.reasons(), stage.steps().length]).toEqual([[OUT], 1]);
  await stage.ghl.deleteContact(stage.id, { silent: true });
  await stage.webhook();
  await stage.ask('POST', `/contacts/${stage.id}/forget`);
  expect(stage.steps()).toEqual([]);
});
