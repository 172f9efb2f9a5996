// What goes wrong, planned ahead: which calls to a vendor fail, how, and how often.

import { type CallFilter, matches } from './call-log.ts';

/** How a Retry-After header is written. */
export type RetryAfterForm = 'seconds' | 'date' | 'none';

/** What goes wrong with one call. */
export type Fault =
  | { kind: 'status'; status: number; body?: unknown; html?: boolean; headers?: Record<string, string> }
  /** Applies the request after `ms`, even when the caller has given up by then. */
  | { kind: 'latency'; ms: number }
  /** Never answers and never applies; ends when the caller gives up. */
  | { kind: 'hang' }
  /** The connection breaks before the request is applied. */
  | { kind: 'reset' }
  /** The connection breaks after the request was applied: the answer is lost. */
  | { kind: 'after-reset' }
  | { kind: 'throttle'; retryAfter?: RetryAfterForm; seconds: number }
  | { kind: 'html500' }
  | { kind: 'login-redirect' }
  /** 200 with an HTML page. */
  | { kind: 'not-json' }
  /** 200 with an error in it, before the request is applied. */
  | { kind: 'nonsense' };

/** Which calls a fault meets. */
export interface FaultRule {
  match?: Pick<CallFilter, 'method' | 'path'>;
  /** Meets only calls about this record: an id in the path or the query, or a phone number as it is searched for. */
  record?: string;
  /** Meets only calls whose body is a JSON object with this field: a vendor may refuse one part of what it takes otherwise. */
  field?: string;
  /** How many calls it meets; forever when absent. */
  times?: number;
  do: Fault;
}

/** At most `max` calls in a window of `intervalMs`. */
export interface RateLimit {
  max: number;
  intervalMs: number;
  retryAfter?: RetryAfterForm;
}

/** What is planned to go wrong. */
export interface Faults {
  /** Adds a rule. A call meets the first rule that matches it, in order of planning. */
  plan(rule: FaultRule): void;
  /** Ends all rules, the base latency and the rate limit. */
  clear(): void;
  /** Rules that are not used up. */
  rules(): readonly FaultRule[];
  /** The fault for this call, if any; uses up one of its `times`. */
  meet(call: { method: string; path: string; query?: string; text?: string }): Fault | undefined;
  /** Ms that every call takes. */
  latency: number;
  /** Limit on top of what the vendor has by itself; null for none. */
  rateLimit: RateLimit | null;
}

/** Nothing is planned yet. */
export function createFaults(): Faults {
  let rules: FaultRule[] = [];
  const faults: Faults = {
    latency: 0,
    rateLimit: null,
    rules: () => rules,
    plan(rule) {
      rules.push({ ...rule });
    },
    clear() {
      rules = [];
      faults.latency = 0;
      faults.rateLimit = null;
    },
    meet(call) {
      const rule = rules.find(
        ({ match, record, field, times = 1 }) =>
          times > 0 && matches(call, match) && isAbout(call, record) && (field === undefined || hasField(call, field)),
      );
      if (rule?.times !== undefined) rule.times -= 1;
      rules = rules.filter(({ times = 1 }) => times > 0);
      return rule?.do;
    },
  };
  return faults;
}

function isAbout({ path, query = '' }: { path: string; query?: string }, record: string | undefined): boolean {
  if (record === undefined) return true;
  return path.split('/').includes(record) || [...new URLSearchParams(query).values()].includes(record);
}

function hasField({ text = '' }: { text?: string }, field: string): boolean {
  if (!text.startsWith('{')) return false;
  try {
    return Object.hasOwn(JSON.parse(text), field);
  } catch {
    return false;
  }
}
