// What a batch leaves in D1: the outcomes of its contacts and phones, or nothing but returned leases where it could not start.

import type { ContactChanged } from '../../../shared/messages.ts';
import type { LocationContext } from '../config/context.ts';
import { contactLetter } from '../dead-letters/letter.ts';
import type { Numbers } from '../dialer/numbers.ts';
import type { CircuitChange } from '../domain/circuit.ts';
import type { Reason } from '../domain/decide.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Withdrawn } from '../store/brake/rule-changes.ts';
import type { Claimed } from '../store/claim.ts';
import { type Commit, commitBatch } from '../store/commit.ts';
import type { DeadLetter } from '../store/dead-letters.ts';
import type { FieldReport } from '../store/fields.ts';
import type { NumbersChange } from '../store/phones.ts';
import type { Lease } from '../store/sql.ts';
import { type Count, LATENCY_BOUNDS_MS, MORE } from '../store/totals.ts';
import type { PaceChange } from '../vendors/rate-limiter.ts';
import type { Ask, Question } from './ask.ts';
import type { Work } from './coalesce.ts';
import { linksLetGo } from './let-go.ts';
import { dialerCommits } from './linked.ts';
import { type Settled, siblingsOf } from './settle.ts';
import type { Ended, Phones, Result } from './work.ts';

/** By these reasons the rules take a contact out. */
const BY_RULES: readonly string[] = ['route', 'no_route', 'not_permitted', 'rule_in_doubt'] satisfies Reason[];

/** What is known at the end of a batch. */
export interface Finished {
  lease: Lease;
  claimed: Claimed;
  /** Those claimed with the contacts, and those that contacts turned out to have. */
  phones: Phones;
  /** Contacts for which there was nothing to do. */
  idle: Ended[];
  settled: Settled[];
  results: Result[];
  asks: Ask[];
  /** The messages that ask for them, and for other looks at the contacts in hand. */
  questions: Question[];
  /** CallTools contacts whose numbers have changed. */
  numbers: NumbersChange[];
  /** What has changed about fields that the account does not keep. */
  fieldReports: FieldReport[];
  /** The numbers that CallTools showed in this batch. */
  seen: Pick<Numbers, 'seen'>;
  circuits: CircuitChange[];
  paces: PaceChange[];
}

/** Writes all outcomes and returns the other leases. Resolves to the ids of the contacts whose lease this batch still had. */
export async function commit(finished: Finished, { env, world, settings }: LocationContext): Promise<Set<string>> {
  const {
    lease,
    claimed,
    phones,
    idle,
    settled,
    results,
    asks,
    questions,
    numbers,
    fieldReports,
    seen,
    circuits,
    paces,
  } = finished;
  const now = world.now();
  const contacts = settled.filter(isWorthARow);
  const letters = await Promise.all(settled.flatMap((one) => letterOf(one, now)));
  const dialer = dialerCommits(results, phones, seen, now);
  const ended = [...idle, ...settled.map(({ task: { work }, outcome }) => ({ work, outcome }))];
  const commits = contacts.map((one) => one.commit);
  const pastLinks =
    settings.calls === null
      ? []
      : linksLetGo({ claimed, claimedAt: lease.now, phones }, { contacts: commits, dialer, numbers });
  const written = new Set(contacts.map(({ task }) => task.work.contactId));
  const worked = new Set(dialer.map(({ phoneHash }) => phoneHash));
  return commitBatch(
    env.DB,
    { ...lease, now },
    {
      contacts: commits,
      dialer,
      numbers,
      pastLinks,
      fieldReports,
      siblings: results.flatMap(siblingsOf),
      asked: asks.map(({ contactId }) => contactId),
      unsent: questions.map(({ message, delayMs }) => ({ id: message.eventId, message, dueAt: now + delayMs })),
      withdrawn: settled.flatMap(withdrawnBy),
      notHeld: notHeld(results, settings.MAX_NEW_PLACEMENTS !== null),
      released: leased(claimed, phones, written, worked),
      deadLetters: letters,
      circuits,
      paces,
      counts: countsOf(ended, (id) => claimed.contacts.get(id)?.mine === true, now),
      ...toldOf(idle),
    },
  );
}

