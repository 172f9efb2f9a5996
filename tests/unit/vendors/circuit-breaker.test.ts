// The circuit: opens on a broken set-up or a vendor that is down, holds calls back, and closes on the first sensible answer.

import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import type { Circuit } from '../../../workers/consumer/domain/circuit.ts';
import { type Failure, VendorError } from '../../../workers/consumer/domain/failure.ts';
import { PROBE_EVERY_MS } from '../../../workers/consumer/domain/retry.ts';
import type { Call } from '../../../workers/consumer/vendors/call.ts';
import {
  type CallMonitor,
  closed,
  createCallMonitor,
  nextCircuit,
} from '../../../workers/consumer/vendors/circuit-breaker.ts';
import type { Answer, Http } from '../../../workers/consumer/vendors/http.ts';
import { failureOf } from '../../support/vendor-harness.ts';

const NOW = 1_000_000;
const OK: Answer = { ok: true, status: 200, data: {}, excerpt: '', headers: new Headers() };
const REJECTED: Answer = { ok: false, status: 400, json: {}, excerpt: '', headers: new Headers() };
const NOT_FOUND: Answer = { ...REJECTED, status: 404 };
const SETUP: Failure = { kind: 'setup', vendor: 'calltools', error: 'GET /buckets/: 401 for dana@example.com' };
const THROTTLED: Failure = { kind: 'throttled', vendor: 'calltools', retryAfterMs: 9000, error: '429' };
const TRANSIENT: Failure = { kind: 'transient', vendor: 'calltools', error: '500' };

/** An Http that gives these one after the other. */
function http(...script: (Answer | Failure)[]): Http & { calls: number } {
  const one = {
    calls: 0,
    async call<T>() {
      const next = script[one.calls++];
      if (!next) throw new Error('one call too many');
      if ('kind' in next) throw new VendorError(next);
      return next as Answer<T>;
    },
  };
  return one;
}

const CALL: Call = { method: 'GET', path: '/', about: 'record', shape: v.unknown() };
const circuit = (changes: Partial<Circuit> = {}): Circuit => ({ ...closed('calltools'), ...changes });

describe('the monitor', () => {
  test.each([SETUP, THROTTLED])('after a $kind failure no further call goes out to that vendor', async (failure) => {
    const monitor = createCallMonitor();
    const vendor = http(failure, OK);
    const guarded = monitor.guard('calltools')(vendor);
    expect(await failureOf(guarded.call(CALL))).toEqual(failure);
    expect(await failureOf(guarded.call(CALL))).toEqual(failure);
    expect(vendor.calls).toBe(1);
    expect(await monitor.guard('gohighlevel')(http(OK)).call(CALL)).toBe(OK);
  });

  test('a passing failure stops nothing, an answer counts as health', async () => {
    const monitor = createCallMonitor();
    const guarded = monitor.guard('calltools')(http(TRANSIENT, OK));
    await failureOf(guarded.call(CALL));
    expect(monitor.ok.has('calltools')).toBe(false);
    await guarded.call(CALL);
    expect(monitor.ok.has('calltools')).toBe(true);
  });

  test.each([
    ['calltools', 'GET', OK, false],
    ['calltools', 'PATCH', OK, true],
    ['calltools', 'POST', REJECTED, false],
    ['gohighlevel', 'GET', OK, true],
    ['gohighlevel', 'GET', NOT_FOUND, false],
    ['gohighlevel', 'POST', OK, false],
  ] as const)('%s: a %s answered %j counts as work done: %s', async (vendor, method, answer, counts) => {
    const monitor = createCallMonitor();
    await monitor
      .guard(vendor)(http(answer))
      .call({ ...CALL, method });
    expect(monitor.worked.has(vendor)).toBe(counts);
  });

  test('a batch that tries an open circuit lets the vendor be after three failures, and leaves nobody in doubt', async () => {
    const vendor = http(TRANSIENT, TRANSIENT, TRANSIENT);
    const guarded = createCallMonitor([circuit({ openReason: 'down' })]).guard('calltools')(vendor);
    for (let call = 0; call < 3; call++) expect(await failureOf(guarded.call(CALL))).toEqual(TRANSIENT);
    expect(await failureOf(guarded.call(CALL))).toMatchObject({ kind: 'busy', forMs: PROBE_EVERY_MS });
    expect(vendor.calls).toBe(3);
  });

  describe('a part of something that failed as a whole', () => {
    const PATCH = { ...CALL, method: 'PATCH' } as const;
    const PART = { ...PATCH, part: true } as const;
    const trying = (...answers: Parameters<typeof http>) => {
      const monitor = createCallMonitor([circuit({ openReason: 'down', needsWork: true })]);
      const vendor = http(...answers);
      return { monitor, vendor, guarded: monitor.guard('calltools')(vendor) };
    };

    test('shows neither that work goes through nor that it does not', async () => {
      const { monitor, guarded } = trying(OK, TRANSIENT, TRANSIENT, TRANSIENT, OK);
      await guarded.call(PART);
      expect([monitor.ok.size, monitor.worked.size]).toEqual([0, 0]);
      for (let call = 0; call < 3; call++) await failureOf(guarded.call(PART));
      await guarded.call(PATCH);
      expect(monitor.worked.has('calltools')).toBe(true);
    });

    test('is carried out although the try of an open circuit is over', async () => {
      const { vendor, guarded } = trying(TRANSIENT, TRANSIENT, TRANSIENT, OK);
      for (let call = 0; call < 3; call++) await failureOf(guarded.call(PATCH));
      await guarded.call(PART);
      expect((await failureOf(guarded.call(PATCH))).kind).toBe('busy');
      expect(vendor.calls).toBe(4);
    });

    test('that is throttled is the last call', async () => {
      const { vendor, guarded } = trying(THROTTLED);
      await failureOf(guarded.call(PART));
      expect(await failureOf(guarded.call(PART))).toEqual(THROTTLED);
      expect(vendor.calls).toBe(1);
    });
  });

  test('a throttle that comes in late does not hide a broken set-up', async () => {
    const monitor = createCallMonitor();
    let release = () => {};
    const late: Http = {
      call: () =>
        new Promise((_, reject) => {
          release = () => reject(new VendorError(THROTTLED));
        }),
    };
    const first = monitor.guard('calltools')(late).call(CALL);
    await failureOf(monitor.guard('calltools')(http(SETUP)).call(CALL));
    release();
    await failureOf(first);
    expect(monitor.stopped.get('calltools')).toEqual(SETUP);
  });
});

