// Text for the terminal: tables, ages, and foreign text made safe to show.

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
