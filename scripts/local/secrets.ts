// Secrets that the environment does not give: made once and kept, so that a restart changes no token.

import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { ed25519KeyPair } from '../../sandbox/keys.ts';
import { WrongSetting } from './wrong-setting.ts';

const Text = v.pipe(v.string(), v.minLength(1));
const Secrets = v.object({
  GHL_WEBHOOK_SECRET: Text,
  GHL_WORKFLOW_TOKEN: Text,
  ADMIN_TOKEN: Text,
  /** Ed25519, with which the sandbox's GoHighLevel signs. */
  sandboxKeys: v.object({ privateKeyPem: Text, publicKeyPem: Text }),
});
/** The secrets of a local run. */
export type Secrets = v.InferOutput<typeof Secrets>;

/** The secrets of this state folder, made when it has none; without a folder, new ones. */
export async function keepSecrets(folder: string | undefined): Promise<Secrets> {
  if (folder === undefined) return newSecrets();
  const file = join(folder, 'secrets.json');
  const text = await readFile(file, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return null;
    throw new WrongSetting(`${file} cannot be read (${error.code}): set LOCAL_STATE_DIR to a folder of your own`);
  });
  if (text !== null) return readSecrets(text, file);
  const secrets = newSecrets();
  await save(folder, file, secrets).catch((error) => {
    throw new WrongSetting(`${folder} cannot be written (${error.code}): set LOCAL_STATE_DIR to a folder that can`);
  });
  return secrets;
}

function readSecrets(text: string, file: string): Secrets {
  try {
    return v.parse(Secrets, JSON.parse(text));
  } catch {
    throw new WrongSetting(`${file} does not hold the local secrets: delete it, and new ones are made`);
  }
}

/** Hex, because it is pasted into shells. */
function newSecrets(): Secrets {
  const secret = () => randomBytes(24).toString('hex');
  return {
    GHL_WEBHOOK_SECRET: secret(),
    GHL_WORKFLOW_TOKEN: secret(),
    ADMIN_TOKEN: secret(),
    sandboxKeys: ed25519KeyPair(),
  };
}

/** Whole or not at all, also when killed; readable by its owner only. */
async function save(folder: string, file: string, secrets: Secrets): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
