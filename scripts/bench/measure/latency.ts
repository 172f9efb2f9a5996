// From a webhook until the dialer holds the lead, at a rate that a busy sub-account has.

import { gather } from '../crowd.ts';
import { paceVendors, UNLIMITED } from '../vendor-pace.ts';
import type { Figure } from './figure.ts';
import { freshLeads } from './real-time.ts';
import { median, percentile } from './statistics.ts';

const SECTION = 'latency';
const LATENCY_MS = 100;
const PER_SECOND = 5;
const LEADS = 150;
/** `max_batch_timeout` of contact-events in wrangler.consumer.jsonc. */
const BATCH_WAIT_MS = 1000;
/** Read it, look for its phone, create it. */
const CALLS = 3;

/** Takes about 35 seconds. */
export async function benchLatency({ log }: { log(line: string): void }): Promise<Figure[]> {
  const crowd = await gather({ contacts: 20, leads: 20, log });
  try {
    paceVendors(crowd.pipeline.sandbox, LATENCY_MS, UNLIMITED);
    let left = LEADS;
    const took = await freshLeads(crowd, { perSecond: PER_SECOND, goOn: () => left-- > 0 });
    const floor = { what: `batch wait and ${CALLS} calls`, value: BATCH_WAIT_MS + CALLS * LATENCY_MS };
    const what = `webhook to dialer, ${PER_SECOND} new leads a second, ${LATENCY_MS} ms a call`;
    return [
      {
        section: SECTION,
        what: `${what}, p50`,
        value: median(took),
        unit: 'ms',
        floor,
        targets: [{ kind: 'ratio-at-most', limit: 1.3 }],
        note: `${took.length} leads, two webhooks each; the local queue runs one batch at a time, Cloudflare's runs up to ten`,
      },
      {
        section: SECTION,
        what: `${what}, p99`,
        value: percentile(took, 0.99),
        unit: 'ms',
        floor,
        targets: [{ kind: 'at-most', limit: 5000 }],
      },
    ];
  } finally {
    await crowd.pipeline.close();
  }
}
