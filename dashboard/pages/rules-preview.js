// New rules on the whole contact list: who would come in, go out or move. Nothing is written.

import { askStream, says } from '../api.js';
import { Progress, Table } from '../parts.js';
import { linkTo } from '../router.js';
import { html, useEffect, useRef, useState } from '../view.js';
import { counted, number, plain } from '../words.js';

/** @import { RulesMove, RulesPlace, RulesPreview, RulesPreviewLine, RulesUnclear } from '../../shared/api/rules.ts' */
/** @typedef {{ kind: 'running', contacts: number, total: number | null, waiting: string | null } | { kind: 'done', result: RulesPreview } | { kind: 'failed', error: string } | { kind: 'faulty', faults: string[] }} State */

const CUT_SHORT = 'The answer was cut short. Preview again.';

/** @param {{ location: string | null }} props */
export function Preview({ location }) {
  const [text, setText] = useState('');
  const [state, setState] = useState(/** @type {State | null} */ (null));
  /** Ends the preview that runs. */
  const stop = useRef(() => {});
  useEffect(() => () => stop.current(), []);
  const run = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    setState({ kind: 'running', contacts: 0, total: null, waiting: null });
    try {
      const response = await askStream('POST', '/api/v1/rules/preview', { query: { location }, body: { rules: text } });
      await follow(response, stop, setState);
    } catch (error) {
      const faults = faultsOf(says(error), text);
      setState(faults === null ? { kind: 'failed', error: says(error) } : { kind: 'faulty', faults });
    }
  };
  const cancel = () => {
    stop.current();
    setState(null);
  };
  const isRunning = state?.kind === 'running';
  return html`<section class="card" aria-labelledby="preview">
    <h2 id="preview">Preview new rules</h2>
    <form onSubmit=${run}>
      <label for="new-rules">New rules, as they would stand in <code>rules.jsonc</code></label>
      <textarea id="new-rules" value=${text} onInput=${(/** @type {Event & { currentTarget: HTMLTextAreaElement }} */ { currentTarget }) => setText(currentTarget.value)} spellcheck="false" required aria-describedby="preview-note"></textarea>
      <p id="preview-note" class="quiet">The whole contact list is read under them. Nothing is written.</p>
      <div class="row">
        <button type="submit" class="main" disabled=${isRunning}>Preview</button>
        ${isRunning && html`<button type="button" onClick=${cancel}>Cancel</button>`}
      </div>
    </form>
    <div role="status">${state?.kind === 'running' && html`<${Running} ...${state} />`}${state?.kind === 'done' && html`<${Result} result=${state.result} />`}</div>
    ${state?.kind === 'failed' && html`<p class="bad" role="alert">${state.error}</p>`}
    ${state?.kind === 'faulty' && html`<div class="note bad" role="alert"><div><p><strong>These rules have mistakes.</strong> Correct them and preview again.</p><ul>${state.faults.map((fault) => html`<li key=${fault}>${fault}</li>`)}</ul></div></div>`}
  </section>`;
}

/**
 * Shows the lines of the answer as they come.
 *
 * @param {Response} response
 * @param {{ current: () => void }} stop
 * @param {(state: State) => void} show
 */
async function follow(response, stop, show) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let isStopped = false;
  stop.current = () => {
    isStopped = true;
    void reader?.cancel();
  };
  let rest = '';
  /** @type {State} */
  let state = { kind: 'running', contacts: 0, total: null, waiting: null };
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
    if (isStopped) return;
    if (done) break;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) state = after(state, JSON.parse(line));
    show(state);
  }
  if (state.kind === 'running') show({ kind: 'failed', error: CUT_SHORT });
}

/** @param {State} before @param {RulesPreviewLine} line @returns {State} */
function after(before, line) {
  const { contacts, total } = before.kind === 'running' ? before : { contacts: 0, total: null };
  switch (line.event) {
    case 'progress':
      return { kind: 'running', contacts: line.contacts, total: line.total, waiting: null };
    case 'waiting':
      return { kind: 'running', contacts, total, waiting: `Goes on in ${line.seconds} s: ${line.why}` };
    case 'result':
      return { kind: 'done', result: line.result };
    default:
      return { kind: 'failed', error: line.detail };
  }
}

/**
 * Each mistake with its line and column, where it can be found; null where the error is none of the rules.
 *
 * @param {string} error
 * @param {string} text
 */
function faultsOf(error, text) {
  if (!/^rules[:,] /.test(error)) return null;
  return error
    .replace(/^rules[:,] /, '')
    .split('; ')
    .map((fault) => {
      const [, route] = /^route "(.*?)"/.exec(fault) ?? [];
      const named = route === undefined ? -1 : text.indexOf(`"${route}"`);
      if (named < 0) return fault;
      const start = text.lastIndexOf('{', named);
      const [, key] =
        /"(\w+)" is not known|^route ".*?", (\w+)/.exec(fault)?.filter((part) => part !== undefined) ?? [];
      const at = key === undefined ? -1 : text.indexOf(`"${key}"`, start);
      return `${placeOf(at < 0 ? named : at, text)}: ${fault}`;
    });
}

