// What agents noted of their calls, and what their words mean (docs/vendors.md, CallTools: dispositions).

import * as v from 'valibot';
import { epochOf } from '../../domain/call-word.ts';
import type { Disposition, Said } from '../../domain/calls/meaning.ts';
import { fail } from '../../domain/failure.ts';
import { read } from '../calltools-errors.ts';
import { LIST, listOf } from '../calltools-lists.ts';
import { Page } from '../calltools-schema.ts';
import type { Http } from '../http.ts';

/** One disposition of one call. No caller, number or free text is read. */
export interface CallRow {
  id: number;
  /** The CallTools contact; null where the row names none. */
  callToolsId: number | null;
  /** Null where nothing is noted yet. */
  said: Said | null;
  /** Epoch ms; null where it cannot be read. */
  at: number | null;
}

/** A page of the record, newest row first. */
export interface CallPage {
  rows: CallRow[];
  /** Rows without an id. */
  unreadable: number;
  /** Rows of the whole record; null where it is not said. */
  count: number | null;
  /** There are older rows. */
  more: boolean;
}

/** What CallTools knows of calls. Every call throws VendorError. */
export interface CallRecord {
  /** All dispositions of the account. An answer without any is taken for one that cannot be used. */
  dispositions(): Promise<Disposition[]>;
  /** A page of the record; they count from 1. Null where there is no such page any more. */
  callRows(page: number): Promise<CallPage | null>;
}

/** The largest page (docs/vendors.md, CallTools: lists and filters). */
const PAGE_SIZE = 250;
/** Where the account allows no larger ones, a page may have a multiple of this (docs/vendors.md, CallTools: lists and filters). */
const SMALLEST_PAGE = 25;
const PATH = '/historicalcalldispositions/';

/** A number, or its digits. */
const Digits = v.union([v.number(), v.pipe(v.string(), v.trim(), v.digits(), v.transform(Number))]);
const Id = v.pipe(Digits, v.safeInteger(), v.minValue(1));
/** Ids of dispositions may be of any form: they are only compared. */
const AnyId = v.pipe(v.union([v.number(), v.pipe(v.string(), v.trim(), v.minLength(1))]), v.transform(String));
const Any = v.optional(v.unknown());
const Meaning = v.object({ id: AnyId, name: v.string(), set_contact_dnc: Any, set_phone_number_dnc: Any });
const Row = v.object({ id: Id, contact: Any, disposition: Any, created_on: Any });
const Named = v.object({ id: v.optional(v.nullable(AnyId), null), name: v.optional(v.nullable(v.string()), null) });

/** The calls of this account. */
export function callRecord(http: Http): CallRecord {
  return {
    async dispositions() {
      const found: Disposition[] = [];
      let unread = 0;
      for await (const row of listOf(http, '/calldispositions/', LIST, `?page_size=${PAGE_SIZE}`)) {
        const one = v.safeParse(Meaning, row);
        if (!one.success) {
          unread++;
          continue;
        }
        const { id, name, set_contact_dnc, set_phone_number_dnc } = one.output;
        found.push({ id, name, doNotContact: isSet(set_contact_dnc) || isSet(set_phone_number_dnc) });
      }
      // It is asked for what rows name. Without it nobody would be held, and the rows would not be looked at again.
      if (found.length === 0)
        unusable(unread > 0 ? 'no disposition can be read' : 'it shows no disposition', '/calldispositions/');
      return found;
    },

    async callRows(page) {
      const path = `${PATH}?ordering=-pk&page_size=${PAGE_SIZE}&page=${page}`;
      const answer = await http.call({ ...LIST, path, shape: Page });
      if (answer.status === 404 && page > 1) return null;
      const { count, next, results } = read(answer);
      const all = results.flatMap(rowOf);
      // A query that joins tables may show a row twice.
      const rows = all.filter(({ id }, index) => id !== all[index - 1]?.id);
      const more = !!next || hasMore(page, results.length, count ?? null);
      if (more && !isNewestFirst(rows)) unusable('the rows are not in the order that was asked for');
      if (rows.length === 0 && results.length > 0) unusable('no row has an id that can be read');
      for (const field of ['contact', 'disposition'] as const)
        if (isUnreadable(field, results)) unusable(`no row has a ${field} that can be read`);
      return { rows, unreadable: results.length - rows.length, count: count ?? null, more };
    },
  };
}

/** A flag in any form; in doubt it is set. */
function isSet(flag: unknown): boolean {
  return !['', '0', 'false', 'no', 'none', 'null'].includes(
    String(flag ?? '')
      .trim()
      .toLowerCase(),
  );
}

/** New rows would not be found by their place: better no word of calls than half of it. */
function unusable(why: string, path = PATH): never {
  return fail({ kind: 'transient', vendor: 'calltools', error: `GET ${path}: ${why}` });
}

/** Where no page is named as the next: this one is full, and there are more rows than it and those before it show. */
function hasMore(page: number, shown: number, count: number | null): boolean {
  return shown > 0 && shown % SMALLEST_PAGE === 0 && count !== null && page * shown < count;
}

/**
 * Every row has something there, as far as rows have, and none of it is of a known form: then nobody who said no would be found. The same
 * holds where no row has the key `contact`.
 */
function isUnreadable(field: 'contact' | 'disposition', results: readonly unknown[]): boolean {
  const rows = results.filter((row) => v.is(Row, row));
  if (field === 'contact' && rows.length > 0 && !rows.some((row) => field in row)) return true;
  const given = rows.filter((row) => !['', null, undefined].includes(row[field] as string));
  const isRead = ({ callToolsId, said }: CallRow) => (field === 'contact' ? callToolsId : said) !== null;
  return given.length > 0 && !given.flatMap(rowOf).some(isRead);
}

function isNewestFirst(rows: readonly CallRow[]): boolean {
  return rows.every(({ id }, index) => id < (rows[index - 1]?.id ?? Number.POSITIVE_INFINITY));
}

function rowOf(row: unknown): CallRow[] {
  const parsed = v.safeParse(Row, row);
  if (!parsed.success) return [];
  const { id, contact, disposition, created_on } = parsed.output;
  const owner = v.safeParse(
    v.union([
      Id,
      v.pipe(
        v.object({ id: Id }),
        v.transform((one) => one.id),
      ),
    ]),
    contact,
  );
  return [{ id, callToolsId: owner.success ? owner.output : null, said: saidOf(disposition), at: epochOf(created_on) }];
}

/** It may be an id, a name, or an object with either (docs/vendors.md, CallTools: dispositions). */
function saidOf(value: unknown): Said | null {
  if (typeof value === 'number') return { id: String(value), name: null };
  if (typeof value === 'string') return value.trim() === '' ? null : textOf(value.trim());
  const named = v.safeParse(Named, value);
  if (!named.success) return null;
  const { id, name } = named.output;
  const filled = name?.trim() || null;
  return id === null && filled === null ? null : { id, name: filled };
}

/** Digits, and what looks like a UUID, are no name to show to a person. */
function textOf(text: string): Said {
  return /^\d+$|^[\da-f]{8}-?[\da-f]{4}-?[\da-f-]{13,}$/i.test(text)
    ? { id: text, name: null }
    : { id: null, name: text };
}
