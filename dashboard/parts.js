// The small parts that all pages are made of.

import { says, send } from './api.js';
import { useDesk } from './desk.js';
import { html, useEffect, useRef, useState } from './view.js';
import { exact, relative } from './words.js';

/** @typedef {import('./preact.js').ComponentChildren} Children */

/** A time as people say it; the exact one with its time zone on hover. @param {{ at: string | null, none?: string }} props */
export function Time({ at, none = 'never' }) {
  if (at === null) return html`<span class="quiet">${none}</span>`;
  return html`<time datetime=${at} title=${exact(at)}>${relative(at)}</time>`;
}

/**
 * An id with its copy button and its links: `to` is its page here, the others are in GoHighLevel and CallTools.
 *
 * @param {{ id: string, to?: string, links?: { gohighlevel?: string | null, calltools?: string | null } }} props
 */
export function Id({ id, to, links = {} }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(id).catch(() => {});
    setCopied(true);
  };
  return html`<span class="id">
    ${to ? html`<a href=${to}><code>${id}</code></a>` : html`<code>${id}</code>`}
    <button type="button" class="copy" aria-label=${`Copy ${id}`} onClick=${copy}>${copied ? 'copied' : 'copy'}</button>
    ${links.gohighlevel && html`<a href=${links.gohighlevel} target="_blank" rel="noreferrer">GoHighLevel<span class="hidden">: ${id}</span></a>`}
    ${links.calltools && html`<a href=${links.calltools} target="_blank" rel="noreferrer">CallTools<span class="hidden">: ${id}</span></a>`}
  </span>`;
}

/** @param {{ what?: string }} props */
export function Loading({ what = 'Loading' }) {
  return html`<div class="loading" role="status"><span class="hidden">${what}…</span><i></i><i></i><i></i></div>`;
}

/** Nothing is there, and what that means. @param {{ title: string, children?: Children }} props */
export function Empty({ title, children }) {
  return html`<div class="empty"><p><strong>${title}</strong></p>${children}</div>`;
}

/** Something could not be read. @param {{ error: string, again?: () => void, stale?: boolean }} props */
export function Trouble({ error, again, stale = false }) {
  return html`<div class="note bad" role="alert">
    <p>${error}${stale ? ' What is shown may be out of date.' : ''}</p>
    ${again && html`<button type="button" onClick=${again}>Try again</button>`}
  </div>`;
}

/**
 * What a poll has brought: a placeholder while it is awaited, the error where there is nothing else, otherwise the page.
 *
 * @template T
 * @param {{ poll: import('./poll.js').Poll<T>, what?: string, children: (data: T) => Children }} props
 */
export function Loaded({ poll: { data, error, again }, what, children }) {
  if (data === null)
    return error === null ? html`<${Loading} what=${what} />` : html`<${Trouble} error=${error} again=${again} />`;
  return html`${error !== null && html`<${Trouble} error=${error} again=${again} stale />`}${children(data)}`;
}

/**
 * A button that acts. A viewer does not see it. It asks first where `confirm` is given, and says what came of it.
 *
 * @param {{ path: string, body?: object, query?: import('./api.js').Query, label: string, about?: string, danger?: boolean, main?: boolean, confirm?: { title: string, text: string, yes: string }, done?: (answer: any) => string | null | void, disabled?: boolean }} props `about` is added to the label for screen readers; `done` gets the answer's data and returns what to say
 */
export function Act({
  path,
  body,
  query,
  label,
  about,
  danger = false,
  main = false,
  confirm,
  done,
  disabled = false,
}) {
  const { role } = useDesk();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState(/** @type {{ text: string, bad: boolean } | null} */ (null));
  if (role !== 'operator') return null;
  const run = async () => {
    setAsking(false);
    setBusy(true);
    try {
      const answer = await send(path, body, query);
      const text = done?.(answer) ?? answer?.note ?? 'Done.';
      setSaid(text === '' ? null : { text, bad: false });
    } catch (error) {
      setSaid({ text: says(error), bad: true });
    }
    setBusy(false);
  };
  const className = [danger ? 'danger' : '', main ? 'main' : ''].join(' ').trim();
  return html`<span class="act">
    <button type="button" class=${className} aria-label=${about && `${label} ${about}`} disabled=${disabled || busy} onClick=${confirm ? () => setAsking(true) : run}>${label}</button>
    ${confirm && asking && html`<${Confirm} ...${confirm} danger=${danger} onYes=${run} onNo=${() => setAsking(false)} />`}
    <span role="status" class=${said?.bad ? 'bad' : ''}>${said?.text}</span>
  </span>`;
}

