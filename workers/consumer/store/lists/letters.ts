// Dead letters as a person looks at them: a page at a time, by reason and error, and many given up at once.

import type { D1Database } from '@cloudflare/workers-types';
import type { LetterCounts, LetterTab } from '../../../../shared/api/lists.ts';
import { letterOf, type StoredDeadLetter } from '../dead-letter-list.ts';
import { WITHOUT_LETTER } from '../operator-orders.ts';
import { json, type Row, rowsOf } from '../sql.ts';
import {
  conditions,
  ERROR_FORM,
  LEFT_FAILED,
  type LetterFilter,
  SENDABLE,
  STILL_FAILED,
  TABS,
} from './letter-filter.ts';

/** Letters with one reason and one error (`ERROR_FORM`). Times are epoch ms. */
export interface LetterGroup {
  reason: string;
  error: string;
  count: number;
  /** How many of them a replay takes. */
  replayable: number;
  oldestDeadAt: number;
  newestDeadAt: number;
  /** Ids of up to five of its contacts. */
  examples: string[];
}

/** `next` continues after this page; null after the last. */
interface Page {
  next: string | null;
}
/** `left`: contacts that have failed, and for which no letter waits or is retried. */
export interface LetterGroups extends Page {
  groups: LetterGroup[];
  counts: LetterCounts;
  left: { count: number; examples: string[] };
}

/** Letters that one order takes, the oldest first. */
export const MAX_LETTERS = 10_000;
/** More are not grouped: the oldest that wait, the newest of the others. */
const MAX_GROUPED = 20_000;
/** No count is larger. */
const MAX_COUNTED = 100_000;
const EXAMPLES = 5;
const ALL_TABS = Object.keys(TABS) as LetterTab[];

/** One page of letters: of those that wait the oldest come first, of the others the newest. */
export async function listLetters(
  db: D1Database,
  tab: LetterTab,
  filter: LetterFilter,
  limit: number,
  cursor: string | null,
): Promise<Page & { letters: StoredDeadLetter[] }> {
  const { where, binds } = conditions(filter, 4);
  const [, deadAt, id] = /^(\d+)~(.*)$/s.exec(cursor ?? '') ?? [];
  const after = tab === 'waiting' ? '>' : '<';
  const start = tab === 'waiting' ? -1 : Number.MAX_SAFE_INTEGER;
  const { results } = await db
    .prepare(
      `SELECT d.*, NULL AS died_again FROM dead_letters d WHERE ${TABS[tab]} AND ${where}
         AND (d.dead_at, d.id) ${after} (?1, ?2) ORDER BY ${orderOf(tab)} LIMIT ?3`,
    )
    .bind(deadAt === undefined ? start : Number(deadAt), id ?? '', limit + 1, ...binds)
    .all<Row>();
  const letters = results.slice(0, limit).map(letterOf);
  const end = letters.at(-1);
  return { letters, next: end && results.length > limit ? `${end.deadAt}~${end.id}` : null };
}

/**
 * One page of groups of a tab, the largest first, and how many letters each tab has. `locationId` undefined: of all. `skip`: groups of the
 * pages before. It reads the letters of the tab once, at most 20,000.
 */
