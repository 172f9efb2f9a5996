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

/** A store that hangs is given up this long after the answer has left, so that the whole chain ends before `waitUntil` does (30 s). */
const STORE_TIMEOUT_MS = 5_000;

/** What a delivery needs. */
interface Delivering {
  env: Env;
  world: World;
  patience: Patience;
}

/**
 * The limit of each attempt to store. Its clock starts once the answer has left: before that there is nothing to give up, and nearly every
 * webhook is stored by then. A timer for each would cost it a twentieth of its CPU time.
 */
interface Patience {
  /** The answer has left. */
  isRunning: boolean;
  /** Starts the clock of the attempt that is under way. */
  start: () => void;
}

/** Stores the message, and returns once it is stored, lost, or `budgetMs` have passed. Never throws. */
export function acknowledge(
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
  const patience: Patience = { isRunning: false, start: () => {} };
  const delivery = deliver(message, queue, { env, world, patience });
  waitUntil(delivery); // from the start: a sender that hangs up must not cancel it
  return new Promise((resolve) => {
    const cancel = world.after(budgetMs, () => {
      patience.isRunning = true;
      patience.start();
      waitUntil(delivery.then(onLate));
      resolve({ kind: 'late' });
    });
    void delivery.then((end) => {
      cancel();
      if (!patience.isRunning) resolve({ kind: 'settled', delivery: end });
    });
  });
}

async function deliver(
  message: Message & { eventId: string },
  queue: QueueName,
  delivering: Delivering,
): Promise<Delivery> {
  const { env, world } = delivering;
  const target = queue === 'events' ? env.EVENTS : env.DEAD_LETTERS;
  let error = '';
  for (let sends = 1; sends <= MAX_SENDS; sends++) {
    const failure = await failureOf(() => target.send(message), delivering);
    if (failure === null) return { stored: 'queue', sends };
    error = failure;
  }
  const failure = await failureOf(() => insertIntoOutbox(message, queue, env, world), delivering);
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
function failureOf(attempt: () => Promise<unknown>, { world, patience }: Delivering): Promise<string | null> {
  return new Promise((resolve) => {
    let cancel = () => {};
    const end = (failure: string | null) => {
      cancel();
      resolve(failure);
    };
    patience.start = () => {
      cancel = world.after(STORE_TIMEOUT_MS, () => resolve(`no answer within ${STORE_TIMEOUT_MS} ms`));
    };
    if (patience.isRunning) patience.start();
    try {
      attempt().then(
        () => end(null),
        (thrown) => end(errorText(thrown)),
      );
    } catch (thrown) {
      end(errorText(thrown));
    }
  });
}
