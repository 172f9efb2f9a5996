// Which links between CallTools contacts and people end with a batch. They are remembered where CALL_RESULTS is set: a call that was made
// before is read of later, and concerns the people whom its CallTools contact showed then.

import type { PastLink } from '../store/calls/past-links.ts';
import type { Claimed, DialerRow } from '../store/claim.ts';
import type { Commit } from '../store/commit.ts';
import type { Phones } from './work.ts';

/** What the batch has claimed, and what it has read since. */
interface Before {
  claimed: Pick<Claimed, 'contacts'>;
  /** Epoch ms: nothing was written before. */
  claimedAt: number;
  phones: Phones;
}

/** What it writes. */
type After = Required<Pick<Commit, 'contacts' | 'dialer' | 'numbers'>>;

/** Pure. A person belongs to a number that it has, or under which CallTools shows it. */
export function linksLetGo({ claimed, claimedAt, phones }: Before, { contacts, dialer, numbers }: After): PastLink[] {
  const rowAfter = new Map(dialer.map((row) => [row.phoneHash, row]));
  const contactAfter = new Map(contacts.map((contact) => [contact.contactId, contact]));
  const numberBefore = [...claimed.contacts.values()];
  return [...phones.dialer.values()].flatMap((row) => {
    const { phoneHash, contactId: shown, callToolsId } = row;
    // A batch that died may have written something else.
    const certainUntil = row.inDoubt ? row.updatedAt : claimedAt;
    const after = rowAfter.get(phoneHash) ?? row;
    const isOver = (id: number) =>
      id !== after.callToolsId &&
      (!row.carriers.has(id) || numbers.some((one) => one.callToolsId === id && one.removed.includes(phoneHash)));
    const having = numberBefore.filter((contact) => contact.phoneHash === phoneHash);
    const owners = [...(phones.intents.get(phoneHash) ?? []), ...having].map(({ contactId }) => contactId);
    const people = new Set(shown === null ? owners : [shown, ...owners]);
    const stays = (contactId: string) => {
      const contact = contactAfter.get(contactId);
      return contactId === after.contactId || (contact ? contact.phoneHash === phoneHash : owners.includes(contactId));
    };
    return idsOf(row).flatMap((id) =>
      [...people].flatMap((contactId): PastLink[] => {
        const wasShown = id === callToolsId && contactId === shown;
        const isShown = id === after.callToolsId && contactId === after.contactId;
        const isLetGo = isOver(id) || !stays(contactId) || (wasShown && !isShown);
        return isLetGo ? [{ callToolsId: id, phoneHash, contactId, shownUntil: wasShown ? certainUntil : null }] : [];
      }),
    );
  });
}

/** CallTools contacts that carry the number, as far as that is remembered. */
function idsOf({ callToolsId, carriers }: DialerRow): number[] {
  return [...new Set([...(callToolsId === null ? [] : [callToolsId]), ...carriers.keys()])];
}
