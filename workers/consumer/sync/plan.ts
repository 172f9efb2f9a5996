// From decisions to jobs, pure: what CallTools should hold under each phone that the contacts in hand concern.

import { groupOf } from '../dialer/numbers.ts';
import { type Combined, combine, type PhoneIntent, type Wanted } from '../domain/decide.ts';
import type { Rules } from '../domain/rules/conditions.ts';
import { blockedAt } from '../domain/told.ts';
import type { DialerRow } from '../store/claim.ts';
import { heldBack, holdAfter } from './hold.ts';
import type { Job, NumberIntent, Phones, Task } from './work.ts';

/** A job for every claimed phone that belongs to a decided contact, or did. */
export function planJobs(tasks: readonly Task[], phones: Phones, rules: Rules): Job[] {
  return [...phones.dialer.keys()].flatMap((hash) => planJob(hash, tasks, phones, rules) ?? []);
}

/** The job of one phone; null where it is not claimed, or no decided contact has or had it. */
export function planJob(hash: string, tasks: readonly Task[], phones: Phones, rules: Rules): Job | null {
  const decided = tasks.filter((task) => task.decision !== null && task.failure === null);
  const row = phones.dialer.get(hash);
  const concerned = row?.mine ? decided.filter((task) => concerns(row, task)) : [];
  return row && concerned.length > 0 ? jobOf(row, concerned, { decided, phones }, rules) : null;
}

/** Whether the phone is the contact's, was, or may still be. */
export function concerns(row: DialerRow, { row: contact, phoneHash }: Task): boolean {
  return [contact.phoneHash, phoneHash].includes(row.phoneHash) || row.contactId === contact.contactId;
}

interface BatchContext {
  decided: Task[];
  phones: Phones;
}

function jobOf(row: DialerRow, tasks: Task[], batch: BatchContext, rules: Rules): Job {
  const marks = marksUnder(row.phoneHash, batch);
  const isWanted = (hash: string) => intentsUnder(hash, batch).some(isSay);
  const isOurs = isWanted(row.phoneHash);
  const linkedTo = (seeds: string[]) => groupOf(seeds, batch.phones.dialer, isWanted);
  const all = linkedTo([row.phoneHash]);
  const shown = shownWith(row);
  const numbers = isOurs ? all : new Set([row.phoneHash, ...shown, ...linkedTo(shown.filter(isWanted))]);
  const intents = [...numbers].flatMap((hash) => intentsUnder(hash, batch));
  // Marks under its own number only: those under another number are the other job's to write.
  const marked = linkedHashes(numbers, row).some((hash) => {
    const callToolsId = batch.phones.dialer.get(hash)?.callToolsId ?? null;
    const isOwn = callToolsId !== null && (row.callToolsId ?? callToolsId) === callToolsId;
    return isOwn && row.carriers.has(callToolsId) && marksUnder(hash, batch).length > 0;
  });
  const asked = combine([...intents, ...marks]);
  const linked = linkedHashes(numbers, row).flatMap((hash) => batch.phones.dialer.get(hash) ?? []);
  const holdOf = (one: DialerRow) =>
    holdAfter({
      row: one,
      tasks: batch.decided.filter((task) => concerns(one, task)),
      intents,
      combined: asked,
      dialer: batch.phones.dialer,
      rules,
    });
  const hold = holdOf(row);
  // A call that took a CallTools contact out concerns all of its numbers.
  const holds = [hold, ...linked.map(holdOf)];
  const held = holds.find((one) => one !== null) ?? null;
  const combined = heldBack(asked, held);
  const primary = intents.find(({ contactId }) => contactId === primaryOf(combined));
  const around = (hash: string) => [...linkedTo([hash])].flatMap((other) => intentsUnder(other, batch));
  const isDialed = (hash: string) => isWanted(hash) && heldBack(combine(around(hash)), held).kind === 'place';
  const sparesOthers = !isOurs && !tasks.some((task) => marksNow(row, task));
  const owners = batch.decided.filter(({ phoneHash }) => phoneHash === row.phoneHash);
  const nobody = marks.length === 0 && !marked && !intents.some(isSay);
  const left = nobody ? tasks.filter((task) => task.phoneHash !== null && task.phoneHash !== row.phoneHash) : [];
  return {
    row,
    tasks,
    numbers,
    linked,
    intents,
    combined,
    hold,
    primaryRow: batch.phones.dialer.get(primary?.phoneHash ?? '') ?? null,
    primaryInHand: batch.decided.some(({ work }) => work.contactId === primary?.contactId),
    marked,
    wanted: marked && combined.kind === 'place' ? null : wantedOf(combined, owners, rules),
    dialed: isOurs ? null : new Map([...all].map((hash) => [hash, isDialed(hash)])),
    sparesOthers,
    carriers: isOurs || row.callToolsId === null ? [...row.carriers.keys()] : [],
    e164: owners[0]?.decision?.phone ?? null,
    leftBy: left.find(({ work }) => work.contactId === row.contactId) ?? left[0] ?? null,
    next: marks.length > 0 ? primaryOf(combine(sparesOthers ? intents : around(row.phoneHash))) : null,
  };
}

