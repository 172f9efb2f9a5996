// Runs of the nightly sync in words, and how far one is.

import { Progress, Time } from './parts.js';
import { html } from './view.js';
import { counted, number } from './words.js';

/** @import { LocatedRun, Triggered } from '../shared/api/status.ts' */

const PHASES = {
  pages: 'reading the contact list',
  contacts: 'working on contacts that may differ',
};

/** What a run did for a contact, by kind: in the list of a run, and in its sums. */
export const KINDS = {
  missing: 'put into the dialer: it belongs there and was not',
  misplaced: 'moved: it was in another bucket',
  outdated: 'brought up to date: its data had changed',
  withdrawn: 'taken out, or marked do-not-contact',
  gone: 'taken out: GoHighLevel no longer has it',
  drifted: 'fixed: somebody had changed it in CallTools',
  failed: 'could not be done',
};

/** @param {string} kind */
export function kindSays(kind) {
  return KINDS[/** @type {keyof typeof KINDS} */ (kind)] ?? kind;
}

/** @param {LocatedRun} run */
export function isOver({ phase }) {
  return phase === 'over';
}

/** The state in a word or two. @param {LocatedRun} run */
export function stateOf({ state, phase }) {
  return phase === 'over' || state === 'incomplete' ? state : PHASES[phase];
}

/** Who started it. @param {LocatedRun} run */
export function byWhom({ started_by }) {
  return started_by === 'cron' ? 'the schedule' : 'an operator';
}

/** How many contacts it repaired. @param {LocatedRun} run */
export function repairsOf({ repaired }) {
  return Object.values(repaired).reduce((sum, n) => sum + n, 0);
}

/** "3 missing, 1 drifted"; null where nothing was repaired. @param {LocatedRun} run */
export function repairsSay({ repaired }) {
  const kinds = Object.entries(repaired).flatMap(([kind, n]) => (n > 0 ? [`${number(n)} ${kind}`] : []));
  return kinds.length === 0 ? null : kinds.join(', ');
}

/** How far it is, and the one time at which all of it will be done. @param {{ run: LocatedRun }} props */
export function RunProgress({ run }) {
  const { phase, seen, total, settled, waiting, expected_finish, error } = run;
  if (phase === 'over') return null;
  const known = total !== null || phase === 'contacts';
  const all = Math.max(total ?? seen, seen) + settled + (waiting ?? 0);
  const value = known && all > 0 ? Math.min(0.99, (seen + settled) / all) : 0;
  const left = !waiting ? '' : `, ${counted(waiting, 'contact')} to work on`;
  return html`<${Progress} label=${`Progress of the sync, ${PHASES[phase]}`} value=${value}>
    ${Math.floor(100 * value)} %, ${PHASES[phase]}${left}.${' '}
    ${expected_finish === null ? 'When it will be done is not known yet.' : html`It will be done <${Time} at=${expected_finish} />.`}
    ${error !== null && html` <span class="fair">${error}</span>`}
  <//>`;
}

/** What an order to start came to, of one location or of several. @param {Triggered} answer */
export function startedSays(answer) {
  if (!('runs' in answer)) return answer.joined ? 'A sync is under way already.' : 'Started.';
  const faults = answer.runs.flatMap((run) => ('error' in run ? [run] : []));
  const running = answer.runs.length - faults.length;
  const joined = answer.runs.filter((run) => 'joined' in run && run.joined).length;
  const sentences = faults.map(({ location_id, error }) => `Location ${location_id}: ${error}`);
  if (running > joined) sentences.unshift(`Started for ${running - joined} of ${answer.runs.length} locations.`);
  if (joined > 0) sentences.push(`Already running: ${joined}.`);
  return sentences.join(' ');
}
