// A contact in doubt that CallTools refuses to show: it leaves its buckets from their side. It may be somebody else's by now.

import { expect, test } from 'vitest';
import { applyFailing, COLD, DNC, jsonAnswer, type Meddle, place, WARM } from '../../support/vendor-harness.ts';
import { FORBIDDEN, inAll } from './parts-harness.ts';

/** An earlier write to it may have happened. */
const IN_DOUBT = { inDoubt: true } as const;

/** A contact in two buckets of ours and with two tags of ours. CallTools neither shows nor changes it. */
function refused(method = /./) {
  const { stage, id, vendor, bucket } = inAll();
  const meddle: Meddle = async (request, handle) =>
    method.test(request.method) && new URL(request.url).pathname === `/api/contacts/${id}/`
      ? FORBIDDEN()
      : handle(request);
  stage.hooks.meddle = meddle;
  return { stage, id, vendor, bucket, meddle };
}

test('a withdrawal takes it out of its buckets, and stays a failure', async () => {
  const { stage, id, vendor } = refused();
  const desired = { ...IN_DOUBT, callToolsId: id };
  const { failure, observed } = await applyFailing(stage, DNC, desired, { mayBeInBucket: true });
  expect([failure.kind, observed.mayBeInBucket]).toEqual(['refused', true]);
  expect(vendor.contacts()).toMatchObject([{ buckets: [] }]);
});

test('it is not marked, even where only the look is refused', async () => {
  const { stage, id, vendor } = refused(/GET/);
  await applyFailing(stage, DNC, { ...IN_DOUBT, callToolsId: id, e164: null, carriers: [] });
  expect(vendor.contacts()).toMatchObject([{ buckets: [], tags: ['a', 'b'], doNotContact: false }]);
});

test.each([
  ['the bucket fails: another try may succeed', () => jsonAnswer(500, {}), 'transient'],
  ['the bucket refuses it: the role may be corrected', () => jsonAnswer(400, { remove_contacts: ['No.'] }), 'refused'],
])('where it does not leave a bucket either, the worse failure counts; %s', async (_, answer, kind) => {
  const { stage, id, vendor, bucket, meddle } = refused();
  stage.hooks.meddle = async (request, handle) =>
    request.url.includes(`/buckets/${bucket(WARM)}/`) ? answer() : meddle(request, handle);
  const desired = { ...IN_DOUBT, callToolsId: id, e164: null };
  const { failure } = await applyFailing(stage, DNC, desired, { mayBeInBucket: true });
  expect(failure.kind).toBe(kind);
  expect(vendor.contacts()).toMatchObject([{ buckets: [WARM] }]);
});

test('a contact that is to be dialed stays where it is', async () => {
  const { stage, id, vendor } = refused();
  const { failure } = await applyFailing(stage, place(COLD), { ...IN_DOUBT, callToolsId: id }, { mayBeInBucket: true });
  expect(failure).toMatchObject({ kind: 'refused' });
  expect(vendor.contacts()).toMatchObject([{ buckets: [COLD, WARM] }]);
});
