// The whole consumer in process, for backstop runs: real SQL, the sandbox's vendors, queues that a test can hold up, and virtual time.

import type { MessageBatch } from '@cloudflare/workers-types';
import { createCallTools } from '../../sandbox/calltools.ts';
import { openSqlite } from '../../sandbox/d1-sqlite.ts';
import type { GoHighLevelSettings } from '../../sandbox/gohighlevel/settings.ts';
import { createGoHighLevel } from '../../sandbox/gohighlevel.ts';
import type { BackstopPage, ContactChanged, Message } from '../../shared/messages.ts';
import { DAY_MS } from '../../shared/time.ts';
import type { Env } from '../../workers/consumer/config/env.ts';
import { createConsumer } from '../../workers/consumer/consumer.ts';
import { recentRuns } from '../../workers/consumer/store/runs.ts';
import { ENV, LOCATION, sequence } from './vendor-harness.ts';
import { VirtualClock, worldOn } from './virtual-clock.ts';

const GHL_URL = 'https://ghl.test';
/** As in wrangler.consumer.jsonc. */
const BATCH = 25;
/** BACKSTOP_AT where it is not set. */
const NIGHTLY_MS = 2 * 3_600_000;

type QueueName = 'events' | 'backstop';

interface Stored {
  id: string;
  body: Message;
  attempts: number;
  /** Epoch ms. */
  visibleAt: number;
}

interface Options {
  env?: Record<string, string>;
  ghl?: Partial<GoHighLevelSettings>;
}

const SILENT = { silent: true };

export type BackstopStage = ReturnType<typeof backstopStage>;

