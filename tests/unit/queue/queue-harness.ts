// Batches for the consumer over real SQL, with both vendors of three locations, any of which may hang.

import { createCallTools } from '../../../sandbox/calltools.ts';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { createGoHighLevel } from '../../../sandbox/gohighlevel.ts';
import type { Env } from '../../../workers/consumer/config/env.ts';
import { createConsumer } from '../../../workers/consumer/consumer.ts';
import { RULES_FILE } from '../../support/rules.ts';
import { sequence } from '../../support/vendor-harness.ts';
import { NOON } from '../../support/virtual-clock.ts';

export const NEVER = new Promise<never>(() => {});
/** Locations by the names of their vendors' hosts; "one" stands at the top of the settings. */
const IDS = ['one', 'two', 'three'] as const;
type Id = (typeof IDS)[number];

/** The consumer over real SQL, and both sandbox vendors for each location. */
export function createStage(more: object = {}) {
  const sqlite = openSqlite();
  const lines: Record<string, unknown>[] = [];
  let fails = false;
  /** Hosts that accept a call and never answer, and how many such calls wait. */
  const hanging = new Map<string, number>();
  const deadlines: AbortController[] = [];
  const shared = { now: () => NOON, random: sequence(), wait: async () => {} };
  const vendors = Object.fromEntries(
    IDS.map((id) => [
      id,
      {
        ghl: createGoHighLevel({ ...shared, locationId: id, apiKey: `pit-${id}`, settings: { searchLagMs: 0 } }),
        callTools: createCallTools({ ...shared, token: `calltools-${id}`, settings: {} }),
      },
    ]),
  ) as Record<Id, { ghl: ReturnType<typeof createGoHighLevel>; callTools: ReturnType<typeof createCallTools> }>;

  /** As the platform has it: 6 connections, one of them in use for D1; a call beyond them waits (docs/vendors.md, Cloudflare: workers). */
  let free = 5;
  const turns: (() => void)[] = [];
  async function fetchFrom(url: string, init: RequestInit): Promise<Response> {
    if (free === 0) await new Promise<void>((turn) => turns.push(turn));
    free--;
    return answer(url, init).finally(() => {
      free++;
      turns.shift()?.();
    });
  }

  async function answer(url: string, init: RequestInit): Promise<Response> {
    const { hostname } = new URL(url);
    const [vendor, id] = hostname.split('.') as ['ghl' | 'calltools', Id];
    const waiting = hanging.get(hostname);
    if (waiting === undefined)
      return vendors[id][vendor === 'ghl' ? 'ghl' : 'callTools'].handle(new Request(url, init));
    hanging.set(hostname, waiting + 1);
    return new Promise((_, reject) => init.signal?.addEventListener('abort', () => reject(init.signal?.reason)));
  }

  let ids = 0;
  const waits: number[] = [];
  const consumer = createConsumer({
    now: () => NOON,
    random: () => 0.5,
    newId: () => `id-${++ids}`,
    fetch: fetchFrom,
    wait: async (ms) => void waits.push(ms),
    write: (line) => void lines.push(JSON.parse(line)),
    deadline() {
      const controller = new AbortController();
      deadlines.push(controller);
      return controller.signal;
    },
  });
  const own = (id: Id) => ({
    GHL_API_BASE_URL: `https://ghl.${id}.test`,
    CALLTOOLS_BASE_URL: `https://calltools.${id}.test`,
  });
  const secrets = Object.fromEntries(
    IDS.flatMap((id) => [
      [`GHL_API_KEY_${id.toUpperCase()}`, `pit-${id}`],
      [`CALLTOOLS_API_KEY_${id.toUpperCase()}`, `calltools-${id}`],
    ]),
  );
  const sent: unknown[] = [];
  /** Of what was sent, in seconds. */
  const delays: number[] = [];
  const queue = {
    send: async (body: unknown, { delaySeconds = 0 } = {}) => {
      sent.push(body);
      delays.push(delaySeconds);
    },
  };
  const env = {
    GHL_LOCATION_ID: 'one',
    GHL_API_KEY: 'pit-one',
    CALLTOOLS_API_KEY: 'calltools-one',
    rulesFile: RULES_FILE,
    ...own('one'),
    LOCATIONS: {
      two: { secrets: 'TWO', ...own('two'), SYNC_RULES: { routes: [{ name: 'w', tags: ['warm'], bucket: 'Warm' }] } },
      three: { secrets: 'THREE', ...own('three') },
    },
    ...secrets,
    DB: sqlite.bind(async (act) => {
      if (fails) throw new Error('D1_ERROR: Network connection lost.');
      return act();
    }),
    EVENTS: queue,
    BACKSTOP: queue,
    DEAD_LETTERS: queue,
    ...more,
  } as unknown as Env;

  return {
    sqlite,
    vendors,
    lines,
    hanging,
    sent,
    delays,
    waits,
    /** Whether D1 fails from now on. */
    failDatabase(now: boolean) {
      fails = now;
    },
    hang: (host: string) => void hanging.set(host, 0),
    /** Ends every call that waits, and whatever is called from now on is answered. */
    giveUp() {
      hanging.clear();
      for (const controller of deadlines) controller.abort(new DOMException('timed out', 'TimeoutError'));
    },
    /** Gives the consumer a batch; `ends` fills as messages end. */
    deliver(bodies: object[], name = 'contact-events') {
      const ends = new Map<number, 'ack' | 'retry'>();
      const messages = bodies.map((body, n) => ({
        id: `m-${n}`,
        timestamp: new Date(NOON),
        attempts: 1,
        body,
        ack: () => void ends.set(n, 'ack'),
        retry: () => void ends.set(n, 'retry'),
      }));
      const batch = { queue: name, messages } as unknown as Parameters<typeof consumer.queue>[0];
      return { ends, done: consumer.queue(batch, env) };
    },
  };
}

type Stage = ReturnType<typeof createStage>;

let lastFour = 1000;
/** A contact in the location's GoHighLevel, and the hint about it. */
export async function lead({ vendors }: Stage, id: Id, tags = ['cold lead']) {
  const phone = `+1305555${lastFour++}`;
  const contact = await vendors[id].ghl.addContact({ firstName: 'Dana', phone, tags });
  const hint = {
    v: 1,
    kind: 'contact.changed',
    locationId: id,
    contactId: contact.id,
    eventType: 'ContactCreate',
    source: 'webhook',
    eventId: `e-${contact.id}`,
    occurredAt: null,
    receivedAt: NOON,
    snapshot: null,
  };
  return { hint, phone };
}

export const several = (stage: Stage, id: Id, count: number) =>
  Promise.all(Array.from({ length: count }, () => lead(stage, id)));
export const hints = (leads: { hint: object }[]) => leads.map(({ hint }) => hint);
export const acked = (ends: Map<number, string>) => [...ends].flatMap(([n, end]) => (end === 'ack' ? [n] : []));

/** No turn at GoHighLevel for a minute. */
export function useUp({ sqlite }: Stage, until = NOON + 60_000) {
  sqlite.rows(
    `INSERT OR REPLACE INTO paces (location_id, vendor, free_at, lane_free_at) VALUES ('one', 'gohighlevel', ?1, ?1)`,
    until,
  );
}
