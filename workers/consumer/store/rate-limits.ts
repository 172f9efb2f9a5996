// The pace of each vendor in D1, shared by all instances: turns are taken in the claim's round trip and settled in the commit's.
//
// D1 and not a Durable Object: the state rides along in two round trips that exist anyway, and there is no further class,
// binding or hop to deploy and to fail. What a Durable Object would add is exactness, which is not needed: a turn that is
// used late or twice meets a 429 at worst, and that is handled in any case.

import type { D1Database, D1PreparedStatement, D1Result } from '@cloudflare/workers-types';
import type { Vendor } from '../domain/failure.ts';
import type { PaceChange, Turns, Urgency } from '../vendors/rate-limiter.ts';

/** A batch waits this long at most for its first turn while it holds its contacts. */
export const PATIENCE_MS = 10_000;
/** Turns for more time than this are not taken at once: the rest of the batch comes back. */
export const SPAN_MS = 20_000;
/** A 429 is forgotten after so long without another. */
const QUIET_MS = 1_800_000;
/** In this time a learned rate doubles, at an even pace. */
const DOUBLED_MS = 300_000;
/**
 * Shares of a vendor's limit: evenly spaced turns for everyone, evenly spaced turns for real-time work alone, and as many
 * of the latter as may be saved up. Together 97 % of the limit in any window of its length.
 */
const SHARE = 0.65;
const LANE_SHARE = 0.2;
const SAVED_SHARE = 0.12;
/**
 * The same while a run reads pages: these, real-time work, and everyone, such as the run's contacts, which go in between. Behind 25
 * of those in a row a page would wait for four seconds, and with it all that follow. At 100 calls in 10 s a chain of answers of
 * 200 ms can use little more; where nobody waits, pages have everyone's share too.
 */
const PAGE_SHARE = 0.42;
const PAGING_LANE_SHARE = 0.23;
const PAGING_SHARE = 0.19;
/** Pages are being read when the last one took its turn so lately: a slow one takes as long (VENDOR_TIMEOUT_MS). */
const PAGES_GO_ON_MS = 10_000;
/** Nor are they while the turn of the first is further away than this. */
const PAGES_SOON_MS = 3000;

/** Who asks for turns, as the statements have it. */
const ASKS = { bulk: 0, realtime: 1, page: 2 } as const;

/** Contacts that one location's work of a kind may read in a minute while nothing else asks, at 100 requests in 10 s. */
export function readsPerMinute(urgency: Urgency): number {
  return 600 * (urgency === 'realtime' ? SHARE + LANE_SHARE : SHARE);
}

/**
 * The turns that would be taken now. ?1 location, ?2 now, ?3 who asks, ?4 patience in ms; `asked` says how many
 * calls of each vendor `v`. Real-time work takes turns of both kinds, so that the last of either come at the same time.
 * GoHighLevel: one read a contact, 100 requests in 10 s where its headers do not say otherwise (facts/gohighlevel.md 4.2
 * [DOC RATE]). CallTools publishes no limit, so that it has turns only after a 429; three calls a contact are usual.
 */