/** @param {number} offset @param {string} text */
function placeOf(offset, text) {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

/** @param {Extract<State, { kind: 'running' }>} props */
function Running({ contacts, total, waiting }) {
  const of = total === null ? '' : ` of ${number(total)}`;
  return html`<${Progress} label="Contacts read" value=${total ? contacts / total : 0}>${number(contacts)}${of} contacts read. ${waiting}<//>`;
}

/** @param {{ result: RulesPreview }} props */
function Result({ result }) {
  const { comes_in, goes_out, moves, stays, unclear, in_doubt, notes, contacts, total, complete } = result;
  const sum = (/** @type {{ contacts: number }[]} */ groups) => groups.reduce((n, group) => n + group.contacts, 0);
  const changes = sum(comes_in) + sum(goes_out) + sum(moves);
  return html`
    <h3>${changes === 0 ? 'Nobody would come in, go out or move.' : `${counted(sum(comes_in), 'contact')} would come in, ${number(sum(goes_out))} go out, ${number(sum(moves))} move.`}</h3>
    <p>${number(stays.in)} stay in the dialer, ${number(stays.out)} out of it. ${unclear.length > 0 && `Of ${counted(sum(unclear), 'contact')} it is not clear.`}</p>
    ${!complete && html`<p class="note fair">GoHighLevel showed ${number(contacts)}${total === null ? '' : ` of ${number(total)}`} contacts, not all.</p>`}
    <${Moves} title="Come in" moves=${comes_in} />
    <${Moves} title="Go out" moves=${goes_out} />
    <${Moves} title="Move" moves=${moves} />
    <${Unclear} title="Not clear" groups=${unclear} />
    <${Unclear} title="In doubt, so not dialed" groups=${in_doubt} />
    ${notes.map((note) => html`<p key=${note} class="quiet">${note}</p>`)}
    <p class="quiet">To use these rules, put them into <code>rules.jsonc</code> (or <code>SYNC_RULES</code>, where that is set) and deploy: npm run setup.</p>`;
}

/** @param {{ title: string, moves: RulesMove[] }} props */
function Moves({ title, moves }) {
  if (moves.length === 0) return null;
  const columns = [
    { name: 'Contacts', number: true, cell: (/** @type {RulesMove} */ { contacts }) => number(contacts) },
    { name: 'From', cell: (/** @type {RulesMove} */ { from }) => placeInWords(from) },
    { name: 'To', cell: (/** @type {RulesMove} */ { to }) => placeInWords(to) },
    { name: 'For example', cell: (/** @type {RulesMove} */ { examples }) => html`<${Examples} ids=${examples} />` },
  ];
  return html`<h3>${title}</h3><${Table} caption=${title} columns=${columns} rows=${moves} keyOf=${(/** @type {RulesMove} */ { from, to }) => JSON.stringify([from, to])} />`;
}

/** @param {{ title: string, groups: RulesUnclear[] }} props */
function Unclear({ title, groups }) {
  if (groups.length === 0) return null;
  const columns = [
    { name: 'Contacts', number: true, cell: (/** @type {RulesUnclear} */ { contacts }) => number(contacts) },
    { name: 'Why', cell: (/** @type {RulesUnclear} */ { explanation }) => explanation },
    { name: 'For example', cell: (/** @type {RulesUnclear} */ { examples }) => html`<${Examples} ids=${examples} />` },
  ];
  return html`<h3>${title}</h3><${Table} caption=${title} columns=${columns} rows=${groups} keyOf=${(/** @type {RulesUnclear} */ { what }) => what} />`;
}

/** @param {{ ids: string[] }} props */
function Examples({ ids }) {
  return html`<span class="row">${ids.map((id) => html`<a key=${id} href=${linkTo(`/contacts/${encodeURIComponent(id)}`)}><code>${id}</code></a>`)}</span>`;
}

/** @type {Record<string, string>} */
const REASONS = { route: 'its route keeps out', no_route: 'no route matches', not_known: 'never looked at' };

/** @param {RulesPlace} place */
function placeInWords({ route, bucket, reason, condition }) {
  if (reason === null)
    return route === null ? `${bucket ?? 'in the dialer'}` : `${bucket ?? 'in the dialer'} (route ${route})`;
  const by = [route === null ? '' : `route ${route}`, condition ?? ''].filter((part) => part !== '').join(', ');
  return `not dialed: ${REASONS[reason] ?? plain(reason)}${by === '' ? '' : ` (${by})`}`;
}