export function backstopStage({ env: settings = {}, ghl: location = {} }: Options = {}) {
  const clock = new VirtualClock();
  const random = sequence();
  const vendorWorld = { now: () => clock.at, wait: clock.sleep, random };
  const ghl = createGoHighLevel({
    ...vendorWorld,
    locationId: LOCATION,
    apiKey: ENV.GHL_API_KEY,
    settings: { searchLagMs: 0, searchHidesCallDnd: false, ...location },
  });
  const callTools = createCallTools({ ...vendorWorld, token: ENV.CALLTOOLS_API_KEY });
  const log: Record<string, unknown>[] = [];
  /** What a test puts between the worker and its surroundings. */
  const hooks = {
    /** Before a page of the contact list is answered. */
    search: async (_request: Request): Promise<Response | undefined> => undefined,
    /** Before a single contact is answered. */
    contact: async (_contactId: string): Promise<Response | undefined> => undefined,
    /** Before statements are carried out. */
    database: async (_sql: string): Promise<void> => {},
    /** Before a queue takes a message. */
    send: async (_body: Message): Promise<void> => {},
  };
  const world = worldOn(clock, async (request) => {
    if (!request.url.startsWith(GHL_URL)) return callTools.handle(request);
    const answer = request.url.includes('/search')
      ? await hooks.search(request.clone())
      : await hooks.contact(request.url.split('/').at(-1) ?? '');
    return answer ?? ghl.handle(request);
  });
  world.write = (line) => log.push(JSON.parse(line) as Record<string, unknown>);
  const consumer = createConsumer(world);

  const queues: Record<QueueName, Stored[]> = { events: [], backstop: [] };
  /** All pages that were ever sent. */
  const pages: BackstopPage[] = [];
  let ids = 0;
  const put = (queue: QueueName, body: Message, delaySeconds = 0) => {
    if (body.kind === 'backstop.page') pages.push(body);
    queues[queue].push({ id: `m${++ids}`, body, attempts: 0, visibleAt: clock.at + delaySeconds * 1000 });
  };
  const producer = (queue: QueueName) => ({
    send: async (body: Message, { delaySeconds = 0 } = {}) => {
      await hooks.send(body);
      put(queue, body, delaySeconds);
    },
    sendBatch: async (messages: Iterable<{ body: Message }>) => {
      for (const { body } of messages) {
        await hooks.send(body);
        put(queue, body);
      }
    },
  });

  const sqlite = openSqlite();
  const db = sqlite.bind(async (act) => act());
  /** All that were ever asked of D1. */
  const statements: string[] = [];
  const DB = {
    prepare(sql: string) {
      statements.push(sql);
      return db.prepare(sql);
    },
    async batch(statements: { bound: { sql: string } }[]) {
      for (const { bound } of statements) await hooks.database(bound.sql);
      return db.batch(statements as unknown as Parameters<typeof db.batch>[0]);
    },
  };
  let env = {
    ...ENV,
    GHL_API_BASE_URL: GHL_URL,
    CALLTOOLS_EXTERNAL_ID_FIELD: 'ghl_contact_id',
    ...settings,
    DB,
    EVENTS: producer('events'),
    BACKSTOP: producer('backstop'),
  } as unknown as Env;

  /** Hands these messages to a worker; `killed` is when it dies, and leaves no word of its own. */
  async function deliver(queue: QueueName, stored: Stored[], killed: Promise<void> = NEVER): Promise<void> {
    queues[queue] = queues[queue].filter((message) => !stored.includes(message));
    const ends = new Map<string, { acked: boolean; delaySeconds: number }>();
    const messages = stored.map((message) => ({
      id: message.id,
      body: message.body,
      attempts: ++message.attempts,
      timestamp: new Date(clock.at),
      ack: () => void ends.set(message.id, { acked: true, delaySeconds: 0 }),
      retry: ({ delaySeconds = 0 } = {}) => void ends.set(message.id, { acked: false, delaySeconds }),
    }));
    const batch = { queue: `contact-${queue}`, messages } as unknown as MessageBatch<unknown>;
    await Promise.race([consumer.queue(batch, env), killed]);
    for (const message of stored) {
      const end = ends.get(message.id) ?? { acked: false, delaySeconds: 0 };
      if (!end.acked) queues[queue].push({ ...message, visibleAt: clock.at + end.delaySeconds * 1000 });
    }
  }

  /** One batch of what can be seen; false where there is nothing. */
  async function step(): Promise<boolean> {
    for (const name of ['events', 'backstop'] as const) {
      const visible = queues[name].filter(({ visibleAt }) => visibleAt <= clock.at).slice(0, BATCH);
      if (visible.length === 0) continue;
      await deliver(name, visible);
      return true;
    }
    return false;
  }

  let nights = 0;
  /** The same as if it were 02:00 of a night that has not been yet. */
  function nightly(): Promise<void> {
    nights++;
    const scheduledTime = clock.at - (clock.at % DAY_MS) + nights * DAY_MS + NIGHTLY_MS;
    return consumer.scheduled({ scheduledTime }, env);
  }

  return {
    clock,
    ghl,
    callTools,
    hooks,
    sqlite,
    statements,
    queues,
    pages,
    log,
    deliver,
    step,

    /** Works until the queues are empty; what is delayed is waited for. */
    async work(): Promise<void> {
      for (let steps = 0; steps < 2000; steps++) {
        if (await step()) continue;
        const waiting = [...queues.events, ...queues.backstop].map(({ visibleAt }) => visibleAt);
        if (waiting.length === 0) return;
        clock.advance(Math.min(...waiting) - clock.at);
      }
      throw new Error('the queues do not run dry');
    },

    /** Settings as of now; a deployment brings a new env. */
    reconfigure(changed: Record<string, string>): void {
      env = { ...env, ...changed };
    },

    /** The cron of every minute; its own time is the clock's, or `scheduledTime`. */
    minute: (scheduledTime = clock.at) => consumer.scheduled({ scheduledTime }, env),
    nightly,

    /** Starts a nightly run, works everything off, and has the minute's look at it. */
    async night() {
      await nightly();
      await this.work();
      await this.minute();
      return this.run();
    },

    /** The answer to an operator's request. */
    fetch: (method: 'GET' | 'POST', path: string, body?: object): Promise<Response> =>
      consumer.fetch(
        new Request(`https://consumer.test${path}`, { method, body: body ? JSON.stringify(body) : null }),
        env,
      ),

    /** Its data. */
    async ask(method: 'GET' | 'POST', path: string, body?: object): Promise<Record<string, unknown>> {
      return ((await (await this.fetch(method, path, body)).json()) as { data: Record<string, unknown> }).data;
    },

    /** The latest run. */
    async run() {
      const [run] = await recentRuns(db, LOCATION, 1);
      if (!run) throw new Error('there was no run');
      return run;
    },

    /** Contacts without any webhook: tagged "cold lead", each with a number of its own. */
    async leads(count: number, from = 0): Promise<string[]> {
      const made: string[] = [];
      for (let n = from; n < from + count; n++) {
        clock.at += 1;
        made.push((await ghl.addContact({ phone: phoneOf(n), tags: ['cold lead'] }, SILENT)).id);
      }
      return made;
    },

    /** A webhook's message about a contact. */
    hint(contactId: string, changes: Partial<ContactChanged> = {}): void {
      put('events', {
        v: 1,
        kind: 'contact.changed',
        locationId: LOCATION,
        contactId,
        eventType: 'ContactUpdate',
        source: 'webhook',
        eventId: `hint-${contactId}`,
        occurredAt: null,
        receivedAt: clock.at,
        snapshot: null,
        ...changes,
      });
    },

    dialed: () => callTools.holds('Cold Leads'),
    writes: () => ['POST', 'PATCH'].reduce((sum, method) => sum + callTools.calls.count({ method }), 0),
  };
}

const NEVER = new Promise<void>(() => {});

/** Numbers that CallTools takes. */
export function phoneOf(n: number): string {
  return `+1305555${String(1000 + n).slice(-4)}`;
}

/** The counts of a run that has put nothing right. */
export const NO_REPAIR = { missing: 0, misplaced: 0, outdated: 0, withdrawn: 0, gone: 0, drifted: 0 };

/** The lines of the log that tell of this event. */
export const events = ({ log }: BackstopStage, event: string) => log.filter((line) => line.event === event);

/** The numbers of the first leads. */
export const phones = (count: number) => Array.from({ length: count }, (_, n) => phoneOf(n));
