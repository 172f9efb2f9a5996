// What webhooks say of opportunities, whatever they say: their order does not matter, and the outcome is the strictest.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Decision, Intent } from '../../../workers/consumer/domain/decide.ts';
import type { Opportunity } from '../../../workers/consumer/domain/rules/conditions.ts';
import {
  BY_STRICTNESS,
  mergeOpportunities,
  opportunityTold,
  weighOpportunities,
} from '../../../workers/consumer/domain/told-opportunities.ts';
import { hintOf } from '../../support/batch-harness.ts';

const stageId = fc.constantFrom('in', 'nowhere', 'out');
const row = fc.record({
  id: fc.constantFrom('a', 'b'),
  pipelineId: fc.constant('p'),
  stageId,
  status: fc.constant('open'),
});
const statement = fc
  .record({
    row,
    stage: fc.option(stageId),
    at: fc.integer({ min: 1, max: 4 }),
    deleted: fc.boolean(),
    timed: fc.boolean(),
  })
  .map(({ row, stage, at, deleted, timed }) => ({
    ...row,
    stageId: stage,
    at,
    deleted,
    ...((!timed || (!deleted && stage === null)) && { unsure: true }),
  }));
const statements = fc.array(statement, { maxLength: 6 });
type Statements = NonNullable<Parameters<typeof mergeOpportunities>[0]>;

const all = (said: Statements) =>
  said.map((one): Statements => [one]).reduce<Statements>((sum, one) => mergeOpportunities(sum, one) ?? [], []);
const sorted = (said: Statements) =>
  said.map((one) => JSON.stringify(one.deleted ? { ...one, stageId: null } : one)).sort();

/** Out wins, then a stage that places. */
function decideBy(opportunities: readonly Opportunity[] | 'unreadable'): Decision {
  const stages = opportunities === 'unreadable' ? [null] : opportunities.map((one) => one.stageId);
  const intent: Intent =
    stages.includes('out') || stages.includes(null) ? 'out' : stages.includes('in') ? 'place' : 'none';
  return { intent, reason: 'route', priority: 0, route: null, phone: null, person: null };
}
const strictness = (intent: Intent) => BY_STRICTNESS.indexOf(intent);

test('in whatever order they come, and twice, they say the same', () => {
  fc.assert(
    fc.property(statements, (said) => {
      const once = sorted(all(said));
      expect(sorted(all(said.toReversed()))).toEqual(once);
      expect(sorted(all([...said, ...said]))).toEqual(once);
      const half = Math.floor(said.length / 2);
      const parts = [said.slice(0, half), said.slice(half)].map(all) as [Statements, Statements];
      expect(sorted(mergeOpportunities(...parts) ?? [])).toEqual(once);
    }),
  );
});

test('what a newer statement replaces is left out, and nothing else', () => {
  fc.assert(
    fc.property(statements, (said) => {
      const isReplaced = ({ id, at }: Statements[number]) =>
        said.some((by) => by.id === id && by.at > at && !by.unsure);
      const key = ({ id, at, stageId: stage, deleted, unsure = false }: Statements[number]) =>
        JSON.stringify([id, at, deleted || stage, unsure]);
      expect(new Set(all(said).map(key))).toEqual(new Set(said.filter((one) => !isReplaced(one)).map(key)));
    }),
  );
});

test('what one message says counts whole where the other says nothing of opportunities', () => {
  const said: Statements = [{ id: 'a', pipelineId: 'p', stageId: 'out', status: 'open', at: 1, deleted: false }];
  expect(mergeOpportunities(said, undefined)).toEqual(said);
  expect(mergeOpportunities(undefined, said)).toEqual(said);
  expect(mergeOpportunities(undefined, undefined)).toBeUndefined();
});

const shown = fc.uniqueArray(row, { selector: ({ id }) => id, maxLength: 2 });

