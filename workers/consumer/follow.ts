// A number whose CallTools contact shows somebody else, under another of its numbers: it is dialed with that one, and by no other.

import type { Dialer, Progress } from './dialer-target.ts';
import type { Job } from './plan.ts';
import { withdraw } from './twins.ts';

/**
 * True where the contact that leads is in CallTools, under another number. Then the number keeps no CallTools contact of its own in a
 * bucket: it would be dialed beside the one that leads. `led` is what this batch has learned of the leading number. Throws VendorError.
 */
export async function follow(
  { row, leadRow, combined, numbers, carriers }: Job,
  led: Progress | undefined,
  dialer: Dialer,
  progress: Progress,
  now: number,
): Promise<boolean> {
  if (leadRow === null || leadRow.phoneHash === row.phoneHash || combined.kind !== 'place') return false;
  const { callToolsId, held } = led ?? leadRow;
  const shown = led !== undefined || (leadRow.contactId === combined.lead && leadRow.fingerprint !== null);
  if (callToolsId === null || !held || !shown || row.doubtUntil > now || progress.wrote) return false;
  const own = row.callToolsId;
  if (own !== null && own !== callToolsId && progress.held) {
    const ids = await dialer.labels.resolve({ bucket: null, tag: null });
    const contact = await dialer.callTools.get(own);
    const wanted = { kind: 'out', doNotContact: false } as const;
    const target = {
      ...{ route: null, now, placing: null, adoptablePlacing: null },
      e164: null,
      phoneHash: row.phoneHash,
      wanted,
      callToolsId: own,
      uncertain: false,
      adoptable: null,
    };
    if (contact) await withdraw([contact], { ...target, numbers }, ids, dialer);
  }
  Object.assign(progress, { held: false, placing: null });
  if (carriers.includes(callToolsId)) progress.callToolsId = callToolsId;
  return true;
}
