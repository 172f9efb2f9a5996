// How much ingest costs on top of what the platform itself takes: against a worker that only reads the body and sends the same message.

import { type Bundle, bundleWorkers } from '../local/bundle.ts';
import { type Closing, createClosing } from '../local/closing.ts';
import { closedLoop, type Load, openLoop } from './load.ts';
import type { Figure } from './measure/figure.ts';
import { median, percentile } from './measure/statistics.ts';
import { asRequests, INGEST_VARS, type Scheme, signedWebhooks } from './webhooks.ts';
import { type BareOptions, type BareWorker, serveBare } from './workerd.ts';

const SECTION = 'ingest';
const SIZES = [1024, 16_384];
const SCHEMES: Scheme[] = ['hmac', 'ed25519'];
const CONNECTIONS = [32, 128];
/** Each kind of load is put on all workers in turn, this many times; the median counts. Short rounds: the machine has slow seconds. */
const ROUNDS = 7;
const ROUND_MS = 600;
const LATENCY_ROUNDS = 7;
const LATENCY_ROUND_MS = 2000;
const WARM_MS = 700;
const WEBHOOKS = 512;

const SEND = 'await env.EVENTS.send(message);';

/** The same message that ingest makes of such a webhook, and the same answer; `before` is done with the request first. */
export function bareWorker(before: string, send = SEND): string {
  return `const message = { v: 1, kind: 'contact.changed', locationId: 'benchLocation0000001', contactId: 'benchContact00000000',
  eventType: 'ContactUpdate', source: 'webhook', eventId: '00000000-0000-4000-8000-000000000000', occurredAt: 1800000000000,
  receivedAt: 1800000000000, snapshot: { tags: ['newsletter', 'cold lead'], dnd: false } };
const answer = '{"status":"queued","id":"00000000-0000-4000-8000-000000000000"}';
let hmac, ed25519;
export default { async fetch(request, env, context) {
  ${before}
  ${send}
  return new Response(answer, { status: 202, headers: { 'content-type': 'application/json' } });
} };`;
}

const FLOOR = bareWorker('await request.arrayBuffer();');

/** What no worker that keeps our promise can leave out: verify the bytes, and parse them. */
export const VERIFY = `const body = await request.arrayBuffer();
  const sent = request.headers.get('x-ghl-signature');
  if (sent.length === 64) {
    hmac ??= await crypto.subtle.importKey('raw', new TextEncoder().encode(env.GHL_WEBHOOK_SECRET), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
    if (!(await crypto.subtle.verify('HMAC', hmac, Uint8Array.fromHex(sent), body))) throw new Error('wrong');
  } else {
    const der = env.GHL_ED25519_PUBLIC_KEYS.split('\\n').filter((line) => line && !line.startsWith('-----')).join('');
    ed25519 ??= await crypto.subtle.importKey('spki', Uint8Array.fromBase64(der), 'Ed25519', false, ['verify']);
    if (!(await crypto.subtle.verify('Ed25519', ed25519, Uint8Array.fromBase64(sent), body))) throw new Error('wrong');
  }
  JSON.parse(new TextDecoder().decode(body));`;
const VERIFYING = bareWorker(VERIFY);

interface Workers {
  floor: BareWorker;
  verifying: BareWorker;
  ours: BareWorker;
}
/** The workers that are compared. */
export type Name = keyof Workers;
const NAMES: Name[] = ['floor', 'verifying', 'ours'];

/** Takes about four minutes. */
export async function benchIngest({ tell }: { tell(line: string): void }): Promise<Figure[]> {
  const { ingest } = await bundleWorkers();
  const closing = createClosing();
  try {
    return await benchAll(await startAll(ingest, closing), tell);
  } finally {
    await closing.close();
  }
}

