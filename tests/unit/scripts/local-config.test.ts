// A worker's configuration file that is not JSON stops a local run with one line that says where.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../../scripts/local/bundle.ts';
import { WrongSetting } from '../../../scripts/local/wrong-setting.ts';

test('the file, the line and what stands there are named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'config-'));
  const file = join(folder, 'worker.jsonc');
  await writeFile(file, '{\n  "name": "worker",\n  "vars": { "FIELD_MAP": { "a": "name" "b": "source" } }\n}\n');
  const fault = await readConfig(file).catch((thrown: unknown) => thrown);
  await rm(folder, { recursive: true });
  expect(fault).toBeInstanceOf(WrongSetting);
  expect((fault as Error).message).toBe(
    'worker.jsonc, line 3: is not valid JSON (a missing quote or comma?): "vars": { "FIELD_MAP": { "a": "name" "b": "source" } }',
  );
});
