// What the tests of signatures share: keys of all kinds, and a verification with the settings that a test names.

import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Env } from '../../../workers/ingest/env.ts';
import { createKeyring } from '../../../workers/ingest/keys.ts';
import { createSettingsReader, type Warning } from '../../../workers/ingest/settings.ts';
import { verifySignature } from '../../../workers/ingest/signature.ts';

export const BODY = new TextEncoder().encode('{"type":"ContactUpdate","id":"nmFmQEsNgz6AVpgLVUJ0"}');
export const ed = generateKeyPairSync('ed25519');
export const otherEd = generateKeyPairSync('ed25519');
export const rsa = generateKeyPairSync('rsa', { modulusLength: 4096 });

export const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
export const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'der' });
export const raw = (key: KeyObject) => spki(key).subarray(-32).toString('base64');
export const hmac = (secret: string, encoding: 'hex' | 'base64') =>
  createHmac('sha256', secret).update(BODY).digest(encoding);
export const edSign = (key: KeyObject) => sign(null, BODY, key).toString('base64');
export const rsaSign = (key: KeyObject) => sign('sha256', BODY, key).toString('base64');

export type Vars = Omit<Partial<Env>, 'EVENTS' | 'DEAD_LETTERS' | 'DB' | 'CONSUMER'>;

export async function verify(vars: Vars, headers: Record<string, string> | Headers, body = BODY) {
  const warnings: Warning[] = [];
  const settings = createSettingsReader((warning) => warnings.push(warning))(vars as Env);
  const keyring = createKeyring((warning) => warnings.push(warning));
  const verdict = await verifySignature(new Headers(headers), body, settings, keyring);
  const outcome = verdict.kind === 'authentic' ? `authentic ${verdict.scheme}` : verdict.refusal.reason;
  return { outcome, warnings };
}
export const outcomeOf = async (vars: Vars, headers: Record<string, string> | Headers, body = BODY) =>
  (await verify(vars, headers, body)).outcome;
export const ghl = (value: string) => ({ 'x-ghl-signature': value });
