// Who sent this? The form of the signature header decides the scheme; the raw bytes are verified before anything is parsed.

import { fromBase64, fromHex } from './base64.ts';
import type { Keyring, Scheme } from './keys.ts';
import type { Refusal } from './refusal.ts';
import type { Settings } from './settings.ts';

/** What the headers hold. */
export type SentSignature =
  | { kind: 'signature'; scheme: Scheme; bytes: Uint8Array<ArrayBuffer> }
  | { kind: 'refused'; refusal: Refusal };

export type Verdict = { kind: 'authentic'; scheme: Scheme } | { kind: 'refused'; refusal: Refusal };

/** Text lengths of base64 signatures: 32, 64 and 512 bytes (facts/gohighlevel.md 1.1). */
const HMAC_BASE64 = 44;
const ED25519_BASE64 = 88;
const RSA_BASE64 = 684;

/** Picks the scheme. A present `X-GHL-Signature` is final: there is no falling back to the legacy header. */
export function readSignature(headers: { get(name: string): string | null }, legacyRsa: boolean): SentSignature {
  const current = headers.get('x-ghl-signature');
  if (current !== null) return readCurrent(current.trim());
  const legacy = headers.get('x-wh-signature');
  if (legacy === null) return refused({ reason: 'no_signature' });
  if (!legacyRsa) return refused({ reason: 'legacy_signature_off' });
  return decoded('rsa', RSA_BASE64, legacy.trim());
}

/** Verifies the bytes with every key of the header's scheme. */
export async function verifySignature(
  headers: { get(name: string): string | null },
  body: Uint8Array<ArrayBuffer>,
  settings: Settings,
  keyring: Keyring,
): Promise<Verdict> {
  const sent = readSignature(headers, settings.legacyRsa);
  if (sent.kind === 'refused') return sent;
  const { scheme, bytes } = sent;
  const keys = await keyring(scheme, settings);
  if (keys.length === 0) return refused({ reason: 'no_key', scheme });
  for (const key of keys) {
    if (await crypto.subtle.verify(key.algorithm.name, key, bytes, body)) return { kind: 'authentic', scheme };
  }
  return refused({ reason: 'wrong_signature', scheme });
}

function readCurrent(value: string): SentSignature {
  if (value === '' || value.toUpperCase() === 'N/A') return refused({ reason: 'no_signature' });
  const hex = /^(?:sha256=)?([0-9a-f]{64})$/i.exec(value)?.[1];
  if (hex) return { kind: 'signature', scheme: 'hmac', bytes: fromHex(hex) };
  return value.length === HMAC_BASE64 ? decoded('hmac', HMAC_BASE64, value) : decoded('ed25519', ED25519_BASE64, value);
}

function decoded(scheme: Scheme, length: number, value: string): SentSignature {
  const bytes = value.length === length ? fromBase64(value) : null;
  return bytes ? { kind: 'signature', scheme, bytes } : refused({ reason: 'malformed_signature' });
}

function refused(refusal: Refusal): { kind: 'refused'; refusal: Refusal } {
  return { kind: 'refused', refusal };
}
