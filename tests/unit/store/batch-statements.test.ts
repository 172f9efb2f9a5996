// What a batch or a page asks of D1 costs by its own contacts, however many the location has: each is looked up by its whole key.

import type { D1Database } from '@cloudflare/workers-types';
import { beforeAll, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import { claimContacts } from '../../../workers/consumer/store/claim.ts';

import { commitBatch } from '../../../workers/consumer/store/commit.ts';
import { contactsToForget } from '../../../workers/consumer/store/forget.ts';
import { claimLinked, claimPhones, dialedUnder } from '../../../workers/consumer/store/phones.ts';
import { markDiffering, markQueued, markUnseen } from '../../../workers/consumer/store/run-contacts.ts';
import { findRun, insertRun, turnPage } from '../../../workers/consumer/store/runs.ts';
import type { Lease } from '../../../workers/consumer/store/sql.ts';

const NOW = 1_795_000_000_000;
const LEASE: Lease = { locationId: 'here', token: 't', now: NOW, until: NOW + 60_000, lateMs: 0 };
const CONTACT = {
  ...({
    contactId: 'c1',
    done: true,
    state: 'placed',
    reason: 'placed',
    route: null,
    intent: 'place',
    priority: 0,
  } as const),
  phoneHash: 'h1',
  attempts: 0,
  error: null,
  searchHash: null,
  keepsSearchHash: false,
  ofRun: true,
  repaired: null,
  readAt: NOW,
  history: '[]',
  told: null,
  lookAt: null,
  looks: 0,
  hold: null,
};
const DIALER = {
  phoneHash: 'h1',
  contactId: 'c1',
  callToolsId: 1,
  fingerprint: 'f',
  untouched: false,
  mayBeInBucket: true,
  doubtUntil: 0,
  placing: null,
  hold: null,
  leftOut: null,
  noArea: false,
  verifiedAt: null,
};

const sqlite = openSqlite();
const statements = new Set<string>();

beforeAll(async () => {
  const real = sqlite.bind(async (act) => act());
  const prepare = (sql: string) => {
    statements.add(sql);
    return real.prepare(sql);
  };
  const db = { prepare, batch: (all: Parameters<D1Database['batch']>[0]) => real.batch(all) } as unknown as D1Database;
  await claimContacts(db, LEASE, [{ id: 'c1', insert: true, heardAt: null }], NOW, 'realtime');
  await claimPhones(db, LEASE, [{ contactId: 'c1', phoneHash: 'h1' }], true);
  await claimLinked(db, LEASE, { callToolsId: 1, hashes: ['h1', 'h2'] });
  await dialedUnder(db, 'here', ['h1']);
  await commitBatch(db, LEASE, {
    contacts: [CONTACT],
    dialer: [DIALER],
    asked: ['c1'],
    released: { contactIds: ['c2'], phoneHashes: ['h2'] },
    siblings: [{ contactId: 'c2', state: 'kept_out', reason: 'shared_phone' }],
    deadLetters: [],
    circuits: [],
    paces: [],
    numbers: [{ callToolsId: 1, added: ['h3'], removed: ['h2'], all: ['h1', 'h2', 'h3'] }],
    counts: [{ kind: 'outcome', name: 'placed', n: 1, contactId: 'c1' }],
  });
  await contactsToForget(db, NOW, NOW, 500);
  await insertRun(db, { id: 'r1', locationId: 'here', startedBy: 'cron', startedAt: NOW });
  const run = await findRun(db, 'r1');
  if (run === null) throw new Error('a run is expected');
  await markDiffering(db, run, [{ id: 'c1', hash: 'h', concerns: true }], NOW);
  await turnPage(
    db,
    run,
    null,
    { seen: ['c1'], queued: [] },
    { total: 1, seen: 1, skipped: 1, queued: 0, unreadable: 0, error: null },
    NOW,
  );
  await markUnseen(db, run, '', 100);
  await markQueued(db, run, ['c1']);
});

test('no statement reads all contacts, or all numbers, of a location', () => {
  const whole =
    /^SCAN (contacts|dialer|dead_letters|calltools_numbers|c|d|own|other)\b|^SEARCH (contacts|dialer|dead_letters|calltools_numbers|c|d|own|other) .*\blocation_id=\?\)$/;
  const costly = [...statements].flatMap((sql) => {
    const plan = sqlite.rows(`EXPLAIN QUERY PLAN ${sql}`).map(({ detail }) => String(detail));
    return plan.some((step) => whole.test(step)) ? [{ sql, plan }] : [];
  });
  expect(statements.size).toBeGreaterThan(20);
  expect(costly).toEqual([]);
});
