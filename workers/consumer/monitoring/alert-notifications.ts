// What of the standing conditions is worth a message now: each is told once, again when there is news, and when it is over. Pure.

import { spanOf } from '../../../shared/time.ts';
import { CONDITIONS, type Condition } from '../domain/explanations.ts';
import type { AlertRow } from '../store/alerts.ts';
import type { Finding } from './alert-rules.ts';

/** Between two messages that something stands: what flaps tells of itself four times an hour at most, and is over as often. */
const GAP_MS = 15 * 60_000;
/** What stands is told of again after this. */
const REMIND_MS = 24 * 3_600_000;

/** One condition of one location (or of none, ''), and what has become of it. */
export interface Change {
  locationId: string;
  condition: Condition;
  /** As it is to be remembered where nothing is told, or the message does not get through. */
  row: Remembered;
  news: Notification | null;
}

/** `gone`: there is no more to remember. */
export type Remembered = AlertRow | 'unchanged' | 'gone';

export interface Notification {
  kind: 'raised' | 'again' | 'over';
  text: string;
  /** What is to be remembered once it has been told. */
  row: AlertRow;
}

/** The changes of one location, given what stands now and what was remembered of it. */
export function changesOf(locationId: string, findings: Finding[], rows: AlertRow[], now: number): Change[] {
  const known = new Map(rows.filter((row) => row.locationId === locationId).map((row) => [row.condition, row]));
  const found = new Map(findings.map((finding) => [finding.condition, finding]));
  return [...new Set([...found.keys(), ...known.keys()])].map((condition) =>
    changeOf({ locationId, condition }, found.get(condition), known.get(condition), now),
  );
}

function changeOf(
  key: { locationId: string; condition: Condition },
  finding: Finding | undefined,
  before: AlertRow | undefined,
  now: number,
): Change {
  const { told, sentAt, mark } = before ?? { told: false, sentAt: null, mark: '' };
  const standing = finding !== undefined;
  const since = before?.standing === standing ? before.since : now;
  const row: AlertRow = { ...key, standing, since, told, sentAt, mark };
  const remembered = before?.standing === standing ? 'unchanged' : row;
  const gap = sentAt === null || now - sentAt >= GAP_MS;
  if (!finding) {
    if (!told) return { ...key, row: gap ? 'gone' : remembered, news: null };
    const span = before?.standing ? ` (It stood for ${spanOf(now - before.since)}.)` : '';
    const news: Notification = {
      kind: 'over',
      text: `${over(key.condition)}${span}`,
      row: { ...row, told: false, sentAt: now },
    };
    return { ...key, row: remembered, news };
  }
  const reminder = sentAt !== null && now - sentAt >= REMIND_MS;
  if (!gap || (told && finding.mark === mark && !reminder)) return { ...key, row: remembered, news: null };
  const { what, todo } = CONDITIONS[key.condition];
  const text = finding.text ?? `${what} ${sentence(finding.seen)} ${todo}`;
  const news: Notification = {
    kind: told ? 'again' : 'raised',
    text,
    row: { ...row, told: true, sentAt: now, mark: finding.mark },
  };
  return { ...key, row: remembered, news };
}

/** What was seen may be a vendor's words, or ours: between two sentences it must read as one. */
function sentence(seen: string): string {
  return /[.!?]$/.test(seen) ? seen : `${seen}.`;
}

/** Also of a condition that only an earlier version knew. */
function over(condition: Condition): string {
  return CONDITIONS[condition]?.over ?? `${condition} is over.`;
}
