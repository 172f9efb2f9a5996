// How a queue message ends.

import type { Message } from '../../../shared/messages.ts';
import type { Outcome } from '../domain/outcome.ts';
import { backoffSeconds } from '../domain/retry.ts';

/** `resend`: a fresh copy waits in its place, which uses up none of its deliveries. */
export type Disposition =
  | { kind: 'ack' }
  | { kind: 'retry'; delaySeconds: number }
  | { kind: 'resend'; body: Message; delaySeconds: number }
  /** Another message's copy asks for this one's work too: it ends once that copy is sent, and comes back where it is not. */
  | { kind: 'spare'; body: Message; delaySeconds: number };

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

/** Something of ours was out of order, e.g. D1: later, and ever more rarely. `attempts` counts deliveries, from 1. */
export function later(attempts: number, random: number): Disposition {
  return { kind: 'retry', delaySeconds: backoffSeconds(attempts, random) };
}
