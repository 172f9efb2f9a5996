// Faulty rules and settings are named before they are deployed: by npm run rules -- --check, and by the set-up.

import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { findFaults } from '../../../scripts/rules/check.ts';
import { CONSUMER_CONFIG } from '../../../scripts/setup/config-file.ts';
import { RULES_FILE_NAME } from '../../../workers/consumer/config/settings.ts';
import { RULES_FILE } from '../../support/rules.ts';
import { ROOT, setupStage } from './setup-harness.ts';

const run = promisify(execFile);
const ROUTE = { name: 'warm', tags: ['warm'], bucket: 'Warm' };

/** A folder with this rules.jsonc, and these vars on top of those of wrangler.consumer.jsonc. */
async function folderWith(rules: string, vars: Record<string, unknown> = {}) {
  const stage = await setupStage();
  await writeFile(join(stage.folder, RULES_FILE_NAME), rules);
  const given = JSON.stringify(vars).slice(1, -1);
  const config = await stage.config(CONSUMER_CONFIG);
  await writeFile(join(stage.folder, CONSUMER_CONFIG), config.replace('"vars": {', `"vars": {${given}${given && ','}`));
  return stage;
}

const faultsWith = async (rules: string, vars?: Record<string, unknown>) =>
  findFaults((await folderWith(rules, vars)).folder);

describe('what is checked', () => {
  test('the project as it comes has no fault, though location, address and secrets are not set', async () => {
    expect(await findFaults(ROOT)).toEqual([]);
  });

  test.each<[string, Record<string, unknown>, string[]]>([
    ['{ "routes": ["a"\n}', {}, ['rules.jsonc, line 2, column 1: a ] is missing before }']],
    [RULES_FILE.replace('"words": [', '"word": ['), {}, [expect.stringMatching(/^rules\.jsonc.*word/)]],
    [
      RULES_FILE,
      { SYNC_RULES: { routes: [{ ...ROUTE, tag: 'x' }] } },
      [expect.stringMatching(/^wrangler.*SYNC_RULES/)],
    ],
    [RULES_FILE, { SYNC_RULES: '{"routes" []}' }, [expect.stringContaining('SYNC_RULES, line 1, column 11: a colon')]],
    ['{', { SYNC_RULES: { routes: [ROUTE] } }, ['rules.jsonc, line 1, column 2: a } is missing at the end']],
    [RULES_FILE, { FIELD_MAP: { phone: 7 } }, [expect.stringContaining('FIELD_MAP')]],
    [RULES_FILE, { LOCATIONS: '{' }, [expect.stringContaining('LOCATIONS')]],
  ])('%j, %j', async (rules, vars, faults) => {
    expect(await faultsWith(rules, vars)).toEqual(faults);
  });

  test('each mistake on a line of its own', async () => {
    const routes = [
      { ...ROUTE, tag: 'x' },
      { ...ROUTE, name: 'b', bucket: 'null' },
    ];
    expect(await faultsWith(JSON.stringify({ routes }))).toEqual([
      expect.stringMatching(/^rules\.jsonc: route "warm": "tag" is not known/),
      expect.stringMatching(/^rules\.jsonc: route "b", bucket: must be null, without quotes/),
    ]);
  });

  test('each location by its id, and a faulty file once for all of them', async () => {
    const LOCATIONS = {
      one: { secrets: 'ONE' },
      two: { secrets: 'TWO', SYNC_RULES: { routes: [] } },
      three: { secrets: 'THREE', SYNC_RULE: {} },
    };
    expect(await faultsWith('{', { LOCATIONS: JSON.stringify(LOCATIONS) })).toEqual([
      'rules.jsonc, line 1, column 2: a } is missing at the end',
      expect.stringMatching(/^wrangler\.consumer\.jsonc \(location two\): SYNC_RULES/),
      expect.stringMatching(/^wrangler\.consumer\.jsonc \(location three\): .*Did you mean SYNC_RULES\?/),
    ]);
  });

  test('a configuration that is no JSON, by line', async () => {
    const { folder } = await folderWith(RULES_FILE);
    await writeFile(join(folder, CONSUMER_CONFIG), '{\n  "vars" {}\n}');
    expect(await findFaults(folder)).toEqual([
      'wrangler.consumer.jsonc, line 2, column 10: a colon is missing before {',
    ]);
  });
});

