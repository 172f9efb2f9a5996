// From results to what is remembered, pure: each contact's outcome and row, and each phone's row.
//
// | state    | meaning                                      | next                                                                     |
// | -------- | -------------------------------------------- | ------------------------------------------------------------------------ |
// | pending  | known, and never worked on to an end         | placed, kept_out or failed                                               |
// | placed   | CallTools has it in a bucket                 | kept_out by new data, or by another contact with its number; failed      |
// | kept_out | CallTools has it in none of our buckets      | placed by new data, or once nothing keeps its number out; failed         |
// | failed   | a dead letter waits for a person             | placed or kept_out by the next work on it that succeeds                  |
//
// Only an outcome that is done or dead changes a state: a contact that is retried, busy or waiting stays where it was.

import { combine, type Hold, type Reason } from '../domain/decide.ts';
import { type Vendor, worstOf } from '../domain/failure.ts';
import { historyAfter } from '../domain/history.ts';
import { type Looks, lookForList, lookOnce, nextLook } from '../domain/looks.ts';
import { type ContactState, type Outcome, outcomeOf, type Repair } from '../domain/outcome.ts';
import type { ContactRow } from '../store/claim.ts';
import type { ContactCommit, DialerCommit, SiblingCommit } from '../store/commit.ts';
import { isRefusedAgain, missingAfter, WHOLE } from './left-out.ts';
import { unreadRest } from './partial-read.ts';
import { concerns } from './plan.ts';
import type { Job, Result, Task } from './work.ts';

/** The times and the chance that settling needs. Epoch ms. */
export interface Clock {
  now: number;
  /** Before anything was read. */
  claimedAt: number;
  /** 0 <= n < 1. */
  random: number;
}

/** How the work on a contact ended, and its new row. */
export interface Settled {
  task: Task;
  outcome: Outcome;
  commit: ContactCommit;
}

/** Settles a contact whose jobs are over, or that could not be read. `down`: whether a vendor as a whole is known to be down. */
export function settle(task: Task, results: Result[], down: (vendor: Vendor) => boolean, clock: Clock): Settled {
  const mine = results.filter(({ job }) => concerns(job.row, task));
  const unapplied = task.failure ?? worstOf(mine.flatMap(({ failure }) => failure ?? []));
  const failure = unapplied ?? task.readFailure ?? unreadRest(task.decision);
  const attempts = task.row.attempts + 1;
  const repaired = task.work.byBackstop ? repairOf(task, mine) : null;
  const outage = failure?.kind === 'transient' && down(failure.vendor);
  const ageMs = clock.now - task.work.events[0].receivedAt;
  const outcome: Outcome = failure
    ? outcomeOf(failure, attempts, outage, clock.random, ageMs)
    : { kind: 'done', ...placeOf(task, mine), ...(repaired && { repaired }) };
  const place = unapplied === null && task.readFailure !== null ? placeOf(task, mine) : task.row;
  const commit = commitOf(task, stateAfter(place, outcome), outcome, attempts, clock);
  const wrote = mine.some(({ observed }) => observed.wrote);
  const history = historyAfter(task, { outcome: outcome.kind, at: clock.now, wrote, ...commit });
  return { task, outcome, commit: { ...commit, hold: holdTaken(task.row, commit, results), history } };
}

function placeOf({ row, decision, phoneHash }: Task, results: Result[]): { state: ContactState; reason: string } {
  if (decision?.intent !== 'place') return { state: 'kept_out', reason: decision?.reason ?? 'deleted' };
  const result = results.find(({ job }) => job.row.phoneHash === phoneHash);
  if (!result) return { state: 'kept_out', reason: 'shared_phone' };
  if (result.job.combined.kind === 'out')
    return { state: 'kept_out', reason: result.job.combined.hold ?? sharedBy(result.job) };
  if (result.job.combined.primary !== row.contactId)
    return { state: isThere(result) ? 'placed' : 'kept_out', reason: sharedBy(result.job) };
  const refused = result.kind === 'unchanged' ? row.reason === 'do_not_contact_set' : result.observed.doNotContact;
  return { state: 'placed', reason: refused ? 'do_not_contact_set' : decision.reason };
}