/** Returns the leases of a batch that does not start. `over`: contacts that are skipped, which are counted now. */
export async function giveBack(
  lease: Lease,
  claimed: Claimed,
  over: Ended[],
  { env, world }: LocationContext,
): Promise<void> {
  const now = world.now();
  const nothing: Omit<Commit, 'counts' | 'released'> = {
    contacts: [],
    dialer: [],
    siblings: [],
    asked: [],
    deadLetters: [],
    circuits: [],
    paces: [],
  };
  const released = leased(claimed, claimed, new Set(), new Set());
  const counts = countsOf(over, (id) => claimed.contacts.get(id)?.mine === true, now);
  await commitBatch(env.DB, { ...lease, now }, { ...nothing, counts, released, ...toldOf(over) });
}

/** It was in the dialer, and a run found that the rules no longer place it. */
function withdrawnBy({ task: { row }, outcome, commit: { contactId, ofRun, reason } }: Settled): Withdrawn[] {
  const isOut = outcome.kind === 'done' && row.state === 'placed' && BY_RULES.includes(reason);
  return ofRun && isOut && row.route !== null ? [{ contactId, route: row.route }] : [];
}

/** Numbers that are placed, or that nobody wants placed. Where there is no brake only contacts that were held by one count. */
function notHeld(results: readonly Result[], hasBrake: boolean): string[] {
  const isOver = ({ job, kind }: Result) => !job.braked && kind !== 'failed' && kind !== 'asked';
  const wasHeld = ({ job }: Result) => job.tasks.some(({ row }) => row.reason === 'held_by_brake');
  return results.filter((one) => isOver(one) && (hasBrake || wasHeld(one))).map(({ job }) => job.row.phoneHash);
}

/** Something was decided, or a try was used up. */
function isWorthARow({ task, outcome }: Settled): boolean {
  return (task.decision !== null && task.failure === null) || outcome.kind === 'retry' || outcome.kind === 'dead';
}

function letterOf({ task: { work, row }, outcome }: Settled, now: number): Promise<DeadLetter>[] {
  if (outcome.kind !== 'dead') return [];
  const receivedAt = work.events[0].receivedAt;
  return [contactLetter({ latest: work.latest, receivedAt, failure: outcome, attempts: row.attempts + 1 }, now)];
}

/** What webhooks said of contacts that are skipped, as it is stored. */
function toldOf(ended: readonly Ended[]): { told?: Record<string, string> } {
  const said = ended.flatMap(({ work, told }) => (told ? [[work.contactId, JSON.stringify(told)]] : []));
  return said.length > 0 ? { told: Object.fromEntries(said) } : {};
}

/** What was claimed, apart from what is written. */
function leased(
  { contacts }: Pick<Claimed, 'contacts'>,
  { dialer }: Pick<Phones, 'dialer'>,
  writtenContacts: ReadonlySet<string>,
  writtenPhones: ReadonlySet<string>,
) {
  const mine = <Row extends { mine: boolean }>(rows: Map<string, Row>, written: ReadonlySet<string>) =>
    [...rows].flatMap(([key, row]) => (row.mine && !written.has(key) ? [key] : []));
  return { contactIds: mine(contacts, writtenContacts), phoneHashes: mine(dialer, writtenPhones) };
}

/**
 * What the batch adds to the counters of its hour: how contacts ended, where the hints came from, and how long they took. `mine`: whether
 * the batch had the contact's lease. A hint counts once, when its work is over.
 */
export function countsOf(
  ended: readonly { work: Work; outcome: Outcome }[],
  mine: (contactId: string) => boolean,
  now: number,
): Count[] {
  return ended.flatMap(({ work, outcome }): Count[] => {
    const contactId = mine(work.contactId) ? work.contactId : null;
    const count = (kind: Count['kind'], name: string): Count => ({ kind, name, n: 1, contactId });
    const how = count('outcome', outcome.kind === 'done' ? outcome.state : outcome.kind);
    if (outcome.kind !== 'done' && outcome.kind !== 'skipped' && outcome.kind !== 'dead') return [how];
    const hints = work.events.map(({ source }) => count('hint', source));
    const timed = outcome.kind === 'done' ? work.events.filter(fromOutside) : [];
    const latencies = timed.map(({ receivedAt }) => count('latency', bucketOf(now - receivedAt)));
    return [how, ...hints, ...latencies];
  });
}

function fromOutside({ source }: ContactChanged): boolean {
  return source === 'webhook' || source === 'workflow';
}

function bucketOf(ms: number): string {
  const bound = LATENCY_BOUNDS_MS.find((bound) => ms <= bound);
  return bound === undefined ? MORE : String(bound);
}
