// npm run setup, in a copy of the configuration, against a make-believe Cloudflare account: as a process with a stand-in first in the
// PATH where wrangler would be, and, for the many ways to fail, in process.

import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { CONSUMER_CONFIG, INGEST_CONFIG, valueIn, withValue } from '../../scripts/setup/config-file.ts';
import type { Options } from '../../scripts/setup/options.ts';
import type { Prompt } from '../../scripts/setup/prompt.ts';
import { run } from '../../scripts/setup/run.ts';
import { type Account, anAccount, type Failure, perform } from './setup-wrangler.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const DATABASE = '11111111-2222-3333-4444-555555555555';
const KEYS = { GHL_API_KEY: 'pit-of-the-test', CALLTOOLS_API_KEY: 'calltools-of-the-test' };
const VALUES = { GHL_LOCATION_ID: 'myLocation', CALLTOOLS_BASE_URL: 'https://east-1.calltools.io' };

let folder: string;
let account: Account;
beforeEach(async () => {
  const made = await mkdtemp(join(tmpdir(), 'setup-test-'));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  folder = made;
  account = anAccount();
  for (const file of [CONSUMER_CONFIG, INGEST_CONFIG]) await copyFile(join(ROOT, file), join(folder, file));
});

const config = (file: string) => readFile(join(folder, file), 'utf8');

interface Given {
  env?: Record<string, string>;
  options?: Partial<Options>;
  prompt?: Prompt;
}

/** Runs it in process: the exit code, and all that was written. */
async function setup({ env = { ...VALUES, ...KEYS }, options = {}, prompt }: Given = {}) {
  let out = '';
  let chosen = {};
  const code = await run({
    options: { dryRun: false, yes: true, renew: [], ...options },
    ...{ folder, prompt: prompt ?? null },
    env,
    write: (line) => {
      out += `${line}\n`;
    },
    wrangler: {
      run: async (args, { input = '', env: more = {} } = {}) =>
        perform(account, args, input, { ...env, ...chosen, ...more }),
      useAccount(id) {
        chosen = { CLOUDFLARE_ACCOUNT_ID: id };
      },
      runVisibly: async (args) => perform(account, args, '', env).ok,
    },
  });
  for (const key of Object.values(KEYS)) expect(out).not.toContain(key);
  return { code, out };
}

/** Runs the script as npm would, with nobody at the keyboard. */
async function script(args: string[], env: Record<string, string> = {}) {
  const standIn = join(import.meta.dirname, 'setup-wrangler.ts');
  const file = join(folder, 'account.json');
  await writeFile(join(folder, 'wrangler'), `#!/bin/sh\nexec "${process.execPath}" "${standIn}" "${file}" "$@"\n`);
  await chmod(join(folder, 'wrangler'), 0o755);
  await writeFile(file, JSON.stringify(account));
  const path = [folder, dirname(process.execPath), process.env.PATH].join(delimiter);
  const ended = await new Promise<{ code: number; out: string; err: string }>((done) => {
    const options = { cwd: folder, env: { PATH: path, HOME: process.env.HOME, ...env } };
    const child = execFile(process.execPath, [join(ROOT, 'scripts/setup.ts'), ...args], options, (error, out, err) =>
      done({ code: error ? Number(error.code) : 0, out, err }),
    );
    child.stdin?.end();
  });
  for (const key of Object.values(KEYS)) expect(ended.out + ended.err).not.toContain(key);
  account = JSON.parse(await readFile(file, 'utf8'));
  return ended;
}

describe('the script', () => {
  test('brings all onto an empty account, and tells the person what to paste where', async () => {
    const { code, out, err } = await script(['--yes'], { ...VALUES, ...KEYS, CLOUDFLARE_ENV: 'staging' });
    expect([code, err]).toEqual([0, '']);
    const { queues, databases, migrated, workers, calls } = account;
    expect(queues).toEqual({
      'contact-events': {},
      'contact-backstop': {},
      'contact-dead-letters': { retention: '1209600' },
    });
    expect([databases.length, migrated]).toEqual([1, true]);
    expect(workers['contact-consumer']).toEqual(KEYS);
    expect(out).toContain('https://contact-ingest.acme.workers.dev/webhook/ghl\n');
    expect(out).toContain('https://contact-ingest.acme.workers.dev/webhook/ghl-workflow\n');
    expect(out).toContain('{"contact_id": "{{contact.id}}", "location_id": "{{location.id}}"}\n');
    const generated = workers['contact-ingest'] ?? {};
    expect(Object.keys(generated)).toEqual(['ADMIN_TOKEN', 'GHL_WEBHOOK_SECRET', 'GHL_WORKFLOW_TOKEN']);
    for (const [name, value] of Object.entries(generated)) {
      expect(value).toMatch(/^[0-9a-f]{64}$/);
      expect(out).toContain(`${name}=${value}`);
    }
    // No secret is an argument of a command, or in its environment.
    for (const { args, environment } of calls) {
      for (const value of Object.values({ ...KEYS, ...generated })) expect(args).not.toContain(value);
      expect(environment.filter((name) => name in KEYS || name === 'CLOUDFLARE_ENV')).toEqual([]);
    }
  });

  test('says what is wrong with its command line; help is not an error', async () => {
    expect(await script(['--force'])).toMatchObject({ code: 2, err: expect.stringContaining('unknown option') });
    expect(await script(['--new', 'PASSWORD'])).toMatchObject({ code: 2, err: expect.stringContaining('choices') });
    expect(await script(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('--dry-run') });
  });

  test('a dry run prints the plan, and calls and writes nothing', async () => {
    const before = [await config(CONSUMER_CONFIG), await config(INGEST_CONFIG)];
    const { code, out } = await script(['--dry-run']);
    expect(code).toBe(0);
    expect(out).toMatch(/1\. Cloudflare account[\s\S]*queues create contact-events[\s\S]*8\. Secrets/);
    expect(account.calls).toEqual([]);
    expect([await config(CONSUMER_CONFIG), await config(INGEST_CONFIG)]).toEqual(before);
  });
});

