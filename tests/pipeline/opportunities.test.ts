// A deal's way through the whole pipeline: signed webhooks about it take its contact out of the dialer and back in, though the search
// shows the stage later.

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Contact } from '../../shared/api/contacts.ts';
import { type Pipeline, SOON, startPipeline } from './harness.ts';

const PHONE = '+13055550700';
const RULES = {
  routes: [
    { name: 'booked', opportunity: { pipeline: 'Sales', stages: ['Booked'] }, bucket: null },
    { name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' },
  ],
};

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline({ vars: { SYNC_RULES: JSON.stringify(RULES) } });
});
afterAll(() => pipeline.close());

test('a stage that keeps out takes the contact out, and it comes back with another stage', async () => {
  const { ghl, callTools } = pipeline.sandbox;
  const inBucket = () => callTools.holds('Cold Leads').includes(PHONE);
  const reason = async (id: string) => (await pipeline.operator<Contact>('GET', `/contacts/${id}`)).data.reason;
  const stages = ghl.settings.pipelines.flatMap((one) => one.stages);
  const idOf = (name: string) => stages.find((stage) => stage.name === name)?.id ?? '';
  const pipelineId = ghl.settings.pipelines.find(({ name }) => name === 'Sales')?.id ?? '';

  const { id } = await ghl.addContact({ firstName: 'Dana', phone: PHONE, tags: ['cold lead'] });
  const deal = await ghl.addOpportunity({ contactId: id, pipelineId, pipelineStageId: idOf('New Lead') });
  await expect.poll(inBucket, SOON).toBe(true);

  ghl.settings.searchLagMs = 8000;
  await ghl.editOpportunity(deal.id, { pipelineStageId: idOf('Booked') });
  await expect.poll(() => reason(id), SOON).toBe('webhook_said_out');
  expect(inBucket()).toBe(false);
  await expect.poll(() => reason(id), SOON).toBe('route');
  expect(inBucket()).toBe(false);

  await ghl.editOpportunity(deal.id, { pipelineStageId: idOf('New Lead') });
  await expect.poll(inBucket, SOON).toBe(true);
  await expect.poll(() => reason(id), SOON).toBe('placed');
});
