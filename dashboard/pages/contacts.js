// Everybody whom the pipeline knows: found by number, id or name, or listed by state, reason and route.

import { askStream, says, sendWhole } from '../api.js';
import { useDesk } from '../desk.js';
import { Chips, Empty, Id, ListTable, Table, Time, Trouble } from '../parts.js';
import { useList } from '../poll.js';
import { go, linkTo, setQuery, useAddress } from '../router.js';
import { html, useEffect, useRef, useState } from '../view.js';
import { counted, number } from '../words.js';

/** @import { ContactList, FoundContact, FoundContacts } from '../../shared/api/lists.ts' */
/** @typedef {'phone' | 'id' | 'calltools_id' | 'name'} Kind */

/** @type {Record<Kind, string>} */
const KINDS = { phone: 'phone number', id: 'GoHighLevel id', calltools_id: 'CallTools id', name: 'name' };
/** @type {Record<string, string>} */
export const STATES = {
  placed: 'In the dialer',
  kept_out: 'Kept out',
  pending: 'Waiting',
  failed: 'Failed',
  unknown: 'Not known here',
};

/** The page. */
export function Contacts() {
  const { query } = useAddress();
  const [found, setFound] = useState(/** @type {Found | null} */ (null));
  const address = query.toString();
  useEffect(() => setFound(null), [address]);
  return html`<h1>Contacts</h1>
    <${Search} location=${query.get('location')} onFound=${setFound} />
    ${found === null ? html`<${Browse} query=${query} />` : html`<${Result} found=${found} onClose=${() => setFound(null)} />`}`;
}

/** @typedef {{ kind: Kind, answer: FoundContacts }} Found */

/** What is typed stays on the page: a number or a name is in no address. @param {{ location: string | null, onFound: (found: Found | null) => void }} props */
function Search({ location, onFound }) {
  const several = useSeveral();
  const text = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [chosen, setChosen] = useState(/** @type {Kind | ''} */ (''));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(/** @type {string | null} */ (null));
  const find = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const typed = text.current?.value.trim() ?? '';
    if (typed === '') return onFound(null);
    const kind = chosen === '' ? kindOf(typed) : chosen;
    setBusy(true);
    setError(null);
    try {
      const wanted = kind === 'calltools_id' ? Number(typed) : typed;
      const answer = await sendWhole('/api/v1/contacts/find', { [kind]: wanted }, { location });
      const [only, ...more] = answer.data;
      if (only && more.length === 0 && only.state !== 'unknown') go(pageOf(only, several));
      else onFound({ kind, answer });
    } catch (thrown) {
      onFound(null);
      setError(says(thrown));
    }
    setBusy(false);
  };
  const choose = (/** @type {Event & { currentTarget: HTMLSelectElement }} */ { currentTarget }) =>
    setChosen(/** @type {Kind | ''} */ (currentTarget.value));
  return html`<form class="row find" role="search" onSubmit=${find}>
    <label class="grow"><span class="hidden">Find a contact</span>
      <input ref=${text} type="search" class="wide" placeholder="Phone number, id or name" autocomplete="off" spellcheck="false" maxlength="75" /></label>
    <label><span class="hidden">What you look for</span>
      <select value=${chosen} onChange=${choose}>
        <option value="">Guess what it is</option>
        ${Object.entries(KINDS).map(([kind, name]) => html`<option key=${kind} value=${kind}>It is a ${name}</option>`)}
      </select></label>
    <button type="submit" class="main" disabled=${busy}>${busy ? 'Looking…' : 'Find'}</button>
  </form>
  ${error !== null && html`<${Trouble} error=${error} />`}`;
}

/** What somebody means who typed this: an account of CallTools has ids of up to nine digits, GoHighLevel's have letters and digits. @param {string} typed @returns {Kind} */
export function kindOf(typed) {
  const digits = typed.replace(/\D/g, '').length;
  if (/^\d{1,9}$/.test(typed)) return 'calltools_id';
  if (digits >= 7 && /^[\d\s()+./-]+$/.test(typed)) return 'phone';
  return /^[\w-]{15,64}$/.test(typed) && (digits > 0 || typed.length === 20) ? 'id' : 'name';
}

