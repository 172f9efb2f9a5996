// The real ingest worker in workerd, from its own wrangler config, with real queues, real D1 and a stub of the consumer.

import { createHmac } from 'node:crypto';
import { createTestHarness, type TestHarness } from 'wrangler';

export const LOCATION = 've9EPM428h8vShlRW1KT';
export const CONTACT = 'nmFmQEsNgz6AVpgLVUJ0';
export const SECRET = 'a secret shared with the sender';
export const WORKFLOW_TOKEN = 'token-of-the-workflow';
export const CALLTOOLS_TOKEN = 'token-of-calltools';
export const ADMIN_TOKEN = 'token-of-the-operator';

export type Delivered = { queue: string; body: Record<string, unknown> };
export type Problem = { type: string; title: string; status: number; detail: string };

const consumers = ['contact-events', 'contact-dead-letters'].map((queue) => ({
  queue,
  max_batch_timeout: 0,
  max_retries: 0,
}));

/** Ingest with its production config; `secrets` add to, or with '' unset, those of a full set-up. */
export function startIngest(secrets: Record<string, string> = {}, vars: Record<string, string> = {}): TestHarness {
  return createTestHarness({
    workers: [
      {
        configPath: 'wrangler.ingest.jsonc',
        vars: { GHL_LOCATION_ID: LOCATION, ...vars },
        secrets: {
          GHL_WEBHOOK_SECRET: SECRET,
          GHL_WORKFLOW_TOKEN: WORKFLOW_TOKEN,
          CALLTOOLS_WEBHOOK_TOKEN: CALLTOOLS_TOKEN,
          ADMIN_TOKEN,
          ...secrets,
        },
      },
      {
        config: {
          name: 'contact-consumer',
          main: 'tests/worker/ingest-stub-consumer.ts',
          compatibility_date: '2026-10-01',
          queues: { consumers },
        },
      },
    ],
  });
}

/** What the queues have delivered since the last call, once there are `count` messages; the test's time limit bounds it. */
export async function delivered(server: TestHarness, count: number): Promise<Delivered[]> {
  const messages: Delivered[] = [];
  while (messages.length < count) {
    const response = await server.getWorker('contact-consumer').fetch('/delivered');
    messages.push(...((await response.json()) as Delivered[]));
  }
  return messages;
}

export function hmac(body: string, secret = SECRET): Record<string, string> {
  return { 'x-ghl-signature': createHmac('sha256', secret).update(body).digest('hex') };
}

/** A flat app webhook of this moment, as text. */
export function contactUpdate(changes: Record<string, unknown> = {}): string {
  return JSON.stringify({
    type: 'ContactUpdate',
    locationId: LOCATION,
    id: CONTACT,
    tags: ['cold lead'],
    timestamp: new Date().toISOString(),
    webhookId: crypto.randomUUID(),
    ...changes,
  });
}
