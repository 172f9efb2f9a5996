// Slots for calls to each vendor in D1, shared by all instances. A claim's round trip takes them; the commit's returns those not used.
//
// D1 and not a Durable Object: both round trips exist anyway, and there is no further class, binding or hop to deploy and to
// fail. A Durable Object would be exact, which is not needed: a slot that is used late or twice meets a 429 at worst, and that
// is handled in any case.

import type { D1Database, D1PreparedStatement, D1Result } from '@cloudflare/workers-types';
import { MINUTE_MS } from '../../../shared/time.ts';
import type { Vendor } from '../domain/failure.ts';
import type { PaceChange, Slots, Urgency } from '../vendors/rate-limiter.ts';
import { number, rowsOf, underLease } from './sql.ts';

/** A batch waits this long at most for its first slot while it holds its contacts. */
export const PATIENCE_MS = 10_000;
/** Slots for more time than this are not taken at once: the rest of the batch comes back. */
export const SPAN_MS = 20_000;
/** A 429 is forgotten after so long without another. */
const QUIET_MS = 30 * MINUTE_MS;
/** In this time a learned rate doubles, at an even pace. */
const DOUBLED_MS = 5 * MINUTE_MS;
/**
 * Shares of a vendor's limit: evenly spaced slots for all work, evenly spaced slots reserved for real-time work, and how many of the
 * latter may be saved up. Together 97 % of the limit in any window of its length. Reserved slots are lent to bulk work, but not those that
 * are saved up, and no further ahead than these last: a fresh lead always finds one. Nothing is lent of a rate that had to be learned from 429s.
 */
const SHARE = 0.69;
const RESERVED_SHARE = 0.2;
const SAVED_SHARE = 0.08;
/** The share reserved for real-time work while a run reads pages, which have slots of their own. None of it is lent then. */
const PAGING_RESERVED_SHARE = 0.23;
/** The share of all other work while pages are read. Page slots leave room for it. */
const PAGING_SHARE = 0.14;
/** Bulk work does not take slots while its first one is further away than this. What it holds longer ahead could not be lent. */
const NEAR_MS = 1000;
/** Pages are being read when the last one took its slot this recently. A slow page takes as long (VENDOR_TIMEOUT_MS). */
const PAGES_GO_ON_MS = 10_000;
/** Pages are not being read yet while the slot of the first one is further away than this. */
const PAGES_SOON_MS = 3000;

/** Contacts that the work of one location may read in a minute while nothing else asks, at 100 requests in 10 s. */
export const READS_PER_MINUTE = 600 * (SHARE + RESERVED_SHARE);

/**
 * What each vendor accepts, as `rated`: ?1 location, ?2 now. GoHighLevel: one read a contact, 100 requests in 10 s where its headers
 * do not say otherwise (docs/vendors.md, GoHighLevel: rate limits). CallTools publishes no limit, so it has slots only after a 429; three
 * calls a contact are usual.
 */
const RATED = `vendors (vendor, calls_each, max_calls, interval_ms) AS (
    VALUES ('gohighlevel', 1, 100, 10000), ('calltools', 3, NULL, NULL)),
  known AS (
    SELECT v.vendor, v.calls_each, p.max_calls, p.interval_ms,
      coalesce(p.interval_ms, v.interval_ms, 10000) AS window_ms,
      coalesce(p.max_calls, v.max_calls) * 1.0 / coalesce(p.interval_ms, v.interval_ms) AS named,
      iif(p.learned_at > ?2 - ${QUIET_MS}, p.learned_rate * (1 + max(0, ?2 - p.learned_at) / ${DOUBLED_MS}.0), NULL) AS learned,
      max(coalesce(p.free_at, 0), ?2) AS common_at, max(coalesce(p.lane_free_at, 0), ?2) AS reserved_at,
      coalesce(p.page_at, 0) AS page_at, coalesce(p.page_at, 0) > ?2 - ${PAGES_GO_ON_MS} AS paging,
      p.page_at BETWEEN ?2 - ${PAGES_GO_ON_MS} AND ?2 + ${PAGES_SOON_MS} AS paging_now
    FROM vendors v LEFT JOIN paces p ON p.location_id = ?1 AND p.vendor = v.vendor),
  rated AS (
    SELECT *, min(coalesce(named, learned), coalesce(learned, named)) AS rate
    FROM known WHERE coalesce(named, learned) IS NOT NULL)`;

