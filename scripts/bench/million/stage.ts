// Many locations with many contacts each, on a clock that jumps to the next thing that happens: the consumer runs in this process, its
// vendors answer after their usual time and keep their limits, and GoHighLevel's lists are made up row by row, so that none is held.

import type { D1Database, MessageBatch } from '@cloudflare/workers-types';
import { json } from '../../../sandbox/answers.ts';
import type { Message } from '../../../shared/messages.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../shared/time.ts';
import { type Env, REAL_WORLD } from '../../../workers/consumer/config/env.ts';
import { createConsumer } from '../../../workers/consumer/consumer.ts';
import { readRulesFile } from '../../rules/rules-file.ts';
import { FULL_BATCH } from '../operations.ts';
import { createAccount, locationId } from './account.ts';

/** How many contacts each of these locations has. */
export interface Crowds {
  /** Their numbers, from 1. */
  locations: number[];
  contacts: number;
}

/** One night's run in every location. */
export interface Night {
  /** From 02:00 until the last contact was done, on the vendors' clock. */
  seconds: number;
  /** Of all locations. */
  pages: number;
  /** Calls to GoHighLevel, of the location that made most. */
  ghlCalls: number;
  /** Calls that a vendor's limit refused. */
  throttled: number;
}

/** The stage. Between two nights a day passes. */
export interface Stage {
  /** `onPage` is told after each page of the lists how many there were. */
  night(onPage?: (pages: number) => void): Promise<Night>;
  /** Contacts that the dialers hold. */
  placed(): number;
}

interface Options extends Crowds {
  database: D1Database;
  /** Where the database answers in its own time: work under way that the clock must wait for. */
  busy?: { count: number };
}

/** Of each vendor call. */
export const LATENCY_MS = 200;
/** The default of BACKSTOP_PAGE_SIZE. */
export const PAGE_SIZE = 500;
const EVENING_BEFORE = Date.UTC(2026, 10, 20, 20);
/** As in wrangler.consumer.jsonc. */
const AT_ONCE = { events: 10, backstop: 2 };
/** Turns of the event loop after which nothing goes on by itself any more. */
const TURNS = 8;

/**
 * Starts it, on the evening before the first night. While it runs, hashes must be made at once (sandbox/synchronous-crypto.ts): the clock
 * does not see what another thread does.
 */
export function createStage({ locations, contacts, database, busy = { count: 0 } }: Options): Stage {
  const clock = createClock(EVENING_BEFORE, busy);
  const accounts = new Map(locations.map((n) => [`key-${n}`, createAccount(locationId(n), contacts, clock.now)]));
  const count = { throttled: 0, pages: 0 };
  let onPage: (pages: number) => void = () => {};

  async function answer(request: Request): Promise<Response> {
    await clock.sleep(LATENCY_MS);
    const account = accounts.get((request.headers.get('authorization') ?? '').replace(/^(Bearer|Token) /, ''));
    if (!account) return json(401, { message: 'Invalid token' });
    const answer = await account.handle(request);
    if (answer.status === 429) count.throttled++;
    if (request.url.endsWith('/contacts/search')) onPage(++count.pages);
    return answer;
  }
  const consumer = createConsumer(
    {
      ...REAL_WORLD,
      now: clock.now,
      wait: clock.sleep,
      deadline: () => new AbortController().signal,
      fetch: (url, init) => answer(new Request(url, init)),
      write: () => {},
    },
    { rules: readRulesFile() },
  );
  const queues = createQueues(clock.now);
  const env = envOf(locations, database, queues);

  /** Until it is two o'clock and nothing is left to do; returns when the last work ended. */
  async function work(due: number): Promise<number> {
    let [minuteAt, lastAt, underWay] = [clock.now(), 0, 0];
    const begin = async (job: Promise<void>, ended = () => {}): Promise<void> => {
      underWay++;
      await job;
      underWay--;
      ended();
    };
    for (;;) {
      await clock.settled();
      for (let batch = queues.take(); batch; batch = queues.take()) {
        const { queue, messages, free } = batch;
        void begin(consumer.queue({ queue, messages } as unknown as MessageBatch<unknown>, env), () => {
          lastAt = clock.now();
          free();
        });
      }
      await clock.settled();
      if (clock.now() > due && underWay === 0 && queues.isEmpty()) return lastAt;
      clock.jumpTo(Math.min(minuteAt, clock.nextAt(), queues.nextAt()));
      if (clock.now() < minuteAt) continue;
      minuteAt += MINUTE_MS;
      void begin(consumer.scheduled({ scheduledTime: clock.now() }, env));
    }
  }

  return {
    async night(told = () => {}) {
      onPage = told;
      Object.assign(count, { throttled: 0, pages: 0 });
      for (const account of accounts.values()) account.forgetCalls();
      const due = clock.now() - (clock.now() % DAY_MS) + DAY_MS + 2 * HOUR_MS;
      clock.jumpTo(due - MINUTE_MS);
      const seconds = ((await work(due)) - due) / 1000;
      return {
        seconds,
        pages: count.pages,
        ghlCalls: most([...accounts.values()], (one) => one.ghlCalls()),
        throttled: count.throttled,
      };
    },
    placed: () => [...accounts.values()].reduce((sum, { placed }) => sum + placed(), 0),
  };
}

