// The doctor checks the pipeline itself: tables, queues, outbox, webhooks, dead letters, circuits, the last run.

import type { Queue } from '@cloudflare/workers-types';
import { errorText } from '../../../shared/harmless.ts';
import type { IngestStatus } from '../../../shared/ingest-status.ts';
import { spanOf } from '../../../shared/time.ts';
import type { Env } from '../config/env.ts';
import type { Circuit } from '../domain/circuit.ts';
import { troubleOf } from '../domain/circuit-text.ts';
import { type Backlog, readQueue } from '../monitoring/backlog.ts';
import { judgeBackstop, lateAt } from '../monitoring/judgement.ts';
import { type AreaCounts, appliedMigrations } from '../store/doctor.ts';
import type { Outbox, ReasonCount, RunFacts } from '../store/health.ts';
import { type Check, failed, ok, skipped, warning } from './check.ts';

/** The migrations of this version. A test compares them with the folder. */
export const MIGRATIONS = [
  '0001_pipeline.sql',
  '0002_fields.sql',
  '0003_call_results.sql',
  '0004_past_links.sql',
  '0005_opportunities.sql',
  '0006_brake.sql',
  '0007_lists.sql',
  '0008_audit.sql',
  '0009_replays.sql',
  '0010_run_contacts.sql',
  '0011_fewer_rows.sql',
  '0012_called_then.sql',
];

/** Checks that all migrations are applied. Never throws. */
export async function checkDatabase(db: Env['DB']): Promise<Check> {
  try {
    const applied = await appliedMigrations(db);
    const missing = MIGRATIONS.filter((name) => !applied.has(name));
    return missing.length === 0
      ? ok('database', `${MIGRATIONS.length} of ${MIGRATIONS.length} migrations are applied.`)
      : failed('database', `Not applied: ${missing.join(', ')}.`);
  } catch (thrown) {
    return failed('database', `No migration is applied, or D1 does not answer: ${errorText(thrown)}`);
  }
}

/** Checks that the three queues are bound and do not hold old messages. Never throws. */
export async function checkQueues(env: Pick<Env, 'EVENTS' | 'BACKSTOP' | 'DEAD_LETTERS'>, now: number): Promise<Check> {
  const queues: [string, Queue<never> | undefined][] = [
    ['contact-events', env.EVENTS as Queue<never>],
    ['contact-backstop', env.BACKSTOP as Queue<never>],
    ['contact-dead-letters', env.DEAD_LETTERS as Queue<never>],
  ];
  const unbound = queues.filter(([, queue]) => !queue).map(([name]) => name);
  if (unbound.length > 0) return failed('queues', `Not bound: ${unbound.join(', ')}.`);
  try {
    const backlogs: Backlog[] = [];
    for (const [name, queue] of queues) backlogs.push(await readQueue(name, queue));
    const known = backlogs.filter(({ waiting }) => waiting !== null);
    const old = known.flatMap(({ queue, waiting, oldestAt }) => {
      const since = waiting === 0 ? null : lateAt('queue', oldestAt, now);
      // Dead letters wait for no vendor.
      return since === null ? [] : [{ queue, oldestAt, since: queue === 'contact-dead-letters' ? 0 : since }];
    });
    const waiting = `Waiting: ${known.map(({ queue, waiting }) => `${queue} ${waiting}`).join(', ')}.`;
    if (old.length === 0) return ok('queues', waiting);
    const oldest = old.map(({ queue, oldestAt }) => `${queue} for ${spanOf(now - (oldestAt ?? now))}`).join(', ');
    const since = Math.min(...old.map(({ since }) => since));
    return { ...warning('queues', `${waiting} The oldest waits in ${oldest}.`), since };
  } catch (thrown) {
    return failed('queues', errorText(thrown));
  }
}

/** `ingestStatus` null: the request did not come through ingest. */
export function checkIngest(ingestStatus: IngestStatus | null, locationId: string): Check {
  if (ingestStatus === null) return skipped('ingest', 'Ingest has not reported its settings.');
  const { locationIds, apps, hmac, workflow, viewer } = ingestStatus;
  if (viewer === 'same')
    return failed('ingest', 'VIEWER_TOKEN is the same as ADMIN_TOKEN, so nobody can act: give it another value.');
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

/** Checks that the outbox empties. `now` is epoch ms. */
export function checkOutbox({ depth, oldestAt }: Outbox, now: number): Check {
  if (depth === 0 || oldestAt === null) return ok('outbox', 'It is empty.');
  const seen = `${depth} wait, the oldest for ${spanOf(now - oldestAt)}.`;
  return lateAt('outbox', oldestAt, now) === null ? warning('outbox', seen) : failed('outbox', seen);
}

/** `heardAt`: the last webhook, epoch ms. */
export function checkWebhooks(heardAt: number | null, now: number): Check {
  if (heardAt === null) return warning('webhooks', 'None has arrived yet.');
  const seen = `The last arrived ${spanOf(now - heardAt)} ago.`;
  return lateAt('webhooks', heardAt, now) === null ? ok('webhooks', seen) : warning('webhooks', seen);
}

/** `deadLetters` wait; `failed` are contacts without one. */
export function checkDeadLetters(deadLetters: ReasonCount[], failed: ReasonCount[]): Check {
  const listed = (counts: ReasonCount[]) => counts.map(({ reason, n }) => `${n} ${reason}`).join(', ');
  const seen = [
    ...(deadLetters.length > 0 ? [`Waiting: ${listed(deadLetters)}.`] : []),
    ...(failed.length > 0 ? [`Failed contacts without a dead letter: ${listed(failed)}.`] : []),
  ];
  return seen.length > 0
    ? warning('dead-letters', seen.join(' '))
    : ok('dead-letters', 'None waits, and no contact is failed.');
}

/** `waiting`: about how many contacts wait; null where that is not known. */
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

/** Checks that the whole contact list was compared lately. `now` is epoch ms. */
export function checkBackstop({ lastCompleteAt, last }: Pick<RunFacts, 'lastCompleteAt' | 'last'>, now: number): Check {
  const fault = judgeBackstop(last, lastCompleteAt, now);
  const unended =
    last && last.state !== 'complete' ? ` The last run is ${last.state}${last.error ? `: ${last.error}` : ''}.` : '';
  const completed =
    lastCompleteAt === null
      ? 'None has been completed yet.'
      : `The last was completed ${spanOf(now - lastCompleteAt)} ago.`;
  const seen = `${completed}${unended}`;
  if (fault === null) return ok('backstop', seen);
  return { ...warning('backstop', seen), ...(fault.since !== null && { since: fault.since }) };
}

/** Beyond this share of the contacts in the dialer somebody should look at the forms that bring leads. */
const MANY = 0.05;

/** Checks that calling hours can be told: they go by state and zip code. */
export function checkArea({ held, withoutArea }: AreaCounts): Check {
  const code = 'fields-area';
  if (held === 0) return ok(code, 'No contact is in the dialer.');
  if (withoutArea === 0) return ok(code, `All ${held} contacts in the dialer have a state and a zip code.`);
  const share = withoutArea / held;
  const percent = share < 0.01 ? 'less than 1 %' : `${Math.round(100 * share)} %`;
  const seen = `${withoutArea} of ${held} contacts in the dialer (${percent}) have no state or no zip code.`;
  return share > MANY ? warning(code, seen) : ok(code, seen);
}
