// After a history: faults stop, everything runs dry, one backstop completes, and then CallTools is compared with the rules.

import { DAY_MS, MINUTE_MS } from '../../shared/time.ts';
import { operate } from './operate.ts';
import { expectedOf, unmarkedOf } from './oracle.ts';
import type { Performer } from './perform.ts';
import { tellsOfSomebody } from './quotes.ts';
import { lineOf, tagsOf } from './rule-sets.ts';
import { differencesOf } from './shared-oracle.ts';
import { isBlocked } from './truth.ts';
import type { World } from './world.ts';

/** All that is left must be over by then: retries, outages that are noticed late, stalled runs. */
const DRY_MS = 12 * 3_600_000;

interface Letter {
  id: string;
  contactId: string;
  reason: string;
  error: string;
}

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
  const { clock, faults, consumers, ingests, setup, violations, report } = world;
  faults.clear();
  consumers.calm();
  ingests.calm();
  const dry = () => world.quiet() && performer.underWay() === 0;
  const runDry = async (what: string) => {
    if (!(await clock.runUntil(dry, clock.now + DRY_MS)) && !dry()) report('endless', what);
    failuresSeen(world);
    return violations.length === 0;
  };

  if (!(await runDry('what the history left'))) return;
  nothingLost(world, performer);
  nothingHidden(world, performer);
  world.forms.odd.clear();
  nobodyTold(world);
  if (setup.onlyOutage) nothingGivenUp(world);
  if (setup.flood) nobodyFlooded(world);
  await clock.runTo(clock.now + Math.max(setup.searchLagMs, setup.readLagMs?.max ?? 0) + 1000);
  // A bucket that was deleted, or has a twin, is noticed by a run once what is known of it is half a day old.
  if (performer.deleted.size > 0) await clock.runTo(clock.now + DAY_MS / 2);
  // What search hides, and what was done by hand, is found within this many days.
  const nights =
    setup.searchHidesCallDnd || performer.meddled.size > 0 || world.saidNo.numbers().size > 0 ? setup.verifyDays : 1;
  for (let night = 0; night < nights && violations.length === 0; night++) {
    if (night > 0) await clock.runTo(clock.now + DAY_MS);
    await backstop(world);
    if (!(await runDry('a backstop'))) return;
  }
  if (violations.length > 0) return;
  if (!compare(world, performer)) return;
  const replayable = waitingLetters(world);
  if (replayable.length === 0 && performer.deleted.size === 0) await staysQuiet(world, runDry);
  if (replayable.length === 0 && performer.meddled.size > 0 && violations.length === 0) await staysPut(world, runDry);
  if (replayable.length > 0) await replay(world, performer, replayable, runDry);
}