async function benchAll(workers: Workers, tell: (line: string) => void): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const scheme of SCHEMES) {
    for (const bytes of SIZES) {
      const requests = asRequests(await signedWebhooks(scheme, bytes, WEBHOOKS));
      const name = `${scheme === 'hmac' ? 'HMAC' : 'Ed25519'}, ${bytes / 1024} KB`;
      tell(`${name}…`);
      let peak = 0;
      for (const connections of CONNECTIONS) {
        const load = { requests, connections, ms: ROUND_MS };
        const ask = (port: number) => closedLoop({ ...load, port });
        const { ours, floor, verifying } = await inTurn(workers, NAMES, ROUNDS, ask, ({ rate }) => rate);
        peak = Math.max(peak, ours);
        const what = `${name}, ${connections} connections`;
        figures.push(
          {
            section: SECTION,
            what,
            value: ours,
            unit: 'req/s',
            floor: { what: 'read and send', value: floor },
            targets: [{ kind: 'ratio-at-least', limit: 0.85 }],
          },
          {
            section: SECTION,
            what: '… beside the least that verifies',
            value: ours,
            unit: 'req/s',
            floor: { what: 'read, verify, parse and send', value: verifying },
          },
        );
      }
      figures.push(await latencyFigure(workers, requests, name, peak));
    }
  }
  return figures;
}

async function latencyFigure(workers: Workers, requests: Buffer[], name: string, peak: number): Promise<Figure> {
  const rate = peak / 2;
  const ask = (port: number) => openLoop({ port, requests, connections: 128, ms: LATENCY_ROUND_MS }, rate);
  const { ours, floor } = await inTurn(workers, ['floor', 'ours'], LATENCY_ROUNDS, ask, ({ latencies }) =>
    percentile(latencies, 0.99),
  );
  return {
    section: SECTION,
    what: `${name}, p99 at ${Math.round(rate)} req/s`,
    value: ours,
    unit: 'ms',
    floor: { what: 'read and send', value: floor },
    targets: [
      { kind: 'ratio-at-most', limit: 1.3 },
      { kind: 'at-most', limit: 200 },
    ],
  };
}

/** Median of the rounds, of each worker. */
async function inTurn<N extends Name>(
  workers: Workers,
  names: readonly N[],
  rounds: number,
  ask: (port: number) => Promise<Load>,
  read: (load: Load) => number,
): Promise<Record<N, number>> {
  const found = new Map<N, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, values] of found) {
      const load = await ask(workers[name].port);
      if (load.wrong > 0) throw new Error(`${load.wrong} of ${load.latencies.length} answers were not 202`);
      values.push(read(load));
    }
  }
  return Object.fromEntries([...found].map(([name, values]) => [name, median(values)])) as Record<N, number>;
}

/** What each of them is made of: ours, and the two that it is held against. */
export function contestants(ingest: Bundle): Record<Name, BareOptions> {
  const options = (script: string) => asIngest(ingest, script);
  return { floor: options(FLOOR), verifying: options(VERIFYING), ours: options(ingest.script) };
}

/** A script with the settings and bindings of ingest. */
export function asIngest({ config }: Bundle, script: string): BareOptions {
  return {
    script,
    queues: ['EVENTS', 'DEAD_LETTERS'],
    compatibilityDate: config.compatibility_date ?? '',
    compatibilityFlags: config.compatibility_flags,
    vars: { ...(config.vars as Record<string, string>), ...INGEST_VARS },
  };
}

async function startAll(ingest: Bundle, closing: Closing): Promise<Workers> {
  const start = async (options: BareOptions) => {
    const worker = await serveBare(options);
    closing.defer(() => worker.stop());
    return worker;
  };
  const all = contestants(ingest);
  const workers = {
    floor: await start(all.floor),
    verifying: await start(all.verifying),
    ours: await start(all.ours),
  };
  const requests = asRequests(await signedWebhooks('hmac', 1024, WEBHOOKS));
  for (const { port } of Object.values(workers)) await closedLoop({ port, requests, connections: 32, ms: WARM_MS });
  return workers;
}
