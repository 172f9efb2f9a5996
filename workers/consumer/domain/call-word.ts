// What a CallTools contact shows of its calls: enough to see whether there was another one.

import { sha256Hex } from '../../../shared/hash.ts';

/** What a contact shows of its calls. */
export interface CallWord {
  /** All of it, in one spelling; empty where it shows nothing. */
  text: string;
  /** Epoch ms of the latest call; null where no time can be read. */
  latestAt: number | null;
  /** It has a disposition without a time, or a time that cannot be read. */
  undated: boolean;
}

/** Fields that change with a call, or with what an agent notes of it (docs/vendors.md, CallTools: contact fields; CallTools: calls). */
const CALL_FIELD = /disposition|^last_(call|sms_received)|^calls_|^consecutive_no_contact$/;
const EMPTY: readonly unknown[] = [null, undefined, '', 0, false];
/** Reads what a contact shows of its calls. */
export function callWord(row: Readonly<Record<string, unknown>>): CallWord {
  const told = Object.entries(row)
    .filter(([name, value]) => CALL_FIELD.test(name) && !EMPTY.includes(value))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const times = told.map(([name, value]) => ({ dated: name.startsWith('last_'), at: epochOf(value) }));
  const known = times.flatMap(({ at }) => at ?? []);
  const unreadable = times.some(({ dated, at }) => dated && at === null);
  const disposition = told.some(([name]) => name.includes('disposition'));
  return {
    text: told.length === 0 ? '' : JSON.stringify(told.map(([name, value]) => [name, epochOf(value) ?? value])),
    latestAt: known.length > 0 ? Math.max(...known) : null,
    undated: unreadable || (disposition && known.length === 0),
  };
}

/** What a contact shows that was never called. */
export const NO_CALLS: CallWord = callWord({});

/** `YYYY-MM-DD HH:MM:SS` or ISO 8601; UTC where no zone is given (docs/vendors.md, CallTools: dates). Null for anything else. */
export function epochOf(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d:?\d\d)?$/i.exec(value.trim());
  const at = parts ? Date.parse(`${parts[1]}T${parts[2]}${(parts[3] ?? 'Z').toUpperCase()}`) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

/** The hash of what a contact shows of its calls. */
export function wordHash({ text }: CallWord): Promise<string> {
  return sha256Hex(text);
}
