// npm run rules -- --test, --contact and --preview: rules are tried before they touch the dialer.

import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { splitLines } from '../../../scripts/operator/lines.ts';
import { readGiven } from '../../../scripts/rules/given.ts';
import type { RulesPreview, RulesPreviewLine } from '../../../shared/api/rules.ts';
import { LOCATION, operatorDeps } from '../../support/operator-harness.ts';
import { FILE_RULES, RULES_FILE } from '../../support/rules.ts';
import { runScript } from '../operator/script-harness.ts';
import { ROOT } from './setup-harness.ts';

const run = promisify(execFile);
const SCRIPT = join(ROOT, 'scripts/rules.ts');
const RULES = '{ "routes": [{ "name": "warm", "tags": ["warm"], "bucket": "Warm" }] } // tried';
let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rules-'));
  file = join(folder, 'new.jsonc');
  await writeFile(file, RULES);
  await writeFile(join(folder, 'rules.jsonc'), RULES_FILE);
});

const alone = (...args: string[]) =>
  run(process.execPath, [SCRIPT, ...args], { cwd: folder, env: { PATH: process.env.PATH } }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    ({ code, stdout, stderr }) => ({ code, out: stdout, err: stderr }),
  );

describe('--test', () => {
  test('says which route matches and why, without a pipeline', async () => {
    expect(await alone('--test', 'Warm , x', '--file', file)).toEqual({
      code: 0,
      err: '',
      out: [
        `Rules: ${file}.`,
        'The route warm places it in the bucket Warm. Besides, it must have a usable phone number and not be on do-not-disturb.',
        '',
        '1. opt-out tags (keeps out): does not match',
        '     a tag that says "do not call": no',
        '2. warm (bucket Warm): matches',
        '     a tag "warm": yes',
        '',
      ].join('\n'),
    });
  });

  test('takes the rules of the folder, and --json is the explanation itself', async () => {
    const { out } = await alone('--test', 'cold lead', '--json');
    expect(JSON.parse(out)).toMatchObject({ outcome: 'placed', route: 'cold-lead', bucket: 'Cold Leads' });
  });

  test('ends with 1 and every mistake where they are faulty, and with 2 where they are not there', async () => {
    const faulty = join(folder, 'faulty.jsonc');
    await writeFile(
      faulty,
      '{ "routes": [{ "name": "a", "tag": ["x"], "bucket": "A" }, { "name": "b", "tags": ["x"] }] }',
    );
    expect(await alone('--test', 'x', '--file', faulty)).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /faulty\.jsonc: route "a": "tag" is not known.*\n.*faulty\.jsonc: route "b", bucket: is missing/,
      ),
    });
    expect(await alone('--test', 'x', '--file', join(folder, 'no.jsonc'))).toMatchObject({ code: 2 });
    expect(await alone('--test', 'x', '--check')).toMatchObject({ code: 2, err: expect.stringContaining('one of') });
  });
});

describe('the rules that are tried without --file', () => {
  const given = async (vars: object, location?: string) => {
    const here = await mkdtemp(join(tmpdir(), 'rules-'));
    await writeFile(join(here, 'rules.jsonc'), RULES_FILE);
    await writeFile(join(here, 'wrangler.consumer.jsonc'), `${JSON.stringify({ vars })} // mine`);
    return readGiven(undefined, location, here);
  };
  const own = {
    LOCATIONS: { acme: { secrets: 'A', SYNC_RULES: 'of acme' }, bolt: { SYNC_RULES: '' }, cold: {} },
    SYNC_RULES: 'of all',
  };

  test('are those that would be deployed: of the location, of all, or of the file', async () => {
    expect((await given({})).rules).toBe(RULES_FILE);
    expect((await given({ SYNC_RULES: { routes: [] } })).rules).toEqual({ routes: [] });
    expect((await given(own, 'acme')).rules).toBe('of acme');
    expect((await given({ ...own, LOCATIONS: JSON.stringify(own.LOCATIONS) }, 'acme')).rules).toBe('of acme');
    expect((await given(own, 'bolt')).rules).toBe(RULES_FILE);
    expect((await given(own, 'cold')).rules).toBe('of all');
    await expect(given(own)).rejects.toThrow('--location');
  });
});

test('a line of the answer may arrive in pieces, and one without an end is left out', async () => {
  async function* pieces() {
    yield* ['{"n":', '1}\n{"n":2', '}\n', '{"n'];
  }
  const lines: string[] = [];
  for await (const line of splitLines(pieces())) lines.push(line);
  expect(lines).toEqual(['{"n":1}', '{"n":2}']);
});

