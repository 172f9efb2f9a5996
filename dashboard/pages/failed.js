// Needs you: what failed, by reason and error, each explained once, and what retries it or gives it up.

import { useDesk } from '../desk.js';
import { Chips, Empty, Id, Loading, Trouble } from '../parts.js';
import { useList } from '../poll.js';
import { linkTo, useAddress } from '../router.js';
import { html, useEffect, useState } from '../view.js';
import { counted, number } from '../words.js';
import { Reason } from './failed-group.js';
import { Orderable, Orders } from './failed-orders.js';

/** @import { LetterCounts, LetterGroup, LetterGroups, LetterTab } from '../../shared/api/lists.ts' */
/** @import { After } from './failed-orders.js' */

/** @typedef {{ tab: LetterTab, name: string, none: string, meaning: string }} Tab */

/** @type {Tab} */
const WAITING = {
  tab: 'waiting',
  name: 'Waiting',
  none: 'Nothing needs you.',
  meaning: 'A contact that cannot be synced is listed here, with what to do about it.',
};
/** @type {Tab[]} */
const TABS = [
  WAITING,
  {
    tab: 'retrying',
    name: 'Retrying',
    none: 'Nothing is being retried.',
    meaning: 'What you retry is listed here until it is fixed or fails again.',
  },
  {
    tab: 'discarded',
    name: 'Discarded',
    none: 'Nothing was discarded.',
    meaning: 'What you discard is listed here for 90 days, and longer while its contact is failed.',
  },
  {
    tab: 'resolved',
    name: 'Resolved',
    none: 'Nothing was resolved in the last 30 days.',
    meaning: 'What failed and was fixed since is listed here.',
  },
];
const OFTEN_MS = 3_000;
/** With more letters than this, whatever their tab, each look counts thousands of rows. */
const MANY = 1_000;
const SELDOM_MS = 15_000;

/** The page. */
export function Failed() {
  const { query } = useAddress();
  const desk = useDesk();
  const { location } = desk;
  const [said, setSaid] = useState('');
  const [everyMs, setEveryMs] = useState(OFTEN_MS);
  const { tab, none, meaning } = TABS.find((one) => one.tab === query.get('tab')) ?? WAITING;
  const list = useList('/api/v1/dead-letters/groups', { status: tab, location }, { everyMs });
  /** @type {LetterGroup[]} */
  const groups = list.rows ?? [];
  const answer = /** @type {LetterGroups | null} */ (/** @type {unknown} */ (list.first));
  const total = answer?.counts[tab] ?? 0;
  const areMany = Object.values(answer?.counts ?? {}).reduce((sum, n) => sum + n, 0) > MANY;
  useEffect(() => setEveryMs(areMany ? SELDOM_MS : OFTEN_MS), [areMany]);
  /** @type {After} */
  const after = {
    say: setSaid,
    again() {
      list.again();
      desk.again();
    },
  };
  const left = tab === 'waiting' ? (answer?.still_failed ?? null) : null;
  return html`<h1>Needs you</h1>
    <${Tabs} chosen=${tab} counts=${answer?.counts ?? null} />
    <${Orders} chosen=${query.get('order')} after=${after} />
    <p role="status" class=${said === '' ? '' : 'note'}>${said}</p>
    ${list.error !== null && html`<${Trouble} error=${list.error} again=${list.again} stale=${answer !== null} />`}
    ${answer === null && list.error === null && html`<${Loading} />`}
    ${left !== null && html`<${StillFailed} left=${left} after=${after} />`}
    ${answer !== null && groups.length === 0 && left === null && html`<${Empty} title=${none}><p>${meaning}</p><//>`}
    ${tab === 'waiting' && groups.length > 1 && html`<${Everything} total=${total} groups=${groups} isAll=${!list.hasMore} location=${location} after=${after} />`}
    ${byReason(groups).map((some) => html`<${Reason} key=${`${tab} ${some[0]?.reason}`} groups=${some} tab=${tab} after=${after} />`)}
    ${list.hasMore && html`<p><button type="button" onClick=${list.loadMore}>Show more</button></p>`}`;
}

/** @param {{ chosen: LetterTab, counts: LetterCounts | null }} props */
function Tabs({ chosen, counts }) {
  const chips = TABS.map(({ tab, name }) => ({
    name,
    count: counts?.[tab] || null,
    to: linkTo(tab === 'waiting' ? '/failed' : `/failed?tab=${tab}`),
    chosen: tab === chosen,
  }));
  return html`<${Chips} label="Status" chips=${chips} />`;
}

/** All groups at once. @param {{ total: number, groups: LetterGroup[], isAll: boolean, location: string | null, after: After }} props */
function Everything({ total, groups, isAll, location, after }) {
  const count = isAll ? groups.reduce((sum, { replayable }) => sum + replayable, 0) : total;
  const filter = location === null ? {} : { location };
  return html`<div class="note">
    <p>${counted(total, 'failed contact waits', 'failed contacts wait')}, in ${isAll ? counted(groups.length, 'group') : `more than ${number(groups.length)} groups`}.</p>
    <${Orderable} filter=${filter} count=${count} all=${total} what=${`all ${number(count)}`} about="in all groups" after=${after} />
  </div>`;
}

/** Failed contacts for which nothing waits. @param {{ left: NonNullable<LetterGroups['still_failed']>, after: After }} props */
function StillFailed({ left: { count, examples, filter }, after }) {
  return html`<section class="card" aria-labelledby="still-failed">
    <h2 id="still-failed">Discarded, still failed: ${number(count)}</h2>
    <p>${counted(count, 'contact has', 'contacts have')} failed, and nothing of ${count === 1 ? 'it' : 'them'} waits any more. <a href=${linkTo('/failed?tab=discarded')}>What was discarded</a></p>
    <p>${examples.map((id) => html`<${Id} key=${id} id=${id} to=${linkTo(`/contacts/${id}`)} /> `)}${count > examples.length && '…'}</p>
    <${Orderable} filter=${filter} count=${count} what=${`all ${number(count)}`} about="that are still failed" after=${after} />
  </section>`;
}

/** Groups that have one reason stand together. @param {LetterGroup[]} groups @returns {LetterGroup[][]} */
function byReason(groups) {
  /** @type {Map<string, LetterGroup[]>} */
  const found = new Map();
  for (const group of groups) found.set(group.reason, [...(found.get(group.reason) ?? []), group]);
  return [...found.values()];
}
