// The consumer's bindings, settings and secrets, as wrangler.consumer.jsonc declares them.

import type { D1Database, Queue } from '@cloudflare/workers-types';
import { toConsole, type WriteLine } from '../../../shared/log.ts';
import type { Message } from '../../../shared/messages.ts';

/** What wrangler.consumer.jsonc and the secrets provide. */
export interface Env {
  DB: D1Database;
  EVENTS: Queue<Message>;
  BACKSTOP: Queue<Message>;
  DEAD_LETTERS: Queue<Message>;
  GHL_LOCATION_ID?: string;
  /** See locations.ts, also for the secrets of each location, such as GHL_API_KEY_ACME. */
  LOCATIONS?: unknown;
  GHL_API_BASE_URL?: string;
  GHL_API_VERSION?: string;
  GHL_API_KEY?: string;
  GHL_APP_URL?: string;
  CALLTOOLS_CONTACT_URL?: string;
  CALLTOOLS_BASE_URL?: string;
  CALLTOOLS_API_KEY?: string;
  CALLTOOLS_PHONE_FIELD?: string;
  CALLTOOLS_EMAIL_FIELD?: string;
  CALLTOOLS_EXTERNAL_ID_FIELD?: string;
  CALLTOOLS_PHONE_LOOKUP?: string;
  DEFAULT_COUNTRY?: string;
  SYNC_RULES?: unknown;
  /** No setting: the text of rules.jsonc, which createConsumer adds. For a location without SYNC_RULES. */
  rulesFile?: string;
  FIELD_MAP?: unknown;
  OWNERS?: unknown;
  COUNTRY_FORM?: unknown;
  CALL_RESULTS?: unknown;
  VENDOR_TIMEOUT_MS?: string;
  BACKSTOP_PAGE_SIZE?: string;
  BACKSTOP_AT?: string;
  VERIFY_WITHIN_DAYS?: string;
  MAX_NEW_PLACEMENTS?: string;
  /** A secret: see alert-send.ts, also for the one of each location. */
  ALERT_WEBHOOK_URL?: string;
  /** Where the dashboard is, for the links in alerts. */
  DASHBOARD_URL?: string;
  ALERT_DRIFT_OVER?: string;
  ALERT_QUIET_HOURS?: string;
}

/** The outside world. It is handed in at the entry, so that everything inside is deterministic. */
export interface World {
  /** Epoch ms. */
  now(): number;
  /** 0 <= n < 1. */
  random(): number;
  newId(): string;
  wait(ms: number): Promise<void>;
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** Makes a vendor call once the invocation has a free connection; absent = at once. */
  connect?<T>(call: () => Promise<T>): Promise<T>;
  /** A signal that aborts after this many ms. */
  deadline(ms: number): AbortSignal;
  /** Writes one log line. */
  write: WriteLine;
}

/** The real world of a worker. */
export const REAL_WORLD: World = {
  now: () => Date.now(),
  random: () => Math.random(),
  newId: () => crypto.randomUUID(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  fetch: (url, init) => fetch(url, init),
  deadline: (ms) => AbortSignal.timeout(ms),
  write: toConsole,
};
