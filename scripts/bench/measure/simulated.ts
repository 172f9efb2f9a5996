// Both workers in this process on a simulated clock, with real SQL and the sandbox's vendors: hours pass as fast as the work in them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { D1Database, MessageBatch } from '@cloudflare/workers-types';
import * as v from 'valibot';
import { createCallTools } from '../../../sandbox/calltools.ts';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { createGoHighLevel } from '../../../sandbox/gohighlevel.ts';
import { BUCKET } from '../../../sandbox/observe/sight.ts';
import { Clock } from '../../../sandbox/virtual-clock.ts';
import { hmacSigner } from '../../../sandbox/webhooks.ts';
import type { Message } from '../../../shared/messages.ts';
import { MINUTE_MS } from '../../../shared/time.ts';
import { type Env, REAL_WORLD } from '../../../workers/consumer/config/env.ts';
import { createConsumer } from '../../../workers/consumer/consumer.ts';
import { readJsonc } from '../../../workers/consumer/domain/jsonc.ts';
import { REAL_WORLD as INGEST_WORLD, type Env as IngestEnv } from '../../../workers/ingest/env.ts';
import { createIngest } from '../../../workers/ingest/ingest.ts';
import { readRulesFile } from '../../rules/rules-file.ts';
import type { Limit } from '../vendor-pace.ts';

const LOCATION = 'benchLocation0000001';
const SECRET = 'bench-secret';
/** Of a round trip to D1, half of it before the statements are carried out. */
const D1_MS = 20;
/** A webhook's way to ingest; the second one of a new lead comes later. */
const WEBHOOK_MS = 50;
const SECOND_WEBHOOK_MS = 150;
const CONFIG = join(import.meta.dirname, '../../../wrangler.consumer.jsonc');

const Consumers = v.object({
  queues: v.object({
    consumers: v.array(
      v.object({
        queue: v.string(),
        max_batch_size: v.number(),
        max_batch_timeout: v.number(),
        max_concurrency: v.optional(v.number(), 10),
        retry_delay: v.number(),
      }),
    ),
  }),
});
type Consumer = v.InferOutput<typeof Consumers>['queues']['consumers'][number];

/** What is simulated. */
export interface SimulationOptions {
  /** Of each vendor call, ms. */
  latencyMs: number;
  limit: Limit;
  /** In place of SQLite. */
  database?: D1Database;
  /** In place of the configuration's, seconds. */
  batchTimeout?: number;
}

/** What a queue did. */
export interface QueueCount {
  batches: number;
  deliveries: number;
}

/** One location's pipeline. Times are the clock's. */
export type Simulation = ReturnType<typeof simulate>;

/** A pipeline whose location has no contact yet. A minute passes like any other: the consumer's cron is called. */
export function simulate(options: SimulationOptions) {
  const clock = new Clock();
  const watch = createWatch(clock);
  const vendors = createVendors(clock, options, watch.look);
  const { queues, everyMinute, ask } = createWorkers(clock, vendors, options);
  watch.holds = (phone) => vendors.callTools.withPhone(phone).some(({ buckets }) => buckets.includes(BUCKET));
  everyMinute();
  let phones = 0;
  return {
    ...{ clock, queues, ...vendors },
    freshPhone: () => `+1212${2_000_000 + phones++}`,
    /** From now on `arrived` tells when this number comes into the bucket. */
    await: (phone: string) => void watch.awaited.add(phone),
    /** Epoch ms when each awaited number came into the bucket. */
    arrived: watch.arrived as ReadonlyMap<string, number>,
    /** How many have not come. */
    missing: () => watch.awaited.size,
    isIdle: () => [...queues.values()].every((queue) => queue.isIdle()),
    /** Starts a backstop run, as soon as time goes on. */
    startRun: () => ask('/sync/trigger'),
  };
}

function createWatch(clock: Clock) {
  const arrived = new Map<string, number>();
  const awaited = new Set<string>();
  const watch = {
    arrived,
    awaited,
    holds: (_phone: string) => false,
    look() {
      for (const phone of awaited) {
        if (!watch.holds(phone)) continue;
        arrived.set(phone, clock.now);
        awaited.delete(phone);
      }
    },
  };
  return watch;
}

type Vendors = ReturnType<typeof createVendors>;

function createVendors(clock: Clock, { latencyMs, limit }: SimulationOptions, onChange: () => void) {
  const world = { now: () => clock.now, wait: clock.wait, random: Math.random };
  const settings = { rateLimit: limit, searchLagMs: 0 };
  const ghl = createGoHighLevel({ ...world, locationId: LOCATION, apiKey: 'pit-bench', settings });
  const callTools = createCallTools({ ...world, token: 'bench', onChange });
  ghl.faults.latency = latencyMs;
  callTools.faults.latency = latencyMs;
  return { ghl, callTools };
}

