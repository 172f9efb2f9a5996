// From decisions to jobs, pure: what CallTools should hold under each phone that the contacts in hand concern.

import type { Told } from '../../shared/messages.ts';
import type { Rules } from '../../shared/rules.ts';
import type { Work } from './coalesce.ts';
import { type Combined, combine, type Decision, type PhoneWish, type Wanted } from './decide.ts';
import type { Failure } from './failure.ts';
import { type Hold, heldBack, holdAfter } from './hold.ts';
import type { ContactRow, DialerRow } from './store.ts';

/** A contact that this batch holds the lease of, and what is known of it so far. */
export interface Task {
  work: Work;
  row: ContactRow;
  /** What webhooks have said of it lately, those in hand included. */
  told: Told;
  /** Times of the webhooks that the read contradicts. */
  against: number[];
  /** Null until GoHighLevel has been read, and where that failed. */
  decision: Decision | null;
  /** Of what was read, to be compared with rows of the contact list (search-hash.ts); null where nothing was. */
  readHash: string | null;
  /** Of the phone it has now; null where it has none. */
  phoneHash: string | null;
  /** What stopped it. */
  failure: Failure | null;
  /** It could not be read, and `decision` is what webhooks say against dialing. */
  readFailure: Failure | null;
}

/** One phone's share of the batch. */
export interface Job {
  row: DialerRow;
  /** Contacts in hand that have or had this phone; never empty. */
  tasks: Task[];
  /** Wishes of all contacts with this phone, as of now. */
  wishes: PhoneWish[];
  combined: Combined;
  /** Kept with the number, whether it keeps the number out at the moment or not. */
  hold: Hold | null;
  /** Null where another contact's data belongs there: that contact is asked for instead. */
  wanted: Wanted | null;
  /** Null where no contact in hand has the number any more, so that only its hash is known. */
  e164: string | null;
  /** The contact in hand that has left this number for another, of several the one that CallTools shows: its contact may go with it. */
  leftBy: Task | null;
  /** The contact that leads this number once a contact that has left it is marked do-not-contact; null where there is no such mark. */
  next: string | null;
}

/** What is remembered of phones, for all that the batch has claimed. */
export interface Phones {
  dialer: Map<string, DialerRow>;
  wishes: Map<string, PhoneWish[]>;
}

/** A job for every claimed phone that a decided contact concerns. */
export function planJobs(tasks: readonly Task[], phones: Phones, rules: Rules): Job[] {
  const decided = tasks.filter((task) => task.decision !== null && task.failure === null);
  return [...phones.dialer.values()].flatMap((row) => {
    const concerned = decided.filter((task) => concerns(row, task));
    return row.mine && concerned.length > 0 ? [jobOf(row, concerned, decided, phones, rules)] : [];
  });
}

/** True when the phone is, was or may still be the contact's. */
export function concerns(row: DialerRow, { row: contact, phoneHash }: Task): boolean {
  return [contact.phoneHash, phoneHash].includes(row.phoneHash) || row.contactId === contact.contactId;
}

function jobOf(row: DialerRow, tasks: Task[], decided: Task[], phones: Phones, rules: Rules): Job {
  const remembered = phones.wishes.get(row.phoneHash) ?? [];
  const owners = decided.filter(({ phoneHash }) => phoneHash === row.phoneHash);
  const wishes = [
    ...remembered.filter(({ contactId }) => !decided.some(({ work }) => work.contactId === contactId)),
    ...owners.flatMap(({ work, decision }) =>
      decision ? [{ contactId: work.contactId, wish: decision.wish, rank: decision.rank }] : [],
    ),
  ];
  const marks = tasks.filter((task) => task.phoneHash !== row.phoneHash && asksNotToBeCalled(task)).map(markOf);
  const asked = combine([...wishes, ...marks]);
  const hold = holdAfter({ row, tasks, wishes, combined: asked, dialer: phones.dialer, rules });
  const combined = heldBack(asked, hold);
  const nobody = marks.length === 0 && wishes.every(({ wish }) => wish === 'none');
  const left = nobody ? tasks.filter((task) => task.phoneHash !== null && task.phoneHash !== row.phoneHash) : [];
  return {
    row,
    tasks,
    wishes,
    combined,
    hold,
    wanted: wantedOf(combined, owners, rules),
    e164: owners[0]?.decision?.phone ?? null,
    leftBy: left.find(({ work }) => work.contactId === row.contactId) ?? left[0] ?? null,
    next: marks.length > 0 ? leadOf(combine(wishes)) : null,
  };
}

/**
 * A contact that has left a number and asks not to be called. The mark goes on the CallTools contact under that number, exactly as if
 * the request had come a second before the number was left. A deletion alone is no such request, but it does not take one back.
 */
function asksNotToBeCalled({ decision, row, work }: Task): boolean {
  if (decision?.reason !== 'deleted') return decision?.wish === 'dnc';
  return row.wish === 'dnc' || work.latest.snapshot?.dnd === true;
}

function markOf({ work }: Task): PhoneWish {
  return { contactId: work.contactId, wish: 'dnc', rank: -1 };
}

function leadOf(combined: Combined): string | null {
  return combined.kind === 'place' ? combined.lead : null;
}

function wantedOf(combined: Combined, owners: Task[], rules: Rules): Wanted | null {
  if (combined.kind === 'out') return { kind: 'out', doNotContact: combined.doNotContact };
  const person = owners.find(({ work }) => work.contactId === combined.lead)?.decision?.person;
  const route = rules.routes[combined.rank];
  if (!person || !route || route.bucket === null) return null;
  return { kind: 'place', bucket: route.bucket, tag: route.calltoolsTag ?? null, person };
}
