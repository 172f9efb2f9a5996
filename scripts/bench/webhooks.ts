// Signed webhooks of a certain size, made before the clock starts.

import { ed25519KeyPair } from '../../sandbox/keys.ts';
import { ed25519Signer, hmacSigner, type Signer } from '../../sandbox/webhooks.ts';
import { postRequest } from './load.ts';

/** The location of all webhooks of the bench. */
export const LOCATION = 'benchLocation0000001';
/** How they are signed. */
export type Scheme = 'hmac' | 'ed25519';

const KEYS = ed25519KeyPair();
const SECRET = 'a secret shared with the sender';

/** What ingest must know to verify them. */
export const INGEST_VARS = {
  GHL_LOCATION_ID: LOCATION,
  GHL_WEBHOOK_SECRET: SECRET,
  GHL_ED25519_PUBLIC_KEYS: KEYS.publicKeyPem,
};

/** A webhook that is ready to be sent. */
export interface Signed {
  body: Uint8Array<ArrayBuffer>;
  headers: Record<string, string>;
}

/** Webhooks of as many contacts, each of `bytes` bytes. They are taken for fresh for five minutes. */
export async function signedWebhooks(scheme: Scheme, bytes: number, count: number): Promise<Signed[]> {
  const sign: Signer = scheme === 'hmac' ? hmacSigner(SECRET) : await ed25519Signer(KEYS.privateKeyPem);
  return Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const body = webhookBody(n, bytes);
      return { body, headers: await sign(body) };
    }),
  );
}

/** The same as HTTP requests. */
export function asRequests(webhooks: readonly Signed[]): Buffer[] {
  return webhooks.map(({ body, headers }) => postRequest('/webhook/ghl', headers, body));
}

/** A contact event as GoHighLevel writes it (docs/vendors.md, GoHighLevel: webhooks), filled up with a custom field. */
function webhookBody(n: number, bytes: number): Uint8Array<ArrayBuffer> {
  const event = (filler: string) =>
    new TextEncoder().encode(
      JSON.stringify({
        type: 'ContactUpdate',
        locationId: LOCATION,
        versionId: 'v1',
        appId: 'benchApp000000000001',
        id: `benchContact${String(n).padStart(8, '0')}`,
        firstName: 'Dana',
        lastName: 'Example',
        email: `dana${n}@example.com`,
        phone: '+13055550142',
        country: 'US',
        source: 'form',
        assignedTo: null,
        tags: ['newsletter', 'cold lead'],
        dnd: false,
        attachments: [],
        dateAdded: '2026-01-05T10:00:00.000Z',
        customFields: [{ id: 'benchField0000000001', value: filler }],
        timestamp: new Date().toISOString(),
        webhookId: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
      }),
    );
  return event('x'.repeat(Math.max(0, bytes - event('').length)));
}
