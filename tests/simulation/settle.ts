// After a history: faults stop, everything runs dry, one backstop completes, and then CallTools is compared with the rules.

import { DAY_MS, MINUTE_MS } from '../../shared/time.ts';
import { confirmAll } from './confirm-held.ts';
import { differences, isForAPerson, type Letter, phonesOf, waitingLetters } from './differences.ts';
import { operate } from './operate.ts';
import type { Performer } from './perform.ts';
import { lineOf } from './rule-sets.ts';
import { callsAreKept, callsTookEffect } from './settle-calls.ts';
import { fieldsAreQuiet, fieldsRecover, nobodyTold, pagesTellNobody } from './settle-fields.ts';
import { settleRefused } from './settle-refused.ts';
import type { World } from './world.ts';

/** All that is left must be over by then: retries, outages that are noticed late, stalled runs. */
const DRY_MS = 12 * 3_600_000;

/** The minute cron; unless `always`, only as long as it has something to do: without, it is two looks at D1. */
export function startCron(world: World, { always = false } = {}): void {
  const { clock } = world;
  const tick = () => {
    if (always || world.cronIsDue()) world.cron();
    clock.after(MINUTE_MS, tick);
  };
  clock.after(MINUTE_MS - (clock.now % MINUTE_MS), tick);
}

export async function settle(world: World, performer: Performer): Promise<void> {
  const { clock, setup, violations, report } = world;
  const dry = () => world.quiet() && performer.underWay() === 0;
  const runDry = async (what: string) => {
    if (!(await clock.runUntil(dry, clock.now + DRY_MS)) && !dry()) report('endless', what);
    failuresSeen(world);
    return violations.length === 0;
  };

  await settleRefused(world, performer, dry);
  calm(world);
  if (!(await runDry('what the history left'))) return;
  nothingLost(world, performer);
  nothingHidden(world, performer);
  callsTookEffect(world, performer);
  world.forms.odd.clear();
  nobodyTold(world);
  await fieldsRecover(world, performer);
  if (setup.onlyOutage) nothingGivenUp(world);
  if (setup.flood) nobodyFlooded(world);
  await untilLearned(world, performer);
  const nights = nightsOf(world, performer);
  for (let night = 0; night < nights && violations.length === 0; night++) {
    if (night > 0) await clock.runTo(clock.now + DAY_MS);
    await backstop(world);
    if (!(await runDry('a backstop'))) return;
  }
  if (violations.length > 0 || !(await confirmAll(world, runDry))) return;
  if (!compare(world, performer)) return;
  callsAreKept(world, performer);
  const replayable = waitingLetters(world);
  if (replayable.length === 0 && performer.deleted.size === 0) {
    await staysQuiet(world, runDry);
    await fieldsAreQuiet(world, async () => {
      await backstop(world);
      return (await runDry('a backstop after a change of fields')) && compare(world, performer);
    });
  }
  await pagesTellNobody(world);
  nobodyTold(world);
  if (replayable.length === 0 && performer.meddled.size > 0 && violations.length === 0) await staysPut(world, runDry);
  if (replayable.length > 0) await replay(world, performer, replayable, runDry);
}

/** Waits until a run can learn all that has changed. */
async function untilLearned({ clock, setup }: World, { deleted }: Performer): Promise<void> {
  await clock.runTo(clock.now + Math.max(setup.searchLagMs, setup.readLagMs?.max ?? 0) + 1000);
  // A bucket that was deleted, or has a twin, is noticed by a run once what is known of it is half a day old.
  if (deleted.size > 0) await clock.runTo(clock.now + DAY_MS / 2);
  // Pipelines that could not be read, or did not have a name, are read again after ten minutes.
  if (setup.rules === 'deals') await clock.runTo(clock.now + 11 * MINUTE_MS);
}

/** From now on nothing fails. */
function calm({ faults, calls, consumers, ingests }: World): void {
  faults.clear();
  calls.end();
  consumers.calm();
  ingests.calm();
}

/** What search hides, what was done by hand, and fields that CallTools takes now, are found within this many days. */
function nightsOf({ setup, saidNo }: World, { meddled }: Performer): number {
  const { searchHidesCallDnd, fields, callResults, verifyDays } = setup;
  const isHidden = searchHidesCallDnd || fields || meddled.size > 0 || saidNo.numbers().size > 0 || callResults;
  return isHidden ? verifyDays : 1;
}

