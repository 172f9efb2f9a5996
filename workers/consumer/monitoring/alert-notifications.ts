// Which conditions are worth a message now: each is notified once, repeated when it has changed, and notified when it is resolved. Pure.

import { HOUR_MS, MINUTE_MS, spanOf } from '../../../shared/time.ts';
import { CONDITIONS, type Condition } from '../domain/checks.ts';
import type { AlertRow } from '../store/alerts.ts';
import type { Finding } from './alert-rules.ts';

/** Least time between two messages about a condition that comes and goes: four an hour at most. */
const GAP_MS = 15 * MINUTE_MS;
/** A condition that still stands is repeated after this. */
const REMIND_MS = 24 * HOUR_MS;

/** How one condition of one location ('' = of none) has changed. */
export interface Change {
  locationId: string;
  condition: Condition;
  /** What to save where nothing is sent, or sending fails. */
  row: Saved;
  notification: Notification | null;
}

/** `gone`: the row is to be deleted. */
export type Saved = AlertRow | 'unchanged' | 'gone';

/** A message about one alert. `repeat`: it was sent before, and the alert still stands. */
export interface Notification {
  kind: 'firing' | 'repeat' | 'resolved';
  text: string;
  /** What to save once it has been sent. */
  row: AlertRow;
}

/** The changes of one location: what stands now (`findings`), against what was saved (`rows`). */
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
  const { notified, sentAt, fingerprint } = before ?? { notified: false, sentAt: null, fingerprint: '' };
  const standing = finding !== undefined;
  const since = before?.standing === standing ? before.since : now;
  const row: AlertRow = { ...key, standing, since, notified, sentAt, fingerprint };
  const saved = before?.standing === standing ? 'unchanged' : row;
  const gap = sentAt === null || now - sentAt >= GAP_MS;
  if (!finding) {
    if (!notified) return { ...key, row: gap ? 'gone' : saved, notification: null };
    const span = before?.standing ? ` (It stood for ${spanOf(now - before.since)}.)` : '';
    const notification: Notification = {
      kind: 'resolved',
      text: `${resolved(key.condition)}${span}`,
      row: { ...row, notified: false, sentAt: now },
    };
    return { ...key, row: saved, notification };
  }
  const reminder = sentAt !== null && now - sentAt >= REMIND_MS;
  if (!gap || (notified && finding.fingerprint === fingerprint && !reminder))
    return { ...key, row: saved, notification: null };
  const { what, todo } = CONDITIONS[key.condition];
  const text = finding.text ?? `${what} ${sentence(finding.seen)} ${todo}`;
  const notification: Notification = {
    kind: notified ? 'repeat' : 'firing',
    text,
    row: { ...row, notified: true, sentAt: now, fingerprint: finding.fingerprint },
  };
  return { ...key, row: saved, notification };
}

/** What was seen may be a vendor's words. Between two sentences it must end like one. */
function sentence(seen: string): string {
  return /[.!?]$/.test(seen) ? seen : `${seen}.`;
}

/** A row may name a condition that this version does not know. */
function resolved(condition: Condition): string {
  return CONDITIONS[condition]?.resolved ?? `${condition} is over.`;
}
