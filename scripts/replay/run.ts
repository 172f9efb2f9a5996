// What the script does, in order: select, show, ask, act, wait, report.

import { confirmed, lineWidth, startProgress } from '../operator/terminal.ts';
import { harmless, table } from '../operator/text.ts';
import type { Api, Letter, Outcome } from './api.ts';
import { contactOf, retryContact } from './contact.ts';
import type { Options } from './options.ts';
import { type Selection, select } from './select.ts';
import { discardAll, replayAll } from './send.ts';
import { groups, letters as lettersOf, letterTable, summary } from './show.ts';
import { type End, waitForEnds } from './wait.ts';

const SHOWN_BEFORE_ACTING = 20;

/** The exit code of a replay that was interrupted, as shells have it. */
export const INTERRUPTED = 130;

/**
 * The exit code: 0 all fine, 1 some failed, 130 interrupted by `stop`, after the request that was under way. Throws a Sentence for what
 * the person must fix first.
 */
export async function run(options: Options, api: Api, stop: AbortSignal): Promise<number> {
  const { action, ids, filter, resumeFrom } = options;
  warnOfPlainHttp(options.url);
  const selection = since(resumeFrom, await select(api, filter, ids));
  const missing = ids?.filter((id) => !selection.letters.some((letter) => letter.id === id)) ?? [];
  if (missing.length > 0) console.log(`Not there, or not waiting: ${missing.join(', ')}`);
  const contact = selection.letters.length === 0 && resumeFrom === null ? contactOf(options) : null;
  if (contact !== null)
    return (await retryContact(contact, options, api, stop)) > 0 ? 1 : stop.aborted ? INTERRUPTED : 0;
  if (action === 'list' || action === 'group' || selection.letters.length === 0) {
    console.log(shown(action, selection));
    return missing.length > 0 ? 1 : 0;
  }
  // By the pipeline's own clock.
  const began = resumeFrom ?? Math.max(...selection.letters.map(({ dead_at }) => Date.parse(dead_at)));
  const control = { stop, resume: `--resume ${new Date(began).toISOString()}` };
  const failed =
    action === 'replay' ? await replay(selection, options, api, control) : await discard(selection, options, api, stop);
  if (stop.aborted) return INTERRUPTED;
  return failed + missing.length > 0 ? 1 : 0;
}

function shown(action: Options['action'], selection: Selection): string {
  const shows = action === 'list' || action === 'group';
  if (selection.letters.length === 0)
    return shows ? 'There are no such dead letters.' : 'Nothing to do: no such dead letters wait.';
  const now = Date.now();
  return action === 'group'
    ? groups(selection, now)
    : `${letterTable(selection.letters, now, lineWidth())}\n\n${summary(selection, now)}`;
}

/** How a person stops this run, and how the next one goes on. */
interface RunControl {
  stop: AbortSignal;
  /** The option that makes the same command go on from here. */
  resume: string;
}

/** Only letters that died before the interrupted replay began; that replay has already handled the others. */
function since(resumeFrom: number | null, selection: Selection): Selection {
  if (resumeFrom === null) return selection;
  const letters = selection.letters.filter(({ dead_at }) => Date.parse(dead_at) <= resumeFrom);
  const again = selection.letters.length - letters.length;
  if (again > 0) console.log(`${lettersOf(again)} died after that replay began: left out.`);
  const counts = new Map<string, number>();
  for (const { reason } of letters) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const byReason = selection.byReason.flatMap((one) => {
    const count = counts.get(one.reason);
    return count === undefined ? [] : [{ ...one, count }];
  });
  return { letters, byReason };
}

/** How many failed. Letters that cannot be replayed count only if they were named one by one. */
async function replay(
  selection: Selection,
  { dryRun, yes, ids, rate, waitSeconds }: Options,
  api: Api,
  control: RunControl,
): Promise<number> {
  const able = selection.letters.filter(({ replayable }) => replayable);
  const unable = selection.letters.length - able.length;
  show(selection, able);
  if (unable > 0)
    console.log(`${lettersOf(unable)} cannot be replayed (no contact id is known); --discard gives them up.`);
  const failed = ids === null ? 0 : unable;
  if (dryRun) console.log(`Would replay ${lettersOf(able.length)}.`);
  if (dryRun || able.length === 0) return failed;
  if (!yes && !(await confirmed(`Replay ${lettersOf(able.length)}?`))) {
    console.log('Nothing was changed.');
    return failed;
  }
  const outcomes = await replayShown(able, rate, api, control);
  const sent = able.filter(({ id }) => outcomes.get(id) === 'replayed');
  const asked = able.filter(({ id }) => outcomes.has(id));
  const refused = asked.filter(({ id }) => !['replayed', 'not_waiting'].includes(outcomes.get(id) ?? ''));
  report('Not replayed', refused, ({ id }) => [outcomes.get(id) ?? 'unknown', '']);
  if (asked.length > sent.length + refused.length) {
    console.log(`${lettersOf(asked.length - sent.length - refused.length)} no longer waited.`);
  }
  console.log(`Replayed ${sent.length} of ${lettersOf(able.length)}.`);
  if (control.stop.aborted) {
    if (asked.length < able.length) console.log(goOn(control));
    return failed + refused.length;
  }
  const died = waitSeconds > 0 && sent.length > 0 ? await waitShown(sent, waitSeconds, api, control.stop) : 0;
  return failed + refused.length + died;
}

