// The ingest worker's bindings and settings, as wrangler.ingest.jsonc declares them, and the outside world it needs.

import type { D1Database, Queue } from '@cloudflare/workers-types';
import { toConsole, type WriteLine } from '../../shared/log.ts';
import type { Message } from '../../shared/messages.ts';

/** The bindings and settings of ingest. */
export interface Env {
  EVENTS: Pick<Queue<Message>, 'send'>;
  DEAD_LETTERS: Pick<Queue<Message>, 'send'>;
  DB: Pick<D1Database, 'prepare'>;
  /** The consumer worker: answers the operator routes. */
  CONSUMER: { fetch(request: Request): Promise<Response> };
  GHL_LOCATION_ID?: string;
  LOCATIONS?: unknown;
  GHL_APP_IDS?: string;
  GHL_WEBHOOK_SECRET?: string;
  GHL_WEBHOOK_SECRET_PREVIOUS?: string;
  GHL_ED25519_PUBLIC_KEYS?: string;
  GHL_RSA_PUBLIC_KEYS?: string;
  GHL_LEGACY_RSA?: string;
  GHL_WORKFLOW_TOKEN?: string;
  CALLTOOLS_WEBHOOK_TOKEN?: string;
  ADMIN_TOKEN?: string;
  VIEWER_TOKEN?: string;
  WEBHOOK_MAX_AGE_SECONDS?: string;
  ACK_BUDGET_MS?: string;
}

/** The outside world, handed in at the edge so that everything inside is deterministic. */
export interface World {
  /** Epoch ms. */
  now(): number;
  newId(): string;
  /** Calls `run` once after `ms`, unless the returned function was called before. */
  after(ms: number, run: () => void): () => void;
  /** Writes one log line. */
  write: WriteLine;
}

/** The real world of a worker. */
export const REAL_WORLD: World = {
  now: () => Date.now(),
  newId: () => crypto.randomUUID(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  write: toConsole,
};
