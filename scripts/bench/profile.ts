// Where the time of a webhook goes in ingest, beside the two workers that it is held against: V8's own profile of each.

import { bundleWorkers } from '../local/bundle.ts';
import type { Figure } from './figure.ts';
import { contestants, type Name } from './ingest.ts';
import { attach } from './inspector.ts';
import { flatOut } from './load.ts';
import { asRequests, signedWebhooks } from './webhooks.ts';
import { type BareOptions, serveBare } from './workerd.ts';

const SECTION = 'profile';
const CONNECTIONS = 32;
const WARM_MS = 1500;
const PROFILED_MS = 4000;
const WEBHOOKS = 512;
/** Functions of ours that are shown; the others are added up. */
const SHOWN = 14;
/** No work was to be done. */
const IDLE = '(idle)';
const NAMES: Record<Name, string> = {
  floor: 'read and send',
  verifying: 'read, verify, parse and send',
  ours: 'ingest',
};

/** Takes about twenty seconds. With the inspector attached everything is slower, logging above all: shares count, not sums. */
export async function benchProfile(): Promise<Figure[]> {
  const { ingest } = await bundleWorkers();
  const requests = asRequests(await signedWebhooks('hmac', 1024, WEBHOOKS));
  const figures: Figure[] = [];
  for (const [name, options] of Object.entries(contestants(ingest))) {
    const spent = await usPerWebhook(options, requests);
    const total = [...spent.values()].reduce((sum, us) => sum + us, 0);
    const shown = [...spent].slice(0, name === 'ours' ? SHOWN : 5);
    const rest = total - shown.reduce((sum, [, us]) => sum + us, 0);
    figures.push(figure(`${NAMES[name as Name]}, in the isolate`, total));
    for (const [what, us] of [...shown, ['others', rest] as const]) figures.push(figure(`  ${what}`, us));
  }
  return figures;
}

const figure = (what: string, value: number): Figure => ({ section: SECTION, what, value, unit: 'µs' });

/** By function, its own time; most first. `(program)` is the runtime's own code. */
async function usPerWebhook(options: BareOptions, requests: Buffer[]): Promise<Map<string, number>> {
  const worker = await serveBare({ ...options, inspect: true });
  try {
    if (!worker.inspector) throw new Error('workerd has told no address of its inspector');
    const { port } = worker;
    await flatOut({ port, requests, connections: CONNECTIONS, ms: WARM_MS });
    const inspector = await attach(worker.inspector, 'main');
    let answered = 0;
    const spent = await inspector.profile(async () => {
      const { latencies } = await flatOut({ port, requests, connections: CONNECTIONS, ms: PROFILED_MS });
      answered = latencies.length;
    });
    inspector.close();
    return new Map(spent.filter(({ what }) => what !== IDLE).map(({ what, us }) => [what, us / answered]));
  } finally {
    await worker.stop();
  }
}
