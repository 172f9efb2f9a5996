// Cloudflare's queues: at least once, in no certain order, several batches at a time, retries counted, dead letters moved on.

import type { MessageBatch } from '@cloudflare/workers-types';
import type { Clock } from '../../sandbox/virtual-clock.ts';
import type { Rng } from './rng.ts';

export const QUEUES = ['contact-events', 'contact-backstop', 'contact-dead-letters'] as const;
export type QueueName = (typeof QUEUES)[number];

interface Settings {
  maxBatchSize: number;
  /** Ms. */
  batchWait: number;
  maxConcurrency: number;
  maxRetries: number;
  retryDelaySeconds: number;
  deadLetters: QueueName | null;
}

/** As in wrangler.consumer.jsonc. */
const SETTINGS: Record<QueueName, Settings> = {
  'contact-events': queue(25, 1000, 5, 50, 10, 'contact-dead-letters'),
  'contact-backstop': queue(25, 1000, 2, 50, 30, 'contact-dead-letters'),
  'contact-dead-letters': queue(100, 5000, 5, 100, 60, null),
};
/** A batch whose worker died comes back after this; the platform's figure is not published. */
const REDELIVERY_MS = 30_000;
/** A random order picks among this many of the oldest. How far the platform departs from the order is not published. */
const DISORDERED = 1000;
/** Now and then an acknowledged message comes again. */
const TWICE = 0.01;

interface Stored {
  id: string;
  body: unknown;
  timestamp: Date;
  attempts: number;
  /** Epoch ms. */
  visibleAt: number;
}

type Mark = { kind: 'ack' } | { kind: 'retry'; delaySeconds: number } | null;

/** How a batch's handler ended: `killed` leaves no word of its own. */
export type BatchEnd = 'returned' | 'threw' | 'killed';

interface Options {
  clock: Clock;
  rng: Rng;
  /** Hands a batch to a worker; `ended` is called once. */
  deliver(batch: MessageBatch<unknown>, ended: (end: BatchEnd) => void): void;
}

export interface Queues {
  /** Stores the message; one that cannot be stored throws. */
  send(name: QueueName, body: unknown, delaySeconds?: number): void;
  /** Messages that wait or are being worked on. */
  size(name: QueueName): number;
  idle(): boolean;
  bodies(name: QueueName): unknown[];
  /** What the binding's `metrics()` answers. */
  metrics(name: QueueName): { backlogCount: number; oldestMessageTimestamp: Date | undefined };
  /** How many have spent their deliveries and went to the dead-letter queue. */
  readonly givenUp: number;
}

