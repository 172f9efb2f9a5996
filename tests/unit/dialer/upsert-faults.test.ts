// Whatever goes wrong once, at any call: the next try makes it right, with one contact, and a third changes nothing.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CallToolsSettings } from '../../../sandbox/calltools/settings.ts';
import type { Fault } from '../../../sandbox/faults.ts';
import { upsert } from '../../../workers/consumer/dialer/upsert.ts';
import type { Wanted } from '../../../workers/consumer/domain/decide.ts';
import { VendorError } from '../../../workers/consumer/domain/failure.ts';
import {
  apply,
  applyFailing,
  COLD,
  DNC,
  dialerStage,
  jsonAnswer,
  OTHER_PHONE,
  OUT,
  observed,
  PHONE,
  place,
  target,
  WARM,
} from '../../support/vendor-harness.ts';

const ofPosts = { method: 'POST', path: '/api/contacts/' };
const posts = (stage: ReturnType<typeof dialerStage>) => stage.vendor.calls.count(ofPosts);

describe('a POST whose answer is lost', () => {
  test.each<Fault>([{ kind: 'after-reset' }, { kind: 'latency', ms: 9_999 }])(
    '%j: the contact is found within the same try, so that its id is known',
    async (fault) => {
      const stage = dialerStage({ duplicateMode: 'create' }, { timeoutMs: fault.kind === 'latency' ? 20_000 : 10_000 });
      stage.vendor.faults.plan({ match: ofPosts, times: 1, do: fault });
      expect(await apply(stage, place())).toMatchObject({
        callToolsId: stage.vendor.contacts()[0]?.id,
        mayBeInBucket: true,
      });
      expect(stage.vendor.contacts()).toMatchObject([{ buckets: [COLD] }]);
      expect(posts(stage)).toBe(1);
    },
  );

  test.each([
    ['an HTML page with 200', new Response('<html>', { status: 200 })],
    ['an HTML 502', new Response('<html>', { status: 502 })],
    ['nothing', new Response('', { status: 201 })],
    ['JSON of no known form', jsonAnswer(201, { ok: true })],
  ])('because it is %s: found within the same try', async (_, answer) => {
    const stage = dialerStage({ duplicateMode: 'create' });
    stage.hooks.meddle = async (request, handle) => {
      const real = await handle(request);
      return request.method === 'POST' && request.url.endsWith('/contacts/') ? answer.clone() : real;
    };
    expect(await apply(stage, place())).toMatchObject({
      callToolsId: stage.vendor.contacts()[0]?.id,
      mayBeInBucket: true,
    });
    expect(posts(stage)).toBe(1);
  });

  test('and which comes to nothing is not posted again in the same try', async () => {
    const stage = dialerStage({ duplicateMode: 'create' });
    stage.vendor.faults.plan({ match: ofPosts, times: 1, do: { kind: 'reset' } });
    const { failure, observed: so } = await applyFailing(stage, place());
    expect(failure).toMatchObject({ kind: 'transient', error: 'POST /contacts/: the connection failed' });
    expect(so).toMatchObject({ callToolsId: null, mayBeInBucket: true });
    expect(posts(stage)).toBe(1);
  });

  test('and which takes effect only later is found by the next try', async () => {
    const stage = dialerStage({ duplicateMode: 'create' });
    stage.vendor.faults.plan({ match: ofPosts, times: 1, do: { kind: 'latency', ms: 30_000 } });
    const { observed: so } = await applyFailing(stage, place());
    expect(stage.vendor.contacts()).toEqual([]);
    await stage.clock.whenIdle(stage.clock.sleep(30_000));
    expect(stage.vendor.contacts()).toHaveLength(1);
    await apply(stage, place(), { callToolsId: so.callToolsId, inDoubt: true }, so);
    expect(stage.vendor.contacts()).toMatchObject([{ buckets: [COLD] }]);
  });

  test('with no time left to look is reported as it was', async () => {
    const stage = dialerStage({}, { leaseMs: 10_100 });
    await stage.dialer.labels.resolve({ bucket: COLD, tag: null });
    stage.vendor.faults.plan({ match: ofPosts, times: 1, do: { kind: 'hang' } });
    const { failure } = await applyFailing(stage, place());
    expect(failure).toMatchObject({ kind: 'transient', error: expect.stringContaining('POST /contacts/: no answer') });
  });

  test('a clear refusal is not looked into', async () => {
    const stage = dialerStage();
    await applyFailing(stage, place(COLD, { phone: '+12222222222' }));
    expect(stage.vendor.calls.count({ method: 'GET', path: '/api/contacts/' })).toBe(1);
  });
});

const FAULTS: Fault[] = [
  { kind: 'reset' },
  { kind: 'after-reset' },
  { kind: 'hang' },
  { kind: 'latency', ms: 12_000 },
  { kind: 'html500' },
  { kind: 'not-json' },
  { kind: 'login-redirect' },
  { kind: 'throttle', retryAfter: 'seconds', seconds: 5 },
  { kind: 'throttle', retryAfter: 'none', seconds: 5 },
  { kind: 'status', status: 530, body: 'error code: 1016', html: true },
  { kind: 'status', status: 409, body: { detail: 'conflict' } },
  { kind: 'status', status: 403, body: { detail: 'no' } },
];

