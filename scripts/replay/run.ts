// What the script does, in order: select, show, ask, act, wait, report.

import { EXIT } from '../command/command.ts';
import type { Output } from '../command/output.ts';
import { confirmed, lineWidth, startProgress } from '../command/terminal.ts';
import { harmless, table } from '../command/text.ts';
import type { Api, Letter, Outcome } from './api.ts';
import { contactOf, retryContact } from './contact.ts';
import type { Options } from './options.ts';
import { type Selection, select } from './select.ts';
import { discardAll, replayAll } from './send.ts';
import { groups, letters as lettersOf, letterTable, summary } from './show.ts';
import { type End, waitForEnds } from './wait.ts';

const SHOWN_BEFORE_ACTING = 20;

/** What `--json` prints of a replay or a discard. */
interface Report {
  /** How many letters were replayed or discarded. */
  done: number;
  failed: { id: string; contact_id: string | null; reason: string; error: string }[];
  /** Ids of those whose outcome is not known yet. */
  open: string[];
}

/** How a person stops this run, how the next one goes on, and where this one writes. */
interface RunControl {
  stop: AbortSignal;
  /** The option that makes the same command go on from here. */
  resume: string;
  out: Output;
}

/**
 * The exit code: 0 all fine, 1 some failed. `stop` ends it after the request that is under way. Throws a Sentence for what the person must
 * fix first.
 */
export async function run(options: Options, api: Api, stop: AbortSignal, out: Output): Promise<number> {
  const { action, ids, filter, resumeFrom } = options;
  warnOfPlainHttp(options.url, out);
  const selection = since(resumeFrom, await select(api, filter, ids), out);
  const missing = ids?.filter((id) => !selection.letters.some((letter) => letter.id === id)) ?? [];
  if (missing.length > 0) out.say(`Not there, or not waiting: ${missing.join(', ')}`);
  const contact = selection.letters.length === 0 && resumeFrom === null ? contactOf(options) : null;
  if (contact !== null) return retryContact(contact, options, api, stop, out);
  if (action === 'list' || action === 'group') {
    const { letters, byReason } = selection;
    const total = { total: letters.length, by_reason: byReason, missing };
    out.result(action === 'group' ? total : { ...total, dead_letters: letters }, () => shown(action, selection));
    return missing.length > 0 ? EXIT.failed : EXIT.done;
  }
  if (selection.letters.length === 0) out.say('Nothing to do: no such dead letters wait.');
  const { done, failed, open } = await act(selection, options, api, stop, out);
  out.result({ action, dry_run: options.dryRun, chosen: selection.letters.length, done, failed, open, missing });
  return failed.length + open.length + missing.length > 0 ? EXIT.failed : EXIT.done;
}

function act(selection: Selection, options: Options, api: Api, stop: AbortSignal, out: Output): Promise<Report> {
  // By the pipeline's own clock.
  const began = options.resumeFrom ?? Math.max(0, ...selection.letters.map(({ dead_at }) => Date.parse(dead_at)));
  const control = { stop, out, resume: `--resume ${new Date(began).toISOString()}` };
  if (selection.letters.length === 0) return Promise.resolve({ done: 0, failed: [], open: [] });
  return options.action === 'discard'
    ? discard(selection, options, api, control)
    : replay(selection, options, api, control);
}

function shown(action: 'list' | 'group', selection: Selection): string {
  if (selection.letters.length === 0) return 'There are no such dead letters.';
  const now = Date.now();
  return action === 'group'
    ? groups(selection, now)
    : `${letterTable(selection.letters, now, lineWidth())}\n\n${summary(selection, now)}`;
}

/** Only letters that died before the interrupted replay began; that replay has already handled the others. */
function since(resumeFrom: number | null, selection: Selection, out: Output): Selection {
  if (resumeFrom === null) return selection;
  const letters = selection.letters.filter(({ dead_at }) => Date.parse(dead_at) <= resumeFrom);
  const again = selection.letters.length - letters.length;
  if (again > 0) out.say(`${lettersOf(again)} died after that replay began: left out.`);
  const counts = new Map<string, number>();
  for (const { reason } of letters) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const byReason = selection.byReason.flatMap((one) => {
    const count = counts.get(one.reason);
    return count === undefined ? [] : [{ ...one, count }];
  });
  return { letters, byReason };
}

