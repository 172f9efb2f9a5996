// Two people, a lead and another, whose numbers are on one CallTools contact.

import { expect } from 'vitest';
import { type BackstopStage, phoneOf } from '../../support/consumer-harness.ts';
import { look, SILENT } from './people-harness.ts';

export const [LEAD, OTHER] = ['aaaaaaaaaaaaaaaaaaaa', 'zzzzzzzzzzzzzzzzzzzz'] as const;
export const [MINE, THEIRS] = [phoneOf(0), phoneOf(1)] as const;

/** Gives a contact this one tag, and looks at it. */
export async function retag(stage: BackstopStage, id: string, tag: string): Promise<void> {
  await stage.ghl.editContact(id, { tags: [tag] }, SILENT);
  await look(stage, id);
}

/** Where a contact is, and why. */
export function placeOf({ sqlite }: BackstopStage, id: string) {
  return { ...sqlite.rows('SELECT state, reason FROM contacts WHERE contact_id = ?1', id)[0] };
}

export const KEPT_OUT = { state: 'kept_out', reason: 'shared_contact' };
export const PLACED = { state: 'placed', reason: 'placed' };

/** A CallTools contact with both numbers, made by hand. */
export function shared(stage: BackstopStage, buckets: string[] = []): number {
  const fields = { mobile_phone_number: MINE, home_phone_number: THEIRS, buckets };
  return stage.callTools.addContactByHand(fields).id;
}

/** Looks at both: CallTools is not called for a contact. */
export async function quiet(stage: BackstopStage): Promise<void> {
  stage.callTools.calls.clear();
  await look(stage, LEAD, OTHER);
  expect(stage.callTools.calls.count({ path: '/api/contacts' })).toBe(0);
}
