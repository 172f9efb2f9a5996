// Activity: what became of contacts, live, with filters and a range of time that can be dragged on the charts.

import { Calls } from '../calls.js';
import { Chart } from '../chart.js';
import { useDesk } from '../desk.js';
import { Chips, Empty, Id, Loaded, Table, Time, Trouble } from '../parts.js';
import { useList, usePoll } from '../poll.js';
import { linkTo, setQuery, useAddress } from '../router.js';
import { html, useState } from '../view.js';
import { counted, exact } from '../words.js';

/** @import { ActivityEntry } from '../../shared/api/lists.ts' */
/** @import { History } from '../../shared/api/status.ts' */
/** @import { Part } from '../chart.js' */

const OUTCOMES = { placed: 'in the dialer', kept_out: 'kept out', failed: 'failed', pending: 'waiting' };
const SOURCES = {
  webhook: 'a webhook',
  workflow: 'a workflow action',
  backstop: 'a sync',
  call: 'a call',
  operator: 'an operator',
  replay: 'a retried failed contact',
  followup: 'our own second look',
  doctor: 'the check-up',
};

/** How work on contacts ended, from the axis upwards. @type {Part[]} */
export const WORK = [
  { names: ['placed'], label: 'in the dialer', colour: '--c1' },
  { names: ['kept_out'], label: 'kept out', colour: '--c2' },
  { names: ['skipped'], label: 'nothing to do', colour: '--c3' },
  { names: ['retry', 'wait', 'busy'], label: 'tried again later', colour: '--c4' },
  { names: ['dead'], label: 'failed', colour: '--c5' },
];
/** @type {Part[]} */
const NOTICES = [
  { names: ['webhook'], label: 'webhooks', colour: '--c1' },
  { names: ['workflow'], label: 'workflow actions', colour: '--c2' },
  { names: ['backstop'], label: 'syncs', colour: '--c3' },
  { names: ['replay', 'operator'], label: 'asked by an operator', colour: '--c4' },
  { names: ['followup', 'doctor', 'call'], label: 'our own checks, and calls that said no', colour: '--c5' },
];

/** The page. */
export function Activity() {
  const { location } = useDesk();
  const { query } = useAddress();
  /** @type {import('../poll.js').Poll<History>} */
  const poll = usePoll('/api/v1/history', { location });
  const filters = Object.fromEntries(['outcome', 'source', 'from', 'to'].map((name) => [name, query.get(name)]));
  return html`
    <h1>Activity</h1>
    <${Charts} poll=${poll} days=${query.get('span') === 'days'} />
    <section class="card">
      <h2>What became of contacts</h2>
      <${Filters} filters=${filters} />
      <${Feed} key=${JSON.stringify([filters, query.get('location')])} filters=${filters} />
    </section>
    ${poll.data !== null && html`<${Calls} days=${poll.data.days} />`}
  `;
}

/** @param {{ poll: import('../poll.js').Poll<History>, days: boolean }} props */
function Charts({ poll, days }) {
  const { query } = useAddress();
  const to = (/** @type {string | null} */ span) => {
    const next = new URLSearchParams(query);
    if (span === null) next.delete('span');
    else next.set('span', span);
    return `/activity${next.size > 0 ? `?${next}` : ''}`;
  };
  const onRange = (/** @type {string} */ from, /** @type {string} */ end) => setQuery({ from, to: end });
  return html`<section class="card">
    <${Chips} label="Span of the charts" chips=${[
      { name: '24 hours', to: to(null), chosen: !days },
      { name: '14 days', to: to('days'), chosen: days },
    ]} />
    <${Loaded} poll=${poll} what="Loading the charts">${(/** @type {History} */ history) => {
      const spans = days ? history.days : history.hours;
      return html`
        <h2>How work on contacts ended</h2>
        <${Chart} spans=${spans} of="outcomes" parts=${WORK} days=${days} title="How work on contacts ended" onRange=${onRange} />
        <h2>What asked for it</h2>
        <${Chart} spans=${spans} of="hints" parts=${NOTICES} days=${days} title="What asked for it" onRange=${onRange} />
        <p class="quiet">Drag over a chart to see the changes of that time below.</p>
      `;
    }}<//>
  </section>`;
}

const HOUR_MS = 3_600_000;
const RECENT = [
  { name: 'Last hour', ms: HOUR_MS },
  { name: 'Last 24 hours', ms: 24 * HOUR_MS },
  { name: 'Last 7 days', ms: 168 * HOUR_MS },
];

/** @typedef {Record<string, string | null>} Filters outcome, source, from and to, as in the address */

/** @param {{ filters: Filters }} props */
function Filters({ filters }) {
  const isFiltered = Object.values(filters).some((value) => value !== null);
  const since = (/** @type {number} */ ms) => setQuery({ from: new Date(Date.now() - ms).toISOString(), to: null });
  return html`<form class="row filters" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
    <${Choice} label="Outcome" name="outcome" values=${OUTCOMES} chosen=${filters.outcome} />
    <${Choice} label="Asked for by" name="source" values=${SOURCES} chosen=${filters.source} />
    <${Moment} label="From" name="from" at=${filters.from} />
    <${Moment} label="To" name="to" at=${filters.to} />
    ${RECENT.map(({ name, ms }) => html`<button key=${name} type="button" onClick=${() => since(ms)}>${name}</button>`)}
    ${isFiltered && html`<button type="button" onClick=${() => setQuery({ outcome: null, source: null, from: null, to: null })}>Clear filters</button>`}
  </form>`;
}

