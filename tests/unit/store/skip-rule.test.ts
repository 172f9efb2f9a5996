// Which contacts a batch reads is decided twice: in SQL, to take their slots in the claim's own round trip, and in the triage.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { ContactChanged } from '../../../shared/messages.ts';
import { claimContacts } from '../../../workers/consumer/store/claim.ts';
import { coalesce } from '../../../workers/consumer/sync/coalesce.ts';
import { itemOf, triage } from '../../../workers/consumer/sync/triage.ts';
import { hintOf } from '../../support/batch-harness.ts';
import { FILE_RULES } from '../../support/rules.ts';

const LOCATION = 'here';
const NOW = 1_795_000_000_000;
const READ_AT = NOW - 600_000;
const SKEW_MS = 5000;
const ECHO_MS = 300_000;
const TOGETHER_MS = 10_000;
const WRITTEN_AT = READ_AT + 200_000;
/** Long before the read, just before it, at the edge of what clocks may differ by, and after it. */
const LONG_BEFORE = READ_AT - 300_000;
const TIMES = [LONG_BEFORE, READ_AT - SKEW_MS - 1, READ_AT - SKEW_MS, READ_AT, READ_AT + 60_000];

const time = fc.constantFrom(...TIMES);
/** Without a time of its own a webhook says little, so that the contact's row alone decides. */
const webhook: fc.Arbitrary<Partial<ContactChanged>> = fc.record({
  source: fc.constantFrom<'webhook' | 'workflow'>('webhook', 'workflow'),
  receivedAt: time,
  snapshot: fc.constantFrom(null, { tags: ['newsletter'], dnd: false }, { tags: ['cold lead'], dnd: false }),
});
/** Around the time when tags of ours were written, and just after the read. */
const tagged: fc.Arbitrary<Partial<ContactChanged>> = fc.record({
  source: fc.constant<'webhook'>('webhook'),
  eventType: fc.constantFrom('ContactTagUpdate', 'ContactTagUpdate', 'ContactCreate', 'ContactUpdate'),
  receivedAt: fc.constantFrom(
    ...[-SKEW_MS - 1, -SKEW_MS, 1000, ECHO_MS, ECHO_MS + 1].map((ms) => WRITTEN_AT + ms),
    ...[TOGETHER_MS, TOGETHER_MS + 1].map((ms) => READ_AT + ms),
  ),
  snapshot: fc.constantFrom({ tags: ['newsletter'], dnd: false }, { tags: ['cold lead'], dnd: false }),
});
const deletion = fc.record({
  eventType: fc.constant('ContactDelete'),
  receivedAt: fc.constantFrom(LONG_BEFORE, READ_AT + 60_000),
});
const asking = fc.record({
  source: fc.constant<'backstop'>('backstop'),
  receivedAt: time,
  searchHash: fc.constantFrom('row', 'other'),
  verify: fc.boolean(),
});
const other = fc.record({
  source: fc.constantFrom<ContactChanged['source']>('backstop', 'replay', 'operator', 'followup'),
  receivedAt: time,
});
const hints: fc.Arbitrary<Partial<ContactChanged>[]> = fc.oneof(
  fc.array(webhook, { minLength: 1, maxLength: 3 }),
  fc.array(tagged, { minLength: 1, maxLength: 2 }),
  fc.array(asking, { minLength: 1, maxLength: 2 }),
  fc.array(fc.oneof(webhook, deletion, asking, other), { minLength: 1, maxLength: 3 }),
);
const row = fc.record({
  state: fc.constantFrom('pending', 'placed', 'kept_out', 'failed'),
  wish: fc.constantFrom('place', 'out', 'none'),
  attempts: fc.constantFrom(0, 0, 0, 1),
  read_at: fc.constantFrom(null, READ_AT, READ_AT),
  search_hash: fc.constantFrom(null, 'row', 'row'),
  queued_run: fc.constantFrom(null, null, 'run'),
  tags_written_at: fc.constantFrom(null, WRITTEN_AT, WRITTEN_AT),
  route: fc.constantFrom(null, 'cold-lead', 'cold-lead'),
});
const contacts = fc.array(fc.record({ row: fc.option(row, { freq: 6 }), hints }), { minLength: 1, maxLength: 8 });

test('property: slots are taken for exactly those contacts that will be read, where their own rows decide', async () => {
  const sqlite = openSqlite();
  const db = sqlite.bind(async (act) => act());
  await fc.assert(
    fc.asyncProperty(contacts, async (list) => {
      sqlite.clear();
      list.forEach(({ row }, index) => {
        if (row === null) return;
        sqlite.rows(
          `INSERT INTO contacts (location_id, contact_id, state, wish, attempts, read_at, search_hash, queued_run, tags_written_at, route, wish_rank,
             created_at, updated_at)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1, 0, 0)`,
          ...[LOCATION, `c${index}`, row.state, row.wish, row.attempts, row.read_at, row.search_hash, row.queued_run],
          ...[row.tags_written_at, row.route],
        );
      });
      const events = list.flatMap((one, index) => one.hints.map((changes) => hintOf(`c${index}`, changes)));
      const works = coalesce(events, FILE_RULES);
      const lease = { locationId: LOCATION, token: 'mine', now: NOW, until: NOW + 60_000, lateMs: 0 };
      const claimed = await claimContacts(db, lease, works.map(itemOf), NOW, 'bulk');
      const toRead = works.filter((work) => triage(work, claimed, NOW).kind === 'task');
      const asked = claimed.granted.slots.find(({ vendor }) => vendor === 'gohighlevel')?.asked;
      expect(asked).toBe(toRead.length);
    }),
    { numRuns: 300 },
  );
});