/** What ties it to the contact that decides: the number itself, or a CallTools contact that carries both their numbers. */
function sharedBy({ row, intents, combined, primaryRow }: Job): Reason {
  if (combined.kind === 'place') return primaryRow?.phoneHash === row.phoneHash ? 'shared_phone' : 'shared_contact';
  const own = combine(intents.filter(({ phoneHash }) => phoneHash === row.phoneHash));
  return own.kind === 'out' ? 'shared_phone' : 'shared_contact';
}

/** Whether the number of a job is dialed for another contact. If that one was only asked for, it may yet be refused, so nothing has changed. */
function isThere({ kind, observed }: Result): boolean {
  return kind === 'follows' ? observed.along === true : observed.mayBeInBucket;
}

function commitOf(
  task: Task,
  after: Pick<ContactRow, 'state' | 'reason'>,
  outcome: Outcome,
  attempts: number,
  { now, claimedAt }: Clock,
): Omit<ContactCommit, 'hold' | 'history'> {
  const { work, row, told, decision, readFailure, readHash, unasked } = task;
  const isOver = outcome.kind === 'done' || outcome.kind === 'dead';
  const wasRead = decision !== null && readFailure === null && !unasked;
  const looks = isOver && wasRead ? looksAfter(task, now) : row;
  const hash = outcome.kind === 'done' && looks.lookAt === null ? readHash : null;
  return {
    contactId: work.contactId,
    done: outcome.kind === 'done',
    ...after,
    route: decision ? decision.route : row.route,
    intent: decision?.intent ?? row.intent,
    priority: decision ? Math.max(decision.priority, 0) : row.priority,
    phoneHash: phoneAfter(task, outcome),
    attempts: isOver ? 0 : outcome.kind === 'retry' ? attempts : row.attempts,
    error: errorOf(after.reason, outcome, decision),
    searchHash: hash,
    keepsSearchHash:
      unasked || (hash !== null && work.byBackstop && work.searchHash === null && hash === row.searchHash),
    ofRun: work.byBackstop && isOver,
    repaired: outcome.kind === 'done' ? (outcome.repaired ?? null) : null,
    readAt: wasRead ? claimedAt : null,
    told: Object.keys(told).length > 0 ? JSON.stringify(told) : null,
    lookAt: looks.lookAt,
    looks: looks.looks,
  };
}

function looksAfter({ work, row, against, listUnread, tooEarly }: Task, now: number): Looks {
  if (against.length === 0 && listUnread) return lookForList(row, work.looking, now);
  if (against.length === 0 && tooEarly) return lookOnce(row, now);
  return nextLook(row, against, work.looking, now);
}

/** What went wrong, or the condition that keeps the contact out. */
function errorOf(reason: string, outcome: Outcome, decision: Task['decision']): string | null {
  return 'error' in outcome ? outcome.error : reason === decision?.reason ? (decision.condition ?? null) : null;
}

/** `place`: its state if the outcome does not say. */
function stateAfter(place: Pick<ContactRow, 'state' | 'reason'>, outcome: Outcome) {
  if (outcome.kind === 'done') return { state: outcome.state, reason: outcome.reason };
  if (outcome.kind === 'dead') return { state: 'failed' as const, reason: outcome.code };
  return { state: place.state, reason: place.reason };
}

/** A contact with the intent `none` is no longer tied to its number, once that has taken effect. */
function phoneAfter({ row, decision, phoneHash }: Task, { kind }: Outcome): string | null {
  if (decision?.intent === 'none') return kind === 'done' ? null : row.phoneHash;
  return decision && (kind === 'done' || phoneHash !== null) ? phoneHash : row.phoneHash;
}

/** The hold of a call goes along with a contact that has no number any more: others may end it on the number. */
function holdTaken({ phoneHash: before }: ContactRow, { phoneHash }: { phoneHash: string | null }, results: Result[]) {
  if (before === null || phoneHash !== null) return null;
  return ofCall(results.find(({ job }) => job.row.phoneHash === before)?.job.hold ?? null);
}

/** What this work has fixed for the contact; null where CallTools was not written to. */
function repairOf(task: Task, results: Result[]): Repair | null {
  const { row, decision, phoneHash } = task;
  const written = results.filter((result) => result.observed.wrote && !isRefusedAgain(result));
  if (written.length === 0) return null;
  if (written.some(({ drifted }) => drifted)) return 'drifted';
  if (decision?.reason === 'deleted') return 'gone';
  const placed = written.find(({ job }) => job.row.phoneHash === phoneHash && job.combined.kind === 'place');
  if (!placed) return 'withdrawn';
  // In a bucket under this number, or under the one that it has left.
  const held = results.some(({ job }) => job.row.mayBeInBucket && (job === placed.job || job.leftBy === task));
  if (!held) return 'missing';
  return row.route === decision?.route ? 'outdated' : 'misplaced';
}

