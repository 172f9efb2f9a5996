// One contact's story: why it is, or is not, in the dialer.

import { ask, send } from './api.js';
import { byId, make, show } from './dom.js';
import { moment, plain } from './words.js';

/** @import { Contact, HistoryEntry, KnownContact, NotedCall } from '../shared/api/contacts.ts' */

/** @type {string | null} */
let asked = null;
/** The result of the last click; it stays until another contact is looked up. */
let said = '';

/** @param {{ again(): void, location(): string | null }} desk */
export function readyContact({ again, location }) {
  byId('ask').onsubmit = async (event) => {
    event.preventDefault();
    asked = byId('contact-id', HTMLInputElement).value.trim();
    said = '';
    await refreshContact(location());
  };
  byId('story').onclick = async ({ target }) => {
    if (!(target instanceof HTMLButtonElement) || asked === null) return;
    const id = asked;
    const act = target.dataset.act ?? '';
    const { note = 'It is on its way.' } = await send(`/contacts/${encodeURIComponent(id)}/${act}`, {
      location: target.dataset.location ?? location(),
    }).catch((/** @type {unknown} */ error) => ({ note: error instanceof Error ? error.message : String(error) }));
    if (asked === id) said = note;
    again();
  };
}

/**
 * Shows the story of this contact and takes the person there.
 *
 * @param {string} contactId
 * @param {string | null} location
 */
export async function openContact(contactId, location) {
  const input = byId('contact-id', HTMLInputElement);
  input.value = contactId;
  asked = contactId;
  said = '';
  await refreshContact(location);
  input.focus();
}

/**
 * Updates the story that is shown.
 *
 * @param {string | null} location
 */
export async function refreshContact(location) {
  if (asked === null) return;
  const id = asked;
  try {
    /** @type {Contact} */
    const story = await ask(`/contacts/${encodeURIComponent(id)}`, { location });
    if (asked === id) show(byId('story'), { story, said }, drawStory);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (asked === id) show(byId('story'), text, () => [make('p', {}, text)]);
  }
}

/** Closes the story. */
export function closeContact() {
  asked = null;
  said = '';
  byId('contact-id', HTMLInputElement).value = '';
  show(byId('story'), null, () => []);
}

/** An operator may place the contact again. */
const HELD = ['taken_out_in_calltools', 'said_no'];

/**
 * @param {'retry' | 'place'} act
 * @param {string} text
 * @param {Contact} story
 */
function button(act, text, { contact_id, location_id }) {
  const about = { 'aria-label': `${text} contact ${contact_id}`, 'data-act': act, 'data-location': location_id };
  return make('p', {}, make('button', { type: 'button', ...about }, text));
}

/** @param {{ story: Contact, said: string }} shown */
function drawStory({ story, said }) {
  const { contact_id, state, reason, explanation, what_to_do, dead_letters, duplicate_labels } = story;
  const { same_phone, same_calltools_contact, calls } = story;
  const known = 'history' in story ? story : null;
  return [
    make('h3', {}, `${contact_id}: ${plain(state)}${reason === null ? '' : `, ${plain(reason)}`}`),
    make('p', {}, explanation),
    make('p', {}, make('strong', {}, 'What to do: '), what_to_do),
    state === 'failed' ? button('retry', 'Retry', story) : null,
    reason !== null && HELD.includes(reason) ? button('place', 'Place again', story) : null,
    said === '' ? null : make('p', { role: 'status' }, said),
    known && facts(known),
    ...duplicate_labels.map(({ kind, name, used_id, other_ids }) =>
      make('p', {}, `CallTools has several ${kind}s named ${name}: ${used_id} is used, ${other_ids.join(', ')} not.`),
    ),
    same_phone.length > 0 ? make('p', {}, `Contacts with the same phone number: ${same_phone.join(', ')}.`) : null,
    same_calltools_contact.length > 0
      ? make('p', {}, `Contacts whose numbers are on the same CallTools contact: ${same_calltools_contact.join(', ')}.`)
      : null,
    dead_letters.length > 0
      ? make(
          'p',
          {},
          `Under Failed contacts: ${dead_letters.map(({ reason, status }) => `${plain(reason)} (${status})`).join(', ')}.`,
        )
      : null,
    calls.length > 0 ? callTable(calls) : null,
    known && known.history.length > 0 ? historyTable(known.history) : null,
  ];
}

/** @param {KnownContact} story */
function facts({ route, calltools_id, left_out, read_at, read_again_at, attempts, error }) {
  const pairs = [
    ['Route', route ?? 'none'],
    ['CallTools contact', calltools_id === null ? 'none' : String(calltools_id)],
    ...(left_out.length > 0 ? [['Placed without', left_out.join(', ')]] : []),
    ['Last read from GoHighLevel', moment(read_at)],
    ...(read_again_at === null ? [] : [['Read again', moment(read_again_at)]]),
    ...(attempts > 0 ? [['Failed tries', String(attempts)]] : []),
    ...(error === null ? [] : [['Last error', error]]),
  ];
  return make(
    'dl',
    { className: 'facts' },
    ...pairs.flatMap(([name = '', value = '']) => [make('dt', {}, name), make('dd', {}, value)]),
  );
}

/** @param {NotedCall[]} calls */
function callTable(calls) {
  const isWritten = calls.some(({ writes }) => writes.length > 0);
  const names = ['Called', 'Disposition', 'What followed', ...(isWritten ? ['Written to GoHighLevel'] : [])];
  const head = names.map((name) => make('th', { scope: 'col' }, name));
  const rows = calls.map((call) => {
    const cells = [moment(call.called_at ?? call.seen_at), call.disposition ?? 'not known', followedBy(call)];
    if (isWritten) cells.push(writtenBy(call));
    return make('tr', {}, ...cells.map((cell) => make('td', {}, cell)));
  });
  const table = make(
    'table',
    { className: 'calls' },
    make('caption', {}, 'Calls, the newest first'),
    make('thead', {}, make('tr', {}, ...head)),
    make('tbody', {}, ...rows),
  );
  return make('div', { className: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'Calls' }, table);
}

/** @param {NotedCall} call */
function followedBy({ hold, held_at, released }) {
  if (!hold) return 'nothing';
  if (held_at === null) return 'to be kept out';
  return released ? `kept out from ${moment(held_at)}, released since` : `kept out since ${moment(held_at)}`;
}

const STEPS = { tags: 'tags', dnd: 'do-not-disturb', workflow: 'workflow', note: 'note' };
const STATES = { done: '', waiting: ' (waits)', failed: ' (failed)', dropped: ' (no longer wanted)' };

/** @param {NotedCall} call */
function writtenBy({ writes }) {
  return writes.length === 0 ? 'nothing' : writes.map(({ step, state }) => `${STEPS[step]}${STATES[state]}`).join(', ');
}

/** @param {HistoryEntry[]} history */
function historyTable(history) {
  const head = ['When', 'Outcome', 'Reason', 'Asked by'].map((name) => make('th', { scope: 'col' }, name));
  const rows = history.map(({ at, outcome, reason, source }) =>
    make('tr', {}, ...[moment(at), plain(outcome), plain(reason), source].map((text) => make('td', {}, text))),
  );
  const table = make(
    'table',
    {},
    make('caption', { className: 'hidden' }, 'Last outcomes, the newest first'),
    make('thead', {}, make('tr', {}, ...head)),
    make('tbody', {}, ...rows),
  );
  return make('div', { className: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'Last outcomes' }, table);
}
