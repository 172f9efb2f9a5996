// What calls said, by day; shown where CALL_RESULTS is set.

import { Chart } from './chart.js';
import { useDesk } from './desk.js';
import { Time } from './parts.js';
import { html } from './view.js';
import { number } from './words.js';

/** @import { Span } from '../shared/api/status.ts' */
/** @import { Part } from './chart.js' */

/** The most frequent dispositions have a colour of their own. The table shows all. */
const COLOURS = ['--c1', '--c2', '--c4', '--c5'];
/** All others together. */
const REST = '--c3';
const UNWRITTEN = 'GoHighLevel does not take what follows from calls';
const WAITS = 'It waits, and is tried again every minute. Nobody is dialed because of that.';
const TRIED_AGAIN =
  'It is tried again every minute. Until then a person who says no in a call is not taken out of the dialer by it; nothing is lost. If it stays like this, the check-up says what to check.';

/** @param {{ days: Span[] }} props the last 14 days */
export function Calls({ days }) {
  const calls = useDesk().overview?.totals.calls ?? null;
  if (calls === null) return null;
  const { polled_at, failure, write_failure, of_others } = calls;
  const names = namesOf(days);
  const columns = names.map((name) => ({ names: [name], label: name, colour: REST }));
  return html`<section class="card" aria-labelledby="calls-title">
    <h2 id="calls-title">What calls said</h2>
    <p>${polled_at === null ? 'CallTools’ record of calls has not been read to its end yet.' : html`CallTools’ record of calls was last read <${Time} at=${polled_at} />.`}</p>
    <div role="status">
      ${failure !== null && html`<p class="bad">It cannot be read now: ${withoutStop(failure)}. ${TRIED_AGAIN}</p>`}
      ${write_failure !== null && html`<p class="bad">${UNWRITTEN}: ${withoutStop(write_failure)}. ${WAITS}</p>`}
    </div>
    ${
      names.length === 0
        ? html`<p>No call of our contacts was noted in these days.</p>`
        : html`<${Chart} spans=${days} of="calls" parts=${partsOf(names)} columns=${columns} days=${true} title="Calls by disposition" />`
    }
    ${of_others.last_14_days > 0 && html`<p class="quiet">Calls of contacts that are not ours: ${number(of_others.last_14_days)}, of them today ${number(of_others.today)}. Nothing follows from them.</p>`}
  </section>`;
}

/** Dispositions, the most frequent first. @param {Span[]} days */
function namesOf(days) {
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
    ...names.slice(0, COLOURS.length).map((name, n) => ({ names: [name], label: name, colour: COLOURS[n] ?? REST })),
    ...(rest.length > 0 ? [{ names: rest, label: 'all others', colour: REST }] : []),
  ];
}

/** @param {string} text */
function withoutStop(text) {
  return text.replace(/\.$/, '');
}