/** Letters that cannot be replayed count as failed only if they were named one by one. */
async function replay(
  selection: Selection,
  { dryRun, yes, ids, rate, waitSeconds }: Options,
  api: Api,
  control: RunControl,
): Promise<Report> {
  const { out } = control;
  const able = selection.letters.filter(({ replayable }) => replayable);
  const unable = selection.letters.filter(({ replayable }) => !replayable);
  show(selection, able, out);
  if (unable.length > 0)
    out.say(`${lettersOf(unable.length)} cannot be replayed (no contact id is known); --discard gives them up.`);
  const failed = ids === null ? [] : unable.map((letter) => failure(letter, 'not_replayable', ''));
  const nothing = { done: 0, failed, open: [] };
  if (dryRun) out.say(`Would replay ${lettersOf(able.length)}.`);
  if (dryRun || able.length === 0) return nothing;
  if (!yes && !(await confirmed(`Replay ${lettersOf(able.length)}?`))) {
    out.say('Nothing was changed.');
    return nothing;
  }
  const outcomes = await replayShown(able, rate, api, control);
  const sent = able.filter(({ id }) => outcomes.get(id) === 'replayed');
  const asked = able.filter(({ id }) => outcomes.has(id));
  const refused = asked
    .filter(({ id }) => !['replayed', 'not_waiting'].includes(outcomes.get(id) ?? ''))
    .map((letter) => failure(letter, outcomes.get(letter.id) ?? 'unknown', ''));
  report('Not replayed', refused, out);
  if (asked.length > sent.length + refused.length) {
    out.say(`${lettersOf(asked.length - sent.length - refused.length)} no longer waited.`);
  }
  out.say(`Replayed ${sent.length} of ${lettersOf(able.length)}.`);
  if (control.stop.aborted && asked.length < able.length) out.say(goOn(control));
  const isWaiting = !control.stop.aborted && waitSeconds > 0 && sent.length > 0;
  const ends = isWaiting ? await waitShown(sent, waitSeconds, api, control) : { failed: [], open: [] };
  return { done: sent.length, failed: [...failed, ...refused, ...ends.failed], open: ends.open };
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
    control.out.say(`Replayed ${outcomes.size} of ${lettersOf(able.length)}, then stopped. ${goOn(control)}`);
    throw error;
  }
  progress.end();
  return outcomes;
}

/** Those that did not succeed in time. */
async function waitShown(
  sent: Letter[],
  waitSeconds: number,
  api: Api,
  { stop, out }: RunControl,
): Promise<Pick<Report, 'failed' | 'open'>> {
  const progress = startProgress('Waiting  ', sent.length);
  const ends = await waitForEnds(api, sent, waitSeconds, progress.update, stop).finally(progress.end);
  const of = (kind: End['kind']) => sent.filter(({ id }) => ends.get(id)?.kind === kind);
  const [resolved, discarded, open] = [of('resolved'), of('discarded'), of('open')];
  const failed = of('failed').map((letter) => {
    const end = ends.get(letter.id);
    return end?.kind === 'failed' ? failure(letter, end.reason, end.error) : failure(letter, '', '');
  });
  report('Failed again', failed, out);
  report(
    'Still on their way',
    open.map((letter) => failure(letter, '', '')),
    out,
  );
  if (open.length > 0) out.say('Look again later: npm run replay -- --list --status replayed');
  const given = discarded.length > 0 ? `, ${discarded.length} discarded by somebody` : '';
  out.say(`${resolved.length} succeeded, ${failed.length} failed again, ${open.length} still on their way${given}.`);
  return { failed, open: open.map(({ id }) => id) };
}

async function discard(
  selection: Selection,
  { dryRun, yes }: Options,
  api: Api,
  { stop, out }: RunControl,
): Promise<Report> {
  const { letters } = selection;
  show(selection, letters, out);
  const nothing = { done: 0, failed: [], open: [] };
  if (dryRun) {
    out.say(`Would discard ${lettersOf(letters.length)}.`);
    return nothing;
  }
  if (!yes && !(await confirmed(`Discard ${lettersOf(letters.length)}? The contacts stay as they are.`))) {
    out.say('Nothing was changed.');
    return nothing;
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
  out.say(`Discarded ${[`${discarded} of ${lettersOf(ids.length)}`, ...others].join('; ')}.`);
  for (const note of notes) out.say(harmless(note));
  return { done: discarded, failed: [], open: [] };
}

function failure({ id, contact_id }: Letter, reason: string, error: string): Report['failed'][number] {
  return { id, contact_id, reason, error };
}

function show(selection: Selection, letters: Letter[], out: Output): void {
  out.say(summary(selection, Date.now()));
  if (letters.length === 0) return;
  out.say(`\n${letterTable(letters.slice(0, SHOWN_BEFORE_ACTING), Date.now(), lineWidth())}`);
  if (letters.length > SHOWN_BEFORE_ACTING) out.say(`… and ${letters.length - SHOWN_BEFORE_ACTING} more`);
}

function report(heading: string, letters: Report['failed'], out: Output): void {
  if (letters.length === 0) return;
  const rows = letters.map(({ id, contact_id, reason, error }) => [id, contact_id ?? '-', reason, error]);
  out.say(`\n${heading}:\n${table(['ID', 'CONTACT', 'REASON', 'ERROR'], rows, lineWidth())}`);
}

function warnOfPlainHttp({ protocol, hostname }: URL, out: Output): void {
  const local = /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
  if (protocol === 'http:' && !local)
    out.note('Warning: http sends the token unencrypted. Use https outside this machine.');
}
