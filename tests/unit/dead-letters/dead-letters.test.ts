// The drain of the dead-letter queue: every message becomes one row, whatever it is and however often it comes; against real D1.

import type { D1Database } from '@cloudflare/workers-types';
import { describe, expect, test } from 'vitest';
import type { BackstopPage, ContactChanged, Quarantined } from '../../../shared/messages.ts';
import { drainDeadLetters } from '../../../workers/consumer/dead-letters/keep.ts';
import { contactLetterId } from '../../../workers/consumer/dead-letters/letter.ts';
import { resolveDeadLetters } from '../../../workers/consumer/store/dead-letters.ts';
import { keep, LOCATION, letterRows, NOW, stageOfFile } from '../../support/operator-harness.ts';

const stage = stageOfFile();

const SENT = NOW - 60_000;
let messages = 0;
const delivery = (body: unknown, changes: { id?: string; attempts?: number } = {}) => ({
  id: `message${++messages}`,
  timestamp: new Date(SENT),
  attempts: 1,
  body,
  ...changes,
});

function drain(deliveries: ReturnType<typeof delivery>[], now = NOW, database = stage.db) {
  const lines: string[] = [];
  const log = (event: string, fields = {}) => void lines.push(JSON.stringify({ event, ...fields }));
  return drainDeadLetters(deliveries, { env: { DB: database }, world: { now: () => now }, log }).then((outcomes) => ({
    outcomes,
    lines,
  }));
}

const hint = (changes: Partial<ContactChanged> = {}): ContactChanged => ({
  v: 1,
  kind: 'contact.changed',
  locationId: LOCATION,
  contactId: 'contact1',
  eventType: 'ContactUpdate',
  source: 'webhook',
  eventId: 'event1',
  occurredAt: null,
  receivedAt: NOW - 120_000,
  snapshot: { tags: ['friend of Ann'], dnd: false },
  ...changes,
});
const quarantined = (changes: Partial<Quarantined> = {}): Quarantined => ({
  v: 1,
  kind: 'webhook.quarantined',
  eventId: 'event2',
  locationId: LOCATION,
  contactId: 'contact1',
  receivedAt: NOW - 120_000,
  detail: 'The body is not JSON. Send a JSON object.',
  bytes: 17,
  sha256: 'abc',
  shape: 'not JSON',
  ...changes,
});
const page: BackstopPage = {
  v: 1,
  kind: 'backstop.page',
  locationId: LOCATION,
  runId: 'run1',
  page: 3,
  cursor: [1, 'x'],
};

