// What the pipeline itself remembers and has waiting: tables, queues, outbox, webhooks, dead letters, circuits, the last run.

import type { Queue } from '@cloudflare/workers-types';
import type { IngestStatus } from '../../../shared/ingest-status.ts';
import { HOUR_MS, spanOf } from '../../../shared/time.ts';
import type { Env } from '../config/env.ts';
import type { Circuit } from '../domain/circuit.ts';
import { troubleOf } from '../domain/circuit-text.ts';
import { OLD_MESSAGE_MS, OLD_OUTBOX_MS, OLD_RUN_MS } from '../monitoring/overdue.ts';
import { appliedMigrations, type StateFacts } from '../store/doctor.ts';
import { type Check, failed, ok, skipped, warning } from './check.ts';
import { messageOf } from './last-answer.ts';

/** Of this version; a test holds it against the folder. */
export const MIGRATIONS = ['0001_pipeline.sql'];

const QUIET_MS = 24 * HOUR_MS;
export async function checkDatabase(db: Env['DB']): Promise<Check> {
  try {
    const applied = await appliedMigrations(db);
    const missing = MIGRATIONS.filter((name) => !applied.has(name));
    return missing.length === 0
      ? ok('database', `${MIGRATIONS.length} of ${MIGRATIONS.length} migrations are applied.`)
      : failed('database', `Not applied: ${missing.join(', ')}.`);
  } catch (thrown) {
    return failed('database', `No migration is applied, or D1 does not answer: ${messageOf(thrown)}`);
  }
}

export async function checkQueues(env: Pick<Env, 'EVENTS' | 'BACKSTOP' | 'DEAD_LETTERS'>, now: number): Promise<Check> {
  const queues: [string, Queue<never> | undefined][] = [
    ['contact-events', env.EVENTS as Queue<never>],
    ['contact-backstop', env.BACKSTOP as Queue<never>],
    ['contact-dead-letters', env.DEAD_LETTERS as Queue<never>],
  ];
  const unbound = queues.filter(([, queue]) => !queue).map(([name]) => name);
  if (unbound.length > 0) return failed('queues', `Not bound: ${unbound.join(', ')}.`);
  try {
    const seen: string[] = [];
    const old: string[] = [];
    const lateAt: number[] = [];
    for (const [name, queue] of queues) {
      const metrics = await queue?.metrics();
      if (!metrics) continue;
      seen.push(`${name} ${metrics.backlogCount}`);
      const oldest = Number(metrics.oldestMessageTimestamp ?? 0);
      if (metrics.backlogCount === 0 || oldest === 0 || now - oldest <= OLD_MESSAGE_MS) continue;
      old.push(`${name} for ${spanOf(now - oldest)}`);
      // Dead letters wait for no vendor.
      lateAt.push(name === 'contact-dead-letters' ? 0 : oldest + OLD_MESSAGE_MS);
    }
    const waiting = `Waiting: ${seen.join(', ')}.`;
    return old.length > 0
      ? { ...warning('queues', `${waiting} The oldest waits in ${old.join(', ')}.`), since: Math.min(...lateAt) }
      : ok('queues', waiting);
  } catch (thrown) {
    return failed('queues', messageOf(thrown));
  }
}

/** `ingestStatus` null: the request did not come through ingest. */
export function checkIngest(ingestStatus: IngestStatus | null, locationId: string): Check {
  if (ingestStatus === null) return skipped('ingest', 'Ingest has not told its settings.');
  const { locationIds, apps, hmac, workflow } = ingestStatus;
  if (!locationIds.includes(locationId))
    return failed(
      'ingest',
      `Ingest takes webhooks of ${locationIds.join(', ') || 'no location'} only, the consumer works for ${locationId}.`,
    );
  const open = [
    `app webhooks (${apps === 0 ? 'of any app: set GHL_APP_IDS to take only yours' : 'of your apps'})`,
    `HMAC (${hmac ? 'open' : 'closed: no GHL_WEBHOOK_SECRET'})`,
    `workflow actions (${workflow ? 'open' : 'closed: no GHL_WORKFLOW_TOKEN'})`,
  ];
  return ok('ingest', `It takes them: ${open.join(', ')}.`);
}

export function checkOutbox({ outbox: { depth, oldestAt } }: StateFacts, now: number): Check {
  if (depth === 0 || oldestAt === null) return ok('outbox', 'It is empty.');
  const seen = `${depth} wait, the oldest for ${spanOf(now - oldestAt)}.`;
  return now - oldestAt > OLD_OUTBOX_MS ? failed('outbox', seen) : warning('outbox', seen);
}

export function checkWebhooks({ lastWebhookAt }: StateFacts, now: number): Check {
  if (lastWebhookAt === null) return warning('webhooks', 'None has arrived yet that concerned the dialer.');
  const seen = `The last that concerned the dialer was worked off ${spanOf(now - lastWebhookAt)} ago.`;
  return now - lastWebhookAt > QUIET_MS ? warning('webhooks', seen) : ok('webhooks', seen);
}

export function checkDeadLetters({ deadLetters, failed }: StateFacts): Check {
  const told = (counts: StateFacts['failed']) => counts.map(({ reason, n }) => `${n} ${reason}`).join(', ');
  const seen = [
    ...(deadLetters.length > 0 ? [`Waiting: ${told(deadLetters)}.`] : []),
    ...(failed.length > 0 ? [`Failed contacts without a dead letter: ${told(failed)}.`] : []),
  ];
  return seen.length > 0
    ? warning('dead-letters', seen.join(' '))
    : ok('dead-letters', 'None waits, and no contact is failed.');
}

/** `waiting`: contacts that wait, about; null where that is not known. */
export function checkCircuits(circuits: Circuit[], waiting: number | null, now: number): Check {
  const troubles = circuits.flatMap((circuit) => troubleOf(circuit, { now, waiting }) ?? []);
  if (troubles.length === 0) return ok('circuits', 'Both vendors are believed to be well.');
  const seen = troubles.map(({ what }) => what).join(' ');
  const stopped = troubles.some(({ kind }) => kind !== 'throttled');
  const since = troubles.flatMap((trouble) => trouble.since ?? []);
  return {
    ...(stopped ? failed('circuits', seen) : warning('circuits', seen)),
    todo: troubles.map(({ todo }) => todo).join(' '),
    vendors: troubles.map(({ vendor }) => vendor),
    ...(since.length > 0 && { since: Math.min(...since) }),
  };
}

export function checkBackstop({ lastCompleteRunAt, lastRun }: StateFacts, now: number): Check {
  const last =
    lastRun && lastRun.state !== 'complete'
      ? ` The last run is ${lastRun.state}${lastRun.error ? `: ${lastRun.error}` : ''}.`
      : '';
  // A first run that was not due yet is held up by nobody.
  if (lastCompleteRunAt === null)
    return { ...warning('backstop', `None has been completed yet.${last}`), ...(lastRun && { since: now }) };
  const seen = `The last was completed ${spanOf(now - lastCompleteRunAt)} ago.${last}`;
  if (lastRun?.state === 'incomplete') return { ...warning('backstop', seen), since: lastRun.finishedAt ?? now };
  return now - lastCompleteRunAt > OLD_RUN_MS
    ? { ...warning('backstop', seen), since: lastCompleteRunAt + OLD_RUN_MS }
    : ok('backstop', seen);
}
