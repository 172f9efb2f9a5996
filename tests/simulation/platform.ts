// What Cloudflare gives the workers: D1 and the queues' producers, quick as a rule, and failing before or after the effect.

import type { Sqlite } from '../../sandbox/d1-sqlite.ts';
import { LOCATION } from './credentials.ts';
import type { Faults } from './faults.ts';
import type { Isolate } from './isolates.ts';
import type { Journal } from './journal.ts';
import type { QueueName, Queues } from './queues.ts';
import { tellsOfSomebody } from './quotes.ts';
import type { Rng } from './rng.ts';

interface Options {
  journal: Journal;
  faults: Faults;
  sqlite: Sqlite;
  queues(): Queues;
  /** Of latencies. */
  rng: Rng;
}

export function createPlatform({ journal, faults, sqlite, queues, rng }: Options) {
  const { counts, note, report } = journal;
  /** Ids of the events that a queue has taken. */
  const stored = new Set<string>();
  const latency = (slowMs = 0) => ({ there: slowMs + rng.int(1, 20), back: rng.int(1, 20) });

  function platform<T>(isolate: Isolate, target: 'd1' | 'send', what: string, act: () => T): Promise<T> {
    counts.interactions++;
    const mode = faults.meet([target]);
    return isolate.interact(
      target,
      () => {
        note(`${what}${mode === null ? '' : ` (${mode})`}`);
        if (mode === 'fail') throw new Error('Network connection lost.');
        const result = act();
        if (mode === 'fail-after') throw new Error('Network connection lost.');
        return result;
      },
      latency(mode === 'slow' ? 10_000 : 0),
    );
  }

  function store(name: QueueName, body: unknown, delaySeconds: number): void {
    const text = JSON.stringify(body);
    if (tellsOfSomebody(text)) report('told', `a message: ${text}`);
    queues().send(name, body, delaySeconds);
  }

  function producer(isolate: Isolate, name: QueueName) {
    return {
      send: (body: unknown, { delaySeconds = 0 } = {}) =>
        platform(isolate, 'send', `send ${name}`, () => {
          stored.add(String((body as { eventId?: unknown }).eventId));
          store(name, body, delaySeconds);
        }),
      sendBatch: (messages: Iterable<{ body: unknown; delaySeconds?: number }>) => {
        const all = [...messages];
        return platform(isolate, 'send', `send ${all.length} to ${name}`, () => {
          if (all.length > 100) throw new Error('10206: too many messages in a batch');
          for (const { body, delaySeconds = 0 } of all) store(name, body, delaySeconds);
        });
      },
      metrics: async () => queues().metrics(name),
    };
  }

  return {
    latency,
    bindings: (isolate: Isolate) => ({
      DB: sqlite.bind((act) => platform(isolate, 'd1', 'd1', act)),
      EVENTS: producer(isolate, 'contact-events'),
      BACKSTOP: producer(isolate, 'contact-backstop'),
      DEAD_LETTERS: producer(isolate, 'contact-dead-letters'),
      GHL_LOCATION_ID: LOCATION,
    }),
    /** Whether a queue or the outbox holds the event, or a queue has had it. */
    isStored: (eventId: string) =>
      stored.has(eventId) ||
      sqlite.rows('SELECT 1 FROM outbox WHERE id > ?1 AND id < ?2', `${eventId}.`, `${eventId}/`).length > 0,
    /** Whether the outbox has rows, or a run is not over. */
    pending(): boolean {
      const [row] = sqlite.rows(
        `SELECT EXISTS (SELECT 1 FROM outbox) OR EXISTS (SELECT 1 FROM runs WHERE state = 'running') AS n`,
      );
      return row?.n === 1;
    },
  };
}
