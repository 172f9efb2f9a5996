// How a queue message ends.

import type { Message } from '../../../shared/messages.ts';
import type { Outcome } from '../domain/outcome.ts';
import { backoffSeconds } from '../domain/retry.ts';

/**
 * `resend`: `body` is sent in its place, which uses up none of its deliveries. Messages that share one `body` object are replaced by
 * one copy.
 */
export type Disposition =
  | { kind: 'ack' }
  | { kind: 'retry'; delaySeconds: number }
  | { kind: 'resend'; body: Message; delaySeconds: number };

/** The message is over. */
export const ACK: Disposition = { kind: 'ack' };

/** Deliveries that may be spent on waiting for another instance; a queue has 50 of them (wrangler.consumer.jsonc). */
const BUSY_DELIVERIES = 10;

/** The end of a message whose work ended so; `body` is what waits in its place. `attempts` counts deliveries, from 1. */
export function dispositionOf(outcome: Outcome, body: Message, attempts: number): Disposition {
  switch (outcome.kind) {
    case 'done':
    case 'skipped':
    case 'dead':
      return ACK;
    case 'retry':
      return { kind: 'retry', delaySeconds: outcome.delaySeconds };
    case 'busy':
      return attempts < BUSY_DELIVERIES
        ? { kind: 'retry', delaySeconds: outcome.delaySeconds }
        : { kind: 'resend', body, delaySeconds: outcome.delaySeconds };
    case 'wait':
      return { kind: 'resend', body, delaySeconds: outcome.delaySeconds };
  }
}

/** The message comes back because something of ours failed, such as D1; each time after a longer wait. `attempts` counts from 1. */
export function retryLater(attempts: number, random: number): Disposition {
  return { kind: 'retry', delaySeconds: backoffSeconds(attempts, random) };
}
