// The doctor and CALL_RESULTS: a misspelled disposition is named before it has matched nothing for a week.

import { beforeEach, describe, expect, test } from 'vitest';
import { type DoctorStage, HOUR, healthyStage } from './doctor-harness.ts';

const MINUTE = 60_000;
const polled = (stage: DoctorStage, ageMs: number, failure: string | null = null) =>
  stage.sqlite.rows(
    `INSERT OR REPLACE INTO call_polls (location_id, polled_at, failure) SELECT location_id, ?1, ?2 FROM contacts LIMIT 1`,
    ...[stage.clock.at - ageMs, failure],
  );
const rules = (...dispositions: string[]) => JSON.stringify({ poll: '1m', results: [{ dispositions, hold: true }] });

let stage: DoctorStage;
beforeEach(async () => {
  ({ stage } = await healthyStage());
  stage.env.CALL_RESULTS = rules('not  interested');
  polled(stage, MINUTE);
});

const asked = () => stage.sent.filter(({ url }) => /disposition|hook/.test(url.pathname)).length;

test('without CALL_RESULTS nothing is asked', async () => {
  Reflect.deleteProperty(stage.env, 'CALL_RESULTS');
  for (const code of ['call-results', 'call-record', 'call-hooks', 'call-writes'] as const)
    expect(await stage.check(code)).toEqual({ code, status: 'skipped', seen: 'CALL_RESULTS is not set.' });
  expect(asked()).toBe(0);
});

describe('names of dispositions', () => {
  test('that the account has are well; the others of the account are listed, and those that hold anyway', async () => {
    expect(await stage.check('call-results')).toEqual({
      code: 'call-results',
      status: 'ok',
      seen:
        'There: not  interested. No rule names: Do Not Call, DNC This Number, Wrong Number, Appointment Set, No Answer, ' +
        'Answering Machine, Callback, Transferred. These hold without a rule, because CallTools marks them as do-not-contact: ' +
        'Do Not Call, DNC This Number.',
    });
  });

  test('that the list does not have, but the record does, are well', async () => {
    const { dispositions } = stage.callTools.settings;
    stage.callTools.agentCalls(stage.callTools.contacts()[0]?.id ?? 0, { disposition: 'Callback', force: true });
    stage.callTools.settings.dispositions = dispositions.filter(({ name }) => name !== 'Callback');
    const id = dispositions.find(({ name }) => name === 'Callback')?.id;
    stage.env.CALL_RESULTS = rules(String(id));
    expect(await stage.check('call-results')).toMatchObject({ status: 'ok' });
  });

  test('that it does not have fail, each with the nearest one', async () => {
    stage.env.CALL_RESULTS = rules('Not Intrested', 'Wrong Number', 'Zzz');
    const { status, seen } = await stage.check('call-results');
    expect(status).toBe('failed');
    expect(seen).toContain(
      'CallTools has no disposition Not Intrested. Did you mean Not Interested? CallTools has no disposition Zzz. No rule',
    );
    expect(seen).not.toContain('no disposition Wrong Number');
  });

  test('that cannot be read fail too, and what CallTools says is shown', async () => {
    stage.callTools.faults.plan({
      match: { path: /\/calldispositions/ },
      do: { kind: 'status', status: 403, body: { detail: 'You do not have permission to perform this action.' } },
      times: 99,
    });
    expect(await stage.check('call-results')).toMatchObject({
      status: 'failed',
      seen: expect.stringMatching(/^The dispositions cannot be read: .*403/),
    });
  });
});

test('dispositions of which CallTools shows none fail: their list is taken for one that cannot be read', async () => {
  stage.callTools.settings.dispositions = [];
  expect(await stage.check('call-results')).toMatchObject({
    status: 'failed',
    seen: 'The dispositions cannot be read: GET /calldispositions/: it shows no disposition',
  });
});

