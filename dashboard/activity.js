// Recent activity: bars by hour or day, each also as a table, and how long webhooks took.

import { showChart } from './chart.js';
import { byId, make, show } from './dom.js';
import { number } from './words.js';

/** @import { History } from '../shared/api/status.ts' */
/** @import { Part } from './chart.js' */

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

/** @param {History} history */
export function showActivity(history) {
  showLatency(history.latency);
  const days = /** @type {HTMLInputElement} */ (document.querySelector('input[name="span"]:checked')).value === 'days';
  const spans = days ? history.days : history.hours;
  for (const [of, parts] of /** @type {const} */ ([
    ['outcomes', OUTCOMES],
    ['hints', HINTS],
  ]))
    showChart(byId(of), { spans, of, parts, days, title: `${byId(of).previousElementSibling?.textContent}` });
}

/**
 * Charts are drawn again when the size, the span of time or the colour scheme changes.
 *
 * @param {() => void} again
 */
export function readyActivity(again) {
  for (const input of document.querySelectorAll('input[name="span"]')) input.addEventListener('change', again);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again);
  addEventListener('resize', again);
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