/** @param {{ label: string, name: string, values: Record<string, string>, chosen: string | null | undefined }} props */
function Choice({ label, name, values, chosen }) {
  const choose = (/** @type {Event & { currentTarget: HTMLSelectElement }} */ { currentTarget }) =>
    setQuery({ [name]: currentTarget.value });
  return html`<label>${label} <select value=${chosen ?? ''} onChange=${choose}>
    <option value="">any</option>
    ${Object.entries(values).map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}
  </select></label>`;
}

/** A moment in the time zone of the person. @param {{ label: string, name: string, at: string | null | undefined }} props */
function Moment({ label, name, at }) {
  const choose = (/** @type {Event & { currentTarget: HTMLInputElement }} */ { currentTarget: { value } }) =>
    setQuery({ [name]: value === '' ? null : new Date(value).toISOString() });
  return html`<label>${label} <input type="datetime-local" value=${localOf(at ?? null)} onChange=${choose} /></label>`;
}

/** As an input has it: without a time zone, to the minute. @param {string | null} iso */
function localOf(iso) {
  const ms = iso === null ? Number.NaN : Date.parse(iso);
  if (Number.isNaN(ms)) return '';
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Entries come by themselves until somebody pauses, or looks further back. @param {{ filters: Filters }} props */
function Feed({ filters }) {
  const { location } = useDesk();
  const [held, setHeld] = useState(/** @type {ActivityEntry[] | null} */ (null));
  const [further, setFurther] = useState(false);
  const list = useList('/api/v1/activity', { ...filters, location });
  /** @type {ActivityEntry[] | null} */
  const newest = list.rows;
  const rows = held ?? newest;
  const paused = held !== null || further;
  const known = new Set(rows?.map(keyOf));
  const fresh = held === null ? 0 : (newest ?? []).filter((entry) => !known.has(keyOf(entry))).length;
  const resume = () => {
    setHeld(null);
    setFurther(false);
    list.again();
  };
  const lookFurther = () => {
    setHeld(null);
    setFurther(true);
    void list.loadMore();
  };
  if (rows === null) return html`<${Loaded} poll=${{ data: null, error: list.error, again: list.again }} />`;
  return html`
    <div class="row">
      ${paused ? html`<button type="button" onClick=${resume}>Resume</button>` : html`<button type="button" onClick=${() => setHeld(rows)}>Pause</button>`}
      <p role="status">${paused ? `Paused.${fresh > 0 ? ` ${counted(fresh, 'new change')}.` : ''}` : 'Live: new changes appear by themselves.'}</p>
    </div>
    ${list.error !== null && html`<${Trouble} error=${list.error} again=${list.again} stale />`}
    ${rows.length === 0 ? html`<${Nothing} filters=${filters} hasMore=${list.hasMore} />` : html`<${Table} caption="Changes, the newest first" columns=${COLUMNS} rows=${rows} keyOf=${keyOf} />`}
    ${list.hasMore && html`<p><button type="button" onClick=${lookFurther}>Look further back</button></p>`}
    <p class="quiet">A contact stands here once, with its last change. Work that changed nothing is in the charts only.</p>
  `;
}

/** @param {ActivityEntry} entry */
function keyOf({ at, location_id, contact_id }) {
  return `${at} ${location_id} ${contact_id}`;
}

/** @param {{ filters: Filters, hasMore: boolean }} props */
function Nothing({ filters, hasMore }) {
  if (hasMore)
    return html`<${Empty} title="None of the latest changes"><p>Older ones may match: look further back.</p><//>`;
  if (Object.values(filters).some((value) => value !== null))
    return html`<${Empty} title="No change matches these filters" />`;
  return html`<${Empty} title="Nothing has happened yet"><p>The first webhook, or the first sync, brings the first contacts.</p><//>`;
}

const TONES = { failed: 'bad', pending: 'quiet' };

/** @type {{ name: string, cell: (entry: ActivityEntry) => unknown }[]} */
const COLUMNS = [
  { name: 'When', cell: ({ at }) => html`<span title=${exact(at)}><${Time} at=${at} /></span>` },
  {
    name: 'Contact',
    cell: (entry) => html`<${Who} entry=${entry} />`,
  },
  {
    name: 'What became of it',
    cell: ({ outcome, explanation, route }) =>
      html`<strong class=${TONES[/** @type {'failed'} */ (outcome)] ?? ''}>${wordOf(OUTCOMES, outcome)}</strong>${route !== null && ` (${route})`}<br /><span class="quiet">${explanation}</span>`,
  },
  {
    name: 'Asked for by',
    cell: ({ source }) => (source === null ? html`<span class="quiet">not recorded</span>` : wordOf(SOURCES, source)),
  },
];

/** @param {{ entry: ActivityEntry }} props */
function Who({ entry: { contact_id, location_id, links } }) {
  const all = useDesk().overview?.all_locations ?? [];
  const several = all.length > 1;
  const name = all.find(({ id }) => id === location_id)?.name ?? location_id;
  const page = linkTo(`/contacts/${contact_id}${several ? `?location=${location_id}` : ''}`);
  return html`<${Id} id=${contact_id} to=${page} links=${links} />${several && html`<div class="quiet">${name}</div>`}`;
}

/** @param {Record<string, string>} words @param {string} name */
function wordOf(words, name) {
  return words[name] ?? name;
}
