// One contact that GoHighLevel refuses, whose webhook comes again and again: do the others notice it?

import type { Sandbox } from '../../sandbox/sandbox.ts';
import { type Crowd, gather, sendWebhook } from './crowd.ts';
import type { Figure } from './measure/figure.ts';
import { freshLeads } from './measure/real-time.ts';
import { median, percentile } from './measure/statistics.ts';
import { paceVendors, UNLIMITED } from './vendor-pace.ts';

const SECTION = 'refused';
const LATENCY_MS = 100;
const PER_SECOND = 5;
/** Each round measures both, one after the other, so that a machine that becomes slower favors neither. */
const ROUNDS = 4;
const LEADS_A_ROUND = 100;
const WEBHOOK_EVERY_MS = 2000;
/** An id of another sub-account, as a workflow of that one would send it (docs/vendors.md, GoHighLevel: tokens). */
const REFUSED = 'refusedContact000001';
const REFUSAL = { statusCode: 403, message: 'The token does not have access to this location.', error: 'Forbidden' };

/** Takes about three minutes. */
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
    const quiet: number[] = [];
    const beside: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      quiet.push(...(await someLeads(crowd)));
      beside.push(...(await besideRefusals(crowd)));
    }
    return figures(quiet, beside, reads(sandbox));
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
async function besideRefusals(crowd: Crowd): Promise<number[]> {
  const sent: Promise<void>[] = [];
  const send = () => void sent.push(sendWebhook(crowd, REFUSED));
  send();
  const timer = setInterval(send, WEBHOOK_EVERY_MS);
  const leads = await someLeads(crowd, () => clearInterval(timer));
  await Promise.all(sent);
  return leads;
}

const reads = ({ ghl }: Sandbox) => ghl.calls.count({ path: `/contacts/${REFUSED}` });

function figures(quiet: number[], beside: number[], refusals: number): Figure[] {
  const what = `webhook to dialer beside one refused contact, ${PER_SECOND} new leads a second`;
  const figure = (name: string, of: (samples: number[]) => number): Figure => ({
    section: SECTION,
    what: `${what}, ${name}`,
    value: of(beside),
    unit: 'ms',
    floor: { what: 'without it', value: of(quiet) },
  });
  return [
    {
      ...figure('p50', median),
      note: `${beside.length} leads with and ${quiet.length} without, in turn; refused ${refusals} times, a webhook each ${WEBHOOK_EVERY_MS / 1000} s`,
    },
    { ...figure('p99', (samples) => percentile(samples, 0.99)), targets: [{ kind: 'ratio-at-most', limit: 1.1 }] },
  ];
}
