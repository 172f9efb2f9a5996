// The claim: one round trip to D1 before the work, which leases a batch's contacts and phones and reads what is known of them.
// Sets travel as JSON (json_each), because a statement takes at most 100 bound parameters (docs/vendors.md, Cloudflare: D1).

import type { D1Database, D1Result } from '@cloudflare/workers-types';
import * as v from 'valibot';
import { Told } from '../../../shared/messages.ts';
import type { Echo } from '../domain/calls/writes.ts';
import type { Circuit } from '../domain/circuit.ts';
import type { Hold, Intent, PhoneIntent, Placing } from '../domain/decide.ts';
import type { Vendor } from '../domain/failure.ts';
import type { AccountList } from '../domain/fields/field-plan.ts';
import type { ContactState } from '../domain/outcome.ts';
import type { Urgency } from '../vendors/rate-limiter.ts';
import { circuitStatements } from './circuits.ts';
import { accountList, askAccountLists, askFieldReports, type FieldReport, fieldReport } from './fields.ts';
import { type LabelRow, labelRow } from './labels.ts';

import { type Granted, slotStatements } from './rate-limits.ts';
import {
  json,
  type Lease,
  leasePhones,
  linkedTo,
  number,
  ofLocation,
  type Row,
  readIntents,
  readPhones,
  rowsOf,
  text,
} from './sql.ts';

/** A contact as it is stored. */
export interface ContactRow {
  contactId: string;
  state: ContactState;
  reason: string;
  route: string | null;
  intent: Intent;
  priority: number;
  phoneHash: string | null;
  attempts: number;
  /** Epoch ms: its last read from GoHighLevel began no earlier; 0 = never. */
  readAt: number;
  /** Hash of its row in the contact list when it was last settled; null = read it again. */
  searchHash: string | null;
  /** A backstop run waits for its outcome. */
  queued: boolean;
  history: string;
  /** What webhooks have said of it lately. */
  told: Told;
  /** Epoch ms: when it must be read again (domain/looks.ts); null where there is no need. */
  lookAt: number | null;
  /** How often it has been read again so far. */
  looks: number;
  /** Epoch ms: when we last wrote tags to it because of a call; null = never. */
  tagsWrittenAt: number | null;
  /** A call said no while it had no number: the next one is held. */
  hold: Hold | null;
  createdAt: number;
  /** True when this batch holds the lease. */
  mine: boolean;
}

/** A phone as it is stored, and what CallTools holds under it. */
export interface DialerRow {
  phoneHash: string;
  contactId: string | null;
  callToolsId: number | null;
  fingerprint: string | null;
  /** CallTools has it in a bucket of ours, as far as we know. */
  mayBeInBucket: boolean;
  /** Epoch ms: until then a write that was given up may still take effect, so what CallTools holds is not certain. */
  doubtUntil: number;
  /** An earlier claim was never committed: what CallTools holds is not certain. */
  inDoubt: boolean;
  /** Our last write put it into a bucket; null where it took it out, or nothing was written. */
  placing: Placing | null;
  hold: Hold | null;
  /** Optional fields that CallTools refused, by the account's names: its contact was written without them. */
  leftOut: string[];
  /** Its contact was written without a state or without a zip code. */
  noArea: boolean;
  /** Epoch ms of the last commit. */
  updatedAt: number;
  /** CallTools contacts that carry this number and others, by id: the hashes of all their numbers. */
  carriers: ReadonlyMap<number, readonly string[]>;
  mine: boolean;
}

/** What a claim brings back. */
export interface Claimed {
  contacts: Map<string, ContactRow>;
  dialer: Map<string, DialerRow>;
  /** Intents of every contact that has one of these phones. */
  intents: Map<string, PhoneIntent[]>;
  labels: LabelRow[];
  /** Fields that the account did not keep. */
  fieldReports: FieldReport[];
  circuits: Circuit[];
  /** Vendors whose open circuit this batch may probe. */
  probing: Vendor[];
  granted: Granted;
  /** Lists by which settings are resolved; none where they were not asked for. */
  lists: AccountList[];
}

