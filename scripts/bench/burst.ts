// A bulk edit in GoHighLevel: five webhooks for each of many contacts, faster than the vendors may be asked.

import { READS_PER_MINUTE } from '../../workers/consumer/store/rate-limits.ts';
import { type Crowd, gather, impose, sendWebhook, until, waiting } from './crowd.ts';
import { workerdCpuMs } from './measure/cpu.ts';
import type { Figure } from './measure/figure.ts';
import { inspectWorker } from './measure/inspector.ts';
import type { Limit } from './vendor-pace.ts';

const SECTION = 'burst';
const COPIES = 5;
/** A small burst, to see whether memory and CPU a message grow with the large one. */
const SMALL = 200;
const LARGE = 2000;
const SENDERS = 16;
/** GoHighLevel's own (docs/vendors.md, GoHighLevel: rate limits), but for the day's: its headers tell the pipeline. */
const LIMIT: Limit = { max: 100, intervalMs: 10_000, dailyMax: 10_000_000 };
const MB = 1_000_000;

interface Drained {
  webhooks: number;
  ghlCalls: number;
  callToolsCalls: number;
  throttled: number;
  seconds: number;
  sentSeconds: number;
  cpuMs: number | null;
  heapMb: number;
}

/** Takes about five minutes. */
export async function benchBurst({
  log,
  tell,
}: {
  log(line: string): void;
  tell(line: string): void;
}): Promise<Figure[]> {
  const crowd = await gather({ contacts: SMALL + LARGE, leads: SMALL + LARGE, log });
  try {
    await impose(crowd, 0, LIMIT);
    tell(`${SMALL * COPIES} webhooks…`);
    const small = await drain(crowd, crowd.leads.slice(0, SMALL));
    tell(`${LARGE * COPIES} webhooks…`);
    const large = await drain(crowd, crowd.leads.slice(SMALL));
    const cpu = ({ cpuMs, webhooks }: Drained) => (cpuMs === null ? null : cpuMs / webhooks);
    return figuresOf(small, large, cpu);
  } finally {
    await crowd.pipeline.close();
  }
}

function figuresOf(small: Drained, large: Drained, cpu: (drained: Drained) => number | null): Figure[] {
  const what = `${large.webhooks.toLocaleString('en-US')} webhooks for ${LARGE.toLocaleString('en-US')} contacts`;
  const of = { section: SECTION };
  const [cpuSmall, cpuLarge] = [cpu(small), cpu(large)];
  const atLimit = (LARGE / LIMIT.max) * (LIMIT.intervalMs / 1000);
  const allowed = (LARGE / READS_PER_MINUTE) * 60;
  return [
    {
      ...of,
      what: `${what}: GoHighLevel calls`,
      value: large.ghlCalls,
      unit: 'calls',
      floor: { what: 'one a contact', value: LARGE },
      targets: [{ kind: 'ratio-at-most', limit: 1.2 }],
      note: `${COPIES} copies for each contact, one round of all contacts after the other; sent in ${large.sentSeconds.toFixed(0)} s`,
    },
    {
      ...of,
      what: `${what}: CallTools calls`,
      value: large.callToolsCalls,
      unit: 'calls',
      floor: { what: 'one a contact', value: LARGE },
      targets: [{ kind: 'ratio-at-most', limit: 1.2 }],
    },
    {
      ...of,
      what: `${what}: drained in`,
      value: large.seconds,
      unit: 's',
      floor: { what: 'one call a contact at the rate that is kept', value: Math.max(allowed, large.sentSeconds) },
      targets: [{ kind: 'ratio-at-most', limit: 1.2 }],
      note: `of GoHighLevel's ${LIMIT.max} calls in ${LIMIT.intervalMs / 1000} s webhooks take ${Math.round((100 * atLimit) / allowed)} %, so that none is refused`,
    },
    {
      ...of,
      what: '… at the whole limit',
      value: large.seconds,
      unit: 's',
      floor: { what: 'one call a contact', value: Math.max(atLimit, large.sentSeconds) },
    },
    { ...of, what: `${what}: refused with 429`, value: large.throttled, unit: 'calls' },
    {
      ...of,
      what: "consumer's heap, highest",
      value: large.heapMb,
      unit: 'MB',
      floor: { what: `with ${small.webhooks} webhooks`, value: small.heapMb },
    },
    ...(cpuSmall === null || cpuLarge === null
      ? []
      : [
          {
            ...of,
            what: 'CPU a webhook, all of workerd',
            value: cpuLarge,
            unit: 'ms' as const,
            floor: { what: `with ${small.webhooks} webhooks`, value: cpuSmall },
            note: 'ingest, consumer, and the local stand-ins of queues and D1, which Cloudflare does not bill',
          },
        ]),
  ];
}

async function drain(crowd: Crowd, contactIds: string[]): Promise<Drained> {
  const { ghl, callTools } = crowd.pipeline.sandbox;
  const lastName = `Bulk${contactIds.length}`;
  const phones: string[] = [];
  for (const id of contactIds) phones.push((await ghl.editContact(id, { lastName }, { silent: true })).phone);
  const consumer = await inspectWorker(crowd.pipeline.inspector, 'contact-consumer');
  let heapMb = 0;
  const watch = setInterval(
    () => void consumer.heap().then(({ used }) => (heapMb = Math.max(heapMb, used / MB))), // the largest seen
    250,
  );
  const before = { ghl: ghl.calls.count(), callTools: callTools.calls.count(), cpu: await workerdCpuMs() };
  const refused = () => ghl.calls.count({ status: 429 }) + callTools.calls.count({ status: 429 });
  const refusedBefore = refused();
  const started = performance.now();
  await sendAll(crowd, Array.from({ length: COPIES }, () => contactIds).flat());
  const sentSeconds = (performance.now() - started) / 1000;
  const shows = (phone: string) => callTools.withPhone(phone).some(({ fields }) => fields.last_name === lastName);
  await until(() => phones.every(shows));
  const seconds = ((await quiet(crowd)) - started) / 1000;
  const cpu = await workerdCpuMs();
  clearInterval(watch);
  consumer.close();
  return {
    webhooks: contactIds.length * COPIES,
    seconds,
    sentSeconds,
    heapMb,
    ghlCalls: ghl.calls.count() - before.ghl,
    callToolsCalls: callTools.calls.count() - before.callTools,
    throttled: refused() - refusedBefore,
    cpuMs: cpu === null || before.cpu === null ? null : cpu - before.cpu,
  };
}

async function sendAll(crowd: Crowd, contactIds: string[]): Promise<void> {
  const waiting = contactIds[Symbol.iterator]();
  async function send(): Promise<void> {
    for (const id of waiting) await sendWebhook(crowd, id);
  }
  await Promise.all(Array.from({ length: SENDERS }, send));
}

/** What is under way in a batch is over within this. */
const QUIET_MS = 5_000;

/** Waits until nothing is left of the burst: no queue holds anything, and GoHighLevel has not been called for a while. When it was called last. */
async function quiet(crowd: Crowd): Promise<number> {
  const { calls } = crowd.pipeline.sandbox.ghl;
  let seen = { count: calls.count(), at: performance.now() };
  await until(async () => {
    const left = await waiting(crowd);
    const now = performance.now();
    if (left > 0 || calls.count() !== seen.count) seen = { count: calls.count(), at: now };
    return now - seen.at >= QUIET_MS;
  }, 250);
  return seen.at;
}