describe('npm run rules -- --check', () => {
  const check = (folder: string) =>
    run(process.execPath, [join(ROOT, 'scripts/rules.ts'), '--check'], { cwd: folder }).then(
      ({ stdout, stderr }) => ({ code: 0, said: stderr + stdout }),
      ({ code, stderr }) => ({ code, said: stderr }),
    );

  test('ends with 0 where all is well, with 1 and the fault where not, and with 2 where there is no file', async () => {
    const { folder } = await folderWith(RULES_FILE);
    expect(await check(folder)).toEqual({
      code: 0,
      said: 'The rules and settings of this folder: nothing is wrong.\n',
    });
    await writeFile(join(folder, RULES_FILE_NAME), '{');
    expect(await check(folder)).toEqual({
      code: 1,
      said: expect.stringMatching(/^rules\.jsonc, line 1, column 2: .*\n$/),
    });
    await rm(join(folder, RULES_FILE_NAME));
    expect(await check(folder)).toEqual({ code: 2, said: expect.stringContaining('There is no rules.jsonc here') });
  });

  test('names a route that can never match, which is no fault; so does the set-up', async () => {
    const { folder } = await folderWith(RULES_FILE.replace('"tags": ["cold lead"]', '"tags": ["past customer"]'));
    const said = expect.stringMatching(
      /^Warning: route "cold-lead" can never match: route "customer", which .*\.\n.*see the warnings\.\n$/,
    );
    expect(await check(folder)).toEqual({ code: 0, said });
    const other = await folderWith(RULES_FILE, { SYNC_RULES: { routes: [{ ...ROUTE, tags: ['dnd'] }] } });
    expect((await check(other.folder)).said).toMatch(/^Warning: route "warm" can never match: the built-in/);
    const { code, out } = await other.setup();
    expect(out).toContain('Warning: route "warm" can never match');
    expect(code).toBe(0);
  });
});

describe('npm run rules -- --check --file', () => {
  const check = async (rules: string) => {
    const { folder } = await folderWith(RULES_FILE);
    await writeFile(join(folder, 'draft.jsonc'), rules);
    return run(process.execPath, [join(ROOT, 'scripts/rules.ts'), '--check', '--file', 'draft.jsonc'], {
      cwd: folder,
    }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
    );
  };

  test('looks at that file, and says that nothing is wrong, or what', async () => {
    expect(await check(RULES_FILE)).toEqual({ code: 0, stdout: 'draft.jsonc: nothing is wrong.\n', stderr: '' });
    const routes = [{ ...ROUTE, tag: 'x' }];
    expect(await check(JSON.stringify({ routes }))).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^draft\.jsonc: route "warm": "tag" is not known/),
    });
    const odd = await check(JSON.stringify({ routes: [{ ...ROUTE, state: ['Texs'] }] }));
    expect(odd).toEqual({
      code: 0,
      stdout: 'draft.jsonc: nothing is wrong, but see the warnings.\n',
      stderr: expect.stringMatching(/^Warning: route "warm" asks for the state "Texs"/),
    });
  });
});

describe('the set-up', () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    [RULES_FILE.replace('"tags": [', '"tag": ['), {}, /rules\.jsonc.*tag/],
    [RULES_FILE, { SYNC_RULES: { routes: [{ ...ROUTE, tag: 'x' }] } }, /SYNC_RULES.*tag/],
  ])('makes and deploys nothing with faulty rules, and goes on once they are corrected', async (rules, vars, words) => {
    const stage = await folderWith(rules, vars);
    const { code, out } = await stage.setup();
    expect(code).toBe(1);
    expect(out).toMatch(words);
    expect(out).not.toContain('Done.');
    const made = stage.account.calls
      .map(({ args }) => args)
      .filter((args) => /create|update|apply|deploy|bulk/.test(args));
    expect(made).toEqual([]);

    await writeFile(join(stage.folder, RULES_FILE_NAME), RULES_FILE);
    const config = await stage.config(CONSUMER_CONFIG);
    await writeFile(join(stage.folder, CONSUMER_CONFIG), config.replace(/"SYNC_RULES":.*?\]\},/, ''));
    expect((await stage.setup()).code).toBe(0);
  });
});
