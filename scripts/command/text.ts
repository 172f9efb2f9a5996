// Text for the terminal: tables, ages, and foreign text made safe to show.

const GAP = '  ';
/** A column of sentences is not made narrower than this. */
const NARROWEST = 16;

/**
 * Rows under a heading, columns as wide as they need. Where that is wider than `width` characters, the widest columns are wrapped between
 * words. Where that does not suffice, each row becomes a block with a line for each column: nothing is ever cut off. `paint` may colour a
 * cell; row 0 is the heading.
 */
export function table(
  heading: string[],
  rows: string[][],
  width = Number.POSITIVE_INFINITY,
  paint: (text: string, row: number, column: number) => string = (text) => text,
): string {
  const lines = [heading, ...rows].map((cells) => cells.map(harmless));
  const widths = widthsWithin(lines, width);
  return widths === null
    ? blocks(lines, width, paint)
    : lines.map((cells, row) => lined(cells, widths, (text, column) => paint(text, row, column))).join('\n');
}

/** The width of each column; null where they do not fit. */
function widthsWithin(lines: string[][], width: number): number[] | null {
  const columns = lines[0]?.map((_, column) => lines.map((cells) => cells[column] ?? '')) ?? [];
  const widths = columns.map((cells) => Math.max(...cells.map(({ length }) => length)));
  const least = columns.map((cells, column) => {
    const longestWord = Math.max(...cells.flatMap((cell) => cell.split(' ').map(({ length }) => length)));
    return Math.min(widths[column] ?? 0, Math.max(longestWord, NARROWEST));
  });
  for (let over = widths.reduce((sum, one) => sum + one + GAP.length, -GAP.length) - width; over > 0; over--) {
    const [widest] = widths
      .map((one, column) => ({ one, column, canShrink: one > (least[column] ?? 0) }))
      .filter(({ canShrink }) => canShrink)
      .sort((a, b) => b.one - a.one);
    if (widest === undefined) return null;
    widths[widest.column] = widest.one - 1;
  }
  return widths;
}

/** One row, of as many lines as its highest cell. */
function lined(texts: string[], widths: number[], paint: (text: string, column: number) => string): string {
  const cells = texts.map((text, column) => wrap(text, widths[column] ?? 0));
  const height = Math.max(...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, n) => {
    const last = cells.findLastIndex((lines) => (lines[n] ?? '') !== '');
    return cells
      .slice(0, last + 1)
      .map((lines, column) => paint((lines[n] ?? '').padEnd(column === last ? 0 : (widths[column] ?? 0)), column))
      .join(GAP);
  }).join('\n');
}

/** As psql's expanded display has it. */
function blocks(
  [heading = [], ...rows]: string[][],
  width: number,
  paint: (text: string, row: number, column: number) => string,
): string {
  const indent = Math.max(...heading.map(({ length }) => length)) + GAP.length;
  const block = (cells: string[], row: number) =>
    cells.flatMap((cell, column) =>
      cell.trim() === ''
        ? []
        : wrap(cell, Math.max(1, width - indent)).map(
            (line, n) =>
              paint(((n === 0 ? heading[column] : '') ?? '').padEnd(indent), 0, column) + paint(line, row + 1, column),
          ),
    );
  return rows.map((cells, row) => block(cells, row).join('\n')).join('\n\n');
}

/** The text in lines of at most `width` characters, broken between words, and within a word that is longer than a line. */
export function wrap(text: string, width: number): string[] {
  if (text.length <= width) return [text];
  const lines = [''];
  for (const word of text.split(' ').flatMap((one) => pieces(one, width))) {
    const line = lines.at(-1) ?? '';
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function pieces(word: string, width: number): string[] {
  if (word.length <= width) return [word];
  return Array.from({ length: Math.ceil(word.length / width) }, (_, n) => word.slice(n * width, (n + 1) * width));
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

/** Without line breaks and control characters: a vendor's text must not steer the terminal. */
export function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ');
}
