// Where the time of a webhook goes in ingest: what each of its promises costs, added to a bare worker one by one, and V8's own profile.

import { type Bundle, bundleWorkers } from '../local/bundle.ts';
import { type Closing, createClosing } from '../local/closing.ts';
import { asIngest, bareWorker, contestants, type Name, VERIFY } from './ingest.ts';
import { closedLoop } from './load.ts';
import { cpuMsOf } from './measure/cpu.ts';
import type { Figure } from './measure/figure.ts';
import { attach } from './measure/inspector.ts';
import { median } from './measure/statistics.ts';
import { asRequests, signedWebhooks } from './webhooks.ts';
import { type BareOptions, type BareWorker, serveBare } from './workerd.ts';

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

const SENT = 'const sending = env.EVENTS.send(message);';
const KEPT = `${SENT} context.waitUntil(sending);`;
const BOUNDED = `${KEPT} await new Promise((resolve) => {
    const timer = setTimeout(resolve, 150);
    sending.then(() => { clearTimeout(timer); resolve(); });
  });`;
/** The fields of ingest's own line. */
const LOGGED = `${BOUNDED} const { eventType, locationId, contactId, eventId } = message;
  console.log(JSON.stringify({ event: 'webhook.queued', worker: 'webhook-ingest', scheme: 'hmac', eventType, locationId, contactId, eventId,
    status: 202, budgetHit: false, outcome: 'queued', stored: 'queue', sends: 1, ms: 1 }));`;
const READ = 'await request.arrayBuffer();';
/** Each does what the one before does, and one thing more. */
const LADDER: [what: string, script: string][] = [
  ['read and send', bareWorker(READ)],
  ['+ verify and parse', bareWorker(VERIFY)],
  ['+ keep the sending alive where the sender hangs up', bareWorker(VERIFY, `${KEPT} await sending;`)],
  ['+ answer in time where the queue hangs', bareWorker(VERIFY, BOUNDED)],
  ['+ one log line', bareWorker(VERIFY, LOGGED)],
];
const INGEST = 'ingest';
/** The section `cost` takes the CPU of ingest from the figure of this name. */
export const INGEST_CPU = 'CPU of ingest against a bare worker that keeps the same promises';
const LADDER_WAVES = 7;
const LADDER_ROUNDS = 2;
const LADDER_MS = 700;

/** Takes about two minutes. */
export async function benchProfile(): Promise<Figure[]> {
  const { ingest } = await bundleWorkers();
  const requests = asRequests(await signedWebhooks('hmac', 1024, WEBHOOKS));
  return [...(await climb(ingest, requests)), ...(await profiled(ingest, requests))];
}

/** CPU of workerd a webhook, by /proc: the median counts. Each wave has processes of its own: two of one worker differ by a tenth. */
async function climb(ingest: Bundle, requests: Buffer[]): Promise<Figure[]> {
  const spent = new Map<string, number[]>();
  for (let wave = 0; wave < LADDER_WAVES; wave++) {
    const closing = createClosing();
    try {
      for (const [what, us] of await climbOnce(ingest, requests, closing))
        spent.set(what, [...(spent.get(what) ?? []), ...us]);
    } finally {
      await closing.close();
    }
  }
  return ladderFigures(spent);
}

/** By worker. All are loaded in turn. */
async function climbOnce(ingest: Bundle, requests: Buffer[], closing: Closing): Promise<Map<string, number[]>> {
  const workers: { what: string; worker: BareWorker; us: number[] }[] = [];
  for (const [what, script] of [...LADDER, [INGEST, ingest.script] as const]) {
    const worker = await serveBare(asIngest(ingest, script));
    closing.defer(() => worker.stop());
    workers.push({ what, worker, us: [] });
  }
  for (let round = 0; round <= LADDER_ROUNDS; round++) {
    for (const { worker, us } of workers) {
      const before = await cpuMsOf(worker.pid);
      const load = { port: worker.port, requests, connections: CONNECTIONS, ms: LADDER_MS };
      const { latencies, wrong } = await closedLoop(load);
      if (wrong > 0) throw new Error(`${wrong} of ${latencies.length} answers were not 202`);
      const after = await cpuMsOf(worker.pid);
      // The first round warms up.
      if (before !== null && after !== null && round > 0) us.push(((after - before) * 1000) / latencies.length);
    }
  }
  return new Map(workers.map(({ what, us }) => [what, us]));
}

/** None where the system tells no CPU time of a process. */
function ladderFigures(spent: ReadonlyMap<string, number[]>): Figure[] {
  const of = (name: string | undefined) => median(spent.get(name ?? '') ?? []);
  const [first, last] = [LADDER[0]?.[0], LADDER.at(-1)?.[0]];
  if ([...spent.values()].some((us) => us.length === 0)) return [];
  return [
    ...LADDER.map(
      ([what], n): Figure => ({
        section: SECTION,
        what: `CPU a webhook, ${what}`,
        value: of(what),
        unit: 'µs',
        ...(n > 0 && { floor: { what: 'read and send', value: of(first) } }),
      }),
    ),
    {
      section: SECTION,
      what: INGEST_CPU,
      value: of(INGEST),
      unit: 'µs',
      floor: { what: 'verify, outlive the sender, answer in time, log', value: of(last) },
      targets: [{ kind: 'ratio-at-most', limit: 1.1 }],
      note: `a webhook, by /proc, the median of ${LADDER_WAVES * LADDER_ROUNDS} rounds each, in turn, of ${LADDER_WAVES} processes`,
    },
  ];
}

/** With the inspector attached everything is slower, logging above all: shares count, not sums. */
async function profiled(ingest: Bundle, requests: Buffer[]): Promise<Figure[]> {
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
    await closedLoop({ port, requests, connections: CONNECTIONS, ms: WARM_MS });
    const inspector = await attach(worker.inspector, 'main');
    let answered = 0;
    const spent = await inspector.profile(async () => {
      const { latencies } = await closedLoop({ port, requests, connections: CONNECTIONS, ms: PROFILED_MS });
      answered = latencies.length;
    });
    inspector.close();
    return new Map(spent.filter(({ what }) => what !== IDLE).map(({ what, us }) => [what, us / answered]));
  } finally {
    await worker.stop();
  }
}
