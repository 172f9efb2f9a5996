// npm run soak, short: the local pipeline killed in each way while contacts change, agents call and vendors fail, and CallTools right in the end.

import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { KILLS } from '../soak/local.ts';

const SOAK = resolve(import.meta.dirname, '../soak/soak.ts');

/** Bounded by the soak's own limits; usually a minute. */
test('the local pipeline survives every kill', { timeout: 1_900_000 }, async () => {
  const args = [SOAK, '--minutes', '0.4', '--seed', '7'];
  const { stdout } = await promisify(execFile)(process.execPath, args).catch((failed) => failed);
  for (const how of KILLS) expect(stdout).toContain(`killed (${how})`);
  expect(stdout).toContain('trouble at');
  const last = stdout.trimEnd().split('\n').at(-1);
  expect(last).toContain('CallTools holds exactly what the rules say');
  expect(last).toMatch(/ [1-9]\d* agents' calls .*dialed again: none/);
});
