// What happens by the clock: the nightly run, and every minute the outbox and a look at whether a run stands still.

import { startRun, wakeRun } from './backstop.ts';
import type { Basis, Edge } from './basis.ts';
import { drainOutbox } from './outbox.ts';

/** As in wrangler.consumer.jsonc. */
const NIGHTLY = '0 2 * * *';

/** Runs what is due. `basis` throws where a setting is faulty. A part that fails is logged and does not stop the others. */
export async function onCron(cron: string, edge: Edge, basis: () => Basis): Promise<void> {
  const due: [string, () => Promise<unknown>][] =
    cron === NIGHTLY
      ? [['backstop', () => startRun('cron', basis())]]
      : [
          ['outbox', () => drainOutbox(edge)],
          ['wake', () => wakeRun(basis())],
        ];
  for (const [part, run] of due) {
    try {
      await run();
    } catch (thrown) {
      edge.log('cron.failed', { part, cron, error: thrown instanceof Error ? thrown.message : String(thrown) });
    }
  }
}
