// What one event costs in calls: to both vendors, to D1, to the queues. Counted, not timed.

import type { MessageBatch } from '@cloudflare/workers-types';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { ContactChanged } from '../../shared/messages.ts';
import { type Env, REAL_WORLD } from '../../workers/consumer/config/env.ts';
import { createConsumer } from '../../workers/consumer/consumer.ts';
import { startPipeline } from '../local/pipeline.ts';
import { readRulesFile } from '../rules/rules-file.ts';
import { bytesOfLine } from './logs.ts';
import { countDatabase } from './measure/counted-database.ts';
import type { Figure, Unit } from './measure/figure.ts';
import { UNLIMITED } from './vendor-pace.ts';

const SECTION = 'operations';
const QUEUE = 'contact-events';

/** Of one batch. */
export interface Spent {
  ghl: number;
  callTools: number;
  roundTrips: number;
  rowsRead: number;
  rowsWritten: number;
  /** Messages put into queues by the consumer itself. */
  sends: number;
  /** Bytes that its log lines make in Cloudflare's log. */
  logged: number;
}

/** What events cost, of each kind. */
export type SpentByKind = Record<'unchanged' | 'changed' | 'fresh' | 'cannotMatter', Spent>;

/** What each kind of message costs the consumer. */
export interface Operations {
  figures: Figure[];
  /** One event in a batch of its own. */
  each: SpentByKind;
  /** A batch of `FULL_BATCH` events. */
  full: SpentByKind;
}

/** As in wrangler.consumer.jsonc. */
export const FULL_BATCH = 25;

/** The consumer runs in this process, on the local D1 and against the sandbox. Takes some ten seconds. */
export async function countOperations(): Promise<Operations> {
  const pipeline = await startPipeline({ sandbox: { ghlSettings: { rateLimit: UNLIMITED, searchLagMs: 0 } } });
  try {
    const { sandbox, database, locationId } = pipeline;
    if (!sandbox) throw new Error('the bench runs against the sandbox');
    const stage = createStage(sandbox, database, locationId);
    await stage.handle([await stage.addLead()]); // the bucket exists from here on

    const each = await spentByKind(stage, sandbox, 1);
    const full = await spentByKind(stage, sandbox, FULL_BATCH);
    const { unchanged, changed, fresh, cannotMatter } = each;

    const equal = (what: string, value: number, floor: number, unit: Unit, more = 0): Figure => ({
      section: SECTION,
      what,
      value,
      unit,
      floor: { what: 'needed', value: floor },
      targets: [{ kind: 'floor-plus', limit: more }],
    });
    const figures = [
      equal('CallTools calls: unchanged', unchanged.callTools, 0, 'calls'),
      equal('CallTools calls: known and changed', changed.callTools, 1, 'calls'),
      equal('CallTools calls: new', fresh.callTools, 2, 'calls'),
      equal('GoHighLevel calls: may place a contact', fresh.ghl, 1, 'calls'),
      equal('GoHighLevel calls: cannot matter', cannotMatter.ghl, 0, 'calls'),
      ...rowFigures({ each, full }),
    ];
    for (const size of [1, 10, 100]) {
      const leads = await Promise.all(Array.from({ length: size }, () => stage.addLead()));
      const created = await stage.handle(leads);
      for (const id of leads) await sandbox.ghl.editContact(id, { lastName: 'Married' }, { silent: true });
      const edited = await stage.handle(leads);
      figures.push(
        equal(`D1 round trips, batch of ${size}, known contacts`, edited.roundTrips, 2, 'round trips', 1),
        equal(`D1 round trips, batch of ${size}, new contacts`, created.roundTrips, 2, 'round trips', 1),
      );
    }
    return { figures, each, full };
  } finally {
    await pipeline.close();
  }
}

/** Rows that D1 writes, and bills, for what becomes of a webhook: the most that they may be, alone and of a full batch each. */
export const ROWS: Record<string, { kinds: (keyof SpentByKind)[]; alone: number; batched: number }> = {
  'cannot matter': { kinds: ['cannotMatter'], alone: 1, batched: 0.05 },
  known: { kinds: ['changed', 'unchanged'], alone: 6, batched: 4 },
  new: { kinds: ['fresh'], alone: 12, batched: 10 },
};

