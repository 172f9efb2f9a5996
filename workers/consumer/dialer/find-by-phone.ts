// Finding a person in CallTools by phone without ever trusting the filter: it may be ignored, and rows may hide their numbers.

import type { CountryCode } from 'libphonenumber-js/min';
import { VendorError, worstOf } from '../domain/failure.ts';
import { numbersIn, PLAUSIBLE_COUNT, toE164 } from '../domain/phone.ts';
import type { CallTools, PhoneResource, PhoneRows } from '../vendors/calltools.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';

/**
 * CallTools contacts that carry the number, lowest id first; never empty. `unseen`: why others could not be read, which may carry it too.
 */
export interface Seen {
  kind: 'found';
  contacts: DialerContact[];
  unseen?: VendorError[];
}

/** What a look-up of a number found in CallTools. */
export type Found =
  | Seen
  | { kind: 'absent' }
  /** This account cannot be searched by phone (or we were told not to). */
  | { kind: 'unsupported' };

interface Options {
  callTools: CallTools;
  country: CountryCode;
  mode: PhoneResource | 'off';
  /** Resources known to ignore the filter; `remember` adds to what later batches know. */
  unsupported: Set<string>;
  remember(resource: PhoneResource): Promise<void>;
}

/**
 * Looks a number up. Throws VendorError, also where a contact that may carry the number cannot be read; with `partly` only if no other
 * carries it.
 */
export type Lookup = (e164: string, partly?: boolean) => Promise<Found>;

/** A lookup that verifies every row, and remembers which resources ignore the filter. */
export function createLookup({ callTools, country, mode, unsupported, remember }: Options): Lookup {
  const resources: PhoneResource[] =
    mode === 'off' ? [] : mode === 'contacts' ? ['contacts', 'phonenumbers'] : ['phonenumbers'];

  /** The contact of a row, or why it cannot be read. */
  async function detail(row: DialerContact, partly: boolean): Promise<DialerContact | null | VendorError> {
    if (isWhole(row)) return row;
    return callTools.get(row.id).catch((thrown) => {
      if (thrown instanceof VendorError && thrown.failure.kind === 'refused') return thrown;
      return unseenBy(thrown, partly);
    });
  }

  /** It has numbers, and none is the one looked for. A number that cannot be read says nothing about the filter. */
  function isStranger({ phones }: DialerContact): boolean {
    return phones.length > 0 && !numbersIn(phones, country).unread;
  }

  /** Resources that the account lacks, as of this batch: a role may be changed. */
  const lacking = new Set<PhoneResource>();

  async function lookIn(resource: PhoneResource, e164: string, partly: boolean): Promise<Found | 'no_filter'> {
    const answer = await callTools.findByPhone(e164, resource);
    if (answer === 'refused') return { kind: 'unsupported' };
    if (answer === 'denied') {
      lacking.add(resource);
      return { kind: 'unsupported' };
    }
    const { contacts, strangers, unread } = await lookThrough(answer, e164, partly);
    if (strangers && answer.count > PLAUSIBLE_COUNT) return 'no_filter';
    // A row that CallTools refuses to show is a stranger's where others are; else it may be what was looked for.
    const unseen = unread.filter(({ failure }) => failure.kind !== 'refused' || !strangers);
    const seen = seenOf(contacts, unseen, partly);
    if (seen) return seen;
    if (strangers || answer.count > PLAUSIBLE_COUNT) return 'no_filter';
    // Rows that we cannot read, or that have just gone, say nothing about the filter.
    return answer.rows.length === 0 && answer.count === 0 ? { kind: 'absent' } : { kind: 'unsupported' };
  }

  /** What the rows are. Ends as soon as the filter has proved to be ignored. */
  async function lookThrough({ rows, count }: PhoneRows, e164: string, partly: boolean) {
    const contacts: DialerContact[] = [];
    let strangers = false;
    const unread: VendorError[] = [];
    for (const row of rows) {
      if (strangers && count > PLAUSIBLE_COUNT) break;
      const contact = await detail(row, partly);
      if (contact instanceof VendorError) unread.push(contact);
      else if (contact && hasPhone(contact, e164, country)) contacts.push(contact);
      else strangers ||= contact !== null && isStranger(contact);
    }
    return { contacts, strangers, unread };
  }

  return async (e164, partly = false) => {
    for (const resource of resources) {
      if (unsupported.has(resource) || lacking.has(resource)) continue;
      const found = await lookIn(resource, e164, partly);
      if (found === 'no_filter') {
        unsupported.add(resource);
        await remember(resource);
      } else if (found.kind !== 'unsupported') return found;
    }
    return { kind: 'unsupported' };
  };
}

/**
 * True where a row of a list shows all of the contact that is looked at. Phone fields alone may lack numbers that the contact has
 * (docs/vendors.md, CallTools: phone numbers).
 */
export function isWhole({ dialable, buckets }: DialerContact): boolean {
  return buckets !== null && dialable !== null && dialable.length > 0;
}

/** True when one of these numbers is this one, however CallTools spells it. */
export function hasPhone({ phones }: Pick<DialerContact, 'phones'>, e164: string, country: CountryCode): boolean {
  return phones.some((phone) => toE164(phone, country) === e164);
}

/** What was seen; null where that is nothing. Throws why others could not be read, unless it is enough to see some of them. */
export function seenOf(contacts: DialerContact[], unseen: VendorError[], partly: boolean): Seen | null {
  const worst = worstOf(unseen);
  if (worst && (!partly || contacts.length === 0)) throw worst;
  if (contacts.length === 0) return null;
  return { kind: 'found', contacts: unique(contacts), ...(worst && { unseen }) };
}

/** Why one contact could not be read, where it is enough to see some of them; thrown where it is not. */
export function unseenBy(thrown: unknown, partly: boolean): VendorError {
  if (partly && thrown instanceof VendorError) return thrown;
  throw thrown;
}

function unique(contacts: DialerContact[]): DialerContact[] {
  return [...new Map(contacts.map((contact) => [contact.id, contact])).values()].sort((a, b) => a.id - b.id);
}
