// The commit: one round trip to D1 that writes a batch's outcomes. A row whose lease was lost is left to its new holder.

import type { D1Database, D1PreparedStatement } from '@cloudflare/workers-types';
import type { CircuitChange } from '../domain/circuit.ts';
import type { Hold, Intent, Placing } from '../domain/decide.ts';
import { type ContactState, REPAIRS, type Repair } from '../domain/outcome.ts';

import type { PaceChange } from '../vendors/rate-limiter.ts';
import { endHeld } from './brake/new-placements.ts';
import { countWithdrawn, type Withdrawn } from './brake/rule-changes.ts';
import { keepPastLinks, type PastLink } from './calls/past-links.ts';
import { saveCircuits } from './circuits.ts';
import { type DeadLetter, insertDeadLetters, resolveDeadLetters } from './dead-letters.ts';
import { type FieldReport, saveFieldReports } from './fields.ts';
import { keepUnsent, type Unsent } from './outbox.ts';
import { addNumbers, type NumbersChange, removeNumbers } from './phones.ts';
import { savePaces } from './rate-limits.ts';
import { nameForRuns } from './run-contacts.ts';
import { type Lease, ofLocation, type Row, rowsOf, underLease } from './sql.ts';
import { addCounts, type Count } from './totals.ts';

/** A contact's new row; `readAt` null keeps what is stored. */
export interface ContactCommit {
  contactId: string;
  /** CallTools now holds what it should. */
  done: boolean;
  state: ContactState;
  reason: string;
  route: string | null;
  intent: Intent;
  priority: number;
  phoneHash: string | null;
  attempts: number;
  error: string | null;
  searchHash: string | null;
  /** The stored hash is still right, unless another read has been asked for since. */
  keepsSearchHash: boolean;
  /** A backstop run's message about it has been processed: it counts for that run, once. */
  ofRun: boolean;
  repaired: Repair | null;
  readAt: number | null;
  /** JSON. */
  told: string | null;
  lookAt: number | null;
  looks: number;
  history: string;
  /** Goes along to its next number; null keeps what is stored. */
  hold: Hold | null;
}

/** A phone's new row; `verifiedAt` null keeps what is stored. */
export interface DialerCommit {
  phoneHash: string;
  contactId: string | null;
  callToolsId: number | null;
  fingerprint: string | null;
  /** Nothing was written. A fingerprint that was cleared since the claim, because a bucket has a new id, stays cleared. */
  untouched: boolean;
  mayBeInBucket: boolean;
  doubtUntil: number;
  placing: Placing | null;
  hold: Hold | null;
  /** Null: nothing was left out. */
  leftOut: string[] | null;
  noArea: boolean;
  verifiedAt: number | null;
}

/** Another contact with the same phone, whose state this batch's work has changed. */
export interface SiblingCommit {
  contactId: string;
  state: ContactState;
  reason: string;
}

/** All that a batch writes. */
export interface Commit {
  contacts: ContactCommit[];
  dialer: DialerCommit[];
  siblings: SiblingCommit[];
  /** Contacts for which a message is sent next. If it gets lost, the backstop reads them. */
  asked: string[];
  /** The messages that are sent next. If the worker dies, the cron sends them. */
  unsent?: Unsent[];
  /** Numbers that the brake does not hold, or no longer. */
  notHeld?: string[];
  /** What the rules have taken out for a run. */
  withdrawn?: Withdrawn[];
  /** CallTools contacts whose numbers are not those that were remembered. */
  numbers?: NumbersChange[];
  /** What CallTools contacts do not show any more; a call from before may be read of later. */
  pastLinks?: PastLink[];
  /** What has changed about fields that the account does not keep. */
  fieldReports?: FieldReport[];
  /** Claimed, and returned unchanged. */
  released: { contactIds: string[]; phoneHashes: string[] };
  /** What webhooks said of skipped contacts, as JSON, by contact id. The contacts are among those released. */
  told?: Record<string, string>;
  deadLetters: DeadLetter[];
  circuits: CircuitChange[];
  paces: PaceChange[];
  counts: Count[];
}