/** The dearest of the kinds counts. */
function rowFigures({ each, full }: Pick<Operations, 'each' | 'full'>): Figure[] {
  return Object.entries(ROWS).flatMap(([what, { kinds, alone, batched }]) => {
    const most = (batches: SpentByKind, size: number) =>
      Math.max(...kinds.map((kind) => batches[kind].rowsWritten / size));
    const row = (how: string, value: number, limit: number): Figure => ({
      section: SECTION,
      what: `rows written per webhook: ${what}, ${how}`,
      value,
      unit: 'rows',
      targets: [{ kind: 'at-most', limit }],
    });
    return [row('alone', most(each, 1), alone), row(`in batches of ${FULL_BATCH}`, most(full, FULL_BATCH), batched)];
  });
}

/** One batch of each kind, of `size` contacts. The stage has handled a lead before, so that the hour's row of counters is there. */
export async function spentByKind(stage: Stage, { ghl }: Sandbox, size: number): Promise<SpentByKind> {
  const leads = await Promise.all(Array.from({ length: size }, () => stage.addLead()));
  const fresh = await stage.handle(leads);
  const unchanged = await stage.handle(leads);
  for (const id of leads) await ghl.editContact(id, { lastName: 'Married' }, { silent: true });
  const changed = await stage.handle(leads);
  const strangers = leads.map((id) => `stranger${id}`);
  const cannotMatter = await stage.handle(strangers, { tags: ['newsletter'], dnd: false });
  return { unchanged, changed, fresh, cannotMatter };
}

export type Stage = ReturnType<typeof createStage>;

/** The consumer in this process, its database and its vendors. */
export function createStage(sandbox: Sandbox, database: Parameters<typeof countDatabase>[0], locationId: string) {
  const { ghl, callTools } = sandbox;
  const counted = countDatabase(database);
  let sends = 0;
  let phones = 0;
  const producer = {
    send: async () => void sends++,
    sendBatch: async (messages: Iterable<unknown>) => {
      sends += [...messages].length;
    },
  };
  const env = {
    DB: counted.database,
    EVENTS: producer,
    BACKSTOP: producer,
    DEAD_LETTERS: producer,
    GHL_LOCATION_ID: locationId,
    GHL_API_KEY: 'pit-sandbox',
    GHL_API_BASE_URL: sandbox.ghlBaseUrl,
    CALLTOOLS_API_KEY: 'sandbox-token',
    CALLTOOLS_BASE_URL: sandbox.callToolsBaseUrl,
  } as unknown as Env;
  let logged = 0;
  const write = (line: string) => {
    logged += bytesOfLine(line, 'contact-consumer');
  };
  const consumer = createConsumer({ ...REAL_WORLD, write }, { rules: readRulesFile() });

  return {
    /** GoHighLevel gains a contact with the route's tag, and tells nobody. */
    async addLead(): Promise<string> {
      const phone = `+1305${5_550_000 + phones++}`;
      const { id } = await ghl.addContact({ firstName: 'Dana', phone, tags: ['cold lead'] }, { silent: true });
      return id;
    },

    /** The consumer gets one hint for each, all in one batch. Throws where one was not acknowledged. */
    async handle(contactIds: string[], snapshot: ContactChanged['snapshot'] = LEAD): Promise<Spent> {
      const before = { ghl: ghl.calls.count(), callTools: callTools.calls.count(), ...counted.count, sends, logged };
      let acked = 0;
      const messages = contactIds.map((contactId) => ({
        id: crypto.randomUUID(),
        timestamp: new Date(),
        attempts: 1,
        body: hint(locationId, contactId, snapshot),
        ack: () => void acked++,
        retry: () => {},
      }));
      await consumer.queue({ queue: QUEUE, messages } as unknown as MessageBatch<unknown>, env);
      if (acked < contactIds.length) throw new Error(`${contactIds.length - acked} events were not done`);
      return {
        ghl: ghl.calls.count() - before.ghl,
        callTools: callTools.calls.count() - before.callTools,
        roundTrips: counted.count.roundTrips - before.roundTrips,
        rowsRead: counted.count.rowsRead - before.rowsRead,
        rowsWritten: counted.count.rowsWritten - before.rowsWritten,
        sends: sends - before.sends,
        logged: logged - before.logged,
      };
    },
  };
}

/** What GoHighLevel's webhooks about a lead say of it. */
export const LEAD = { tags: ['cold lead'], dnd: false };

/** A message about a contact. */
export function hint(locationId: string, contactId: string, snapshot: ContactChanged['snapshot']): ContactChanged {
  const now = Date.now();
  return {
    v: 1,
    kind: 'contact.changed',
    locationId,
    contactId,
    eventType: 'ContactUpdate',
    source: 'webhook',
    eventId: crypto.randomUUID(),
    occurredAt: now,
    receivedAt: now,
    snapshot,
  };
}