/** With all faults gone a replay repairs what can be repaired. */
async function replay(
  world: World,
  performer: Performer,
  letters: Letter[],
  runDry: (what: string) => Promise<boolean>,
) {
  await operate(world, 'POST', '/dead-letters/replay', { ids: letters.map(({ id }) => id) });
  if (!(await runDry('a replay'))) return;
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

/** Where nothing has changed, another backstop asks CallTools for no contact. */
async function staysQuiet(world: World, runDry: (what: string) => Promise<boolean>): Promise<void> {
  const contactCalls = () => world.callTools.calls.count({ path: '/api/contacts' });
  const before = contactCalls();
  await backstop(world);
  await runDry('another backstop');
  const calls = contactCalls() - before;
  if (calls > 0) world.report('noisy', `an unchanged world caused ${calls} calls about contacts`);
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
  if (performer.deleted.size > 0) return;
  const behind = truth.ids().filter((id) => !performer.upToDate(id) || !performer.dndHeard(id));
  // What a person changed goes along with its contact to a new number.
  const meddled = truth.ids().filter((id) => phonesOf(world, id).some((phone) => performer.meddled.has(phone)));
  const clouded = new Set([
    ...performer.meddled,
    ...world.saidNo.numbers(),
    ...[...behind, ...meddled].flatMap((id) => phonesOf(world, id)),
  ]);
  for (const { phone, difference } of differences(world))
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

/** What D1 keeps of errors names nobody. */
function nobodyTold({ sqlite, report }: World): void {
  const kept = sqlite.rows(
    `SELECT error AS text FROM contacts UNION SELECT error FROM dead_letters UNION SELECT message FROM dead_letters
     UNION SELECT open_reason FROM circuits UNION SELECT error FROM runs`,
  );
  for (const { text } of kept) if (tellsOfSomebody(String(text))) report('told', String(text));
}

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
  const found = differences(world).filter(({ phone }) => !clouded.has(phone));
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

/** Where CallTools differs, apart from what dead letters account for. */
function differences(world: World, letters = waitingLetters(world)): { phone: string; difference: string }[] {
  const { truth, callTools, setup, searchable, blended } = world;
  const accounted = new Set(letters.flatMap(({ contactId }) => phonesOf(world, contactId)));
  const contacts = callTools.contacts();
  // A letter of one contact leaves all numbers of its CallTools contact where they are.
  for (const { phones } of contacts)
    if (phones.some((phone) => accounted.has(phone))) for (const phone of phones) accounted.add(phone);
  const found = differencesOf(expectedOf(truth, setup.rules), contacts, { rules: setup.rules, searchable, blended });
  const unmarked = unmarkedOf(truth, contacts).flatMap(({ contactId, phones }) => {
    const difference = `CallTools shows ${contactId}, who asks not to be called, and does not mark it do-not-contact`;
    // The person's own letters account for it under any number.
    return [...phones, ...phonesOf(world, contactId)].some((phone) => accounted.has(phone))
      ? []
      : phones.map((phone) => ({ phone, difference }));
  });
  const left = leftOut(world);
  // A CallTools contact that a person has merged or given a number, in an account that neither finds a number nor lists a bucket.
  const hidden = !searchable && setup.callTools.bucketFilter === 'ignored' ? blended : new Set<string>();
  return [...found, ...unmarked].filter(({ phone }) => ![accounted, left, hidden].some((known) => known.has(phone)));
}

/** Numbers that are in no bucket and said to be held back, of people who were called since they were put into one. */
function leftOut({ saidNo, sqlite, truth, callTools }: World): Set<string> {
  const held = sqlite
    .rows(`SELECT contact_id FROM contacts WHERE reason = 'taken_out_in_calltools' AND state = 'kept_out'`)
    .flatMap(({ contact_id }) => truth.latest(String(contact_id))?.phone ?? []);
  const called = saidNo.numbers();
  const isIn = (phone: string) => callTools.withPhone(phone).some(({ buckets }) => buckets.length > 0);
  return new Set(held.filter((phone) => called.has(phone) && !isIn(phone)));
}

/** Every number that a contact has or had. */
function phonesOf({ truth }: World, contactId: string): string[] {
  return truth.versions(contactId).flatMap(({ phone }) => phone ?? []);
}

export function waitingLetters({ sqlite }: World): Letter[] {
  return sqlite
    .rows(`SELECT id, contact_id AS contactId, reason, error FROM dead_letters WHERE status = 'waiting'`)
    .map((row) => ({
      id: String(row.id),
      contactId: String(row.contactId),
      reason: String(row.reason),
      error: String(row.error),
    }));
}

/**
 * A letter that no replay can repair, in an account that does not show what CallTools holds (nobody can be listed by tag). Neither can one
 * about a person who asks not to be called, whose earlier number is known by its hash only: CallTools may have them outside of our buckets.
 */
function isForAPerson({ searchable, setup, truth }: World, { reason, contactId }: Letter): boolean {
  if (reason === 'lookup_unsupported') return !searchable;
  const hidden = setup.callTools.bucketFilter === 'ignored' || tagsOf(setup.rules).length > 0;
  const asked = truth.versions(contactId).some(({ contact }) => contact !== null && isBlocked(contact));
  return reason === 'untraceable' && (hidden || asked);
}
