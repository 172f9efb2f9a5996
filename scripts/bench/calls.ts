// What a day of calls costs in calls to GoHighLevel. Counted, not timed: both workers run in this process, on SQLite and against the
// sandbox, and a day passes as fast as the work in it. Webhooks of what is written come back through ingest.

import type { MessageBatch } from '@cloudflare/workers-types';
import { type CallTools, createCallTools } from '../../sandbox/calltools.ts';
import { openSqlite } from '../../sandbox/d1-sqlite.ts';
import { DEFAULT_SETTINGS } from '../../sandbox/gohighlevel/settings.ts';
import { createGoHighLevel, type GoHighLevel } from '../../sandbox/gohighlevel.ts';
import { hmacSigner } from '../../sandbox/webhooks.ts';
import type { Message } from '../../shared/messages.ts';
import { HOUR_MS, MINUTE_MS } from '../../shared/time.ts';
import { type Env, REAL_WORLD } from '../../workers/consumer/config/env.ts';
import { createConsumer } from '../../workers/consumer/consumer.ts';
import { REAL_WORLD as INGEST_WORLD, type Env as IngestEnv } from '../../workers/ingest/env.ts';
import { createIngest } from '../../workers/ingest/ingest.ts';
import type { Figure } from './measure/figure.ts';
import { FULL_BATCH, hint } from './operations.ts';
import { DOCUMENTED } from './vendor-pace.ts';

const SECTION = 'calls';
const LOCATION = 'benchLocation0000001';
const SECRET = 'bench-secret';
const CONTACTS = 2000;
const DISPOSITIONS = 20_000;
/** Every contact is called as often as there are these in a day, so that each of its dispositions brings a tag that it has not. */
const TAGGED = Array.from({ length: DISPOSITIONS / CONTACTS }, (_, n) => `Noted ${n + 1}`);
const PLAIN = 'No Answer';
const SAID_NO = 'Not Interested';
/** One in so many says no, on the day on which nothing is written. */
const NO_EVERY = 20;
/** A day begins after the night, and calls end before the next (BACKSTOP_AT). */
const DAWN_MS = Date.UTC(2026, 10, 20, 3);
const CALLING_MS = 22 * HOUR_MS;
const UNTIL_NIGHT_MS = 22.5 * HOUR_MS;
const DAY_MS = 24 * HOUR_MS;
/** One call, and one in twenty for what comes of it. */
const MOST = 1.05;

const RESULTS = {
  poll: '5m',
  results: [
    { dispositions: [SAID_NO], hold: true },
    ...TAGGED.map((name) => ({ dispositions: [name], tags: [`dialer: ${name}`] })),
  ],
};

/** Takes about a minute of CPU time. */
export async function benchCalls({ tell }: { tell(line: string): void }): Promise<Figure[]> {
  const stage = await createStage();
  // The first night reads everybody, the second is like all that follow.
  await stage.day(() => null);
  const quiet = await stage.day(() => null);
  tell(`${DISPOSITIONS} dispositions because of which nothing is written…`);
  const plain = await stage.day((n) => (n % NO_EVERY === 0 ? SAID_NO : PLAIN));
  tell(`${DISPOSITIONS} dispositions because of which a tag is written…`);
  const tagged = await stage.day((n) => TAGGED[Math.floor(n / CONTACTS)] ?? PLAIN);
  const each = (calls: number) => calls / DISPOSITIONS;
  const extra = (night: number) => Math.max(0, night - quiet.night);
  const { tags, webhooks } = stage.written();
  if (tags !== DISPOSITIONS) throw new Error(`${tags} tags were written`);
  return [
    {
      section: SECTION,
      what: 'calls per disposition, a tag wanted',
      value: each(tagged.day + extra(tagged.night)),
      unit: 'calls',
      floor: { what: 'the write', value: 1 },
      targets: [{ kind: 'ratio-at-most', limit: MOST }],
      note: `to GoHighLevel; ${DISPOSITIONS.toLocaleString('en-US')} in a day of ${CONTACTS.toLocaleString('en-US')} contacts, ${webhooks.toLocaleString('en-US')} webhooks of it; a nightly run that reads more than a quiet one counts`,
    },
    {
      section: SECTION,
      what: 'calls per disposition, nothing wanted',
      value: each(plain.day + extra(plain.night)),
      unit: 'calls',
      floor: { what: 'needed', value: 0 },
      targets: [{ kind: 'floor-plus', limit: 0 }],
      note: `as many; one in ${NO_EVERY} says no`,
    },
    {
      section: SECTION,
      what: 'calls to CallTools in such a day, nothing wanted',
      value: plain.callTools,
      unit: 'calls',
      note: `every five minutes the rows of the last hour and of what is new, 250 a page; taking out who said no; ${quiet.callTools} on a day without calls`,
    },
  ];
}

/** Calls to GoHighLevel by day and in the night after it, and to CallTools in both. */
interface Spent {
  day: number;
  night: number;
  callTools: number;
}

