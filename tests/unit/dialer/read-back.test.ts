// Silent failures: CallTools says 2xx, but the echo shows otherwise. Repaired once in the second way, else a failure of its own.

import { describe, expect, test } from 'vitest';
import {
  apply,
  applyFailing,
  COLD,
  DNC,
  dialerStage,
  jsonAnswer,
  type Meddle,
  OTHER_PHONE,
  OUT,
  PHONE,
  place,
  WARM,
} from '../../support/vendor-harness.ts';

/** Leaves these keys out of every contact that CallTools shows; of its link rows too, with `noLinks`. */
function hiding(keys: string[], links?: () => Response): Meddle {
  return async (request, handle) => {
    const { pathname } = new URL(request.url);
    if (links && pathname === '/api/contactbuckets/') return links();
    const answer = await handle(request);
    if (!/\/contacts\/(\d+\/)?$/.test(pathname) || !answer.ok) return answer;
    const body = (await answer.json()) as Record<string, unknown> & { results?: Record<string, unknown>[] };
    for (const row of [body, ...(body.results ?? [])]) for (const key of keys) delete row[key];
    return jsonAnswer(answer.status, body);
  };
}

/** Leaves these keys out of every write of a contact. */
function dropping(...keys: string[]): Meddle {
  return async (request, handle) => {
    const ofContact = ['POST', 'PATCH'].includes(request.method) && request.url.includes('/contacts/');
    if (!ofContact) return handle(request);
    const body = (await request.json()) as Record<string, unknown>;
    for (const key of keys) delete body[key];
    return handle(new Request(request, { body: JSON.stringify(body) }));
  };
}

describe('the phone', () => {
  test('that attaches on PATCH only is attached', async () => {
    const stage = dialerStage({ phoneAttachOnCreate: false });
    expect(await apply(stage, place())).toMatchObject({ mayBeInBucket: true });
    expect(stage.vendor.contacts()).toMatchObject([{ phones: [PHONE], buckets: [COLD] }]);
    expect(stage.vendor.holds(COLD)).toEqual([PHONE]);
  });

  test('under a field that the account does not have is dropped: phone_not_attached, naming the setting', async () => {
    const stage = dialerStage({}, { env: { CALLTOOLS_PHONE_FIELD: 'phone_number' } });
    const { failure, observed } = await applyFailing(stage, place());
    expect(failure).toMatchObject({
      kind: 'contact',
      code: 'phone_not_attached',
      error: expect.stringContaining('CALLTOOLS_PHONE_FIELD (phone_number)'),
    });
    expect(observed).toMatchObject({ callToolsId: stage.vendor.contacts()[0]?.id, mayBeInBucket: true });
  });

  test('and the try after that makes no second contact, once the field is right', async () => {
    const wrong = dialerStage({}, { env: { CALLTOOLS_PHONE_FIELD: 'phone_number' } });
    const { observed } = await applyFailing(wrong, place());
    const right = { ...wrong, dialer: { ...wrong.dialer, settings: dialerStage().settings } };
    await apply(right, place(), { callToolsId: observed.callToolsId, inDoubt: true }, observed);
    expect(wrong.vendor.contacts()).toMatchObject([{ phones: [PHONE], buckets: [COLD] }]);
  });

  test('that the echo does not show, but the contact does, needs no repair', async () => {
    const stage = dialerStage();
    stage.hooks.meddle = async (request, handle) => {
      if (request.method !== 'POST' || !request.url.endsWith('/contacts/')) return handle(request);
      const { mobile_phone_number, _phone_numbers, ...echo } = (await (await handle(request)).json()) as Record<
        string,
        unknown
      >;
      return jsonAnswer(201, echo);
    };
    expect(await apply(stage, place())).toMatchObject({ mayBeInBucket: true });
    expect(stage.vendor.calls.count({ method: 'PATCH' })).toBe(0);
  });

  test('in the field but not among the numbers that can be dialed is not attached', async () => {
    const stage = dialerStage();
    stage.hooks.meddle = async (request, handle) => {
      const answer = await handle(request);
      if (!/\/contacts\/(\d+\/)?$/.test(new URL(request.url).pathname) || request.url.includes('?')) return answer;
      return jsonAnswer(answer.status, { ...((await answer.json()) as object), _phone_numbers: [] });
    };
    expect((await applyFailing(stage, place())).failure).toMatchObject({ code: 'phone_not_attached' });
  });

  test('in an account that shows no list of numbers the field counts', async () => {
    const stage = dialerStage({}, { meddle: hiding(['_phone_numbers']) });
    expect(await apply(stage, place())).toMatchObject({ mayBeInBucket: true });
    expect(stage.vendor.calls.count({ method: 'PATCH' })).toBe(0);
  });
});