/** Resolves to the ids of the contacts that were written or released. The others had lost their lease: their messages must come back. */
export async function commitBatch(db: D1Database, lease: Lease, commit: Commit): Promise<Set<string>> {
  const { locationId, token, now } = lease;
  // These come before the leases are released: a contact whose lease was lost must not count.
  const leased = commit.contacts.some(({ ofRun }) => ofRun) ? countForRuns(db, lease, commit.contacts) : [];
  if (commit.counts.length > 0) leased.push(addCounts(db, lease, commit.counts));
  if (commit.withdrawn?.length) leased.push(countWithdrawn(db, lease, commit.withdrawn));
  if (commit.notHeld?.length) leased.push(endHeld(db, lease, commit.notHeld));
  const succeeded = commit.contacts.flatMap(({ contactId, done }) => (done ? [contactId] : []));
  if (succeeded.length > 0) leased.push(resolveDeadLetters(db, locationId, succeeded, now, token));
  if (commit.deadLetters.length > 0) leased.push(insertDeadLetters(db, commit.deadLetters, token));
  const contacts = writeContacts(db, lease, commit.contacts);
  const statements = writePhones(db, lease, commit.dialer);
  if (commit.siblings.length > 0) statements.push(writeSiblings(db, lease, commit.siblings));
  if (commit.asked.length > 0) statements.push(askForRead(db, lease, commit.asked));
  if (commit.unsent?.length) statements.push(keepUnsent(db, commit.unsent));
  statements.push(...numberStatements(db, lease, commit.numbers ?? []));
  if (commit.pastLinks?.length) statements.push(keepPastLinks(db, locationId, now, commit.pastLinks));
  if (commit.fieldReports?.length) statements.push(saveFieldReports(db, locationId, commit.fieldReports));
  const { contactIds, phoneHashes } = commit.released;
  // Contacts come before their numbers: the lease of a number may be that of its contact.
  if (commit.told) contacts.push(rememberTold(db, lease, commit.told));
  if (contactIds.length > 0) contacts.push(release(db, 'contacts', 'contact_id', '', lease, contactIds));
  if (phoneHashes.length > 0)
    statements.push(release(db, 'dialer', 'phone_hash', 'unsettled = unsettled - 1,', lease, phoneHashes));
  if (commit.circuits.length > 0) statements.push(saveCircuits(db, locationId, now, commit.circuits));
  if (commit.paces.length > 0) statements.push(savePaces(db, locationId, now, commit.paces));

  const all = [...leased, ...contacts, ...statements];
  const results = all.length > 0 ? await db.batch<Row>(all) : [];
  const written = results.slice(leased.length, leased.length + contacts.length).flatMap(rowsOf);
  return new Set([...written.map((row) => String(row.contact_id)), ...contactIds]);
}

/** SQL: what D1 writes of every contact and is in no index. `?4` is now. */
const CONTACT_WRITTEN = `wish_rank = m.value ->> 'priority', attempts = m.value ->> 'attempts', error = m.value ->> 'error',
  search_hash = iif(m.value ->> 'keepsSearchHash', search_hash, m.value ->> 'searchHash'),
  read_at = coalesce(m.value ->> 'readAt', read_at), history = m.value ->> 'history', updated_at = ?4,
  hold = iif(m.value ->> 'done' AND m.value ->> 'intent' = 'place', NULL, coalesce(m.value ->> 'hold', hold)),
  told = m.value ->> 'told', look_at = m.value ->> 'lookAt', looks = m.value ->> 'looks', lease_token = NULL, lease_until = 0`;

/** SQL: nothing changes of the contact that an index holds. */
const CONTACT_STAYS = `contacts.state = m.value ->> 'state' AND contacts.reason = m.value ->> 'reason' AND contacts.reason_since IS NOT NULL
  AND contacts.route IS m.value ->> 'route' AND contacts.wish = m.value ->> 'intent' AND contacts.phone_hash IS m.value ->> 'phoneHash'
  AND (contacts.queued_run IS NULL OR NOT m.value ->> 'ofRun')`;

