// Pipelines and stages that rules name, found among those of the location.

import { expect, test } from 'vitest';
import { idsOf, pipelinesOf, rememberedPipelines } from '../../../../workers/consumer/domain/rules/pipelines.ts';

const stage = (id: string, name: string) => ({ id, name });
const PIPELINES = [
  { id: 'p1', name: 'Sales', stages: [stage('s1', 'New'), stage('s2', 'Won')] },
  { id: 'p2', name: 'Renewals', stages: [stage('s3', 'New')] },
];

test.each([
  ['a stage by name, of the pipeline that is named', { pipeline: 'sales', stage: 'New' }, ['s1']],
  ['of any pipeline where none is named', { pipeline: null, stage: 'new' }, ['s1', 's3']],
  ['a stage by id', { pipeline: 'p2', stage: 's3' }, ['s3']],
  ['no stage of another pipeline', { pipeline: 'p2', stage: 's1' }, []],
  ['a pipeline itself', { pipeline: 'Renewals', stage: null }, ['p2']],
])('finds %s', (_, ref, ids) => {
  expect(idsOf(ref, PIPELINES)).toEqual(ids);
});

test('are remembered as they are', () => {
  expect(pipelinesOf(rememberedPipelines(PIPELINES))).toEqual(PIPELINES);
});