/**
 * The slots that would be taken now. ?1 location, ?2 now, ?3 whether real-time work asks, ?4 patience in ms; `asked` says how many
 * calls of each vendor `v`. Where slots of both kinds may be taken, the last of either come at the same time.
 */
const slotsFor = (asked: string) => `
  WITH ${RATED},
  shared AS MATERIALIZED (
    SELECT v.*, ${asked} AS asked, iif(paging, ${PAGING_SHARE}, ${SHARE}) AS share,
      iif(paging_now, ${PAGING_RESERVED_SHARE}, ${RESERVED_SHARE}) AS reserved_share, ?3 OR (learned IS NULL AND NOT paging) AS both
    FROM rated v),
  spaced AS (
    SELECT *, 1 / (rate * share) AS gap, common_at AS start_at, 1 / (rate * reserved_share) AS reserved_gap,
      window_ms * ${SAVED_SHARE} / reserved_share AS saved_ms,
      min(asked, max(calls_each, cast(${SPAN_MS} * rate * (share + iif(both, reserved_share, 0)) AS INTEGER))) AS granted
    FROM shared),
  early AS (SELECT *, reserved_at - iif(?3, saved_ms, 0) AS reserved_start_at FROM spaced),
  split AS (
    SELECT *, iif(both, max(0, min(granted, iif(?3, granted, cast((?2 + saved_ms - reserved_at) / reserved_gap AS INTEGER)), cast(
      round((start_at - reserved_start_at + granted * gap) / (gap + reserved_gap)) AS INTEGER))), 0) AS reserved FROM early),
  slots AS (
    SELECT *, min(iif(reserved < granted, start_at, 9e15), iif(reserved > 0, reserved_start_at, 9e15)) AS first_at FROM split)`;

const TAKE = `
  INSERT INTO paces (location_id, vendor, free_at, lane_free_at)
  SELECT ?1, vendor, start_at + (granted - reserved) * gap, reserved_at + reserved * reserved_gap FROM slots
  WHERE granted > 0 AND NOT EXISTS (SELECT 1 FROM slots WHERE granted > 0 AND first_at > ?2 + ?4)
  ON CONFLICT (location_id, vendor) DO UPDATE SET free_at = excluded.free_at, lane_free_at = excluded.lane_free_at`;

/** No circuit holds all work back. */
const MAY_CALL = `NOT EXISTS (SELECT 1 FROM circuits WHERE location_id = ?1
  AND (throttled_until > ?2 OR (open_reason IS NOT NULL AND probe_at > ?2)))`;

/**
 * Contacts under our lease that will be read, unless a circuit holds all work back. ?5 lease token, ?6 the claim's items. It is the part of
 * sync/triage.ts's rule that a contact's own row decides; tests/unit/store/skip-rule.test.ts holds the two equal. Where a phone or a
 * webhook decides otherwise, the commit corrects the slots taken.
 */
const TO_READ = `v.calls_each * (
  SELECT count(*) FROM json_each(?6) m CROSS JOIN contacts c ON c.location_id = ?1 AND c.contact_id = m.value ->> 'id'
  WHERE ${underLease('c', '?5')} AND NOT (coalesce(m.value ->> 'noRuleMatches', 0) AND c.state = 'kept_out' AND c.wish = 'none')
    AND NOT ((coalesce(c.read_at, 0) > coalesce(m.value ->> 'heardAt', 9e15)
      OR coalesce(c.queued_run IS NULL AND c.search_hash = m.value ->> 'row', 0)
      OR coalesce((m.value ->> '$.echo.earliest' <= c.tags_written_at AND c.tags_written_at <= m.value ->> '$.echo.latest'
          OR c.read_at >= m.value ->> '$.echo.readFrom')
        AND iif(c.route IS NULL, -1, c.wish_rank) = m.value ->> '$.echo.priority', 0)) AND c.state IN ('placed', 'kept_out') AND c.attempts = 0)
) * ${MAY_CALL}`;

