// CallTools tells of a call: its record is read at once, until the row is there. However much is told, it costs few polls.

import { describe, expect, test } from 'vitest';
import type { CallsHint } from '../../../shared/messages.ts';
import { CALL_MODELS } from '../../../workers/consumer/vendors/calls/calltools-hooks.ts';
import { contactIn } from '../../../workers/ingest/call-hook.ts';
import { ENV, LOCATION } from '../../support/vendor-harness.ts';
import { callsStage, MINUTE, OUT } from './calls-harness.ts';

const RECORD = /historicalcalldispositions/;
/** So rare that what is seen before was told. */
const RARELY = { poll: '1h', results: [{ dispositions: ['Not Interested'], hold: true }] };
type Stage = Awaited<ReturnType<typeof callsStage>>;

/** The first poll is a minute ago. */
async function stageOf(rules: object | null = RARELY, count = 1): Promise<Stage> {
  const stage = await callsStage(rules, count);
  stage.clock.advance(MINUTE);
  return stage;
}
const polls = (stage: Stage) => stage.callTools.calls.count({ path: RECORD });
const hint = (stage: Stage, callToolsId: number | null = stage.callToolsId(), changes: Partial<CallsHint> = {}) => ({
  id: `h${Math.round(stage.clock.at)}`,
  attempts: 0,
  visibleAt: stage.clock.at,
  body: {
    v: 1 as const,
    kind: 'calls.hint' as const,
    locationId: LOCATION,
    callToolsId,
    eventId: 'e',
    receivedAt: stage.clock.at,
    ...changes,
  },
});
const tell = (stage: Stage, ...told: ReturnType<typeof hint>[]) => stage.queues.events.push(...told);
const dueAt = (stage: Stage) => stage.sqlite.rows('SELECT due_at FROM call_polls')[0]?.due_at;

test('who said no is out at once, by one poll, and the next poll is due when it was', async () => {
  const stage = await stageOf();
  const [before, due] = [polls(stage), dueAt(stage)];
  stage.dispose('Not Interested');
  const toldAt = stage.clock.at;
  tell(stage, hint(stage));
  await stage.work();
  expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  expect(stage.clock.at - toldAt).toBeLessThan(5000);
  expect([polls(stage) - before, dueAt(stage)]).toEqual([1, due]);
});

test('a row that appears later is looked for, with growing delays', async () => {
  const stage = await stageOf();
  const before = polls(stage);
  tell(stage, hint(stage));
  for (let n = 0; n < 3; n++) {
    await stage.step();
    const [waiting] = stage.queues.events;
    stage.clock.advance((waiting?.visibleAt ?? 0) - stage.clock.at);
  }
  expect(polls(stage) - before).toBe(3);
  stage.dispose('Not Interested');
  await stage.work();
  expect([stage.dialed(), polls(stage) - before, stage.queues.events]).toEqual([[], 4, []]);
});

test('a row that never appears is given up after minutes', async () => {
  const stage = await stageOf();
  const [before, toldAt] = [polls(stage), stage.clock.at];
  tell(stage, hint(stage), hint(stage, null));
  await stage.work();
  expect(polls(stage) - before).toBeLessThan(8);
  expect(stage.clock.at - toldAt).toBeLessThan(4 * MINUTE);
});

describe('many hints', () => {
  test('in a batch cause one poll', async () => {
    const stage = await stageOf(RARELY, 3);
    const before = polls(stage);
    for (let n = 0; n < 3; n++) stage.dispose('No Answer', {}, n);
    tell(stage, ...[0, 1, 2, 0, 1].map((n) => hint(stage, stage.callToolsId(n))));
    await stage.work();
    expect(polls(stage) - before).toBe(1);
  });

  test('about one contact wait together', async () => {
    const stage = await stageOf();
    tell(stage, hint(stage), hint(stage), hint(stage));
    await stage.step();
    expect(stage.queues.events).toHaveLength(1);
  });

  test('within seconds are made up for by one more poll', async () => {
    const stage = await stageOf();
    const before = polls(stage);
    stage.dispose('No Answer');
    tell(stage, hint(stage));
    await stage.work();
    stage.clock.advance(1000);
    stage.dispose('Not Interested');
    tell(stage, hint(stage));
    await stage.step();
    expect(polls(stage) - before).toBe(1);
    await stage.work();
    expect([polls(stage) - before, stage.dialed()]).toEqual([2, []]);
  });
});

