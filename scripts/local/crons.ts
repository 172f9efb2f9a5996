// Fires cron triggers: Miniflare knows of them but has no clock.

import { Cron } from 'croner';
import type { Miniflare } from 'miniflare';
import { createLog } from '../../shared/log.ts';
import type { Bundles } from './bundle.ts';

/** The cron triggers of both workers. */
export interface Crons {
  /**
   * Fires one trigger, now or as if it were `at`, in every worker that has it, and waits until it was handled. Throws if a worker has
   * failed or none has it.
   */
  run(cron: string, at?: Date): Promise<void>;
  /** Fires each when it is due, UTC, from now on; a failure becomes a log line. The returned function ends that. */
  followClock(log: (line: string) => void): () => void;
}

/** Reads the triggers from the workers’ configuration. */
export function createCrons(miniflare: Miniflare, bundles: Bundles): Crons {
  const triggers = Object.values(bundles).flatMap(({ config: { name = '', triggers } }) =>
    (triggers.crons ?? []).map((cron: string) => ({ cron, worker: name })),
  );

  async function fire(cron: string, worker: string, scheduledTime = new Date()): Promise<void> {
    const { outcome } = await (await miniflare.getWorker(worker)).scheduled({ cron, scheduledTime });
    if (outcome !== 'ok') throw new Error(`${worker} did not handle the cron trigger "${cron}": ${outcome}`);
  }

  return {
    async run(cron, at) {
      const due = triggers.filter((trigger) => trigger.cron === cron);
      if (due.length === 0) throw new Error(`no worker has the cron trigger "${cron}"`);
      for (const { worker } of due) await fire(cron, worker, at);
    },

    followClock(write) {
      const log = createLog({ worker: 'local' }, write);
      const failed = (error: unknown) => log('local.cron_failed', { error: String(error) });
      const jobs = triggers.map(({ cron, worker }) => {
        // Cloudflare counts weekdays from Sunday = 1 (docs/vendors.md, Cloudflare: workers).
        const options = { timezone: 'UTC', alternativeWeekdays: true, protect: true, catch: failed };
        return new Cron(cron, options, () => fire(cron, worker));
      });
      return () => {
        for (const job of jobs) job.stop();
      };
    },
  };
}
