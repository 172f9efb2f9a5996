// What calls said, by day; only where CALL_RESULTS is set.

import { Chart } from '../chart.js';
import { Loaded, Time } from '../parts.js';
import { html } from '../view.js';
import { number } from '../words.js';

/** @import { CallCounts, History } from '../../shared/api/status.ts' */
/** @typedef {import('../chart.js').ChartProps['parts'][number]} Part */

/** The most frequent dispositions have a colour of their own. The table shows all. */
const COLOURS = ['--c1', '--c2', '--c4', '--c5'];
/** All others together. */
const REST = '--c3';

/** @param {{ calls: CallCounts | null, history: import('./home-work.js').HistoryPoll }} props */
export function Calls({ calls, history }) {
  if (calls === null) return null;
  return html`<section class="card" aria-labelledby="calls">
    <h2 id="calls">What calls said</h2>
    <${Record} calls=${calls} />
    <${Days} history=${history} />
  </section>`;
}

/** When the record was read, and what is wrong with it. @param {{ calls: CallCounts }} props */
function Record({ calls: { polled_at, failure, write_failure, of_others } }) {
  const said = (/** @type {string} */ why) => why.replace(/\.$/, '');
  return html`
    <p class="quiet">${polled_at === null ? 'CallTools’ record of calls has not been read to its end yet.' : html`CallTools’ record of calls was last read <${Time} at=${polled_at} />.`}</p>
    ${failure !== null && html`<p class="bad" role="status">It cannot be read now: ${said(failure)}. It is tried again every minute. Until then a person who says no in a call is not taken out of the dialer by it; nothing is lost. If it stays like this, the check-up says what to correct.</p>`}
    ${write_failure !== null && html`<p class="bad" role="status">GoHighLevel does not take what follows from calls: ${said(write_failure)}. It waits, and is tried again every minute. Nobody is dialed because of that.</p>`}
    ${of_others.last_14_days > 0 && html`<p class="quiet">Calls of contacts that are not ours: ${number(of_others.last_14_days)}, of them today ${number(of_others.today)}. Nothing follows from them.</p>`}
  `;
}

/** @param {{ history: import('./home-work.js').HistoryPoll }} props */
function Days({ history }) {
  return html`<${Loaded} poll=${history} what="Calls by day">${(/** @type {History} */ { days }) => {
    const names = namesIn(days);
    if (names.length === 0) return html`<p>No call of our contacts was noted in the last 14 days.</p>`;
    const columns = names.map((name) => ({ names: [name], label: name, colour: REST }));
    return html`<${Chart} spans=${days} of="calls" parts=${partsOf(names)} columns=${columns} days title="Calls by disposition" />`;
  }}<//>`;
}

/** Dispositions, the most frequent first. @param {History['days']} days */
function namesIn(days) {
  /** @type {Map<string, number>} */
  const totals = new Map();
  for (const { calls } of days)
    for (const [name, n] of Object.entries(calls)) totals.set(name, (totals.get(name) ?? 0) + n);
  return [...totals].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([name]) => name);
}

/** @param {string[]} names the most frequent first @returns {Part[]} */
function partsOf(names) {
  const rest = names.slice(COLOURS.length);
  return [
    ...COLOURS.flatMap((colour, n) => (names[n] === undefined ? [] : [{ names: [names[n]], label: names[n], colour }])),
    ...(rest.length > 0 ? [{ names: rest, label: 'all others', colour: REST }] : []),
  ];
}
