// Agents who call people, and what must follow from what they note: who said no is out of the dialer within one poll, and stays out.

import type { CallTools } from '../../sandbox/calltools.ts';
import type { Sqlite } from '../../sandbox/d1-sqlite.ts';
import type { Clock } from '../../sandbox/virtual-clock.ts';
import { POLL_MS, saysNo } from './agents-calls.ts';
import { createCallContacts } from './call-contacts.ts';
import { type CallRows, createCallRows } from './call-rows.ts';
import { type Action, PHONES, type Setup } from './history.ts';
import { folded } from './oracle.ts';
import { bucketsOf } from './rule-sets.ts';
import { during, type Truth } from './truth.ts';
import type { Report } from './verdict.ts';

export interface CallOptions {
  clock: Clock;
  callTools: CallTools;
  truth: Truth;
  sqlite: Sqlite;
  setup: Setup;
  /** A write takes effect that its caller has given up. */
  lately(): boolean;
  byHand(act?: () => void): boolean;
  report: Report;
}

/** A person who said no. Times are epoch ms. */
export interface No {
  at: number;
  callUuid: string;
  lead: string;
  /** The lead's number and its route then. */
  phone: string;
  rank: number;
}

/** A number of a CallTools contact in a bucket of ours, and whom that shows. */
interface Dialed {
  id: number;
  phone: string;
  lead: string;
}

export interface Calls {
  /** To be called after every change in CallTools. */
  look(): void;
  /** An agent calls the contact that is dialed at the number, else any other that has one. `isHeard`: the pipeline knows the contact's present state. */
  call(action: Extract<Action, { do: 'agent-call' }>, isHeard: (contactId: string) => boolean): void;
  /** People who were never ours are called so often. */
  callOthers(action: Extract<Action, { do: 'call-others' }>): void;
  /** An operator asks for the contact to be dialed again; what is returned is to be called where that is granted. */
  placesAgain(contactId: string): () => void;
  /** Contacts that were placed again after all that was said of them, and are held all the same. */
  heldAgain(): string[];
  /** Those who must be out now, and are dialed. */
  dialedAlthough(except?: ReadonlySet<string>): No[];
  /** Numbers that may be held back: those of people who were called, and all that are tied to them. */
  numbers(): ReadonlySet<string>;
  /** The same of those who said no. */
  numbersOfNoes(): ReadonlySet<string>;
  /** The history is over. */
  end(): void;
  /** The minute cron is needed: calls go on, or what was said has not taken effect yet. */
  isDue(): boolean;
  /** Something that was said has not taken effect yet. */
  pending(): boolean;
  readonly rows: CallRows;
  /** GoHighLevel contacts that the CallTools contact has shown at `since` (epoch ms) or later. */
  shownBy(id: number, since: number): string[];
  /** CallTools ids of people who are not ours. */
  readonly others: readonly number[];
}

/** The cron runs on the minute, a poll waits for batches, and the queue takes its time. */
const WITHIN_MS = 60_000 + 120_000;

