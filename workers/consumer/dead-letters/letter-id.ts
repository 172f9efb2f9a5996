// Names of dead letters: the same for every copy of a message, so that a redelivery adds no second row.

import { sha256Hex } from '../../../shared/hash.ts';

/** The letter of a contact that failed for this reason: one each, so that failing again every night adds none. */
export function contactLetterId(locationId: string, contactId: string, reason: string): Promise<string> {
  return hashed('d', `${locationId}|${contactId}|${reason}`);
}

/** The letter of one event, page or message, where it is not about a contact alone. */
export function singleLetterId(kind: 'webhook' | 'page' | 'message', name: string): Promise<string> {
  return hashed(kind.charAt(0), name);
}

async function hashed(prefix: string, name: string): Promise<string> {
  return `${prefix}-${(await sha256Hex(name)).slice(0, 24)}`;
}
