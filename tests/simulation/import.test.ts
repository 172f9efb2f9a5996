// The first day of an account, small: it drains at the vendors' pace without a storm, and the operator is told how long it takes.

import { expect, test } from 'vitest';
import { type Drained, type ImportKind, runImport } from './import.ts';

/** This share of the calls to CallTools may serve to find its limit. */
const THROTTLED_SHARE = 0.05;

function expectQuiet(
  { placed, attempts, deadLetters, givenUp, violations, gohighlevel, waits, busy }: Drained,
  contacts: number,
) {
  const nothing = { attempts: 0, deadLetters: 0, givenUp: 0, violations: [] };
  expect({ placed, attempts, deadLetters, givenUp, violations }).toEqual({ placed: contacts, ...nothing });
  expect(gohighlevel.densest).toBeLessThanOrEqual(100);
  expect(gohighlevel.throttled).toBe(0);
  expect(waits + busy).toBeLessThan(contacts);
}

function expectTold({ estimates }: Drained) {
  const half = estimates.find(({ share }) => share === 0.5);
  const ratio = (half?.saidMinutes ?? 0) / (half?.tookMinutes ?? 1);
  expect(ratio).toBeGreaterThan(1 / 1.5);
  expect(ratio).toBeLessThan(1.5);
}

test.each<[string, ImportKind, number]>([
  ['a first run over an empty dialer', 'first-run', 1000],
  ['a file whose webhooks come within a minute', 'file', 2500],
])('%s drains at the pace of the vendors', async (_, kind, contacts) => {
  const drained = await runImport({ kind, contacts, callToolsLimit: null });
  expectQuiet(drained, contacts);
  expect(drained.seconds / drained.leastSeconds).toBeLessThan(1.25);
  expectTold(drained);
});

test('a first run against a CallTools that takes 5 calls a second, and does not say so', async () => {
  const callToolsLimit = { max: 50, intervalMs: 10_000, retryAfter: 'seconds' as const };
  const drained = await runImport({ kind: 'first-run', contacts: 1000, callToolsLimit });
  expectQuiet(drained, 1000);
  expect(drained.calltools.throttled).toBeLessThan(drained.calltools.count * THROTTLED_SHARE);
  expect(drained.seconds / drained.leastSeconds).toBeLessThan(2);
});