export function createCalls({ clock, callTools, truth, sqlite, setup, lately, byHand, report }: CallOptions): Calls {
  const { rules, callResults } = setup;
  const managed = bucketsOf(rules).map(folded);
  const noes: No[] = [];
  /** `calls`: how many had been made and had taken effect, if all had. */
  const places: { contactId: string; at: number; calls: number; granted: boolean }[] = [];
  const others: number[] = [];
  const rows = createCallRows({ clock, callTools, sqlite, since: callResults?.since ?? false });
  let dialed: Dialed[] = [];
  let made = 0;
  let goesOn = true;

  const inside = ({ buckets }: { buckets: string[] }) => buckets.some((name) => managed.includes(folded(name)));
  const leadOf = ({ fields }: { fields: Record<string, unknown> }) => String(fields.ghl_contact_id ?? '');
  const of = createCallContacts(clock, leadOf);

  /** All numbers that are tied to these, by a person who has or had both, or by a CallTools contact. */
  function tiedTo(phones: Iterable<string>): Set<string> {
    const found = new Set(phones);
    const histories = truth.ids().map((id) => truth.versions(id).flatMap(({ phone }) => phone ?? []));
    const groups = [...histories, ...of.groups().map((group) => [...group])];
    for (let before = -1; before < found.size; ) {
      before = found.size;
      for (const group of groups)
        if (group.some((phone) => found.has(phone))) for (const phone of group) found.add(phone);
    }
    return found;
  }

  function tiedContacts(phone: string): string[] {
    const numbers = tiedTo([phone]);
    return truth.ids().filter((id) => truth.versions(id).some((version) => numbers.has(version.phone ?? '')));
  }

  /**
   * The hold has surely not ended: nobody with a number that is tied to it has, or comes with, another route than the person had when it
   * said no, and no operator has placed any of them again.
   */
  function stands({ at, phone, lead, rank }: No): boolean {
    return tiedContacts(phone).every((id) => {
      if (places.some((place) => place.contactId === id && place.at >= at)) return false;
      const versions = during(truth.versions(id), at, clock.now).filter(({ contact }) => contact !== null);
      if (versions.every((version) => version.rank === rank)) return true;
      const [first] = versions;
      const isSame = versions.every(
        (version) => version.rank === first?.rank && version.phone === first.phone && version.wish === first.wish,
      );
      return id !== lead && isSame && first !== undefined && first.at <= at;
    });
  }

  function hasLetter(phone: string): boolean {
    const letters = sqlite.rows(`SELECT contact_id FROM dead_letters WHERE status = 'waiting'`);
    const tied = tiedContacts(phone);
    return letters.some(({ contact_id }) => tied.includes(String(contact_id)));
  }

  /** When the hold came, epoch ms; null = not yet. */
  function heldAt(no: No): number | null {
    const id = rows.idOf(no.callUuid);
    if (id === undefined) return null;
    const held = 'SELECT held_at FROM call_results WHERE row_id = ?1 AND hold = 1 AND held_at IS NOT NULL';
    const [found] = sqlite.rows(held, id);
    return found ? Number(found.held_at) : null;
  }

  /** The hold is on the person who was called, under any number, and on the number. */
  const concerns = (no: No, phone: string, lead: string) => no.lead === lead || no.phone === phone;

  function isDialed(no: No): boolean {
    return callTools
      .contacts()
      .some((one) => inside(one) && leadOf(one) !== '' && one.phones.some((phone) => concerns(no, phone, leadOf(one))));
  }

  /** Where the same contact was dialed at the number for somebody else, only the hold on the person counts: the number has not come. */
  function enters({ id, phone, lead }: Dialed): void {
    const before = dialed.filter((one) => one.phone === phone);
    if (before.some((one) => one.lead === lead)) return;
    const stayed = before.some((one) => one.id === id);
    const isMeant = (no: No) => no.lead === lead || (no.phone === phone && !stayed);
    const broken = noes.find((no) => isMeant(no) && heldAt(no) !== null && stands(no));
    if (broken) report('said no', `${phone} is dialed for ${lead} again: ${toldOf(broken)}`);
  }

  function notesNo(id: number, callUuid: string, rowAfterMs: number, isHeard: (contactId: string) => boolean): void {
    const contact = callTools.contacts().find((one) => one.id === id);
    const lead = contact ? leadOf(contact) : '';
    const now = truth.latest(lead);
    if (!contact || !now || now.wish !== 'place' || now.phone === null || !contact.phones.includes(now.phone)) return;
    // A change without a webhook may be older or newer than the call.
    if (!tiedContacts(now.phone).every(isHeard)) return;
    const no = { at: clock.now, callUuid, lead, phone: now.phone, rank: now.rank };
    noes.push(no);
    if (callResults?.calm)
      clock.after(rowAfterMs + POLL_MS[callResults.poll] + WITHIN_MS, () => {
        if (counts(no) && isDialed(no) && stands(no) && !hasLetter(no.phone))
          report('said no', `${toldOf(no)} and is still dialed`);
      });
  }

  const counts = (no: No) => rows.counts(no.callUuid);

  return {
    look() {
      if (!callResults) return;
      const contacts = callTools.contacts();
      const ours = contacts.filter((one) => leadOf(one) !== '');
      of.look(contacts);
      const now = ours
        .filter(inside)
        .flatMap((one) => one.phones.map((phone) => ({ id: one.id, phone, lead: leadOf(one) })));
      if (!byHand() && !lately()) for (const one of now) enters(one);
      dialed = now;
    },

    call({ phone, disposition, rowAfterMs, lateId, hangUpAfterMs }, isHeard) {
      const ours = callTools.contacts().filter((one) => inside(one) && leadOf(one) !== '' && one.phones.length > 0);
      const there = ours.filter(({ phones }) => phones.includes(PHONES[phone] ?? ''));
      for (const contact of there.length > 0 ? there : ours.slice(0, 1)) {
        const call = callTools.agentCalls(contact.id, { disposition, rowAfterMs, lateId, force: true });
        if (!call.called) continue;
        made++;
        rows.made(call.callUuid, contact.id, disposition);
        clock.after(hangUpAfterMs, () => callTools.hangUp(call.callUuid));
        if (saysNo(disposition)) notesNo(contact.id, call.callUuid, rowAfterMs, isHeard);
      }
    },

    callOthers({ count, gapMs, disposition }) {
      const bucket = bucketsOf(rules)[0] ?? '';
      // Nobody calls from a bucket that does not exist yet; the pipeline may be about to create it.
      const { buckets } = callTools.snapshot() as { buckets: { name: string }[] };
      if (!buckets.some(({ name }) => folded(name) === folded(bucket))) return;
      byHand(() => {
        const phone = `+1305557${String(others.length).padStart(4, '0')}`;
        others.push(callTools.addContactByHand({ mobile_phone_number: phone, buckets: [bucket] }).id);
      });
      const id = others.at(-1) ?? 0;
      for (let n = 0; n < count; n++)
        clock.after(n * gapMs, () => {
          const call = callTools.agentCalls(id, { disposition, force: true });
          made++;
          if (call.called) rows.made(call.callUuid, id, disposition);
        });
    },

    placesAgain(contactId) {
      const place = { contactId, at: clock.now, calls: pending() ? -1 : made, granted: false };
      places.push(place);
      return () => {
        place.granted = true;
      };
    },
    heldAgain: () =>
      places.flatMap(({ contactId, calls, granted }) => {
        const phone = truth.latest(contactId)?.phone;
        if (!granted || calls !== made || !phone || tiedContacts(phone).length > 1) return [];
        const held = `SELECT 1 FROM contacts WHERE contact_id = ?1 AND reason = 'said_no'`;
        return sqlite.rows(held, contactId).length > 0 ? [contactId] : [];
      }),
    dialedAlthough: (except = new Set()) =>
      noes.filter(
        (no) =>
          counts(no) &&
          isDialed(no) &&
          stands(no) &&
          !hasLetter(no.phone) &&
          ![...tiedTo([no.phone])].some((one) => except.has(one)),
      ),
    numbers: () => tiedTo(numbersCalled({ noesOnly: false })),
    numbersOfNoes: () => tiedTo(numbersCalled({ noesOnly: true })),
    end() {
      goesOn = false;
    },
    isDue: () => callResults !== undefined && (goesOn || pending()),
    pending,
    rows,
    shownBy: of.shownBy,
    others,
  };

  function pending(): boolean {
    if (!callResults || made === 0) return false;
    const [poll] = sqlite.rows('SELECT polled_at, walk FROM call_polls');
    if (!poll || poll.polled_at === null || poll.walk !== null) return true;
    if (sqlite.rows('SELECT 1 FROM call_results WHERE pending = 1 LIMIT 1').length > 0) return true;
    if (sqlite.rows(UNWRITTEN).length > 0) return true;
    const known = new Set(sqlite.rows('SELECT row_id FROM call_results').map(({ row_id }) => Number(row_id)));
    return [...rows.expected()].some(([id, { isNeeded }]) => isNeeded && !known.has(id));
  }

  function numbersCalled(which: { noesOnly: boolean }): string[] {
    return rows.called(which).flatMap((id) => [...of.numbersOf(id)]);
  }
}

/** A write waits for nothing but its turn: not for a person who cannot be taken out of the dialer. */
const UNWRITTEN = `SELECT 1 FROM call_writes WHERE state = 'sent'
    OR (state = 'waiting' AND NOT EXISTS (SELECT 1 FROM dead_letters WHERE status = 'waiting')) LIMIT 1`;

/** In words. */
export function toldOf({ lead, phone, at }: No): string {
  return `${lead} said no at ${phone} at ${new Date(at).toISOString()}`;
}
