// One contact that GoHighLevel refuses, whose webhook comes again and again: do the others notice it? Any contact's webhook is a read
// more, so they are compared with leads beside one that GoHighLevel serves, whose webhook comes as often. Leads beside neither are shown too.

import type { Sandbox } from '../../sandbox/sandbox.ts';
import { type Crowd, gather, sendWebhook } from './crowd.ts';
import type { Figure } from './measure/figure.ts';
import { freshLeads } from './measure/real-time.ts';
import { median, percentile } from './measure/statistics.ts';
import { paceVendors, UNLIMITED } from './vendor-pace.ts';

const SECTION = 'refused';
const LATENCY_MS = 100;
const PER_SECOND = 5;
/** Each round measures all three, one after the other, so that a machine that becomes slower favors none. */
const ROUNDS = 4;
const LEADS_A_ROUND = 100;
const WEBHOOK_EVERY_MS = 2000;
/** An id of another sub-account, as a workflow of that one would send it (docs/vendors.md, GoHighLevel: tokens). */
const REFUSED = 'refusedContact000001';
const REFUSAL = { statusCode: 403, message: 'The token does not have access to this location.', error: 'Forbidden' };

/** Milliseconds of each lead. */
interface Samples {
  alone: number[];
  besideServed: number[];
  besideRefused: number[];
}

/** Takes about four and a half minutes. */
export async function benchRefused({ log }: { log(line: string): void }): Promise<Figure[]> {
  const crowd = await gather({ contacts: 20, leads: 20, log });
  try {
    const { sandbox } = crowd.pipeline;
    paceVendors(sandbox, LATENCY_MS, UNLIMITED);
    sandbox.ghl.faults.plan({
      match: { method: 'GET', path: `/contacts/${REFUSED}` },
      do: { kind: 'status', status: REFUSAL.statusCode, body: REFUSAL },
    });
    await someLeads(crowd); // the bucket exists, and the code is compiled
    const samples: Samples = { alone: [], besideServed: [], besideRefused: [] };
    const [served = ''] = crowd.leads;
    for (let round = 0; round < ROUNDS; round++) {
      samples.alone.push(...(await someLeads(crowd)));
      samples.besideServed.push(...(await beside(crowd, served)));
      samples.besideRefused.push(...(await beside(crowd, REFUSED)));
    }
    return figures(samples, reads(sandbox));
  } finally {
    await crowd.pipeline.close();
  }
}

function someLeads(crowd: Crowd, over = () => {}): Promise<number[]> {
  let left = LEADS_A_ROUND;
  const goOn = () => {
    if (left === 0) over();
    return left-- > 0;
  };
  return freshLeads(crowd, { perSecond: PER_SECOND, goOn });
}

/** The webhooks end with the stream of leads: were all to wait for that contact, the bench would too. */
async function beside(crowd: Crowd, contactId: string): Promise<number[]> {
  const sent: Promise<void>[] = [];
  const send = () => void sent.push(sendWebhook(crowd, contactId));
  send();
  const timer = setInterval(send, WEBHOOK_EVERY_MS);
  const leads = await someLeads(crowd, () => clearInterval(timer));
  await Promise.all(sent);
  return leads;
}

const reads = ({ ghl }: Sandbox) => ghl.calls.count({ path: `/contacts/${REFUSED}` });

function figures({ alone, besideServed, besideRefused }: Samples, refusals: number): Figure[] {
  const what = `webhook to dialer beside one refused contact, ${PER_SECOND} new leads a second`;
  const figure = (name: string, of: (samples: number[]) => number): Figure => ({
    section: SECTION,
    what: `${what}, ${name}`,
    value: of(besideRefused),
    unit: 'ms',
    floor: { what: 'beside one that is served', value: of(besideServed) },
  });
  const p99 = (samples: number[]) => percentile(samples, 0.99);
  const each = `a webhook each ${WEBHOOK_EVERY_MS / 1000} s`;
  return [
    {
      ...figure('p50', median),
      note: `${alone.length} leads each, in turn; refused ${refusals} times, ${each}; beside neither ${Math.round(median(alone))} ms`,
    },
    {
      ...figure('p99', p99),
      targets: [{ kind: 'ratio-at-most', limit: 1.1 }],
      note: `beside neither ${Math.round(p99(alone))} ms: that webhook is a read more, whether it is refused or served`,
    },
  ];
}
