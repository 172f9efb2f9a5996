// Key pairs that stand in for GoHighLevel's own, made for each run: we do not have the private halves of the published keys.

import { generateKeyPair, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

/** A key pair as PEM texts. */
export interface KeyPair {
  privateKeyPem: string;
  /** SPKI, as GoHighLevel publishes its keys (docs/vendors.md, GoHighLevel: signatures). */
  publicKeyPem: string;
}

function pem({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }): KeyPair {
  return {
    privateKeyPem: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    publicKeyPem: String(publicKey.export({ type: 'spki', format: 'pem' })),
  };
}

/** A new pair. */
export function ed25519KeyPair(): KeyPair {
  return pem(generateKeyPairSync('ed25519'));
}

let rsa: Promise<KeyPair> | undefined;

/** 4096 bits take seconds to make, so there is one pair a process, made when first asked for. */
export function rsaKeyPair(): Promise<KeyPair> {
  rsa ??= promisify(generateKeyPair)('rsa', { modulusLength: 4096 }).then(pem);
  return rsa;
}