test('the configuration holds the values, and is otherwise as it was', async () => {
  await setup();
  for (const file of [CONSUMER_CONFIG, INGEST_CONFIG]) {
    const before = (await readFile(join(ROOT, file), 'utf8')).split('\n');
    const after = (await config(file)).split('\n');
    const changed = after.filter((line, index) => line !== before[index]).map((line) => line.trim());
    const common = ['"GHL_LOCATION_ID": "myLocation",', `"database_id": "${DATABASE}",`];
    expect(changed).toEqual(
      file === INGEST_CONFIG ? common : [common[0], '"CALLTOOLS_BASE_URL": "https://east-1.calltools.io",', common[1]],
    );
  }
});

test('a second run makes nothing and sets nothing anew', async () => {
  await setup();
  const before = structuredClone(account);
  account.calls = [];
  const { code, out } = await setup({ env: {} });
  expect(code).toBe(0);
  expect(account.calls.map(({ args }) => args).filter((args) => /create|bulk|update|apply|deploy/.test(args))).toEqual([
    expect.stringContaining('queues update contact-dead-letters'),
    expect.stringContaining('d1 migrations apply'),
    'deploy -c wrangler.consumer.jsonc',
    'deploy -c wrangler.ingest.jsonc',
  ]);
  expect({ ...account, calls: [] }).toEqual({ ...before, calls: [] });
  expect(out).not.toContain('Secrets made up in this run');
});

test('a person is asked for what the environment does not say, again where the answer is of no use', async () => {
  const answers = [
    '',
    'myLocation',
    'nonsense',
    'west-2.calltools.io',
    '',
    'pit with spaces',
    'pit-typed',
    'key-typed',
  ];
  const asked: string[] = [];
  const answer = async (question: string) => {
    asked.push(question);
    return answers.shift() ?? '';
  };
  const prompt = { ask: answer, askSecret: answer, confirm: async () => true };
  const { code, out } = await setup({ env: {}, prompt });
  expect([code, answers, asked.length]).toEqual([0, [], 8]);
  expect(account.workers['contact-consumer']).toEqual({ GHL_API_KEY: 'pit-typed', CALLTOOLS_API_KEY: 'key-typed' });
  expect(valueIn(await config(CONSUMER_CONFIG), 'CALLTOOLS_BASE_URL', '')).toBe('https://west-2.calltools.io');
  expect(out).not.toMatch(/pit-typed|key-typed/);
});

test('where LOCATIONS names the locations, no single one is asked for, nor its keys', async () => {
  const path = join(folder, CONSUMER_CONFIG);
  const several = (await config(CONSUMER_CONFIG)).replace(
    '"vars": {',
    '"vars": {\n    "LOCATIONS": { "loc1": { "secrets": "A" } },',
  );
  await writeFile(path, several);
  const { code, out } = await setup({ env: {} });
  expect(code).toBe(0);
  expect(out).toContain('GHL_API_KEY_… -c wrangler.consumer.jsonc');
  expect(account.workers['contact-consumer']).toEqual({});
  expect(valueIn(await config(CONSUMER_CONFIG), 'GHL_LOCATION_ID', '')).toBe('');
});

test('whoever says no at the start has changed nothing', async () => {
  const no = { ask: async () => '', askSecret: async () => '', confirm: async () => false };
  expect((await setup({ prompt: no })).code).toBe(0);
  expect(account.calls).toEqual([]);
});

