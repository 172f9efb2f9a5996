// What can go wrong in a set-up: the next run goes on where one failed, and the person is told what only they can fix.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DATABASE_ID, INGEST_CONFIG, readValue, withValue } from '../../../scripts/setup/config-file.ts';
import { KEYS, person, setupStage, VALUES } from './setup-harness.ts';
import { type Account, anAccount, type Failure } from './setup-wrangler.ts';

describe('after a failure half-way the next run goes on', () => {
  test.each<[string, Failure, RegExp]>([
    ['a queue', { call: 'queues create contact-backstop', when: 'before', saying: 'HTTP 500' }, /step 6, Queues/],
    ['no paid plan', { call: 'queues create', when: 'before', saying: 'code: 100129' }, /Workers paid plan/],
    [
      'the free plan',
      { call: 'deploy -c wrangler.ingest', when: 'before', saying: 'CPU limits are not supported [code: 100328]' },
      /free plan of Workers.* take "limits" out of wrangler\.ingest\.jsonc\./,
    ],
    ['the database', { call: 'd1 create', when: 'before', saying: 'limit reached' }, /step 7, Database/],
    ['the tables', { call: 'd1 migrations', when: 'before', saying: 'D1_ERROR' }, /step 8, Tables/],
    [
      'the consumer',
      { call: 'deploy -c wrangler.consumer', when: 'before', saying: 'code: 10063' },
      /step 9, Consumer/,
    ],
    ['ingest', { call: 'deploy -c wrangler.ingest', when: 'after', saying: 'socket hang up' }, /step 10, Ingest/],
    [
      'the secrets',
      { call: 'secret bulk -c wrangler.consumer', when: 'before', saying: 'HTTP 503' },
      /step 11, Secrets/,
    ],
  ])('%s', async (_what, fail, words) => {
    const stage = await setupStage();
    stage.account.fail = fail;
    const failed = await stage.setup();
    expect(failed.code).toBe(1);
    expect(failed.out).toMatch(words);
    expect(failed.out).toContain(fail.saying);
    expect((await stage.setup()).code).toBe(0);
    const { queues, databases, workers } = stage.account;
    expect([Object.keys(queues).length, databases.length]).toEqual([3, 1]);
    expect(Object.keys({ ...workers['contact-consumer'], ...workers['contact-ingest'] })).toHaveLength(5);
  });

  test('and takes what is there though the answer was lost', async () => {
    const stage = await setupStage();
    stage.account.fail = { call: 'd1 create', when: 'after', saying: 'socket hang up' };
    expect(await stage.setup()).toMatchObject({ code: 0 });
    expect(stage.account.databases).toHaveLength(1);
  });

  test('a queue that someone else has just made is as good', async () => {
    const stage = await setupStage();
    stage.account.queues['contact-dead-letters'] = {};
    stage.account.fail = {
      call: 'queues info contact-dead-letters',
      when: 'before',
      saying: 'Queue "x" does not exist.',
    };
    expect(await stage.setup()).toMatchObject({ code: 0 });
    expect(stage.account.queues['contact-dead-letters']).toEqual({ retention: '1209600' });
  });

  test('made-up secrets are shown though nobody can say whether they are there', async () => {
    const stage = await setupStage();
    stage.account.fail = { call: 'secret list -c wrangler.ingest', nth: 3, when: 'before', saying: 'HTTP 503' };
    const { code, out } = await stage.setup();
    expect(code).toBe(1);
    const made = Object.entries(stage.account.workers['contact-ingest'] ?? {});
    expect(made).toHaveLength(3);
    for (const [name, value] of made) expect(out).toContain(`${name}=${value}`);
  });

  test.each([
    ['deploy -c wrangler.ingest', 'ADMIN_TOKEN'],
    ['secret bulk -c wrangler.ingest', 'GHL_WEBHOOK_SECRET GHL_WORKFLOW_TOKEN'],
  ])('made-up secrets that were set, but never shown, can be made anew: %s', async (call, names) => {
    const stage = await setupStage();
    stage.account.fail = { call, when: 'after', saying: 'socket hang up' };
    const failed = await stage.setup();
    expect(failed.code).toBe(1);
    expect(failed.out).toContain(`npm run setup -- --new ${names}\n`);
    expect((await stage.setup()).code).toBe(0);
    const before = { ...stage.account.workers['contact-ingest'] };
    const { out } = await stage.setup({ env: {}, options: { renew: ['ADMIN_TOKEN'] } });
    const after = stage.account.workers['contact-ingest'] ?? {};
    expect(after.ADMIN_TOKEN).not.toBe(before.ADMIN_TOKEN);
    expect(after.GHL_WEBHOOK_SECRET).toBe(before.GHL_WEBHOOK_SECRET);
    expect(out).toContain(`ADMIN_TOKEN=${after.ADMIN_TOKEN}`);
  });

  test('a token for viewers is made only where it is asked for, and is made anew only then', async () => {
    const stage = await setupStage();
    await stage.setup();
    const ingest = () => stage.account.workers['contact-ingest'] ?? {};
    expect(ingest().VIEWER_TOKEN).toBeUndefined();
    const { out } = await stage.setup({ env: {}, options: { renew: ['VIEWER_TOKEN'] } });
    const made = ingest().VIEWER_TOKEN;
    expect(made).toMatch(/^[0-9a-f]{64}$/);
    expect(out).toContain(`VIEWER_TOKEN=${made}`);
    await stage.setup();
    expect(ingest().VIEWER_TOKEN).toBe(made);
  });
});