function linkedHashes(numbers: ReadonlySet<string>, { phoneHash }: DialerRow): string[] {
  return [...numbers].filter((hash) => hash !== phoneHash);
}

function isSay({ intent }: PhoneIntent): boolean {
  return intent !== 'none';
}

/**
 * A number that nobody wants anything of follows the CallTools contact that was remembered for it: others may want that one. These are
 * its other numbers.
 */
function shownWith({ phoneHash, callToolsId, carriers }: DialerRow): string[] {
  const shown = callToolsId === null ? [...carriers.values()].flat() : (carriers.get(callToolsId) ?? []);
  return shown.filter((hash) => hash !== phoneHash);
}

/** Intents of the contacts with a number: as just read for those in hand, as remembered for the others. */
function intentsUnder(hash: string, { decided, phones }: BatchContext): NumberIntent[] {
  const remembered = (phones.intents.get(hash) ?? []).filter(
    ({ contactId }) => !decided.some(({ work }) => work.contactId === contactId),
  );
  const read = decided.flatMap(({ work, decision, phoneHash }) =>
    decision && phoneHash === hash
      ? [{ contactId: work.contactId, intent: decision.intent, priority: decision.priority }]
      : [],
  );
  return [...remembered, ...read].map((intent) => ({ ...intent, phoneHash: hash }));
}

/** Contacts in hand that have left this number and ask not to be called. */
function marksUnder(hash: string, { decided, phones }: BatchContext): NumberIntent[] {
  const row = phones.dialer.get(hash);
  const marking = decided.filter(
    (task) => row && concerns(row, task) && task.phoneHash !== hash && asksNotToBeCalled(task),
  );
  return marking.map(({ work }) => ({ contactId: work.contactId, intent: 'dnc', priority: -1, phoneHash: hash }));
}

/**
 * A contact that has left a number and asks not to be called. The CallTools contact under that number is marked, as if the request had
 * come just before the number was left. A deletion alone is no such request, but it does not take an earlier one back.
 */
function asksNotToBeCalled({ decision, row, told }: Task): boolean {
  if (decision?.reason !== 'deleted') return decision?.intent === 'dnc';
  return row.intent === 'dnc' || blockedAt(told) !== null;
}

/** It leaves the number and asks not to be called, both in this batch. */
function marksNow({ phoneHash }: DialerRow, task: Task): boolean {
  return task.row.phoneHash === phoneHash && task.phoneHash !== phoneHash && asksNotToBeCalled(task);
}

function primaryOf(combined: Combined): string | null {
  return combined.kind === 'place' ? combined.primary : null;
}

function wantedOf(combined: Combined, owners: Task[], rules: Rules): Wanted | null {
  if (combined.kind === 'out') return { kind: 'out', doNotContact: combined.doNotContact };
  const person = owners.find(({ work }) => work.contactId === combined.primary)?.decision?.person;
  const route = rules.routes[combined.priority];
  if (!person || !route || route.bucket === null) return null;
  return { kind: 'place', bucket: route.bucket, tag: route.calltoolsTag ?? null, person };
}
