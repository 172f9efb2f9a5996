// Where CallTools differs from what GoHighLevel and the rules say, apart from what dead letters, calls and hidden contacts account for.

import { fieldDifferencesOf } from './fields-oracle.ts';
import { expectedOf, unmarkedOf } from './oracle.ts';
import { tagsOf } from './rule-sets.ts';
import { type Difference, differencesOf } from './shared-oracle.ts';
import { isBlocked } from './truth.ts';
import type { World } from './world.ts';

/** A dead letter that waits. */
export interface Letter {
  id: string;
  contactId: string;
  reason: string;
  error: string;
}

/** Where CallTools differs, apart from what dead letters account for. `fields`: mapped fields count too. */
export function differences(world: World, letters = waitingLetters(world), { fields = false } = {}): Difference[] {
  const { truth, callTools, setup, searchable, blended, strays } = world;
  truth.note(world.gohighlevel.contacts(), world.clock.now);
  const accounted = new Set(letters.flatMap(({ contactId }) => phonesOf(world, contactId)));
  const contacts = callTools.contacts();
  // A letter of one contact leaves all numbers of its CallTools contact where they are.
  for (const { phones } of contacts)
    if (phones.some((phone) => accounted.has(phone))) for (const phone of phones) accounted.add(phone);
  const expected = expectedOf(truth, setup.rules);
  const found = differencesOf(expected, contacts, { rules: setup.rules, searchable, blended, strays });
  const ofFields = fields ? fieldDifferencesOf(expected, world) : [];
  const unmarked = unmarkedOf(truth, contacts).flatMap(({ contactId, phones }) => {
    const difference = `CallTools shows ${contactId}, who asks not to be called, and does not mark it do-not-contact`;
    // The person's own letters account for it under any number.
    return [...phones, ...phonesOf(world, contactId)].some((phone) => accounted.has(phone))
      ? []
      : phones.map((phone) => ({ phone, difference }));
  });
  const left = leftOut(world);
  // A CallTools contact that a person has merged or given a number, in an account that neither finds a number nor lists a bucket.
  const hidden = !searchable && setup.callTools.bucketFilter === 'ignored' ? blended : new Set<string>();
  return [...found, ...unmarked, ...ofFields].filter(
    ({ phone }) => ![accounted, left, hidden].some((known) => known.has(phone)),
  );
}

/** Numbers that are in no bucket and said to be held back, of people who were called since they were put into one. */
function leftOut({ saidNo, calls, sqlite, truth, callTools }: World): Set<string> {
  const held = sqlite
    .rows(
      `SELECT contact_id FROM contacts WHERE reason IN ('taken_out_in_calltools', 'said_no') AND state = 'kept_out'`,
    )
    .flatMap(({ contact_id }) => truth.latest(String(contact_id))?.phone ?? []);
  const called = new Set([...saidNo.numbers(), ...calls.numbers()]);
  const isIn = (phone: string) => callTools.withPhone(phone).some(({ buckets }) => buckets.length > 0);
  return new Set(held.filter((phone) => called.has(phone) && !isIn(phone)));
}

/** Every number that a contact has or had. */
export function phonesOf({ truth }: World, contactId: string): string[] {
  return truth.versions(contactId).flatMap(({ phone }) => phone ?? []);
}

export function waitingLetters({ sqlite }: World): Letter[] {
  return sqlite
    .rows(`SELECT id, contact_id AS contactId, reason, error FROM dead_letters WHERE status = 'waiting'`)
    .map((row) => ({
      id: String(row.id),
      contactId: String(row.contactId),
      reason: String(row.reason),
      error: String(row.error),
    }));
}

/**
 * A letter that no replay can repair, in an account that does not show what CallTools holds (nobody can be listed by tag). Neither can one
 * about a person who asks not to be called, whose earlier number is known by its hash only: CallTools may have them outside of our buckets.
 */
export function isForAPerson({ searchable, setup, truth }: World, { reason, contactId }: Letter): boolean {
  if (reason === 'lookup_unsupported') return !searchable;
  const hidden = setup.callTools.bucketFilter === 'ignored' || tagsOf(setup.rules).length > 0;
  const asked = truth.versions(contactId).some(({ contact }) => contact !== null && isBlocked(contact));
  return reason === 'untraceable' && (hidden || asked);
}
