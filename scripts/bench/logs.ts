// What Cloudflare's log takes in for a webhook: our own lines, and what Cloudflare adds to each.

import { REAL_WORLD } from '../../workers/ingest/env.ts';
import { createIngest } from '../../workers/ingest/ingest.ts';
import { INGEST_VARS, signedWebhooks } from './webhooks.ts';

const ORIGIN = 'https://contact-ingest.example.workers.dev';
const PATH = '/webhook/ghl';
const HEX16 = '0123456789abcdef';
const HEX32 = HEX16 + HEX16;

/** A worker's lines differ in what called it. */
const CALLED_BY = {
  'contact-ingest': {
    trigger: `POST ${PATH}`,
    origin: 'fetch',
    event: { request: { url: ORIGIN + PATH, method: 'POST', path: PATH } },
    ray: { rayId: HEX16 },
  },
  'contact-consumer': {
    trigger: 'contact-events',
    origin: 'queue',
    event: { queue: 'contact-events', batchSize: 25 },
    ray: {},
  },
} as const;

/**
 * What stands beside a line of ours in Cloudflare's log. Its pages say that these "default enriched attributes" are paid for too, and not
 * what they are: names and lengths are those of events that owners of accounts have published in 2026.
 */
function added(worker: keyof typeof CALLED_BY): object {
  const { trigger, origin, event, ray } = CALLED_BY[worker];
  return {
    dataset: 'cloudflare-workers',
    timestamp: '2026-11-30T12:00:00.000Z',
    $workers: {
      truncated: false,
      event,
      outcome: 'ok',
      scriptName: worker,
      eventType: origin,
      executionModel: 'stateless',
      scriptVersion: { id: '00000000-0000-4000-8000-000000000000' },
      requestId: HEX32,
    },
    $metadata: {
      id: '01KC6VD0A9S336CK3HZG22E3KW',
      requestId: HEX32,
      ...ray,
      traceId: HEX32,
      spanId: HEX16,
      trigger,
      service: worker,
      level: 'log',
      account: HEX32,
      type: 'cf-worker',
      fingerprint: HEX32,
      origin,
    },
  };
}

/** Bytes that Cloudflare's log takes in for a line of this worker. */
export function bytesOfLine(line: string, worker: keyof typeof CALLED_BY): number {
  return Buffer.byteLength(line) + Buffer.byteLength(JSON.stringify(added(worker)));
}

/** Bytes of what ingest logs of a webhook that it queues: its real lines. */
export async function bytesOfWebhook(): Promise<number> {
  let bytes = 0;
  const ingest = createIngest({
    ...REAL_WORLD,
    write: (line: string) => {
      bytes += bytesOfLine(line, 'contact-ingest');
    },
  });
  const [webhook] = await signedWebhooks('hmac', 1024, 1);
  if (!webhook) throw new Error('no webhook was made');
  const queue = { send: async () => {} };
  const prepare = () => ({ bind: () => ({ run: async () => ({}) }) });
  const env = { ...INGEST_VARS, EVENTS: queue, DEAD_LETTERS: queue, DB: { prepare }, CONSUMER: { fetch } };
  const request = new Request(ORIGIN + PATH, { method: 'POST', headers: webhook.headers, body: webhook.body });
  const { status } = await ingest.fetch(request, env as never, { waitUntil: () => {} });
  if (status !== 202) throw new Error(`ingest answered ${status}`);
  return bytes;
}
