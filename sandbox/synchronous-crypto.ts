// Web Crypto without its thread pool: the same SHA-256, HMAC and Ed25519, but done at once, or no run could be repeated.

import { createHash, createHmac, createPublicKey, type KeyObject, timingSafeEqual, verify } from 'node:crypto';

interface Key {
  algorithm: { name: string };
  secret?: Uint8Array;
  publicKey?: KeyObject;
}

/** Replaces the asynchronous functions that the workers use; returns the way back. */
export function installSynchronousCrypto(): () => void {
  const replacements = {
    digest: (_algorithm: string, data: Uint8Array) =>
      promised(() => toBuffer(createHash('sha256').update(data).digest())),
    importKey: (format: string, bytes: Uint8Array, { name }: { name: string }) =>
      promised((): Key => {
        if (format === 'raw' && name === 'HMAC') return { algorithm: { name }, secret: bytes };
        const publicKey = createPublicKey({ key: Buffer.from(bytes), format: 'der', type: 'spki' });
        return { algorithm: { name }, publicKey };
      }),
    verify: (_name: string, key: Key, signature: Uint8Array, data: Uint8Array) =>
      promised(() => {
        if (key.publicKey) return verify(null, data, key.publicKey, signature);
        const right = createHmac('sha256', key.secret ?? '')
          .update(data)
          .digest();
        return right.length === signature.length && timingSafeEqual(right, signature);
      }),
  };
  for (const [name, value] of Object.entries(replacements))
    Object.defineProperty(crypto.subtle, name, { value, configurable: true });
  return () => {
    for (const name of Object.keys(replacements)) Reflect.deleteProperty(crypto.subtle, name);
  };
}

function promised<T>(compute: () => T): Promise<T> {
  try {
    return Promise.resolve(compute());
  } catch (error) {
    return Promise.reject(error);
  }
}

function toBuffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
