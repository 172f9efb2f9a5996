// Failed contacts (dead letters): why each waits, and the two things to do about it.

import { ask, send } from './api.js';
import { byId, confirm, make, show, showList } from './dom.js';
import { moment, number, plain } from './words.js';

/** @import { DeadLetter, DeadLetters, Discarded, Replayed } from '../shared/api/contacts.ts' */

/** One replay takes at most this many. */
const SHOWN = '100';

/** @type {DeadLetter[]} */
let shown = [];
/** @type {Map<string, { what: string, what_to_do: string }>} */
let reasons = new Map();

/**
 * Asks for the letters that wait, and shows them.
 *
 * @param {string | null} location
 * @param {() => boolean} wanted false once a newer look has begun, whose answer counts
 */
export async function refreshLetters(location, wanted) {
  const reason = byId('reason', HTMLSelectElement).value || null;
  /** @type {[DeadLetters, DeadLetters | null]} */
  const [all, some] = await Promise.all([
    ask('/dead-letters', { location, limit: SHOWN }),
    reason === null ? null : ask('/dead-letters', { location, reason, limit: SHOWN }),
  ]);
  if (!wanted()) return;
  showReasons(all);
  reasons = new Map(all.by_reason.map((one) => [one.reason, one]));
  const { dead_letters, total } = some ?? all;
  shown = dead_letters;
  showList(byId('letters'), shown, ({ id }) => id, drawLetter);
  const button = byId('replay-all', HTMLButtonElement);
  button.disabled = !shown.some(({ replayable }) => replayable);
  if (total === 0) note('None waits.');
  else if (total > shown.length) note(`The oldest ${shown.length} of ${number(total)} that wait.`);
  else note(`${number(total)} ${total === 1 ? 'waits' : 'wait'}.`);
}

/** @param {{ again(): void, story(contactId: string): void }} desk what happens next: another look, or a contact's story */
export function readyLetters({ again, story }) {
  byId('reason').onchange = again;
  byId('replay-all').onclick = async () => {
    const ids = shown.filter(({ replayable }) => replayable).map(({ id }) => id);
    const text = `${ids.length === 1 ? '1 contact is' : `${ids.length} contacts are`} read again and fixed. It is safe to do this more than once.`;
    if (await confirm('Replay all shown?', text, `Replay ${ids.length}`)) await actOnLetters('replay', ids, again);
  };
  byId('letters').onclick = async ({ target }) => {
    if (!(target instanceof HTMLButtonElement)) return;
    const { act, id, contact } = target.dataset;
    if (act === 'story' && contact) story(contact);
    if (act === 'replay' && id) await actOnLetters('replay', [id], again);
    const text = 'It leaves this list. The contact stays failed; Retry in its story tries it again.';
    if (act === 'discard' && id && (await confirm('Discard this failed contact?', text, 'Discard')))
      await actOnLetters('discard', [id], again);
  };
}

/**
 * @param {'replay' | 'discard'} what
 * @param {string[]} ids
 * @param {() => void} again
 */
async function actOnLetters(what, ids, again) {
  try {
    /** @type {Replayed | Discarded} */
    const answer = await send(`/dead-letters/${what}`, {}, { ids });
    said = answer.outcomes
      .map(({ outcome }) => SAID.get(outcome) ?? plain(outcome))
      .filter((text, n, all) => all.indexOf(text) === n)

      .concat('note' in answer && answer.note !== null ? answer.note : [])
      .join(' ');
  } catch (error) {
    said = error instanceof Error ? error.message : String(error);
  }
  saidUntil = Date.now() + SAID_MS;
  again();
}

const SAID = new Map([
  ['replayed', 'Replayed: it is on its way. It comes back here if it fails again.'],
  ['discarded', 'Discarded.'],
  ['not_waiting', 'It no longer waits.'],
  ['not_replayable', 'It cannot be replayed.'],
  ['not_found', 'It is no longer there.'],
  ['send_failed', 'The queue did not accept it. Try again.'],
]);
/** The result of the last click stays on the page this long. */
const SAID_MS = 10_000;
let said = '';
let saidUntil = 0;

/** @param {string} text */
function note(text) {
  show(byId('letters-note'), Date.now() < saidUntil ? `${said} ${text}` : text, (whole) => [whole]);
}

/** @param {DeadLetters} all */
function showReasons({ by_reason }) {
  const select = byId('reason', HTMLSelectElement);
  const chosen = select.value;
  const options = [{ reason: '', count: 0 }, ...by_reason];
  if (chosen !== '' && !by_reason.some(({ reason }) => reason === chosen)) select.value = '';
  show(
    select,
    options.map(({ reason, count }) => [reason, count]),
    () =>
      options.map(({ reason, count }) =>
        make(
          'option',
          { value: reason, selected: reason === chosen },
          reason === '' ? 'all' : `${plain(reason)} (${number(count)})`,
        ),
      ),
  );
}

/** @param {DeadLetter} letter */
function drawLetter({ id, reason, error, contact_id, location_id, replayable, attempts, replays, dead_at }) {
  const about = contact_id === null ? 'no contact' : `contact ${contact_id}`;
  const { what, what_to_do } = reasons.get(reason) ?? { what: '', what_to_do: '' };
  const button = (/** @type {string} */ act, /** @type {string} */ text, more = {}) =>
    make('button', { type: 'button', 'data-act': act, 'data-id': id, 'aria-label': `${text} ${about}`, ...more }, text);
  return make(
    'li',
    {},
    make('strong', {}, plain(reason)),
    ' · ',
    contact_id === null
      ? about
      : make('button', { type: 'button', className: 'link', 'data-act': 'story', 'data-contact': contact_id }, about),
    make('p', {}, what, ' ', make('span', { className: 'quiet' }, what_to_do)),
    make('p', {}, make('code', {}, error)),
    make(
      'p',
      { className: 'quiet' },
      [
        moment(dead_at),
        ...(attempts === 0 ? [] : [`failed tries: ${attempts}`]),
        replays === 0 ? 'not replayed yet' : `replays: ${replays}`,
        ...(location_id === null ? [] : [`location ${location_id}`]),
      ].join(' · '),
    ),
    make(
      'div',
      { className: 'row' },
      replayable ? button('replay', 'Replay') : null,
      button('discard', 'Discard', { className: 'danger' }),
    ),
  );
}
