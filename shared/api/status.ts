// The operator API's answers as types: what `data` holds in each. The consumer makes them; the dashboard and the scripts read them.
// docs/api.md explains the fields. Null stands for what is not known. Types only; contacts and dead letters are in contacts.ts.

import type { Cause, People, SetUpStep, VendorInWords, Verdict } from './verdict.ts';

/** ISO 8601 in UTC. */
type Time = string;

/** The two systems that the pipeline connects. */
export type Vendor = 'gohighlevel' | 'calltools';
/** How the pipeline is. `stopped`: nothing reaches the dialer until a person acts. */
export type Status = 'healthy' | 'degraded' | 'stopped';

/** When work will be done at its present pace. */
export interface Eta {
  remaining: number | null;
  per_minute: number | null;
  expected_finish: Time | null;
}

/** A backstop run. */
export interface Run {
  id: string;
  started_by: 'cron' | 'trigger';
  state: 'running' | 'complete' | 'incomplete';
  /** `pages`: the contact list is being read. `contacts`: contacts that may differ are being worked on. */
  phase: 'pages' | 'contacts' | 'over';
  /** Of the contacts seen, 0 to 100. */
  percent: number | null;
  page: number;
  seen: number;
  total: number | null;
  skipped: number;
  unreadable: number;
  queued: number;
  vanished: number;
  verified: number;
  settled: number;
  waiting: number | null;
  /** Differences that were fixed, by kind. */
  repaired: Record<string, number>;
  errors: number;
  progress: { pages: Eta; contacts: Eta };
  /** When all of it is done, at its present pace; null: it is over, or that cannot be known yet. */
  expected_finish: Time | null;
  resumes: number;
  error: string | null;
  started_at: Time;
  heartbeat_at: Time;
  finished_at: Time | null;
  settled_at: Time | null;
}

/** A run with the location that it compares. */
export type LocatedRun = Run & { location_id: string };

/** `GET /sync/runs`, newest first. */
export interface Runs {
  runs: LocatedRun[];
}

/** What became of a trigger in one of several locations. */
export type TriggeredLocation = { location_id: string } & ({ run: Run; joined: boolean } | { error: string });

/** `POST /sync/trigger`: of one location, or of several. `joined`: a run was under way already. */
export type Triggered = { run: Run; joined: boolean } | { runs: TriggeredLocation[] };

/** `POST /sync/trigger?confirm=…`: so many contacts are placed now, or as soon as the vendors allow. */
export interface Confirmed {
  confirmed: string;
  contacts: number;
}

/** What the brake (MAX_NEW_PLACEMENTS) holds back. */
export interface BrakeCounts {
  held: number;
  /** Since when, the first of them. */
  since: Time | null;
  /** Those that are confirmed together, the oldest first. `confirm`: a run's id, or an hour in UTC such as 2026-11-29T14. */
  groups: { location_id: string; confirm: string; held: number; since: Time }[];
}

/** How many contacts are in each state. `kept_out` and `failed_by_reason` count by reason. */
export interface ContactCounts {
  total_contacts: number;
  synced: number;
  failed: number;
  excluded_customers: number;
  pending: number;
  kept_out: Record<string, number>;
  failed_by_reason: Record<string, number>;
}

/** What CallTools does not take of the contacts' data, by its own names of the fields. The contacts are dialed all the same. */
export interface FieldCounts {
  /** Contacts that were placed without fields that CallTools refused; `fields` counts them by field, `examples` has the id of one for each. */
  left_out: { contacts: number; fields: Record<string, number>; examples: Record<string, string> };
  /** `absent`: fields that the account does not have. `altered`: fields that it keeps otherwise than they were sent, or not. */
  fields: { absent: string[]; altered: string[] };
}

/** What calls said, where CALL_RESULTS is set. */
export interface CallCounts {
  /** When CallTools' record of calls was last read to its end. */
  polled_at: Time | null;
  /** What stopped the last poll. */
  failure: string | null;
  /** Why GoHighLevel takes no writes that calls cause. */
  write_failure: string | null;
  /** Calls of our contacts by disposition, since midnight UTC. */
  today: Record<string, number>;
  /** The same in the last 14 days, today included. */
  last_14_days: Record<string, number>;
  /** Calls of contacts that are not ours. Nothing follows from them. */
  of_others: { today: number; last_14_days: number };
}

/** Why work for a vendor waits, in words for a person. */
export interface VendorTrouble {
  /** `refused`: a person must fix something. The others pass by themselves. */
  kind: 'refused' | 'down' | 'throttled';
  says: string | null;
  next_try_at: Time;
  waiting: number | null;
  what: string;
  what_to_do: string;
}

