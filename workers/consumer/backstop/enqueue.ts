// Puts contacts that a run asks about into the backstop's queue.

import type { ContactChanged } from '../../../shared/messages.ts';
import type { LocationContext } from '../config/context.ts';
import type { Run } from '../store/runs.ts';

/** A contact that a run asks about. */
export interface Candidate {
  contactId: string;
  /** Hash of the row that may differ. */
  searchHash?: string;
  /** CallTools too is asked what it holds. */
  verify?: true;
}

/** Why the run asks. */
export type Asking = 'BackstopCompare' | 'BackstopOpportunity' | 'BackstopUnseen' | 'BackstopVerify';

/** sendBatch takes 100 messages (docs/vendors.md, Cloudflare: queues). */
const BATCH = 100;

/** Puts contacts into the backstop's queue. They have been marked as queued before. Throws where the queue fails. */
export async function queueContacts(
  candidates: Candidate[],
  eventType: Asking,
  { id: runId, locationId }: Run,
  { env, world }: LocationContext,
): Promise<void> {
  const receivedAt = world.now();
  const messages = candidates.map((candidate): { body: ContactChanged } => ({
    body: {
      v: 1,
      kind: 'contact.changed',
      locationId,
      eventType,
      source: 'backstop',
      runId,
      eventId: world.newId(),
      occurredAt: null,
      receivedAt,
      snapshot: null,
      ...candidate,
    },
  }));
  for (let from = 0; from < messages.length; from += BATCH)
    await env.BACKSTOP.sendBatch(messages.slice(from, from + BATCH));
}
