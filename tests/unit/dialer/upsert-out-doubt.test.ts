// Taking out whom no search by phone finds: looked for among the members of our buckets, else for a person to look up; never passed over.

import { describe, expect, test } from 'vitest';
import { fail } from '../../../workers/consumer/domain/failure.ts';
import type { Http } from '../../../workers/consumer/vendors/http.ts';
import {
  apply,
  applyFailing,
  COLD,
  DNC,
  dialerStage,
  GONE,
  type Meddle,
  OTHER_PHONE,
  OUT,
  PHONE,
  place,
} from '../../support/vendor-harness.ts';

const LOST = { kind: 'contact', code: 'untraceable' };

describe('a number that is no longer anyone’s', () => {
  const former = { e164: null } as const;

  test('the remembered contact is taken out by its id', async () => {
    const stage = dialerStage();
    const { callToolsId } = await apply(stage, place());
    expect(await apply(stage, OUT, { ...former, callToolsId }, { mayBeInBucket: true })).toEqual({
      ...GONE,
      wrote: true,
      callToolsId,
    });
    expect(stage.vendor.holds(COLD)).toEqual([]);
  });

  test('a contact that carries another number by now is left alone', async () => {
    const stage = dialerStage();
    const { callToolsId } = await apply(stage, place());
    await apply(stage, place(COLD, { phone: OTHER_PHONE }), { callToolsId });
    expect(await apply(stage, OUT, { ...former, callToolsId }, { mayBeInBucket: true })).toEqual({
      ...GONE,
      callToolsId: null,
    });
    expect(stage.vendor.holds(COLD)).toEqual([OTHER_PHONE]);
  });

  const doubts = test.each([
    ['an earlier write of unknown end', { inDoubt: true }, {}],
    ['a contact that may be in a bucket', {}, { mayBeInBucket: true }],
  ]);

  doubts(
    '%s, of which not even the id is known, is found among the members of our buckets',
    async (_, changes, known) => {
      const stage = dialerStage();
      for (let n = 0; n < 9; n++)
        stage.vendor.addContactByHand({ mobile_phone_number: `+1305555020${n}`, buckets: [COLD] });
      const [first, second] = [1, 2].map(
        () => stage.vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [COLD] }).id,
      );
      expect(await apply(stage, OUT, { ...former, ...changes }, known)).toMatchObject({
        mayBeInBucket: false,
        callToolsId: first,
      });
      expect(stage.vendor.contacts().find(({ id }) => id === second)?.buckets).toEqual([]);
      expect(stage.vendor.holds(COLD)).toHaveLength(9);
    },
  );

  doubts('%s, which no member of our buckets is, is not dialed', async (_, changes, known) => {
    const stage = dialerStage();
    stage.vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE, buckets: [COLD] });
    expect(await apply(stage, OUT, { ...former, ...changes }, known)).toEqual({ ...GONE, callToolsId: null });
    expect(stage.vendor.holds(COLD)).toEqual([OTHER_PHONE]);
  });

  doubts('%s, in an account that does not show a bucket’s contacts, is left to a person', async (_, changes, known) => {
    const stage = dialerStage({ bucketFilter: 'ignored' });
    stage.vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE, buckets: [COLD] });
    stage.vendor.addContactByHand({ mobile_phone_number: '+13055550177' });
    const { failure, observed } = await applyFailing(stage, OUT, { ...former, ...changes }, known);
    expect(failure).toMatchObject({ ...LOST, error: expect.stringContaining('look for it by name in CallTools') });
    expect(observed.mayBeInBucket).toBe('mayBeInBucket' in known);
  });

  test('where routes give tags too, a contact in no bucket may have a tag: it is left to a person', async () => {
    const stage = dialerStage({}, { managed: { buckets: [COLD], tags: ['lead'] } });
    stage.vendor.addContactByHand({ mobile_phone_number: PHONE, tags: ['lead'] });
    expect((await applyFailing(stage, OUT, { ...former, inDoubt: true })).failure).toMatchObject(LOST);
  });

  doubts(
    '%s, where a member has a number that cannot be read, is for a person to look up',
    async (_, changes, known) => {
      const stage = dialerStage({ listRowsOmitPhones: false });
      stage.vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE, buckets: [COLD] });
      stage.hooks.meddle = withNumber(`Do not call ${PHONE}`);
      const { failure } = await applyFailing(stage, OUT, { ...former, ...changes }, known);
      expect(failure).toMatchObject(LOST);
    },
  );

  test('where members leave while the list is read, a page is read again: the one looked for had slipped there', async () => {
    const stage = dialerStage({ listRowsOmitPhones: false });
    const add = (phone: string) => stage.vendor.addContactByHand({ mobile_phone_number: phone, buckets: [COLD] }).id;
    for (let n = 0; n < 49; n++) add(`+1305555${1000 + n}`);
    const id = add(PHONE);
    const newest = Array.from({ length: 100 }, (_, n) => add(`+1305555${2000 + n}`)).at(-1) ?? 0;
    stage.hooks.meddle = async (request, handle) => {
      const answer = await handle(request);
      if (/buckets__id=/.test(request.url) && !/[?&]page=/.test(request.url)) stage.vendor.takeOutByHand(newest);
      return answer;
    };
    expect(await apply(stage, OUT, { ...former, inDoubt: true })).toMatchObject({
      mayBeInBucket: false,
      callToolsId: id,
    });
    expect(stage.vendor.holds(COLD)).not.toContain(PHONE);
  });

  test('while CallTools is not to be called the search waits, and no person is asked for', async () => {
    const guard = (http: Http): Http => ({
      call: (call) =>
        call.path.includes('buckets__id')
          ? fail({ kind: 'busy', error: 'circuit open', forMs: 1000 })
          : http.call(call),
    });
    const stage = dialerStage({}, { guard });
    stage.vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [COLD] });
    const { failure } = await applyFailing(stage, OUT, { ...former, inDoubt: true });
    expect(failure).toMatchObject({ kind: 'busy', forMs: 1000 });
  });

  test('among more members than can be read one by one it is looked for in the newest', async () => {
    const stage = dialerStage();
    const member = (n: number) =>
      stage.vendor.addContactByHand({ mobile_phone_number: `+1305555${1000 + n}`, buckets: [COLD] });
    for (let n = 0; n < 150; n++) member(n);
    expect((await applyFailing(stage, OUT, { ...former, inDoubt: true })).failure).toMatchObject(LOST);
    stage.vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [COLD] });
    for (let n = 150; n < 160; n++) member(n);
    await apply(stage, OUT, { ...former, inDoubt: true });
    expect(stage.vendor.holds(COLD)).not.toContain(PHONE);
  });

  test('where nothing was ever written there is nothing to do, but that CallTools has nothing is an assumption', async () => {
    const stage = dialerStage();
    expect(await apply(stage, OUT, former)).toEqual({ ...GONE, callToolsId: null, unverified: true });
  });

  test('a phone that CallTools refused leaves nothing to look for once it is corrected', async () => {
    const stage = dialerStage();
    const { observed } = await applyFailing(stage, place(COLD, { phone: '+12222222222' }));
    expect(await apply(stage, OUT, { ...former, callToolsId: observed.callToolsId }, observed)).toMatchObject(GONE);
  });
});

