// Recent activity: bars by hour or day, each also as a table, and how long webhooks took.

import { byId, make, show } from './dom.js';
import { clock, day, number } from './words.js';

/** @import { History, Span } from '../shared/api.ts' */
/** @typedef {{ names: string[], label: string, colour: string }} Part */

/** From the axis upwards. @type {Part[]} */
const OUTCOMES = [
  { names: ['placed'], label: 'in the dialer', colour: '--c1' },
  { names: ['kept_out'], label: 'kept out', colour: '--c2' },
  { names: ['skipped'], label: 'nothing to do', colour: '--c3' },
  { names: ['retry', 'wait', 'busy'], label: 'tried again later', colour: '--c4' },
  { names: ['dead'], label: 'failed', colour: '--c5' },
];
/** @type {Part[]} */
const HINTS = [
  { names: ['webhook'], label: 'webhooks', colour: '--c1' },
  { names: ['workflow'], label: 'workflow actions', colour: '--c2' },
  { names: ['backstop'], label: 'nightly sync', colour: '--c3' },
  { names: ['replay', 'operator'], label: 'asked by an operator', colour: '--c4' },
  { names: ['followup', 'doctor', 'call'], label: 'our own checks, and calls that said no', colour: '--c5' },
];

/** @type {History | null} */
let last = null;

/** @param {History} history */
export function showActivity(history) {
  last = history;
  showLatency(history.latency);
  const days = /** @type {HTMLInputElement} */ (document.querySelector('input[name="span"]:checked')).value === 'days';
  const spans = days ? history.days : history.hours;
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const width = byId('outcomes').clientWidth;
  for (const [id, parts, of] of /** @type {const} */ ([
    ['outcomes', OUTCOMES, 'outcomes'],
    ['hints', HINTS, 'hints'],
  ])) {
    const counts = spans.map((span) =>
      parts.map(({ names }) => names.reduce((sum, name) => sum + (span[of][name] ?? 0), 0)),
    );
    const open = byId(id).querySelector('details')?.open === true;
    show(byId(id), { spans: spans.map(({ from }) => from), counts, dark, width }, () =>
      drawChart({ spans, counts, parts, days, width, open, title: `${byId(id).previousElementSibling?.textContent}` }),
    );
  }
}

/** Draws the charts again when the size, the span of time or the colour scheme changes. */
export function readyActivity() {
  const again = () => last && showActivity(last);
  for (const input of document.querySelectorAll('input[name="span"]')) input.addEventListener('change', again);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again);
  addEventListener('resize', again);
}

/** @typedef {{ spans: Span[], counts: number[][], parts: Part[], days: boolean, width: number, open: boolean, title: string }} Chart */

/** @param {Chart} chart */
function drawChart(chart) {
  const { parts, counts, open, title } = chart;
  const legend = parts.map(({ label, colour }, n) => {
    const total = counts.reduce((sum, row) => sum + (row[n] ?? 0), 0);
    const item = make('li', {}, `${label} ${number(total)}`);
    item.style.setProperty('--colour', `var(${colour})`);
    return item;
  });
  return [
    drawBars(chart),
    make('ul', { className: 'legend' }, ...legend),
    make('details', { open }, make('summary', {}, `${title}: as a table`), drawTable(chart)),
  ];
}

const HEIGHT_PX = 180;

/** Stacked bars: each series is drawn up to its own sum, the highest first. @param {Chart} chart */
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

/** @param {Chart} chart */
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

/** @param {History['latency']} latency */
function showLatency({ promise_ms, total, within_promise, buckets }) {
  const promise = `${promise_ms / 1000} s`;
  byId('latency-note').textContent =
    within_promise === null
      ? 'No webhook has been processed yet.'
      : `${(Math.floor(within_promise * 1000) / 10).toLocaleString()} % of ${number(total)} webhooks within the promised ${promise}.`;
  const body = /** @type {Element} */ (byId('latency').querySelector('tbody'));
  show(body, buckets, () =>
    buckets.map(({ up_to_ms, n }, index) => {
      const late = up_to_ms === null || up_to_ms > promise_ms;
      const bar = make('div', { className: late ? 'bar late' : 'bar' });
      bar.style.width = total === 0 ? '0' : `${(100 * n) / total}%`;
      const below = buckets[index - 1]?.up_to_ms ?? 0;
      const name = up_to_ms === null ? `over ${below / 1000} s` : `up to ${up_to_ms / 1000} s`;
      const share = total === 0 ? '' : percent(n / total);
      return make('tr', {}, make('th', { scope: 'row' }, name), make('td', {}, number(n)), make('td', {}, share, bar));
    }),
  );
}

/** @param {number} share 0 to 1 */
function percent(share) {
  return share > 0 && share < 0.01 ? 'under 1 %' : `${Math.round(100 * share)} %`;
}
