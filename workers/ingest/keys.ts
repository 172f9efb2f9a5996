// Keys that verify webhooks: GoHighLevel's published ones unless others are configured, imported once an isolate.

import { toHex } from '../../shared/hash.ts';
import type { Settings, Warning } from './settings.ts';

/** How a webhook is signed. */
export type Scheme = 'hmac' | 'ed25519' | 'rsa';

/** The runtime's CryptoKey; the name itself is no type in Node. */
type VerifyKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/**
 * GoHighLevel's published keys, verbatim from the Webhook Integration Guide of 2026-08-30 (docs/vendors.md, GoHighLevel: signatures).
 * SHA-256 of the SPKI DER: Ed25519 5a2c1b27…3097c, RSA 2f62045d…1fd25.
 */
export const PUBLISHED_ED25519_KEY = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAi2HR1srL4o18O8BRa7gVJY7G7bupbN3H9AwJrHCDiOg=
-----END PUBLIC KEY-----`;

/** GoHighLevel’s public key for X-WH-Signature (docs/vendors.md, GoHighLevel: signatures). */
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

/** Bytes of a signature: HMAC-SHA256, Ed25519, and GoHighLevel's RSA key of 4096 bits (docs/vendors.md, GoHighLevel: signatures). */
export const SIGNATURE_BYTES: Record<Scheme, number> = { hmac: 32, ed25519: 64, rsa: 512 };

const HMAC = { name: 'HMAC', hash: 'SHA-256' };
const ED25519 = { name: 'Ed25519' };
const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

/** Kinds of public keys by the object identifier in their SPKI, as hex (RFC 8410, RFC 5480, RFC 8017). */
const KINDS: Readonly<Record<string, string>> = {
  '2b6570': 'Ed25519',
  '2b6571': 'Ed448',
  '2b656e': 'X25519',
  '2b656f': 'X448',
  '2a8648ce3d0201': 'EC',
  '2a864886f70d010101': 'RSA',
  '2a864886f70d01010a': 'RSA-PSS',
};
/** The start of an SPKI, up to the object identifier: two sequences whose lengths take one to three bytes. */
const SPKI = /^30(?:82.{4}|81..|[0-7].)30(?:82.{4}|81..|[0-7].)06(?:03(.{6})|07(.{14})|09(.{18}))/;
const ED25519_SPKI_BYTES = 44;

/** The name by which Web Crypto verifies a scheme. */
export const ALGORITHM: Record<Scheme, string> = { hmac: HMAC.name, ed25519: ED25519.name, rsa: RSA.name };

/** The keys to try for a scheme, in order; empty when none is configured or none can be used. At once, where they are known. */
export type Keyring = (scheme: Scheme, settings: Settings) => readonly VerifyKey[] | Promise<readonly VerifyKey[]>;

/**
 * A keyring that imports keys once for each reading of the settings. Keys are kept, not promises of keys: a promise belongs to the
 * request that made it. `warn` is called for every key that cannot be used.
 */
export function createKeyring(warn: (warning: Warning) => void): Keyring {
  const imported = new WeakMap<Settings, Partial<Record<Scheme, readonly VerifyKey[]>>>();
  const load = async (scheme: Scheme, settings: Settings) => {
    const keys = scheme === 'hmac' ? await importSecrets(settings) : await importPublicKeys(scheme, settings, warn);
    imported.set(settings, { ...imported.get(settings), [scheme]: keys });
    return keys;
  };
  return (scheme, settings) => imported.get(settings)?.[scheme] ?? load(scheme, settings);
}

function publicKeyText(scheme: 'ed25519' | 'rsa', settings: Settings): string {
  return scheme === 'ed25519' ? settings.ed25519Keys || PUBLISHED_ED25519_KEY : settings.rsaKeys || PUBLISHED_RSA_KEY;
}

async function importSecrets({ webhookSecrets }: Settings): Promise<VerifyKey[]> {
  const encoder = new TextEncoder();
  const keys = await Promise.all(webhookSecrets.map((secret) => importKey('raw', encoder.encode(secret), HMAC)));
  return keys.filter((key) => key !== null);
}

async function importPublicKeys(
  scheme: 'ed25519' | 'rsa',
  settings: Settings,
  warn: (warning: Warning) => void,
): Promise<VerifyKey[]> {
  const setting = scheme === 'ed25519' ? 'GHL_ED25519_PUBLIC_KEYS' : 'GHL_RSA_PUBLIC_KEYS';
  const keys: VerifyKey[] = [];
  for (const [index, entry] of splitKeys(publicKeyText(scheme, settings)).entries()) {
    const key = await (scheme === 'ed25519' ? importEd25519(entry) : importRsa(entry));
    if (typeof key !== 'string') keys.push(key);
    else warn({ setting, detail: `entry ${index + 1} ${key}; it is left out` });
  }
  return keys;
}

/** A PEM block's label, and its base64; an entry without a PEM frame is taken for a public key. */
interface Entry {
  label: string;
  base64: string;
}

/** Entries in the order in which they are written: PEM blocks, or base64 separated by commas or line ends. Escaped line ends come from one-line settings. */
function splitKeys(text: string): Entry[] {
  const parts = text.replaceAll('\\n', '\n').split(/-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/);
  return parts.flatMap((part, at) => {
    if (at % 3 === 2) return { label: parts[at - 1] ?? '', base64: part.replace(/\s/g, '') };
    if (at % 3 === 1) return [];
    const bare = part.split(/[,\r\n]+/).map((entry) => entry.trim());
    return bare.filter(Boolean).map((base64) => ({ label: 'PUBLIC KEY', base64 }));
  });
}

/**
 * The key, or what is wrong with the entry. workerd takes any SPKI for an Ed25519 key, and throws once it verifies (docs/vendors.md,
 * Cloudflare: Web Crypto).
 */
async function importEd25519(entry: Entry): Promise<VerifyKey | string> {
  const { bytes, kind } = read(entry);
  if (bytes?.length === 32) {
    // Zeros, or zeros after one byte, are a placeholder. As a key they would let forged signatures pass.
    if (bytes.subarray(1).every((byte) => byte === 0)) return 'is no key but a row of zeros';
    return (await importKey('raw', bytes, ED25519)) ?? UNREADABLE;
  }
  if (bytes === null || kind === null) return faultOf(entry);
  if (kind !== 'Ed25519') return `is a key of type ${kind}, not Ed25519`;
  return (bytes.length === ED25519_SPKI_BYTES && (await importKey('spki', bytes, ED25519))) || UNREADABLE;
}

/** The key, or what is wrong with the entry. A key of another size could never fit a signature of 512 bytes. */
async function importRsa(entry: Entry): Promise<VerifyKey | string> {
  const { bytes, kind } = read(entry);
  if (bytes?.length === 32) return 'has 32 bytes, as a key of type Ed25519 has, not RSA';
  if (bytes === null || kind === null) return faultOf(entry);
  if (kind !== 'RSA') return `is a key of type ${kind}, not RSA`;
  const key = await importKey('spki', bytes, RSA);
  if (key === null) return UNREADABLE;
  const bits = 'modulusLength' in key.algorithm ? Number(key.algorithm.modulusLength) : 0;
  return bits === SIGNATURE_BYTES.rsa * 8 ? key : `is an RSA key of ${bits} bits; GoHighLevel signs with 4096 bits`;
}

const UNREADABLE = 'is not a public key (PEM, or its base64)';

function faultOf({ label }: Entry): string {
  return label === 'PUBLIC KEY' ? UNREADABLE : `is a PEM block "${label}", not "PUBLIC KEY"`;
}

/** The entry's bytes, null where they are no base64 of a public key, and the kind of key that an SPKI names. */
function read({ label, base64 }: Entry): { bytes: Uint8Array<ArrayBuffer> | null; kind: string | null } {
  const bytes = label === 'PUBLIC KEY' ? fromBase64(base64) : null;
  const found = bytes && SPKI.exec(toHex(bytes.subarray(0, 24)));
  const identifier = found && (found[1] ?? found[2] ?? found[3] ?? '');
  return { bytes, kind: identifier === null ? null : (KINDS[identifier] ?? `unknown (${identifier})`) };
}

/** Null where the runtime does not take it. */
async function importKey(
  format: 'raw' | 'spki',
  bytes: Uint8Array,
  algorithm: typeof HMAC | typeof ED25519,
): Promise<VerifyKey | null> {
  try {
    return await crypto.subtle.importKey(format, bytes, algorithm, false, ['verify']);
  } catch {
    return null;
  }
}

/**
 * The bytes, or null unless `text` is canonical standard base64 (padded, no spaces, no stray bits): one text for one value. Portable, since Node 22 lacks
 * Uint8Array.fromBase64 and fromHex.
 */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const binary = atob(text);
    if (btoa(binary) !== text) return null;
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
  } catch {
    return null;
  }
}

/** The bytes of hexadecimal text, upper or lower case; the caller has checked its form. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = 16 * hexDigit(text, 2 * i) + hexDigit(text, 2 * i + 1);
  return bytes;
}

/** The letters of both cases differ in one bit, 32; a is 97. */
function hexDigit(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 58 ? code - 48 : (code | 32) - 87;
}
