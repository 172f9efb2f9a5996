// The doctor with the real consumer, SQLite as D1, and the sandbox's vendors at their hosts, in process and in virtual time.

import type { CallToolsSettings } from '../../../sandbox/calltools/settings.ts';
import { createCallTools } from '../../../sandbox/calltools.ts';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { createGoHighLevel } from '../../../sandbox/gohighlevel.ts';
import type { IngestStatus } from '../../../shared/ingest-status.ts';
import type { Env } from '../../../workers/consumer/config/env.ts';
import { readLocations } from '../../../workers/consumer/config/locations.ts';
import { createConsumer } from '../../../workers/consumer/consumer.ts';
import type { Check, Status } from '../../../workers/consumer/doctor/check.ts';
import { type Diagnosis, diagnose, type Examinable } from '../../../workers/consumer/doctor/diagnose.ts';
import { MIGRATIONS } from '../../../workers/consumer/doctor/state.ts';
import type { CheckCode } from '../../../workers/consumer/domain/checks.ts';
import { ENV, jsonAnswer, LOCATION, PHONE, sequence } from '../../support/vendor-harness.ts';
import { VirtualClock, worldOn } from '../../support/virtual-clock.ts';

export type DoctorStage = ReturnType<typeof doctorStage>;

/** All is well but for what the account is like; the bucket of the default rules exists. */
export function doctorStage(account: Partial<CallToolsSettings> = {}) {
  const clock = new VirtualClock();
  const time = { now: () => clock.at, wait: clock.sleep };
  const ghl = createGoHighLevel({
    locationId: LOCATION,
    apiKey: ENV.GHL_API_KEY,
    random: sequence(),
    settings: { searchLagMs: 0 },
    ...time,
  });
  const callTools = createCallTools({ token: ENV.CALLTOOLS_API_KEY, random: sequence(), settings: account, ...time });
  /** What answers at each host; all others cannot be reached. */
  const hosts: Record<string, (request: Request) => Response | Promise<Response>> = {
    'ghl.test': ghl.handle,
    'east-1.calltools.io': callTools.handle,
    'app.calltools.io': () => jsonAnswer(200, [{ subdomain: 'east-1' }, { subdomain: 'west-2' }]),
  };
  /** Requests as they left us. */
  const sent: { url: URL; authorization: string | null }[] = [];
  const world = worldOn(clock, async (request) => {
    const url = new URL(request.url);
    sent.push({ url, authorization: request.headers.get('authorization') });
    const host = hosts[url.hostname];
    if (!host) throw new TypeError('fetch failed');
    return host(request);
  });
  const sqlite = openSqlite();
  sqlite.rows('CREATE TABLE d1_migrations (name TEXT)');
  for (const name of MIGRATIONS) sqlite.rows('INSERT INTO d1_migrations (name) VALUES (?1)', name);

  const consumer = createConsumer(world);
  const queue = {
    send: async (body: unknown, { delaySeconds = 0 } = {}) => (delaySeconds > 0 ? undefined : deliver(body)),
    sendBatch: async (messages: Iterable<{ body: unknown; delaySeconds?: number }>) => {
      for (const { body, delaySeconds = 0 } of messages) if (delaySeconds === 0) await deliver(body);
    },
    metrics: async () => ({ backlogCount: 0, backlogBytes: 0 }),
  };
  const env = {
    ...ENV,
    GHL_API_BASE_URL: 'https://ghl.test',
    CALLTOOLS_BASE_URL: 'https://east-1.calltools.io',
    DB: sqlite.bind(async (act) => act()),
    EVENTS: queue,
    BACKSTOP: queue,
    DEAD_LETTERS: queue,
  } as unknown as Env;

  /** A queue that delivers at once, and once; what is to be delivered later is for the test to send again. */
  async function deliver(body: unknown): Promise<void> {
    const message = { id: 'm1', timestamp: new Date(clock.at), body, attempts: 1, ack() {}, retry() {} };
    const batch = { queue: 'contact-events', messages: [message], ackAll() {}, retryAll() {} };
    await consumer.queue(batch as unknown as Parameters<typeof consumer.queue>[0], env);
  }

  async function location(): Promise<Examinable> {
    // A copy: what is read of an env is remembered, and tests change it.
    const { all, fault } = await readLocations({ ...env });
    return all[0] ?? { id: null, kind: 'faulty', fault: fault ?? '' };
  }

  /** What ingest tells of itself; may be changed at any time. */
  const ingestStatus: IngestStatus = {
    ...{ locationIds: [LOCATION], apps: 1, hmac: true, workflow: true, calls: false },
    ...{ viewer: 'off', role: 'operator' },
  };
  const diagnosis = async (contactId: string | null = null): Promise<Diagnosis> =>
    diagnose({ env, world, location: await location(), contactId, ingestStatus });

  return {
    clock,
    ghl,
    callTools,
    hosts,
    sent,
    sqlite,
    env,
    ingestStatus,
    diagnosis,
    /** The contact is in GoHighLevel, and a webhook about it has been processed. */
    async bring(fields: { firstName: string; phone: string; tags: string[] }): Promise<string> {
      const { id } = await ghl.addContact({ ...fields, state: 'FL', postalCode: '33101' }, { silent: true });
      sqlite.rows('INSERT OR REPLACE INTO heard (location_id, webhook_at) VALUES (?1, ?2)', LOCATION, clock.at);
      await deliver({
        v: 1,
        kind: 'contact.changed',
        locationId: LOCATION,
        contactId: id,
        eventType: 'ContactCreate',
        source: 'webhook',
        eventId: `e-${id}`,
        occurredAt: null,
        receivedAt: clock.at,
        snapshot: null,
      });
      return id;
    },
    /** Codes with this status. */
    async codes(status: Status): Promise<CheckCode[]> {
      return (await diagnosis()).checks.filter((check) => check.status === status).map(({ code }) => code);
    },
    /** What the doctor says under this code. */
    async check(code: CheckCode, contactId: string | null = null): Promise<Check> {
      const found = (await diagnosis(contactId)).checks.find((one) => one.code === code);
      if (!found) throw new Error(`the doctor says nothing of ${code}`);
      return found;
    },
  };
}

export const HOUR = 3_600_000;

/** A stage on which all is well: Dana is in the dialer, and a run was completed an hour ago. */
export async function healthyStage(account: Partial<CallToolsSettings> = {}) {
  const stage = doctorStage(account);
  const dana = await stage.bring({ firstName: 'Dana', phone: PHONE, tags: ['cold lead'] });
  stage.sqlite.rows(
    `INSERT INTO runs (id, location_id, started_by, state, started_at, heartbeat_at, finished_at)
     VALUES ('run1', ?1, 'cron', 'complete', ?2, ?2, ?2)`,
    ...[LOCATION, stage.clock.at - HOUR],
  );
  stage.sent.length = 0;
  return { stage, dana };
}
