// Text for the terminal: tables, ages, and what each reason means.

import type { Letter } from './api.ts';
import type { Selection } from './select.ts';

/** Rows under a heading, columns as wide as they need; each line cut at `width` characters where one is given. */
export function table(heading: string[], rows: string[][], width?: number): string {
  const lines = [heading, ...rows].map((cells) => cells.map(harmless));
  const widths = heading.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => (width !== undefined && line.length > width ? `${line.slice(0, width - 1)}…` : line))
    .join('\n');
}

/** The location is shown where there are several. */
export function letterTable(letters: Letter[], now: number, width?: number): string {
  const several = new Set(letters.map(({ location_id }) => location_id)).size > 1;
  const rows = letters.map(({ id, status, dead_at, reason, location_id, contact_id, error }) => [
    ...[id, status, ageOf(dead_at, now), reason],
    ...(several ? [location_id ?? '-'] : []),
    ...[contact_id ?? '-', error],
  ]);
  const where = several ? ['LOCATION', 'CONTACT'] : ['CONTACT'];
  return table(['ID', 'STATUS', 'DEAD FOR', 'REASON', ...where, 'ERROR'], rows, width);
}

/** A table of the reasons, and what to do about each. */
export function groups(selection: Selection, now: number): string {
  const rows = selection.byReason.map(({ reason, count, oldest_dead_at }) => [
    String(count),
    reason,
    ageOf(oldest_dead_at, now),
  ]);
  return `${table(['COUNT', 'REASON', 'OLDEST'], rows)}\n\n${letters(selection.letters.length)}\n\n${summary(selection, now)}`;
}

/** How many for each reason, and what to do about it. */
export function summary({ byReason }: Selection, now: number): string {
  return byReason
    .map(
      ({ reason, count, oldest_dead_at, what, what_to_do }) =>
        `${count} × ${harmless(reason)} (oldest: ${ageOf(oldest_dead_at, now)})\n    ${harmless(what)}\n    ${harmless(what_to_do)}`,
    )
    .join('\n');
}

const UNITS: [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
];

/** `3h`, `5d`: from an ISO time to `now`, epoch ms. */
export function ageOf(time: string, now: number): string {
  const ms = Math.max(0, now - Date.parse(time));
  const [unit, size] = UNITS.find(([, length]) => ms >= length) ?? ['s', 1_000];
  return `${Math.floor(ms / size)}${unit}`;
}

/** `1 letter`, `2 letters`. */
export function letters(count: number): string {
  return `${count} ${count === 1 ? 'letter' : 'letters'}`;
}

/** Vendors' texts reach the terminal: without line breaks and control characters. */
export function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ');
}
