// How each failure ends: what waits, what counts as an attempt, what a person must look at.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Circuit } from '../../../workers/consumer/domain/circuit.ts';
import type { Failure } from '../../../workers/consumer/domain/failure.ts';
import { mayHaveTakenEffect, toFailure, VendorError } from '../../../workers/consumer/domain/failure.ts';
import { outcomeOf } from '../../../workers/consumer/domain/outcome.ts';
import { MAX_ATTEMPTS } from '../../../workers/consumer/domain/retry.ts';
import { closed, heldBack } from '../../../workers/consumer/vendors/circuit-breaker.ts';

const TRANSIENT: Failure = { kind: 'transient', vendor: 'calltools', error: 'PATCH /contacts/1/: 500' };
const SETUP: Failure = { kind: 'setup', vendor: 'calltools', error: '401' };
const NOW = 1_000_000;

describe('outcomeOf', () => {
  test('a passing failure is tried again with a backoff, and counts', () => {
    expect(outcomeOf(TRANSIENT, 1, false, 0.5)).toEqual({ kind: 'retry', delaySeconds: 3, error: TRANSIENT.error });
  });

  test('the last attempt makes a dead letter, the one before does not', () => {
    expect(outcomeOf(TRANSIENT, MAX_ATTEMPTS - 1, false, 0)).toMatchObject({ kind: 'retry' });
    expect(outcomeOf(TRANSIENT, MAX_ATTEMPTS, false, 0)).toMatchObject({ kind: 'dead', code: 'exhausted' });
  });

  test('while the vendor is down no attempt is used up, however many there were', () => {
    expect(outcomeOf(TRANSIENT, MAX_ATTEMPTS + 5, true, 0)).toMatchObject({ kind: 'wait', delaySeconds: 30 });
  });

  test('a throttle is waited out, no shorter than asked', () => {
    const failure: Failure = { kind: 'throttled', vendor: 'calltools', retryAfterMs: 90_000, error: '429' };
    expect(outcomeOf(failure, 99, false, 0)).toMatchObject({ kind: 'wait', delaySeconds: 90 });
  });

  test('a broken set-up makes work wait and gives nothing up', () => {
    expect(outcomeOf(SETUP, 99, false, 0)).toMatchObject({ kind: 'wait', delaySeconds: 30 });
  });

  test('a refused contact is a dead letter at once, under its own code', () => {
    const failure: Failure = { kind: 'contact', code: 'phone_not_attached', error: 'x' };
    expect(outcomeOf(failure, 1, false, 0)).toEqual({ kind: 'dead', code: 'phone_not_attached', error: 'x' });
  });

  test('a lease held elsewhere comes back within seconds and never ends in a dead letter', () => {
    const failure: Failure = { kind: 'busy', error: 'x' };
    expect(outcomeOf(failure, 99, false, 0)).toMatchObject({ kind: 'busy', delaySeconds: 2 });
    expect(outcomeOf(failure, 99, false, 0.99)).toMatchObject({ kind: 'busy', delaySeconds: 4 });
  });

  test('labels that stay out of date count as attempts, so that they do not come back for ever', () => {
    const failure: Failure = { kind: 'stale_labels', error: 'x' };
    expect(outcomeOf(failure, 1, false, 0)).toMatchObject({ kind: 'retry' });
    expect(outcomeOf(failure, MAX_ATTEMPTS, false, 0)).toMatchObject({ kind: 'dead' });
  });

  test('property: every outcome masks what the vendor quoted, and every delay suits a queue', () => {
    const error = 'dana@example.com, +1 305 555 0142';
    const failure = fc.constantFrom<Failure>(
      { kind: 'transient', vendor: 'gohighlevel', error },
      { kind: 'throttled', vendor: 'calltools', retryAfterMs: 3_600_000, error },
      { kind: 'setup', vendor: 'calltools', error },
      { kind: 'contact', code: 'rejected', error },
      { kind: 'stale_labels', error },
      { kind: 'busy', error },
    );
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(failure, fc.nat(20), fc.boolean(), random, (one, attempts, outage, chance) => {
        const outcome = outcomeOf(one, attempts, outage, chance);
        expect('error' in outcome && outcome.error).toBe('[email], [phone]');
        if ('delaySeconds' in outcome) expect(outcome.delaySeconds).toBeGreaterThanOrEqual(1);
        if ('delaySeconds' in outcome) expect(outcome.delaySeconds).toBeLessThanOrEqual(86_400);
      }),
    );
  });
});