describe('what the person must fix first', () => {
  const several = { accounts: [...anAccount().accounts, { id: 'acc2', name: 'Other' }] };

  test.each<[string, Partial<Account>, Record<string, string>, RegExp]>([
    ['not logged in', { accounts: [] }, {}, /not logged in to Cloudflare\. Run `npx wrangler login`/],
    ['several accounts', several, { ...VALUES, ...KEYS }, /Other \(acc2\)[\s\S]*Choose one with --account/],
    ['no location', {}, KEYS, /GHL_LOCATION_ID is not set: put it into the environment/],
    [
      'no address',
      {},
      { ...KEYS, GHL_LOCATION_ID: 'x', CALLTOOLS_BASE_URL: 'east' },
      /CALLTOOLS_BASE_URL must be a URL/,
    ],
    ['no key', {}, VALUES, /GHL_API_KEY is not set: put it into the environment/],
    [
      'a key with a line break',
      {},
      { ...VALUES, ...KEYS, GHL_API_KEY: 'a\nb' },
      /GHL_API_KEY in the environment must not/,
    ],
  ])('%s', async (_what, changed, env, words) => {
    const stage = await setupStage(changed);
    expect(await stage.setup({ env })).toEqual({ code: 1, out: expect.stringMatching(words) });
  });

  test.each(['by a person', 'in the environment'])(
    'the account chosen %s is the one that all is done on',
    async (how) => {
      const stage = await setupStage(several);
      const prompt = person({ choose: async (_question, choices) => choices.at(-1)?.value ?? '' });
      const env = { ...VALUES, ...KEYS };
      const chosen =
        how === 'by a person'
          ? await stage.setup({ env, prompt })
          : await stage.setup({ env: { ...env, CLOUDFLARE_ACCOUNT_ID: 'acc2' } });
      expect(chosen.code).toBe(0);
      const [, ...after] = stage.account.calls;
      expect(new Set(after.map((call) => call.account))).toEqual(new Set(['acc2']));
    },
  );

  test('a database of another account is not written over', async () => {
    const stage = await setupStage();
    const path = join(stage.folder, INGEST_CONFIG);
    await writeFile(path, withValue(await stage.config(INGEST_CONFIG), DATABASE_ID, 'theirs'));
    expect(await stage.setup()).toMatchObject({
      code: 1,
      out: expect.stringMatching(/names the database theirs, but/),
    });
    expect(await readValue(stage.folder, INGEST_CONFIG, DATABASE_ID)).toBe('theirs');
  });
});
