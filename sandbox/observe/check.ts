// The final check. It derives from GoHighLevel's contacts and the default rules, stated here a second time, what CallTools must hold.
// Of the workers it only reads their statistics.

import type { Sandbox } from '../sandbox.ts';
import { ABSENT, dialedAs, OUT, OUT_DNC, sightOf } from './sight.ts';

type GhlContact = ReturnType<Sandbox['ghl']['contacts']>[number];
type DialerContact = ReturnType<Sandbox['callTools']['contacts']>[number];

/** Something that is not as it should be in the end. */
export interface Mismatch {
  /** A contact, by name and phone, or a part of the pipeline. */
  what: string;
  expected: string;
  found: string;
}

/** What the check looks at. */
interface Vendors {
  ghl: Pick<Sandbox['ghl'], 'contacts' | 'deliveries'>;
  callTools: Pick<Sandbox['callTools'], 'contacts'> & { settings: { emailField: string } };
}

const LEAD_TAG = 'cold lead';
/** Tags that calls leave in the demo: the person said no. */
export const NOT_INTERESTED_TAG = 'dialer: not interested';
export const DO_NOT_CALL_TAG = 'dialer: do not call';
const SAID_NO = new Set([NOT_INTERESTED_TAG, DO_NOT_CALL_TAG]);
const CUSTOMER_WORD = /\b(customer|client|won|purchased)\b/i;

/** Every phone under which CallTools does not hold what the rules say. */
export function compareVendors({ ghl, callTools }: Vendors): Mismatch[] {
  const people = ghl.contacts();
  const held = callTools.contacts();
  const phones = new Set([...people, ...held.map(({ phones: [phone = ''] }) => ({ phone }))].map(({ phone }) => phone));
  const deleted = deletedPhones(ghl);
  return [...phones].sort().flatMap((phone) => {
    const owners = phone === '' ? [] : people.filter((person) => person.phone === phone);
    const here = held.filter(({ phones }) => (phone === '' ? phones.length === 0 : phones.includes(phone)));
    const allowed = owners.length > 0 ? sightsOf(owners) : deleted.has(phone) ? [ABSENT, OUT, OUT_DNC] : [ABSENT];
    const what = `${nameOf(owners[0]) || 'a contact that GoHighLevel does not have'}, ${phone || 'no phone'}`;
    const found = sightOf(here);
    if (!allowed.includes(found)) return [{ what, expected: allowed.join(' or '), found }];
    return foreignEmail(owners, here, callTools.settings.emailField).map((email) => ({ what, ...email }));
  });
}

/** What CallTools may show for these contacts, which share one phone: the stricter rule applies. */
function sightsOf(owners: GhlContact[]): string[] {
  if (owners.some(refusesCalls)) return [ABSENT, OUT_DNC];
  const lead = leadOf(owners);
  return lead ? [dialedAs(nameOf(lead))] : [ABSENT, OUT];
}

/** The contact to be dialed under the phone of these contacts: if several may be, the one with the lowest id. */
function leadOf(owners: GhlContact[]): GhlContact | undefined {
  if (
    owners.some((owner) => refusesCalls(owner) || owner.tags.some((tag) => CUSTOMER_WORD.test(tag) || SAID_NO.has(tag)))
  )
    return undefined;
  const leads = owners.filter(({ tags }) => tags.includes(LEAD_TAG));
  return leads.sort((a, b) => (a.id < b.id ? -1 : 1))[0];
}

function refusesCalls({ dnd, dndSettings: { Call } }: GhlContact): boolean {
  return dnd || (Call !== undefined && Call.status !== 'inactive');
}

/** The name is part of what is seen; the email is not, and must be the same person's. */
function foreignEmail(owners: GhlContact[], here: DialerContact[], field: string): Omit<Mismatch, 'what'>[] {
  const lead = leadOf(owners);
  const found = here[0]?.fields[field];
  if (!lead || found === lead.email) return [];
  return [{ expected: `email ${lead.email || '(none)'}`, found: `email ${found || '(none)'}` }];
}

/** CallTools keeps contacts that GoHighLevel has deleted. */
function deletedPhones({ deliveries }: Vendors['ghl']): Set<unknown> {
  const gone = deliveries.filter(({ type }) => type === 'ContactDelete');
  return new Set(gone.map(({ body }) => JSON.parse(body).phone));
}

function nameOf(contact: GhlContact | undefined): string {
  return contact ? `${contact.firstName} ${contact.lastName}`.trim() : '';
}

/** Of GET /sync/stats. */
export interface Stats {
  failed: number;
  pending: number;
  dead_letters: number;
  outbox: { depth: number };
  circuits: Record<string, { state: string; reason: string | null }>;
}

/** What the pipeline has left undone. */
export function unfinished({ failed, pending, dead_letters, outbox, circuits }: Stats): Mismatch[] {
  const counts = { 'contacts failed': failed, 'contacts pending': pending, 'dead letters waiting': dead_letters };
  const all = { ...counts, 'messages in the outbox': outbox.depth };
  const left = Object.entries(all).filter(([, count]) => count !== 0);
  const open = Object.entries(circuits).filter(([, { state }]) => state !== 'closed');
  return [
    ...left.map(([what, count]) => ({ what, expected: '0', found: String(count) })),
    ...open.map(([vendor, { state, reason }]) => ({
      what: `the circuit of ${vendor}`,
      expected: 'closed',
      found: `${state}: ${reason}`,
    })),
  ];
}

/** The differences, for a terminal. */
export function mismatchReport(mismatches: Mismatch[]): string {
  return mismatches
    .map(({ what, expected, found }) => `✗ ${what}\n    expected: ${expected}\n    found:    ${found}`)
    .join('\n');
}
