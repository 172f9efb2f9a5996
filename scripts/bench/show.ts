// The bench's tables: one a section, plain enough to be pasted into a note.

import { type Figure, isMet, ratioOf, type Target, type Unit } from './measure/figure.ts';

const HEAD = ['', 'what', 'measured', 'floor, or compared with', 'ratio', 'target'];
const GAP = '  ';

/** A table of these figures, each of one section; notes stand below it. */
export function sectionTable(figures: readonly Figure[]): string {
  const rows = figures.map(cells);
  const widths = HEAD.map((head, column) => Math.max(...[head, ...rows.map((row) => row[column] ?? '')].map(length)));
  const line = (row: string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd();
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length));
  const notes = figures.flatMap(({ what, note }) => (note ? [`  ${what}: ${note}`] : []));
  return [line(HEAD), rule, ...rows.map(line), ...notes].join('\n');
}

const length = (text: string) => text.length;

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
