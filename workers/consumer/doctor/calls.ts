// The doctor checks what CALL_RESULTS needs: the names of dispositions, the record of calls, and CallTools' notices. Where the setting is
// not set nothing is asked.

import { errorText } from '../../../shared/harmless.ts';
import { DAY_MS, HOUR_MS, spanOf } from '../../../shared/time.ts';
import type { Env, World } from '../config/env.ts';
import type { Settings } from '../config/settings.ts';
import { type Disposition, dispositionOf, isUnknown, unknownHold } from '../domain/calls/meaning.ts';
import type { CallResults } from '../domain/calls/setting.ts';
import { stepsOf } from '../domain/calls/writes.ts';
import type { CheckCode } from '../domain/checks.ts';
import { didYouMean } from '../domain/nearest.ts';
import { sameName } from '../domain/rules/tags.ts';
import { readPollState } from '../store/calls/polls.ts';
import { readWriteState } from '../store/calls/writes.ts';
import type { CallRow } from '../vendors/calls/calltools-calls.ts';
import { HOOK_PATH, isOurs } from '../vendors/calls/calltools-hooks.ts';
import type { CallTools } from '../vendors/calltools.ts';
import { type Check, failed, ok, skipped, warning } from './check.ts';

interface Examined {
  db: Env['DB'];
  world: Pick<World, 'now'>;
  settings: Settings;
  /** Null where host or key failed. */
  callTools: CallTools | null;
  /** Ingest has a token for CallTools' notices; null where it has not told. */
  acceptsHooks: boolean | null;
  /** The check of CallTools that failed. */
  cause: CheckCode | undefined;
}

const WRITES = 'call-writes' as const satisfies CheckCode;
const CODES = ['call-results', 'call-record', 'call-hooks'] as const satisfies CheckCode[];
/** An account may have hundreds of names: only so many are shown. */
const SHOWN = 15;
/** A poll may be late by this much: the cron of a minute may be missed. */
const LATE_MS = HOUR_MS / 4;
/** Failed deliveries before this are over. */
const RECENT_MS = DAY_MS;

/** Never throws. */
export async function checkCalls(examined: Examined): Promise<Check[]> {
  const { settings, callTools, cause } = examined;
  const { calls } = settings;
  if (calls === null) return [...CODES, WRITES].map((code) => skipped(code, 'CALL_RESULTS is not set.'));
  const writes = await checkWrites(calls, examined);
  if (callTools === null)
    return [...CODES.map((code) => skipped(code, 'Not asked: CallTools is not well.', cause)), writes];
  return [
    await checkNames(calls, callTools),
    await checkRecord(calls, callTools, examined),
    await checkHooks(callTools, examined),
    writes,
  ];
}

/** A misspelled name would match nothing, without a word (docs/vendors.md, CallTools: dispositions). */
async function checkNames({ results, otherwise }: CallResults, callTools: CallTools): Promise<Check> {
  const code = 'call-results';
  let known: Disposition[];
  try {
    known = await callTools.dispositions();
  } catch (thrown) {
    return failed(code, `The dispositions cannot be read: ${errorText(thrown)}`);
  }
  const named = results.flatMap(({ dispositions }) => dispositions);
  const names = known.map(({ name }) => name);
  const lacking = named.filter((name) => !names.some((one) => sameName(one, name)));
  const used = lacking.length === 0 ? [] : await usedNames(callTools);
  const missing = lacking.filter((name) => !used.some((one) => sameName(one, name)));
  const others = known.filter(({ name }) => !named.some((one) => sameName(one, name)));
  const seen = [
    missing.length === 0
      ? `There: ${listed(named) || 'none is named'}.`
      : missing.map((name) => `CallTools has no disposition ${name}.${didYouMean(name, names)}`).join(' '),
    ...told(stepsOf(otherwise).length > 0 ? 'Only "otherwise" covers' : 'No rule names', others),
    ...told(
      'These hold without a rule, because CallTools marks them as do-not-contact',
      known.filter(({ doNotContact }) => doNotContact),
    ),
  ].join(' ');
  return missing.length === 0 ? ok(code, seen) : failed(code, seen);
}

/** Names and ids of dispositions in the latest rows: the list need not have them all. */
async function usedNames(callTools: CallTools): Promise<string[]> {
  const page = await callTools.callRows(1).catch(() => null);
  return (page?.rows ?? []).flatMap(({ said }) => [said?.id, said?.name].flatMap((one) => one ?? []));
}

function told(what: string, dispositions: Disposition[]): string[] {
  return dispositions.length === 0 ? [] : [`${what}: ${listed(dispositions.map(({ name }) => name))}.`];
}

function listed(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return `${names.slice(0, SHOWN).join(', ')}${more}`;
}