function most<T>(all: T[], of: (one: T) => number): number {
  return Math.max(...all.map(of));
}

/** Time that passes only when nothing is left to do in the present. `busy` counts work of other threads. */
function createClock(start: number, busy: { count: number }) {
  let at = start;
  let timers: { due: number; fire: () => void }[] = [];
  return {
    now: () => at,
    sleep: (ms: number) => new Promise<void>((fire) => void timers.push({ due: at + Math.max(0, ms), fire })),
    nextAt: () => timers.reduce((least, { due }) => Math.min(least, due), Number.POSITIVE_INFINITY),
    jumpTo(then: number): void {
      at = Math.max(at, then);
      const due = timers.filter((timer) => timer.due <= at);
      timers = timers.filter((timer) => timer.due > at);
      for (const { fire } of due) fire();
    },
    async settled(): Promise<void> {
      for (let turn = 0; turn < TURNS; turn = busy.count > 0 ? 0 : turn + 1)
        await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

interface Queued {
  body: Message;
  attempts: number;
  visibleAt: number;
}
type QueueName = keyof typeof AT_ONCE;

/** The two queues that a run uses. A batch ends when `free` is called. */
function createQueues(now: () => number) {
  const waiting: Record<QueueName, Queued[]> = { events: [], backstop: [] };
  const free = { ...AT_ONCE };
  const names: QueueName[] = ['events', 'backstop'];

  const put = (name: QueueName, body: Message, delaySeconds = 0) =>
    void waiting[name].push({ body, attempts: 0, visibleAt: now() + delaySeconds * 1000 });

  function handed(one: Queued, name: QueueName) {
    return {
      id: crypto.randomUUID(),
      timestamp: new Date(now()),
      attempts: ++one.attempts,
      body: one.body,
      ack: () => {},
      retry: ({ delaySeconds = 0 } = {}) => void waiting[name].push({ ...one, visibleAt: now() + delaySeconds * 1000 }),
    };
  }

  return {
    producer: (name: QueueName) => ({
      send: async (body: Message, { delaySeconds = 0 } = {}) => put(name, body, delaySeconds),
      sendBatch: async (messages: Iterable<{ body: Message }>) => {
        for (const { body } of messages) put(name, body);
      },
    }),
    /** The next batch that may be delivered now; null when there is none. */
    take() {
      const name = names.find((one) => free[one] > 0 && waiting[one].some(({ visibleAt }) => visibleAt <= now()));
      if (name === undefined) return null;
      const some = new Set(waiting[name].filter(({ visibleAt }) => visibleAt <= now()).slice(0, FULL_BATCH));
      waiting[name] = waiting[name].filter((one) => !some.has(one));
      free[name]--;
      const messages = [...some].map((one) => handed(one, name));
      return { queue: `contact-${name}`, messages, free: () => void free[name]++ };
    },
    nextAt: () =>
      Math.min(
        ...names.flatMap((name) => (free[name] > 0 ? waiting[name].map(({ visibleAt }) => visibleAt) : [])),
        Number.POSITIVE_INFINITY,
      ),
    isEmpty: () => names.every((name) => waiting[name].length === 0),
  };
}

function envOf(locations: number[], database: D1Database, { producer }: ReturnType<typeof createQueues>): Env {
  const secrets = locations.flatMap((n) => [
    [`GHL_API_KEY_L${n}`, `key-${n}`],
    [`CALLTOOLS_API_KEY_L${n}`, `key-${n}`],
  ]);
  return {
    ...Object.fromEntries(secrets),
    DB: database,
    EVENTS: producer('events'),
    BACKSTOP: producer('backstop'),
    DEAD_LETTERS: producer('events'),
    LOCATIONS: JSON.stringify(Object.fromEntries(locations.map((n) => [locationId(n), { secrets: `L${n}` }]))),
    GHL_API_BASE_URL: 'https://ghl.bench',
    CALLTOOLS_BASE_URL: 'https://calltools.bench',
  } as unknown as Env;
}