const turnsOf = (asked: string) => `
  WITH vendors (vendor, calls_each, max_calls, interval_ms) AS (
    VALUES ('gohighlevel', 1, 100, 10000), ('calltools', 3, NULL, NULL)),
  known AS MATERIALIZED (
    SELECT v.vendor, v.calls_each, p.max_calls, p.interval_ms, ${asked} AS asked,
      coalesce(p.interval_ms, v.interval_ms, 10000) AS window_ms,
      coalesce(p.max_calls, v.max_calls) * 1.0 / coalesce(p.interval_ms, v.interval_ms) AS named,
      iif(p.learned_at > ?2 - ${QUIET_MS}, p.learned_rate * (1 + max(0, ?2 - p.learned_at) / ${DOUBLED_MS}.0), NULL) AS learned,
      max(coalesce(p.free_at, 0), ?2) AS common_at, max(coalesce(p.lane_free_at, 0), ?2) AS lane_at,
      coalesce(p.page_at, 0) AS page_at, coalesce(p.page_at, 0) > ?2 - ${PAGES_GO_ON_MS} AS paging,
      p.page_at BETWEEN ?2 - ${PAGES_GO_ON_MS} AND ?2 + ${PAGES_SOON_MS} AS paging_now
    FROM vendors v LEFT JOIN paces p ON p.location_id = ?1 AND p.vendor = v.vendor),
  paced AS (
    SELECT *, min(coalesce(named, learned), coalesce(learned, named)) AS rate,
      iif(?3 = ${ASKS.page}, iif(common_at > ?2, ${PAGE_SHARE}, ${PAGE_SHARE + PAGING_SHARE}), iif(paging, ${PAGING_SHARE}, ${SHARE})) AS share,
      iif(paging_now, ${PAGING_LANE_SHARE}, ${LANE_SHARE}) AS lane_share
      FROM known WHERE coalesce(named, learned) IS NOT NULL),
  spaced AS (
    SELECT *, 1 / (rate * share) AS gap, iif(?3 = ${ASKS.page} AND paging, max(page_at + 1 / (rate * share), ?2), common_at) AS start_at,
      1 / (rate * lane_share) AS lane_gap,
      lane_at - window_ms * ${SAVED_SHARE} / lane_share AS lane_start_at,
      min(asked, max(calls_each, cast(${SPAN_MS} * rate * (share + iif(?3 = ${ASKS.realtime}, lane_share, 0)) AS INTEGER))) AS granted
    FROM paced),
  split AS (
    SELECT *, iif(?3 = ${ASKS.realtime}, max(0, min(granted, cast(
      round((start_at - lane_start_at + granted * gap) / (gap + lane_gap)) AS INTEGER))), 0) AS of_lane FROM spaced),
  turns AS (
    SELECT *, min(iif(of_lane < granted, start_at, 9e15), iif(of_lane > 0, lane_start_at, 9e15)) AS first_at FROM split)`;

const TAKE = `
  INSERT INTO paces (location_id, vendor, free_at, lane_free_at, page_at)
  SELECT ?1, vendor, iif(?3 = ${ASKS.page}, common_at, start_at + (granted - of_lane) * gap), lane_at + of_lane * lane_gap,
    iif(?3 = ${ASKS.page}, start_at, page_at) FROM turns
  WHERE granted > 0 AND NOT EXISTS (SELECT 1 FROM turns WHERE granted > 0 AND first_at > ?2 + ?4)
  ON CONFLICT (location_id, vendor) DO UPDATE SET
    free_at = excluded.free_at, lane_free_at = excluded.lane_free_at, page_at = excluded.page_at`;

/** Contacts under our lease that will be read, unless a circuit holds all work back. ?5 lease token, ?6 the claim's items. */
const TO_READ = `v.calls_each * (
  SELECT count(*) FROM json_each(?6) m CROSS JOIN contacts c ON c.location_id = ?1 AND c.contact_id = m.value ->> 'id'
  WHERE c.lease_token = ?5 AND (m.value ->> 'insert' OR c.state <> 'kept_out' OR c.wish <> 'none')
    AND NOT ((coalesce(c.read_at, 0) > coalesce(m.value ->> 'heardAt', 9e15)
      OR coalesce(c.queued_run IS NULL AND c.search_hash = m.value ->> 'row', 0)) AND c.state IN ('placed', 'kept_out') AND c.attempts = 0)
) * NOT EXISTS (SELECT 1 FROM circuits WHERE location_id = ?1
  AND (throttled_until > ?2 OR (open_reason IS NOT NULL AND probe_at > ?2)))`;

/** What a claim got. */
export interface Turn {
  /** Those taken; none are where `waitMs` is over `PATIENCE_MS`. */
  turns: Turns[];
  /** Until the first of them. */
  waitMs: number;
}