test('a notice of a call leaves no row: the poll finds the call anyway', async () => {
  const notice = { v: 1, kind: 'calls.hint', locationId: LOCATION, callToolsId: 12, eventId: 'e', receivedAt: NOW };
  const { outcomes } = await drain([delivery(notice), delivery(hint())]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(['ack', 'ack']);
  expect(await letterRows(stage.db)).toHaveLength(1);
});

describe('each kind of message becomes a row', () => {
  test('a hint whose deliveries ran out', async () => {
    await drain([delivery(hint())]);
    expect(await letterRows(stage.db)).toMatchObject([
      {
        location_id: LOCATION,
        contact_id: 'contact1',
        reason: 'retries_exhausted',
        replayable: 1,
        status: 'waiting',
        received_at: NOW - 120_000,
        dead_at: NOW,
      },
    ]);
    expect(JSON.parse((await letterRows(stage.db))[0]?.message ?? '')).toEqual({ ...hint(), snapshot: null });
  });

  test('a hint of a run: the run waits for the contact no more, and counts it once', async () => {
    await stage.db.batch([
      stage.db.prepare(
        `INSERT INTO runs (id, location_id, started_by, state, started_at, heartbeat_at) VALUES ('run1', '${LOCATION}', 'cron', 'complete', 0, 0)`,
      ),
      ...['contact1', 'contact2', 'contact3'].map((id) =>
        stage.db
          .prepare(
            `INSERT INTO contacts (location_id, contact_id, queued_run, created_at, updated_at) VALUES (?1, ?2, ?3, 0, 0)`,
          )
          .bind(LOCATION, id, id === 'contact3' ? 'run2' : 'run1'),
      ),
    ]);
    const ofRun = (contactId: string) => hint({ contactId, source: 'backstop', runId: 'run1' });
    await drain([delivery(ofRun('contact1')), delivery(ofRun('contact3')), delivery(hint({ contactId: 'contact2' }))]);
    await drain([delivery(ofRun('contact1'))]);
    const { results } = await stage.db.prepare('SELECT contact_id, queued_run FROM contacts ORDER BY contact_id').all();
    expect(results.map(({ queued_run }) => queued_run)).toEqual([null, 'run1', 'run2']);
    expect(await stage.db.prepare('SELECT settled, errors FROM runs').first()).toEqual({ settled: 1, errors: 1 });
    expect(await letterRows(stage.db)).toHaveLength(3);
  });

  test('an unreadable webhook, replayable when it names its contact', async () => {
    const bare = quarantined({ eventId: 'event3', contactId: null });
    await drain([delivery(quarantined()), delivery(bare)]);
    const rows = await letterRows(stage.db);
    expect(rows).toHaveLength(2);
    for (const message of [quarantined(), bare]) {
      const row = rows.find((one) => JSON.parse(one.message).eventId === message.eventId);
      expect(row).toMatchObject({
        reason: 'unreadable_webhook',
        error: message.detail,
        contact_id: message.contactId,
        replayable: message.contactId === null ? 0 : 1,
        received_at: NOW - 120_000,
      });
      expect(JSON.parse(row?.message ?? '')).toEqual(message);
    }
  });

  test('a page of a backstop run, which nobody need replay', async () => {
    await drain([delivery(page)]);
    expect(await letterRows(stage.db)).toMatchObject([
      {
        reason: 'backstop_page_failed',
        replayable: 0,
        contact_id: null,
        received_at: SENT,
        message: JSON.stringify({ ...page, cursor: null }),
      },
    ]);
  });

  test('a write to GoHighLevel, which can be asked for again', async () => {
    const write = {
      v: 1,
      kind: 'call.write',
      locationId: LOCATION,
      contactId: 'contact1',
      rowId: 7,
      step: 'note',
      askedAt: 5,
    };
    await drain([delivery(write)]);
    const kept = { reason: 'write_failed', replayable: 1, received_at: 5, message: JSON.stringify(write) };
    expect(await letterRows(stage.db)).toMatchObject([{ ...kept, error: expect.stringMatching(/^note: /) }]);
  });

  test.each<[string, unknown, object]>([
    ['a text', 'Ann Example, ann@example.com', { type: 'string', bytes: 30 }],
    ['nothing', null, { type: 'null', bytes: 4 }],
    ['a list', [hint()], { type: 'list' }],
    ['an object', { name: 'Ann', kind: 'Ann Example', v: 'Ann' }, { type: 'object' }],
    ['what JSON cannot hold', { id: 1n, name: 'Ann' }, { type: 'object' }],
    ['a function-like nothing', undefined, { type: 'undefined' }],
  ])('%s that no build reads: its shape only', async (_what, body, shape) => {
    await drain([delivery(body)]);
    const [row] = await letterRows(stage.db);
    expect(row).toMatchObject({ reason: 'unreadable_message', replayable: 0, contact_id: null, received_at: SENT });
    expect(JSON.parse(row?.message ?? '')).toMatchObject(shape);
    expect(JSON.stringify(row)).not.toMatch(/ann/i);
  });

  test('a hint of a later version: the contact it names can be replayed', async () => {
    await drain([delivery({ ...hint(), v: 2, phone: '+13055550142' })]);
    const [row] = await letterRows(stage.db);
    expect(row).toMatchObject({
      reason: 'unreadable_message',
      contact_id: 'contact1',
      location_id: LOCATION,
      replayable: 1,
    });
    expect(row?.error).toMatch(/contact\.changed of version 2, \d+ bytes/);
    expect(row?.message).not.toContain('555');
  });

  test('a message of absurd length does not keep the others out', async () => {
    const long = quarantined({ eventId: 'x'.repeat(50_000), detail: 'y'.repeat(50_000) });
    await drain([delivery(long), ...Array.from({ length: 99 }, (_, i) => delivery(hint({ contactId: `c${i}` })))]);
    const rows = await letterRows(stage.db);
    expect(rows).toHaveLength(100);
    expect(Math.max(...rows.map((row) => row.message.length + row.error.length))).toBeLessThan(10_000);
  });
});

describe('what has been kept is acked, and only that', () => {
  test('each message of the batch, and the log names ids and reasons only', async () => {
    const batch = [delivery(hint(), { id: 'a' }), delivery('?', { id: 'b' }), delivery(page, { id: 'c' })];
    const { outcomes, lines } = await drain(batch);
    expect(outcomes).toEqual(['a', 'b', 'c'].map((messageId) => ({ messageId, kind: 'ack' })));
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/"dead_letter.kept".*"retries_exhausted".*"contact1"/);
    expect(lines.join()).not.toContain('friend of Ann');
  });

  test('while D1 is down all are retried, ever more rarely, for as long as a queue keeps them', async () => {
    const broken = {
      prepare: () => {
        throw new Error('D1_ERROR: Network connection lost.');
      },
    } as unknown as D1Database;
    const batch = [1, 2, 7, 100].map((attempts) => delivery(hint(), { id: `m${attempts}`, attempts }));
    const { outcomes, lines } = await drain(batch, NOW, broken);
    expect(outcomes).toEqual([
      { messageId: 'm1', kind: 'retry', delaySeconds: 60 },
      { messageId: 'm2', kind: 'retry', delaySeconds: 120 },
      { messageId: 'm7', kind: 'retry', delaySeconds: 3600 },
      { messageId: 'm100', kind: 'retry', delaySeconds: 3600 },
    ]);
    expect(lines).toEqual([expect.stringContaining('Network connection lost')]);
  });

  test('a statement that fails keeps none of the batch', async () => {
    await stage.db.prepare('ALTER TABLE dead_letters RENAME TO hidden').run();
    const { outcomes } = await drain([delivery(hint())]);
    await stage.db.prepare('ALTER TABLE hidden RENAME TO dead_letters').run();
    expect(outcomes).toMatchObject([{ kind: 'retry' }]);
  });

  test('an empty batch asks nothing of D1', async () => {
    expect((await drain([], NOW, {} as D1Database)).outcomes).toEqual([]);
  });
});