describe('the record of calls', () => {
  test('that was polled lately is well', async () => {
    expect(await stage.check('call-record')).toMatchObject({
      status: 'ok',
      seen: 'It can be read. It was last read to its end 1 min ago.',
    });
  });

  test.each([
    [
      1,
      12,
      'warning',
      / Of its latest 12 rows 1 name a disposition that CallTools’ list does not have: these people are held/,
    ],
    [11, 12, 'warning', / Of its latest 12 rows 11 name .*: so many that nobody is held/],
    [0, 12, 'ok', /It can be read/],
  ])('with %i rows of %i whose disposition the list lacks is %s', async (gone, all, status, seen) => {
    const id = stage.callTools.contacts()[0]?.id ?? 0;
    const { dispositions } = stage.callTools.settings;
    for (let n = 0; n < all; n++)
      stage.callTools.agentCalls(id, { disposition: n < gone ? 'Callback' : 'No Answer', force: true });
    stage.callTools.settings.dispositions = dispositions.filter(({ name }) => name !== 'Callback');
    expect(await stage.check('call-record')).toMatchObject({ status, seen: expect.stringMatching(seen) });
  });

  test('that cannot be read fails', async () => {
    stage.callTools.faults.plan({
      match: { path: /historicalcalldispositions/ },
      do: { kind: 'status', status: 403, body: { detail: 'You do not have permission to perform this action.' } },
      times: 99,
    });
    expect(await stage.check('call-record')).toMatchObject({
      status: 'failed',
      seen: expect.stringMatching(/^The record of calls cannot be read: .*403/),
    });
  });

  test('whose last poll failed fails, with its reason', async () => {
    polled(stage, MINUTE, 'GET /historicalcalldispositions/: 403');
    expect(await stage.check('call-record')).toMatchObject({
      status: 'failed',
      seen: 'It can be read now. The last poll failed: GET /historicalcalldispositions/: 403',
    });
  });

  test('that no poll has read for long, or ever, is to be looked at', async () => {
    polled(stage, HOUR);
    expect(await stage.check('call-record')).toMatchObject({
      status: 'warning',
      seen: expect.stringContaining('60 min ago'),
    });
    stage.sqlite.rows('DELETE FROM call_polls');
    expect(await stage.check('call-record')).toMatchObject({
      status: 'warning',
      seen: 'It can be read. No poll has come to its end yet.',
    });
  });
});

test('with a wrong key they follow from it', async () => {
  stage.callTools.faults.plan({ do: { kind: 'status', status: 401, body: { detail: 'Invalid token.' } }, times: 99 });
  expect(await stage.check('call-results')).toMatchObject({ status: 'skipped', followsFrom: 'calltools-token' });
});

describe('CallTools’ notices of calls', () => {
  const OURS = 'https://ingest.test/webhook/calltools?location=ve9EPM428h8vShlRW1KT&token=secret-of-the-hook';

  /** A subscription in CallTools; resolves to its id. */
  async function subscribe(url = OURS): Promise<number> {
    const body = JSON.stringify({ resthook_model: 'Call', url, description: '' });
    const headers = { authorization: `Token ${stage.env.CALLTOOLS_API_KEY}`, 'content-type': 'application/json' };
    const request = new Request('https://x.test/api/resthooksubscriptions/', { method: 'POST', headers, body });
    return ((await (await stage.callTools.handle(request)).json()) as { id: number }).id;
  }

  /** Rows of CallTools' error log. */
  const errors = (...results: object[]) => {
    const { handle } = stage.callTools;
    stage.hosts['east-1.calltools.io'] = (request) =>
      request.url.includes('/resthookerrorlogs/') ? Response.json({ count: results.length, results }) : handle(request);
  };
  const at = (ageMs: number) => new Date(stage.clock.at - ageMs).toISOString();

  test('are not missed where they are not set up', async () => {
    await subscribe('https://other.test/hook');
    await subscribe(OURS.replace('ve9', 'another'));
    expect(await stage.check('call-hooks')).toMatchObject({
      status: 'skipped',
      seen: expect.stringContaining('npm run setup -- --call-hooks'),
    });
  });

  test('are well where the subscription is there and ingest accepts it', async () => {
    stage.ingestStatus.calls = true;
    await subscribe();
    const { status, seen } = await stage.check('call-hooks');
    expect([status, seen]).toEqual(['ok', expect.stringContaining('Subscribed to: Call.')]);
    expect(JSON.stringify(await stage.diagnosis())).not.toContain('secret-of-the-hook');
  });

  test('are to be looked at where only ingest waits for them', async () => {
    stage.ingestStatus.calls = true;
    expect(await stage.check('call-hooks')).toMatchObject({
      status: 'warning',
      seen: expect.stringMatching(/no subscription/),
    });
  });

  test('fail where ingest has no token', async () => {
    await subscribe();
    expect(await stage.check('call-hooks')).toMatchObject({
      status: 'failed',
      seen: expect.stringContaining('CALLTOOLS_WEBHOOK_TOKEN'),
    });
  });

  test('are to be looked at where deliveries failed within a day', async () => {
    stage.ingestStatus.calls = true;
    const id = await subscribe();
    const row = (n: number, subscription: number | string, ageMs: number) => ({
      ...{ id: n, resthook_subscription: subscription, status_code: 401, created_on: at(ageMs) },
    });
    errors(row(id, 1, HOUR), row(2, id, 25 * HOUR));
    expect(await stage.check('call-hooks')).toMatchObject({ status: 'ok' });
    errors(row(1, id, HOUR), row(2, String(id), HOUR), { id: 3, url: OURS }, row(4, id, 25 * HOUR));
    expect(await stage.check('call-hooks')).toMatchObject({
      status: 'warning',
      seen: 'Subscribed to: Call. CallTools’ error log names 3 failed deliveries within a day.',
    });
  });

  test('that cannot be read are to be looked at only where they are set up', async () => {
    stage.callTools.faults.plan({
      match: { path: /resthook/ },
      do: { kind: 'status', status: 403, body: { detail: 'You do not have permission to perform this action.' } },
    });
    expect(await stage.check('call-hooks')).toMatchObject({ status: 'skipped' });
    stage.ingestStatus.calls = true;
    expect(await stage.check('call-hooks')).toMatchObject({ status: 'warning', seen: expect.stringMatching(/403/) });
  });
});

