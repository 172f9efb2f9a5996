// The demo's table: a row for each scenario, as wide as the terminal, with colours if it shows them.

import { colour } from '../command/terminal.ts';
import { table as tableOf } from '../command/text.ts';
import type { Row } from './run.ts';

const HEAD = ['', 'Scenario', 'What was sent', 'Answer', 'What happened', 'Time'];
/** Where the output is no terminal. */
const WIDTH = 110;

/** The rows as lines of `width` characters at most. */
export function table(rows: Row[], width = WIDTH): string {
  return tableOf(HEAD, rows.map(cells), width, (text, row, column) => colour(styleOf(rows[row - 1], column), text));
}

function cells({ ok, name, sent, answer, happened, ms }: Row): string[] {
  const time = ms === null ? '–' : `${(ms / 1000).toFixed(1)} s`;
  return [ok ? '✓' : '✗', name, sent, answer, happened, time];
}

/** Undefined: the heading. */
function styleOf(row: Row | undefined, column: number) {
  if (row === undefined) return 'bold';
  if (column === 0 || !row.ok) return row.ok ? 'green' : 'red';
  return column === 2 || column === 3 ? 'dim' : null;
}
