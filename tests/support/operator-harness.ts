// The operator routes in workerd behind the real ingest worker, with real queues and D1; the work behind the queue is played.

import type { D1Database, Queue } from '@cloudflare/workers-types';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { createTestHarness } from 'wrangler';
import type { ContactChanged, Message } from '../../shared/messages.ts';
import { type Locations, readLocations } from '../../workers/consumer/config/locations.ts';
import type { OperatorDeps } from '../../workers/consumer/operator/deps.ts';
import { handleOperator } from '../../workers/consumer/operator/routes.ts';
import { type DeadLetter, insertDeadLetters } from '../../workers/consumer/store/dead-letters.ts';
import type { Run } from '../../workers/consumer/store/runs.ts';
import { NO_RULES_TRIED, RULES_FILE } from './rules.ts';

export const LOCATION = 've9EPM428h8vShlRW1KT';
export const ADMIN_TOKEN = 'token-of-the-operator';
export const NOW = Date.parse('2026-11-20T12:00:00.000Z');
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const iso = (ms: number) => new Date(ms).toISOString();

interface StageEnv {
  DB: D1Database;
  EVENTS: Queue<Message>;
  BACKSTOP: Queue<Message>;
  DEAD_LETTERS: Queue<unknown>;
}

interface Stage {
  url: URL;
  env: StageEnv;
  /** Empties the tables. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** The stage of a file's tests: started before the first, emptied before each, closed after the last. `secrets` are more of ingest's. */
export function stageOfFile(secrets: Record<string, string> = {}) {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage(secrets);
  });
  beforeEach(() => stage.clear());
  afterAll(() => stage.close());
  return {
    get url() {
      return stage.url;
    },
    get env() {
      return stage.env;
    },
    get db() {
      return stage.env.DB;
    },
  };
}

/** Starts workerd with ingest, and with tests/support/operator-consumer.ts where the consumer would be. */
async function startStage(secrets: Record<string, string>): Promise<Stage> {
  const queue = { max_batch_timeout: 0, max_retries: 3, retry_delay: 0 };
  const server = createTestHarness({
    workers: [
      {
        configPath: 'wrangler.ingest.jsonc',
        vars: { GHL_LOCATION_ID: LOCATION },
        secrets: { ADMIN_TOKEN, ...secrets },
      },
      {
        config: {
          name: 'contact-consumer',
          main: 'tests/support/operator-consumer.ts',
          compatibility_date: '2026-10-01',
          vars: { GHL_LOCATION_ID: LOCATION },
          d1_databases: [
            {
              binding: 'DB',
              database_name: 'contact-pipeline',
              database_id: '00000000-0000-0000-0000-000000000000',
              migrations_dir: 'migrations',
            },
          ],
          queues: {
            producers: [
              { binding: 'EVENTS', queue: 'contact-events' },
              { binding: 'BACKSTOP', queue: 'contact-backstop' },
              { binding: 'DEAD_LETTERS', queue: 'contact-dead-letters' },
            ],
            consumers: [
              { queue: 'contact-events', ...queue },
              { queue: 'contact-dead-letters', ...queue },
            ],
          },
        },
      },
    ],
  });
  const { url } = await server.listen();
  const consumer = server.getWorker<StageEnv>('contact-consumer');
  await consumer.applyD1Migrations('DB');
  const env = await consumer.getEnv();
  const tables = [
    'contacts',
    'dialer',
    'circuits',
    'paces',
    'dead_letters',
    'runs',
    'outbox',
    'counters',
    'hours',
    'call_polls',
    'call_results',
    'new_placements',
    'audit',
  ];
  return {
    url,
    env,
    clear: async () => void (await env.DB.batch(tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)))),
    close: () => server.close(),
  };
}

/** Deps that stand still at NOW, over the real D1; messages that are sent are kept in `sent`, those of the backstop's queue in `bulk`. */
export function operatorDeps(db: D1Database, changes: Partial<OperatorDeps> = {}) {
  const sent: ContactChanged[] = [];
  const bulk: ContactChanged[] = [];
  const lines: string[] = [];
  let ids = 0;
  const producerOf = (to: ContactChanged[]): OperatorDeps['env']['EVENTS'] => ({
    sendBatch: async (messages) => {
      for (const { body } of messages) to.push(body as ContactChanged);
      return { metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } };
    },
  });
  const deps: OperatorDeps = {
    env: { DB: db, EVENTS: producerOf(sent), BACKSTOP: producerOf(bulk) },
    world: { now: () => NOW, newId: () => `new-${++ids}` },
    log: (event, fields) => void lines.push(JSON.stringify({ event, ...fields })),
    locations: OURS,
    startRun: async () => ({ run: aRun(), joined: false }),
    diagnose: async () => ({ locationId: LOCATION, checks: [] }),
    preview: async () => ({ kind: 'gone' }),
    findByName: async () => ({ kind: 'found', contactIds: [] }),
    ...NO_RULES_TRIED,
    ...changes,
  };
  return { deps, sent, bulk, lines };
}

