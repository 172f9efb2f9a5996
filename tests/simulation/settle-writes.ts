// After a history: what calls say is in GoHighLevel, once for each row, and nothing else was written there.

import { type CallResults, isWriting, STEPS, type Step, saysNo, type Writes, writesOf } from './agents-calls.ts';
import type { CrmWrite } from './crm.ts';
import { during, isBlocked } from './truth.ts';
import type { World } from './world.ts';

/** A row of our contacts, as it was kept. */
interface Kept {
  rowId: number;
  callToolsId: number;
  contactId: string | null;
  disposition: string;
}

/** Of one write of a contact: how many rows want it, and of how many it is said to be done. */
interface Wanted extends Pick<CrmWrite, 'contactId' | 'step' | 'what'> {
  rows: number;
  done: number;
}

/** CallTools may have shown another person so much earlier than D1 learns of it. */
const BEHIND_MS = 120_000;

/** To be called where nothing is under way, before anything is replayed. */
export function writesAreKept(world: World): void {
  const { setup, crm, report } = world;
  const { callResults } = setup;
  if (!callResults || !isWriting(callResults)) {
    if (crm.writes.length > 0) report('rewritten', `nothing is to be written, and ${crm.writes[0]?.step} was tried`);
    return;
  }
  const wanted = wantedOf(world, callResults);
  for (const one of wanted) {
    const done = crm.writes.filter((write) => write.isDone && isFor(write, one));
    const { step, rows } = one;
    const what = `${step} ${one.what} of ${one.contactId}`;
    if (done.length > rows && !mayRepeat(world, step))
      report('rewritten', `${what}: ${done.length} times for ${rows} rows`);
    if (done.length < one.done && !isEnough(world, one)) report('unwritten', `${what}: ${done.length} of ${one.done}`);
  }
  for (const write of crm.writes)
    if (!wanted.some((one) => isFor(write, one)))
      report('rewritten', `${write.step} ${write.what} of ${write.contactId}: no row asks for it`);
}

const stepsOf = (writes: Writes) => STEPS.filter((step) => writes[step] !== undefined);

/** Holds each row to what the setting says, and counts. */
function wantedOf(world: World, callResults: CallResults): Wanted[] {
  const { sqlite, report } = world;
  const all = sqlite.rows('SELECT row_id, step, state FROM call_writes');
  const found = new Map<string, Wanted>();
  for (const row of keptOf(world)) {
    const own = all.filter(({ row_id }) => row_id === row.rowId);
    const states = new Map(own.map(({ step, state }) => [step as Step, String(state)]));
    const asked = stepsOf(writesOf(callResults, row.disposition));
    const told = `row ${row.rowId}, ${row.disposition}`;
    for (const step of states.keys()) if (!asked.includes(step)) report('rewritten', `${told}, asks for no ${step}`);
    for (const step of asked) {
      const why = whyNot(world, row, step, states.get(step) ?? null);
      if (why !== null) report('unwritten', `${told}, ${step}: ${why}`);
      const what = whatOf(callResults, row.disposition, step);
      if (row.contactId !== null) count(found, row.contactId, step, what, states.get(step) === 'done');
    }
  }
  return [...found.values()];
}

function count(found: Map<string, Wanted>, contactId: string, step: Step, what: string, isDone: boolean): void {
  const key = [contactId, step, what].join();
  const { rows = 0, done = 0 } = found.get(key) ?? {};
  found.set(key, { contactId, step, what, rows: rows + 1, done: done + (isDone ? 1 : 0) });
}

function keptOf({ sqlite, calls }: World): Kept[] {
  return sqlite
    .rows('SELECT row_id, calltools_id, contact_id, disposition FROM call_results')
    .map((row) => ({
      rowId: Number(row.row_id),
      callToolsId: Number(row.calltools_id),
      contactId: row.contact_id === null ? null : String(row.contact_id),
      disposition: String(row.disposition),
    }))
    .filter(({ callToolsId }) => !calls.others.includes(callToolsId));
}

/** Why this is not what must be of a step; null = it is. */
function whyNot(world: World, { rowId, callToolsId, contactId, disposition }: Kept, step: Step, state: string | null) {
  const { calls, callTools, sqlite } = world;
  const at = calls.rows.expected().get(rowId)?.at ?? 0;
  const shown = calls.shownBy(callToolsId, at - BEHIND_MS);
  if (contactId === null) {
    const isThere = callTools.contacts().some(({ id }) => id === callToolsId);
    return isThere && calls.shownBy(callToolsId, Number.POSITIVE_INFINITY).length > 0
      ? 'nobody was found for it'
      : null;
  }
  if (!shown.includes(contactId)) return `it is about ${contactId}, and the contact that was called shows ${shown}`;
  if (state === 'done') return null;
  const letters = sqlite.rows('SELECT contact_id, reason, error FROM dead_letters WHERE contact_id = ?1', contactId);
  if (state === 'failed' && letters.some(({ error }) => String(error).startsWith(`${step}: `))) return null;
  // Who cannot be taken out of the dialer is a dead letter, and nothing is written before.
  if (
    state === 'waiting' &&
    saysNo(disposition) &&
    sqlite.rows(`SELECT 1 FROM dead_letters WHERE status = 'waiting'`).length > 0
  )
    return null;
  return `it is ${state}`;
}

/** As `CrmWrite` shows it; of a note, its beginning. */
function whatOf(callResults: CallResults, disposition: string, step: Step): string {
  const { tags, workflow = '' } = writesOf(callResults, disposition);
  return { tags: String(tags), dnd: '', workflow, note: `Dialer: ${disposition} on ` }[step];
}

function isFor(write: CrmWrite, { contactId, step, what }: Wanted): boolean {
  if (write.contactId !== contactId || write.step !== step) return false;
  return step === 'note' ? write.what.startsWith(what) : write.what === what;
}

/** The contact is gone, or calls to it were blocked already. */
function isEnough({ truth, calls, clock }: World, { contactId, step }: Wanted): boolean {
  const versions = truth.versions(contactId);
  if (versions.at(-1)?.contact === null) return true;
  const since = Math.min(...[...calls.rows.expected().values()].map(({ at }) => at));
  const then = during(versions, since, clock.now);
  return step === 'dnd' && then.some(({ contact }) => contact !== null && isBlocked(contact));
}

/** Something fell between the call and its record; what may be repeated, also where it took effect and the answer was lost. */
function mayRepeat({ counts, faults }: World, step: Step): boolean {
  const lost = (['fail', 'fail-after'] as const).some((mode) => faults.met.has(mode));
  const isOnce = step === 'workflow' || step === 'note';
  return counts.kills > 0 || lost || (!isOnce && faults.met.size > 0);
}