/** With all faults gone a replay repairs what can be repaired. */
async function replay(
  world: World,
  performer: Performer,
  letters: Letter[],
  runDry: (what: string) => Promise<boolean>,
) {
  await operate(world, 'POST', '/dead-letters/replay', { ids: letters.map(({ id }) => id) });
  if (!(await runDry('a replay')) || !(await confirmAll(world, runDry))) return;
  const left = waitingLetters(world).filter((letter) => !isForAPerson(world, letter));
  for (const { reason } of left) world.report('endless', `a replay without any fault ended as ${reason} again`);
  if (left.length === 0) compare(world, performer);
}

/** One run, from its start to its end. */
async function backstop(world: World): Promise<void> {
  const { clock, sqlite, report } = world;
  await operate(world, 'POST', '/sync/trigger');
  const state = () => String(sqlite.rows('SELECT state FROM runs ORDER BY started_at DESC LIMIT 1')[0]?.state);
  await clock.runUntil(() => state() !== 'running', clock.now + DRY_MS);
  if (state() !== 'complete') report('endless', `a backstop run without any fault ended as ${state()}`);
}

/** Where nothing has changed, another backstop asks CallTools for no contact, once what the one before it has learned is settled. */
async function staysQuiet(world: World, runDry: (what: string) => Promise<boolean>): Promise<void> {
  const contactCalls = () => world.callTools.calls.count({ path: '/api/contacts' });
  for (let round = 0; round < 2; round++) {
    const before = contactCalls();
    await backstop(world);
    if (!(await runDry('another backstop'))) return;
    const calls = contactCalls() - before;
    if (calls === 0) return;
    if (round > 0) world.report('noisy', `an unchanged world caused ${calls} calls about contacts`);
  }
}

/** Where nothing has changed, the nights in which CallTools is asked what it holds write nothing, once what they learn is settled. */
async function staysPut(world: World, runDry: (what: string) => Promise<boolean>): Promise<void> {
  const { clock, setup, callTools, report } = world;
  const writes = () => callTools.calls.count({ path: '/api/contacts', method: 'PATCH' });
  for (let round = 0; round < 2; round++) {
    const before = writes();
    for (let night = 0; night < setup.verifyDays; night++) {
      await clock.runTo(clock.now + DAY_MS);
      await backstop(world);
      if (!(await runDry('a night'))) return;
    }
    if (writes() === before) return;
    if (round > 0) report('noisy', `an unchanged world was written to ${writes() - before} times in later nights`);
  }
}

/** Before any backstop: who was heard of for the last time is where the rules say, or a dead letter. */
function nothingLost(world: World, performer: Performer): void {
  const { truth, report } = world;
  // Where the pipelines' names could not be read, deals are in doubt until the night.
  if (performer.deleted.size > 0 || (world.setup.rules === 'deals' && performer.listsChanged)) return;
  const { upToDate, dndHeard, numberHeard } = performer;
  const behind = truth.ids().filter((id) => !upToDate(id) || !dndHeard(id) || !numberHeard(id));
  // What a person changed goes along with its contact to a new number.
  const meddled = truth.ids().filter((id) => phonesOf(world, id).some((phone) => performer.meddled.has(phone)));
  const clouded = new Set([
    ...performer.meddled,
    ...world.saidNo.numbers(),
    ...world.calls.numbers(),
    ...world.brake.numbers(),
    ...[...behind, ...meddled].flatMap((id) => phonesOf(world, id)),
  ]);
  for (const { phone, difference } of differences(world, undefined, { fields: !performer.listsChanged }))
    if (!clouded.has(phone)) report('lost', `${difference}; every webhook about it was acknowledged`);
}

/** What could be read of a contact took effect, whatever could not: a letter about the rest is no excuse. */
function nothingHidden(world: World, performer: Performer): void {
  const { truth, forms, report } = world;
  const heard = (id: string) => performer.upToDate(id) && performer.dndHeard(id);
  const odd = [...forms.odd].flatMap(([id, { where }]) => (where === 'answer' && heard(id) ? [id] : []));
  const others = waitingLetters(world).filter(
    ({ contactId, error }) => !error.includes('cannot be read') || !odd.includes(contactId),
  );
  const clouded = new Set([...performer.meddled, ...others.flatMap(({ contactId }) => phonesOf(world, contactId))]);
  for (const id of odd) {
    const { phone, wish } = truth.latest(id) ?? { phone: null, wish: 'none' };
    if (phone === null || clouded.has(phone) || (wish !== 'out' && wish !== 'dnc')) continue;
    for (const found of differences(world, others))
      if (found.phone === phone) report('hidden', `${found.difference}, whatever could not be read of ${id}`);
  }
}

