// Vendors that fail, throttle or refuse: nothing is lost, nobody is doubled, and a person sees what cannot be done.

import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DeadLetters } from '../../shared/api/contacts.ts';
import type { Overview } from '../../shared/api/status.ts';
import { type Pipeline, SOON, startPipeline } from './harness.ts';
import { LOCATION } from './keys.ts';

let pipeline: Pipeline;
beforeEach(async () => {
  pipeline = await startPipeline();
});
afterEach(() => pipeline.close());

const PHONE = '+13055550142';
const CREATE = { method: 'POST', path: '/api/contacts/' };
const OTHER_PHONE = '+13055550143';
const addLead = (phone = PHONE) => pipeline.sandbox.ghl.addContact({ firstName: 'Dana', phone, tags: ['cold lead'] });
const holds = () => pipeline.sandbox.callTools.holds('Cold Leads');
const letters = async (status = 'waiting') =>
  (await pipeline.operator<DeadLetters>('GET', `/dead-letters?status=${status}`)).data.dead_letters;

test('an HTML 500 is tried again, and ends with one contact', async () => {
  pipeline.sandbox.callTools.faults.plan({ match: CREATE, times: 2, do: { kind: 'html500' } });
  await addLead();
  await expect.poll(holds, SOON).toEqual([PHONE]);
  expect(pipeline.sandbox.callTools.contacts()).toHaveLength(1);
});

test('an answer that is lost after the write does not make a second contact', async () => {
  pipeline.sandbox.callTools.settings.duplicateMode = 'create';
  pipeline.sandbox.callTools.faults.plan({ match: CREATE, times: 1, do: { kind: 'after-reset' } });
  await addLead();
  await expect.poll(holds, SOON).toEqual([PHONE]);
  await pipeline.idle();
  expect(pipeline.sandbox.callTools.contacts()).toHaveLength(1);
});

test('throttling makes work wait as long as CallTools asks', async () => {
  const throttle = { kind: 'throttle', retryAfter: 'seconds', seconds: 3 } as const;
  pipeline.sandbox.callTools.faults.plan({ match: CREATE, times: 1, do: throttle });
  await addLead();
  await expect.poll(holds, SOON).toEqual([PHONE]);
  const [first, second] = pipeline.sandbox.callTools.calls.list(CREATE);
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(3000);
});

test('a wrong key opens the circuit, uses up no attempt, and work goes on once it is fixed', {
  timeout: 120_000,
}, async () => {
  pipeline.sandbox.callTools.faults.plan({ do: { kind: 'status', status: 401, body: { detail: 'Invalid token.' } } });
  // One refused contact is that contact's trouble. A second one, and a list that is refused too, show that the key is wrong.
  const [contact] = await Promise.all([addLead(), addLead(OTHER_PHONE)]);
  const circuit = async () =>
    (await pipeline.operator<Overview['totals']>('GET', '/sync/stats')).data.circuits.calltools;
  await expect.poll(circuit, SOON).toMatchObject({ state: 'open', reason: expect.stringContaining('401') });
  pipeline.sandbox.callTools.faults.clear();
  const both = async () => [...(await holds())].sort();
  await expect.poll(both, { timeout: 90_000, interval: 100 }).toEqual([PHONE, OTHER_PHONE]);
  expect(await circuit()).toMatchObject({ state: 'closed' });
  const told = () => pipeline.logs().flatMap((line) => /"circuit\.\w+"/.exec(line) ?? []);
  await expect.poll(told, SOON).toEqual(['"circuit.opened"', '"circuit.closed"']);
  expect((await pipeline.operator('GET', `/contacts/${contact.id}`)).data).toMatchObject({
    state: 'placed',
    attempts: 0,
  });
  expect(await letters('all')).toEqual([]);
});

test('a contact that CallTools refuses is a dead letter with its field errors, and a replay places it once that is fixed', async () => {
  const refusal = { kind: 'status', status: 400, body: { state: ['"Floridaa" is not a valid choice.'] } } as const;
  pipeline.sandbox.callTools.faults.plan({ match: CREATE, do: refusal });
  const contact = await addLead();
  await expect.poll(() => letters(), SOON).toHaveLength(1);
  const [letter] = await letters();
  expect(letter).toMatchObject({
    contact_id: contact.id,
    location_id: LOCATION,
    reason: 'rejected',
    error: expect.stringContaining('not a valid choice'),
  });
  expect(JSON.stringify(letter)).not.toContain('Dana');

  pipeline.sandbox.callTools.faults.clear();
  const replayed = await pipeline.operator('POST', '/dead-letters/replay', { ids: [letter?.id] });
  expect(replayed.data).toEqual({ outcomes: [{ id: letter?.id, outcome: 'replayed' }] });
  await expect.poll(holds, SOON).toEqual([PHONE]);
  await expect.poll(() => letters('resolved'), SOON).toHaveLength(1);
});

test('a wrong phone field is found out, not taken for a success', async () => {
  await pipeline.close();
  pipeline = await startPipeline({ vars: { CALLTOOLS_PHONE_FIELD: 'phone_number' } });
  await addLead();
  await expect.poll(() => letters(), SOON).toMatchObject([{ reason: 'phone_not_attached' }]);
});

test('a bucket that was deleted in CallTools is made anew by the next write', async () => {
  const contact = await addLead();
  await expect.poll(holds, SOON).toEqual([PHONE]);
  pipeline.sandbox.callTools.deleteBucket('Cold Leads');
  await pipeline.sandbox.ghl.editContact(contact.id, { firstName: 'Daniela' });
  await expect.poll(holds, SOON).toEqual([PHONE]);
});

test('GoHighLevel being down loses nothing', async () => {
  pipeline.sandbox.ghl.faults.plan({ times: 2, do: { kind: 'status', status: 503 } });
  await addLead();
  await expect.poll(holds, SOON).toEqual([PHONE]);
});
