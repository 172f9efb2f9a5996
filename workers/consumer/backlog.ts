// How much waits in each queue, where the platform says so.

import type { Queue } from '@cloudflare/workers-types';

/** Null where the platform does not say. */
export interface Backlog {
  queue: string;
  waiting: number | null;
  /** Epoch ms. */
  oldestAt: number | null;
}

/** The queues that can be asked; a stand-in for one may know nothing of it. */
export interface Measurable {
  EVENTS?: Partial<Pick<Queue, 'metrics'>>;
  BACKSTOP?: Partial<Pick<Queue, 'metrics'>>;
  DEAD_LETTERS?: Partial<Pick<Queue, 'metrics'>>;
}

/** Never rejects: a queue that does not answer is not known. */
export function readBacklogs({ EVENTS, BACKSTOP, DEAD_LETTERS }: Measurable): Promise<Backlog[]> {
  return Promise.all([
    readBacklog('contact-events', EVENTS),
    readBacklog('contact-backstop', BACKSTOP),
    readBacklog('contact-dead-letters', DEAD_LETTERS),
  ]);
}

async function readBacklog(name: string, queue: Partial<Pick<Queue, 'metrics'>> | undefined): Promise<Backlog> {
  try {
    const metrics = await queue?.metrics?.();
    if (!metrics) return { queue: name, waiting: null, oldestAt: null };
    const oldest = Number(metrics.oldestMessageTimestamp ?? 0);
    return { queue: name, waiting: metrics.backlogCount, oldestAt: oldest > 0 ? oldest : null };
  } catch {
    return { queue: name, waiting: null, oldestAt: null };
  }
}