/** What the settings of these locations come to, the first at their top, the others in LOCATIONS; `changes` are of all. */
export function locationsOf([first, ...others]: (string | undefined)[], changes: object = {}): Promise<Locations> {
  const own = others.map((id, n) => ({ id: String(id), secrets: `NO_${n}` }));
  const keys = own.flatMap(({ secrets }) => [
    [`GHL_API_KEY_${secrets}`, `pit-${secrets}`],
    [`CALLTOOLS_API_KEY_${secrets}`, `calltools-${secrets}`],
  ]);
  return readLocations({
    GHL_LOCATION_ID: first,
    CALLTOOLS_BASE_URL: 'https://east-1.calltools.test',
    GHL_API_KEY: 'pit-1',
    CALLTOOLS_API_KEY: 'calltools-key',
    rulesFile: RULES_FILE,
    LOCATIONS: Object.fromEntries(own.map(({ id, secrets }) => [id, { secrets, name: `Branch ${secrets}` }])),
    ...Object.fromEntries(keys),
    ...changes,
  });
}

const OURS = await locationsOf([LOCATION]);

/** `GET` unless a body is given. */
export function ask(path: string, deps: OperatorDeps, body?: unknown): Promise<Response> {
  const init =
    body === undefined ? {} : { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) };
  return handleOperator(new Request(`https://consumer.test${path}`, init), deps);
}

/** The data of an answer that must be a success. */
export async function dataOf<T = Record<string, unknown>>(response: Response | Promise<Response>): Promise<T> {
  const { success, data } = (await (await response).json()) as { success?: boolean; data: T };
  if (success !== true) throw new Error(`not a success: ${(await response).status}`);
  return data;
}

/** The request was refused, with a problem that says why and that nobody may keep. */
export async function expectProblem(response: Response, status: number, detail: RegExp) {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(((await response.json()) as { detail: string }).detail).toMatch(detail);
}

/** A row of `contacts`; columns that are not given have their defaults. */
export async function seedContact(
  db: D1Database,
  contactId: string,
  columns: Record<string, string | number | null> = {},
  locationId = LOCATION,
) {
  const row = {
    location_id: locationId,
    contact_id: contactId,
    created_at: NOW - HOUR,
    updated_at: NOW - MINUTE,
    ...columns,
  };
  const names = Object.keys(row);
  const sql = `INSERT INTO contacts (${names.join(', ')}) VALUES (${names.map((_, i) => `?${i + 1}`).join(', ')})`;
  await db
    .prepare(sql)
    .bind(...Object.values(row))
    .run();
}

/** A dead letter of a contact that CallTools refused an hour ago. */
export function aLetter(changes: Partial<DeadLetter> = {}): DeadLetter {
  const contactId = changes.contactId === undefined ? 'contact1' : changes.contactId;
  return {
    id: `d-${contactId}`,
    locationId: LOCATION,
    contactId,
    reason: 'rejected',
    error: 'CallTools answered 400: {"zip_code":["too long"]}',
    message: { v: 1, kind: 'contact.changed', eventId: 'event1', snapshot: { tags: ['cold lead'], dnd: false } },
    replayable: true,
    attempts: 1,
    receivedAt: NOW - 2 * HOUR,
    deadAt: NOW - HOUR,
    ...changes,
  };
}

export async function keep(db: D1Database, ...letters: DeadLetter[]): Promise<void> {
  await insertDeadLetters(db, letters).run();
}

export interface LetterRow {
  id: string;
  status: string;
  reason: string;
  error: string;
  message: string;
  replayable: number;
  replays: number;
  dead_at: number;
  settled_at: number | null;
  replayed_at: number | null;
}

export async function letterRows(db: D1Database): Promise<LetterRow[]> {
  return (await db.prepare('SELECT * FROM dead_letters ORDER BY id').all<LetterRow>()).results;
}

export function aRun(changes: Partial<Run> = {}): Run {
  return {
    id: 'run1',
    locationId: LOCATION,
    startedBy: 'trigger',
    resumes: 0,
    state: 'running',
    page: 0,
    cursor: null,
    sweep: null,
    total: null,
    firstTotal: null,
    seen: 0,
    skipped: 0,
    unreadable: 0,
    queued: 0,
    vanished: 0,
    verified: 0,
    processed: 0,
    waiting: null,
    errors: 0,
    repaired: { missing: 0, misplaced: 0, outdated: 0, withdrawn: 0, gone: 0, drifted: 0 },
    marks: [],
    error: null,
    startedAt: NOW,
    heartbeatAt: NOW,
    finishedAt: null,
    processedAt: null,
    ...changes,
  };
}
