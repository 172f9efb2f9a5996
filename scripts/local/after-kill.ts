// What a killed local run leaves in D1 and what is no longer true: its queues were in memory, and whoever held a lease is gone.
// On Cloudflare neither can happen: queues are durable, and a lease's holder may still be alive.

import type { Database } from './migrations.ts';

const VOID = [
  `UPDATE runs SET state = 'incomplete', error = 'the local queue ended with the process: start a new run'
   WHERE state = 'running'`,
  'UPDATE contacts SET lease_until = 0 WHERE lease_until > 0',
  'UPDATE dialer SET lease_until = 0 WHERE lease_until > 0',
  'UPDATE labels SET lease_until = 0 WHERE lease_until > 0',
  'UPDATE outbox SET lease_until = 0 WHERE lease_until > 0',
];

/** Gives back what the run before held. To be called before anything runs. */
export async function forgetLastRun(database: Database): Promise<void> {
  await database.batch(VOID.map((statement) => database.prepare(statement)));
}