/** ?5 calls to GoHighLevel. */
const CALLS = `iif(v.vendor = 'gohighlevel', ?5, 0) * ${MAY_CALL}`;

/** How long bulk work waits before it takes slots, ms. Throws where D1 fails. */
export async function bulkWaitMs(db: D1Database, locationId: string, now: number): Promise<number> {
  const pace = await db
    .prepare(`SELECT free_at FROM paces WHERE location_id = ?1 AND vendor = 'gohighlevel'`)
    .bind(locationId)
    .first<{ free_at: number }>();
  return Math.min(PATIENCE_MS, Math.max(0, (pace?.free_at ?? 0) - now - NEAR_MS));
}

/** What a claim got. */
export interface Granted {
  /** Those taken; none are where `waitMs` is over `PATIENCE_MS`. */
  slots: Slots[];
  /** Until the first of them. */
  waitMs: number;
}

/** Statements for the claim's round trip, after its leases and before its circuits: take the slots for what it leased. */
export function slotStatements(
  db: D1Database,
  { locationId, token, now }: { locationId: string; token: string; now: number },
  items: string,
  urgency: Urgency,
) {
  const bound = [locationId, now, Number(urgency === 'realtime'), PATIENCE_MS, token, items];
  const statements = [
    db.prepare(`${slotsFor(TO_READ)} SELECT * FROM slots`).bind(...bound),
    db.prepare(`${slotsFor(TO_READ)} ${TAKE}`).bind(...bound),
  ];
  return { statements, read: ([slots]: (D1Result | undefined)[]) => grantedOf(slots, now) };
}

/** Statements that take slots for so many calls to GoHighLevel, as bulk work, before the circuits' own statements. */
export function callSlots(db: D1Database, locationId: string, now: number, calls: number) {
  const bound = [locationId, now, 0, PATIENCE_MS, calls];
  const statements = [
    db.prepare(`${slotsFor(CALLS)} SELECT * FROM slots`).bind(...bound),
    db.prepare(`${slotsFor(CALLS)} ${TAKE}`).bind(...bound),
  ];
  return { statements, read: ([slots]: (D1Result | undefined)[]) => grantedOf(slots, now) };
}

function grantedOf(result: D1Result | undefined, now: number): Granted {
  const rows = rowsOf(result);
  const taken = rows.filter(({ granted }) => granted !== 0);
  return {
    waitMs: Math.max(0, ...taken.map(({ first_at }) => Number(first_at) - now)),
    slots: rows.map((row) => ({
      vendor: row.vendor as Vendor,
      rate: Number(row.rate),
      callsEach: Number(row.calls_each),
      asked: Number(row.asked),
      granted: Number(row.granted),
      reserved: Number(row.reserved),
      startAt: Number(row.start_at),
      gapMs: Number(row.gap),
      reservedStartAt: Number(row.reserved_start_at),
      reservedGapMs: Number(row.reserved_gap),
      maxCalls: number(row.max_calls),
      intervalMs: number(row.interval_ms),
    })),
  };
}

