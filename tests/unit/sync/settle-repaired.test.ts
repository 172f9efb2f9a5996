// What a backstop run is told that the work on a contact has repaired.

import { describe, expect, test } from 'vitest';
import type { Result } from '../../../workers/consumer/sync/work.ts';
import { contactRow, decisionOf, dialerRow, jobsOf, resultOf, taskOf } from '../../support/batch-harness.ts';
import { alone, LED, settled } from './settle-harness.ts';

describe('what a run is told that it has repaired', () => {
  const hint = { source: 'backstop' } as const;
  const repaired = (
    options: Parameters<typeof taskOf>[0],
    changes: Partial<Result> = {},
    row: Parameters<typeof dialerRow>[0] = {},
  ) => {
    const { outcome } = alone({ hint, ...options }, changes, { rows: [dialerRow(row)] });
    return outcome.kind === 'done' ? (outcome.repaired ?? null) : outcome.kind;
  };

  test('nothing where nothing was written, or a webhook asked', () => {
    const observed = { callToolsId: 1, mayBeInBucket: true, moved: false, doNotContact: false, placing: null };
    expect(repaired({}, { kind: 'unchanged', observed })).toBeNull();
    expect(repaired({ hint: {} })).toBeNull();
  });

  test.each([
    ['somebody had changed it in CallTools', {}, { drifted: true }, {}, 'drifted'],
    ['it was deleted', { decision: decisionOf('none', { reason: 'deleted' }) }, {}, {}, 'gone'],
    ['it had to go', { decision: decisionOf('out') }, {}, {}, 'withdrawn'],
    ['it was not in the dialer', {}, {}, { mayBeInBucket: false }, 'missing'],
    ['its data was old', {}, {}, {}, 'outdated'],
    ['it was in another bucket', { row: { route: 'warm' } }, {}, {}, 'misplaced'],
  ] as const)('where %s', (_, options, changes, row, repair) => {
    expect(repaired(options, changes, row)).toBe(repair);
  });

  test('a contact that left its number to one that is dialed there, and is dialed nowhere itself, was withdrawn', () => {
    const options = { hint, phoneHash: null, decision: decisionOf('none'), row: { phoneHash: 'p' } };
    expect(alone(options, {}, { intents: LED }).outcome).toMatchObject({ repaired: 'withdrawn' });
  });

  test('a contact that took its CallTools contact along to a new number was not missing', () => {
    const task = taskOf({ hint, row: contactRow({ phoneHash: 'p' }), phoneHash: 'q' });
    const rows = [dialerRow(), dialerRow({ phoneHash: 'q', contactId: null, mayBeInBucket: false })];
    const results = [...jobsOf([task], { rows }).values()].map((job) => resultOf(job));
    expect(settled(task, results).outcome).toMatchObject({ repaired: 'outdated' });
  });
});