/** SQL: columns of indexes. */
const CONTACT_MOVED = `state = m.value ->> 'state', reason = m.value ->> 'reason', route = m.value ->> 'route', wish = m.value ->> 'intent',
  phone_hash = m.value ->> 'phoneHash', queued_run = iif(m.value ->> 'ofRun', NULL, queued_run),
  reason_since = iif(reason = m.value ->> 'reason', coalesce(reason_since, ?4), ?4)`;

/**
 * Statements that write contacts and release them; they return the ids of those whose lease this batch still had. D1 writes, and bills,
 * every index of which a statement names a column, changed or not: so contacts of which none changes have a statement of their own.
 */
function writeContacts(db: D1Database, { locationId, token, now }: Lease, contacts: ContactCommit[]) {
  const write = (columns: string, where: string) =>
    db
      .prepare(
        `WITH m AS MATERIALIZED (SELECT value FROM json_each(?3))
         UPDATE contacts SET ${columns} FROM m
         WHERE ${ofLocation('contacts.location_id')} AND contacts.contact_id = m.value ->> 'contactId' AND ${underLease('contacts', '?2')} AND ${where}
         RETURNING contacts.contact_id`,
      )
      .bind(locationId, token, JSON.stringify(contacts), now);
  return contacts.length === 0
    ? []
    : [write(CONTACT_WRITTEN, CONTACT_STAYS), write(`${CONTACT_MOVED}, ${CONTACT_WRITTEN}`, `NOT (${CONTACT_STAYS})`)];
}

/** SQL: what D1 writes of every phone and is in no index. `?4` is now. */
const PHONE_WRITTEN = `fingerprint = iif(m.value ->> 'untouched' AND dialer.fingerprint = '', '', m.value ->> 'fingerprint'),
  held = m.value ->> 'mayBeInBucket', doubt_until = m.value ->> 'doubtUntil', placing = m.value ->> 'placing', hold = m.value ->> 'hold',
  no_area = m.value ->> 'noArea', unsettled = 0, verified_at = coalesce(m.value ->> 'verifiedAt', verified_at), updated_at = ?4, lease_token = NULL, lease_until = 0`;

/** SQL: the phone shows the same contact; the same CallTools contact, which lacks the same. */
const SAME_OWNER = `dialer.contact_id IS m.value ->> 'contactId'`;
const SAME_LINK = `dialer.calltools_id IS m.value ->> 'callToolsId' AND dialer.left_out IS m.value ->> 'leftOut'`;

/** Statements that write phones and release them, as `writeContacts` does. */
function writePhones(db: D1Database, { locationId, token, now }: Lease, phones: DialerCommit[]): D1PreparedStatement[] {
  const linked = `calltools_id = m.value ->> 'callToolsId', left_out = m.value ->> 'leftOut', ${PHONE_WRITTEN}`;
  const write = (columns: string, where: string) =>
    db
      .prepare(
        `WITH m AS MATERIALIZED (SELECT value FROM json_each(?3))
         UPDATE dialer SET ${columns} FROM m
         WHERE ${ofLocation('dialer.location_id')} AND dialer.phone_hash = m.value ->> 'phoneHash' AND dialer.lease_token = ?2 AND ${where}`,
      )
      .bind(locationId, token, JSON.stringify(phones), now);
  return phones.length === 0
    ? []
    : [
        write(PHONE_WRITTEN, `${SAME_OWNER} AND ${SAME_LINK}`),
        write(linked, `${SAME_OWNER} AND NOT (${SAME_LINK})`),
        write(`contact_id = m.value ->> 'contactId', ${linked}`, `NOT (${SAME_OWNER})`),
      ];
}

