// The stand-in for CallTools with agents at work, and a receiver of its hooks.

import type { AgentCallInput } from '../../../sandbox/calltools/calls/agents.ts';
import type { CallToolsSettings } from '../../../sandbox/calltools/settings.ts';
import { createCallTools } from '../../../sandbox/calltools.ts';
import { NOON, VirtualClock } from '../../support/virtual-clock.ts';
import { PHONE } from './calltools-harness.ts';

export { NOON };

/** What a test reads of answers; each holds some of it. */
interface Answer extends Record<string, unknown> {
  id: number;
  count: number;
  next: string | null;
  results: ({ id: number; contact: number } & Record<string, unknown>)[];
}

/** What a hook has sent. */
interface Received {
  url: string;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

/** One contact in the bucket "Cold Leads", and a record of dispositions with nothing in it. `answers` are the receiver's statuses. */
export function callCenter(settings: Partial<CallToolsSettings> = {}, answers: number[] = []) {
  const clock = new VirtualClock();
  const inbox: Received[] = [];
  const receive: typeof fetch = async (url, init) => {
    inbox.push({
      url: String(url),
      headers: init?.headers as Record<string, string>,
      body: JSON.parse(String(init?.body)),
    });
    const status = answers.shift() ?? 200;
    if (status === 0) throw new TypeError('fetch failed');
    return new Response(null, { status });
  };
  let seed = 1;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed / 2147483647;
  };
  const world = { now: () => clock.at, random, wait: clock.sleep };
  const vendor = createCallTools({ ...world, token: 't', settings, fetch: receive });
  const { id } = vendor.addContactByHand({ first_name: 'Dana', mobile_phone_number: PHONE, buckets: ['Cold Leads'] });

  async function call(method: string, path: string, body?: unknown) {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { authorization: 'Token t', 'content-type': 'application/json' };
    const response = await vendor.handle(new Request(`http://calltools.test/api${path}`, { method, headers, ...init }));
    const text = await response.text();
    return { status: response.status, json: (text === '' ? null : JSON.parse(text)) as Answer };
  }

  return {
    vendor,
    call,
    clock,
    inbox,
    id,
    contact: () => vendor.contacts().find((one) => one.id === id),
    dispose: (disposition: string, how: Partial<AgentCallInput> = {}) => vendor.agentCalls(id, { disposition, ...how }),
    history: async (query = '?ordering=-pk') =>
      (await call('GET', `/historicalcalldispositions/${query}`)).json.results,
    /** Time passes, and what was due has happened. */
    async pass(ms: number) {
      clock.advance(ms);
      await new Promise((resolve) => setImmediate(resolve));
      await vendor.settled();
    },
  };
}