function goOn({ resume }: RunControl): string {
  return `To go on, run the same command with ${resume}. The others still wait, and letters that failed again are not replayed twice.`;
}

async function replayShown(
  able: Letter[],
  rate: number,
  api: Api,
  control: RunControl,
): Promise<Map<string, Outcome['outcome']>> {
  const outcomes = new Map<string, Outcome['outcome']>();
  const progress = startProgress('Replaying', able.length);
  try {
    await replayAll(
      api,
      able.map(({ id }) => id),
      rate,
      (group) => {
        for (const { id, outcome } of group) outcomes.set(id, outcome);
        progress.update(outcomes.size);
      },
      control.stop,
    );
  } catch (error) {
    progress.end();
    console.log(`Replayed ${outcomes.size} of ${lettersOf(able.length)}, then stopped. ${goOn(control)}`);
    throw error;
  }
  progress.end();
  return outcomes;
}

/** How many did not succeed in time. */
async function waitShown(sent: Letter[], waitSeconds: number, api: Api, stop: AbortSignal): Promise<number> {
  const progress = startProgress('Waiting  ', sent.length);
  const ends = await waitForEnds(api, sent, waitSeconds, progress.update, stop).finally(progress.end);
  const of = (kind: End['kind']) => sent.filter(({ id }) => ends.get(id)?.kind === kind);
  const [resolved, discarded, failed, open] = [of('resolved'), of('discarded'), of('failed'), of('open')];
  report('Failed again', failed, ({ id }) => {
    const end = ends.get(id);
    return end?.kind === 'failed' ? [end.reason, end.error] : ['', ''];
  });
  report('Still on their way', open, () => ['', '']);
  if (open.length > 0) console.log('Look again later: npm run replay -- --list --status replayed');
  const given = discarded.length > 0 ? `, ${discarded.length} discarded by somebody` : '';
  console.log(
    `${resolved.length} succeeded, ${failed.length} failed again, ${open.length} still on their way${given}.`,
  );
  return failed.length + open.length;
}

async function discard(selection: Selection, { dryRun, yes }: Options, api: Api, stop: AbortSignal): Promise<number> {
  const { letters } = selection;
  show(selection, letters);
  if (dryRun) {
    console.log(`Would discard ${lettersOf(letters.length)}.`);
    return 0;
  }
  if (!yes && !(await confirmed(`Discard ${lettersOf(letters.length)}? The contacts stay as they are.`))) {
    console.log('Nothing was changed.');
    return 0;
  }
  let [asked, discarded] = [0, 0];
  const ids = letters.map(({ id }) => id);
  const notes: string[] = [];
  const onGroup = (group: Outcome[], note: string | null) => {
    if (note !== null) notes.push(note);
    asked += group.length;
    discarded += group.filter(({ outcome }) => outcome === 'discarded').length;
  };
  await discardAll(api, ids, onGroup, stop);
  const others = [
    ...(discarded < asked ? [`${asked - discarded} no longer waited`] : []),
    ...(asked < ids.length ? ['the others still wait'] : []),
  ];
  console.log(`Discarded ${[`${discarded} of ${lettersOf(ids.length)}`, ...others].join('; ')}.`);
  for (const note of notes) console.log(harmless(note));
  return 0;
}

function show(selection: Selection, letters: Letter[]): void {
  console.log(summary(selection, Date.now()));
  if (letters.length === 0) return;
  console.log(`\n${letterTable(letters.slice(0, SHOWN_BEFORE_ACTING), Date.now(), lineWidth())}`);
  if (letters.length > SHOWN_BEFORE_ACTING) console.log(`… and ${letters.length - SHOWN_BEFORE_ACTING} more`);
}

function report(heading: string, letters: Letter[], why: (letter: Letter) => [string, string]): void {
  if (letters.length === 0) return;
  const rows = letters.map((letter) => [letter.id, letter.contact_id ?? '-', ...why(letter)]);
  console.log(`\n${heading}:\n${table(['ID', 'CONTACT', 'REASON', 'ERROR'], rows, lineWidth())}`);
}

function warnOfPlainHttp({ protocol, hostname }: URL): void {
  const local = /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
  if (protocol === 'http:' && !local)
    console.error('Warning: http sends the token unencrypted. Use https outside this machine.');
}