describe('writes to GoHighLevel', () => {
  const wanting = (rule: object, otherwise = {}) => {
    const results = [{ dispositions: ['Not Interested'], hold: true, ...rule }];
    stage.env.CALL_RESULTS = JSON.stringify({ results, ...otherwise });
  };
  const done = (step: string, state = 'done') =>
    stage.sqlite.rows(
      `INSERT INTO call_writes (location_id, row_id, step, state, at) SELECT location_id, 1, ?1, ?2, ?3 FROM contacts LIMIT 1`,
      ...[step, state, stage.clock.at - HOUR],
    );

  test('are not asked about where none is wanted', async () => {
    expect(await stage.check('call-writes')).toMatchObject({
      status: 'skipped',
      seen: 'CALL_RESULTS writes nothing to GoHighLevel.',
    });
  });

  test.each([
    [{ tags: ['x'] }, {}],
    [{}, { otherwise: { note: true } }],
  ])('cannot be checked before one was made: %j %j', async (rule, otherwise) => {
    wanting(rule, otherwise);
    done('dnd');
    done('note', 'failed');
    expect(await stage.check('call-writes')).toMatchObject({
      status: 'skipped',
      seen: expect.stringMatching(/^Cannot be checked: .*contacts\.write/),
    });
    expect(stage.ghl.calls.list().filter(({ method, path }) => method !== 'GET' && !path.includes('/search'))).toEqual(
      [],
    );
  });

  test('are well where one succeeded', async () => {
    wanting({ tags: ['x'] });
    done('tags');
    expect(await stage.check('call-writes')).toMatchObject({
      status: 'ok',
      seen: 'The last write succeeded 60 min ago.',
    });
  });

  test('fail where GoHighLevel takes none, with its last word', async () => {
    wanting({ tags: ['x'] });
    done('tags');
    stage.sqlite.rows('UPDATE call_polls SET write_failure = ?1', 'POST /contacts/x/tags: 401');
    expect(await stage.check('call-writes')).toMatchObject({
      status: 'failed',
      seen: 'GoHighLevel takes no writes: POST /contacts/x/tags: 401',
    });
  });

  test('that only "otherwise" wants are reported with the names that it covers', async () => {
    wanting({}, { otherwise: { note: true } });
    expect((await stage.check('call-results')).seen).toContain('Only "otherwise" covers: Do Not Call');
  });
});
