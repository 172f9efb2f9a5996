// Installs what the peers need into a scratch folder, on demand: none of it is a dependency of this project.

import { execFile } from 'node:child_process';
import { access, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const PACKAGES = ['fastify@5.12.8', 'bullmq@6.7.0', 'ioredis@6.0.0', 'node-red@4.1.15'];
const SCRIPTS = ['fastify-bullmq.mjs', 'synchronous.mjs'];
/** Not in git; stays for the next run. */
const FOLDER = resolve(import.meta.dirname, '../../../.local/peers');

/** The folder, with packages and the peers' scripts in it. Throws where the registry cannot be reached. */
export async function installPeers(): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  await Promise.all(SCRIPTS.map((name) => copyFile(join(import.meta.dirname, name), join(FOLDER, name))));
  const done = join(FOLDER, `installed-${PACKAGES.join('_').replaceAll('@', '-')}`);
  if (await exists(done)) return FOLDER;
  await writeFile(join(FOLDER, 'package.json'), '{"private":true}');
  await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...PACKAGES], {
    cwd: FOLDER,
  });
  await writeFile(done, '');
  return FOLDER;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