describe('an account that cannot be searched by phone', () => {
  const modes = test.each(
    ['contacts', 'off'].map((mode) => [mode, { env: { CALLTOOLS_PHONE_LOOKUP: mode } }] as const),
  );

  modes('a withdrawal in doubt finds the contact in a bucket of ours (look-up %s)', async (_, options) => {
    const stage = dialerStage({ phoneFilter: 'ignored' }, options);
    stage.vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE });
    stage.vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [COLD] });
    expect(await apply(stage, OUT, { inDoubt: true }, { mayBeInBucket: true })).toMatchObject({ mayBeInBucket: false });
    expect(stage.vendor.holds(COLD)).toEqual([]);
  });

  modes(
    'a withdrawal of a person in no bucket is done, but does not count as verified (look-up %s)',
    async (_, options) => {
      const stage = dialerStage({ phoneFilter: 'ignored' }, options);
      stage.vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE, buckets: [COLD] });
      expect(await apply(stage, OUT, { inDoubt: true }, { mayBeInBucket: true })).toMatchObject({
        mayBeInBucket: false,
        unverified: true,
      });
    },
  );

  modes(
    'a withdrawal in doubt is left to a person where buckets show nothing either (look-up %s)',
    async (_, options) => {
      const stage = dialerStage({ phoneFilter: 'ignored', bucketFilter: 'ignored' }, options);
      stage.vendor.addContactByHand({ mobile_phone_number: '+13055550177', buckets: [COLD] });
      stage.vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE });
      const { failure, observed } = await applyFailing(stage, OUT, { inDoubt: true }, { mayBeInBucket: true });
      expect(failure).toMatchObject({ kind: 'contact', code: 'lookup_unsupported' });
      expect(observed.mayBeInBucket).toBe(true);
    },
  );

  modes(
    'who asked not to be called and cannot be found to be marked is for a person (look-up %s)',
    async (_, options) => {
      const stage = dialerStage({ phoneFilter: 'ignored' }, options);
      stage.vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE, buckets: [COLD] });
      const { failure } = await applyFailing(stage, DNC, { inDoubt: true }, { mayBeInBucket: true });
      expect(failure).toMatchObject({ kind: 'contact', code: 'lookup_unsupported' });
    },
  );

  test('a certain one, of a contact we never wrote, is done but not taken for verified', async () => {
    const stage = dialerStage({ phoneFilter: 'ignored' });
    stage.vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE });
    expect(await apply(stage, OUT)).toEqual({ ...GONE, callToolsId: null, unverified: true });
    expect(stage.vendor.contacts()).toHaveLength(1);
  });
});

