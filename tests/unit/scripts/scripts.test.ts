// All scripts behave alike: --help, --version, wrong use, --json, exit codes, no escape codes in a pipe, Ctrl-C, narrow terminals.

import { type ChildProcess, execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { aLetter, keep } from '../../support/operator-harness.ts';
import { replayStage, serve } from './replay-harness.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const { scripts, version } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  version: string;
};
/** Those that are ours, with the arguments of node: the others run somebody else's program. */
const OURS = Object.entries(scripts).flatMap(([name, command]) => {
  const args = /^exec node ((?:--\S+ )?(?:scripts|tests)\/\S+\.ts)$/.exec(command)?.[1];
  return args === undefined ? [] : [[name, args.split(' ')] as const];
});

/** What a script cannot do without. */
const NEEDED: Record<string, string[]> = { fields: ['--contact', 'aContact'] };

/** With an address at which nobody is, so that a script that goes on regardless says so. */
function start(
  name: string,
  args: string[],
  env: Record<string, string> = {},
  onStart?: (child: ChildProcess) => void,
) {
  const nodeArgs = OURS.find(([ours]) => ours === name)?.[1] ?? [];
  const options = {
    cwd: ROOT,
    timeout: 60_000,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PIPELINE_URL: 'http://127.0.0.1:1',
      ADMIN_TOKEN: 'x',
      // A pipe is no terminal, whatever else is asked for.
      FORCE_COLOR: '1',
      ...env,
    },
  };
  return new Promise<{ code: number; out: string; err: string }>((done) => {
    const child = execFile(process.execPath, [...nodeArgs, ...args], options, (error, out, err) => {
      expect(`${out}${err}`).not.toContain('\u001b');
      done({ code: error ? Number(error.code ?? -1) : 0, out, err });
    });
    child.stdin?.end();
    onStart?.(child);
  });
}

test('all scripts are looked at', () => {
  expect(OURS.map(([name]) => name)).toEqual(
    expect.arrayContaining(['start', 'demo', 'setup', 'doctor', 'replay', 'forget']),
  );
  expect(Object.keys(scripts).filter((name) => !OURS.some(([ours]) => ours === name))).toEqual([
    'deploy',
    'test',
    'check',
    'format',
  ]);
});

describe.each(OURS)('npm run %s', (name) => {
  test('--help says what it does, its options and exit codes, and does nothing', async () => {
    const { code, out, err } = await start(name, ['--help']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(new RegExp(`^Usage: npm (run )?${name} -- .*\\n\\n[A-Z]`));
    expect(out).toMatch(/\n {2}--json +for machines: \S+[\s\S]*\n {2}-V, --version +\S+.*\n {2}-h, --help +\S/);
    expect(out).toMatch(
      /\nExit codes:\n {2}0 +\S[\s\S]*\n {2}1 +\S[\s\S]*\n {2}2 +wrong use.*\n {2}130 +interrupted.*\n$/,
    );
    expect(out.split('\n').filter((line) => line.length > 80 && !line.startsWith('  '))).toEqual([]);
  });

  test('--version is that of the project', async () => {
    expect(await start(name, ['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  test('refuses an option that it does not have, and says where the options stand', async () => {
    const { code, out, err } = await start(name, [...(NEEDED[name] ?? []), '--nonsense']);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^error: unknown option '--nonsense'\n"npm (run )?\w+ -- --help" lists the options\.\n$/);
  });
});

test('an argument too many is wrong use too', async () => {
  const { code, out, err } = await start('start', ['one']);
  expect([code, out, err]).toEqual([2, '', expect.stringMatching(/^error: too many arguments/)]);
});

test.each<[string, string[], unknown]>([
  ['rules', ['--test', 'cold lead'], expect.objectContaining({ outcome: 'placed', route: 'cold-lead' })],
  ['rules', ['--check'], { ok: true, faults: [], warnings: [] }],
  ['setup', ['--dry-run'], expect.objectContaining({ ok: true, dry_run: true })],
  ['simulate', ['--plant', 'list'], expect.arrayContaining(['no lease'])],
])('npm run %s %j --json prints one JSON document', async (name, args, document) => {
  const { code, out } = await start(name, [...args, '--json']);
  expect([code, JSON.parse(out)]).toEqual([0, document]);
});

test('a pipeline that cannot be reached is a failure, and --json leaves stdout empty', async () => {
  const { code, out, err } = await start('doctor', ['--json']);
  expect([code, out, err]).toEqual([1, '', expect.stringContaining('cannot be reached')]);
});

describe('Ctrl-C ends with 130', () => {
  test('a command that waits for an answer', async () => {
    let asked = () => {};
    const url = await serve(() => asked());
    const { code, out } = await start('doctor', [], { PIPELINE_URL: url }, (child) => {
      asked = () => child.kill('SIGINT');
    });
    expect([code, out]).toEqual([130, '']);
  });

  test('a simulation in the middle', async () => {
    const { code } = await start('simulate', [], {}, (child) => {
      child.stderr?.on('data', (data) => String(data).includes('Histories') && child.kill('SIGINT'));
    });
    expect(code).toBe(130);
  });
});

describe('replay --list', () => {
  const { stage, replay } = replayStage();
  const letter = aLetter({
    id: 'd-0198f2c4-7a51-7c3e-9d1b-5a4f3c2b1a00',
    contactId: 'nmFmkA7pQZbX2vWc9sTe',
    error: 'POST /contacts/: CallTools answered 400, mobile_phone_number: Enter a valid phone number.',
  });

  test('at 60 columns keeps contact and error whole, and no line is longer', async () => {
    await keep(stage.db, letter);
    const { code, out } = await replay(['--list'], { COLUMNS: '60' });
    expect(code).toBe(0);
    const [block = ''] = out.split('\n\n');
    expect(block.split('\n').filter((line) => line.length > 60)).toEqual([]);
    expect(block).toMatch(/^CONTACT +nmFmkA7pQZbX2vWc9sTe$/m);
    expect(block.replace(/\s+/g, ' ')).toContain(letter.error);
  });

  test('--json is the letters, and nothing else on stdout', async () => {
    await keep(stage.db, letter);
    const { out } = await replay(['--list', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      total: 1,
      missing: [],
      dead_letters: [{ id: letter.id, error: letter.error }],
    });
  });

  test('a replay with --json tells how it went on stderr, and what became of it on stdout', async () => {
    await keep(stage.db, letter);
    const { code, out, err } = await replay(['--yes', '--json']);
    expect([code, JSON.parse(out)]).toEqual([
      0,
      expect.objectContaining({ action: 'replay', done: 1, failed: [], open: [] }),
    ]);
    expect(err).toContain('Replayed 1 of 1 letter.');
  });
});