/** @param {{ found: Found, onClose: () => void }} props */
function Result({ found: { kind, answer }, onClose }) {
  const { data, note, unread } = answer;
  return html`<section class="card" aria-label="Found">
    <p role="status">${data.length === 0 ? 'Nobody was found' : `${counted(data.length, 'contact was', 'contacts were')} found`} by ${KINDS[kind]}. <button type="button" onClick=${onClose}>Show all contacts</button></p>
    ${unread.map(({ location_id, error }) => html`<${Trouble} key=${location_id} error=${`Location ${location_id} could not be asked. ${error}`} />`)}
    ${data.length === 0 ? html`<${Empty} title="Nobody was found"><p>${note}</p><//>` : html`<${Table} caption="Contacts that were found" columns=${COLUMNS} rows=${data} keyOf=${keyOf} />`}
  </section>`;
}

/** @param {{ query: URLSearchParams }} props */
function Browse({ query }) {
  const [state, reason, route, location] = ['state', 'reason', 'route', 'location'].map((name) => query.get(name));
  const list = useList('/api/v1/contacts', { state, reason, route, location });
  const first = /** @type {ContactList | null} */ (/** @type {unknown} */ (list.first));
  const isFiltered = [state, reason, route].some((value) => value !== null);
  return html`
    ${first !== null && html`<${Filters} counts=${first.counts} routes=${first.routes} query=${query} />`}
    <section class="card" aria-label="List">
      <${Download} filter=${{ state, reason, route, location }} />
      <${ListTable} list=${list} caption="Contacts, the newest change first" columns=${COLUMNS} keyOf=${keyOf} empty=${isFiltered ? NO_MATCH : NOBODY} />
    </section>`;
}

const NO_MATCH = html`<${Empty} title="No contact matches these filters"><p><a href="/contacts">Show all contacts</a></p><//>`;
const NOBODY = html`<${Empty} title="No contacts yet"><p>The first webhook that a route of the rules matches brings one, and so does a sync.</p><p><a href="/syncs">Syncs</a> · <a href="/rules">Rules</a></p><//>`;

/** @param {Pick<ContactList, 'counts' | 'routes'> & { query: URLSearchParams }} props */
function Filters({ counts, routes, query }) {
  const [state, reason, route] = ['state', 'reason', 'route'].map((name) => query.get(name));
  const toggled = (/** @type {string} */ name, /** @type {string} */ value) =>
    addressWith(query, { [name]: query.get(name) === value ? null : value, ...(name === 'state' && { reason: null }) });
  const states = ['placed', 'kept_out', 'pending', 'failed'].map((one) => ({
    name: STATES[one] ?? one,
    count: counts.reduce((sum, { state, count }) => sum + (state === one ? count : 0), 0),
    to: toggled('state', one),
    chosen: state === one,
    tone: one === 'failed' ? 'bad' : '',
  }));
  /** @type {Map<string, { name: string, count: number, to: string, chosen: boolean }>} */
  const reasons = new Map();
  for (const one of counts.filter(({ state: of }) => state === null || of === state)) {
    const { reason_text: name, count } = one;
    const before = reasons.get(one.reason)?.count ?? 0;
    const chip = { name, count: count + before, to: toggled('reason', one.reason), chosen: reason === one.reason };
    reasons.set(one.reason, chip);
  }
  const named = routes.flatMap((one) => (one.route === null ? [] : [{ ...one, route: one.route }]));
  const choose = (/** @type {Event & { currentTarget: HTMLSelectElement }} */ { currentTarget }) =>
    setQuery({ route: currentTarget.value });
  return html`
    <${Chips} label="By state" chips=${states.filter(({ count, chosen }) => count > 0 || chosen)} />
    <${Chips} label="By reason" chips=${[...reasons.values()]} />
    ${
      named.length > 0 &&
      html`<p class="row"><label>Route <select value=${route ?? ''} onChange=${choose}>
      <option value="">all</option>
      ${named.map(({ route: name, count }) => html`<option key=${name} value=${name}>${name} (${number(count)})</option>`)}
    </select></label></p>`
    }`;
}

/** The address of this page with these filters changed. @param {URLSearchParams} query @param {Record<string, string | null>} changes */
function addressWith(query, changes) {
  const changed = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) changed.delete(name);
    else changed.set(name, value);
  }
  return changed.size === 0 ? '/contacts' : `/contacts?${changed}`;
}

