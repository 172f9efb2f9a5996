// The doctor and rules that ask for opportunities.

import { beforeEach, expect, test } from 'vitest';
import { type DoctorStage, healthyStage } from './doctor-harness.ts';

let stage: DoctorStage;
const ask = (opportunity: object) => {
  const routes = [
    { name: 'booked', opportunity, bucket: null },
    { name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' },
  ];
  stage.env.SYNC_RULES = JSON.stringify({ routes });
};
const asked = () => stage.sent.filter(({ url }) => url.pathname.startsWith('/opportunities')).length;
const seen = async () => {
  const { status, seen } = await stage.check('opportunities');
  return [status, seen];
};

beforeEach(async () => {
  ({ stage } = await healthyStage());
});

test('where no rule asks for opportunities nothing is asked', async () => {
  expect(await seen()).toEqual(['skipped', 'No rule asks for opportunities.']);
  expect(asked()).toBe(0);
});

test.each([
  [{ pipeline: 'sales', stages: ['Booked'] }, 'all pipelines and stages that rules name are there'],
  [{ status: ['won'] }, 'no rule names a pipeline or a stage'],
])('%j is well', async (opportunity, what) => {
  ask(opportunity);
  expect(await seen()).toEqual(['ok', `They can be read, and ${what}.`]);
});

test.each([
  [{ pipeline: 'Sale' }, 'There is no pipeline Sale. Did you mean Sales?'],
  [{ pipeline: 'Sales', stages: ['Boked'] }, 'The pipeline Sales has no stage Boked. Did you mean Booked?'],
  [{ pipeline: 'Sales', stages: ['Survey'] }, 'The pipeline Sales has no stage Survey.'],
  [{ stages: ['Surveyy'] }, 'No pipeline has a stage Surveyy. Did you mean Survey?'],
])('%j names what is not there', async (opportunity, fault) => {
  ask(opportunity);
  expect(await seen()).toEqual(['failed', fault]);
});

test('a missing scope is named', async () => {
  ask({ status: ['won'] });
  stage.ghl.settings.scopes = ['contacts.readonly'];
  expect(await stage.check('opportunities')).toMatchObject({ status: 'failed', seen: expect.stringMatching(/scope/) });
});

test('a list that cannot be read at present is a warning, and one that was not asked for follows from what is wrong', async () => {
  ask({ status: ['won'] });
  stage.ghl.faults.plan({ match: { path: '/opportunities/search' }, do: { kind: 'html500' } });
  expect(await stage.check('opportunities')).toMatchObject({ status: 'warning' });
  stage.ghl.faults.plan({ match: { path: '/contacts/search' }, do: { kind: 'html500' } });
  expect(await stage.check('opportunities')).toMatchObject({ status: 'skipped', followsFrom: 'ghl-host' });
});
