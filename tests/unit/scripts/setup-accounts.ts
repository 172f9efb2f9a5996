// What a set-up asks over the network: both vendors as the sandbox has them, CallTools' list of silos, the place for alerts, and the
// deployed pipeline.

import { createCallTools } from '../../../sandbox/calltools.ts';
import { createGoHighLevel } from '../../../sandbox/gohighlevel.ts';
import { NOON } from '../../support/virtual-clock.ts';
import { KEYS, VALUES } from './setup-harness.ts';

/** As the fake wrangler deploys it. */
export const ORIGIN = 'https://contact-ingest.acme.workers.dev';
export const ALERTS = 'https://hooks.example.com/services/secret-of-alerts';

type Answer = (request: Request) => Response | Promise<Response>;

const report = (ok: boolean) => ({
  ok,
  location_id: VALUES.GHL_LOCATION_ID,
  counts: { ok: 1, warning: 0, failed: ok ? 0 : 1, skipped: 0, following: 0 },
  checks: [{ code: 'settings', status: ok ? 'ok' : 'failed', seen: 'As seen.', what: 'Right.', todo: 'Fix it.' }],
});

/** Both accounts. `others` answers what is asked elsewhere, by origin; an origin without an answer cannot be reached. */
export function accounts(others: Record<string, Answer> = {}) {
  const world = { now: () => NOON, wait: async () => {}, random: () => 0.5 };
  const ghl = createGoHighLevel({ ...world, locationId: VALUES.GHL_LOCATION_ID, apiKey: KEYS.GHL_API_KEY });
  const callTools = createCallTools({ ...world, token: KEYS.CALLTOOLS_API_KEY });
  const asked: string[] = [];
  const answers: Record<string, Answer> = {
    'https://services.leadconnectorhq.com': ghl.handle,
    [VALUES.CALLTOOLS_BASE_URL]: callTools.handle,
    ...others,
  };
  return {
    ghl,
    callTools,
    asked,
    async vendors(request: Request): Promise<Response> {
      const { origin, pathname } = new URL(request.url);
      asked.push(`${request.method} ${origin}${pathname}`);
      const answer = answers[origin];
      if (!answer) throw new TypeError('fetch failed');
      return answer(request);
    },
  };
}

/** The deployed pipeline, which is well or not; and what it was told to do. */
export function pipeline({ ok = true, token }: { ok?: boolean; token(): string }) {
  const orders: string[] = [];
  const answer: Answer = (request) => {
    const { pathname } = new URL(request.url);
    const sent = request.headers.get('authorization');
    if (sent !== `Bearer ${token()}`) return Response.json({ title: 'no' }, { status: 401 });
    if (request.method === 'POST') orders.push(pathname);
    const data: unknown = pathname === '/doctor' ? { ok, reports: [report(ok)] } : { runs: [] };
    return Response.json({ success: true, data });
  };
  return { orders, answer };
}

/** The list of silos, in this form. */
export const silos = (body: unknown) => ({ 'https://app.calltools.io': () => Response.json(body) });
