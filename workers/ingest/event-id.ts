// A name for an event whose sender gave it none: copies of one webhook share it.

import { sha256Hex } from '../../shared/hash.ts';

/** `at` is epoch ms. */
export async function eventIdOf(
  locationId: string | null,
  contactId: string | null,
  eventType: string,
  at: number | null,
  bodySha256: string,
): Promise<string> {
  const hash = await sha256Hex([locationId, contactId, eventType, at, bodySha256].join('|'));
  return `h-${hash.slice(0, 32)}`;
}
