// What goes on: what the brake holds back, syncs in progress, and the last 24 hours.

import { Chart } from '../chart.js';
import { useDesk } from '../desk.js';
import { Act, Loaded, Time } from '../parts.js';
import { usePoll } from '../poll.js';
import { linkTo } from '../router.js';
import { isOver, RunProgress } from '../runs.js';
import { html, useEffect, useRef, useState } from '../view.js';
import { counted } from '../words.js';
import { WORK } from './activity.js';

/** @import { BrakeCounts, Confirmed, History, LocatedRun } from '../../shared/api/status.ts' */

/** What MAX_NEW_PLACEMENTS holds back, with the button that places it. @param {{ brake: BrakeCounts | null, names: Map<string, string> }} props */
export function Brake({ brake, names }) {
  const { again } = useDesk();
  const [said, setSaid] = useState('');
  const groups = brake?.groups ?? [];
  if (groups.length === 0 && said === '') return null;
  const done = (/** @type {Confirmed} */ { contacts }) => {
    setSaid(`${counted(contacts, 'contact is', 'contacts are')} read again and placed.`);
    again();
    return '';
  };
  return html`<section class="card" aria-labelledby="brake">
    <h2 id="brake">Held back until you confirm</h2>
    <ul class="rows">
      ${groups.map(({ location_id, confirm, held, since }) => {
        const where = names.size > 1 ? `${names.get(location_id) ?? location_id}: ` : '';
        const who = `/contacts?reason=held_by_brake&location=${encodeURIComponent(location_id)}`;
        return html`<li key=${`${location_id} ${confirm}`} class="row">
          <span>${where}${counted(held, 'new contact is', 'new contacts are')} held back since <${Time} at=${since} />: more than MAX_NEW_PLACEMENTS within an hour. <a href=${linkTo(who)}>See who they are</a></span>
          <${Act}
            path="/sync/trigger" query=${{ confirm, location: location_id }} label="Place them" about=${confirm} main done=${done}
            confirm=${{
              title: `Place ${counted(held, 'new contact')}?`,
              text: 'Each is read again, and put into the dialer if the rules still place it. Campaigns may call them at once.',
              yes: 'Place them',
            }} />
        </li>`;
      })}
    </ul>
    <p role="status">${said}</p>
  </section>`;
}

/** Runs that are not over, each with one bar and one estimate. @param {{ runs: LocatedRun[], names: Map<string, string> }} props */
export function SyncsInProgress({ runs, names }) {
  const going = runs.filter((run) => !isOver(run));
  if (going.length === 0) return null;
  return html`<section class="card" aria-labelledby="syncing">
    <h2 id="syncing">A sync in progress</h2>
    ${going.map(
      (run) => html`<div key=${run.id}>
        ${names.size > 1 && html`<h3>${names.get(run.location_id) ?? run.location_id}</h3>`}
        <${RunProgress} run=${run} />
        <p><a href=${linkTo(`/syncs/${encodeURIComponent(run.id)}`)}>See this sync</a></p>
      </div>`,
    )}
  </section>`;
}

/** It changes slowly and costs more to read. */
const EVERY_MS = 30_000;

/** @typedef {import('../poll.js').Poll<History>} HistoryPoll */

/** The history of the chosen location, read again at once when these numbers change. @param {unknown} numbers null: not known yet @returns {HistoryPoll} */
export function useHistory(numbers) {
  const { location } = useDesk();
  const poll = usePoll('/api/v1/history', { location }, { everyMs: EVERY_MS });
  const key = JSON.stringify(numbers);
  const before = useRef('null');
  useEffect(() => {
    if (before.current !== 'null') poll.again();
    before.current = key;
  }, [key]);
  return poll;
}

/** @param {{ history: HistoryPoll }} props */
export function LastDay({ history }) {
  return html`<section class="card" aria-labelledby="last-day">
    <h2 id="last-day">The last 24 hours</h2>
    <${Loaded} poll=${history} what="The last 24 hours">${(/** @type {History} */ { hours, latency }) => html`
      <p id="latency">${speedOf(latency)}</p>
      <${Chart} spans=${hours} of="outcomes" parts=${WORK} days=${false} title="How work on contacts ended" />
      <p><a href=${linkTo('/activity')}>All activity</a></p>`}
    <//>
  </section>`;
}

/** How long webhooks took until the dialer held what it should. @param {History['latency']} latency */
function speedOf({ promise_ms, total, within_promise, p50_ms, p95_ms, buckets }) {
  if (within_promise === null) return 'No webhook has been processed in this time.';
  const longest = buckets.findLast(({ up_to_ms }) => up_to_ms !== null)?.up_to_ms ?? 0;
  const within = (/** @type {number | null} */ ms) =>
    ms === null ? `over ${seconds(longest)}` : `within ${seconds(ms)}`;
  const share = `${(Math.floor(within_promise * 1000) / 10).toLocaleString()} % of ${counted(total, 'webhook')} within the promised ${seconds(promise_ms)}`;
  return `From a webhook to the dialer: half ${within(p50_ms)}, 95 % ${within(p95_ms)}; ${share}.`;
}

/** @param {number} ms */
function seconds(ms) {
  return ms < 60_000 ? `${ms / 1000} s` : `${ms / 60_000} min`;
}
