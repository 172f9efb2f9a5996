// One contact's story: why it is, or is not, in the dialer.

import { ask, send } from './api.js';
import { byId, make, show } from './dom.js';
import { moment, plain } from './words.js';

/** @import { Story } from './answers.ts' */

/** @type {string | null} */
let asked = null;

/** @param {{ location(): string | null }} desk */
export function readyContact({ location }) {
  byId('ask').onsubmit = async (event) => {
    event.preventDefault();
    asked = byId('contact-id', HTMLInputElement).value.trim();
    await refreshContact(location());
  };
  byId('story').onclick = async ({ target }) => {
    const id = target instanceof HTMLElement ? target.dataset.place : undefined;
    if (id === undefined) return;
    const at = target instanceof HTMLElement ? (target.dataset.location ?? null) : null;
    await placeAgain(id, at);
    await refreshContact(location());
  };
}

/** What came of the last click, and of which contact. @type {{ id: string, text: string } | null} */
let said = null;

/**
 * @param {string} id
 * @param {string | null} location
 */
async function placeAgain(id, location) {
  try {
    await send(`/contacts/${encodeURIComponent(id)}/place`, { location });
    said = { id, text: 'It is on its way.' };
  } catch (error) {
    said = { id, text: error instanceof Error ? error.message : String(error) };
  }
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
  await refreshContact(location);
  input.focus();
}

/**
 * The story that is shown, brought up to date.
 *
 * @param {string | null} location
 */
export async function refreshContact(location) {
  if (asked === null) return;
  const id = asked;
  try {
    /** @type {Story} */
    const story = await ask(`/contacts/${encodeURIComponent(id)}`, { location });
    if (said?.id === id && story.reason !== TAKEN_OUT) said = null;
    if (asked === id) show(byId('story'), [story, said], () => drawStory(story));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    if (asked === id) show(byId('story'), text, () => [make('p', {}, text)]);
  }
}

/** Forgets who was asked about. */
export function closeContact() {
  asked = null;
  byId('contact-id', HTMLInputElement).value = '';
  show(byId('story'), null, () => []);
}

/** @satisfies {Story['reason']} */
const TAKEN_OUT = 'taken_out_in_calltools';

/** @param {Story} story */
function placeButton({ contact_id, location_id }) {
  const names = { type: 'button', 'data-place': contact_id, 'data-location': location_id };
  const note = said?.id === contact_id ? said.text : null;
  return make('p', { className: 'row' }, make('button', names, 'Place again'), note && ` ${note}`);
}

/** @param {Story} story */
function drawStory(story) {
  const { contact_id, state, reason, explanation, what_to_do, dead_letters, same_phone, duplicate_labels } = story;
  const known = 'history' in story ? story : null;
  return [
    make('h3', {}, `${contact_id}: ${plain(state)}${reason === null ? '' : `, ${plain(reason)}`}`),
    make('p', {}, explanation),
    make('p', {}, make('strong', {}, 'What to do: '), what_to_do),
    reason === TAKEN_OUT ? placeButton(story) : null,
    known && facts(known),
    ...duplicate_labels.map(({ kind, name, used_id, other_ids }) =>
      make('p', {}, `CallTools has several ${kind}s named ${name}: ${used_id} is used, ${other_ids.join(', ')} not.`),
    ),
    same_phone.length > 0 ? make('p', {}, `Same phone number: ${same_phone.join(', ')}.`) : null,
    dead_letters.length > 0
      ? make(
          'p',
          {},
          `Dead letters: ${dead_letters.map(({ reason, status }) => `${plain(reason)} (${status})`).join(', ')}.`,
        )
      : null,
    known && known.history.length > 0 ? historyTable(known.history) : null,
  ];
}

/** @typedef {Extract<Story, { history: object[] }>} Known */

/** @param {Known} story */
function facts({ route, calltools_id, read_at, read_again_at, attempts, error }) {
  const pairs = [
    ['Route', route ?? 'none'],
    ['CallTools contact', calltools_id === null ? 'none' : String(calltools_id)],
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

/** @param {Known['history']} history */
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
