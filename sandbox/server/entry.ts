// Reads what a person posts to the control API, and says clearly what is wrong with it.

import type { FaultRule, RateLimit } from '../faults.ts';
import { BLANK_CONTACT, type ContactPatch } from '../gohighlevel/contact.ts';
import type { GoHighLevelSettings } from '../gohighlevel/settings.ts';

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

/** Fields of a contact, each of the type that GoHighLevel stores. */
export function contactFields(entry: Entry, also: readonly string[] = []): ContactPatch {
  for (const [name, value] of Object.entries(entry)) {
    if (also.includes(name)) continue;
    if (!Object.hasOwn(BLANK_CONTACT, name)) {
      throw new BadEntry(
        `a contact has no field "${name}"; it has ${[...Object.keys(BLANK_CONTACT), ...also].join(', ')}`,
      );
    }
    const example: unknown = BLANK_CONTACT[name as keyof typeof BLANK_CONTACT];
    if (!sameType(value, example)) throw new BadEntry(`"${name}" must be ${typeName(example)}`);
  }
  if (Array.isArray(entry.tags) && entry.tags.some((tag) => typeof tag !== 'string'))
    throw new BadEntry('"tags" must be texts');
  return Object.fromEntries(Object.entries(entry).filter(([name]) => !also.includes(name)));
}

function sameType(value: unknown, example: unknown): boolean {
  if (example === null) return value === null || typeof value === 'string';
  return value !== null && typeof value === typeof example && Array.isArray(value) === Array.isArray(example);
}

function typeName(example: unknown): string {
  if (example === null) return 'a text or null';
  if (Array.isArray(example)) return 'a list';
  return { string: 'a text', boolean: 'true or false' }[typeof example as string] ?? 'an object';
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

/** Settings of GoHighLevel that a person may change while it runs. */
export function ghlSettings({ readLagMs, ...others }: Entry): Pick<GoHighLevelSettings, 'readLagMs'> {
  const [other] = Object.keys(others);
  if (other !== undefined) throw new BadEntry(`"${other}" cannot be set here; "readLagMs" can`);
  const { min, max } = (readLagMs ?? {}) as { min?: unknown; max?: unknown };
  if (isCount(readLagMs)) return { readLagMs };
  if (isCount(min) && isCount(max) && min <= max) return { readLagMs: { min, max } };
  throw new BadEntry('"readLagMs" must be milliseconds, or a range such as {"min": 0, "max": 10000}');
}

function faultRule(value: unknown): FaultRule {
  const {
    match,
    times,
    record,
    do: fault,
  } = (value ?? {}) as { match?: unknown; times?: unknown; record?: unknown; do?: Record<string, unknown> };
  const kind = String(fault?.kind);
  if (!KINDS.includes(kind)) throw new BadEntry(`"do.kind" must be one of ${KINDS.join(', ')}`);
  const number = NUMBERS[kind];
  if (number && !isCount(fault?.[number])) throw new BadEntry(`"do.${number}" must be a number`);
  if (times !== undefined && !isCount(times)) throw new BadEntry('"times" must be a number');
  if (record !== undefined && typeof record !== 'string')
    throw new BadEntry('"record" must be a text: an id, or a phone');
  const { method, path } = (match ?? {}) as Record<string, unknown>;
  for (const text of [method, path]) {
    if (text !== undefined && typeof text !== 'string')
      throw new BadEntry('"match.method" and "match.path" (a prefix) must be texts');
  }
  return value as FaultRule;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

function isRateLimit(value: unknown): value is RateLimit {
  const { max, intervalMs } = value as Partial<RateLimit>;
  return isCount(max) && isCount(intervalMs);
}
