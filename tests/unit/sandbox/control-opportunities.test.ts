// The control API where it speaks of opportunities: a deal moves from stage to stage, and GoHighLevel's webhooks say so.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../../sandbox/sandbox.ts';

let sandbox: Sandbox;
let contactId: string;

async function control(method: string, path: string, body?: unknown) {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(`${sandbox.url}/sandbox/ghl${path}`, init);
  const text = await response.text();
  return { status: response.status, json: text === '' ? null : JSON.parse(text) };
}

beforeEach(async () => {
  sandbox = await startSandbox();
  contactId = (await control('POST', '/contacts', { firstName: 'Dana' })).json.id;
});
afterEach(() => sandbox.close());

test('a deal is made, moved by the names of its stages, won and deleted', async () => {
  const made = await control('POST', '/opportunities', { contactId, pipeline: 'Sales', stage: 'Contacted' });
  const at = (stage: number) => `salesStage${stage}`.padEnd(20, '0');
  expect(made).toMatchObject({ status: 201, json: { contactId, status: 'open', pipelineStageId: at(2) } });
  const path = `/opportunities/${made.json.id}`;
  expect((await control('PATCH', path, { stage: 'Booked' })).json).toMatchObject({ contactId, pipelineStageId: at(3) });
  expect((await control('PATCH', path, { status: 'won' })).json).toMatchObject({
    status: 'won',
    pipelineStageId: at(3),
  });
  expect((await control('GET', '/opportunities')).json.opportunities).toMatchObject([{ contactId, status: 'won' }]);
  expect(await control('DELETE', path)).toEqual({ status: 204, json: null });
  expect((await control('GET', '/opportunities')).json.opportunities).toEqual([]);
  expect((await control('PATCH', path, {})).status).toBe(404);
});

test('without a pipeline and a stage it is at the first of both', async () => {
  const { json } = await control('POST', '/opportunities', { contactId });
  expect(json).toMatchObject({ pipelineId: 'sales'.padEnd(20, '0'), pipelineStageId: 'salesStage1'.padEnd(20, '0') });
});

test.each([
  [{ contactId: 'nobody' }, /"contactId" must be the id of a contact/],
  [{ pipeline: 'Sale' }, /"pipeline" must be one of Sales, Installation$/],
  [{ pipeline: 'Installation', stage: 'Booked' }, /"stage" must be one of Survey, Scheduled, Done \(Installation\)/],
  [{ status: 'closed' }, /"status" must be one of open, won, lost, abandoned/],
  [{ stages: ['Booked'] }, /an opportunity has no "stages" here; it has contactId, pipeline, stage, status/],
])('%j is refused, and says what fits', async (entry, message) => {
  const { status, json } = await control('POST', '/opportunities', { contactId, ...entry });
  expect([status, json.error]).toEqual([400, expect.stringMatching(message)]);
});

test('a method that is not there is named', async () => {
  expect((await control('PUT', '/opportunities')).status).toBe(405);
  expect((await control('GET', '/opportunities/none')).status).toBe(404);
});
