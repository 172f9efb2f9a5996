// Dead letters as text for the terminal: a table, and what each reason means.

import { ageOf, harmless, table } from '../command/text.ts';
import type { Letter } from './api.ts';
import type { Selection } from './select.ts';

/** The location is shown where there are several. */
export function letterTable(letters: Letter[], now: number, width?: number): string {
  const several = new Set(letters.map(({ location_id }) => location_id)).size > 1;
  const rows = letters.map(({ id, status, dead_at, reason, location_id, contact_id, error }) => {
    const where = several ? [location_id ?? '-', contact_id ?? '-'] : [contact_id ?? '-'];
    return [id, status, ageOf(dead_at, now), reason, ...where, error];
  });
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

/** `1 letter`, `2 letters`. */
export function letters(count: number): string {
  return `${count} ${count === 1 ? 'letter' : 'letters'}`;
}