describe('nextCircuit', () => {
  const seen = (changes: Partial<CallMonitor>): CallMonitor => ({ ...createCallMonitor(), ...changes });
  const ok = seen({ ok: new Set(['calltools']) });
  const failing = seen({ transient: new Map([['calltools', 2]]) });

  test('nothing seen, nothing changed', () => {
    expect(nextCircuit('calltools', undefined, createCallMonitor(), NOW)).toBeNull();
    expect(nextCircuit('calltools', circuit({ openReason: 'x' }), createCallMonitor(), NOW)).toBeNull();
    expect(nextCircuit('calltools', circuit(), ok, NOW)).toBeNull();
    expect(nextCircuit('calltools', circuit(), seen({ stopped: new Map([['gohighlevel', SETUP]]) }), NOW)).toBeNull();
  });

  test('a broken set-up opens the circuit, with its reason masked and a time to probe', () => {
    const monitor = seen({ stopped: new Map([['calltools', SETUP]]), ok: new Set(['calltools']) });
    expect(nextCircuit('calltools', undefined, monitor, NOW)).toEqual(
      circuit({
        openReason: 'GET /buckets/: 401 for [email]',
        openKind: 'refused',
        openedAt: NOW,
        probeAt: NOW + PROBE_EVERY_MS,
      }),
    );
  });

  test('a vendor that is down opens the circuit', () => {
    const monitor = seen({ transient: new Map([['calltools', 5]]), down: new Map([['calltools', 'no answer']]) });
    expect(nextCircuit('calltools', circuit({ failures: 3 }), monitor, NOW)).toMatchObject({
      openReason: 'no answer',
      openKind: 'down',
    });
  });

  test('while it stays open the time it opened is kept', () => {
    const monitor = seen({ stopped: new Map([['calltools', SETUP]]) });
    expect(nextCircuit('calltools', circuit({ openReason: 'x', openedAt: 5 }), monitor, NOW)?.openedAt).toBe(5);
  });

  test('a throttle holds work for as long as asked, and opens nothing', () => {
    const monitor = seen({ stopped: new Map([['calltools', THROTTLED]]) });
    expect(nextCircuit('calltools', circuit({ failures: 2 }), monitor, NOW)).toEqual(
      circuit({ failures: 2, throttledUntil: NOW + 9000 }),
    );
  });

  test('the first sensible answer closes it and forgets the failures', () => {
    const open = circuit({ openReason: 'x', openKind: 'down', openedAt: 5, failures: 9 });
    expect(nextCircuit('calltools', open, ok, NOW)).toEqual(circuit());
    const mixed = seen({ ok: new Set(['calltools']), transient: new Map([['calltools', 1]]) });
    expect(nextCircuit('calltools', circuit({ failures: 3 }), mixed, NOW)).toEqual(circuit());
  });

  test('transient failures add up from batch to batch', () => {
    expect(nextCircuit('calltools', undefined, failing, NOW)).toEqual(circuit({ failures: 2 }));
    expect(nextCircuit('calltools', circuit({ failures: 3 }), failing, NOW)).toEqual(circuit({ failures: 5 }));
  });

  test('an answered read does not close a circuit of failing work, a write that goes through does', () => {
    const open = circuit({ openReason: 'x', openedAt: 5, needsWork: true, suspects: ['a', 'b', 'c'] });
    expect(nextCircuit('calltools', open, ok, NOW)).toBeNull();
    const worked = seen({ ok: new Set(['calltools']), worked: new Set(['calltools']) });
    expect(nextCircuit('calltools', open, worked, NOW)).toEqual(circuit());
  });

  test('failing work opens the circuit although the vendor answers', () => {
    const monitor = seen({ ok: new Set(['calltools']), workDown: new Map([['calltools', 'PATCH: 500']]) });
    expect(nextCircuit('calltools', undefined, monitor, NOW)).toMatchObject({
      openReason: 'PATCH: 500',
      openKind: 'down',
      needsWork: true,
    });
  });

  test('suspects add up from batch to batch while reads are answered, and are forgotten once work goes through', () => {
    const one = { transient: new Map([['calltools', 1]]), ok: new Set(['calltools']) } as const;
    const monitor = seen({ ...(one as Partial<CallMonitor>), suspects: new Map([['calltools', new Set(['b'])]]) });
    expect(nextCircuit('calltools', circuit({ suspects: ['a'] }), monitor, NOW)?.suspects).toEqual(['a', 'b']);
    monitor.worked.add('calltools');
    expect(nextCircuit('calltools', circuit({ suspects: ['a'] }), monitor, NOW)?.suspects).toEqual([]);
  });

  test('a probe that fails leaves it open and puts the next one off', () => {
    const open = circuit({ openReason: 'x', openedAt: 5, failures: 5 });
    expect(nextCircuit('calltools', open, failing, NOW)).toEqual({
      ...open,
      failures: 7,
      probeAt: NOW + PROBE_EVERY_MS,
    });
  });
});