/** Statements for the claim's round trip, after its leases and before its circuits: take the turns for what it leased. */
export function turnStatements(
  db: D1Database,
  { locationId, token, now }: { locationId: string; token: string; now: number },
  items: string,
  urgency: Urgency,
) {
  const bound = [locationId, now, ASKS[urgency], PATIENCE_MS, token, items];
  const statements = [
    db.prepare(`${turnsOf(TO_READ)} SELECT * FROM turns`).bind(...bound),
    db.prepare(`${turnsOf(TO_READ)} ${TAKE}`).bind(...bound),
  ];
  return { statements, read: ([turns]: (D1Result | undefined)[]) => turnOf(turns, now) };
}

/**
 * Takes the next turn for a page of GoHighLevel's contact list, however far away it is: the ms until then. The first page of a run
 * stands behind those who came before; while pages are read they have turns of their own, and contacts go in between.
 */
export async function reservePageSlot(db: D1Database, locationId: string, now: number): Promise<number> {
  const taken = await db
    .prepare(`${turnsOf(`v.vendor = 'gohighlevel'`)} ${TAKE} RETURNING page_at`)
    .bind(locationId, now, ASKS.page, Number.MAX_SAFE_INTEGER)
    .first<{ page_at: number }>();
  return Math.max(0, (taken?.page_at ?? now) - now);
}

/** A run has read its last page: its contacts have the whole share at once, and not first when the next page has not come for long. */
export async function endPageTurns(db: D1Database, locationId: string, now: number): Promise<void> {
  await db
    .prepare(`UPDATE paces SET page_at = min(page_at, ?2) WHERE location_id = ?1 AND vendor = 'gohighlevel'`)
    .bind(locationId, now - PAGES_GO_ON_MS)
    .run();
}

function turnOf(result: D1Result | undefined, now: number): Turn {
  const rows = (result?.results ?? []) as Record<string, number | string | null>[];
  const taken = rows.filter(({ granted }) => granted !== 0);
  return {
    waitMs: Math.max(0, ...taken.map(({ first_at }) => Number(first_at) - now)),
    turns: rows.map((row) => ({
      ...{ vendor: row.vendor as Vendor, rate: Number(row.rate), callsEach: Number(row.calls_each) },
      ...{ asked: Number(row.asked), granted: Number(row.granted), ofLane: Number(row.of_lane) },
      ...{ startAt: Number(row.start_at), gapMs: Number(row.gap) },
      ...{ laneStartAt: Number(row.lane_start_at), laneGapMs: Number(row.lane_gap) },
      maxCalls: row.max_calls === null ? null : Number(row.max_calls),
      intervalMs: row.interval_ms === null ? null : Number(row.interval_ms),
    })),
  };
}

/** The statement that settles what a batch really used, and what it learned. Of batches that meet one throttle, the first teaches. */
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

/** Turns behind which others were taken are not given back: they would be handed out twice. */
const MOVE = `(SELECT iif(m.value ->> 'moveMs' < 0 AND paces.free_at > m.value ->> 'endAt' + 1, 0, m.value ->> 'moveMs')
  FROM json_each(?3) m WHERE m.value ->> 'vendor' = excluded.vendor)`;

const TEACHES = `excluded.learned_rate IS NOT NULL AND learned_at <
  (SELECT m.value ->> 'since' FROM json_each(?3) m WHERE m.value ->> 'vendor' = excluded.vendor)`;

/** Calls a second that vendors are held to since they throttled us, for the operator. */
export async function readPaces(db: D1Database, locationId: string, now: number): Promise<Map<Vendor, number>> {
  const { results } = await db
    .prepare(`${turnsOf('0')} SELECT vendor, rate FROM turns WHERE rate = learned`)
    .bind(locationId, now, ASKS.bulk)
    .all<{ vendor: Vendor; rate: number }>();
  return new Map(results.map(({ vendor, rate }) => [vendor, rate * 1000]));
}