describe('the bucket', () => {
  test.each([place(), OUT])(
    'that does not take from the contact’s side is changed from its own side: $kind',
    async (wanted) => {
      const stage = dialerStage({ bucketPatch: 'ignored' });
      const { id } = stage.vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [WARM, 'By hand'] });
      await apply(stage, wanted, { callToolsId: id });
      const [contact] = stage.vendor.contacts();
      expect(contact?.buckets).toEqual(wanted.kind === 'place' ? ['By hand', COLD] : ['By hand']);
    },
  );

  test('that takes in neither way is membership_not_applied, with its name', async () => {
    const stage = dialerStage({ bucketPatch: 'ignored', bucketSidePatch: 'ignored' });
    const { failure } = await applyFailing(stage, place());
    expect(failure).toMatchObject({
      kind: 'contact',
      code: 'membership_not_applied',
      error: expect.stringContaining(`not in bucket "${COLD}"`),
    });
  });

  test('is read from the link rows where the echo does not show it', async () => {
    const stage = dialerStage({}, { meddle: hiding(['buckets']) });
    expect(await apply(stage, place())).toMatchObject({ mayBeInBucket: true });
    expect(stage.vendor.calls.count({ path: '/api/contactbuckets/' })).toBe(1);
    stage.vendor.settings.bucketPatch = stage.vendor.settings.bucketSidePatch = 'ignored';
    expect((await applyFailing(stage, OUT)).failure).toMatchObject({ code: 'membership_not_applied' });
  });

  test('in the echo is enough: link rows are not read then, so that a role without them can work', async () => {
    const stage = dialerStage({}, { meddle: hiding([], () => jsonAnswer(403, {})) });
    const { callToolsId } = await apply(stage, place());
    await apply(stage, OUT, { callToolsId });
    expect(stage.vendor.holds(COLD)).toEqual([]);
  });

  test('repaired from its own side is confirmed by the contact where the role may not read link rows', async () => {
    const stage = dialerStage({ bucketPatch: 'ignored' }, { meddle: hiding([], () => jsonAnswer(403, {})) });
    expect(await apply(stage, place())).toMatchObject({ mayBeInBucket: true });
    stage.vendor.settings.bucketSidePatch = 'ignored';
    expect((await applyFailing(stage, OUT)).failure).toMatchObject({ code: 'membership_not_applied' });
  });

  test('that nothing shows is not taken for granted', async () => {
    const stage = dialerStage({}, { meddle: hiding(['buckets'], () => jsonAnswer(403, {})) });
    expect((await applyFailing(stage, place())).failure).toMatchObject({ code: 'membership_not_applied' });
  });

  test('deleted while the contact was put into it is made anew once, and the contact is not', async () => {
    const stage = dialerStage({ bucketPatch: 'ignored', phoneFilter: 'ignored', duplicateMode: 'create' });
    for (let n = 0; n < 25; n++) stage.vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE });
    stage.hooks.meddle = async (request, handle) => {
      if (request.url.includes('/buckets/') && request.method === 'PATCH') {
        stage.hooks.meddle = (again, on) => on(again);
        stage.vendor.deleteBucket(COLD);
      }
      return handle(request);
    };
    expect(await apply(stage, place())).toMatchObject({ mayBeInBucket: true });
    expect(stage.vendor.holds(COLD)).toEqual([PHONE]);
    expect(stage.vendor.contacts()).toHaveLength(26);
  });
});

describe('the tag', () => {
  const managed = { buckets: [COLD], tags: ['a', 'b'] };

  test('that did not take is written once more, added and removed', async () => {
    const stage = dialerStage({}, { managed });
    const { id } = stage.vendor.addContactByHand({ mobile_phone_number: PHONE, tags: ['b', 'by hand'] });
    let writes = 0;
    stage.hooks.meddle = (request, handle) =>
      request.method === 'PATCH' && ++writes === 1
        ? dropping('add_tags', 'remove_tags')(request, handle)
        : handle(request);
    await apply(stage, place(COLD, { tag: 'a' }), { callToolsId: id });
    expect(stage.vendor.contacts()[0]?.tags.toSorted()).toEqual(['a', 'by hand']);
  });

  test('that never takes is membership_not_applied', async () => {
    const stage = dialerStage({}, { managed, meddle: dropping('add_tags') });
    expect((await applyFailing(stage, place(COLD, { tag: 'a' }))).failure).toMatchObject({
      code: 'membership_not_applied',
    });
  });

  test('is read from the contact where the echo does not show it', async () => {
    const stage = dialerStage({}, { managed });
    stage.hooks.meddle = (request, handle) =>
      request.method === 'GET' ? handle(request) : hiding(['tags'])(request, handle);
    expect(await apply(stage, place(COLD, { tag: 'a' }))).toMatchObject({ mayBeInBucket: true });
    expect(stage.vendor.calls.count({ method: 'PATCH' })).toBe(0);
  });
});

describe('do not contact', () => {
  test('that did not take is written once more, and reported as set', async () => {
    const stage = dialerStage();
    const { callToolsId } = await apply(stage, place());
    let writes = 0;
    stage.hooks.meddle = (request, handle) =>
      request.method === 'PATCH' && ++writes === 1 ? dropping('do_not_contact')(request, handle) : handle(request);
    stage.vendor.calls.clear();
    expect(await apply(stage, DNC, { callToolsId })).toMatchObject({ mayBeInBucket: false, doNotContact: true });
    expect(stage.vendor.contacts()).toMatchObject([{ doNotContact: true }]);
    const writesSeen = stage.vendor.calls.list().filter(({ method }) => method !== 'GET');
    expect(writesSeen).toHaveLength(2);
  });

  test('that the echo does not show is read from the contact', async () => {
    const stage = dialerStage();
    const { callToolsId } = await apply(stage, place());
    stage.hooks.meddle = (request, handle) =>
      request.method === 'GET' ? handle(request) : hiding(['do_not_contact'])(request, handle);
    expect(await apply(stage, DNC, { callToolsId })).toMatchObject({ doNotContact: true });
  });

  test('that never takes is dnc_not_applied: it might be dialed', async () => {
    const stage = dialerStage({}, { meddle: dropping('do_not_contact') });
    const { callToolsId } = await apply(stage, place());
    expect((await applyFailing(stage, DNC, { callToolsId })).failure).toMatchObject({ code: 'dnc_not_applied' });
  });
});