/** A contact to claim, and what decides whether it will be read (sync/triage.ts). */
export interface ClaimItem {
  id: string;
  /** It may matter even if it is not known yet: then it gets a row. */
  insert: boolean;
  /** No route matches it, by all that its hints say: if it is kept out already, it is not read. */
  noRuleMatches?: boolean;
  /** Epoch ms: if it was read since, it is not read again. */
  heardAt: number | null;
  /** Hash of its row in the contact list: if it was settled with this row, it is not read again. */
  row?: string | null;
  echo?: Echo | null;
}

/** SQL: a column of these contacts, unless another batch holds them: of those that their own number shows, and of those just leased. */
const claimable = (
  column: string,
) => `SELECT ${column} FROM contacts WHERE ${ofLocation()} AND (lease_token = ?2 OR lease_until <= ?4)
  AND contact_id IN (SELECT value FROM json_each(?3))`;

/**
 * SQL: the phones of these contacts. They are the present phone, earlier phones that still show them, and all numbers on the same
 * CallTools contacts.
 */
const CONCERNED = linkedTo(`${claimable('phone_hash')}
  UNION ALL SELECT d.phone_hash FROM dialer d WHERE ${ofLocation('d.location_id')} AND d.contact_id IN (${claimable('contact_id')})`);

/**
 * Leases the contacts and their phones, and reads all that the batch needs to know. An unknown contact gets a row only where `insert`
 * says that it may matter. A row that another batch holds comes back with `mine: false`. `withLists`: the accounts' lists are read too.
 */
export async function claimContacts(
  db: D1Database,
  lease: Lease,
  items: ClaimItem[],
  probeAt: number,
  urgency: Urgency,
  withLists = false,
): Promise<Claimed> {
  const { locationId, token, now, until } = lease;
  const ids = JSON.stringify(items.map(({ id }) => id));
  const circuits = circuitStatements(db, locationId, now, probeAt);
  const slots = slotStatements(db, lease, JSON.stringify(items), urgency);
  const results = await db.batch([
    db
      .prepare(
        `INSERT INTO contacts (location_id, contact_id, lease_token, lease_until, created_at, updated_at)
         SELECT ?1, m.value ->> 'id', ?2, ?4, ?5, ?5 FROM json_each(?3) m
           LEFT JOIN contacts c ON c.location_id = ?1 AND c.contact_id = m.value ->> 'id'
         WHERE iif(c.contact_id IS NULL, m.value ->> 'insert', NOT EXISTS (
           SELECT 1 FROM dialer d WHERE d.location_id = ?1 AND d.phone_hash = c.phone_hash AND d.contact_id = c.contact_id))
         ON CONFLICT (location_id, contact_id) DO UPDATE
           SET lease_token = excluded.lease_token, lease_until = excluded.lease_until WHERE contacts.lease_until <= ?5`,
      )
      .bind(locationId, token, JSON.stringify(items), until, now),
    leasePhones(db, lease, CONCERNED, ids),
    db
      .prepare(`SELECT * FROM contacts WHERE ${ofLocation()} AND contact_id IN (SELECT value FROM json_each(?2))`)
      .bind(locationId, ids),
    readPhones(db, lease, CONCERNED, ids),
    readIntents(db, lease, `(SELECT phone_hash FROM dialer WHERE ${ofLocation()} AND phone_hash IN ${CONCERNED})`, ids),
    db.prepare('SELECT * FROM labels WHERE location_id = ?1').bind(locationId),
    askFieldReports(db, [locationId]),
    ...slots.statements,
    ...circuits.statements,
    ...(withLists ? [askAccountLists(db, locationId)] : []),
  ]);
  const [, , contacts, dialer, intents, labels, fields, taken, , ...rest] = results;
  const phones = dialerRows(dialer, token);
  return {
    contacts: new Map(rowsOf(contacts).map((row) => [String(row.contact_id), contactRow(row, lease, phones)])),
    dialer: phones,
    intents: intentsByPhone(intents),
    labels: rowsOf(labels).map(labelRow),
    fieldReports: rowsOf(fields).map(fieldReport),
    granted: slots.read([taken]),
    ...circuits.read(rest),
    lists: withLists ? rowsOf(rest.at(-1)).map(accountList) : [],
  };
}

