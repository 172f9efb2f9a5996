// Where GoHighLevel's webhooks go and how they are signed (docs/vendors.md, GoHighLevel: signatures).

import { createHmac, createPrivateKey, sign } from 'node:crypto';
import { promisify } from 'node:util';

/** Headers that prove who sent these bytes. */
export type Signer = (body: Uint8Array) => Promise<Record<string, string>>;

/** Where webhooks are sent, and how. */
export interface WebhookTarget {
  url: string;
  sign: Signer;
  fetch?: typeof fetch;
  /** Tries in all, and the wait after the first, which doubles each time. */
  retry?: { attempts: number; baseMs: number };
}

/** The set-up guide's scheme, over the body; which form of text it takes is not known (docs/vendors.md, GoHighLevel: signatures). */
export function hmacSigner(secret: string, form: 'hex' | 'sha256=hex' | 'base64' = 'hex'): Signer {
  return async (body) => {
    const digest = createHmac('sha256', secret)
      .update(body)
      .digest(form === 'base64' ? 'base64' : 'hex');
    return { 'x-ghl-signature': form === 'sha256=hex' ? `sha256=${digest}` : digest };
  };
}

const signAsync = promisify(sign);

/** What GoHighLevel sends today: Ed25519 of the body alone, base64 (docs/vendors.md, GoHighLevel: signatures). */
export async function ed25519Signer(privateKeyPem: string): Promise<Signer> {
  const key = createPrivateKey(privateKeyPem);
  return async (body) => ({ 'x-ghl-signature': (await signAsync(null, body, key)).toString('base64') });
}

/** The legacy header: RSA PKCS#1 v1.5 with SHA-256, base64 (docs/vendors.md, GoHighLevel: signatures). */
export async function rsaSigner(privateKeyPem: string): Promise<Signer> {
  const key = createPrivateKey(privateKeyPem);
  return async (body) => ({ 'x-wh-signature': (await signAsync('sha256', body, key)).toString('base64') });
}
