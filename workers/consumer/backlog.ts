// How much waits in each queue, where the platform says so.

import type { Queue } from '@cloudflare/workers-types';
import { readsPerMinute } from './pace-store.ts';

/** Null where the platform does not say. */
export interface Backlog {
  queue: string;
  waiting: number | null;
  /** Epoch ms. */
  oldestAt: number | null;
}

/**
 * How long the queue's messages take at the most while vendors are well: each a read at GoHighLevel's pace, as if all were of one
 * location. Copies, and contacts that nobody is concerned with, take less. Null where that is not known, or says nothing.
 */
export function minutesAtMost({ queue, waiting }: Pick<Backlog, 'queue' | 'waiting'>): number | null {
  const urgency = queue === 'contact-events' ? 'realtime' : queue === 'contact-backstop' ? 'bulk' : null;
  return waiting === null || urgency === null ? null : Math.ceil(waiting / readsPerMinute(urgency));
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
