// The set-up where all goes well: everything is there in the end, is asked for where it is not known, and is made once.

import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONSUMER_CONFIG, INGEST_CONFIG, readValue, saveValue, withValue } from '../../../scripts/setup/config-file.ts';
import { canAsk } from '../../../scripts/setup/prompt.ts';
import { KEYS, NOWHERE, person, ROOT, setupStage, VALUES } from './setup-harness.ts';

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const DATABASE = '11111111-2222-3333-4444-555555555555';

describe('the script', () => {
  test('brings all onto an empty account, and tells the person what to paste where', async () => {
    const stage = await setupStage();
    await saveValue(stage.folder, CONSUMER_CONFIG, 'GHL_API_BASE_URL', NOWHERE);
    const { code, out, err } = await stage.script(['--yes', '--no-check-up', '--calltools', NOWHERE], {
      ...{ ...VALUES, ...KEYS, CLOUDFLARE_ENV: 'staging' },
    });
    expect([code, err]).toEqual([0, '']);
    const { queues, databases, migrated, workers, calls } = stage.account;
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
    const stage = await setupStage();
    expect(await stage.script(['--force'])).toMatchObject({ code: 2, err: expect.stringContaining('unknown option') });
    expect(await stage.script(['--new', 'PASSWORD'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('choices'),
    });
    expect(await stage.script(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('--dry-run') });
  });

  test.each([
    ['its input is closed', {}, ''],
    ['answers are piped into it', {}, 'y\ny\ny\n'],
    ['it runs in an automation', { CI: 'true' }, ''],
    ['the environment has all that it needs', { ...VALUES, ...KEYS }, ''],
  ])('without a terminal and without --yes it refuses and does nothing: %s', async (_how, env, input) => {
    const stage = await setupStage();
    const before = [await stage.config(CONSUMER_CONFIG), await stage.config(INGEST_CONFIG)];
    for (const args of [[], ['--new', 'GHL_API_KEY']]) {
      const { code, out, err } = await stage.script(args, env, input);
      expect([code, out]).toEqual([2, '']);
      expect(err).toMatch(/^Nothing was done: .* no terminal .*--yes .*--dry-run .*\n$/);
    }
    expect(stage.account.calls).toEqual([]);
    expect([await stage.config(CONSUMER_CONFIG), await stage.config(INGEST_CONFIG)]).toEqual(before);
  });

  test('a terminal is where a person can answer: not that of an automation', () => {
    const given = [undefined, '', 'false', '0', 'true', '1', 'yes'].map((CI) => canAsk({ isTTY: true }, { CI }));
    expect(given).toEqual([true, true, true, true, false, false, false]);
    expect(canAsk({}, {})).toBe(false);
  });

  test('a dry run prints the plan, and calls and writes nothing', async () => {
    const stage = await setupStage();
    const before = [await stage.config(CONSUMER_CONFIG), await stage.config(INGEST_CONFIG)];
    const { code, out } = await stage.script(['--dry-run']);
    expect(code).toBe(0);
    expect(out).toMatch(
      /1\. Cloudflare account[\s\S]*queues create contact-events[\s\S]*11\. Secrets[\s\S]*12\. Check-up/,
    );
    expect(stage.account.calls).toEqual([]);
    expect([await stage.config(CONSUMER_CONFIG), await stage.config(INGEST_CONFIG)]).toEqual(before);
  });
});

test('the configuration holds the values, and is otherwise as it was', async () => {
  const stage = await setupStage();
  await stage.setup();
  for (const file of [CONSUMER_CONFIG, INGEST_CONFIG]) {
    const before = (await readFile(join(ROOT, file), 'utf8')).split('\n');
    const after = (await stage.config(file)).split('\n');
    const changed = after.filter((line, index) => line !== before[index]).map((line) => line.trim());
    const common = ['"GHL_LOCATION_ID": "myLocation",', `"database_id": "${DATABASE}",`];
    expect(changed).toEqual(
      file === INGEST_CONFIG
        ? common
        : [
            ...[common[0], '"CALLTOOLS_BASE_URL": "https://east-1.calltools.io",'],
            ...['"DASHBOARD_URL": "https://contact-ingest.acme.workers.dev",', common[1]],
          ],
    );
  }
});

test('a second run makes nothing and sets nothing anew', async () => {
  const stage = await setupStage();
  await stage.setup();
  const before = structuredClone(stage.account);
  stage.account.calls = [];
  const { code, out } = await stage.setup({ env: {} });
  expect(code).toBe(0);
  expect(
    stage.account.calls.map(({ args }) => args).filter((args) => /create|bulk|update|apply|deploy/.test(args)),
  ).toEqual([
    expect.stringContaining('queues update contact-dead-letters'),
    expect.stringContaining('d1 migrations apply'),
    `deploy -c wrangler.consumer.jsonc --tag ${version}`,
    `deploy -c wrangler.ingest.jsonc --tag ${version}`,
  ]);
  expect({ ...stage.account, calls: [] }).toEqual({ ...before, calls: [] });
  expect(out).not.toContain('Secrets generated in this run');
});

test('a secret that ingest cannot be deployed without goes with its first deployment, and leaves no file behind', async () => {
  const stage = await setupStage();
  const { out } = await stage.setup({ env: { ...VALUES, ...KEYS }, options: { renew: ['ADMIN_TOKEN'] } });
  const [file = '', ...others] = stage.account.calls.flatMap(
    ({ args }) => / --secrets-file (\S+)$/.exec(args)?.[1] ?? [],
  );
  expect(others).toEqual([]);
  expect(existsSync(file)).toBe(false);
  // Made once, though it was asked for anew.
  const token = stage.account.workers['contact-ingest']?.ADMIN_TOKEN;
  expect(out.match(/ADMIN_TOKEN is set.*/g)).toEqual(['ADMIN_TOKEN is set: made up, and shown at the end.']);
  expect(out).toContain(`    ADMIN_TOKEN=${token}\n`);
});

test('a person is asked for what neither options nor environment say, again where the answer is of no use', async () => {
  const stage = await setupStage();
  const answers = ['', 'myLocation', 'nonsense', 'west-2.calltools.io', 'Utopia', 'gb'];
  const secrets = ['', 'pit with spaces', 'pit-typed', 'key-typed', ''];
  const prompt = person({
    ask: async () => answers.shift() ?? '',
    askSecret: async () => secrets.shift() ?? '',
    // Of the vendors nobody can be reached: the keys are taken all the same.
    confirm: async () => true,
    choose: async (_question, choices) => choices.at(-1)?.value ?? '',
  });
  const { code, out } = await stage.setup({ env: {}, prompt });
  expect([code, answers, secrets]).toEqual([0, [], []]);
  expect(stage.account.workers['contact-consumer']).toEqual({
    GHL_API_KEY: 'pit-typed',
    CALLTOOLS_API_KEY: 'key-typed',
  });
  expect(await readValue(stage.folder, CONSUMER_CONFIG, 'CALLTOOLS_BASE_URL')).toBe('https://west-2.calltools.io');
  expect(await readValue(stage.folder, CONSUMER_CONFIG, 'DEFAULT_COUNTRY')).toBe('GB');
  expect(out).not.toMatch(/pit-typed|key-typed/);
});

test('where LOCATIONS names the locations, no single one is asked for, nor its keys', async () => {
  const stage = await setupStage();
  const path = join(stage.folder, CONSUMER_CONFIG);
  const several = withValue(await stage.config(CONSUMER_CONFIG), 'LOCATIONS', { loc1: { secrets: 'A' } });
  await writeFile(path, several);
  const { code, out } = await stage.setup({ env: {} });
  expect(code).toBe(0);
  expect(out).toContain('GHL_API_KEY_… -c wrangler.consumer.jsonc');
  expect(stage.account.workers['contact-consumer']).toEqual({});
  expect(await readValue(stage.folder, CONSUMER_CONFIG, 'GHL_LOCATION_ID')).toBe('');
});

test('a person who says no at the start has changed nothing', async () => {
  const stage = await setupStage();
  const no = person({ confirm: async () => false });
  expect((await stage.setup({ prompt: no })).code).toBe(0);
  expect(stage.account.calls).toEqual([]);
});

test('a pasted page of CallTools is taken as its address', async () => {
  const stage = await setupStage();
  await stage.setup({ env: { ...VALUES, ...KEYS, CALLTOOLS_BASE_URL: 'https://west-2.calltools.io/app/#/contacts' } });
  expect(await readValue(stage.folder, CONSUMER_CONFIG, 'CALLTOOLS_BASE_URL')).toBe('https://west-2.calltools.io');
});
