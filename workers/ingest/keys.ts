// Keys that verify webhooks: GoHighLevel's published ones unless others are configured, imported once an isolate.

import { fromBase64 } from './base64.ts';
import type { Settings, Warning } from './settings.ts';

export type Scheme = 'hmac' | 'ed25519' | 'rsa';

/** The runtime's CryptoKey; the name itself is no type in Node. */
type VerifyKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/**
 * GoHighLevel's published keys, verbatim from the Webhook Integration Guide of 2026-08-30 (facts/gohighlevel.md 1.2).
 * SHA-256 of the SPKI DER: Ed25519 5a2c1b27…3097c, RSA 2f62045d…1fd25.
 */
export const PUBLISHED_ED25519_KEY = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAi2HR1srL4o18O8BRa7gVJY7G7bupbN3H9AwJrHCDiOg=
-----END PUBLIC KEY-----`;

export const PUBLISHED_RSA_KEY = `-----BEGIN PUBLIC KEY-----
MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEAokvo/r9tVgcfZ5DysOSC
Frm602qYV0MaAiNnX9O8KxMbiyRKWeL9JpCpVpt4XHIcBOK4u3cLSqJGOLaPuXw6
dO0t6Q/ZVdAV5Phz+ZtzPL16iCGeK9po6D6JHBpbi989mmzMryUnQJezlYJ3DVfB
csedpinheNnyYeFXolrJvcsjDtfAeRx5ByHQmTnSdFUzuAnC9/GepgLT9SM4nCpv
uxmZMxrJt5Rw+VUaQ9B8JSvbMPpez4peKaJPZHBbU3OdeCVx5klVXXZQGNHOs8gF
3kvoV5rTnXV0IknLBXlcKKAQLZcY/Q9rG6Ifi9c+5vqlvHPCUJFT5XUGG5RKgOKU
J062fRtN+rLYZUV+BjafxQauvC8wSWeYja63VSUruvmNj8xkx2zE/Juc+yjLjTXp
IocmaiFeAO6fUtNjDeFVkhf5LNb59vECyrHD2SQIrhgXpO4Q3dVNA5rw576PwTzN
h/AMfHKIjE4xQA1SZuYJmNnmVZLIZBlQAF9Ntd03rfadZ+yDiOXCCs9FkHibELhC
HULgCsnuDJHcrGNd5/Ddm5hxGQ0ASitgHeMZ0kcIOwKDOzOU53lDza6/Y09T7sYJ
PQe7z0cvj7aE4B+Ax1ZoZGPzpJlZtGXCsu9aTEGEnKzmsFqwcSsnw3JB31IGKAyk
T1hhTiaCeIY/OwwwNUY2yvcCAwEAAQ==
-----END PUBLIC KEY-----`;

const HMAC = { name: 'HMAC', hash: 'SHA-256' };
const ED25519 = { name: 'Ed25519' };
const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

/** The keys to try for a scheme, in order; empty when none is configured or none can be read. */
export type Keyring = (scheme: Scheme, settings: Settings) => Promise<readonly VerifyKey[]>;

/**
 * A keyring that imports keys once for each reading of the settings. Keys are kept, not promises of keys: a promise belongs to the
 * request that made it. `warn` hears of every key that cannot be read.
 */
export function createKeyring(warn: (warning: Warning) => void): Keyring {
  const imported = new WeakMap<Settings, Partial<Record<Scheme, readonly VerifyKey[]>>>();
  return async (scheme, settings) => {
    const known = imported.get(settings)?.[scheme];
    if (known) return known;
    const keys = scheme === 'hmac' ? await importSecrets(settings) : await importPublicKeys(scheme, settings, warn);
    imported.set(settings, { ...imported.get(settings), [scheme]: keys });
    return keys;
  };
}

function publicKeyText(scheme: 'ed25519' | 'rsa', settings: Settings): string {
  return scheme === 'ed25519' ? settings.ed25519Keys || PUBLISHED_ED25519_KEY : settings.rsaKeys || PUBLISHED_RSA_KEY;
}

function importSecrets({ webhookSecrets }: Settings): Promise<VerifyKey[]> {
  const encoder = new TextEncoder();
  return Promise.all(
    webhookSecrets.map((secret) => crypto.subtle.importKey('raw', encoder.encode(secret), HMAC, false, ['verify'])),
  );
}

async function importPublicKeys(
  scheme: 'ed25519' | 'rsa',
  settings: Settings,
  warn: (warning: Warning) => void,
): Promise<VerifyKey[]> {
  const setting = scheme === 'ed25519' ? 'GHL_ED25519_PUBLIC_KEYS' : 'GHL_RSA_PUBLIC_KEYS';
  const keys: VerifyKey[] = [];
  for (const [index, entry] of splitKeys(publicKeyText(scheme, settings)).entries()) {
    const key = await importPublicKey(scheme, entry);
    if (key) keys.push(key);
    else warn({ setting, detail: `entry ${index + 1} is not a public key (PEM, or its base64) for ${scheme}` });
  }
  return keys;
}

/** PEM blocks, and whatever stands between them separated by commas or line ends. Escaped line ends come from one-line settings. */
function splitKeys(text: string): string[] {
  const lines = text.replaceAll('\\n', '\n');
  const entries: string[] = [];
  const rest = lines.replace(/-----BEGIN PUBLIC KEY-----([^-]*)-----END PUBLIC KEY-----/g, (_block, base64: string) => {
    entries.push(base64.replace(/\s/g, ''));
    return '\n';
  });
  return [
    ...entries,
    ...rest
      .split(/[,\r\n]+/)
      .map((entry) => entry.trim())
      .filter(Boolean),
  ];
}

async function importPublicKey(scheme: 'ed25519' | 'rsa', base64: string): Promise<VerifyKey | null> {
  const bytes = fromBase64(base64);
  if (!bytes) return null;
  const format = scheme === 'ed25519' && bytes.length === 32 ? 'raw' : 'spki';
  try {
    return await crypto.subtle.importKey(format, bytes, scheme === 'ed25519' ? ED25519 : RSA, false, ['verify']);
  } catch {
    return null;
  }
}
