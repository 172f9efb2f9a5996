// How a queue message ends.

import type { Message } from '../../shared/messages.ts';
import type { Outcome } from './outcome.ts';
import { backoffSeconds } from './retry.ts';

/** `resend`: a fresh copy waits in its place, which uses up none of its deliveries. */
export type Fate =
  | { kind: 'ack' }
  | { kind: 'retry'; delaySeconds: number }
  | { kind: 'resend'; body: Message; delaySeconds: number };

export const ACK: Fate = { kind: 'ack' };

/** The end of a message whose work ended so; `body` is what waits in its place. */
export function fateOf(outcome: Outcome, body: Message): Fate {
  switch (outcome.kind) {
    case 'done':
    case 'skipped':
    case 'dead':
      return ACK;
    case 'retry':
    case 'busy':
      return { kind: 'retry', delaySeconds: outcome.delaySeconds };
    case 'wait':
      return { kind: 'resend', body, delaySeconds: outcome.delaySeconds };
  }
}

/** Something of ours was out of order, e.g. D1: later, and ever more rarely. `attempts` counts deliveries, from 1. */
export function later(attempts: number, random: number): Fate {
  return { kind: 'retry', delaySeconds: backoffSeconds(attempts, random) };
}