/** The statement that gives back or takes what a batch used less or more, and saves what it learned. Of batches that meet one throttle, only the first teaches. */
export function savePaces(
  db: D1Database,
  locationId: string,
  now: number,
  changes: readonly PaceChange[],
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO paces (location_id, vendor, max_calls, interval_ms, free_at, learned_rate, learned_at)
       SELECT ?1, m.value ->> 'vendor', m.value ->> 'maxCalls', m.value ->> 'intervalMs', m.value ->> 'notBefore',
              m.value ->> 'learnedRate', iif(m.value ->> 'learnedRate' IS NULL, 0, ?2) FROM json_each(?3) m WHERE true
       ON CONFLICT (location_id, vendor) DO UPDATE SET
         max_calls = coalesce(excluded.max_calls, max_calls), interval_ms = coalesce(excluded.interval_ms, interval_ms),
         free_at = max(free_at + ${MOVE}, excluded.free_at),
         page_at = iif(page_at > ?2 - ${PAGES_GO_ON_MS}, max(page_at, excluded.free_at), page_at),
         learned_rate = iif(${TEACHES}, excluded.learned_rate, learned_rate),
         learned_at = iif(${TEACHES}, excluded.learned_at, learned_at)`,
    )
    .bind(locationId, now, JSON.stringify(changes));
}

/** Slots are given back only while no later ones are taken: otherwise they would be given out twice. */
const MOVE = `(SELECT iif(m.value ->> 'moveMs' < 0 AND paces.free_at > m.value ->> 'endAt' + 1, 0, m.value ->> 'moveMs')
  FROM json_each(?3) m WHERE m.value ->> 'vendor' = excluded.vendor)`;

const TEACHES = `excluded.learned_rate IS NOT NULL AND learned_at <
  (SELECT m.value ->> 'since' FROM json_each(?3) m WHERE m.value ->> 'vendor' = excluded.vendor)`;

/** Calls a second to vendors that are called more slowly since they throttled us, for the operator. */
export async function readPaces(db: D1Database, locationId: string, now: number): Promise<Map<Vendor, number>> {
  const { results } = await db
    .prepare(`WITH ${RATED} SELECT vendor, rate FROM rated WHERE rate = learned`)
    .bind(locationId, now)
    .all<{ vendor: Vendor; rate: number }>();
  return new Map(results.map(({ vendor, rate }) => [vendor, rate * 1000]));
}

/**
 * The share of GoHighLevel's limit that pages have beside contacts. At 100 calls in 10 s, pages that are answered in 200 ms can use
 * no more. Where no contact waits, pages have its share too.
 */
const PAGE_SHARE = 0.52;

/** The first page of a run comes after the calls whose slots were taken before it. ?1 location, ?2 now. */
const RESERVE_PAGE = `
  WITH ${RATED},
  spaced AS (
    SELECT *, 1 / (rate * iif(common_at > ?2, ${PAGE_SHARE}, ${PAGE_SHARE + PAGING_SHARE})) AS gap
    FROM rated WHERE vendor = 'gohighlevel')
  INSERT INTO paces (location_id, vendor, page_at)
  SELECT ?1, vendor, iif(paging, max(page_at + gap, ?2), common_at) FROM spaced WHERE true
  ON CONFLICT (location_id, vendor) DO UPDATE SET page_at = excluded.page_at
  RETURNING page_at`;

/**
 * Takes the next slot for a page, however far away it is. Without slots of their own, apart from those for contacts, a page would wait
 * behind up to 25 contacts, four seconds, and with it all pages that follow. Returns the ms until then. Throws where D1 fails.
 */
export async function reservePageSlot(db: D1Database, locationId: string, now: number): Promise<number> {
  const taken = await db.prepare(RESERVE_PAGE).bind(locationId, now).first<{ page_at: number }>();
  return Math.max(0, (taken?.page_at ?? now) - now);
}

/** A run has read its last page: contacts have the whole share at once. Throws where D1 fails. */
export async function endPageSlots(db: D1Database, locationId: string, now: number): Promise<void> {
  await db
    .prepare(`UPDATE paces SET page_at = min(page_at, ?2) WHERE location_id = ?1 AND vendor = 'gohighlevel'`)
    .bind(locationId, now - PAGES_GO_ON_MS)
    .run();
}