function contactRow(row: Row, { token, now }: Lease, dialer: ReadonlyMap<string, DialerRow>): ContactRow {
  const contactId = String(row.contact_id);
  const shown = [...dialer.values()].filter((phone) => phone.contactId === contactId);
  const own = shown.find(({ phoneHash }) => phoneHash === row.phone_hash);
  const isFree = Number(row.lease_until) <= now;
  return {
    contactId,
    state: row.state as ContactState,
    reason: String(row.reason),
    route: text(row.route),
    intent: row.wish as Intent,
    priority: number(row.wish_rank) ?? 0,
    phoneHash: text(row.phone_hash) ?? (row.state === 'pending' ? newest(shown) : null),
    attempts: number(row.attempts) ?? 0,
    readAt: number(row.read_at) ?? 0,
    searchHash: text(row.search_hash),
    queued: row.queued_run !== null,
    history: String(row.history),
    told: readTold(text(row.told)),
    lookAt: number(row.look_at),
    looks: number(row.looks) ?? 0,
    tagsWrittenAt: number(row.tags_written_at),
    hold: json<Hold>(row.hold),
    createdAt: number(row.created_at) ?? 0,
    mine: row.lease_token === token || (isFree && own?.mine === true),
  };
}

/** A contact whose first batch died has its number in `dialer` alone (phones.ts). */
function newest(shown: DialerRow[]): string | null {
  return [...shown].sort((a, b) => b.updatedAt - a.updatedAt)[0]?.phoneHash ?? null;
}

/** Empty where another version has written it in another form. */
function readTold(value: string | null): Told {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Told), value);
  return parsed.success ? parsed.output : {};
}

/** Rows of `dialer`, by phone hash. */
export function dialerRows(result: D1Result | undefined, token: string): Map<string, DialerRow> {
  return new Map(
    rowsOf(result).map((row) => {
      const mine = row.lease_token === token;
      const openClaims = (number(row.unsettled) ?? 0) - (mine ? 1 : 0);
      const phoneHash = String(row.phone_hash);
      const mayBeInBucket = row.held === 1;
      return [
        phoneHash,
        {
          phoneHash,
          contactId: text(row.contact_id),
          callToolsId: number(row.calltools_id),
          fingerprint: openClaims > 0 ? null : text(row.fingerprint) || null,
          mayBeInBucket,
          doubtUntil: number(row.doubt_until) ?? 0,
          inDoubt: openClaims > 0 || (mayBeInBucket && !row.fingerprint),
          placing: json<Placing>(row.placing),
          hold: json<Hold>(row.hold),
          leftOut: json<string[]>(row.left_out) ?? [],
          noArea: row.no_area === 1,
          updatedAt: number(row.updated_at) ?? 0,
          carriers: readCarriers(row.carriers),
          mine,
        },
      ];
    }),
  );
}

/** Intents of contacts, by phone hash. */
export function intentsByPhone(result: D1Result | undefined): Map<string, PhoneIntent[]> {
  const byPhone = new Map<string, PhoneIntent[]>();
  for (const row of rowsOf(result)) {
    const intent = {
      contactId: String(row.contact_id),
      intent: row.wish as Intent,
      priority: number(row.wish_rank) ?? 0,
    };
    byPhone.set(String(row.phone_hash), [...(byPhone.get(String(row.phone_hash)) ?? []), intent]);
  }
  return byPhone;
}

/** Hashes by CallTools id, from a row that was read with `CARRIERS`. */
function readCarriers(value: Row[string] | undefined): Map<number, string[]> {
  const carriers = new Map<number, string[]>();
  for (const [id, hash] of json<[number, string][]>(value) ?? []) carriers.set(id, [...(carriers.get(id) ?? []), hash]);
  return carriers;
}