describe('an id of which we are not certain', () => {
  test('is believed while the contact carries the number, or none', async () => {
    for (const fields of [{ mobile_phone_number: PHONE }, {}]) {
      const stage = dialerStage();
      const { id } = stage.vendor.addContactByHand({ ...fields, buckets: [COLD] });
      await apply(stage, OUT, { callToolsId: id, inDoubt: true }, { mayBeInBucket: true });
      expect(stage.vendor.holds(COLD)).toEqual([]);
      expect(stage.vendor.contacts()[0]?.buckets).toEqual([]);
    }
  });

  test('is believed for a withdrawal where a number cannot be read: it may be this one', async () => {
    const stage = dialerStage({ listRowsOmitPhones: false });
    const { id } = stage.vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE, buckets: [COLD] });
    stage.hooks.meddle = withNumber(`Do not call ${PHONE}`);
    await apply(stage, OUT, { callToolsId: id, inDoubt: true }, { mayBeInBucket: true });
    expect(stage.vendor.contacts()[0]?.buckets).toEqual([]);
  });

  test('is not believed when the contact carries another number: a stranger is neither marked nor moved', async () => {
    const stage = dialerStage();
    const { id } = stage.vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE, buckets: [COLD] });
    expect(await apply(stage, DNC, { callToolsId: id, inDoubt: true }, { mayBeInBucket: true })).toMatchObject({
      callToolsId: null,
    });
    expect(stage.vendor.contacts()).toMatchObject([{ buckets: [COLD], doNotContact: false }]);
  });
});

/** Every contact of an answer has one more number, of this form. */
function withNumber(phone: string): Meddle {
  return async (request, handle) => {
    const text = await (await handle(request)).text();
    return new Response(text.replaceAll('"_phone_numbers":[', `"_phone_numbers":[${JSON.stringify(phone)},`));
  };
}
