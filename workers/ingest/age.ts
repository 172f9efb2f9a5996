// How old is a webhook? Compares its own `timestamp` with our clock.

/** A clock further ahead than this is wrong, or the webhook is forged. */
const MAX_AHEAD_MS = 60_000;

/** `at` is the webhook's own time, epoch ms. */
export type Age =
  | { kind: 'fresh'; at: number }
  | { kind: 'stale'; at: number; ageMs: number }
  | { kind: 'future'; at: number; aheadMs: number }
  | { kind: 'unknown' };

/** Judges a timestamp as sent. All times in ms. */
export function ageOf(timestamp: unknown, now: number, maxAgeMs: number): Age {
  const at = readTimestamp(timestamp);
  if (at === null) return { kind: 'unknown' };
  if (now - at > maxAgeMs) return { kind: 'stale', at, ageMs: now - at };
  if (at - now > MAX_AHEAD_MS) return { kind: 'future', at, aheadMs: at - now };
  return { kind: 'fresh', at };
}

/** Epoch ms from epoch ms, epoch seconds (10 digits) or ISO 8601 (UTC where it names no zone); null for anything else. */
export function readTimestamp(value: unknown): number | null {
  if (typeof value === 'number') return fromEpoch(value);
  if (typeof value !== 'string') return null;
  const text = value.trim();
  return /^\d{10,15}$/.test(text) ? fromEpoch(Number(text)) : fromIso(text);
}

function fromEpoch(value: number): number | null {
  const ms = value >= 1e9 && value < 1e10 ? value * 1000 : value;
  return Number.isNaN(new Date(ms).getTime()) ? null : Math.trunc(ms) || 0; // never -0, which JSON does not keep
}

const ISO = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?$/i;

/** As GoHighLevel writes it: nothing needs to be put together. */
const USUAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/;

function fromIso(text: string): number | null {
  if (USUAL.test(text)) return numberOrNull(Date.parse(text));
  const [, date, time, zone = 'Z'] = ISO.exec(text) ?? [];
  const ms = Date.parse(`${date}T${time}${zone.toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')}`);
  return numberOrNull(ms);
}

function numberOrNull(ms: number): number | null {
  return Number.isNaN(ms) ? null : ms;
}
