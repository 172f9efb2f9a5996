// Lists of contacts at 100,000 contacts: every filter is answered from an index, page by page, and no contact is shown twice or missed.

import type { D1Database } from '@cloudflare/workers-types';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { openSqlite } from '../../../../sandbox/d1-sqlite.ts';
import {
  type ContactFilter,
  type ListedContact,
  listContacts,
} from '../../../../workers/consumer/store/lists/contact-list.ts';

const LARGE = 100_000;
const FILTERS: Omit<ContactFilter, 'locationIds'>[] = [undefined, 'failed' as const].flatMap((state) =>
  [undefined, 'rejected'].flatMap((reason) => [undefined, 'cold'].map((route) => ({ state, reason, route }))),
);

/** Columns: contact i; every tenth has failed, for one of five reasons, and every eleventh has no route. */
const INSERT = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
  INSERT INTO contacts (location_id, contact_id, state, reason, route, reason_since, created_at, updated_at)
  SELECT ?1, 'c' || i, iif(i % 10 = 0, 'failed', iif(i % 3, 'placed', 'kept_out')),
    iif(i % 10 = 0, json_extract('["rejected", "refused", "exhausted", "untraceable", "dnc_not_applied"]', '$[' || (i / 10 % 5) || ']'), iif(i % 3, 'placed', 'route')),
    iif(i % 11, json_extract('["cold", "warm", "customer"]', '$[' || (i % 3) || ']'), NULL), iif(i % 7, i / 20 * 1000, NULL), i, i FROM n`;

function watched(real: D1Database) {
  const statements = new Set<string>();
  const prepare = (sql: string) => {
    statements.add(sql);
    return real.prepare(sql);
  };
  const batch = (all: Parameters<D1Database['batch']>[0]) => real.batch(all);
  return { db: { prepare, batch } as unknown as D1Database, statements };
}

async function pagesOf(db: D1Database, filter: ContactFilter, limit: number): Promise<ListedContact[][]> {
  const pages: ListedContact[][] = [];
  let cursor: string | null = null;
  do {
    const { contacts, next } = await listContacts(db, filter, limit, cursor);
    pages.push(contacts);
    cursor = next;
    if (pages.length > 1000) throw new Error('the pages do not end');
  } while (cursor !== null);
  return pages;
}

describe('at 100,000 contacts', () => {
  const sqlite = openSqlite();
  const { db, statements } = watched(sqlite.bind(async (act) => act()));
  beforeAll(() => void sqlite.rows(INSERT, 'here', LARGE));

  test.each(FILTERS)('%j reads no more than a page from each group of the index', async (filter) => {
    statements.clear();
    const { contacts } = await listContacts(db, { locationIds: ['here'], ...filter }, 50, null);
    expect(contacts).toHaveLength(50);
    const [sql = ''] = statements;
    const plan = sqlite.rows(`EXPLAIN QUERY PLAN ${sql}`);
    const steps = plan.map(({ detail }) => String(detail));
    const reads = steps.filter((step) => /\b(contacts|c|i|d)\b/.test(step) && /^(SCAN|SEARCH)/.test(step));
    const whole = /^SCAN|INDEX \w+ \(location_id=\?(?: AND state=\?)?\)$|PRIMARY KEY \(location_id=\?\)$/;
    expect(reads.filter((step) => whole.test(step))).toEqual([]);
    expect(reads.join()).toMatch(
      /contacts_by_change \(location_id=\? AND state=\? AND reason=\? AND route=\? AND <expr>>\? AND <expr><\?\)/,
    );
    // What is sorted in the end are the groups' pages. No group is.
    expect(plan.filter(({ detail }) => /TEMP B-TREE/.test(String(detail))).map(({ parent }) => parent)).toEqual([0]);
  });
});

test('pages of any size show every contact that the filter matches once, the newest change first, over several locations', async () => {
  const sqlite = openSqlite();
  const db = sqlite.bind(async (act) => act());
  for (const id of ['a', 'b', 'c']) sqlite.rows(INSERT, id, 150);
  const all =
    sqlite.rows(`SELECT location_id, contact_id, state, reason, route, coalesce(reason_since, created_at) AS at FROM contacts
    ORDER BY at DESC, location_id DESC, contact_id DESC`);
  const locations = fc.subarray(['a', 'b', 'c'], { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...FILTERS),
      locations,
      fc.integer({ min: 1, max: 90 }),
      async (filter, ids, limit) => {
        const pages = await pagesOf(db, { locationIds: ids, ...filter }, limit);
        const wanted = all.filter(
          (row) =>
            ids.includes(String(row.location_id)) &&
            (['state', 'reason', 'route'] as const).every((key) => [undefined, row[key]].includes(filter[key])),
        );
        expect(pages.flat().map((one) => [one.locationId, one.contactId])).toEqual(
          wanted.map((row) => [row.location_id, row.contact_id]),
        );
        expect(pages.at(-1)?.length === 0 && wanted.length > 0).toBe(false);
        expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

test('a row has the CallTools contact of its number', async () => {
  const sqlite = openSqlite();
  sqlite.rows(INSERT, 'a', 2);
  sqlite.rows(`UPDATE contacts SET phone_hash = 'h' || contact_id`);
  sqlite.rows(
    `INSERT INTO dialer (location_id, phone_hash, calltools_id, updated_at) VALUES ('a', 'hc1', 77, 1), ('b', 'hc2', 88, 1)`,
  );
  const { contacts } = await listContacts(
    sqlite.bind(async (act) => act()),
    { locationIds: ['a'] },
    10,
    null,
  );
  expect(contacts.map(({ contactId, callToolsId }) => [contactId, callToolsId])).toEqual([
    ['c2', null],
    ['c1', 77],
  ]);
});