const db = openSqlite().bind(async (act) => act());

describe('--contact', () => {
  const judged = {
    outcome: 'kept_out' as const,
    reason: 'dnd',
    route: 'warm',
    bucket: null,
    explanation: 'It asked not\u001b[31m to be called.',
    routes: [],
    require: [],
    notes: ['A note.'],
  };
  const tried: unknown[] = [];
  const { deps } = operatorDeps(db, {
    testContact: async (...given) => {
      tried.push(given.slice(0, 2));
      return given[0] === 'nobody' ? { kind: 'gone' } : { kind: 'tested', test: judged };
    },
  });

  test('asks the pipeline with the rules of the file, or with those that are deployed', async () => {
    const { code, out } = await runScript(SCRIPT, deps, ['--contact', 'one', '--file', file]);
    expect([code, out]).toEqual([0, `Rules: ${file}.\nIt asked not [31m to be called.\n\n\nA note.\n`]);
    await runScript(SCRIPT, deps, ['--contact', 'one', '--deployed']);
    expect(tried).toMatchObject([
      ['one', { routes: [{}, { name: 'warm' }] }],
      ['one', FILE_RULES],
    ]);
    expect(await runScript(SCRIPT, deps, ['--contact', 'nobody', '--deployed'])).toMatchObject({ code: 1 });
  });
});

describe('--preview', () => {
  const place = { route: 'warm', bucket: 'Warm', reason: null, condition: null };
  const out = { route: null, bucket: null, reason: 'not_permitted', condition: 'type' };
  const result: RulesPreview = {
    location_id: LOCATION,
    contacts: 5,
    total: 6,
    complete: false,
    comes_in: [{ from: out, to: place, contacts: 2, examples: ['a', 'b'] }],
    goes_out: [],
    moves: [{ from: { ...place, bucket: null, route: null }, to: place, contacts: 1, examples: ['c'] }],
    stays: { in: 1, out: 0 },
    unclear: [{ what: 'call_dnd', explanation: 'Hidden.', contacts: 1, examples: ['d'] }],
    in_doubt: [],
    notes: ['A note.'],
  };
  const asked = async (lines: RulesPreviewLine[], ...args: string[]) => {
    const { deps } = operatorDeps(db, {
      async *previewRules() {
        yield* lines;
      },
    });
    return runScript(SCRIPT, deps, ['--preview', file, ...args]);
  };
  const progress: RulesPreviewLine = { event: 'progress', contacts: 5, total: 6 };

  test('shows groups with route, reason and ids, and its progress on stderr', async () => {
    const waiting: RulesPreviewLine = { event: 'waiting', seconds: 7, why: 'slow down' };
    const said = await asked([progress, waiting, { event: 'result', result }]);
    expect(said.code).toBe(0);
    expect(said.err).toContain('Waiting 7 s: slow down');
    expect(said.err).toContain('5/6');
    expect(said.out).toBe(
      [
        `Rules: ${file}. 5 of 6 contacts of location ${LOCATION} (not all: see below).`,
        '',
        'COME IN: 2',
        'CONTACTS  FROM                       TO           SUCH AS',
        '2         out (not_permitted: type)  Warm (warm)  a b',
        '',
        'GO OUT: nobody',
        '',
        'MOVE: 1',
        'CONTACTS  FROM                             TO           SUCH AS',
        '1         in the dialer (route not known)  Warm (warm)  c',
        '',
        'Stay in the dialer: 1. Stay out: 0.',
        '',
        'THE LIST CANNOT TELL: 1',
        'CONTACTS  WHAT      WHY      SUCH AS',
        '1         call_dnd  Hidden.  d',
        '',
        'A note.',
        '',
      ].join('\n'),
    );
  });

  test('--json is the result itself', async () => {
    expect(JSON.parse((await asked([progress, { event: 'result', result }], '--json')).out)).toEqual(result);
  });

  test('ends with 1 where it failed or was cut short, and where the rules are faulty', async () => {
    expect(await asked([progress, { event: 'failed', detail: 'GoHighLevel is down' }])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('GoHighLevel is down'),
    });
    expect(await asked([progress])).toMatchObject({
      code: 1,
      err: expect.stringContaining('before there was a result'),
    });
    const { deps } = operatorDeps(db);
    expect(await runScript(SCRIPT, deps, ['--preview', join(ROOT, 'package.json')])).toMatchObject({ code: 1 });
  });
});