/** All rows that match, as a file. It is asked for with the token, so no link can do it. @param {{ filter: import('../api.js').Query }} props */
function Download({ filter }) {
  const [said, setSaid] = useState(/** @type {{ text: string, bad: boolean }} */ ({ text: '', bad: false }));
  const save = async () => {
    setSaid({ text: 'The file is being made…', bad: false });
    try {
      const response = await askStream('GET', '/api/v1/contacts', { query: { ...filter, format: 'csv' } });
      const address = URL.createObjectURL(await response.blob());
      const name = `contacts-${new Date().toISOString().slice(0, 10)}.csv`;
      Object.assign(document.createElement('a'), { href: address, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      setSaid({ text: `Saved as ${name}.`, bad: false });
    } catch (error) {
      setSaid({ text: `No file was made. ${says(error)}`, bad: true });
    }
  };
  return html`<p class="row"><button type="button" onClick=${save}>Download as CSV</button>
    <span role="status" class=${said.bad ? 'bad' : 'quiet'}>${said.text}</span></p>`;
}

/** The page of a contact. Where there are several locations, two may have one id. @param {Pick<FoundContact, 'contact_id' | 'location_id'>} contact @param {boolean} several */
function pageOf({ contact_id, location_id }, several) {
  const path = `/contacts/${encodeURIComponent(contact_id)}`;
  return several ? `${path}?location=${encodeURIComponent(location_id)}` : linkTo(path);
}

/** Whether this deployment has several locations. */
function useSeveral() {
  return (useDesk().overview?.all_locations.length ?? 0) > 1;
}

/** @param {FoundContact} contact */
function keyOf({ contact_id, location_id }) {
  return `${location_id} ${contact_id}`;
}

/** @param {{ contact: FoundContact }} props */
function Who({ contact }) {
  const { overview } = useDesk();
  const { contact_id, location_id, links } = contact;
  const all = overview?.all_locations ?? [];
  const several = all.length > 1;
  const name = all.find(({ id }) => id === location_id)?.name ?? location_id;
  return html`<${Id} id=${contact_id} to=${pageOf(contact, several)} links=${{ gohighlevel: links.gohighlevel }} />
    ${several && html`<div class="quiet">${name}</div>`}`;
}

/** @type {{ name: string, cell: (row: FoundContact) => import('../preact.js').ComponentChildren }[]} */
const COLUMNS = [
  { name: 'Contact', cell: (contact) => html`<${Who} contact=${contact} />` },
  {
    name: 'State',
    cell: ({ state }) => html`<span class=${state === 'failed' ? 'bad' : ''}>${STATES[state] ?? state}</span>`,
  },
  { name: 'Why', cell: ({ reason, reason_text }) => (reason === 'placed' ? '' : reason_text) },
  { name: 'Route', cell: ({ route }) => route ?? html`<span class="quiet">none</span>` },
  {
    name: 'In CallTools',
    cell: ({ calltools_id: id, links }) =>
      id === null ? '' : html`<${Id} id=${String(id)} links=${{ calltools: links.calltools }} />`,
  },
  { name: 'Since', cell: ({ changed_at }) => html`<${Time} at=${changed_at} />` },
  { name: 'Read', cell: ({ read_at }) => html`<${Time} at=${read_at} />` },
];
