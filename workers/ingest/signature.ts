// Who sent this? The form of the signature header decides the scheme; the raw bytes are verified before anything is parsed.

import { ALGORITHM, fromBase64, fromHex, type Keyring, type Scheme, SIGNATURE_BYTES } from './keys.ts';
import type { Refusal } from './responses.ts';
import type { Settings } from './settings.ts';

/** What the headers hold. */
export type SentSignature =
  | { kind: 'signature'; scheme: Scheme; bytes: Uint8Array<ArrayBuffer> }
  | { kind: 'refused'; refusal: Refusal };

/** Whether the signature proves the sender. */
export type Verdict = { kind: 'authentic'; scheme: Scheme } | { kind: 'refused'; refusal: Refusal };

/** Picks the scheme. A present `X-GHL-Signature` is final: there is no falling back to the legacy header. */
function readSignature(headers: { get(name: string): string | null }, legacyRsa: boolean): SentSignature {
  const current = headers.get('x-ghl-signature');
  if (current !== null) return readCurrent(current.trim());
  const legacy = headers.get('x-wh-signature');
  if (legacy === null) return refused({ reason: 'no_signature' });
  if (!legacyRsa) return refused({ reason: 'legacy_signature_off' });
  return decoded('rsa', legacy.trim());
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
    if (await verifies(scheme, key, bytes, body)) return { kind: 'authentic', scheme };
  }
  return refused({ reason: 'wrong_signature', scheme });
}

function readCurrent(value: string): SentSignature {
  if (value === '' || value.toUpperCase() === 'N/A') return refused({ reason: 'no_signature' });
  const hex = /^(?:sha256=)?([0-9a-f]{64})$/i.exec(value)?.[1];
  if (hex) return { kind: 'signature', scheme: 'hmac', bytes: fromHex(hex) };
  return decoded(value.length === textLength('hmac') ? 'hmac' : 'ed25519', value);
}

/** The text's length alone says too little: 88 characters hold 64, 65 or 66 bytes. */
function decoded(scheme: Scheme, value: string): SentSignature {
  const bytes = value.length === textLength(scheme) ? fromBase64(value) : null;
  if (bytes?.length !== SIGNATURE_BYTES[scheme]) return refused({ reason: 'malformed_signature' });
  return { kind: 'signature', scheme, bytes };
}

/** Characters of a signature in base64: 44, 88 or 684. */
function textLength(scheme: Scheme): number {
  return 4 * Math.ceil(SIGNATURE_BYTES[scheme] / 3);
}

/**
 * workerd throws for some of what does not verify, where Node says false (docs/vendors.md, Cloudflare: Web Crypto). Either way the
 * signature is wrong.
 */
async function verifies(
  scheme: Scheme,
  key: Awaited<ReturnType<Keyring>>[number],
  signature: Uint8Array<ArrayBuffer>,
  body: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  try {
    return await crypto.subtle.verify(ALGORITHM[scheme], key, signature, body);
  } catch {
    return false;
  }
}

function refused(refusal: Refusal): { kind: 'refused'; refusal: Refusal } {
  return { kind: 'refused', refusal };
}
