// Reads what a person posts to the control API, and says clearly what is wrong with it.

import type { FaultRule, RateLimit } from '../faults.ts';

/** What a person sent cannot be used; the message says why. */
export class BadEntry extends Error {}

/** A request’s JSON object. */
export type Entry = Record<string, unknown>;

/** Reads it. Throws BadEntry. */
export async function readEntry(request: Request): Promise<Entry> {
  const text = await request.text();
  try {
    const entry: unknown = JSON.parse(text);
    if (typeof entry === 'object' && entry !== null && !Array.isArray(entry)) return entry as Entry;
  } catch (error) {
    throw new BadEntry(`the body is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
  throw new BadEntry('the body must be a JSON object');
}

const KINDS = [
  'status',
  'latency',
  'hang',
  'reset',
  'after-reset',
  'throttle',
  'html500',
  'login-redirect',
  'not-json',
  'nonsense',
];
const NUMBERS: Record<string, string> = { status: 'status', latency: 'ms', throttle: 'seconds' };

/** A fault plan: one rule (with `do`), or any of `rules`, `latency` and `rateLimit`. */
export function faultPlan(entry: Entry): { rules: FaultRule[]; latency?: number; rateLimit?: RateLimit | null } {
  const { rules = 'do' in entry ? [entry] : [], latency, rateLimit } = entry;
  if (!Array.isArray(rules)) throw new BadEntry('"rules" must be a list');
  if (latency !== undefined && !isCount(latency)) throw new BadEntry('"latency" must be milliseconds');
  if (rateLimit !== undefined && rateLimit !== null && !isRateLimit(rateLimit)) {
    throw new BadEntry('"rateLimit" must be {"max": calls, "intervalMs": milliseconds} or null');
  }
  const plan = {
    rules: rules.map(faultRule),
    ...(latency !== undefined && { latency }),
    ...(rateLimit !== undefined && { rateLimit }),
  };
  if (rules.length === 0 && latency === undefined && rateLimit === undefined) {
    throw new BadEntry(
      `give a rule such as {"match": {"path": "/"}, "times": 3, "do": {"kind": "html500"}}, or "latency", or "rateLimit"`,
    );
  }
  return plan;
}

function faultRule(value: unknown): FaultRule {
  const {
    match,
    times,
    record,
    field,
    do: fault,
  } = (value ?? {}) as {
    match?: unknown;
    times?: unknown;
    record?: unknown;
    field?: unknown;
    do?: Record<string, unknown>;
  };
  const kind = String(fault?.kind);
  if (!KINDS.includes(kind)) throw new BadEntry(`"do.kind" must be one of ${KINDS.join(', ')}`);
  const number = NUMBERS[kind];
  if (number && !isCount(fault?.[number])) throw new BadEntry(`"do.${number}" must be a number`);
  if (times !== undefined && !isCount(times)) throw new BadEntry('"times" must be a number');
  if (record !== undefined && typeof record !== 'string')
    throw new BadEntry('"record" must be a text: an id, or a phone');
  if (field !== undefined && typeof field !== 'string')
    throw new BadEntry('"field" must be a text: the name of a field of the body');
  const { method, path } = (match ?? {}) as Record<string, unknown>;
  for (const text of [method, path]) {
    if (text !== undefined && typeof text !== 'string')
      throw new BadEntry('"match.method" and "match.path" (a prefix) must be texts');
  }
  return value as FaultRule;
}

/** A number that may count something. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

function isRateLimit(value: unknown): value is RateLimit {
  const { max, intervalMs } = value as Partial<RateLimit>;
  return isCount(max) && isCount(intervalMs);
}
