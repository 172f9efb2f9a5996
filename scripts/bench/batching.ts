// Why contact-events has the batch size and the batch timeout that it has: the same leads under others.

import { setTimeout as sleep } from 'node:timers/promises';
import { installSynchronousCrypto } from '../../sandbox/synchronous-crypto.ts';
import { startPipeline } from '../local/pipeline.ts';
import type { QueueTimes } from '../local/runtime.ts';
import { PRICES } from './cost.ts';
import { gather } from './crowd.ts';
import { countDatabase } from './measure/counted-database.ts';
import type { Figure } from './measure/figure.ts';
import { freshLeads } from './measure/real-time.ts';
import { simulate } from './measure/simulated.ts';
import { median, percentile } from './measure/statistics.ts';
import { paceVendors, UNLIMITED } from './vendor-pace.ts';

const SECTION = 'batching';
const LATENCY_MS = 100;
/** As wrangler.consumer.jsonc has them. */
const OURS = { maxBatchSize: 25, maxBatchTimeout: 0 };
const TIMEOUTS = [0, 1, 2, 5];
const SIZES = [5, 25, 100];
const PER_SECOND = 5;
const STEADY_LEADS = 60;
/** At once, as an import brings them. */
const CROWD_LEADS = 150;
const PAUSE_MS = 2000;
const COUNTED_LEADS = 40;
/** Its tags' comes a tenth of a second after the other. */
const WEBHOOKS_A_LEAD = 2;
/** A message that meets a busy contact comes back after two seconds; the minute's cron is left out. */
const SETTLING_MS = 10_000;

/** Takes about two and a half minutes. */
export async function benchBatching({
  log,
  tell,
}: {
  log(line: string): void;
  tell(line: string): void;
}): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const maxBatchTimeout of TIMEOUTS) {
    tell(`batch timeout ${maxBatchTimeout} s…`);
    const { took, calls, busy } = await under({ ...OURS, maxBatchTimeout }, log, STEADY_LEADS, PER_SECOND);
    const what = `batch timeout ${maxBatchTimeout} s, ${PER_SECOND} new leads a second`;
    figures.push(
      figure(`${what}, p50`, median(took)),
      figure(`${what}, p99`, percentile(took, 0.99)),
      { section: SECTION, what: '… GoHighLevel calls a lead', value: calls / STEADY_LEADS, unit: 'calls' },
      {
        section: SECTION,
        what: '… deliveries put off for another batch, a lead',
        value: busy / STEADY_LEADS,
        unit: '',
      },
    );
  }
  tell('what waiting saves…');
  for (const batchTimeout of [0, 1]) figures.push(...(await costOf(batchTimeout)));
  for (const maxBatchSize of SIZES) {
    tell(`batch size ${maxBatchSize}…`);
    const { took } = await under({ ...OURS, maxBatchSize }, log, CROWD_LEADS, 1000);
    const what = `batch size ${maxBatchSize}, ${CROWD_LEADS} new leads at once`;
    figures.push(figure(`${what}, first`, Math.min(...took)), figure(`${what}, last`, Math.max(...took)));
  }
  return figures;
}

/** Counted on a simulated clock, with the real D1 of the local runtime. Cloudflare's queue runs ten batches side by side, as here. */
async function costOf(batchTimeout: number): Promise<Figure[]> {
  const pipeline = await startPipeline({ log: () => {} });
  const restore = installSynchronousCrypto();
  try {
    const { database, count } = countDatabase(pipeline.database);
    const world = simulate({ latencyMs: LATENCY_MS, limit: UNLIMITED, database, batchTimeout });
    const { clock, ghl, callTools, queues } = world;
    const send = async (leads: number) => {
      for (let n = 0; n < leads; n++)
        clock.after((1000 * (n + Math.random())) / PER_SECOND, () => {
          const phone = world.freshPhone();
          void ghl.addContact({ firstName: 'Fresh', phone, tags: ['cold lead'] });
        });
      await clock.runTo(clock.now + (1000 * leads) / PER_SECOND + SETTLING_MS);
    };
    // The bucket is known from here on.
    await send(1);
    const events = queues.get('contact-events')?.count ?? { batches: 0, deliveries: 0 };
    const before = { ...count, ...events, calls: ghl.calls.count() + callTools.calls.count() };
    await send(COUNTED_LEADS);
    const each = (after: number, before: number) => (after - before) / COUNTED_LEADS;
    const rows = each(count.rowsWritten, before.rowsWritten);
    const batches = each(events.batches, before.batches);
    const deliveries = each(events.deliveries, before.deliveries);
    const price =
      rows * PRICES['rows written'].each +
      batches * PRICES.requests.each +
      (2 * WEBHOOKS_A_LEAD + deliveries) * PRICES['queue operations'].each;
    const what = `batch timeout ${batchTimeout} s, counted a lead`;
    const calls = each(ghl.calls.count() + callTools.calls.count(), before.calls);
    return [
      { section: SECTION, what: `${what}: calls to both vendors`, value: calls, unit: 'calls' },
      { section: SECTION, what: '… rows written in D1', value: rows, unit: 'rows' },
      { section: SECTION, what: '… batches', value: batches, unit: '' },
      {
        section: SECTION,
        what: '… of a million leads, rows, batches and queue operations',
        value: 1e6 * price,
        unit: '$',
      },
    ];
  } finally {
    restore();
    await pipeline.close();
  }
}

type Log = (line: string) => void;

const figure = (what: string, value: number): Figure => ({ section: SECTION, what, value, unit: 'ms' });

interface Taken {
  /** ms from webhook to dialer. */
  took: number[];
  calls: number;
  /** Messages that came back because another batch had the contact. */
  busy: number;
}

async function under(queues: QueueTimes, log: Log, count: number, perSecond: number): Promise<Taken> {
  let busy = 0;
  const listen = (line: string) => {
    if (line.includes('"event":"contact.busy"')) busy += Number(/"messages":(\d+)/.exec(line)?.[1] ?? 1);
    log(line);
  };
  const crowd = await gather({ contacts: 10, leads: 10, log: listen, queues });
  try {
    const { ghl } = crowd.pipeline.sandbox;
    paceVendors(crowd.pipeline.sandbox, LATENCY_MS, UNLIMITED);
    await sleep(PAUSE_MS);
    const before = { calls: ghl.calls.count(), busy };
    let left = count;
    const took = await freshLeads(crowd, { perSecond, goOn: () => left-- > 0 });
    await sleep(PAUSE_MS);
    return { took, calls: ghl.calls.count() - before.calls, busy: busy - before.busy };
  } finally {
    await crowd.pipeline.close();
  }
}
