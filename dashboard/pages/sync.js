// One sync: how it went, what it repaired and for whom, and whether what failed is fixed.

import { useDesk } from '../desk.js';
import { Chips, Empty, Id, ListTable, Loaded, Time } from '../parts.js';
import { useList, usePoll } from '../poll.js';
import { linkTo, useAddress } from '../router.js';
import { byWhom, kindSays, RunProgress, repairsOf, stateOf } from '../runs.js';
import { html } from '../view.js';
import { counted, exact, number, span } from '../words.js';

/** @import { LocatedRun } from '../../shared/api/status.ts' */
/** @import { RunContact, RunContacts } from '../../shared/api/lists.ts' */

/** Failed contacts whose present state is looked at for the verdict. */
const JUDGED = 200;

/** The page. */
export function Sync() {
  const id = useAddress().path.slice('/syncs/'.length);
  /** @type {import('../poll.js').Poll<LocatedRun>} */
  const poll = usePoll(`/api/v1/runs/${id}`);
  return html`
    <p><a href=${linkTo('/syncs')}>All syncs</a></p>
    <h1>Sync${poll.data !== null && ` of ${exact(poll.data.started_at)}`}</h1>
    <${Loaded} poll=${poll} what="Loading the sync">${(/** @type {LocatedRun} */ run) => html`<${Found} run=${run} />`}<//>
  `;
}

/** @param {{ run: LocatedRun }} props */
function Found({ run }) {
  const { overview } = useDesk();
  const several = (overview?.all_locations.length ?? 0) > 1;
  const end = run.settled_at ?? run.finished_at;
  const took = end === null ? null : Math.max(0, Math.round((Date.parse(end) - Date.parse(run.started_at)) / 1000));
  return html`
    <section class="card">
      <${RunProgress} run=${run} />
      <${Verdict} run=${run} />
      ${run.phase === 'over' && run.error !== null && html`<p class="bad">${run.error}</p>`}
      <dl class="facts">
        <dt>State</dt><dd class=${run.state === 'incomplete' ? 'bad' : ''}>${stateOf(run)}</dd>
        <dt>Started</dt><dd><${Time} at=${run.started_at} /> by ${byWhom(run)}</dd>
        ${run.phase === 'over' && took !== null && html`<dt>Took</dt><dd>${span(took)}</dd>`}
        ${several && html`<dt>Location</dt><dd>${run.location_id}</dd>`}
        <dt>Contacts seen</dt><dd>${number(run.seen)}${run.total !== null && ` of ${number(run.total)}`}</dd>
        <dt>Looked at closely</dt><dd>${number(run.settled)}</dd>
        ${run.unreadable > 0 && html`<dt>Unreadable rows</dt><dd>${number(run.unreadable)}: each contact was read by itself</dd>`}
        <dt>Sync</dt><dd><${Id} id=${run.id} /></dd>
      </dl>
    </section>
    <${Contacts} run=${run} />
  `;
}

/** What it repaired, what failed, and whether that is fixed by now. @param {{ run: LocatedRun }} props */
function Verdict({ run }) {
  const { id, errors } = run;
  /** @type {import('../poll.js').Poll<RunContacts>} */
  const { data: failed } = usePoll(
    errors === 0 ? null : `/api/v1/runs/${id}/contacts`,
    { kind: 'failed', limit: JUDGED },
    { whole: true },
  );
  const repairs = repairsOf(run);
  const fixed = repairs === 0 ? 'It found nothing to repair.' : `It repaired ${counted(repairs, 'contact')}.`;
  if (errors === 0) return html`<p><strong>${fixed} Nothing failed.</strong></p>`;
  const open = failed?.data.filter(({ state }) => state === 'failed') ?? [];
  return html`<p><strong>${fixed} ${counted(errors, 'contact')} failed${failed === null ? '.' : `: ${failedSays(failed, open.length)}`}</strong></p>
    ${open.length > 0 && html`<p><a href=${linkTo('/failed')}>See what needs you</a></p>`}`;
}

/** @param {RunContacts} failed @param {number} open */
function failedSays({ data, next }, open) {
  const of = next === null ? '' : ` of the latest ${number(data.length)}`;
  if (open === 0) return `all${of} are fixed by now.`;
  return open === data.length
    ? `none${of} is fixed yet.`
    : `${number(data.length - open)}${of} are fixed by now, ${number(open)} not yet.`;
}

/** @param {{ run: LocatedRun }} props */
function Contacts({ run }) {
  const { id, repaired, errors } = run;
  const kind = useAddress().query.get('kind');
  const list = useList(`/api/v1/runs/${id}/contacts`, { kind });
  const to = (/** @type {string | null} */ value) => linkTo(`/syncs/${id}${value === null ? '' : `?kind=${value}`}`);
  const kinds = Object.entries({ ...repaired, failed: errors }).filter(([name, n]) => n > 0 || name === kind);
  const chips = [
    { name: 'all', count: repairsOf(run) + errors, to: to(null), chosen: kind === null },
    ...kinds.map(([name, count]) => ({
      ...{ name, count, to: to(name), chosen: kind === name },
      ...(name === 'failed' && { tone: 'bad' }),
    })),
  ];
  const capped = list.first?.capped === true;
  return html`<section class="card">
    <h2>For whom</h2>
    ${kinds.length > 0 && html`<${Chips} label="What was done" chips=${chips} />`}
    ${capped && html`<p class="quiet">The list names the first 1,000 contacts that were repaired, and the first 1,000 that failed. The sums count all.</p>`}
    <${ListTable} list=${list} caption="Contacts that the sync repaired, or that failed" columns=${COLUMNS} keyOf=${(/** @type {RunContact} */ one) => one.contact_id} empty=${html`<${Empty} title="Nobody">
      <p>${repairsOf(run) + errors === 0 ? 'Nothing differed, so nothing was changed for anybody.' : 'No contact of this kind is on the list.'}</p>
    <//>`} />
  </section>`;
}

/** @type {{ name: string, cell: (one: RunContact) => unknown }[]} */
const COLUMNS = [
  {
    name: 'Contact',
    cell: ({ contact_id, links }) =>
      html`<${Id} id=${contact_id} to=${linkTo(`/contacts/${contact_id}`)} links=${links} />`,
  },
  {
    name: 'What was done',
    cell: ({ kind }) => html`<span class=${kind === 'failed' ? 'bad' : ''}>${kindSays(kind)}</span>`,
  },
  { name: 'When', cell: ({ at }) => html`<${Time} at=${at} />` },
  { name: 'Now', cell: nowOf },
];

/** Where the contact is now. @param {RunContact} contact */
function nowOf({ contact_id, kind, state, reason_text }) {
  if (state === null) return html`<span class="quiet">no longer known here</span>`;
  if (state === 'failed')
    return html`<a class="bad" href=${linkTo(`/contacts/${contact_id}`)}>failed: ${reason_text}</a>`;
  const where = state === 'placed' ? 'in the dialer' : state === 'kept_out' ? `kept out: ${reason_text}` : state;
  return kind === 'failed' ? html`<span class="good">fixed</span>, ${where}` : where;
}
