// Every script explains itself, and does nothing where it is not understood: --help, an unknown option, an argument too many.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../..');
const { scripts } = JSON.parse(readFileSync(resolve(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
/** Those that are ours: the others run somebody else's program. */
const OURS = Object.entries(scripts).flatMap(([name, command]) => {
  const file = /^exec node (?:--\S+ )?((?:scripts|tests)\/\S+\.ts)$/.exec(command)?.[1];
  return file === undefined ? [] : [[name, file] as const];
});

/** What a script cannot do without. */
const NEEDED: Record<string, string[]> = { place: ['--contact', 'aContact'], fields: ['--contact', 'aContact'] };

interface Ended {
  code: number;
  out: string;
  err: string;
}

/** With an address at which nobody is, so that a script that goes on regardless says so. */
function run(file: string, args: string[]): Promise<Ended> {
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    PORT: '0',
    PIPELINE_URL: 'http://127.0.0.1:1',
    ADMIN_TOKEN: 'x',
  };
  return new Promise((done) => {
    const options = { cwd: ROOT, env, timeout: 60_000 };
    const child = execFile(process.execPath, [file, ...args], options, (error, out, err) =>
      done({ code: error ? Number(error.code ?? -1) : 0, out, err }),
    );
    child.stdin?.end();
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

test.each(OURS)('npm run %s -- --help says what it does, and does nothing', async (name, file) => {
  for (const flag of ['--help', '-h']) {
    const { code, out, err } = await run(file, [flag]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(new RegExp(`^Usage: npm (run )?${name} -- .*\\n\\n[A-Z]`));
  }
});

test.each(OURS)('npm run %s refuses an option that it does not have', async (name, file) => {
  const { code, out, err } = await run(file, [...(NEEDED[name] ?? []), '--nonsense']);
  expect([code > 0, out]).toEqual([true, '']);
  expect(err).toBe("error: unknown option '--nonsense'\n");
});

test.each(OURS)('npm run %s refuses an argument too many', async (name, file) => {
  const { code, out, err } = await run(file, [...(NEEDED[name] ?? []), 'one', 'two']);
  expect([code > 0, out]).toEqual([true, '']);
  expect(err).toMatch(/^error: too many arguments/);
});