/** The health of one vendor. `open`: its work waits. */
export interface VendorState {
  state: 'open' | 'closed';
  reason: string | null;
  since: Time | null;
  throttled_until: Time | null;
  trouble: VendorTrouble | null;
  paced_to_per_second: number | null;
}

/** The health of both vendors. */
export type Circuits = Record<Vendor, VendorState>;

/** The statistics of one location among several. */
export interface LocationStats extends ContactCounts, FieldCounts {
  location_id: string;
  name: string | null;
  dead_letters: number;
  circuits: Circuits;
  last_run: Run | null;
  /** Null: CALL_RESULTS is not set. */
  calls: CallCounts | null;
  /** Null: MAX_NEW_PLACEMENTS is not set. */
  brake: BrakeCounts | null;
  configuration_error: string | null;
}

/** `GET /sync/stats`. */
export interface Stats extends ContactCounts, FieldCounts {
  /** Null: of several locations. */
  location_id: string | null;
  dead_letters: number;
  outbox: { depth: number; oldest_age_seconds: number | null };
  circuits: Circuits;
  last_run: Run | null;
  /** Null: CALL_RESULTS is not set. */
  calls: CallCounts | null;
  /** Null: MAX_NEW_PLACEMENTS is not set. */
  brake: BrakeCounts | null;
  configuration_error: string | null;
  /** Only where there are several. */
  locations?: LocationStats[];
}

/** What waits in one queue, and when it will be empty. */
export interface QueueState {
  queue: string;
  waiting: number | null;
  oldest_age_seconds: number | null;
  minutes_at_most: number | null;
  per_minute: number | null;
  expected_finish: Time | null;
}

/** `GET /api/v1/overview`. */
export interface Overview {
  /** Who asks: a viewer may look and not act. */
  role: 'operator' | 'viewer';
  at: Time;
  status: Status;
  verdict: Verdict;
  causes: Cause[];
  /** Null: everything is done. */
  setting_up: { steps: SetUpStep[] } | null;
  people: People;
  vendors: VendorInWords[];
  all_locations: { id: string; name: string | null }[];
  totals: Stats;
  contacts_counted_at: Time;
  queues: QueueState[];
  backstop: { location_id: string; last_complete_at: Time | null; next_at: Time | null }[];
  runs: LocatedRun[];
}

/** An hour or a day. */
export interface Span {
  from: Time;
  outcomes: Record<string, number>;
  hints: Record<string, number>;
  /** Calls of our contacts by disposition. */
  calls: Record<string, number>;
}

/** How long it took from a webhook until CallTools held what it should. */
export interface Latency {
  promise_ms: number;
  total: number;
  /** 0 to 1. */
  within_promise: number | null;
  /** Half, and 95 %, took at most so long: upper bounds of their buckets. Null: nothing to measure, or longer than all bounds. */
  p50_ms: number | null;
  p95_ms: number | null;
  /** `up_to_ms` null: longer than all others. */
  buckets: { up_to_ms: number | null; n: number }[];
}

/** `GET /api/v1/history`. */
export interface History {
  at: Time;
  hours: Span[];
  days: Span[];
  latency: Latency;
}

/** What one check of the doctor found. */
export interface DoctorCheck {
  code: string;
  status: 'ok' | 'warning' | 'failed' | 'skipped';
  seen: string;
  follows_from?: string;
  /** What was checked and what to do, where it is not well. */
  what?: string;
  todo?: string;
}

/** All checks of one location. `location_id` null: the settings name none. */
export interface DoctorReport {
  ok: boolean;
  location_id: string | null;
  /** `following` is how many of `failed` and `warning` follow from another check. */
  counts: { ok: number; warning: number; failed: number; skipped: number; following: number };
  checks: DoctorCheck[];
}

/** `GET /doctor`: one report a location. */
export interface Doctor {
  ok: boolean;
  reports: DoctorReport[];
}

/** One action of an operator, of `GET /api/v1/audit`. */
export interface AuditEntry {
  id: number;
  at: Time;
  role: string;
  action: string;
  /** `unknown`: it goes on, or was cut off. */
  outcome: 'done' | 'refused' | 'failed' | 'unknown';
  /** Null: not of one location alone, or not known. */
  location_id: string | null;
  contact_id: string | null;
  /** Runs that it started; what it confirmed: a run, or an hour. */
  runs: string[];
  /** Dead letters. */
  letters: string[];
}
