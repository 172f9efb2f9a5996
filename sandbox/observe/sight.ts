// What CallTools holds under a phone, in words: what a scenario must end with, what was seen, and what the final check expects.

import type { DialerContact } from '../calltools/view.ts';

/** The texts that describe what CallTools holds. */
export const BUCKET = 'Cold Leads';
export const ABSENT = 'not in CallTools';
export const OUT = 'out of every bucket';
export const OUT_DNC = 'out of every bucket, do not contact';

/** In the bucket, under this name. */
export function dialedAs(name: string): string {
  return `in ${BUCKET} as ${name}`;
}

/** One of the texts above, or one that equals none of them. */
export function sightOf(contacts: readonly DialerContact[]): string {
  if (contacts.length === 0) return ABSENT;
  const each = contacts.map(describe);
  return each.length === 1 ? (each[0] ?? '') : `${each.length} contacts: ${each.join(' + ')}`;
}

function describe({ fields, buckets, doNotContact }: DialerContact): string {
  const name = `${fields.first_name} ${fields.last_name}`.trim();
  const place = buckets.length === 0 ? OUT : `in ${buckets.join(' and ')} as ${name}`;
  return doNotContact ? `${place}, do not contact` : place;
}
