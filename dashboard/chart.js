// Bars by hour or day, each chart also as a table.

import { make, show } from './dom.js';
import { clock, day, number } from './words.js';

/** @import { Span } from '../shared/api/status.ts' */
/** @typedef {{ names: string[], label: string, colour: string }} Part counters that are added up */
/** @typedef {'outcomes' | 'hints' | 'calls'} Counted */
/** @typedef {{ spans: Span[], of: Counted, parts: Part[], columns?: Part[], days: boolean, title: string }} Chart `parts` are from the axis upwards; the table shows `columns` instead, where they are given */
/** @typedef {Chart & { counts: number[][], width: number }} Drawn */

/**
 * Fills `parent` with the chart, if it has changed.
 *
 * @param {HTMLElement} parent
 * @param {Chart} chart
 */
export function showChart(parent, chart) {
  const { spans, of, parts, columns = parts, days, title } = chart;
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const width = parent.clientWidth;
  const open = parent.querySelector('details')?.open === true;
  const counts = countsOf(chart, parts);
  const cells = countsOf(chart, columns);
  show(parent, { spans: spans.map(({ from }) => from), parts, columns, counts, cells, dark, width }, () => {
    const legend = parts.map(({ label, colour }, n) => {
      const total = counts.reduce((sum, row) => sum + (row[n] ?? 0), 0);
      const item = make('li', {}, `${label} ${number(total)}`);
      item.style.setProperty('--colour', `var(${colour})`);
      return item;
    });
    return [
      drawBars({ ...chart, counts, width }),
      make('ul', { className: 'legend' }, ...legend),
      make(
        'details',
        { open },
        make('summary', {}, `${title}: as a table`),
        drawTable({ spans, of, parts: columns, counts: cells, days, width, title }),
      ),
    ];
  });
}

/**
 * @param {Chart} chart
 * @param {Part[]} parts
 */
function countsOf({ spans, of }, parts) {
  return spans.map((span) => parts.map(({ names }) => names.reduce((sum, name) => sum + (span[of][name] ?? 0), 0)));
}

const HEIGHT_PX = 180;

/** Stacked bars: each series is drawn up to its own sum, the highest first. @param {Drawn} chart */
function drawBars({ spans, counts, parts, days, width, title }) {
  const colourOf = (/** @type {string} */ name) => getComputedStyle(document.documentElement).getPropertyValue(name);
  const holder = make('div', { role: 'img', 'aria-label': `${title}, as bars. The table below has the numbers.` });
  const sums = parts.map((_, n) => counts.map((row) => row.slice(0, n + 1).reduce((sum, count) => sum + count, 0)));
  const axis = { stroke: colourOf('--quiet'), grid: { stroke: colourOf('--line'), width: 1 }, ticks: { show: false } };
  const paths = uPlot.paths.bars?.({ size: [0.8, 40] });
  const label = labelOf(days);
  new uPlot(
    {
      width: Math.max(width, 200),
      height: HEIGHT_PX,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: [-0.6, spans.length - 0.4] },
        y: { range: (_, __, max) => [0, Math.max(max, 4)] },
      },
      series: [
        {},
        ...parts.toReversed().map(({ colour }) => ({
          fill: colourOf(colour),
          width: 0,
          points: { show: false },
          ...(paths && { paths }),
        })),
      ],
      axes: [
        {
          ...axis,
          values: (_, at) => at.map((n) => (spans[n] ? label(spans[n].from) : '')),
          incrs: [1, 2, 3, 4, 6, 8, 12],
          size: 28,
        },
        { ...axis, values: (_, at) => at.map((n) => (Number.isInteger(n) ? number(n) : '')), size: 56 },
      ],
    },
    [spans.map((_, n) => n), ...sums.toReversed()],
    holder,
  );
  return holder;
}

/** @param {Drawn} chart */
function drawTable({ spans, counts, parts, days, title }) {
  const label = labelOf(days);
  const head = [days ? 'Day (UTC)' : 'Hour from', ...parts.map((part) => part.label)];
  const rows = spans.map(({ from }, n) =>
    make(
      'tr',
      {},
      make('th', { scope: 'row' }, label(from)),
      ...(counts[n] ?? []).map((count) => make('td', {}, number(count))),
    ),
  );
  const table = make(
    'table',
    {},
    make('thead', {}, make('tr', {}, ...head.map((name) => make('th', { scope: 'col' }, name)))),
    make('tbody', {}, ...rows.toReversed()),
  );
  return make('div', { className: 'scroll', tabIndex: 0, role: 'region', 'aria-label': title }, table);
}

/** @param {boolean} days */
function labelOf(days) {
  return days ? day : clock;
}
