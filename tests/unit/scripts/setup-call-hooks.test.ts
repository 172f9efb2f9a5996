// npm run setup -- --call-hooks: CallTools is subscribed once, with a token that ingest knows, and only where a person agrees.

import { describe, expect, test } from 'vitest';
import { createCallTools } from '../../../sandbox/calltools.ts';
import { INGEST_CONFIG } from '../../../scripts/setup/config-file.ts';
import { NOON } from '../../support/virtual-clock.ts';
import { KEYS, person, setupStage, VALUES } from './setup-harness.ts';

const ORIGIN = 'https://contact-ingest.acme.workers.dev';
const OURS = `${ORIGIN}/webhook/calltools?location=${VALUES.GHL_LOCATION_ID}`;

/** The account, as the sandbox has it. */
function account() {
  const callTools = createCallTools({
    token: KEYS.CALLTOOLS_API_KEY,
    now: () => NOON,
    wait: async () => {},
    random: () => 0.5,
  });
  const call = async (method: string, path: string, body?: object) => {
    const headers = { authorization: `Token ${KEYS.CALLTOOLS_API_KEY}`, 'content-type': 'application/json' };
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    return (await callTools.handle(new Request(`https://east-1.calltools.io/api${path}`, init))).json();
  };
  const hooks = async (): Promise<{ resthook_model: string; url: string }[]> =>
    ((await call('GET', '/resthooksubscriptions/')) as { results: [] }).results;
  const subscribe = (url: string, resthook_model = 'Call') =>
    call('POST', '/resthooksubscriptions/', { resthook_model, url, description: '' });
  const vendors = (request: Request) =>
    request.url.startsWith('https://east-1')
      ? callTools.handle(request)
      : Promise.reject(new TypeError('fetch failed'));
  return { callTools, hooks, subscribe, vendors };
}

type Stage = Awaited<ReturnType<typeof setupStage>>;
const run = (stage: Stage, { vendors }: ReturnType<typeof account>, more: Parameters<Stage['setup']>[0] = {}) =>
  stage.setup({ vendors, ...more, options: { callHooks: true, ...more.options } });
const tokenOf = (stage: Stage) => stage.account.workers['contact-ingest']?.CALLTOOLS_WEBHOOK_TOKEN;
const answering = (agrees: boolean) =>
  person({ confirm: async (question) => !question.includes('Subscribe') || agrees });

describe('the step', () => {
  test('subscribes to dispositions, with a new token that ingest gets and that is shown once', async () => {
    const [stage, given] = [await setupStage(), account()];
    const { code, out } = await run(stage, given);
    expect(code).toBe(0);
    const token = tokenOf(stage) ?? '';
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(await given.hooks()).toMatchObject([
      { resthook_model: 'Historical Call Disposition', url: `${OURS}&token=${token}` },
    ]);
    expect(out.split(token)).toHaveLength(2);
    expect(out).toContain(`    CALLTOOLS_WEBHOOK_TOKEN=${token}\n`);
    expect(out).toContain(`CallTools tells ${ORIGIN}/webhook/calltools of each new Historical Call Disposition.`);
    expect(out).toContain('CALL_RESULTS is not set');
    for (const { args } of stage.account.calls) expect(args).not.toContain(token);
  });

  test('run again makes no second subscription, and the token stays', async () => {
    const [stage, given] = [await setupStage(), account()];
    await run(stage, given);
    const before = [tokenOf(stage), await given.hooks()];
    const { code, out } = await run(stage, given);
    expect(code).toBe(0);
    expect([tokenOf(stage), await given.hooks()]).toEqual(before);
    expect(out).toContain('it did before, and stays so');
    expect(out).not.toContain(String(before[0]));
  });

  test('finds the token again in the subscription that is there', async () => {
    const [stage, given] = [await setupStage(), account()];
    await given.subscribe(`${OURS}&token=of-before`);
    await run(stage, given);
    expect([tokenOf(stage), (await given.hooks()).length]).toEqual(['of-before', 1]);
  });

  test('takes no subscription of another program for its own', async () => {
    const [stage, given] = [await setupStage(), account()];
    await given.subscribe('https://other.test/webhook/calltools?token=x');
    await given.subscribe(`${ORIGIN}/other?token=x`);
    await run(stage, given);
    expect(await given.hooks()).toHaveLength(3);
  });

  test('takes calls where the account has no hooks of dispositions', async () => {
    const [stage, given] = [await setupStage(), account()];
    const vendors = async (request: Request) => {
      const text = request.method === 'POST' ? await request.clone().text() : '';
      if (!text.includes('Historical')) return given.vendors(request);
      return Response.json(
        { resthook_model: ['"Historical Call Disposition" is not a valid choice.'] },
        { status: 400 },
      );
    };
    const { code } = await run(stage, { ...given, vendors });
    expect([code, await given.hooks()]).toMatchObject([0, [{ resthook_model: 'Call' }]]);
  });

  test('is not there without the option', async () => {
    const [stage, given] = [await setupStage(), account()];
    const { out } = await stage.setup({ vendors: given.vendors });
    expect([await given.hooks(), tokenOf(stage), out.includes('Notices of calls')]).toEqual([[], undefined, false]);
  });
});

describe('nothing is changed', () => {
  test('where the person says no', async () => {
    const [stage, given] = [await setupStage(), account()];
    const { code } = await run(stage, given, { prompt: answering(false), options: { yes: false } });
    expect([code, await given.hooks(), tokenOf(stage)]).toEqual([0, [], undefined]);
    await run(stage, given, { prompt: answering(true), options: { yes: false } });
    expect(await given.hooks()).toHaveLength(1);
  });

  test.each<[string, string, Record<string, string>, RegExp]>([
    ['a subscription without a token', OURS, {}, /with no token\. Delete it/],
    [
      'another token',
      `${OURS}&token=a`,
      { CALLTOOLS_WEBHOOK_TOKEN: 'b' },
      /another token than CALLTOOLS_WEBHOOK_TOKEN/,
    ],
  ])('where there is %s', async (_what, url, env, words) => {
    const [stage, given] = [await setupStage(), account()];
    await given.subscribe(url);
    const { code, out } = await run(stage, given, { env: { ...VALUES, ...KEYS, ...env } });
    expect([code, out, tokenOf(stage)]).toEqual([1, expect.stringMatching(words), undefined]);
  });

  test('where CallTools does not show its subscriptions', async () => {
    const [stage, given] = [await setupStage(), account()];
    given.callTools.faults.plan({
      match: { path: /resthook/ },
      do: { kind: 'status', status: 403, body: { detail: 'You do not have permission to perform this action.' } },
    });
    const { code, out } = await run(stage, given);
    expect([code, out]).toEqual([1, expect.stringMatching(/subscriptions in CallTools cannot be read: .*403/)]);
    expect(tokenOf(stage)).toBeUndefined();
  });
});

test('where CallTools refuses the subscription, the token is set and shown, and is nowhere else', async () => {
  const [stage, given] = [await setupStage(), account()];
  given.callTools.faults.plan({
    match: { method: 'POST', path: /resthook/ },
    do: { kind: 'status', status: 403, body: { detail: 'You do not have permission to perform this action.' } },
  });
  const { code, out } = await run(stage, given);
  expect([code, out]).toEqual([1, expect.stringMatching(/does not subscribe it: .*403/)]);
  expect(out.split(tokenOf(stage) ?? '?')).toHaveLength(2);
  const wrangler = stage.account.calls.filter(({ args }) => args === `secret bulk -c ${INGEST_CONFIG}`);
  expect(wrangler).toHaveLength(2);
});
