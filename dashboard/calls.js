// What calls said, by day; shown where CALL_RESULTS is set.

import { showChart } from './chart.js';
import { byId, show } from './dom.js';
import { moment, number } from './words.js';

/** @import { CallCounts, History } from '../shared/api/status.ts' */
/** @import { Part } from './chart.js' */

/** The most frequent dispositions have a colour of their own. The table shows all. */
const COLOURS = ['--c1', '--c2', '--c4', '--c5'];
/** All others together. */
const REST = '--c3';

/** @param {CallCounts | null} calls null hides the part */
export function showCalls(calls) {
  byId('calls').hidden = calls === null;
  if (calls === null) return;
  const { polled_at, failure, write_failure, of_others } = calls;
  setText(
    'calls-read',
    polled_at === null ? NEVER_READ : `CallTools’ record of calls was last read ${moment(polled_at)}.`,
  );
  setText(
    'calls-failure',
    failure === null ? '' : `It cannot be read now: ${failure.replace(/\.$/, '')}. ${TRIED_AGAIN}`,
  );
  setText(
    'calls-unwritten',
    write_failure === null ? '' : `${UNWRITTEN}: ${write_failure.replace(/\.$/, '')}. ${WAITS}`,
  );
  const others = `${number(of_others.last_14_days)}, of them today ${number(of_others.today)}`;
  setText(
    'calls-others',
    of_others.last_14_days === 0 ? '' : `Calls of contacts that are not ours: ${others}. Nothing follows from them.`,
  );
}

const UNWRITTEN = 'GoHighLevel does not take what follows from calls';
const WAITS = 'It waits, and is tried again every minute. Nobody is dialed because of that.';
const NEVER_READ = 'CallTools’ record of calls has not been read to its end yet.';
const TRIED_AGAIN =
  'It is tried again every minute. Until then a person who says no in a call is not taken out of the dialer by it; nothing is lost. If it stays like this, npm run doctor says what to check.';

/** @param {History} history */
export function showCallDays({ days }) {
  const section = byId('dispositions');
  // A part that is hidden has no width to draw in.
  if (byId('calls').hidden) return;
  /** @type {Map<string, number>} */
  const totals = new Map();
  for (const { calls } of days)
    for (const [name, n] of Object.entries(calls)) totals.set(name, (totals.get(name) ?? 0) + n);
  const names = [...totals].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([name]) => name);
  if (names.length === 0) return show(section, null, () => ['No call of our contacts was noted in these days.']);
  showChart(section, {
    spans: days,
    of: 'calls',
    parts: partsOf(names),
    columns: names.map((name) => ({ names: [name], label: name, colour: REST })),
    days: true,
    title: 'Calls by disposition',
  });
}

/** @param {string[]} names the most frequent first @returns {Part[]} */
function partsOf(names) {
  const rest = names.slice(COLOURS.length);
  return [
    ...COLOURS.slice(0, names.length).map((colour, n) => ({
      names: names.slice(n, n + 1),
      label: `${names[n]}`,
      colour,
    })),
    ...(rest.length > 0 ? [{ names: rest, label: 'all others', colour: REST }] : []),
  ];
}

/**
 * A screen reader reads text again when it is written again.
 *
 * @param {string} id
 * @param {string} text
 */
function setText(id, text) {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
}
