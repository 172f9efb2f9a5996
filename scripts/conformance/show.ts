// What the conformance test says at the terminal.

import { colour } from '../command/terminal.ts';
import { wrap } from '../command/text.ts';
import { type Assumption, NOTHING } from './assumption.ts';
import { needsAction, type Report, type SandboxReport } from './report.ts';
import type { Finding } from './run.ts';
import { TEST_NAME } from './test-name.ts';

const MARKS = { holds: 'holds', 'does not hold': 'DOES NOT HOLD', 'not tried': 'not tried' } as const;
const STYLES = { holds: 'green', 'does not hold': 'red', 'not tried': 'dim' } as const;
const INDENT = '    ';
const WIDTH = 100;

/** Before it is tried. */
export function beginning({ id, assumes }: Assumption, number: number, of: number, width = WIDTH): string {
  return `\n[${number}/${of}] ${id}\n${indented(assumes, width)}`;
}

/** After it. */
export function found({ result, seen, todo }: Finding, width = WIDTH): string {
  const [first = '', ...more] = indented(`${MARKS[result]}: ${seen}`, width).split('\n');
  const marked = first.replace(MARKS[result], colour(STYLES[result], MARKS[result]));
  return [marked, ...more, ...(todo === null || todo === NOTHING ? [] : [indented(`→ ${todo}`, width)])].join('\n');
}

/** The end of a run on accounts. */
export function summary({ findings, counts, stays, by_hand, interrupted }: Report, width = WIDTH): string {
  const wrong = findings.filter(needsAction);
  const lines = [
    ...(interrupted ? ['\nStopped before the end. Run it again at any time: it begins anew.'] : []),
    `\n${counts.holds} hold, ${counts.does_not_hold} do not hold, ${counts.not_tried} could not be tried.`,
    ...section(
      'What follows',
      wrong.map(({ id, todo }) => `${id}: ${todo}`),
      width,
    ),
    ...section(
      'What to look for by hand, which no call can try',
      (interrupted ? [] : by_hand).map((one) => `${one.section}. ${one.look}`),
      width,
    ),
    stays.length === 0
      ? '\nNothing of the test stays in either system.'
      : `\nThis could not be removed: ${stays.join(', ')}. Look for "${TEST_NAME.whole}", and remove it by hand.`,
  ];
  return lines.join('\n');
}

/** Each answer of the sandbox on a line of its own. */
export function rehearsed(report: SandboxReport, width = WIDTH): string {
  const ids = [...new Set(report.rehearsals.map(({ id }) => id))];
  const blocks = ids.map((id) => {
    const own = report.rehearsals.filter((one) => one.id === id);
    const lines = own.map(({ answer, result, as_planned, seen, todo }) => {
      const wrong = as_planned ? '' : 'NOT AS PLANNED, ';
      return indented(`- ${answer} (${wrong}${MARKS[result]}): ${seen}${todo === null ? '' : ` → ${todo}`}`, width);
    });
    return [id, indented(own[0]?.assumes ?? '', width), ...lines].join('\n');
  });
  const unplanned = report.rehearsals.filter(({ as_planned }) => !as_planned).length;
  const verdict =
    unplanned === 0
      ? 'Each came to the result that belongs to it.'
      : `${unplanned} did not come to the result that belongs to them.`;
  return `${blocks.join('\n\n')}\n\n${ids.length} assumptions, ${report.rehearsals.length} possible answers. ${verdict}`;
}

function section(title: string, entries: string[], width: number): string[] {
  return entries.length === 0 ? [] : [`\n${title}:`, ...entries.map((one) => indented(`- ${one}`, width))];
}

function indented(text: string, width: number): string {
  return wrap(text, Math.max(20, Math.min(width, WIDTH) - INDENT.length))
    .map((line) => `${INDENT}${line}`)
    .join('\n');
}
