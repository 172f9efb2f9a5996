// How much waits in each queue, where the platform says so, and how long it will take.

import type { Queue } from '@cloudflare/workers-types';
import { MINUTE_MS } from '../../../shared/time.ts';
import type { LocationContext } from '../config/context.ts';
import { type Eta, etaOf, NO_ETA } from '../domain/eta.ts';
import { type BacklogMark, saveBacklogMarks } from '../store/health.ts';
import { READS_PER_MINUTE } from '../store/rate-limits.ts';

/** Null where the platform does not say. */
export interface Backlog {
  queue: string;
  waiting: number | null;
  /** Epoch ms. */
  oldestAt: number | null;
}

/**
 * At most how long the queue's messages take while vendors are well: each costs a read within GoHighLevel's limit, as if all were of one
 * location. Copies, and contacts that no rule matches, take less. Null where that is not known.
 */
export function minutesAtMost({ queue, waiting }: Pick<Backlog, 'queue' | 'waiting'>): number | null {
  const isWork = queue === 'contact-events' || queue === 'contact-backstop';
  return waiting === null || !isWork ? null : Math.ceil(waiting / READS_PER_MINUTE);
}

/**
 * About how many contacts wait: the messages in the queues, or the contacts that are not settled yet where those are more (a platform may
 * not count delayed messages). Null where nothing is known. A run's pages are among the messages.
 */
export function waitingIn(backlogs: readonly Backlog[], pending: number): number | null {
  const work = backlogs.filter(({ queue }) => queue === 'contact-events' || queue === 'contact-backstop');
  const known = work.every(({ waiting }) => waiting !== null);
  const messages = work.reduce((sum, { waiting }) => sum + (waiting ?? 0), 0);
  return known || pending > 0 ? Math.max(messages, pending) : null;
}

/** Fewer are processed within seconds, and are not noted. */
const MARKED_FROM = 100;
/** Shorter times say nothing about the pace. */
const LEAST_MS = 30_000;

/**
 * How fast the queue empties, measured since it last was longest and stopped growing. So it includes copies, slow vendors and new
 * messages. Null while it does not empty.
 */
export function etaOfBacklog({ queue, waiting }: Backlog, marks: readonly BacklogMark[], now: number): Eta {
  if (waiting === null || waiting === 0) return { ...NO_ETA, remaining: waiting };
  const ofQueue = marks.filter((mark) => mark.queue === queue);
  const grownSince = Math.max(...ofQueue.filter((mark) => mark.waiting < waiting).map(({ at }) => at));
  const [most] = ofQueue.filter(({ at }) => at > grownSince).toSorted((a, b) => b.waiting - a.waiting || b.at - a.at);
  if (!most || most.waiting <= waiting || now - most.at < LEAST_MS) return { ...NO_ETA, remaining: waiting };
  return etaOf(waiting, ((most.waiting - waiting) / (now - most.at)) * MINUTE_MS, now);
}

/** Called every minute: notes how much waits, where it is much. */
export async function markBacklogs({ env, world }: Pick<LocationContext, 'env' | 'world'>): Promise<void> {
  const now = world.now();
  const marks = (await readBacklogs(env)).flatMap(({ queue, waiting }) =>
    waiting !== null && waiting >= MARKED_FROM ? [{ queue, waiting, at: now }] : [],
  );
  if (marks.length > 0) await saveBacklogMarks(env.DB, marks, now);
}

/** The queues to ask. A local stand-in may have no metrics. */
export interface Measurable {
  EVENTS?: Partial<Pick<Queue, 'metrics'>>;
  BACKSTOP?: Partial<Pick<Queue, 'metrics'>>;
  DEAD_LETTERS?: Partial<Pick<Queue, 'metrics'>>;
}

/** One entry for each queue. Never rejects: of a queue that does not answer, nothing is known. */
export function readBacklogs({ EVENTS, BACKSTOP, DEAD_LETTERS }: Measurable): Promise<Backlog[]> {
  return Promise.all([
    readBacklog('contact-events', EVENTS),
    readBacklog('contact-backstop', BACKSTOP),
    readBacklog('contact-dead-letters', DEAD_LETTERS),
  ]);
}

type Measured = Partial<Pick<Queue, 'metrics'>> | undefined;

function readBacklog(name: string, queue: Measured): Promise<Backlog> {
  return readQueue(name, queue).catch(() => ({ queue: name, waiting: null, oldestAt: null }));
}

/** Throws what the queue throws. */
export async function readQueue(name: string, queue: Measured): Promise<Backlog> {
  const metrics = await queue?.metrics?.();
  if (!metrics) return { queue: name, waiting: null, oldestAt: null };
  const oldest = Number(metrics.oldestMessageTimestamp ?? 0);
  return { queue: name, waiting: metrics.backlogCount, oldestAt: oldest > 0 ? oldest : null };
}
