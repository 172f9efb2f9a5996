// All numbers of one CallTools contact count together: it is dialed under each of them. What CallTools shows of them is noted here.

import type { Settings } from '../config/settings.ts';
import type { Wanted } from '../domain/decide.ts';
import { numbersIn, phoneHash } from '../domain/phone.ts';
import type { DialerRow } from '../store/claim.ts';
import type { NumbersChange, NumbersOf } from '../store/phones.ts';
import type { DialerContact } from '../vendors/calltools-schema.ts';

/** The numbers that CallTools showed of a contact in this batch. `whole`: it has no others. */
export interface Seen {
  hashes: readonly string[];
  whole: boolean;
}

/** What a batch knows and learns of contacts with several numbers. */
export interface Numbers {
  /** Hashes of the contact's numbers as remembered; none where it has a single one. */
  known(callToolsId: number): readonly string[];
  seen: Map<number, Seen>;
}

/** A contact that is to be dialed carries numbers whose intents have not been read yet. */
export class MoreNumbers extends Error {
  readonly numbers: NumbersOf;
  constructor(numbers: NumbersOf) {
    super('the CallTools contact carries other numbers too');
    this.numbers = numbers;
  }
}

/** Hashes of all numbers that these texts are, each once. `unread`: some text is no number, and may name any. */
export async function hashesOf(phones: readonly string[], { DEFAULT_COUNTRY, GHL_LOCATION_ID }: Settings) {
  const { numbers, unread } = numbersIn(phones, DEFAULT_COUNTRY);
  const hashes = await Promise.all([...new Set(numbers)].map((number) => phoneHash(GHL_LOCATION_ID, number)));
  return { hashes, unread };
}

/** Whether a contact with these phones carries the number of this hash. `perhaps`: one of its phones cannot be read. */
export async function carriesNumber(
  { phones }: Pick<DialerContact, 'phones'>,
  hash: string,
  settings: Settings,
): Promise<'yes' | 'perhaps' | 'no'> {
  const { hashes, unread } = await hashesOf(phones, settings);
  if (hashes.includes(hash)) return 'yes';
  return unread ? 'perhaps' : 'no';
}

interface Asked {
  wanted: Wanted;
  phoneHash: string;
  /** Numbers whose intents count in `wanted`. */
  numbers?: ReadonlySet<string>;
}

interface Context {
  settings: Settings;
  numbers: Numbers;
}

/**
 * Notes which numbers the contact carries. Throws MoreNumbers where it is to be dialed, carries the number that is worked on, and
 * carries another one whose intents do not count in what is wanted.
 */
export async function noteNumbers(
  contact: DialerContact,
  { wanted, phoneHash: own, numbers }: Asked,
  { settings, numbers: { known, seen } }: Context,
): Promise<void> {
  const isSingle = known(contact.id).length === 0 && !seen.has(contact.id);
  if (isSingle && new Set(contact.phones).size <= 1) return;
  const { hashes, unread } = await hashesOf(contact.phones, settings);
  // A row, or an answer to a write, that shows no number says nothing. Only the list of all numbers shows that one has gone.
  const whole = (contact.dialable?.length ?? 0) > 0 && !unread;
  const earlier = whole ? [] : (seen.get(contact.id)?.hashes ?? []);
  if (hashes.length > 0) seen.set(contact.id, { hashes: [...new Set([...hashes, ...earlier])], whole });
  const isNew = hashes.some((hash) => hash !== own && !numbers?.has(hash));
  if (wanted.kind === 'place' && isNew && hashes.includes(own))
    throw new MoreNumbers({ callToolsId: contact.id, hashes });
}

/** CallTools has shown that this contact does not carry the number, or no longer does. */
export function lacks({ seen }: Pick<Numbers, 'seen'>, callToolsId: number | null, hash: string): boolean {
  const shown = callToolsId === null ? undefined : seen.get(callToolsId);
  return shown?.whole === true && !shown.hashes.includes(hash);
}

/** CallTools does not have this contact any more. */
export function noteGone(callToolsId: number, { numbers: { known, seen } }: Pick<Context, 'numbers'>): void {
  if (known(callToolsId).length > 0) seen.set(callToolsId, { hashes: [], whole: true });
}

/** What the rows of a batch remember of a CallTools contact's numbers. */
export function knownNumbers(callToolsId: number, dialer: ReadonlyMap<string, DialerRow>): readonly string[] {
  for (const { carriers } of dialer.values()) {
    const hashes = carriers.get(callToolsId);
    if (hashes) return hashes;
  }
  return [];
}

/** How what was seen differs from what is remembered. */
export function numbersChanged({ known, seen }: Numbers): NumbersChange[] {
  return [...seen].flatMap(([callToolsId, { hashes, whole }]) => {
    const before = known(callToolsId);
    const now = hashes.length > 1 ? hashes : [];
    const added = now.filter((hash) => !before.includes(hash));
    const removed = whole ? before.filter((hash) => !now.includes(hash)) : [];
    const all = [...new Set([...before, ...hashes])];
    return added.length + removed.length > 0 ? [{ callToolsId, added, removed, all }] : [];
  });
}

/**
 * The numbers that count together with `seeds`: those on the same CallTools contacts, and so on from each number for which
 * somebody has an intent. A number that is nobody's connects no others.
 */
export function groupOf(
  seeds: readonly string[],
  dialer: ReadonlyMap<string, DialerRow>,
  isWanted: (hash: string) => boolean,
): Set<string> {
  const group = new Set(seeds);
  // What is added on the way is visited too.
  for (const hash of group) {
    if (!seeds.includes(hash) && !isWanted(hash)) continue;
    for (const hashes of dialer.get(hash)?.carriers.values() ?? []) for (const other of hashes) group.add(other);
  }
  return group;
}
