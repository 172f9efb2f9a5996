// Orders about many failed contacts: the buttons that give them, and how far those that retry are.

import { Act, Progress, Time, Trouble } from '../parts.js';
import { usePoll } from '../poll.js';
import { setQuery } from '../router.js';
import { html, useEffect } from '../view.js';
import { counted, number, plain } from '../words.js';

/** @import { LetterFilter, ManyDiscarded, Replay } from '../../shared/api/lists.ts' */

/** @typedef {{ say: (text: string) => void, again: () => void }} After what follows an order: its answer is shown, and the lists are read again */

/** One order takes no more. */
const MAX_LETTERS = 10_000;
/** Sent in a minute. */
const A_MINUTE = 1_000;
/** A retry of more is asked about first. */
const FEW = 100;

/**
 * The buttons that retry and give up what a filter means. `count`: how many can be retried; `all`: how many would be given up, without it
 * there is no such button. `what` stands after "Retry", `about` is added for screen readers.
 *
 * @param {{ filter: LetterFilter, count: number, all?: number, what: string, about: string, after: After }} props
 */
export function Orderable({ filter, count, all = 0, what, about, after }) {
  const taken = Math.min(count, MAX_LETTERS);
  const minutes = counted(Math.ceil(taken / A_MINUTE), 'minute');
  const many = {
    title: `Retry ${what}?`,
    text: `${some(count)} read again and fixed, in about ${minutes} or longer. It goes on by itself. It is safe to do this more than once.`,
    yes: `Retry ${number(taken)}`,
  };
  const sure = {
    title: `Discard ${all === 1 ? '1 failed contact' : `${number(Math.min(all, MAX_LETTERS))} failed contacts`}?`,
    text: `${all === 1 ? 'It leaves this list, and stays' : 'They leave this list, and stay'} failed until retried. “Discarded” lists what was given up.`,
    yes: 'Discard',
  };
  const started = (/** @type {Replay} */ { id }) => {
    after.say('');
    setQuery({ order: id });
    after.again();
    return '';
  };
  const discarded = (/** @type {ManyDiscarded} */ { note }) => {
    after.say(note);
    after.again();
    return '';
  };
  return html`<span class="row">
    ${count > 0 && html`<${Act} path="/api/v1/replays" body=${filter} label=${`Retry ${what}`.trim()} about=${about} confirm=${count > FEW ? many : undefined} done=${started} />`}
    ${all > 0 && html`<${Act} path="/api/v1/discards" body=${filter} label="Discard" about=${about} danger confirm=${sure} done=${discarded} />`}
  </span>`;
}

/** @param {number} count */
function some(count) {
  if (count > MAX_LETTERS) return `The oldest ${number(MAX_LETTERS)} of ${counted(count, 'contact')} are`;
  return count === 1 ? '1 contact is' : `${number(count)} contacts are`;
}

/** The order that the address names, and the others that are running. @param {{ chosen: string | null, after: After }} props */
export function Orders({ chosen, after }) {
  /** @type {import('../poll.js').Poll<Replay>} */
  const one = usePoll(chosen === null ? null : `/api/v1/replays/${encodeURIComponent(chosen)}`);
  /** @type {import('../poll.js').Poll<Replay[]>} */
  const latest = usePoll('/api/v1/replays', { limit: 5 });
  const others = (latest.data ?? []).filter(({ id, state }) => state === 'running' && id !== chosen);
  const isDone = one.data?.state === 'done';
  useEffect(() => {
    if (isDone) after.again();
  }, [isDone]);
  const close = () => setQuery({ order: null });
  return html`
    ${one.error !== null && html`<${Trouble} error=${one.error} again=${close} />`}
    ${one.data !== null && html`<${Order} order=${one.data} onClose=${close} />`}
    ${others.map((order) => html`<${Order} key=${order.id} order=${order} />`)}`;
}

/** @param {{ order: Replay, onClose?: () => void }} props */
function Order({ order, onClose }) {
  const { state, letters, waiting, retrying, failed_again, note, created_at, finished_at } = order;
  const isRunning = state === 'running';
  const title = `${isRunning ? 'Retrying' : 'Retried'} ${counted(letters, 'contact')}${ofFilter(order.filter)}`;
  return html`<section class="card" aria-label=${title}>
    <h2>${title}</h2>
    <div aria-live="polite">
      ${
        isRunning
          ? html`<${Progress} label="How many have ended" value=${letters === 0 ? 1 : (letters - waiting - retrying) / letters}>${note}<//>`
          : html`<p><strong>${note}</strong>${failed_again > 0 && ' What failed again waits once more.'}</p>`
      }
    </div>
    <div class="row">
      <span class="quiet">Started <${Time} at=${created_at} />${!isRunning && html`, over <${Time} at=${finished_at} />`}. ${isRunning && 'It goes on by itself, also when this page is closed.'}</span>
      ${onClose && !isRunning && html`<button type="button" onClick=${onClose}>Close</button>`}
    </div>
  </section>`;
}

/** @param {LetterFilter} filter */
function ofFilter({ reason, status }) {
  return `${reason === undefined ? '' : `, ${plain(reason)}`}${status === 'discarded' ? ', discarded before' : ''}`;
}