describe('heldBack', () => {
  const circuit = (changes: Partial<Circuit> = {}): Circuit => ({ ...closed('calltools'), ...changes });

  test('nothing holds work back while all is well', () => {
    expect(heldBack([], [], NOW)).toBeNull();
    expect(heldBack([circuit({ failures: 4, throttledUntil: NOW })], [], NOW)).toBeNull();
  });

  test('an open circuit of either vendor holds back, with its reason', () => {
    const open = circuit({ vendor: 'gohighlevel', openReason: '401', probeAt: NOW + 20_000 });
    expect(heldBack([circuit(), open], [], NOW)).toEqual({ ms: 20_000, why: '401', passes: false });
  });

  test('the wait is at least a second, grows with the outage, and is at most five minutes', () => {
    const open = (openedAt: number, probeAt = NOW - 5) => circuit({ openReason: 'x', openedAt, probeAt });
    expect(heldBack([open(NOW - 400)], [], NOW)?.ms).toBe(1000);
    expect(heldBack([open(NOW - 400_000)], [], NOW)?.ms).toBe(100_000);
    expect(heldBack([open(NOW - 86_400_000)], [], NOW)?.ms).toBe(300_000);
    expect(heldBack([open(NOW, NOW + 9_000_000)], [], NOW)?.ms).toBe(300_000);
  });

  test('the batch whose turn it is to probe may try, the others of that time may not', () => {
    const open = circuit({ openReason: 'x', probeAt: NOW + 30_000 });
    expect(heldBack([open], ['calltools'], NOW)).toBeNull();
    expect(heldBack([open], ['gohighlevel'], NOW)).not.toBeNull();
  });

  test('a throttle holds back even the probe', () => {
    const throttled = circuit({ openReason: 'x', throttledUntil: NOW + 500 });
    expect(heldBack([throttled], ['calltools'], NOW)).toEqual({
      ms: 500,
      why: 'calltools asked to slow down',
      passes: true,
    });
  });
});

describe('failures', () => {
  test('whatever is thrown becomes a failure, so that nothing is lost', () => {
    expect(toFailure(new VendorError(SETUP), 'gohighlevel')).toEqual(SETUP);
    const bug = { kind: 'transient', vendor: 'gohighlevel', error: 'TypeError: rows is not a function' };
    expect(toFailure(new TypeError('rows is not a function'), 'gohighlevel')).toEqual(bug);
    expect(toFailure('text', 'calltools')).toEqual({ kind: 'transient', vendor: 'calltools', error: 'text' });
  });

  test.each<[boolean, Failure]>([
    [true, TRANSIENT],
    [true, { kind: 'contact', code: 'unexpected_response', error: '' }],
    [false, { kind: 'contact', code: 'rejected', error: '' }],
    [false, { kind: 'throttled', vendor: 'calltools', retryAfterMs: 1, error: '' }],
    [false, SETUP],
    [false, { kind: 'stale_labels', error: '' }],
    [false, { kind: 'busy', error: '' }],
  ])('a write may have taken effect: %s after %j', (may, failure) => {
    expect(mayHaveTakenEffect(new VendorError(failure))).toBe(may);
  });

  test('after a bug of ours a write may have taken effect', () => {
    expect(mayHaveTakenEffect(new TypeError('x'))).toBe(true);
  });
});
