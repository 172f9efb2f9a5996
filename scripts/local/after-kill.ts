// Removes what a killed local run left in D1 that is no longer true: its queues were in memory, and lease holders are gone.
// On Cloudflare neither can happen: queues are durable, and a lease's holder may still be alive.

import type { Database } from './migrations.ts';

/**
 * Runs whose pages, or whose contacts, were in a queue: the next run finds all of these again. Writes to GoHighLevel whose message was: it
 * is sent again. In this order.
 */
const LOST_WITH_QUEUES = [
  `UPDATE runs SET state = 'incomplete', error = 'The local queue ended with the process: start a new run.'
   WHERE state = 'running' OR (settled_at IS NULL AND EXISTS (SELECT 1 FROM contacts WHERE queued_run = runs.id))`,
  'UPDATE contacts SET queued_run = NULL WHERE queued_run IS NOT NULL',
  `UPDATE call_writes SET state = 'waiting' WHERE state = 'sent'`,
];

const VOID = [
  ...LOST_WITH_QUEUES,
  'UPDATE contacts SET lease_until = 0 WHERE lease_until > 0',
  'UPDATE dialer SET lease_until = 0 WHERE lease_until > 0',
  'UPDATE labels SET lease_until = 0 WHERE lease_until > 0',
  'UPDATE outbox SET lease_until = min(lease_until, created_at) WHERE lease_until > 0',
];

/** Gives back what the run before held. To be called before anything runs. */
export async function forgetLastRun(database: Database): Promise<void> {
  await database.batch(VOID.map((statement) => database.prepare(statement)));
}

/**
 * The same for a run that goes on with another workerd, whose work may have begun before this is called. Leases run out by themselves,
 * within two minutes: to void one of the new workerd's would let two at one contact.
 */
export async function forgetLastWorkerd(database: Database): Promise<void> {
  await database.batch(LOST_WITH_QUEUES.map((statement) => database.prepare(statement)));
}
