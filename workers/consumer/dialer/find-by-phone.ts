// Finding a person in CallTools by phone without ever trusting the filter: it may be ignored, and rows may hide their numbers.

import type { CountryCode } from 'libphonenumber-js/min';
import { VendorError } from '../domain/failure.ts';
import { numbersIn, PLAUSIBLE_COUNT, toE164 } from '../domain/phone.ts';
import type { CallTools, PhoneResource, PhoneRows } from '../vendors/calltools.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';

/** What a look-up of a number found in CallTools. */
export type Found =
  /** CallTools contacts that carry the number, lowest id first; never empty. */
  | { kind: 'found'; contacts: DialerContact[] }
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

/** Looks a number up. Throws VendorError. */
export type Lookup = (e164: string) => Promise<Found>;

/** A lookup that verifies every row, and remembers which resources ignore the filter. */
export function createLookup({ callTools, country, mode, unsupported, remember }: Options): Lookup {
  const resources: PhoneResource[] =
    mode === 'off' ? [] : mode === 'contacts' ? ['contacts', 'phonenumbers'] : ['phonenumbers'];

  /** The contact of a row, or CallTools' refusal to show it. */
  async function detail(row: DialerContact): Promise<DialerContact | null | VendorError> {
    if (isWhole(row)) return row;
    try {
      return await callTools.get(row.id);
    } catch (thrown) {
      if (thrown instanceof VendorError && thrown.failure.kind === 'refused') return thrown;
      throw thrown;
    }
  }

  /** It has numbers, and none is the one looked for. A number that cannot be read says nothing about the filter. */
  function isStranger({ phones }: DialerContact): boolean {
    return phones.length > 0 && !numbersIn(phones, country).unread;
  }

  /** Resources that the account lacks, as of this batch: a role may be changed. */
  const lacking = new Set<PhoneResource>();

  async function lookIn(resource: PhoneResource, e164: string): Promise<Found | 'no_filter'> {
    const answer = await callTools.findByPhone(e164, resource);
    if (answer === 'refused') return { kind: 'unsupported' };
    if (answer === 'denied') {
      lacking.add(resource);
      return { kind: 'unsupported' };
    }
    const { contacts, strangers, refused } = await lookThrough(answer, e164);
    if (strangers && answer.count > PLAUSIBLE_COUNT) return 'no_filter';
    // A row that CallTools does not show is a stranger's where others are; else it may be what was looked for.
    if (refused !== null && !strangers) throw refused;
    if (contacts.length > 0) return { kind: 'found', contacts: unique(contacts) };
    if (strangers || answer.count > PLAUSIBLE_COUNT) return 'no_filter';
    // Rows that we cannot read, or that have just gone, say nothing about the filter.
    return answer.rows.length === 0 && answer.count === 0 ? { kind: 'absent' } : { kind: 'unsupported' };
  }

  /** What the rows are. Ends as soon as the filter has proved to be ignored. */
  async function lookThrough({ rows, count }: PhoneRows, e164: string) {
    const contacts: DialerContact[] = [];
    let strangers = false;
    let refused: VendorError | null = null;
    for (const row of rows) {
      if (strangers && count > PLAUSIBLE_COUNT) break;
      const contact = await detail(row);
      if (contact instanceof VendorError) refused = contact;
      else if (contact && hasPhone(contact, e164, country)) contacts.push(contact);
      else strangers ||= contact !== null && isStranger(contact);
    }
    return { contacts, strangers, refused };
  }

  return async (e164) => {
    for (const resource of resources) {
      if (unsupported.has(resource) || lacking.has(resource)) continue;
      const found = await lookIn(resource, e164);
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

function unique(contacts: DialerContact[]): DialerContact[] {
  return [...new Map(contacts.map((contact) => [contact.id, contact])).values()].sort((a, b) => a.id - b.id);
}
