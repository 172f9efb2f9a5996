// Looks through the members of our buckets for a number that cannot be searched for: the last way to find what an unanswered write left.

import type { Settings } from '../config/settings.ts';
import { VendorError } from '../domain/failure.ts';
import type { CallTools } from '../vendors/calltools.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';
import { type Found, isWhole } from './find-by-phone.ts';
import { carriesNumber } from './numbers.ts';

/** Looks for a number by its hash among the members of these buckets. `absent` = none of them has it; `unsupported` = that cannot be said. */
export type SearchMembers = (hash: string, bucketIds: Iterable<number>) => Promise<Found>;

/** Members looked at, newest first: what is looked for was written lately. */
const MAX_MEMBERS = 5000;
/** Contacts whose rows may lack numbers (docs/vendors.md, CallTools: phone numbers) are read one by one, at most this many. */
const MAX_DETAILS = 100;
/** A batch has 40 s. A search that took this long and is not done would not get done in another try either. */
const MAX_LOOK_MS = 25_000;

interface Seen {
  bucketId: number;
  member: DialerContact | null;
  /** It may have numbers that are not shown. */
  inPart?: boolean;
}

/** The search through bucket members. It throws VendorError; `now` is epoch ms. */
export function createMemberSearch(callTools: CallTools, settings: Settings, now: () => number): SearchMembers {
  /** Every member; null for one that is not seen. */
  async function* membersOf(bucketIds: Iterable<number>): AsyncGenerator<Seen> {
    let members = 0;
    let details = 0;
    for (const bucketId of bucketIds) {
      for await (const row of callTools.membersOf(bucketId)) {
        const whole = row === null || isWhole(row);
        const inPart = !whole && ++details > MAX_DETAILS;
        if (++members > MAX_MEMBERS || (inPart && row.phones.length === 0)) return yield { bucketId, member: null };
        yield { bucketId, member: whole || inPart ? row : await shown(row.id), inPart };
      }
    }
  }

  /** Null also where CallTools refuses to show this one: it may be anybody. */
  async function shown(id: number): Promise<DialerContact | null> {
    try {
      return await callTools.get(id);
    } catch (error) {
      if (error instanceof VendorError && error.failure.kind === 'refused') return null;
      throw error;
    }
  }

  async function look(hash: string, bucketIds: Iterable<number>): Promise<Found> {
    const found = new Map<number, DialerContact>();
    let unseen = false;
    for await (const { bucketId, member, inPart } of membersOf(bucketIds)) {
      // Not a member: the filter was ignored, and these are any contacts.
      if (member?.buckets?.includes(bucketId) === false) return { kind: 'unsupported' };
      const carried = member && (await carriesNumber(member, hash, settings));
      if (member && carried === 'yes') found.set(member.id, member);
      unseen ||= inPart || !member?.buckets || carried === 'perhaps';
    }
    if (found.size > 0) return { kind: 'found', contacts: [...found.values()].sort((a, b) => a.id - b.id) };
    return { kind: unseen ? 'unsupported' : 'absent' };
  }

  return async (hash, bucketIds) => {
    const startedAt = now();
    try {
      return await look(hash, bucketIds);
    } catch (error) {
      const failure = error instanceof VendorError ? error.failure : null;
      // The filter was refused, or there are so many members that most of a lease did not suffice: another try would come no further.
      const tooMany = failure?.kind === 'busy' && failure.forMs === undefined && now() - startedAt > MAX_LOOK_MS;
      if (failure?.kind === 'contact' || tooMany) return { kind: 'unsupported' };
      throw error;
    }
  };
}
