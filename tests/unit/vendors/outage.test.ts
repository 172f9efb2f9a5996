// One contact in trouble or the vendor as a whole: several different contacts tell them apart.

import { describe, expect, test } from 'vitest';
import type { Circuit } from '../../../workers/consumer/domain/circuit.ts';
import type { Failure } from '../../../workers/consumer/domain/failure.ts';
import { closed, createCallMonitor, nextCircuit } from '../../../workers/consumer/vendors/circuit-breaker.ts';
import type { Vendors } from '../../../workers/consumer/vendors/clients.ts';
import { detectOutage, isDown, logCircuitChanges } from '../../../workers/consumer/vendors/outage.ts';
import { createRateLimiter } from '../../../workers/consumer/vendors/rate-limiter.ts';
import type { Failed } from '../../../workers/consumer/vendors/refusal.ts';
import { callToolsStage, goHighLevelStage } from '../../support/vendor-harness.ts';

const TRANSIENT: Failure = { kind: 'transient', vendor: 'calltools', error: 'PATCH /contacts/1/: 500' };
const failing = (...ids: string[]): Failed[] => ids.map((id) => ({ id, failure: TRANSIENT }));

/** One batch after the other: each reads something, fails for `ids`, and gets a write through where `works`. */
async function batches(...all: { ids: string[]; works?: boolean }[]) {
  let circuit: Circuit | undefined;
  let down = false;
  for (const { ids, works = false } of all) {
    const monitor = createCallMonitor();
    monitor.ok.add('calltools');
    if (works) monitor.worked.add('calltools');
    const vendors: Vendors = {
      monitor,
      limiter: createRateLimiter([], 0),
      ghl: goHighLevelStage().client,
      callTools: callToolsStage().client,
    };
    const failed = failing(...ids);
    await detectOutage(failed, circuit ? [circuit] : [], vendors, 1000);
    down = isDown('calltools', circuit ? [circuit] : [], monitor);
    circuit = nextCircuit('calltools', circuit, monitor, 1000) ?? circuit;
  }
  return { circuit, down };
}

describe('writes that fail while reads are answered', () => {
  test('three different contacts without a write in between open the circuit', async () => {
    const { circuit, down } = await batches({ ids: ['a'] }, { ids: ['b'] }, { ids: ['c'] });
    expect(circuit).toMatchObject({ openReason: 'no contact gets through: PATCH /contacts/1/: 500', needsWork: true });
    expect(down).toBe(true);
  });

  test('one poisoned contact does not, however often it fails', async () => {
    const { circuit, down } = await batches(...Array.from({ length: 20 }, () => ({ ids: ['a'] })));
    expect(circuit?.openReason).toBeNull();
    expect(down).toBe(false);
  });

  test('contacts that fail while others get through do not', async () => {
    const { circuit } = await batches({ ids: ['a', 'b', 'c', 'd'], works: true }, { ids: ['a', 'b'] });
    expect(circuit?.openReason).toBeNull();
  });

  test('while it is open a failing contact says nothing about itself, until a write goes through', async () => {
    const opened = [{ ids: ['a', 'b', 'c'] }, { ids: ['a'] }];
    expect((await batches(...opened)).down).toBe(true);
    const over = await batches(...opened, { ids: ['a'], works: true });
    expect(over).toMatchObject({ down: false, circuit: { openReason: null, suspects: [] } });
  });
});

describe('in the log', () => {
  const NOW = 70_000;
  const open: Circuit = { ...closed('gohighlevel'), openReason: 'GET /contacts/a: 503', openedAt: 10_000 };
  /** What is told where the circuit was like this, and is like that. */
  function told(before: Circuit[], changed: Circuit[]) {
    const lines: unknown[] = [];
    logCircuitChanges(before, changed, (event, fields) => lines.push([event, fields]), NOW);
    return lines;
  }

  test('a circuit is logged when it opens and when it closes, and not in between', () => {
    const words = { kind: 'down', what: expect.stringMatching(/^GoHighLevel is down/), todo: expect.any(String) };
    expect(told([], [open])).toEqual([['circuit.opened', { vendor: 'gohighlevel', error: open.openReason, ...words }]]);
    expect(told([open], [{ ...open, probeAt: 1, openReason: 'GET /contacts/b: 503' }])).toEqual([]);
    expect(told([open], [closed('gohighlevel')])).toEqual([['circuit.closed', { vendor: 'gohighlevel', ms: 60_000 }]]);
    expect(told([closed('gohighlevel')], [{ ...closed('gohighlevel'), failures: 3 }])).toEqual([]);
  });
});