describe('nothing is asked', () => {
  test('without CALL_RESULTS, not even of D1', async () => {
    const stage = await stageOf(null);
    stage.statements.length = 0;
    tell(stage, hint(stage));
    await stage.work();
    expect([stage.statements, polls(stage), stage.queues.events]).toEqual([[], 0, []]);
  });

  test('where the row was seen since', async () => {
    const stage = await stageOf();
    stage.dispose('No Answer');
    const late = hint(stage);
    tell(stage, hint(stage));
    await stage.work();
    const before = polls(stage);
    stage.clock.advance(MINUTE);
    tell(stage, late);
    await stage.work();
    expect(polls(stage)).toBe(before);
  });

  test('while polls fail: the cron tries each minute anyway', async () => {
    const stage = await stageOf({ ...RARELY, poll: '1m' });
    stage.callTools.faults.plan({ match: { path: RECORD }, do: { kind: 'html500' } });
    await stage.nextMinute();
    const before = polls(stage);
    stage.clock.advance(10_000);
    for (let n = 0; n < 3; n++) tell(stage, hint(stage));
    await stage.work();
    expect([polls(stage), stage.queues.events]).toEqual([before, []]);
  });

  test('of a location that the settings do not name, or whose settings are faulty', async () => {
    const stage = await stageOf();
    const before = polls(stage);
    tell(stage, hint(stage, 1, { locationId: 'another' }));
    await stage.work();
    stage.reconfigure({ SYNC_RULES: '{' });
    tell(stage, hint(stage));
    await stage.work();
    expect([polls(stage), stage.queues.events]).toEqual([before, []]);
    expect(stage.sqlite.rows('SELECT id FROM dead_letters')).toEqual([]);
  });
});

test('a poll that is under way is not disturbed, and what it misses is found', async () => {
  const stage = await stageOf();
  stage.sqlite.rows('UPDATE call_polls SET lease_token = ?1, lease_until = ?2', 'other', stage.clock.at + 20_000);
  stage.dispose('Not Interested');
  const before = polls(stage);
  tell(stage, hint(stage));
  await stage.step();
  expect(polls(stage)).toBe(before);
  await stage.work();
  expect([stage.dialed(), polls(stage) - before]).toEqual([[], 1]);
});

describe('what CallTools sends', () => {
  /** The contacts that ingest reads from what the account has sent since. */
  async function sentBy(stage: Stage): Promise<(number | null)[]> {
    await stage.callTools.settled();
    return stage.callTools.hookDeliveries.map(({ body }) => contactIn(body));
  }
  const ask = (stage: Stage, path: string, body: object) =>
    stage.callTools.handle(
      new Request(`https://calltools.test/api${path}`, {
        method: 'POST',
        headers: { authorization: `Token ${ENV.CALLTOOLS_API_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    );
  const url = 'https://ingest.test/webhook/calltools?token=x';

  test.each(CALL_MODELS)('of a new %s names the contact', async (resthook_model) => {
    const stage = await stageOf();
    await ask(stage, '/resthooksubscriptions/', { resthook_model, url, description: '' });
    stage.dispose('Not Interested');
    expect(await sentBy(stage)).toEqual([stage.callToolsId()]);
  });

  test('in part may not, and is a notice all the same', async () => {
    const stage = await stageOf();
    stage.callTools.settings.hookFields = ['id'];
    await ask(stage, '/resthooksubscriptions/', { resthook_model: 'Call', url, description: '' });
    stage.dispose('Not Interested');
    expect(await sentBy(stage)).toEqual([null]);
    tell(stage, hint(stage, null));
    await stage.work();
    expect(stage.dialed()).toEqual([]);
  });

  test('through an automation names it as Python prints it', async () => {
    const stage = await stageOf();
    const request = { name: 'r', url, trigger_model: 'Call Disposition', request_type: 'Post' };
    const body = { contact_id: '{{%locals[historicalcalldisposition][contact_id]}}' };
    const sent = { ...request, content_type: 'Application Json', body };
    const { id: http_request } = (await (await ask(stage, '/httprequests/', sent)).json()) as { id: number };
    const made = { name: 'a', trigger_model: 'Call Disposition', condition_set: {} };
    const { id: automation } = (await (await ask(stage, '/automations/', made)).json()) as { id: number };
    await ask(stage, '/webhookactions/', { automation, http_request });
    stage.dispose('Not Interested');
    expect(await sentBy(stage)).toEqual([stage.callToolsId()]);
  });
});