/** Ingest and the consumer, with the queues between them. */
function createWorkers(clock: Clock, { ghl, callTools }: Vendors, { database, batchTimeout }: SimulationOptions) {
  const now = () => clock.now;
  const consumer = createConsumer(
    {
      ...REAL_WORLD,
      now,
      wait: clock.wait,
      deadline: () => new AbortController().signal,
      fetch: (url, init) => (url.startsWith('https://ghl.') ? ghl : callTools).handle(new Request(url, init)),
      write: () => {},
    },
    { rules: readRulesFile() },
  );
  const ingest = createIngest({ ...INGEST_WORLD, now, after: (ms, run) => clock.after(ms, run), write: () => {} });
  const queues = new Map(
    readConsumers().map((one) => {
      const own = batchTimeout === undefined ? one : { ...one, max_batch_timeout: batchTimeout };
      return [one.queue, createQueue(own, clock, (batch) => consumer.queue(batch, env))] as const;
    }),
  );
  const producer = (name: string) => ({
    send: async (body: Message, { delaySeconds = 0 } = {}) => queues.get(name)?.send(body, delaySeconds),
    sendBatch: async (messages: Iterable<{ body: Message; delaySeconds?: number }>) => {
      for (const { body, delaySeconds = 0 } of messages) queues.get(name)?.send(body, delaySeconds);
    },
  });
  const env = {
    DB: database ? standingStill(database, clock) : slowSqlite(clock),
    EVENTS: producer('contact-events'),
    BACKSTOP: producer('contact-backstop'),
    DEAD_LETTERS: producer('contact-dead-letters'),
    GHL_LOCATION_ID: LOCATION,
    GHL_API_KEY: 'pit-bench',
    GHL_API_BASE_URL: 'https://ghl.bench',
    CALLTOOLS_API_KEY: 'bench',
    CALLTOOLS_BASE_URL: 'https://calltools.bench',
    GHL_WEBHOOK_SECRET: SECRET,
  } as unknown as Env;
  ghl.sendWebhooksTo({
    url: 'https://ingest.bench/webhook/ghl',
    sign: hmacSigner(SECRET),
    fetch: async (url, init) => {
      await clock.wait(
        String(JSON.parse(textOf(init?.body)).type) === 'ContactTagUpdate' ? SECOND_WEBHOOK_MS : WEBHOOK_MS,
      );
      const request = new Request(String(url), init);
      return ingest.fetch(request, env as unknown as IngestEnv, { waitUntil: () => {} });
    },
  });
  const everyMinute = () =>
    void clock.after(MINUTE_MS, () => {
      void consumer.scheduled({ scheduledTime: clock.now }, env);
      everyMinute();
    });
  const ask = (path: string) =>
    void consumer.fetch(new Request(`https://consumer.bench${path}`, { method: 'POST' }), env);
  return { queues, everyMinute, ask };
}

const textOf = (body: unknown) => (body instanceof Uint8Array ? new TextDecoder().decode(body) : String(body));

function readConsumers(): Consumer[] {
  return v.parse(Consumers, readJsonc(readFileSync(CONFIG, 'utf8'))).queues.consumers;
}

function slowSqlite(clock: Clock): D1Database {
  return openSqlite().bind(async (act) => {
    await clock.wait(D1_MS / 2);
    const result = act();
    await clock.wait(D1_MS / 2);
    return result;
  });
}

type Statement = ReturnType<D1Database['prepare']>;

/** A database outside of the simulation, as slow as D1 in its time. */
function standingStill(real: D1Database, clock: Clock): D1Database {
  const originals = new WeakMap<object, Statement>();
  const slow = async <T>(ask: () => Promise<T>): Promise<T> => {
    await clock.wait(D1_MS);
    return clock.standStill(ask());
  };
  function wrapped(statement: Statement): Statement {
    const one = {
      bind: (...values: unknown[]) => wrapped(statement.bind(...values)),
      all: () => slow(() => statement.all()),
      run: () => slow(() => statement.run()),
      first: (column?: string) => slow(() => (column === undefined ? statement.first() : statement.first(column))),
    } as unknown as Statement;
    originals.set(one, statement);
    return one;
  }
  return {
    prepare: (sql: string) => wrapped(real.prepare(sql)),
    batch: (statements: Statement[]) =>
      slow(() => real.batch(statements.map((statement) => originals.get(statement) ?? statement))),
  } as unknown as D1Database;
}

interface Stored {
  body: Message;
  attempts: number;
  /** Epoch ms. */
  visibleAt: number;
}

/** A queue of Cloudflare's, as its consumer is configured: oldest first, and batches side by side. */
function createQueue(
  { queue, max_batch_size: size, max_batch_timeout, max_concurrency, retry_delay }: Consumer,
  clock: Clock,
  deliver: (batch: MessageBatch<unknown>) => Promise<void>,
) {
  const visible: Stored[] = [];
  const count: QueueCount = { batches: 0, deliveries: 0 };
  let [delayed, busy, underWay] = [0, 0, 0];

  function put(message: Stored, delaySeconds: number): void {
    delayed++;
    clock.after(delaySeconds * 1000, () => {
      delayed--;
      visible.push({ ...message, visibleAt: clock.now });
      // What is sent at the same moment comes together.
      clock.after(visible.length >= size ? 0 : max_batch_timeout * 1000, pump);
    });
  }

  function pump(): void {
    const [oldest] = visible;
    if (busy >= max_concurrency || oldest === undefined) return;
    if (visible.length < size && clock.now < oldest.visibleAt + max_batch_timeout * 1000) return;
    void handle(visible.splice(0, size));
    pump();
  }

  async function handle(stored: Stored[]): Promise<void> {
    busy++;
    underWay += stored.length;
    count.batches++;
    count.deliveries += stored.length;
    const messages = stored.map((one) => ({
      id: crypto.randomUUID(),
      timestamp: new Date(one.visibleAt),
      attempts: ++one.attempts,
      body: one.body,
      ack: () => {},
      retry: ({ delaySeconds = retry_delay } = {}) => put(one, delaySeconds),
    }));
    await deliver({ queue, messages } as unknown as MessageBatch<unknown>);
    busy--;
    underWay -= stored.length;
    pump();
  }

  return {
    count,
    isIdle: () => delayed + visible.length + underWay === 0,
    send: (body: Message, delaySeconds: number) =>
      put({ body: structuredClone(body), attempts: 0, visibleAt: 0 }, delaySeconds),
  };
}
