// This pipeline's ingest beside what others would have built: how fast it answers, and what an answer is worth when the process dies.

import { closedLoop, postRequest } from '../load.ts';
import type { Figure } from '../measure/figure.ts';
import { percentile } from '../measure/statistics.ts';
import { type Signed, signedWebhooks } from '../webhooks.ts';
import { bullHost, type Host, nodeRedHost, ourHost, synchronousHost } from './hosts.ts';
import { installPeers } from './install.ts';

const SECTION = 'peers';
const BYTES = 1024;
const CONNECTIONS = 32;
const WARM_MS = 1000;
const MEASURED_MS = 4000;
/** Each is killed as soon as it has acknowledged this many. */
const ACKNOWLEDGED = 500;
const SYNCHRONOUS_LATENCY_MS = 100;

interface Outcome {
  name: string;
  rate: number;
  p50: number;
  p99: number;
  lost: number;
  lostWithQueue: number | null;
}

/** Takes about two minutes, and the first time another to install the peers. */
export async function comparePeers({ tell }: { tell(line: string): void }): Promise<Figure[]> {
  tell('installing the peers…');
  const folder = await installPeers();
  const starts: (() => Promise<Host | null>)[] = [
    ourHost,
    () => bullHost(folder),
    () => nodeRedHost(folder),
    () => synchronousHost(folder, SYNCHRONOUS_LATENCY_MS),
  ];
  const outcomes: Outcome[] = [];
  for (const start of starts) {
    const outcome = await contest(start, tell);
    if (outcome) outcomes.push(outcome);
    else tell('left out: there is no redis-server here (Debian: apt-get install redis-server)');
  }
  const [ours] = outcomes;
  return outcomes.flatMap((outcome) => figuresOf(outcome, outcome === ours ? null : (ours ?? null)));
}

async function contest(start: () => Promise<Host | null>, tell: (line: string) => void): Promise<Outcome | null> {
  const host = await start();
  if (!host) return null;
  tell(`${host.name}…`);
  const webhooks = await signedWebhooks('hmac', BYTES, 1024);
  const requests = asRequests(webhooks, host);
  try {
    await closedLoop({ port: host.port, requests, connections: CONNECTIONS, ms: WARM_MS });
    const { rate, latencies } = await closedLoop({
      port: host.port,
      requests,
      connections: CONNECTIONS,
      ms: MEASURED_MS,
    });
    const speed = { name: host.name, rate, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) };
    await host.stop();
    return { ...speed, ...(await killed(start)) };
  } finally {
    await host.stop();
  }
}

function asRequests(webhooks: readonly Signed[], { contentType }: Host): Buffer[] {
  return webhooks.map(({ body, headers }) =>
    postRequest('/webhook/ghl', { 'content-type': contentType, ...headers }, body),
  );
}

/** A fresh host, sent distinct webhooks until it has acknowledged enough, and killed on the spot. */
async function killed(start: () => Promise<Host | null>): Promise<Pick<Outcome, 'lost' | 'lostWithQueue'>> {
  const host = await start();
  if (!host) throw new Error('a host that started before does not start again');
  try {
    const requests = asRequests(await signedWebhooks('hmac', BYTES, 4 * ACKNOWLEDGED), host);
    let acknowledged = 0;
    let dying: Promise<void> | undefined;
    const onAnswer = () => {
      if (dying) return;
      acknowledged++;
      if (acknowledged >= ACKNOWLEDGED) dying = host.kill();
    };
    await closedLoop({ port: host.port, requests, connections: CONNECTIONS, ms: 60_000, onAnswer }).catch(() => {});
    await dying;
    const lost = Math.max(0, acknowledged - (await host.kept()));
    const kept = await host.keptWithoutQueue();
    return { lost, lostWithQueue: kept === null ? null : Math.max(0, acknowledged - kept) };
  } finally {
    await host.stop();
  }
}

function figuresOf({ name, rate, p50, p99, lost, lostWithQueue }: Outcome, ours: Outcome | null): Figure[] {
  const beside = (value: number) => ours && { floor: { what: 'this pipeline', value } };
  const of = { section: SECTION };
  return [
    { ...of, what: `${name}: answered`, value: rate, unit: 'req/s', ...beside(ours?.rate ?? 0) },
    { ...of, what: `${name}: p50`, value: p50, unit: 'ms', ...beside(ours?.p50 ?? 0) },
    { ...of, what: `${name}: p99`, value: p99, unit: 'ms', ...beside(ours?.p99 ?? 0) },
    {
      ...of,
      what: `${name}: lost of ${ACKNOWLEDGED} acknowledged when killed`,
      value: lost,
      unit: 'lost',
      ...(ours === null && { targets: [{ kind: 'at-most' as const, limit: 0 }] }),
    },
    ...(lostWithQueue === null
      ? []
      : [{ ...of, what: `${name}: … when Redis is killed too`, value: lostWithQueue, unit: 'lost' as const }]),
  ];
}
