// A message is stored before the answer leaves, and the answer is never late: queue, queue again, D1 outbox, within a time budget.

import { errorText } from '../../shared/harmless.ts';
import type { Message } from '../../shared/messages.ts';
import type { Env, World } from './env.ts';

/** The queues that ingest sends to. */
export type QueueName = 'events' | 'dead_letters';

/** Where a message ended up. `nowhere`: neither the queue nor D1 took it; `error` says why. */
export type Delivery =
  | { stored: 'queue'; sends: number }
  | { stored: 'outbox' | 'nowhere'; sends: number; error: string };

/** `late`: the budget passed first. The delivery goes on, and `onLate` gets its end. */
export type Acknowledgement = { kind: 'settled'; delivery: Delivery } | { kind: 'late' };

const MAX_SENDS = 2;

/** A store that hangs is given up after this long, so that the whole chain ends before `waitUntil` does (30 s). */
const STORE_TIMEOUT_MS = 5_000;

/** Stores the message, and returns once it is stored, lost, or `budgetMs` have passed. Never throws. */
export async function acknowledge(
  message: Message & { eventId: string },
  queue: QueueName,
  budgetMs: number,
  {
    env,
    world,
    waitUntil,
    onLate,
  }: {
    env: Env;
    world: World;
    waitUntil(promise: Promise<unknown>): void;
    onLate(delivery: Delivery): void;
  },
): Promise<Acknowledgement> {
  const delivery = deliver(message, queue, env, world);
  waitUntil(delivery); // from the start: a sender that hangs up must not cancel it
  const settled = delivery.then((end): Acknowledgement => ({ kind: 'settled', delivery: end }));
  const result = await within<Acknowledgement>(settled, budgetMs, world, { kind: 'late' });
  if (result.kind === 'late') waitUntil(delivery.then(onLate));
  return result;
}

async function deliver(
  message: Message & { eventId: string },
  queue: QueueName,
  env: Env,
  world: World,
): Promise<Delivery> {
  const target = queue === 'events' ? env.EVENTS : env.DEAD_LETTERS;
  let error = '';
  for (let sends = 1; sends <= MAX_SENDS; sends++) {
    const failure = await failureOf(() => target.send(message), world);
    if (failure === null) return { stored: 'queue', sends };
    error = failure;
  }
  const failure = await failureOf(() => insertIntoOutbox(message, queue, env, world), world);
  if (failure === null) return { stored: 'outbox', sends: MAX_SENDS, error };
  return { stored: 'nowhere', sends: MAX_SENDS, error: `queue: ${error}; D1: ${failure}` };
}

function insertIntoOutbox(
  message: Message & { eventId: string },
  queue: QueueName,
  env: Env,
  world: World,
): Promise<unknown> {
  return env.DB.prepare('INSERT OR IGNORE INTO outbox (id, queue, message, created_at) VALUES (?1, ?2, ?3, ?4)')
    .bind(`${message.eventId}.${world.newId()}`, queue, JSON.stringify(message), world.now())
    .run();
}

/** What went wrong in the attempt, or null. */
async function failureOf(attempt: () => Promise<unknown>, world: World): Promise<string | null> {
  const outcome = (async () => {
    try {
      await attempt();
      return null;
    } catch (error) {
      return errorText(error);
    }
  })();
  return within(outcome, STORE_TIMEOUT_MS, world, `no answer within ${STORE_TIMEOUT_MS} ms`);
}

/** The work's result, or `otherwise` once `ms` have passed. `work` must not reject. */
function within<T>(work: Promise<T>, ms: number, world: World, otherwise: T): Promise<T> {
  return new Promise((resolve) => {
    const cancel = world.after(ms, () => resolve(otherwise));
    void work.then((result) => {
      cancel();
      resolve(result);
    });
  });
}