/** Whenever nothing is under way: a person can see every contact that has failed for good, and why. */
function failuresSeen({ sqlite, report }: World): void {
  const unseen = sqlite.rows(
    `SELECT contact_id, reason FROM contacts c WHERE state = 'failed' AND NOT EXISTS (
       SELECT 1 FROM dead_letters d WHERE d.location_id = c.location_id AND d.contact_id = c.contact_id
         AND d.reason = c.reason AND d.status IN ('waiting', 'discarded'))`,
  );
  for (const { contact_id, reason } of unseen)
    report('unseen', `${contact_id} has failed (${reason}), and no dead letter waits for a person`);
}

/** Tries of one contact that an outage may cost before it is known for one. */
const TRIES_UNTIL_KNOWN = 5;

/** After nothing but an outage: no dead letter, no message given up, and attempts used only until the outage was known. */
function nothingGivenUp({ sqlite, queues, report, retries, setup }: World): void {
  const [row] = sqlite.rows('SELECT count(*) AS letters FROM dead_letters');
  if (row?.letters !== 0) report('outage', `an outage left ${row?.letters} dead letters`);
  if (queues.givenUp > 0) report('outage', `the queue gave up ${queues.givenUp} messages`);
  // While odd answers come, several webhooks tell of one person before the others are heard of.
  if (setup.odd) return;
  for (const [contactId, tries] of retries)
    if (tries > TRIES_UNTIL_KNOWN) report('outage', `an outage cost ${contactId} ${tries} attempts`);
}

/** A vendor does not publish its limit: this share of its calls may exceed it. */
const THROTTLED_SHARE = 0.1;

/** After hundreds of contacts at once: GoHighLevel's limit was kept, and CallTools' met now and then only. */
function nobodyFlooded({ traffic, report }: World): void {
  const densest = traffic.densest('gohighlevel', 10_000);
  if (densest > 100) report('flood', `GoHighLevel got ${densest} calls in 10 s`);
  if (traffic.throttled('gohighlevel') > 0)
    report('flood', `GoHighLevel answered ${traffic.throttled('gohighlevel')} calls with 429`);
  const [calls, throttled] = [traffic.calls('calltools').length, traffic.throttled('calltools')];
  if (throttled > calls * THROTTLED_SHARE)
    report('flood', `CallTools answered ${throttled} of ${calls} calls with 429`);
}

/** False where something differs. */
function compare(world: World, performer: Performer): boolean {
  const { setup, truth } = world;
  // Whom no route places is not read again: a DND that both the webhook and search keep silent about is never learned.
  const hidden = setup.searchHidesCallDnd
    ? truth.ids().filter((id) => !performer.dndHeard(id) && !isPlaced(world, id))
    : [];
  const clouded = new Set(hidden.flatMap((id) => truth.latest(id)?.phone ?? []));
  const found = differences(world, undefined, { fields: true }).filter(({ phone }) => !clouded.has(phone));
  for (const { difference } of found) world.report('diverged', difference);
  for (const name of twinLabels(world, performer)) world.report('doubled', `CallTools has two labels named ${name}`);
  return found.length === 0;
}

/** Buckets and tags that were created twice: a contact in the other one would not be found. */
function twinLabels({ callTools }: World, { twins }: Performer): string[] {
  const { buckets, tags } = callTools.snapshot() as Record<'buckets' | 'tags', { id: number; name: string }[]>;
  return [buckets, tags].flatMap((labels) => {
    const names = labels.flatMap(({ id, name }) => (twins.has(id) ? [] : [name]));
    return names.filter((name, index) => names.indexOf(name) !== index);
  });
}

/** The contact's tags alone would place it. */
function isPlaced({ truth, setup }: World, contactId: string): boolean {
  const line = lineOf(setup.rules, truth.latest(contactId)?.rank ?? -1);
  return line !== undefined && line.bucket !== null;
}