test('the outcome is no less strict than what the search shows, nor than any statement alone', () => {
  fc.assert(
    fc.property(shown, statements, (rows, said) => {
      const told = all(said);
      const { decision, against } = weighOpportunities(rows, told, decideBy);
      expect(strictness(decision.intent)).toBeGreaterThanOrEqual(strictness(decideBy(rows).intent));
      for (const one of told) {
        const stage = one.stageId ?? rows.find(({ id }) => id === one.id)?.stageId ?? null;
        if (!one.deleted && (stage === 'out' || stage === null)) expect(decision.intent).toBe('out');
      }
      if (decision.reason === 'webhook_said_out') expect(against.length).toBeGreaterThan(0);
      for (const at of against) expect(told.map((one) => one.at)).toContain(at);
    }),
  );
});

test('what the search shows too contradicts nothing', () => {
  fc.assert(
    fc.property(shown, (rows) => {
      const told = rows.map((one) => ({ ...one, at: 1, deleted: false }));
      expect(weighOpportunities(rows, told, decideBy)).toEqual({ decision: decideBy(rows), against: [] });
    }),
  );
});

test('a statement that the search shows counts too, where another contradicts it', () => {
  const deal = (id: string, stage: string) => ({ id, pipelineId: 'p', stageId: stage, status: 'open' });
  const told = (id: string, stage: string) => ({ ...deal(id, stage), at: 1, deleted: false });
  // A stage that places goes before the one that keeps out.
  const decide = (opportunities: readonly Opportunity[] | 'unreadable'): Decision => {
    const stages = opportunities === 'unreadable' ? [] : opportunities.map(({ stageId }) => stageId);
    const priority = ['nowhere', 'out', 'in'].findIndex((stage) => stages.includes(stage));
    const intent: Intent = priority === 1 ? 'out' : priority === -1 ? 'none' : 'place';
    return { intent, reason: 'route', priority, route: null, phone: null, person: null };
  };
  const shown = [deal('a', 'else'), deal('b', 'in')];
  const intentOf = (...said: Statements) => weighOpportunities(shown, said, decide).decision.intent;
  expect(intentOf(told('a', 'out'))).toBe('out');
  expect(intentOf(told('a', 'out'), told('b', 'nowhere'))).toBe('place');
  expect(intentOf(told('a', 'out'), told('b', 'nowhere'), told('b', 'in'))).toBe('out');
});

test('the strictest of three that contradict each other counts', () => {
  const base = { id: 'a', pipelineId: 'p', status: 'open' };
  const said = ['nowhere', 'out', 'in'].map((stage) => ({ ...base, stageId: stage, at: 1, deleted: false }));
  for (const order of [said, said.toReversed()])
    expect(weighOpportunities([{ ...base, stageId: 'in' }], order, decideBy).decision.intent).toBe('out');
});

test.each([
  ['five are tried in all combinations', 5, 'none'],
  ['of six there are too many, and they count as unreadable', 6, 'out'],
] as const)('of opportunities with two webhooks each that contradict each other, %s', (_, count, intent) => {
  const base = { pipelineId: 'p', status: 'open' };
  const rows = Array.from({ length: count }, (_, n) => ({ ...base, id: `o${n}`, stageId: 'in' }));
  const said = rows.flatMap((one) =>
    ['nowhere', 'elsewhere'].map((stage) => ({ ...one, stageId: stage, at: 1, deleted: false })),
  );
  expect(weighOpportunities(rows, said, decideBy).decision.intent).toBe(intent);
});

test.each([
  ['says everything', {}, {}, undefined],
  ['does not say the status', { status: null }, {}, true],
  ['does not say the stage', { stageId: null }, {}, true],
  ['does not say the pipeline', { pipelineId: null }, {}, true],
  ['says that it is deleted', { status: null, stageId: null, pipelineId: null, deleted: true }, {}, undefined],
  ['has no time of its own', {}, { occurredAt: null }, true],
])('a webhook that %s is sure, or may be replaced by any other', (_, said, about, unsure) => {
  const opportunity = { id: 'o', pipelineId: 'p', stageId: 's', status: 'open', deleted: false, ...said };
  const event = hintOf('one', { eventType: 'OpportunityUpdate', occurredAt: 7, receivedAt: 9, opportunity, ...about });
  const at = event.occurredAt ?? 9;
  expect(opportunityTold(event)).toEqual([{ ...opportunity, at, ...(unsure && { unsure }) }]);
  expect(opportunityTold({ ...event, eventType: 'ContactUpdate' })).toBeUndefined();
});
