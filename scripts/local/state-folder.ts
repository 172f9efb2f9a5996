// Where a local run keeps what must outlive it, and the guarantee that no two runs write there at once.

import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { LocalLocation } from './locations.ts';
import type { Values } from './settings.ts';
import { WrongSetting } from './wrong-setting.ts';

/** The folder of a local run, locked for it. */
export interface World {
  /** For Miniflare: D1's files. */
  databaseFolder: string;
  /** The sandbox's memory; each of LOCATIONS has its own. */
  sandboxFile(ofLocation?: string): string;
  /** Lets other runs in. */
  release(): Promise<void>;
}

/**
 * A folder of its own for each pair of vendors and location, and for each set of `others` (those in LOCATIONS): what D1 remembers of one CallTools account (ids, what was written) is
 * false of another. Throws a WrongSetting while another run uses it.
 */
export async function openWorld(
  stateFolder: string,
  given: Values,
  locationId: string,
  others: LocalLocation[],
): Promise<World> {
  const name = [given.GHL_API_BASE_URL ?? 'sandbox', given.CALLTOOLS_BASE_URL ?? 'sandbox', locationId];
  if (others.length > 0) name.push(`and-${others.length}-others-${nameOf(others)}`);
  const folder = join(resolve(stateFolder), name.map(slug).join('_'));
  await mkdir(folder, { recursive: true });
  const release = await lock(folder);
  const sandboxFile = (id?: string) => join(folder, id === undefined ? 'sandbox.json' : `sandbox-${id}.json`);
  return { databaseFolder: join(folder, 'd1'), sandboxFile, release };
}

/** The same for the same locations with the same vendors. */
function nameOf(others: LocalLocation[]): string {
  const vendors = others.map(({ id, own }) => [id, own.GHL_API_BASE_URL ?? null, own.CALLTOOLS_BASE_URL ?? null]);
  return createHash('sha256').update(JSON.stringify(vendors)).digest('hex').slice(0, 12);
}

function slug(text: string): string {
  return text
    .replace(/^https?:\/\//, '')
    .replace(/[^\w.-]+/g, '-')
    .replace(/-$/, '');
}

/** A socket that is listened on: the system lets go of it when its process dies, however it dies. */
async function lock(folder: string): Promise<() => Promise<void>> {
  const id = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  const path =
    process.platform === 'win32' ? `\\\\.\\pipe\\ghl-calltools-${id}` : join(tmpdir(), `ghl-calltools-${id}.lock`);
  if (await answers(path)) {
    throw new WrongSetting(`another local run uses ${folder}: stop that one, or set LOCAL_STATE_DIR to another folder`);
  }
  await rm(path, { force: true });
  const server = createServer((socket) => socket.destroy());
  await listening(server, path);
  return () => new Promise((done) => server.close(() => done()));
}

function answers(path: string): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(path);
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
    socket.once('connect', () => socket.destroy());
  });
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', fail).listen(path, done);
    server.unref();
  });
}
