// The table: columns of fixed width, wrapped words, colours if the terminal shows them.

import { styleText } from 'node:util';
import type { Row } from './run.ts';

type Style = Parameters<typeof styleText>[0];

/** Narrow enough for a terminal of 100 columns; a wider one gives more room to what happened. */
const WIDTH = { mark: 1, name: 19, sent: 24, answer: 13, happened: 26, time: 6 };
const GAP = '  ';
const MIN_WIDTH = 100;
const MAX_WIDTH = 130;

/** The rows as lines, 100 to 130 characters wide. `columns`: the width of the terminal. */
export function table(rows: Row[], columns = 110): string {
  const width = Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, columns - 1));
  const widths = [WIDTH.mark, WIDTH.name, WIDTH.sent, WIDTH.answer, WIDTH.happened + width - MIN_WIDTH, WIDTH.time];
  const head = line(['', 'Scenario', 'What was sent', 'Answer', 'What happened', 'Time'], widths, () => 'bold');
  const rule = styleText('dim', '─'.repeat(width - 1));
  return [head, rule, ...rows.map((row) => line(cells(row), widths, (column) => styleOf(row, column)))].join('\n');
}

function cells({ ok, name, sent, answer, happened, ms }: Row): string[] {
  const time = ms === null ? '–' : `${(ms / 1000).toFixed(1)} s`;
  return [ok ? '✓' : '✗', name, sent, answer, happened, time];
}

function styleOf({ ok }: Row, column: number): Style | null {
  if (column === 0 || !ok) return ok ? 'green' : 'red';
  return column === 2 || column === 3 ? 'dim' : null;
}

/** One row, of as many lines as its highest cell. */
function line(texts: string[], widths: number[], style: (column: number) => Style | null): string {
  const wrapped = texts.map((text, column) => wrap(text, widths[column] ?? 0));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, n) => {
    const parts = wrapped.map((lines, column) => pad(lines[n] ?? '', widths[column] ?? 0, column === texts.length - 1));
    return parts
      .map((part, column) => colour(style(column), part))
      .join(GAP)
      .trimEnd();
  }).join('\n');
}

/** The text in this style, where the terminal shows styles. */
export function colour(style: Style | null, text: string): string {
  return style === null ? text : styleText(style, text);
}

function pad(text: string, width: number, toTheRight: boolean): string {
  return toTheRight ? text.padStart(width) : text.padEnd(width);
}

function wrap(text: string, width: number): string[] {
  const [first = '', ...words] = text.split(' ');
  const lines = [first];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
