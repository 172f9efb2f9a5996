// What the parties of the simulation know each other by: the location, its keys, and the senders' signatures.

import { generateKeyPairSync, sign } from 'node:crypto';
import { hmacSigner, type Signer } from '../../sandbox/webhooks.ts';

export const LOCATION = 've9EPM428h8vShlRW1KT';
export const ADMIN_TOKEN = 'token-of-the-operator';
export const CALL_HOOK_TOKEN = 'token-of-the-notices-of-calls';
export const WEBHOOK_SECRET = 'a secret shared with the sender';
export const GHL_KEY = 'pit-simulation';
export const CALLTOOLS_KEY = 'calltools-simulation';

const KEYS = generateKeyPairSync('ed25519');
export const ED25519_KEY = String(KEYS.publicKey.export({ type: 'spki', format: 'pem' }));

/** Signs webhooks as GoHighLevel does, or with the shared secret. */
export function signerOf(scheme: 'hmac' | 'ed25519'): Signer {
  if (scheme === 'hmac') return hmacSigner(WEBHOOK_SECRET);
  return async (body) => ({ 'x-ghl-signature': sign(null, body, KEYS.privateKey).toString('base64') });
}

/** What ingest is given. */
export const INGEST_SECRETS = {
  GHL_WEBHOOK_SECRET: WEBHOOK_SECRET,
  ADMIN_TOKEN,
  GHL_ED25519_PUBLIC_KEYS: ED25519_KEY,
};