/** A phone's row after its job. */
export function dialerCommit(result: Result, now: number): DialerCommit {
  const { job, kind, observed, fingerprint, doubtUntil } = result;
  const { row } = job;
  const mayBeInBucket = observed.mayBeInBucket || doubtUntil > now;
  return {
    phoneHash: row.phoneHash,
    contactId: kind === 'moved' && doubtUntil <= now ? null : ownerAfter(result, now),
    callToolsId: observed.callToolsId,
    fingerprint,
    untouched: fingerprint !== null && kind !== 'written' && kind !== 'moved',
    mayBeInBucket,
    doubtUntil,
    ...(kind === 'moved' && doubtUntil <= now
      ? { placing: null, hold: ofCall(job.hold) }
      : { placing: observed.placing, hold: job.hold }),
    ...(mayBeInBucket && observed.callToolsId !== null ? missingAfter(result) : WHOLE),
    verifiedAt: isVerified(result) ? now : null,
  };
}

/** The hold, where a call said no. It stays on the number that was called, whichever number its CallTools contact moves to. */
function ofCall(hold: Hold | null): Hold | null {
  return hold?.reason === 'said_no' ? hold : null;
}

/** CallTools itself has just said that it holds the state. A phone that follows another has no state of its own but to be out. */
function isVerified({ job, kind, fingerprint }: Result): boolean {
  if (kind === 'follows') return job.tasks.some(({ work }) => work.verify);
  return (kind === 'written' || kind === 'confirmed') && fingerprint !== null;
}

/** The contact that a phone's CallTools contact shows. A contact that takes it to a new number, or may have, comes before earlier ones. */
function ownerAfter({ job, kind, observed, doubtUntil }: Result, now: number): string | null {
  const { row, combined, tasks, intents, leftBy } = job;
  // A contact of its own that was set aside is still that of the person who was dialed on it: a later do-not-disturb marks it.
  if (kind === 'follows') return observed.along || observed.callToolsId === null ? null : row.contactId;
  const primary = combined.kind === 'place' && kind !== 'asked' ? combined.primary : null;
  // The contact that left the number may have been the one to mark: its next try must come back to this number.
  const leaver = tasks.find(({ phoneHash }) => phoneHash !== null && phoneHash !== row.phoneHash);
  const mover = kind === 'failed' ? (leftBy ?? leaver) : kind === 'moved' ? leftBy : null;
  const isIn = observed.callToolsId !== null || observed.mayBeInBucket || doubtUntil > now;
  const having = intents.filter(({ phoneHash }) => phoneHash === row.phoneHash);
  // Nothing in CallTools shows the contact that has left the number, so a look at that contact has nothing to do here.
  if (kind === 'written' && !isIn && !having.some(({ contactId }) => contactId === row.contactId))
    return having[0]?.contactId ?? null;
  return primary ?? mover?.work.contactId ?? row.contactId ?? tasks[0]?.work.contactId ?? null;
}

/** Contacts that share the phone or its CallTools contact, and are now placed or kept out with it. */
export function siblingsOf({ job, kind, observed }: Result): SiblingCommit[] {
  if (kind === 'failed' || kind === 'asked' || kind === 'follows' || kind === 'moved') return [];
  const { row, combined } = job;
  const shown = observed.callToolsId === null ? [] : (row.carriers.get(observed.callToolsId) ?? []);
  const others = job.intents.filter(
    ({ contactId, intent }) => intent === 'place' && !job.tasks.some(({ work }) => work.contactId === contactId),
  );
  return others.map(({ contactId, phoneHash }) => {
    const same = phoneHash === row.phoneHash;
    const hold = combined.kind === 'out' ? combined.hold : undefined;
    const placed = combined.kind === 'place' && (same || shown.includes(phoneHash));
    return {
      contactId,
      state: placed ? 'placed' : 'kept_out',
      reason: hold ?? (same ? 'shared_phone' : 'shared_contact'),
    };
  });
}