describe('delivered twice', () => {
  test.each([
    ['a hint', hint()],
    ['a webhook', quarantined()],
    ['a page', page],
    ['an unreadable message', 'x'],
  ])('%s makes one row, which keeps its age', async (_what, body) => {
    await drain([delivery(body, { id: 'same' })]);
    await drain([delivery(body, { id: 'same' }), delivery(body, { id: 'same' })], NOW + 5_000);
    expect(await letterRows(stage.db)).toMatchObject([{ status: 'waiting', dead_at: NOW }]);
  });

  test('a letter that a person has closed since stays closed', async () => {
    await drain([delivery(hint())]);
    await resolveDeadLetters(stage.db, LOCATION, ['contact1'], NOW).run();
    await drain([delivery(hint())], NOW + 5_000);
    expect(await letterRows(stage.db)).toMatchObject([{ status: 'resolved', dead_at: NOW }]);
  });

  test('another event of the contact opens its letter again', async () => {
    await drain([delivery(hint())]);
    await resolveDeadLetters(stage.db, LOCATION, ['contact1'], NOW).run();
    await drain([delivery(hint({ eventId: 'event9' }))], NOW + 5_000);
    expect(await letterRows(stage.db)).toMatchObject([{ status: 'waiting', dead_at: NOW + 5_000, settled_at: null }]);
  });

  test.each([
    ['a hint', (receivedAt: number) => hint({ receivedAt, source: 'workflow' })],
    ['an unreadable one', (receivedAt: number) => quarantined({ receivedAt })],
  ])('%s of a workflow that runs again, with the same body and so the same id, opens it too', async (_what, body) => {
    await drain([delivery(body(NOW - 120_000))]);
    await resolveDeadLetters(stage.db, LOCATION, ['contact1'], NOW).run();
    await drain([delivery(body(NOW + 4_000))], NOW + 5_000);
    expect(await letterRows(stage.db)).toMatchObject([{ status: 'waiting', dead_at: NOW + 5_000, settled_at: null }]);
  });

  test('two hints about one contact are one letter, beside the one with another reason', async () => {
    const rejected = await contactLetterId(LOCATION, 'contact1', 'rejected');
    await keep(stage.db, {
      id: rejected,
      locationId: LOCATION,
      contactId: 'contact1',
      reason: 'rejected',
      error: 'CallTools answered 400',
      message: {},
      replayable: true,
      attempts: 1,
      receivedAt: NOW,
      deadAt: NOW,
    });
    await drain([delivery(hint())]);
    await drain([delivery(hint({ eventId: 'event9' }))], NOW + 5_000);
    const rows = (await letterRows(stage.db)).map(({ reason, dead_at }) => [reason, dead_at]);
    expect(rows.sort()).toEqual([
      ['rejected', NOW],
      ['retries_exhausted', NOW],
    ]);
  });
});
