// Runs of the nightly sync (backstop): how far they are, how long they still take, and what they fixed.

import { send } from './api.js';
import { byId, make, show, showList } from './dom.js';
import { clock, moment, number, plain } from './words.js';

/** @import { LocatedRun, Overview, Triggered } from '../shared/api/status.ts' */

/** @param {Overview} overview */
export function showRuns({ runs, backstop, all_locations }) {
  const next = backstop.flatMap(({ next_at }) => next_at ?? []).sort()[0];
  byId('next-run').textContent =
    next === undefined ? 'The next run is not scheduled yet.' : `Next run: ${moment(next)}.`;
  const several = all_locations.length > 1;
  showList(
    byId('runs'),
    runs,
    ({ id }) => id,
    (run) => drawRun(run, several),
  );
}

/** @param {{ again(): void, location(): string | null }} desk */
export function readyRuns({ again, location }) {
  byId('start-run').onclick = async () => {
    const say = (/** @type {string} */ text) => show(byId('runs-note'), text, () => [text]);
    try {
      say(resultOf(await send('/sync/trigger', { location: location() })));
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
    again();
  };
}

/**
 * Of one location, or of several: then with each fault.
 *
 * @param {Triggered} answer
 */
function resultOf(answer) {
  if (!('runs' in answer)) return answer.joined ? 'A run is under way already.' : 'Started.';
  const faults = answer.runs.flatMap((run) => ('error' in run ? [run] : []));
  const running = answer.runs.length - faults.length;
  const joined = answer.runs.filter((run) => 'joined' in run && run.joined).length;
  const sentences = faults.map(({ location_id, error }) => `Location ${location_id}: ${error}`);
  if (running > joined) sentences.unshift(`Started for ${running - joined} of ${answer.runs.length} locations.`);
  if (joined > 0) sentences.push(`Already running: ${joined}.`);
  return sentences.join(' ');
}

const PHASES = {
  pages: 'reading the contact list',
  contacts: 'working on contacts that may differ',
  over: 'over',
};

/**
 * @param {LocatedRun} run
 * @param {boolean} several
 */
function drawRun(run, several) {
  const { state, phase, started_at, started_by, location_id, error } = run;
  const how = phase === 'over' || state === 'incomplete' ? state : PHASES[phase];
  const by = started_by === 'cron' ? 'by the schedule' : 'by an operator';
  return make(
    'li',
    {},
    make('strong', {}, how),
    ` · started ${moment(started_at)} ${by}${several ? ` · location ${location_id}` : ''}`,
    phase === 'over' ? null : drawProgress(run),
    make('p', { className: 'quiet' }, countsOf(run)),
    error === null ? null : make('p', { className: 'bad' }, error),
  );
}

/** @param {LocatedRun} run */
function drawProgress({ phase, percent, progress, settled, waiting }) {
  const reading = phase === 'pages';
  const total = settled + (waiting ?? 0);
  const value = reading ? (percent ?? 0) : total === 0 ? 0 : Math.floor((100 * settled) / total);
  const { expected_finish, remaining } = reading ? progress.pages : progress.contacts;
  const left = remaining === null ? '' : `, ${number(remaining)} left`;
  const end = expected_finish === null ? 'end not known yet' : `done at about ${clock(expected_finish)}`;
  return make(
    'div',
    {},
    make('progress', { max: 100, value, 'aria-label': `Progress of the run, ${PHASES[phase]}` }),
    make('p', {}, `${value} %${left}, ${end}.`),
  );
}

/** @param {LocatedRun} run */
function countsOf({ seen, total, queued, errors, repaired }) {
  const fixed = Object.entries(repaired).flatMap(([kind, n]) => (n > 0 ? [`${number(n)} ${plain(kind)}`] : []));
  return [
    `${number(seen)}${total === null ? '' : ` of ${number(total)}`} contacts seen`,
    `${number(queued)} looked at closely`,
    fixed.length > 0 ? `fixed: ${fixed.join(', ')}` : 'nothing to fix',
    ...(errors > 0 ? [`${number(errors)} failed`] : []),
  ].join(' · ');
}
