// A large account's first day, told as a table: how long it takes against the least that the vendors' limits allow.

import type { Output } from '../../../scripts/command/output.ts';
import { lineWidth, startProgress } from '../../../scripts/command/terminal.ts';
import { table as tableOf } from '../../../scripts/command/text.ts';
import { type Drained, type ImportKind, runImport } from '../import.ts';

interface Options {
  /** Of the file. */
  rows: number;
  /** Calls in 10 s; undefined for none. */
  calltoolsLimit?: number;
}

interface Column {
  title: string;
  contacts: number;
  drained: Drained;
}

/** Runs both imports and prints what became of them; false where a promise was broken. */
export async function runImports(leads: number, { rows, calltoolsLimit }: Options, out: Output): Promise<boolean> {
  const callToolsLimit =
    calltoolsLimit === undefined ? null : { max: calltoolsLimit, intervalMs: 10_000, retryAfter: 'seconds' as const };
  const column = async (kind: ImportKind, contacts: number, title: string): Promise<Column> => {
    const progress = startProgress(title, contacts);
    const drained = await runImport({ kind, contacts, callToolsLimit, onProgress: progress.update }).finally(
      progress.end,
    );
    return { title, contacts, drained };
  };
  const columns = [
    await column('first-run', leads, `First run, ${number(leads)} leads`),
    await column('file', rows, `File of ${number(rows)} rows`),
  ];
  const broken = columns.flatMap(({ title, contacts, drained }) => brokenBy(title, contacts, drained));
  out.result({ ok: broken.length === 0, imports: columns, broken }, () =>
    [table(columns), '', ...(broken.length === 0 ? ['Every promise held.'] : broken)].join('\n'),
  );
  return broken.length === 0;
}

const LINES: [string, (drained: Drained) => string][] = [
  ['placed', ({ placed }) => number(placed)],
  ['webhooks within a minute', ({ webhooks }) => number(webhooks)],
  ['time to drain', ({ seconds }) => minutes(seconds / 60)],
  ['└ least at the pace that is kept', ({ seconds, leastSeconds }) => against(seconds, leastSeconds)],
  ['└ least at the vendors’ limits', ({ seconds, leastAtLimitSeconds }) => against(seconds, leastAtLimitSeconds)],
  ['calls to GoHighLevel, most in 10 s', ({ gohighlevel: { count, densest } }) => `${number(count)}, ${densest}`],
  ['calls to CallTools, most in 10 s', ({ calltools: { count, densest } }) => `${number(count)}, ${densest}`],
  ['answers 429 of either', ({ gohighlevel, calltools }) => `${gohighlevel.throttled}, ${calltools.throttled}`],
  ['attempts used', ({ attempts }) => number(attempts)],
  ['put off for a pace, for another batch', ({ waits, busy }) => `${number(waits)}, ${number(busy)}`],
  ['dead letters', ({ deadLetters }) => number(deadLetters)],
  ['most messages waiting', ({ mostWaiting }) => number(mostWaiting)],
  ...[0, 1, 2].map((look): [string, (drained: Drained) => string] => [
    `left, as told at ${['10', '50', '90'][look]} % and in truth`,
    ({ estimates }) => told(estimates[look]),
  ]),
];

function told(estimate: Drained['estimates'][number] | undefined): string {
  if (!estimate) return '';
  const { saidMinutes, minutesAtMost, tookMinutes } = estimate;
  const bound = minutesAtMost === null ? 'not yet' : `${minutesAtMost} min at most`;
  const said = saidMinutes === null ? bound : minutes(saidMinutes);
  return `${said}, ${minutes(tookMinutes)}`;
}

function table(columns: Column[]): string {
  const rows = LINES.map(([name, cell]) => [name, ...columns.map(({ drained }) => cell(drained))]);
  return tableOf(['', ...columns.map(({ title }) => title)], rows, lineWidth());
}

function brokenBy(title: string, contacts: number, drained: Drained): string[] {
  const { placed, deadLetters, attempts, givenUp, gohighlevel, violations } = drained;
  const wrong = [
    placed !== contacts && `${number(contacts - placed)} contacts were not placed`,
    deadLetters > 0 && `${deadLetters} dead letters`,
    attempts > 0 && `${attempts} attempts were used`,
    givenUp > 0 && `the queue gave up ${givenUp} messages`,
    (gohighlevel.densest > 100 || gohighlevel.throttled > 0) && 'GoHighLevel’s limit was not kept',
    ...violations.map(({ promise, detail }) => `${promise}: ${detail}`),
  ];
  return wrong.flatMap((what) => (what ? [`${title}: ${what}`] : []));
}

function against(seconds: number, least: number): string {
  return `${minutes(least / 60)}, ratio ${(seconds / least).toFixed(2)}`;
}

function minutes(count: number): string {
  return `${count.toFixed(1)} min`;
}

function number(count: number): string {
  return count.toLocaleString('en-US');
}