/** The leads are in the dialer, and the record of calls was polled once. */
async function createStage() {
  const clock = { at: DAWN_MS };
  const vendorWorld = { now: () => clock.at, random: Math.random, wait: async () => {} };
  const ghl = createGoHighLevel({
    ...vendorWorld,
    locationId: LOCATION,
    apiKey: 'pit-bench',
    settings: { rateLimit: DOCUMENTED, searchLagMs: 0, scopes: [...DEFAULT_SETTINGS.scopes, 'contacts.write'] },
  });
  const effects = { hang_up_call: true, no_contact: false, set_contact_dnc: false, set_phone_number_dnc: false };
  const names = [PLAIN, SAID_NO, ...TAGGED];
  const dispositions = names.map((name, n) => ({ id: 3001 + n, name, ...effects }));
  const callTools = createCallTools({ ...vendorWorld, token: 'bench', settings: { dispositions } });
  const { minute, work, put } = createWorkers(clock, ghl, callTools);
  for (let n = 0; n < CONTACTS; n++) {
    const phone = `+1212${2_000_000 + n}`;
    const { id } = await ghl.addContact({ firstName: `First${n}`, phone, tags: ['cold lead'] }, { silent: true });
    put(hint(LOCATION, id, null));
  }
  await work();
  const called = callTools.contacts().map(({ id }) => id);
  if (called.length !== CONTACTS) throw new Error(`${called.length} contacts are in the dialer`);

  /** A minute of the day, with what falls due in it. */
  async function pass(until: number, due: () => void): Promise<void> {
    while (clock.at < until) {
      clock.at = Math.max(clock.at, clock.at - (clock.at % MINUTE_MS) + MINUTE_MS);
      due();
      await minute();
      await work();
    }
  }

  return {
    /** `said`: what the n-th call of the day ends with; null: nobody calls. */
    async day(said: (n: number) => string | null): Promise<Spent> {
      const dawn = clock.at - ((clock.at - DAWN_MS) % DAY_MS);
      ghl.calls.clear();
      callTools.calls.clear();
      let n = 0;
      await pass(dawn + UNTIL_NIGHT_MS, () => {
        for (; n < DISPOSITIONS && dawn + (n / DISPOSITIONS) * CALLING_MS < clock.at; n++) {
          const disposition = said(n);
          if (disposition) callTools.agentCalls(called[n % CONTACTS] ?? 0, { disposition, force: true });
        }
      });
      const day = ghl.calls.count();
      await pass(dawn + DAY_MS, () => {});
      return { day, night: ghl.calls.count() - day, callTools: callTools.calls.count() };
    },

    written: () => ({
      tags: ghl.contacts().reduce((sum, { tags }) => sum + tags.length - 1, 0),
      webhooks: ghl.deliveries.length,
    }),
  };
}

/** Ingest and the consumer, with the queues between them; waiting passes time. */
function createWorkers(clock: { at: number }, ghl: GoHighLevel, callTools: CallTools) {
  const now = () => clock.at;
  const consumer = createConsumer({
    ...REAL_WORLD,
    now,
    wait: async (ms) => {
      clock.at += ms;
    },
    deadline: () => new AbortController().signal,
    fetch: (url, init) => (url.startsWith('https://ghl.') ? ghl : callTools).handle(new Request(url, init)),
    write: () => {},
  });
  const ingest = createIngest({ ...INGEST_WORLD, now, write: () => {} });
  const queues: Record<'events' | 'backstop', { body: Message; attempts: number; visibleAt: number }[]> = {
    events: [],
    backstop: [],
  };
  const put = (body: Message, name: keyof typeof queues = 'events', delaySeconds = 0) =>
    void queues[name].push({ body, attempts: 0, visibleAt: now() + delaySeconds * 1000 });
  const producer = (name: keyof typeof queues) => ({
    send: async (body: Message, { delaySeconds = 0 } = {}) => put(body, name, delaySeconds),
    sendBatch: async (messages: Iterable<{ body: Message }>) => {
      for (const { body } of messages) put(body, name);
    },
  });
  const env = {
    DB: openSqlite().bind(async (act) => act()),
    EVENTS: producer('events'),
    BACKSTOP: producer('backstop'),
    DEAD_LETTERS: producer('events'),
    GHL_LOCATION_ID: LOCATION,
    GHL_API_KEY: 'pit-bench',
    GHL_API_BASE_URL: 'https://ghl.bench',
    CALLTOOLS_API_KEY: 'bench',
    CALLTOOLS_BASE_URL: 'https://calltools.bench',
    CALL_RESULTS: JSON.stringify(RESULTS),
    GHL_WEBHOOK_SECRET: SECRET,
  };
  ghl.sendWebhooksTo({
    url: 'https://ingest.bench/webhook/ghl',
    sign: hmacSigner(SECRET),
    fetch: async (url, init) => {
      const answer = await ingest.fetch(new Request(String(url), init), env as unknown as IngestEnv, {
        waitUntil: () => {},
      });
      if (answer.status !== 202) throw new Error(`a webhook was answered ${answer.status}`);
      return answer;
    },
  });

  async function batch(name: keyof typeof queues): Promise<boolean> {
    const some = queues[name].filter(({ visibleAt }) => visibleAt <= now()).slice(0, FULL_BATCH);
    if (some.length === 0) return false;
    queues[name] = queues[name].filter((one) => !some.includes(one));
    const messages = some.map((one) => ({
      id: crypto.randomUUID(),
      timestamp: new Date(now()),
      attempts: ++one.attempts,
      body: one.body,
      ack: () => {},
      retry: ({ delaySeconds = 0 } = {}) => {
        queues[name].push({ ...one, visibleAt: now() + delaySeconds * 1000 });
      },
    }));
    const given = { queue: `contact-${name}`, messages } as unknown as MessageBatch<unknown>;
    await consumer.queue(given, env as unknown as Env);
    await ghl.settled();
    return true;
  }

  return {
    put,
    minute: () => consumer.scheduled({ scheduledTime: now() }, env as unknown as Env),
    /** Until nothing can be seen. */
    async work(): Promise<void> {
      while ((await batch('events')) || (await batch('backstop')));
    },
  };
}