export function createQueues({ clock, rng, deliver }: Options): Queues {
  const waiting = new Map<QueueName, Stored[]>(QUEUES.map((name) => [name, []]));
  const inHand = new Map<QueueName, number>(QUEUES.map((name) => [name, 0]));
  const batches = new Map<QueueName, number>(QUEUES.map((name) => [name, 0]));
  const planned = new Map<QueueName, { at: number; cancel: () => void }>();
  let ids = 0;
  let givenUp = 0;
  const of = (name: QueueName) => waiting.get(name) ?? [];
  const add = (counts: Map<QueueName, number>, name: QueueName, n: number) =>
    counts.set(name, (counts.get(name) ?? 0) + n);

  /** Plans the next delivery for when something is visible. */
  function plan(name: QueueName): void {
    const stored = of(name);
    if (stored.length === 0 || (batches.get(name) ?? 0) >= SETTINGS[name].maxConcurrency) return;
    const visibleAt = stored.reduce((least, message) => Math.min(least, message.visibleAt), Number.POSITIVE_INFINITY);
    const at = Math.max(clock.now, visibleAt) + rng.int(0, SETTINGS[name].batchWait);
    const known = planned.get(name);
    if (known && known.at <= at) return;
    known?.cancel();
    const cancel = clock.after(at - clock.now, () => {
      planned.delete(name);
      take(name);
      plan(name);
    });
    planned.set(name, { at, cancel });
  }

  function visibleOf(name: QueueName): Stored[] {
    const visible: Stored[] = [];
    for (const message of of(name)) {
      if (message.visibleAt <= clock.now) visible.push(message);
      if (visible.length === DISORDERED) break;
    }
    return visible;
  }

  /** Mostly the oldest first, in batches of any size; now and then by chance, among the oldest. */
  function take(name: QueueName): void {
    const visible = visibleOf(name);
    if (visible.length === 0) return;
    if (rng.chance(0.3)) visible.sort(() => rng.next() - 0.5);
    const size = rng.chance(0.6) ? SETTINGS[name].maxBatchSize : rng.int(1, 3);
    const messages = visible.slice(0, size);
    const taken = new Set(messages);
    waiting.set(
      name,
      of(name).filter((message) => !taken.has(message)),
    );
    add(inHand, name, messages.length);
    add(batches, name, 1);
    const marks = new Map<string, Mark>();
    for (const message of messages) message.attempts += 1;
    deliver(batchOf(name, messages, marks), (end) => {
      add(inHand, name, -messages.length);
      add(batches, name, -1);
      for (const message of messages) finish(name, message, markOf(message, marks, end), end);
      plan(name);
    });
  }

  /** A handler that returns acknowledges what it did not mark; of one that was killed, acknowledgements may have counted. */
  function markOf({ id }: Stored, marks: Map<string, Mark>, end: BatchEnd): Mark {
    const mark = marks.get(id) ?? null;
    if (end === 'killed') return mark !== null && rng.chance(0.5) ? mark : null;
    return mark ?? (end === 'returned' ? { kind: 'ack' } : null);
  }

  function finish(name: QueueName, message: Stored, mark: Mark, end: BatchEnd): void {
    const { maxRetries, retryDelaySeconds, deadLetters } = SETTINGS[name];
    if (mark?.kind === 'ack' && !rng.chance(TWICE)) return;
    if (mark?.kind !== 'ack' && message.attempts > maxRetries) {
      givenUp++;
      if (deadLetters !== null) store(deadLetters, message.body, 0);
      return;
    }
    const delayMs = mark?.kind === 'retry' ? mark.delaySeconds * 1000 : retryDelaySeconds * 1000;
    message.visibleAt = clock.now + (end === 'killed' ? rng.int(1000, REDELIVERY_MS) : delayMs);
    of(name).push(message);
  }

  function store(name: QueueName, body: unknown, delaySeconds: number): void {
    of(name).push({
      id: `m${++ids}`,
      body,
      timestamp: new Date(clock.now),
      attempts: 0,
      visibleAt: clock.now + delaySeconds * 1000,
    });
    plan(name);
  }

  return {
    send(name, body, delaySeconds = 0) {
      if (delaySeconds < 0 || delaySeconds > 86_400) throw new Error(`a queue takes no delay of ${delaySeconds} s`);
      store(name, structuredClone(body), delaySeconds);
    },
    size: (name) => of(name).length + (inHand.get(name) ?? 0),
    idle: () => QUEUES.every((name) => of(name).length === 0 && inHand.get(name) === 0),
    bodies: (name) => of(name).map(({ body }) => body),
    metrics: (name) => ({
      backlogCount: of(name).length + (inHand.get(name) ?? 0),
      oldestMessageTimestamp: of(name).reduce<Date | undefined>(
        (oldest, { timestamp }) => (oldest && oldest <= timestamp ? oldest : timestamp),
        undefined,
      ),
    }),
    get givenUp() {
      return givenUp;
    },
  };
}

function batchOf(queue: QueueName, messages: Stored[], marks: Map<string, Mark>): MessageBatch<unknown> {
  const { retryDelaySeconds } = SETTINGS[queue];
  /** The first word counts. */
  const mark = (id: string, as: Mark) => {
    if (!marks.has(id)) marks.set(id, as);
  };
  return {
    queue,
    messages: messages.map(({ id, body, timestamp, attempts }) => ({
      id,
      body,
      timestamp,
      attempts,
      ack: () => mark(id, { kind: 'ack' }),
      retry: ({ delaySeconds = retryDelaySeconds } = {}) => mark(id, { kind: 'retry', delaySeconds }),
    })),
  } as unknown as MessageBatch<unknown>;
}

function queue(
  maxBatchSize: number,
  batchWait: number,
  maxConcurrency: number,
  maxRetries: number,
  retryDelaySeconds: number,
  deadLetters: QueueName | null,
): Settings {
  return { maxBatchSize, batchWait, maxConcurrency, maxRetries, retryDelaySeconds, deadLetters };
}
