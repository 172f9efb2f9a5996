// What is known of the fields of the accounts: those that CallTools accepts and does not keep, those that contacts lack because it refused
// a value, and the ids of what the settings name. Never a value of a contact.

import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';
import { DAY_MS } from '../../../shared/time.ts';
import type { AccountList, ListKind } from '../domain/fields/field-plan.ts';
import { json, number, type Row, text } from './sql.ts';

/** A field that CallTools accepted and did not keep as sent. Times are epoch ms. */
export interface FieldReport {
  /** The account's name of the field. */
  field: string;
  /** `absent`: the account has no such field. `altered`: it keeps another value, or none. */
  problem: 'absent' | 'altered';
  since: number;
  /** Written at most once a day. */
  seenAt: number;
  /** Since when the account has a field that was absent; null = it was never absent, or is. */
  addedAt: number | null;
}

/** An altered field that was not seen for so long is forgotten. */
export const ALTERED_KEPT_DAYS = 30;

/** The account has no such field, by the latest answer. It may have been added, and removed again. */
export function isAbsent({ problem, seenAt, addedAt }: FieldReport): boolean {
  return problem === 'absent' && (addedAt === null || seenAt > addedAt);
}

/** Fields that the account did not have once, and since when it has them: `added` of the plan. */
export function addedSince(reports: readonly FieldReport[]): Map<string, number> {
  return new Map(reports.flatMap(({ field, addedAt }) => (addedAt === null ? [] : [[field, addedAt] as const])));
}

/** The fields that are not kept, sorted. Of those that are written no longer nothing is said. `now` is epoch ms. */
export function problemsOf(reports: readonly FieldReport[], written: readonly string[], now: number): FieldProblems {
  const current = reports.filter(({ field }) => written.includes(field));
  const isAltered = ({ problem, seenAt }: FieldReport) =>
    problem === 'altered' && seenAt > now - ALTERED_KEPT_DAYS * DAY_MS;
  const names = (which: (report: FieldReport) => boolean) =>
    current
      .filter(which)
      .map(({ field }) => field)
      .sort();
  return { absent: names(isAbsent), altered: names(isAltered) };
}

/** Names of fields that are not kept. */
export interface FieldProblems {
  absent: string[];
  altered: string[];
}

/** The statement that reads the reports of these locations (JSON), for `fieldReports`. As a rule there are none. */
export function askFieldReports(db: D1Database, locationIds: readonly string[]): D1PreparedStatement {
  return db
    .prepare('SELECT * FROM field_reports WHERE location_id IN (SELECT value FROM json_each(?1)) ORDER BY field')
    .bind(JSON.stringify(locationIds));
}

/** A row of `askFieldReports`. */
export function fieldReport(row: Row): FieldReport {
  return {
    field: String(row.field),
    problem: row.problem === 'altered' ? 'altered' : 'absent',
    since: number(row.since) ?? 0,
    seenAt: number(row.seen_at) ?? 0,
    addedAt: number(row.added_at),
  };
}

/** The statement that writes these reports. */
export function saveFieldReports(
  db: D1Database,
  locationId: string,
  reports: readonly FieldReport[],
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO field_reports (location_id, field, problem, since, seen_at, added_at)
       SELECT ?1, m.value ->> 'field', m.value ->> 'problem', m.value ->> 'since', m.value ->> 'seenAt', m.value ->> 'addedAt'
       FROM json_each(?2) m WHERE true
       ON CONFLICT (location_id, field) DO UPDATE SET problem = excluded.problem, since = excluded.since,
         seen_at = excluded.seen_at, added_at = excluded.added_at`,
    )
    .bind(locationId, JSON.stringify(reports));
}

/** Contacts of one location that CallTools holds without the same fields. */
export interface LeftOutCount {
  locationId: string;
  fields: string[];
  n: number;
  /** The id of one of them; null: none is known. */
  example: string | null;
}

/** The statement that counts them in these locations, for `leftOutCount`. By its index it reads those contacts only. */
export function askLeftOut(db: D1Database, locationIds: readonly string[]): D1PreparedStatement {
  return db
    .prepare(
      `SELECT location_id, left_out, count(*) AS n, min(contact_id) AS example FROM dialer INDEXED BY dialer_left_out
       WHERE location_id IN (SELECT value FROM json_each(?1)) AND left_out IS NOT NULL GROUP BY 1, 2`,
    )
    .bind(JSON.stringify(locationIds));
}

/** A row of `askLeftOut`. */
export function leftOutCount({ location_id, left_out, n, example }: Row): LeftOutCount {
  const fields = json<string[]>(left_out) ?? [];
  return { locationId: String(location_id), fields, n: Number(n), example: example === null ? null : String(example) };
}

/** How many contacts lack a field that CallTools refused, how many lack each field, and the id of one that lacks it. */
export interface LeftOut {
  contacts: number;
  /** The most frequent first. */
  fields: Record<string, number>;
  examples: Record<string, string>;
}

/** The sum of these counts. */
export function sumLeftOut(counts: readonly LeftOutCount[]): LeftOut {
  const fields = new Map<string, number>();
  const examples = new Map<string, string>();
  for (const { fields: names, n, example } of counts) {
    for (const name of names) {
      fields.set(name, (fields.get(name) ?? 0) + n);
      if (example !== null && !examples.has(name)) examples.set(name, example);
    }
  }
  const sorted = [...fields].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return {
    contacts: counts.reduce((sum, { n }) => sum + n, 0),
    fields: Object.fromEntries(sorted),
    examples: Object.fromEntries(examples),
  };
}

/** The statement that reads the location's lists, for `accountList`. */
export function askAccountLists(db: D1Database, locationId: string): D1PreparedStatement {
  return db.prepare('SELECT * FROM account_lists WHERE location_id = ?1').bind(locationId);
}

/** A row of `askAccountLists`. */
export function accountList(row: Row): AccountList {
  return {
    kind: row.kind as ListKind,
    resolved: json<Record<string, string>>(row.resolved) ?? {},
    asked: String(row.asked),
    failure: text(row.failure),
    readAt: number(row.read_at) ?? 0,
  };
}

/** Remembers a list, unless a later try is remembered. */
export async function saveAccountList(db: D1Database, locationId: string, list: AccountList): Promise<void> {
  const { kind, resolved, asked, failure, readAt } = list;
  await db
    .prepare(
      `INSERT INTO account_lists (location_id, kind, resolved, asked, failure, read_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
       ON CONFLICT (location_id, kind) DO UPDATE SET resolved = excluded.resolved, asked = excluded.asked,
         failure = excluded.failure, read_at = excluded.read_at
       WHERE excluded.read_at >= account_lists.read_at`,
    )
    .bind(locationId, kind, JSON.stringify(resolved), asked, failure, readAt)
    .run();
}