describe('after a failure half-way the next run goes on', () => {
  test.each<[string, Failure, RegExp]>([
    ['a queue', { call: 'queues create contact-backstop', when: 'before', saying: 'HTTP 500' }, /step 3, Queues/],
    ['no paid plan', { call: 'queues create', when: 'before', saying: 'code: 100129' }, /Workers paid plan/],
    ['the database', { call: 'd1 create', when: 'before', saying: 'limit reached' }, /step 4, Database/],
    ['the tables', { call: 'd1 migrations', when: 'before', saying: 'D1_ERROR' }, /step 5, Tables/],
    [
      'the consumer',
      { call: 'deploy -c wrangler.consumer', when: 'before', saying: 'code: 10063' },
      /step 6, Consumer/,
    ],
    ['ingest', { call: 'deploy -c wrangler.ingest', when: 'after', saying: 'socket hang up' }, /step 7, Ingest/],
    [
      'the secrets',
      { call: 'secret bulk -c wrangler.consumer', when: 'before', saying: 'HTTP 503' },
      /step 8, Secrets/,
    ],
  ])('%s', async (_what, fail, words) => {
    account.fail = fail;
    const failed = await setup();
    expect(failed.code).toBe(1);
    expect(failed.out).toMatch(words);
    expect(failed.out).toContain(fail.saying);
    expect((await setup()).code).toBe(0);
    const { queues, databases, workers } = account;
    expect([Object.keys(queues).length, databases.length]).toEqual([3, 1]);
    expect(Object.keys({ ...workers['contact-consumer'], ...workers['contact-ingest'] })).toHaveLength(5);
  });

  test('and takes what is there though the answer was lost', async () => {
    account.fail = { call: 'd1 create', when: 'after', saying: 'socket hang up' };
    expect(await setup()).toMatchObject({ code: 0 });
    expect(account.databases).toHaveLength(1);
  });

  test('a queue that someone else made meanwhile is as good', async () => {
    account.queues['contact-dead-letters'] = {};
    account.fail = { call: 'queues info contact-dead-letters', when: 'before', saying: 'Queue "x" does not exist.' };
    expect(await setup()).toMatchObject({ code: 0 });
    expect(account.queues['contact-dead-letters']).toEqual({ retention: '1209600' });
  });

  test('made-up secrets are shown though nobody can say whether they are there', async () => {
    account.fail = { call: 'secret list -c wrangler.ingest', nth: 2, when: 'before', saying: 'HTTP 503' };
    const { code, out } = await setup();
    expect(code).toBe(1);
    const made = Object.entries(account.workers['contact-ingest'] ?? {});
    expect(made).toHaveLength(3);
    for (const [name, value] of made) expect(out).toContain(`${name}=${value}`);
  });

  test('made-up secrets that were set, but never shown, can be made anew', async () => {
    account.fail = { call: 'secret bulk -c wrangler.ingest', when: 'after', saying: 'socket hang up' };
    const failed = await setup();
    expect(failed.code).toBe(1);
    expect(failed.out).toContain('npm run setup -- --new ADMIN_TOKEN GHL_WEBHOOK_SECRET GHL_WORKFLOW_TOKEN');
    const before = { ...account.workers['contact-ingest'] };
    const { out } = await setup({ env: {}, options: { renew: ['ADMIN_TOKEN'] } });
    const after = account.workers['contact-ingest'] ?? {};
    expect(after.ADMIN_TOKEN).not.toBe(before.ADMIN_TOKEN);
    expect(after.GHL_WEBHOOK_SECRET).toBe(before.GHL_WEBHOOK_SECRET);
    expect(out).toContain(`ADMIN_TOKEN=${after.ADMIN_TOKEN}`);
  });
});

describe('what the person must mend first', () => {
  const several = { accounts: [...anAccount().accounts, { id: 'acc2', name: 'Other' }] };

  test.each<[string, Partial<Account>, Record<string, string>, RegExp]>([
    ['not logged in', { accounts: [] }, {}, /not logged in to Cloudflare\. Run `npx wrangler login`/],
    ['several accounts', several, { ...VALUES, ...KEYS }, /2\. Other \(acc2\)[\s\S]*Set CLOUDFLARE_ACCOUNT_ID/],
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
    account = anAccount(changed);
    expect(await setup({ env })).toEqual({ code: 1, out: expect.stringMatching(words) });
  });

  test.each(['by a person', 'in the environment'])(
    'the account chosen %s is the one that all is done on',
    async (how) => {
      account = anAccount(several);
      const prompt = { ask: async () => '2', askSecret: async () => '', confirm: async () => true };
      const env = { ...VALUES, ...KEYS };
      const chosen =
        how === 'by a person'
          ? await setup({ env, prompt })
          : await setup({ env: { ...env, CLOUDFLARE_ACCOUNT_ID: 'acc2' } });
      expect(chosen.code).toBe(0);
      const [, ...after] = account.calls;
      expect(new Set(after.map((call) => call.account))).toEqual(new Set(['acc2']));
    },
  );

  test('a database of another account is not written over', async () => {
    const path = join(folder, INGEST_CONFIG);
    await writeFile(path, withValue(await config(INGEST_CONFIG), 'database_id', 'theirs', INGEST_CONFIG));
    expect(await setup()).toMatchObject({ code: 1, out: expect.stringMatching(/names the database theirs, but/) });
    expect(valueIn(await config(INGEST_CONFIG), 'database_id', INGEST_CONFIG)).toBe('theirs');
  });
});

test('a pasted page of CallTools is taken as its address', async () => {
  await setup({ env: { ...VALUES, ...KEYS, CALLTOOLS_BASE_URL: 'https://west-2.calltools.io/app/#/contacts' } });
  expect(valueIn(await config(CONSUMER_CONFIG), 'CALLTOOLS_BASE_URL', CONSUMER_CONFIG)).toBe(
    'https://west-2.calltools.io',
  );
});
