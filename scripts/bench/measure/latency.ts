// From a webhook until the dialer holds the lead, at a rate that a busy sub-account has.

import { gather, until, waiting } from '../crowd.ts';
import { paceVendors, UNLIMITED } from '../vendor-pace.ts';
import type { Figure } from './figure.ts';
import { freshLeads } from './real-time.ts';
import { median, percentile } from './statistics.ts';

const SECTION = 'latency';
const LATENCY_MS = 100;
const PER_SECOND = 5;
const LEADS = 150;
/** Read it, look for its phone, create it. */
const CALLS = 3;

/** Takes about 35 seconds. */
export async function benchLatency({ log }: { log(line: string): void }): Promise<Figure[]> {
  const crowd = await gather({ contacts: 20, leads: 20, log });
  try {
    const { sandbox } = crowd.pipeline;
    paceVendors(sandbox, LATENCY_MS, UNLIMITED);
    const calls = () => sandbox.ghl.calls.count() + sandbox.callTools.calls.count();
    const before = calls();
    let left = LEADS;
    const took = await freshLeads(crowd, { perSecond: PER_SECOND, goOn: () => left-- > 0 });
    await until(async () => (await waiting(crowd)) === 0);
    const floor = { what: `${CALLS} calls`, value: CALLS * LATENCY_MS };
    const what = `webhook to dialer, ${PER_SECOND} new leads a second, ${LATENCY_MS} ms a call`;
    const time = (share: 'p50' | 'p99', value: number, limit: number): Figure => ({
      section: SECTION,
      what: `${what}, ${share}`,
      value,
      unit: 'ms',
      floor,
      targets: [{ kind: 'at-most', limit }],
    });
    return [
      {
        ...time('p50', median(took), 600),
        note: `${took.length} leads, two webhooks each; the local queue runs one batch at a time, Cloudflare's runs up to ten`,
      },
      time('p99', percentile(took, 0.99), 1200),
      {
        section: SECTION,
        what: 'calls per new lead that sends two webhooks',
        value: (calls() - before) / took.length,
        unit: 'calls',
        floor: { what: 'what one webhook costs', value: CALLS },
        targets: [{ kind: 'floor-plus', limit: 0 }],
        note: 'to both vendors',
      },
    ];
  } finally {
    await crowd.pipeline.close();
  }
}