/**
 * Asks before something that cannot be undone.
 *
 * @param {{ title: string, text: string, yes: string, danger?: boolean, onYes: () => void, onNo: () => void }} props
 */
export function Confirm({ title, text, yes, danger = false, onYes, onNo }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => dialog.current?.showModal(), []);
  return html`<dialog ref=${dialog} aria-labelledby="confirm-title" onClose=${onNo}>
    <h2 id="confirm-title">${title}</h2>
    <p>${text}</p>
    <div class="row">
      <button type="button" onClick=${onNo}>Cancel</button>
      <button type="button" class=${danger ? 'danger' : 'main'} onClick=${onYes}>${yes}</button>
    </div>
  </dialog>`;
}

/**
 * Links that set one filter; the chosen one is marked. `to` is the address with that filter.
 *
 * @param {{ label: string, chips: { name: string, count?: number | null, to: string, chosen: boolean, tone?: string }[] }} props
 */
export function Chips({ label, chips }) {
  return html`<nav aria-label=${label}><ul class="chips">
    ${chips.map(
      ({ name, count, to, chosen, tone }) =>
        html`<li key=${name}><a href=${to} class=${`chip ${tone ?? ''}`} aria-current=${chosen ? 'true' : undefined}>${name}${count !== undefined && count !== null && html` <b>${count.toLocaleString()}</b>`}</a></li>`,
    )}
  </ul></nav>`;
}

/** How far something is. `value` is 0 to 1. @param {{ label: string, value: number, children?: Children }} props */
export function Progress({ label, value, children }) {
  return html`<div class="progress"><progress max="1" value=${value} aria-label=${label}></progress><p>${children}</p></div>`;
}

/**
 * A table that scrolls sideways by itself on a narrow screen.
 *
 * @template Row
 * @param {{ caption: string, columns: { name: string, cell: (row: Row) => Children, number?: boolean }[], rows: Row[], keyOf: (row: Row) => string }} props
 */
export function Table({ caption, columns, rows, keyOf }) {
  return html`<div class="scroll" role="region" aria-label=${caption} tabindex="0"><table>
    <caption class="hidden">${caption}</caption>
    <thead><tr>${columns.map(({ name, number }) => html`<th scope="col" class=${number ? 'number' : ''}>${name}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr key=${keyOf(row)}>${columns.map(({ cell, number }) => html`<td class=${number ? 'number' : ''}>${cell(row)}</td>`)}</tr>`)}</tbody>
  </table></div>`;
}

/**
 * The rows of a list with a button for more, and its states: awaited, failed, empty.
 *
 * @param {{ list: ReturnType<typeof import('./poll.js').useList>, caption: string, columns: { name: string, cell: (row: any) => Children, number?: boolean }[], keyOf: (row: any) => string, empty: Children }} props
 */
export function ListTable({ list, caption, columns, keyOf, empty }) {
  const { rows, error, again, hasMore, loadMore } = list;
  if (rows === null) return error === null ? html`<${Loading} />` : html`<${Trouble} error=${error} again=${again} />`;
  return html`
    ${error !== null && html`<${Trouble} error=${error} again=${again} stale />`}
    ${rows.length === 0 ? empty : html`<${Table} caption=${caption} columns=${columns} rows=${rows} keyOf=${keyOf} />`}
    ${hasMore && html`<p><button type="button" onClick=${loadMore}>Show more</button></p>`}
  `;
}
