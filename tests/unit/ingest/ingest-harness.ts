// A stage for the ingest worker in plain Node: a clock that stands still until it is advanced, queues that do as they are told,
// and D1 as SQLite with the real migrations.

import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { D1Database } from '@cloudflare/workers-types';
import type { Message } from '../../../shared/messages.ts';
import type { Env } from '../../../workers/ingest/env.ts';
import { createIngest } from '../../../workers/ingest/ingest.ts';

export const NOW = Date.parse('2026-11-20T12:00:00.000Z');
export const LOCATION = 've9EPM428h8vShlRW1KT';
export const CONTACT = 'nmFmQEsNgz6AVpgLVUJ0';
export const SECRET = 'a secret shared with the sender';
export const MINUTE = 60_000;

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
/** GoHighLevel's, for a stage that is to know `edSigned`. */
export const ED25519_KEY = publicKey.export({ type: 'spki', format: 'pem' }).toString();

/** A queue that stores, unless `send` is replaced. */
export class FakeQueue {
  readonly messages: Message[] = [];
  sends = 0;
  behave: () => Promise<void> = async () => {};
  async send(message: Message) {
    this.sends++;
    await this.behave();
    this.messages.push(message);
    return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
  }
}

/** Timers that fire only when the test advances the clock. */
export class FakeClock {
  at = NOW;
  readonly timers = new Set<{ due: number; run: () => void }>();
  after = (ms: number, run: () => void) => {
    const timer = { due: this.at + ms, run };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  };
  async advance(ms: number) {
    this.at += ms;
    for (const timer of [...this.timers].filter(({ due }) => due <= this.at)) {
      this.timers.delete(timer);
      timer.run();
    }
    await settle();
  }
}

/** Returns once `condition` holds; the test's own time limit bounds it. */
export async function until(condition: () => boolean) {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets everything run that is ready to run. */
export async function settle() {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export type Answer = { status: string; id: string; detail?: string; title?: string };
export type LogLine = { event: string } & Record<string, unknown>;

export function createStage(overrides: Partial<Env> = {}) {
  const clock = new FakeClock();
  const events = new FakeQueue();
  const deadLetters = new FakeQueue();
  const { db, rows, breakDown } = createDatabase();
  const lines: string[] = [];
  const background: Promise<unknown>[] = [];
  let ids = 0;
  const env: Env = {
    EVENTS: events as unknown as Env['EVENTS'],
    DEAD_LETTERS: deadLetters as unknown as Env['DEAD_LETTERS'],
    DB: db,
    CONSUMER: { fetch: async () => new Response('{}') },
    GHL_LOCATION_ID: LOCATION,
    GHL_WEBHOOK_SECRET: SECRET,
    ...overrides,
  };
  const ingest = createIngest({
    now: () => clock.at,
    newId: () => `new-${++ids}`,
    after: clock.after,
    write: (line) => lines.push(line),
  });
  let current = env;
  const fetch = (request: Request) => ingest.fetch(request, current, { waitUntil: (work) => background.push(work) });
  return {
    env,
    /** As a deployment with other settings: another environment. */
    reconfigure: (changes: Partial<Env>) => {
      current = { ...current, ...changes };
    },
    clock,
    events,
    deadLetters,
    outbox: rows,
    breakDatabase: breakDown,
    lines,
    log: (): LogLine[] => lines.map((line) => JSON.parse(line)),
    fetch,
    post: (body: unknown, headers: Record<string, string> = {}) => fetch(webhook(body, headers)),
    finished: () => Promise.all(background),
  };
}

/** A POST to /webhook/ghl, HMAC-signed unless `headers` hold something else. Bodies that are not text are sent as JSON. */
export function webhook(body: unknown, headers: Record<string, string> = signed(textOf(body))): Request {
  const given = Object.keys(headers).length > 0 ? headers : signed(textOf(body));
  return new Request('https://ingest.test/webhook/ghl', { method: 'POST', body: textOf(body), headers: given });
}

export function textOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

export function signed(text: string, secret = SECRET): Record<string, string> {
  return { 'x-ghl-signature': createHmac('sha256', secret).update(text).digest('hex') };
}

/** As GoHighLevel signs with `ED25519_KEY`. */
export function edSigned(body: unknown): Record<string, string> {
  return { 'x-ghl-signature': sign(null, Buffer.from(textOf(body)), privateKey).toString('base64') };
}

/** The time that a webhook names which left so long before `NOW`. */
export const ago = (ms: number) => new Date(NOW - ms).toISOString();

/** A flat app webhook, as fresh as can be; `changes` replace fields, undefined removes one. */
export function contactUpdate(changes: Record<string, unknown> = {}) {
  return {
    type: 'ContactUpdate',
    locationId: LOCATION,
    id: CONTACT,
    tags: ['cold lead'],
    dnd: false,
    timestamp: new Date(NOW).toISOString(),
    webhookId: '881b9415-5d35-4ff1-a667-0545b80b96c0',
    ...changes,
  };
}

export async function answerOf(response: Response): Promise<Answer> {
  return (await response.json()) as Answer;
}

/** None in workerd, where there is no SQLite for tests. */
const sqliteModule = await import('../../../sandbox/d1-sqlite.ts').catch(() => null);

/**
 * Opened when it is first used: most webhooks never come to it, and property tests make thousands of stages. In workerd every write
 * fails, as while D1 is down.
 */
function createDatabase() {
  let opened: DatabaseSync | undefined;
  const sqlite = () => {
    if (!sqliteModule) throw new Error('no SQLite here');
    opened ??= sqliteModule.migratedDatabase();
    return opened;
  };
  let broken = false;
  const prepare = (sql: string) => ({
    bind: (...values: (string | number | null)[]) => ({
      run: async () => {
        if (broken) throw new Error('D1_ERROR: Network connection lost');
        return sqlite()
          .prepare(sql)
          .run(...values);
      },
    }),
  });
  return {
    db: { prepare } as unknown as Pick<D1Database, 'prepare'>,
    rows: () =>
      opened?.prepare('SELECT id, queue, message, lease_until, created_at FROM outbox ORDER BY id').all() ?? [],
    breakDown: () => {
      broken = true;
    },
  };
}