export async function groupLetters(
  db: D1Database,
  tab: LetterTab,
  { locationId, locationIds }: { locationId: string | undefined; locationIds: string[] },
  limit: number,
  skip: number,
): Promise<LetterGroups> {
  const { where, binds } = conditions({ locationId }, 3);
  const of = conditions({ locationId }, 1);
  const [groups, left, ...counts] = await db.batch<Row>([
    db.prepare(groupsOf(tab, where)).bind(limit + 1, skip, ...binds),
    db
      .prepare(
        `SELECT contact_id, count(*) OVER () AS n FROM (SELECT c.contact_id FROM contacts c
           WHERE c.location_id IN (SELECT value FROM json_each(?1)) AND ${LEFT_FAILED} LIMIT ${MAX_COUNTED}) LIMIT ${EXAMPLES}`,
      )
      .bind(JSON.stringify(locationIds)),
    ...ALL_TABS.map((one) =>
      db
        .prepare(
          `SELECT count(*) AS n FROM (SELECT 1 FROM dead_letters d WHERE ${TABS[one]} AND ${of.where} LIMIT ${MAX_COUNTED})`,
        )
        .bind(...of.binds),
    ),
  ]);
  const rows = rowsOf(groups);
  const failed = rowsOf(left);
  return {
    groups: rows.slice(0, limit).map(groupOf),
    next: rows.length > limit ? String(skip + limit) : null,
    counts: Object.fromEntries(ALL_TABS.map((one, n) => [one, Number(rowsOf(counts[n])[0]?.n)])) as LetterCounts,
    left: { count: Number(failed[0]?.n ?? 0), examples: failed.map((row) => String(row.contact_id)) },
  };
}

/** Gives up the letters that wait and match, the oldest 10,000. `stillFailed`: their contacts that are failed without another letter. */
export async function discardMany(
  db: D1Database,
  filter: LetterFilter,
  now: number,
): Promise<{ discarded: number; stillFailed: number }> {
  const { where, binds } = conditions(filter, 2);
  const [done, left] = await db.batch<Row>([
    db
      .prepare(
        `UPDATE dead_letters SET status = 'discarded', settled_at = ?1 WHERE id IN (
           SELECT d.id FROM dead_letters d WHERE ${TABS.waiting} AND ${where} ORDER BY d.dead_at LIMIT ${MAX_LETTERS})`,
      )
      .bind(now, ...binds),
    db
      .prepare(
        `SELECT count(*) AS n FROM (SELECT DISTINCT l.location_id, l.contact_id FROM dead_letters l
           JOIN contacts c ON c.location_id = l.location_id AND c.contact_id = l.contact_id
           WHERE l.status = 'discarded' AND l.settled_at = ?1 AND ${WITHOUT_LETTER})`,
      )
      .bind(now),
  ]);
  return { discarded: done?.meta.changes ?? 0, stillFailed: Number(rowsOf(left)[0]?.n ?? 0) };
}

const orderOf = (tab: LetterTab) => (tab === 'waiting' ? 'd.dead_at, d.id' : 'd.dead_at DESC, d.id DESC');

/** `?1` rows, `?2` how many are skipped. */
function groupsOf(tab: LetterTab, where: string): string {
  const taken = { waiting: SENDABLE, discarded: `${SENDABLE} AND ${STILL_FAILED}`, retrying: '0', resolved: '0' }[tab];
  return `WITH few AS (SELECT d.reason, d.contact_id, d.dead_at, ${ERROR_FORM} AS form, ${taken} AS taken FROM dead_letters d
      WHERE ${TABS[tab]} AND ${where} ORDER BY ${orderOf(tab)} LIMIT ${MAX_GROUPED}),
    numbered AS (SELECT *, row_number() OVER (PARTITION BY reason, form ORDER BY dead_at) AS nth FROM few)
    SELECT reason, form, count(*) AS n, sum(taken) AS taken, min(dead_at) AS oldest, max(dead_at) AS newest,
      json_group_array(contact_id) FILTER (WHERE nth <= ${EXAMPLES} AND contact_id IS NOT NULL) AS examples
    FROM numbered GROUP BY reason, form ORDER BY n DESC, reason, form LIMIT ?1 OFFSET ?2`;
}

function groupOf(row: Row): LetterGroup {
  return {
    reason: String(row.reason),
    error: String(row.form),
    count: Number(row.n),
    replayable: Number(row.taken),
    oldestDeadAt: Number(row.oldest),
    newestDeadAt: Number(row.newest),
    examples: json<string[]>(row.examples) ?? [],
  };
}
