// Faulty rules that were deployed all the same, in workerd: webhooks are still taken, nobody is dialed, every view says what is wrong
// and how to correct it, and work goes on after the correction.

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Doctor, Overview } from '../../shared/api/status.ts';
import { type Pipeline, SOON, startPipeline, tonight } from './harness.ts';
import { LOCATION } from './keys.ts';

const FAULTY = '{\n  // Leads\n  "routes" []\n}';
const FAULT = 'SYNC_RULES, line 3, column 12: a colon is missing before [';
const FIX = expect.stringMatching(/rules\.jsonc.*deploy.*none is lost/);

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline();
});
afterAll(() => pipeline.close());

test('the file rules.jsonc is what a deployment goes by, and a faulty SYNC_RULES stops it until it is corrected', async () => {
  const { ghl, callTools } = pipeline.sandbox;
  await ghl.addContact({ firstName: 'Dana', phone: '+13055550142', tags: ['cold lead'] });
  await expect.poll(() => callTools.holds('Cold Leads'), SOON).toEqual(['+13055550142']);
  await pipeline.idle();

  await pipeline.configure({ SYNC_RULES: FAULTY });
  const { id } = await ghl.addContact(
    { firstName: 'Dana', phone: '+13055550143', tags: ['cold lead'] },
    { silent: true },
  );
  const timestamp = new Date().toISOString();
  const answer = await pipeline.webhook({ type: 'ContactCreate', locationId: LOCATION, id, timestamp });
  expect(answer.status).toBe(202);
  await pipeline.cron(tonight());

  const { data: overview } = await pipeline.operator<Overview>('GET', '/api/v1/overview');
  expect([overview.status, overview.totals.configuration_error]).toEqual(['stopped', FAULT]);
  expect(overview.causes[0]).toMatchObject({ code: 'settings', what: FAULT, what_to_do: FIX });
  const { data: doctor } = await pipeline.operator<Doctor>('GET', '/doctor');
  const failed = doctor.reports.flatMap(({ checks }) => checks.filter(({ status }) => status === 'failed'));
  expect(failed).toMatchObject([{ code: 'settings', seen: FAULT, todo: FIX }]);
  const { status, data: refused } = await pipeline.operator<{ detail: string }>('POST', '/sync/trigger');
  expect([status, refused.detail]).toEqual([503, expect.stringContaining(FAULT)]);
  expect(callTools.holds('Cold Leads')).toEqual(['+13055550142']);

  await pipeline.configure({});
  expect((await pipeline.operator('POST', '/sync/trigger')).status).toBeLessThan(300);
  await expect.poll(() => callTools.holds('Cold Leads'), SOON).toContain('+13055550143');
});