/** Habits under which one contact a phone can be had: the account merges, or can be searched. */
const account: fc.Arbitrary<Partial<CallToolsSettings>> = fc
  .record({
    duplicateMode: fc.constantFrom('merge', 'create'),
    phoneFilter: fc.constantFrom('works', 'ignored'),
    phoneNumbersFilter: fc.constantFrom('works', 'ignored', 'same'),
    listRowsOmitPhones: fc.boolean(),
    listRowsKeepMainPhone: fc.boolean(),
    phoneNumbersShape: fc.constantFrom('objects', 'texts'),
    bucketPatch: fc.constantFrom('applied', 'ignored'),
    phoneAttachOnCreate: fc.boolean(),
  })
  .map((habits) => ({ ...habits }) as Partial<CallToolsSettings>)
  .filter(
    ({ duplicateMode, phoneFilter, phoneNumbersFilter, phoneAttachOnCreate }) =>
      (phoneFilter === 'works' || phoneNumbersFilter === 'works') &&
      // Who posts without a phone attached cannot be found by it, by anyone.
      (phoneAttachOnCreate || duplicateMode === 'merge'),
  );

/** What CallTools has under the phone before: nothing, or a contact made by hand or by us. */
const before = fc.constantFrom<Record<string, unknown> | null>(
  null,
  { home_phone_number: PHONE },
  { mobile_phone_number: PHONE, buckets: [COLD, 'By hand'] },
  { mobile_phone_number: PHONE, buckets: [WARM], do_not_contact: true },
);
const wanted = fc.constantFrom<Wanted>(place(COLD), place(WARM), OUT, DNC);

interface Story {
  account: Partial<CallToolsSettings>;
  before: Record<string, unknown> | null;
  wanted: Wanted;
  remembered: boolean;
}
const story: fc.Arbitrary<Story> = fc.record({ account, before, wanted, remembered: fc.boolean() });

function begin({ account: habits, before: byHand, remembered }: Story) {
  const stage = dialerStage(habits);
  stage.vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE, buckets: [WARM] });
  const mine = byHand && stage.vendor.addContactByHand(byHand);
  const callToolsId = remembered && mine ? mine.id : null;
  return { stage, callToolsId, refused: mine?.doNotContact === true };
}

/** What CallTools must hold of the phone in the end. */
function check({ stage, refused }: ReturnType<typeof begin>, { wanted: state, before: byHand }: Story) {
  const [stranger, ...own] = stage.vendor.contacts();
  expect(stranger).toMatchObject({ phones: [OTHER_PHONE], buckets: [WARM], doNotContact: false });
  const withPhone = own.filter(({ phones }) => phones.includes(PHONE));
  expect(withPhone).toHaveLength(state.kind === 'place' || byHand ? 1 : 0);
  for (const contact of withPhone) {
    const managed = contact.buckets.filter((name) => name !== 'By hand');
    expect(managed).toEqual(state.kind === 'place' ? [state.bucket] : []);
    expect(contact.doNotContact).toBe(refused || (state.kind === 'out' && state.doNotContact));
    expect(contact.buckets.includes('By hand')).toBe(
      Array.isArray(byHand?.buckets) && byHand.buckets.includes('By hand'),
    );
  }
}

const shown = (stage: ReturnType<typeof dialerStage>) => JSON.stringify(stage.vendor.contacts());

test('property: once is enough, and twice changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(story, async (one) => {
      const scene = begin(one);
      const { stage, callToolsId } = scene;
      const first = await apply(stage, one.wanted, { callToolsId });
      check(scene, one);
      const after = shown(stage);
      await apply(stage, one.wanted, { callToolsId: first.callToolsId }, first);
      expect(shown(stage)).toBe(after);
    }),
    { numRuns: 150 },
  );
});

test('property: after any one fault at any call the next try makes it right, with exactly one contact', async () => {
  const fault = fc.record({ at: fc.integer({ min: 1, max: 9 }), do: fc.constantFrom(...FAULTS) });
  await fc.assert(
    fc.asyncProperty(story, fault, async (one, trouble) => {
      const scene = begin(one);
      const { stage, callToolsId } = scene;
      let calls = 0;
      stage.hooks.meddle = (request, handle) => {
        if (++calls === trouble.at) stage.vendor.faults.plan({ times: 1, do: trouble.do });
        return handle(request);
      };
      const so = observed({ callToolsId, mayBeInBucket: callToolsId !== null });
      const failed = await upsert(await target(one.wanted, { callToolsId }), stage.dialer, so).then(
        () => null,
        (error: unknown) => error,
      );
      if (failed !== null) expect(failed).toBeInstanceOf(VendorError);
      // What a call that was given up still does at the vendor's, it does before our lease ends.
      await stage.clock.whenIdle(stage.clock.sleep(60_000));
      stage.hooks.meddle = (request, handle) => handle(request);
      stage.dialer.labels = stage.freshLabels();
      await apply(stage, one.wanted, { callToolsId: so.callToolsId, inDoubt: failed !== null }, so);
      check(scene, one);
    }),
    { numRuns: 400 },
  );
});
