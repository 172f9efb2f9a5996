// Stands where the consumer would: the real operator routes and the real drain, while a contact's id says how its work ends.

import type { D1Database, MessageBatch, Queue } from '@cloudflare/workers-types';
import { type ContactChanged, type Message, parseMessage } from '../../shared/messages.ts';
import { REAL_WORLD, type World } from '../../workers/consumer/config/env.ts';
import { readLocations } from '../../workers/consumer/config/locations.ts';
import { drainDeadLetters } from '../../workers/consumer/dead-letters/keep.ts';
import { contactLetterId } from '../../workers/consumer/dead-letters/letter.ts';
import { handleOperator } from '../../workers/consumer/operator/routes.ts';
import { previewRules } from '../../workers/consumer/rules-preview/preview.ts';
import { insertDeadLetters, resolveDeadLetters } from '../../workers/consumer/store/dead-letters.ts';
import { findRun, insertRun } from '../../workers/consumer/store/runs.ts';

interface Env {
  DB: D1Database;
  EVENTS: Queue<Message>;
  BACKSTOP: Queue<Message>;
  GHL_LOCATION_ID: string;
}

const world = { now: () => Date.now(), newId: () => crypto.randomUUID() };
const log = () => {};
const SET_UP = {
  GHL_API_KEY: 'pit-1',
  CALLTOOLS_API_KEY: 'key',
  CALLTOOLS_BASE_URL: 'https://east-1.calltools.test',
  SYNC_RULES: { routes: [{ name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' }] },
};

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const startRun = async () => {
      const run = {
        id: crypto.randomUUID(),
        locationId: env.GHL_LOCATION_ID,
        startedBy: 'trigger',
        startedAt: Date.now(),
      } as const;
      await insertRun(env.DB, run);
      const started = await findRun(env.DB, run.id);
      if (!started) throw new Error('one is running');
      return { run: started, joined: false };
    };
    return handleOperator(request, {
      env,
      world,
      log,
      locations: await readLocations({ ...SET_UP, ...env }),
      startRun,
      diagnose: async () => ({ locationId: env.GHL_LOCATION_ID, checks: [] }),
      preview: async () => ({ kind: 'gone' }),
      findByName: async () => ({ kind: 'found', contactIds: [] }),
      testContact: async () => ({ kind: 'gone' }),
      sendAlert: async () => null,
      previewRules: (rules, settings) => previewRules(rules, { db: env.DB, settings, world: LISTING }),
    });
  },

  async queue(batch: MessageBatch<unknown>, env: Env): Promise<void> {
    if (batch.queue === 'contact-events') {
      for (const message of batch.messages) {
        const body = parseMessage(message.body);
        if (body?.kind === 'contact.changed') await work(body, env);
      }
      return;
    }
    const outcomes = await drainDeadLetters(batch.messages, { env, world, log });
    for (const outcome of outcomes) {
      const message = batch.messages.find(({ id }) => id === outcome.messageId);
      if (outcome.kind === 'ack') message?.ack();
      else message?.retry({ delaySeconds: outcome.delaySeconds });
    }
  },
};

/** GoHighLevel with three contacts on two pages. */
const LISTING: World = {
  ...REAL_WORLD,
  fetch: async (_url, { body }) => {
    const isFirst = !String(body).includes('searchAfter');
    const names = isFirst ? ['lead1', 'lead2'] : ['lead3'];
    const contacts = names.map((id, n) => ({
      id,
      tags: ['hot lead'],
      phone: `+1305555010${n}`,
      ...(isFirst && { searchAfter: [id] }),
    }));
    return Response.json({ contacts, total: 3 });
  },
};

/** Contacts named broken… fail again, moved… fail for another reason, slow… never end, and all others succeed. */
async function work({ locationId, contactId }: ContactChanged, { DB }: Env): Promise<void> {
  if (contactId.startsWith('slow')) return;
  const failed = /^(broken|moved)/.test(contactId);
  await DB.prepare(
    `UPDATE contacts SET state = ?3, reason = ?4, updated_at = ?5 WHERE location_id = ?1 AND contact_id = ?2`,
  )
    .bind(locationId, contactId, failed ? 'failed' : 'placed', failed ? 'rejected' : 'placed', Date.now())
    .run();
  if (!failed) {
    await resolveDeadLetters(DB, locationId, [contactId], Date.now()).run();
    return;
  }
  const moved = contactId.startsWith('moved');
  const reason = moved ? 'phone_not_attached' : 'rejected';
  await insertDeadLetters(DB, [
    {
      id: moved ? await contactLetterId(locationId, contactId, reason) : `d-${contactId}`,
      locationId,
      contactId,
      reason,
      error: 'CallTools still refuses it',
      message: { kind: 'contact.changed' },
      replayable: true,
      attempts: 1,
      receivedAt: Date.now(),
      deadAt: Date.now(),
    },
  ]).run();
}
