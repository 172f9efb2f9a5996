// What can be said of each piece of work before GoHighLevel is asked, pure: to do, nothing to do, or held by another batch.

import type { Told } from '../../../shared/messages.ts';
import { groupOf } from '../dialer/numbers.ts';
import { ECHO_MS, type Echo } from '../domain/calls/writes.ts';
import { isDue } from '../domain/looks.ts';
import { agrees, isHint, recall, stillCounts } from '../domain/told.ts';
import type { Claimed, ClaimItem, ContactRow, DialerRow } from '../store/claim.ts';
import { newestAt, type Work } from './coalesce.ts';
import type { Task } from './work.ts';

/** `told`: what webhooks said of a skipped contact; null where there is nothing new to remember. */
export type Triage = { kind: 'task'; task: Task } | { kind: 'skipped'; told: Told | null } | { kind: 'busy' };

/** The clocks of two machines may differ by this much. A read is newer than a hint only if it began this much later. */
const SKEW_MS = 5000;
/**
 * GoHighLevel sends several webhooks about one change, a new lead's two within a moment. One that comes this long after a read began, or
 * sooner, and only says what the read has shown, is such another one. A later one causes a read: a look costs little.
 */
const TOGETHER_MS = 10_000;

/** What the claim must know of a work: by it store/rate-limits.ts takes slots for the contacts that will be read. */
export function itemOf(work: Work): ClaimItem {
  return {
    id: work.contactId,
    insert: work.mayMatter,
    noRuleMatches: work.noRuleMatches,
    heardAt: heardAt(work),
    row: rowAsked(work),
    echo: echoOf(work),
  };
}

/** Judges one contact by what the claim brought back. `now` is epoch ms. */
export function triage(
  work: Work,
  { contacts, dialer, intents }: Pick<Claimed, 'contacts' | 'dialer' | 'intents'>,
  now: number,
): Triage {
  const row = contacts.get(work.contactId);
  if (!row) return { kind: 'skipped', told: null };
  if (!row.mine) return { kind: 'busy' };
  const phones = [...dialer.values()].filter(
    (phone) => phone.phoneHash === row.phoneHash || phone.contactId === work.contactId,
  );
  const numbers = phones.map(({ phoneHash }) => phoneHash);
  const isWanted = (hash: string) => intents.get(hash)?.some(({ intent }) => intent !== 'none') === true;
  const linked = [...groupOf(numbers, dialer, isWanted)].flatMap((hash) => dialer.get(hash) ?? []);
  if (linked.some(({ mine }) => !mine)) return { kind: 'busy' };
  const told = stillCounts(recall(row.told, work.told, row.intent === 'place' ? row.priority : null), row.readAt);
  if (isNeedless(work, row, phones, now))
    return { kind: 'skipped', told: Object.keys(work.told).length > 0 ? told : null };
  const unread = {
    decision: null,
    readHash: null,
    phoneHash: null,
    failure: null,
    readFailure: null,
    against: [],
    listUnread: false,
    tooEarly: false,
    unasked: false,
  };
  return { kind: 'task', task: { work, row, told, ...unread } };
}

function isNeedless(work: Work, row: ContactRow, phones: DialerRow[], now: number): boolean {
  const keptOut = row.state === 'kept_out' && row.intent === 'none';
  if (work.noRuleMatches && keptOut && !phones.some(mayBeDialed)) return true;
  if (work.onlyLooking) return !isDue(row, now);
  if (isDue(row, now) || !agrees(work.told, row)) return false;
  return (readSince(work, row) || rowIsKnown(work, row) || isEcho(work, row)) && isInSync(row, phones, now);
}

/** Epoch ms: a read that began later shows all that GoHighLevel told us of; null where another source asks too. */
function heardAt({ events }: Work): number | null {
  return events.every(isHint) ? Math.max(...events.map(newestAt)) + SKEW_MS : null;
}

/** The contact has been read since: the hints are copies of a webhook, or a burst of them. */
function readSince(work: Work, { readAt }: ContactRow): boolean {
  const heard = heardAt(work);
  return heard !== null && heard < readAt;
}

/** Hash of the row that made a run ask; null where anything else asks too. */
function rowAsked({ events, searchHash, verify }: Work): string | null {
  return !verify && events.every((event) => event.searchHash !== undefined) ? searchHash : null;
}

/** All hints show one route, nothing against dialing, and can say nothing else. */
function echoOf({ events, shownRoute }: Work): Echo | null {
  if (shownRoute === null) return null;
  const times = events.map(({ receivedAt }) => receivedAt);
  const last = Math.max(...times);
  return {
    earliest: last - ECHO_MS,
    latest: Math.min(...times) + SKEW_MS,
    readFrom: last - TOGETHER_MS,
    priority: shownRoute,
  };
}

/** The tag is our own, or the webhook is one of several about one change, which was read just now; and the contact is where its tags say. */
function isEcho(work: Work, { tagsWrittenAt, readAt, route, priority }: ContactRow): boolean {
  const echo = echoOf(work);
  if (echo === null || echo.priority !== (route === null ? -1 : priority)) return false;
  const isOurs = tagsWrittenAt !== null && echo.earliest <= tagsWrittenAt && tagsWrittenAt <= echo.latest;
  return isOurs || readAt >= echo.readFrom;
}

/** It was settled with the row that the run shows: an earlier run's message has come late, or a page was handled twice. */
function rowIsKnown(work: Work, { searchHash, queued }: ContactRow): boolean {
  const row = rowAsked(work);
  return row !== null && row === searchHash && !queued;
}

/** What was last read has taken effect, for certain. */
function isInSync({ state, attempts }: ContactRow, phones: DialerRow[], now: number): boolean {
  const certain = phones.every(
    ({ fingerprint, inDoubt, doubtUntil }) => fingerprint !== null && !inDoubt && doubtUntil <= now,
  );
  return (state === 'placed' || state === 'kept_out') && attempts === 0 && certain;
}

function mayBeDialed({ mayBeInBucket, inDoubt, fingerprint }: DialerRow): boolean {
  return mayBeInBucket || inDoubt || fingerprint === null;
}
