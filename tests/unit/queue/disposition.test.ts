// How a message ends, by how its work ended.

import { describe, expect, test } from 'vitest';
import type { Message } from '../../../shared/messages.ts';
import { dispositionOf } from '../../../workers/consumer/queue/disposition.ts';
import { hintOf } from '../../support/batch-harness.ts';

const BODY: Message = hintOf('one');
const BUSY = { kind: 'busy', delaySeconds: 3, error: 'another batch' } as const;
/** `max_retries` in wrangler.consumer.jsonc; then the message is a dead letter. */
const DELIVERIES = 50;

test.each([
  ['done', { kind: 'done', state: 'placed', reason: 'placed' }],
  ['nothing to do', { kind: 'skipped' }],
  ['a dead letter', { kind: 'dead', code: 'rejected', error: 'city' }],
] as const)('%s: it is over', (_, outcome) => {
  expect(dispositionOf(outcome, BODY, DELIVERIES)).toEqual({ kind: 'ack' });
});

test('a transient failure: it comes back after its delay, as the same message', () => {
  const retry = { kind: 'retry', delaySeconds: 9, error: '503' } as const;
  expect(dispositionOf(retry, BODY, DELIVERIES)).toEqual({ kind: 'retry', delaySeconds: 9 });
});

test('waits for a vendor: a copy waits in its place from the first time on, so that no delivery is used up', () => {
  const wait = { kind: 'wait', delaySeconds: 60, error: '429' } as const;
  expect(dispositionOf(wait, BODY, 1)).toEqual({ kind: 'resend', body: BODY, delaySeconds: 60 });
});

describe('busy', () => {
  test('comes back at first, since it costs no second message', () => {
    expect(dispositionOf(BUSY, BODY, 1)).toEqual({ kind: 'retry', delaySeconds: 3 });
    expect(dispositionOf(BUSY, BODY, 9)).toEqual({ kind: 'retry', delaySeconds: 3 });
  });

  test('is sent anew from the tenth delivery on: waiting for others never ends in the dead-letter queue', () => {
    expect(dispositionOf(BUSY, BODY, 10)).toEqual({ kind: 'resend', body: BODY, delaySeconds: 3 });
    for (let attempts = 10; attempts <= DELIVERIES; attempts++)
      expect(dispositionOf(BUSY, BODY, attempts).kind).toBe('resend');
  });
});
