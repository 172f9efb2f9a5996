// Syncs: the runs of the nightly sync, the one that is under way, and starting one.

import { useDesk } from '../desk.js';
import { Act, Empty, ListTable, Time } from '../parts.js';
import { useList } from '../poll.js';
import { linkTo } from '../router.js';
import { byWhom, isOver, RunProgress, repairsSay, startedSays, stateOf } from '../runs.js';
import { html } from '../view.js';
import { number } from '../words.js';

/** @import { LocatedRun, Overview, Triggered } from '../../shared/api/status.ts' */

/** The page. */
export function Syncs() {
  const { overview, location } = useDesk();
  const list = useList('/api/v1/runs', { location });
  /** @type {LocatedRun[]} */
  const rows = list.rows ?? [];
  const several = (overview?.all_locations.length ?? 0) > 1;
  const empty = html`<${Empty} title="No sync has run yet">
    <p>Each night all contacts of GoHighLevel are compared with the dialer, and what webhooks missed is repaired.</p>
  <//>`;
  return html`
    <h1>Syncs</h1>
    ${rows
      .filter((run) => !isOver(run))
      .map(
        (run) => html`<section key=${run.id} class="card">
          <h2><a href=${linkTo(`/syncs/${run.id}`)}>Under way${several ? `: ${nameOf(run, overview)}` : ''}</a></h2>
          <${RunProgress} run=${run} />
        </section>`,
      )}
    <section class="card">
      <p>${nextSays(overview)}</p>
      <${Act} path="/sync/trigger" query=${{ location }} label="Start a sync now" main done=${(
        /** @type {Triggered} */ answer,
      ) => {
        list.again();
        return startedSays(answer);
      }} />
    </section>
    <section class="card">
      <${ListTable} list=${list} caption="Syncs, the newest first" columns=${columnsOf(several, overview)} keyOf=${(/** @type {LocatedRun} */ { id }) => id} empty=${empty} />
    </section>
  `;
}

/** @param {boolean} several @param {Overview | null} overview */
function columnsOf(several, overview) {
  /** @type {{ name: string, cell: (run: LocatedRun) => unknown, number?: boolean }[]} */
  const columns = [
    {
      name: 'Started',
      cell: (run) => html`<a href=${linkTo(`/syncs/${run.id}`)}><${Time} at=${run.started_at} /></a>`,
    },
    {
      name: 'State',
      cell: (run) => html`<span class=${run.state === 'incomplete' ? 'bad' : ''}>${stateOf(run)}</span>`,
    },
    { name: 'Started by', cell: byWhom },
    ...(several ? [{ name: 'Location', cell: (/** @type {LocatedRun} */ run) => nameOf(run, overview) }] : []),
    { name: 'Contacts', number: true, cell: (run) => number(run.seen) },
    {
      name: 'Repaired',
      cell: (run) => repairsSay(run) ?? html`<span class="quiet">nothing to repair</span>`,
    },
    {
      name: 'Failed',
      number: true,
      cell: ({ id, errors }) =>
        errors === 0
          ? html`<span class="quiet">0</span>`
          : html`<a class="bad" href=${linkTo(`/syncs/${id}?kind=failed`)}>${number(errors)}</a>`,
    },
  ];
  return columns;
}

/** @param {LocatedRun} run @param {Overview | null} overview */
function nameOf({ location_id }, overview) {
  return overview?.all_locations.find(({ id }) => id === location_id)?.name ?? location_id;
}

/** @param {Overview | null} overview */
function nextSays(overview) {
  const next = overview?.backstop.flatMap(({ next_at }) => next_at ?? []).sort()[0];
  if (overview === null) return '';
  return next === undefined
    ? 'The next sync is not scheduled yet.'
    : html`The next sync starts by itself <${Time} at=${next} />.`;
}
