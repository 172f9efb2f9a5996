// Failed contacts with one reason: what it means, its errors, and under each its contacts.

import { useDesk } from '../desk.js';
import { Id, ListTable, Time } from '../parts.js';
import { useList } from '../poll.js';
import { linkTo } from '../router.js';
import { html, useState } from '../view.js';
import { number, plain } from '../words.js';
import { Orderable } from './failed-orders.js';

/** @import { DeadLetter } from '../../shared/api/contacts.ts' */
/** @import { LetterGroup, LetterTab } from '../../shared/api/lists.ts' */
/** @import { After } from './failed-orders.js' */

/** @param {{ groups: LetterGroup[], tab: LetterTab, after: After }} props `groups` has one at least */
export function Reason({ groups, tab, after }) {
  const { reason = '', what = '', what_to_do = '' } = groups[0] ?? {};
  const total = groups.reduce((sum, { count }) => sum + count, 0);
  const isOver = tab === 'retrying' || tab === 'resolved';
  return html`<section class="card" aria-label=${plain(reason)}>
    <h2>${plain(reason)}: ${number(total)}</h2>
    <p>${what}</p>
    ${!isOver && html`<p><strong>What to do:</strong> ${what_to_do}</p>`}
    <table class="stack">
      <caption class="hidden">${plain(reason)}, by error</caption>
      <thead><tr><th scope="col">Error</th><th scope="col" class="number">Contacts</th><th scope="col">Failed</th><th scope="col">Actions</th></tr></thead>
      <tbody>${groups.map((group) => html`<${GroupRows} key=${group.error} group=${group} tab=${tab} after=${after} />`)}</tbody>
    </table>
  </section>`;
}

/** @param {{ group: LetterGroup, tab: LetterTab, after: After }} props */
function GroupRows({ group, tab, after }) {
  const { error, count, replayable, oldest_dead_at, newest_dead_at, filter, reason } = group;
  const [isOpen, setOpen] = useState(false);
  const about = `${plain(reason)}: ${error}`;
  const what = tab === 'discarded' ? `${number(replayable)} still failed` : `all ${number(replayable)}`;
  return html`
    <tr>
      <td><code>${error || 'no error is known'}</code></td>
      <td class="number">${number(count)}</td>
      <td><${Time} at=${newest_dead_at} />${oldest_dead_at !== newest_dead_at && html`<br /><span class="quiet">the first <${Time} at=${oldest_dead_at} /></span>`}</td>
      <td><span class="row">
        <button type="button" aria-expanded=${isOpen} aria-label=${`${isOpen ? 'Hide' : 'Show'} contacts ${about}`} onClick=${() => setOpen(!isOpen)}>${isOpen ? 'Hide' : 'Show'} contacts</button>
        <${Orderable} filter=${filter} count=${replayable} all=${tab === 'waiting' ? count : 0} what=${what} about=${about} after=${after} />
      </span></td>
    </tr>
    ${isOpen && html`<tr><td colspan="4"><${Contacts} group=${group} tab=${tab} after=${after} /></td></tr>`}`;
}

/** A group's contacts, a page at a time, with a selection. @param {{ group: LetterGroup, tab: LetterTab, after: After }} props */
function Contacts({ group, tab, after }) {
  const { role, overview } = useDesk();
  const [chosen, setChosen] = useState(/** @type {ReadonlySet<string>} */ (new Set()));
  const { status: _, ...of } = group.filter;
  const list = useList('/api/v1/dead-letters', {
    status: tab,
    reason: of.reason,
    same_error: of.same_error,
    location: of.location,
  });
  /** @type {DeadLetter[]} */
  const rows = list.rows ?? [];
  const canAct = role === 'operator' && (tab === 'waiting' || tab === 'discarded');
  const selected = rows.filter(({ id }) => chosen.has(id));
  const orders = {
    ...after,
    again() {
      setChosen(new Set());
      list.again();
      after.again();
    },
  };
  /** @param {string[]} ids @param {boolean} isChosen */
  const choose = (ids, isChosen) => {
    const next = new Set(chosen);
    for (const id of ids) isChosen ? next.add(id) : next.delete(id);
    setChosen(next);
  };
  /** @param {DeadLetter[]} some @param {string} what @param {string} about */
  const order = (some, what, about) => html`<${Orderable}
    filter=${{ ids: some.map(({ id }) => id), ...(tab === 'discarded' && { status: 'discarded' }) }}
    count=${some.filter(({ replayable }) => replayable).length} all=${tab === 'waiting' ? some.length : 0} what=${what} about=${about} after=${orders} />`;
  const all = rows.length > 0 && selected.length === rows.length;
  return html`
    ${
      canAct &&
      html`<p class="row">
      <label><input type="checkbox" checked=${all} onChange=${() =>
        choose(
          rows.map(({ id }) => id),
          !all,
        )} /> all that are shown</label>
      ${selected.length > 0 && order(selected, `${number(selected.length)} selected`, '')}
    </p>`
    }
    <${ListTable} list=${list} caption=${`Contacts: ${plain(group.reason)}`} keyOf=${(/** @type {DeadLetter} */ { id }) => id}
      columns=${columnsOf({ canAct, chosen, choose, order, withLocation: (overview?.all_locations.length ?? 0) > 1 })}
      empty=${html`<p class="quiet">There is none any more.</p>`} />`;
}

/**
 * @param {{ canAct: boolean, chosen: ReadonlySet<string>, choose: (ids: string[], isChosen: boolean) => void, withLocation: boolean, order: (some: DeadLetter[], what: string, about: string) => unknown }} how
 * @returns {{ name: string, cell: (letter: DeadLetter) => any, number?: boolean }[]}
 */
function columnsOf({ canAct, chosen, choose, order, withLocation }) {
  const named = (/** @type {DeadLetter} */ { contact_id }) =>
    contact_id === null ? 'no contact' : `contact ${contact_id}`;
  const select = {
    name: 'Select',
    cell: (/** @type {DeadLetter} */ letter) =>
      html`<input type="checkbox" aria-label=${`Select ${named(letter)}`} checked=${chosen.has(letter.id)} onChange=${() => choose([letter.id], !chosen.has(letter.id))} />`,
  };
  const act = { name: 'Actions', cell: (/** @type {DeadLetter} */ letter) => order([letter], '', named(letter)) };
  return [
    ...(canAct ? [select] : []),
    { name: 'Contact', cell: (letter) => contactOf(letter, named(letter)) },
    ...(withLocation ? [{ name: 'Location', cell: (/** @type {DeadLetter} */ { location_id }) => location_id }] : []),
    { name: 'Failed', cell: ({ dead_at }) => html`<${Time} at=${dead_at} />` },
    { name: 'Tries', cell: ({ attempts }) => (attempts === 0 ? '' : number(attempts)), number: true },
    { name: 'Retried', cell: ({ replays }) => (replays === 0 ? '' : `${number(replays)}×`), number: true },
    ...(canAct ? [act] : []),
  ];
}

/** @param {DeadLetter} letter @param {string} name */
function contactOf({ contact_id, location_id }, name) {
  if (contact_id === null) return html`<span class="quiet">${name}</span>`;
  const at = location_id === null ? '' : `?location=${encodeURIComponent(location_id)}`;
  return html`<${Id} id=${contact_id} to=${linkTo(`/contacts/${contact_id}${at}`)} />`;
}
