// The bench's tables: one a section, plain enough to be pasted into a note.

import { table, wrap } from '../command/text.ts';
import { type Figure, isMet, ratioOf, type Target, type Unit } from './measure/figure.ts';

const HEAD = ['', 'what', 'measured', 'floor, or compared with', 'ratio', 'target'];

/** A table of these figures, each of one section; notes stand below it. */
export function sectionTable(figures: readonly Figure[], width?: number): string {
  const notes = figures.flatMap(({ what, note }) => (note ? [`${what}: ${note}`] : []));
  const indented = notes.flatMap((note) =>
    wrap(note, (width ?? Number.POSITIVE_INFINITY) - 2).map((line) => `  ${line}`),
  );
  return [table(HEAD, figures.map(cells), width), ...indented].join('\n');
}

function cells(figure: Figure): string[] {
  const { what, value, unit, floor, targets = [] } = figure;
  const ratio = ratioOf(figure);
  const met = isMet(figure);
  return [
    met === null ? ' ' : met ? '✓' : '✗',
    what,
    quantity(value, unit),
    floor ? `${quantity(floor.value, unit)} (${floor.what})` : '',
    ratio === null ? '' : ratio.toFixed(2),
    targets.map((target) => targetText(target, unit)).join(', '),
  ];
}

function targetText({ kind, limit }: Target, unit: Unit): string {
  switch (kind) {
    case 'ratio-at-least':
      return `≥ ${limit}`;
    case 'ratio-at-most':
      return `≤ ${limit}`;
    case 'floor-plus':
      return limit === 0 ? 'equal' : `≤ floor + ${quantity(limit, unit)}`;
    case 'at-most':
      return `≤ ${quantity(limit, unit)}`;
  }
}

/** Three digits that count. */
export function quantity(value: number, unit: Unit): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  const text = value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === '$' ? `$${text}` : unit === '' ? text : `${text} ${unit}`;
}