/** Other contacts follow the one that decides, whatever batch works on them. */
function writeSiblings(db: D1Database, { locationId, now }: Lease, siblings: SiblingCommit[]): D1PreparedStatement {
  return db
    .prepare(
      `WITH m AS MATERIALIZED (SELECT value FROM json_each(?2))
       UPDATE contacts SET state = m.value ->> 'state', reason = m.value ->> 'reason',
         reason_since = iif(reason = m.value ->> 'reason', reason_since, ?3), updated_at = ?3 FROM m
       WHERE ${ofLocation('contacts.location_id')} AND contacts.contact_id = m.value ->> 'contactId' AND contacts.state IN ('placed', 'kept_out')`,
    )
    .bind(locationId, JSON.stringify(siblings), now);
}

/** The backstop reads these contacts, should their message get lost. */
function askForRead(db: D1Database, { locationId }: Lease, contactIds: string[]): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE contacts SET search_hash = NULL WHERE ${ofLocation()} AND contact_id IN (SELECT value FROM json_each(?2))`,
    )
    .bind(locationId, JSON.stringify(contactIds));
}

function numberStatements(db: D1Database, { locationId, now }: Lease, changes: NumbersChange[]): D1PreparedStatement[] {
  const of = (which: 'added' | 'removed') =>
    changes.flatMap(({ callToolsId, [which]: hashes }) => (hashes.length > 0 ? [{ callToolsId, hashes }] : []));
  const [added, removed] = [of('added'), of('removed')];
  return [
    ...(added.length > 0 ? [addNumbers(db, locationId, now, added)] : []),
    ...(removed.length > 0 ? [removeNumbers(db, locationId, removed)] : []),
  ];
}

/** Statements that add to each run the contacts for which it still waited, and name those that it repaired and those that failed. */
function countForRuns(db: D1Database, lease: Lease, contacts: ContactCommit[]): D1PreparedStatement[] {
  const { locationId, token } = lease;
  const named = contacts.filter(({ ofRun, done, repaired }) => ofRun && (repaired !== null || !done));
  const kinds = REPAIRS.map((kind) => `count(*) FILTER (WHERE m.value ->> 'repaired' = '${kind}') AS ${kind}`);
  const count = db
    .prepare(
      `UPDATE runs SET settled = runs.settled + n.settled, errors = runs.errors + n.errors,
         ${REPAIRS.map((kind) => `${kind} = runs.${kind} + n.${kind}`).join(', ')}
       FROM (SELECT c.queued_run AS run, count(*) AS settled, count(*) FILTER (WHERE NOT m.value ->> 'done') AS errors,
           ${kinds.join(', ')}
         FROM json_each(?3) m CROSS JOIN contacts c ON c.location_id = ?1 AND c.contact_id = m.value ->> 'contactId'
         WHERE ${underLease('c', '?2')} AND c.queued_run IS NOT NULL AND m.value ->> 'ofRun' GROUP BY c.queued_run) n
       WHERE runs.id = n.run`,
    )
    .bind(locationId, token, JSON.stringify(contacts));
  const results = named.map(({ contactId, repaired }) => ({ contactId, repaired }));
  return results.length > 0 ? [nameForRuns(db, lease, results), count] : [count];
}

/** Writes what webhooks said of skipped contacts, and releases those. */
function rememberTold(db: D1Database, { locationId, token }: Lease, told: Record<string, string>): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE contacts SET told = ?3 ->> contact_id, lease_token = NULL, lease_until = 0
       WHERE ${ofLocation()} AND ${underLease('contacts', '?2')} AND contact_id IN (SELECT key FROM json_each(?3))`,
    )
    .bind(locationId, token, JSON.stringify(told));
}

function release(
  db: D1Database,
  table: 'contacts' | 'dialer',
  key: string,
  also: string,
  { locationId, token }: Lease,
  keys: string[],
) {
  return db
    .prepare(
      `UPDATE ${table} SET ${also} lease_token = NULL, lease_until = 0
       WHERE ${ofLocation()} AND lease_token = ?2 AND ${key} IN (SELECT value FROM json_each(?3))`,
    )
    .bind(locationId, token, JSON.stringify(keys));
}
