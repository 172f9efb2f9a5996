// A contact's way through the whole pipeline, from a signed webhook to what the dialer holds.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Pipeline, startPipeline } from './harness.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline();
});
afterAll(() => pipeline.close());

const holds = () => pipeline.sandbox.callTools.holds('Cold Leads');
const soon = { timeout: 20_000, interval: 50 };

describe('placing', () => {
  test('a contact tagged cold lead is put into the bucket, once', async () => {
    const { ghl, callTools } = pipeline.sandbox;
    await ghl.addContact({ firstName: 'Dana', lastName: 'Reyes', phone: '+13055550142', tags: ['cold lead'] });
    await expect.poll(holds, soon).toEqual(['+13055550142']);
    await ghl.settled();
    expect(callTools.contacts()).toHaveLength(1);
  });
});
