// The consumer's cron over real SQL, conditions to alert about, and the address that receives alerts.

import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { Env } from '../../../workers/consumer/config/env.ts';
import { createConsumer } from '../../../workers/consumer/consumer.ts';
import type { AlertMessage } from '../../../workers/consumer/monitoring/alert-message.ts';
import { ENV, LOCATION } from '../../support/vendor-harness.ts';
import { VirtualClock, worldOn } from '../../support/virtual-clock.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const URL_1 = 'https://hooks.test/secret-1';
export const URL_2 = 'https://hooks.test/secret-2';

/** The consumer's cron over real SQL. Alerts are accepted, unless `answer` says otherwise. */
export function createStage(env: object = {}) {
  const sqlite = openSqlite();
  const clock = new VirtualClock();
  const lines: string[] = [];
  const posts: { url: string; text: string }[] = [];
  const messages: AlertMessage[] = [];
  let statements = 0;
  const stage = {
    sqlite,
    clock,
    lines,
    posts,
    /** What was accepted, as a whole. */
    messages,
    /** What becomes of a post. */
    answer: async (_request: Request): Promise<Response> => new Response('ok'),
    /** Messages that the outbox's queue has taken. */
    drained: [] as unknown[],
    statements: () => statements,
    /** One minute passes, and its cron; the texts that were taken. */
    async minute(ms = MINUTE): Promise<string[]> {
      clock.at += ms;
      const before = posts.length;
      await consumer.scheduled({ scheduledTime: clock.at }, bound);
      return posts.slice(before).map(({ text }) => text);
    },
    circuit(reason: string | null, vendor = 'calltools', locationId = LOCATION) {
      sqlite.rows(
        `INSERT INTO circuits (location_id, vendor, open_reason, opened_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4)
         ON CONFLICT DO UPDATE SET open_reason = excluded.open_reason, opened_at = excluded.opened_at`,
        ...[locationId, vendor, reason, clock.at],
      );
    },
    letter(id: string, { reason = 'rejected', at = clock.at, locationId = LOCATION as string | null } = {}) {
      sqlite.rows(
        `INSERT INTO dead_letters (id, location_id, contact_id, reason, error, message, replayable, attempts, received_at, dead_at)
         VALUES (?1, ?2, ?1, ?3, 'x', '{}', 1, 1, ?4, ?4)`,
        ...[id, locationId, reason, at],
      );
    },
    /** A run that ended this long ago. */
    run(id: string, agoMs: number, changes: Record<string, string | number | null> = {}) {
      const ended = clock.at - agoMs;
      const row = {
        id,
        location_id: LOCATION,
        started_by: 'cron',
        state: 'complete',
        started_at: ended - MINUTE,
        heartbeat_at: ended,
        finished_at: ended,
        settled_at: ended,
        ...changes,
      };
      const names = Object.keys(row);
      sqlite.rows(
        `INSERT INTO runs (${names.join(', ')}) VALUES (${names.map((_, n) => `?${n + 1}`).join(', ')})`,
        ...Object.values(row),
      );
    },
    /** A contact of a run that has not been processed. */
    queued: (run: string) =>
      sqlite.rows(
        `INSERT INTO contacts (location_id, contact_id, queued_run, created_at, updated_at) VALUES (?1, 'queued', ?2, 0, 0)`,
        ...[LOCATION, run],
      ),
    heard: (agoMs: number) =>
      sqlite.rows(
        'INSERT INTO heard VALUES (?1, ?2) ON CONFLICT DO UPDATE SET webhook_at = excluded.webhook_at',
        ...[LOCATION, clock.at - agoMs],
      ),
    refusals: (refused: number, accepted: number) =>
      sqlite.rows('INSERT INTO refusals VALUES (?1, ?2, ?3, ?4)', clock.at, refused, accepted, 'wrong_signature'),
    /** Numbers that the brake holds back, each with its run. */
    held(...numbers: (string | null)[]) {
      for (let n = 0; n < numbers.length; n += 2)
        sqlite.rows(
          `INSERT INTO new_placements VALUES (?1, ?2, ?2, ?3, 'held', ?4)`,
          ...[LOCATION, String(numbers[n]), numbers[n + 1] ?? null, clock.at + n],
        );
    },
    /** A contact that was placed without these fields. */
    leftOut: (hash: string, fields: string[]) =>
      sqlite.rows(
        'INSERT INTO dialer (location_id, phone_hash, held, left_out, updated_at) VALUES (?1, ?2, 1, ?3, 0)',
        ...[LOCATION, hash, JSON.stringify(fields)],
      ),
    fieldReport: (field: string, problem: string) =>
      sqlite.rows(
        'INSERT INTO field_reports (location_id, field, problem, since, seen_at) VALUES (?1, ?2, ?3, ?4, ?4)',
        ...[LOCATION, field, problem, clock.at],
      ),
    /** What the last poll of calls came to. The next is not due. */
    poll(row: Record<string, string | number | null>) {
      const names = Object.keys(row);
      sqlite.rows(
        `INSERT INTO call_polls (location_id, due_at, ${names.join(', ')}) VALUES (?1, 9e15, ${names.map((_, n) => `?${n + 2}`).join(', ')})
         ON CONFLICT DO UPDATE SET ${names.map((name) => `${name} = excluded.${name}`).join(', ')}`,
        ...[LOCATION, ...Object.values(row)],
      );
    },
    outbox: (id: string, agoMs: number, leaseMs = 0) =>
      sqlite.rows(
        `INSERT INTO outbox (id, queue, message, created_at, lease_until) VALUES (?1, 'events', '{}', ?2, ?3)`,
        ...[id, clock.at - agoMs, clock.at + leaseMs],
      ),
  };
  const db = sqlite.bind(async (act) => {
    statements++;
    return act();
  });
  const queue = { send: async (message: unknown) => void stage.drained.push(message) };
  const bound = {
    ...ENV,
    ALERT_WEBHOOK_URL: URL_1,
    ...env,
    DB: db,
    EVENTS: queue,
    BACKSTOP: queue,
    DEAD_LETTERS: queue,
  } as unknown as Env;
  const world = worldOn(clock, async (request) => {
    const body = (await request.clone().json()) as AlertMessage;
    const answer = await stage.answer(request);
    if (!answer.ok) return answer;
    posts.push({ url: request.url, text: body.text });
    messages.push(body);
    return answer;
  });
  world.write = (line) => void lines.push(line);
  const consumer = createConsumer(world);
  return stage;
}

export type Stage = ReturnType<typeof createStage>;