async function checkRecord(
  calls: CallResults,
  callTools: CallTools,
  { db, world, settings }: Pick<Examined, 'db' | 'world' | 'settings'>,
): Promise<Check> {
  const code = 'call-record';
  let unknown: string;
  try {
    unknown = await unknownAmong((await callTools.callRows(1))?.rows ?? [], calls, callTools);
  } catch (thrown) {
    return failed(code, `The record of calls cannot be read: ${errorText(thrown)}`);
  }
  try {
    const poll = await readPollState(db, settings.GHL_LOCATION_ID);
    if (poll?.failure) return failed(code, `It can be read now. The last poll failed: ${poll.failure}`);
    if (!poll?.polledAt) return warning(code, 'It can be read. No poll has come to its end yet.');
    const ageMs = world.now() - poll.polledAt;
    const seen = `It can be read. It was last read to its end ${spanOf(ageMs)} ago.${unknown}`;
    return ageMs > calls.pollMs + LATE_MS || unknown !== '' ? warning(code, seen) : ok(code, seen);
  } catch (thrown) {
    return skipped(code, `Not known: ${errorText(thrown)}`, 'database');
  }
}

/** What follows from rows whose disposition nobody knows, as a sentence; empty where there are none. */
async function unknownAmong(rows: readonly CallRow[], calls: CallResults, callTools: CallTools): Promise<string> {
  const noted = rows.flatMap(({ said }) => said ?? []);
  const known = noted.length === 0 ? [] : await callTools.dispositions().catch(() => null);
  if (known === null) return '';
  const unknown = noted.filter((said) => isUnknown(said, dispositionOf(said, known), calls)).length;
  if (unknown === 0) return '';
  const follows = unknownHold(noted, known, calls)
    ? 'these people are held, because they may have said no; a rule of CALL_RESULTS may say what it means, by name or id'
    : 'so many that nobody is held because of them; let rules of CALL_RESULTS name those that say no, by name or id';
  return ` Of its latest ${noted.length} rows ${unknown} name a disposition that CallTools’ list does not have: ${follows}.`;
}

async function checkHooks(
  callTools: CallTools,
  { world, settings, acceptsHooks }: Pick<Examined, 'world' | 'settings' | 'acceptsHooks'>,
): Promise<Check> {
  const code = 'call-hooks';
  const unused = 'Not set up: results come by the poll alone. To have them at once: npm run setup -- --call-hooks.';
  try {
    const ours = (await callTools.hooks()).filter((hook) => isOurs(hook, settings.GHL_LOCATION_ID));
    if (ours.length === 0)
      return acceptsHooks
        ? warning(code, `Ingest accepts notices, but CallTools has no subscription to ${HOOK_PATH}.`)
        : skipped(code, unused);
    if (acceptsHooks === false)
      return failed(
        code,
        'CallTools is subscribed, but ingest has no CALLTOOLS_WEBHOOK_TOKEN: it refuses all notices.',
      );
    const failures: (number | null)[] = [];
    for (const hook of ours) failures.push(...(await callTools.failedDeliveries(hook)));
    const recent = failures.filter((at) => at === null || at > world.now() - RECENT_MS);
    const there = `Subscribed to: ${[...new Set(ours.map(({ model }) => model))].join(', ')}.`;
    if (recent.length === 0) return ok(code, `${there} CallTools’ error log names no failed delivery within a day.`);
    return warning(code, `${there} CallTools’ error log names ${recent.length} failed deliveries within a day.`);
  } catch (thrown) {
    const error = `The subscriptions cannot be read: ${errorText(thrown)}`;
    return acceptsHooks ? warning(code, error) : skipped(code, `${unused} ${error}`);
  }
}

/** Only a write shows whether the token may write, and none is made to find out. */
async function checkWrites(
  { results, otherwise }: CallResults,
  { db, world, settings }: Pick<Examined, 'db' | 'world' | 'settings'>,
): Promise<Check> {
  const wanted = [...results.map(({ writes }) => writes), otherwise].some((writes) => stepsOf(writes).length > 0);
  if (!wanted) return skipped(WRITES, 'CALL_RESULTS writes nothing to GoHighLevel.');
  try {
    const { failure, doneAt } = await readWriteState(db, settings.GHL_LOCATION_ID);
    if (failure !== null) return failed(WRITES, `GoHighLevel takes no writes: ${failure}`);
    if (doneAt !== null) return ok(WRITES, `The last write succeeded ${spanOf(world.now() - doneAt)} ago.`);
    return skipped(
      WRITES,
      'Cannot be checked: only a write shows whether the token has the scope contacts.write, and none has succeeded or failed because of it yet.',
    );
  } catch (thrown) {
    return skipped(WRITES, `Not known: ${errorText(thrown)}`, 'database');
  }
}
