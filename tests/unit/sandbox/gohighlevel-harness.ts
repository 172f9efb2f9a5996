// The stand-in for GoHighLevel, asked over its API, with a receiver of its webhooks.

import type { GoHighLevelSettings } from '../../../sandbox/gohighlevel/settings.ts';
import { createGoHighLevel } from '../../../sandbox/gohighlevel.ts';
import { hmacSigner } from '../../../sandbox/webhooks.ts';

/** What a test reads of answers; each holds some of it. */
interface Answer {
  message: string | string[];
  contact: Record<string, unknown>;
  contacts: ({ id: string; searchAfter: unknown } & Record<string, unknown>)[];
  total: number;
  customFields: { fieldKey: string }[];
  users: { id: string }[];
  pipelines: { name: string }[];
  opportunities: { id: string }[];
  meta: { total: number; startAfter: number; startAfterId: string; nextPage: number | null };
  tags: string[];
  note: unknown;
}

/** What a test reads of webhooks; only those about DND have channels. */
interface Webhook {
  type: string;
  timestamp: string;
  webhookId: string;
  dndSettings: Record<string, unknown>;
}

export const HEADERS = { authorization: 'Bearer k', version: '2021-07-28' };

/** A location whose webhooks arrive in `inbox`; `answers` are the receiver's statuses, 200 once they run out, 0 breaks. */
export function location(settings: Partial<GoHighLevelSettings> = {}, answers: number[] = []) {
  let clock = Date.UTC(2026, 10, 1);
  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  const advance = async (ms: number) => {
    clock += ms;
  };
  const inbox: { raw: string; body: Webhook; headers: Record<string, string> }[] = [];
  const receive: typeof fetch = async (_url, init) => {
    const raw = new TextDecoder().decode(init?.body as Uint8Array<ArrayBuffer>);
    inbox.push({ raw, body: JSON.parse(raw), headers: init?.headers as Record<string, string> });
    const status = answers.shift() ?? 200;
    if (status === 0) throw new TypeError('fetch failed');
    return new Response(null, { status });
  };
  const webhook = { url: 'http://ingest.test/', sign: hmacSigner('s'), fetch: receive };
  const vendor = createGoHighLevel({
    locationId: 'loc',
    apiKey: 'k',
    now: () => clock,
    random,
    wait: advance,
    settings,
    webhook,
  });
  async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = HEADERS) {
    const json = body === undefined || method === 'GET' ? {} : { body: JSON.stringify(body) };
    const response = await vendor.handle(new Request(`http://ghl.test${path}`, { method, headers, ...json }));
    return { status: response.status, headers: response.headers, json: (await response.json()) as Answer };
  }
  const search = (body: Record<string, unknown> = {}) =>
    call('POST', '/contacts/search', { locationId: 'loc', pageLimit: 100, ...body });
  const types = async () => {
    await vendor.settled();
    return inbox.map(({ body }) => body.type);
  };
  return { vendor, call, search, advance, inbox, types };
}
