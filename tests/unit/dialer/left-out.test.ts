// A refused field that may be missing does not keep a person out. What decides whether somebody may be dialed is never left out.

import * as fc from 'fast-check';
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
  PHONE,
  place,
} from '../../support/vendor-harness.ts';

/** CallTools refuses a write with each of these in turn, as long as its body has one of the fields that are refused. */
function refusing(...rounds: Record<string, string[]>[]) {
  const left = [...rounds];
  const bodies: Record<string, unknown>[] = [];
  const meddle: Meddle = async (request, handle) => {
    const { pathname } = new URL(request.url);
    const isWrite = ['POST', 'PATCH'].includes(request.method) && pathname.startsWith('/api/contacts/');
    if (!isWrite) return handle(request);
    bodies.push((await request.clone().json()) as Record<string, unknown>);
    const round = left.shift();
    return round ? jsonAnswer(400, round) : handle(request);
  };
  return { meddle, bodies };
}

const BAD = ['bad'];
const EMAIL = { email: 'dana@example.com' };

describe('a field that may be missing', () => {
  test('is left out, and the person is in the bucket', async () => {
    const stage = dialerStage();
    const observed = await apply(stage, place(COLD, { email: 'no-address' }));
    expect(observed).toMatchObject({ leftOut: ['personal_email_address'], mayBeInBucket: true, wrote: true });
    expect(stage.vendor.contacts()).toMatchObject([
      { phones: [PHONE], buckets: [COLD], fields: { first_name: 'Dana', personal_email_address: '' } },
    ]);
    expect(stage.vendor.calls.count({ method: 'POST', path: '/api/contacts/' })).toBe(2);
  });

  test.each(['field', 'detail', 'list'] as const)(
    'is left out wherever the refusal of an email stands: %s',
    async (emailRefusal) => {
      const stage = dialerStage({ emailRefusal, refusedEmails: [EMAIL.email] });
      expect(await apply(stage, place(COLD, EMAIL))).toMatchObject({ leftOut: ['personal_email_address'] });
      expect(stage.vendor.contacts()).toMatchObject([{ buckets: [COLD] }]);
    },
  );

  test('is emptied in two ways before it is left out: a choice takes no empty text', async () => {
    const stage = dialerStage();
    const { callToolsId } = await apply(stage, place(COLD, { fields: { product: 'Solar', agent_note: 'x' } }));
    const emptied = place(COLD, { email: 'no-address', fields: { product: '', agent_note: '' } });
    expect((await apply(stage, emptied, { callToolsId })).leftOut).toEqual(['personal_email_address']);
    expect(stage.vendor.contacts()).toMatchObject([{ fields: { product: null, agent_note: '' } }]);
  });

  test('that cannot be emptied is left out', async () => {
    const { meddle, bodies } = refusing({ agent_note: BAD }, { agent_note: BAD });
    const stage = dialerStage({}, { meddle });
    expect((await apply(stage, place(COLD, { fields: { agent_note: '' } }))).leftOut).toEqual(['agent_note']);
    expect(bodies.slice(0, 3).map((body) => body.agent_note)).toEqual(['', null, undefined]);
  });

  test.each(['pain_tags', 'old_buckets', 'last_add_tags'])(
    'is left out although its name ends like that of buckets or tags: %s',
    async (field) => {
      const { meddle, bodies } = refusing({ [field]: BAD });
      const stage = dialerStage({}, { meddle });
      const observed = await apply(stage, place(COLD, { fields: { [field]: 'knee' } }));
      expect(observed).toMatchObject({ leftOut: [field], mayBeInBucket: true });
      expect(bodies.map((body) => body[field])).toEqual(['knee', undefined]);
    },
  );

  test.each([
    ['a remembered contact', {}],
    [
      'one that should be in its bucket already',
      { placing: { at: 0, route: 'cold', bucket: null, tag: null, word: null } },
    ],
  ])('is left out of the change of %s', async (_, changes) => {
    const stage = dialerStage();
    const { callToolsId } = await apply(stage, place());
    const observed = await apply(stage, place(COLD, { email: 'no-address' }), { callToolsId, ...changes });
    expect(observed).toMatchObject({ callToolsId, leftOut: ['personal_email_address'] });
    expect(stage.vendor.contacts()).toMatchObject([{ buckets: [COLD] }]);
  });

  test('is left out where a person takes the contact along to a new number', async () => {
    const stage = dialerStage();
    const { callToolsId } = await apply(stage, place());
    const moved = place(COLD, { phone: OTHER_PHONE, email: 'no-address' });
    const observed = await apply(stage, moved, { previousContactId: callToolsId });
    expect(observed).toMatchObject({ callToolsId, moved: true, leftOut: ['personal_email_address'] });
    expect(stage.vendor.contacts()).toMatchObject([{ phones: [OTHER_PHONE], buckets: [COLD] }]);
  });

  test('is left out of a POST that may find a contact that was taken out', async () => {
    const stage = dialerStage({ phoneFilter: 'ignored' }, { env: { CALLTOOLS_PHONE_LOOKUP: 'off' } });
    const placing = { at: 0, route: 'cold', bucket: null, tag: null, word: null };
    const observed = await apply(stage, place(COLD, { email: 'no-address' }), { placing });
    expect(observed.leftOut).toEqual(['personal_email_address']);
    expect(stage.vendor.contacts()).toMatchObject([{ phones: [PHONE], buckets: [COLD] }]);
  });

  test('stays out of all that the job sends after it, and a new job sends it again', async () => {
    const { meddle, bodies } = refusing({ personal_email_address: BAD }, { first_name: BAD }, { last_name: BAD });
    const stage = dialerStage({ bucketPatch: 'ignored' }, { meddle });
    const observed = await apply(stage, place(COLD, EMAIL));
    expect(observed.leftOut).toEqual(['personal_email_address', 'first_name', 'last_name']);
    expect(bodies.map((body) => Object.keys(body).filter((name) => /name|email/.test(name)))).toEqual([
      ['first_name', 'last_name', 'personal_email_address'],
      ['first_name', 'last_name'],
      ['last_name'],
      [],
    ]);
    await apply(stage, place(COLD, EMAIL), { callToolsId: observed.callToolsId });
    expect(bodies.at(-1)).toMatchObject({ first_name: 'Dana', personal_email_address: 'dana@example.com' });
    expect(stage.vendor.contacts()).toMatchObject([{ fields: { personal_email_address: 'dana@example.com' } }]);
  });
});

describe('a refusal stands', () => {
  test('after the third try without fields', async () => {
    const rounds = ['personal_email_address', 'first_name', 'last_name', 'ghl_contact_id'].map((f) => ({ [f]: BAD }));
    const { meddle, bodies } = refusing(...rounds);
    const stage = dialerStage({}, { meddle, env: { CALLTOOLS_EXTERNAL_ID_FIELD: 'ghl_contact_id' } });
    expect((await applyFailing(stage, place(COLD, EMAIL))).failure).toMatchObject({ code: 'rejected' });
    expect(bodies).toHaveLength(4);
  });

  test('where it names the same field again by another name', async () => {
    const { meddle, bodies } = refusing({ personal_email_address: BAD }, { email: BAD });
    const stage = dialerStage({}, { meddle });
    expect((await applyFailing(stage, place(COLD, EMAIL))).failure).toMatchObject({ code: 'rejected' });
    expect(bodies).toHaveLength(2);
  });

  test.each([
    ['the phone', { mobile_phone_number: BAD, first_name: BAD }],
    ['the phone by another name', { phone_number: BAD }],
    ['something unknown', { first_name: BAD, nobody_knows: BAD }],
    ['no field', { non_field_errors: BAD }],
    ['do-not-contact', { do_not_contact: BAD }],
  ])('where it names %s', async (_, complaint) => {
    const { meddle, bodies } = refusing(complaint);
    const stage = dialerStage({}, { meddle });
    const { failure, observed } = await applyFailing(stage, place(COLD, EMAIL));
    expect(failure).toMatchObject({ code: 'rejected' });
    expect(observed).toMatchObject({ mayBeInBucket: false, placing: null });
    expect(observed.leftOut).toBeUndefined();
    expect(bodies).toHaveLength(1);
  });

  test('of a withdrawal: nothing of it is optional', async () => {
    const stage = dialerStage();
    const { callToolsId } = await apply(stage, place());
    const { meddle, bodies } = refusing({ do_not_contact: BAD }, { do_not_contact: BAD });
    stage.hooks.meddle = meddle;
    expect((await applyFailing(stage, DNC, { callToolsId })).failure).toMatchObject({ code: 'rejected' });
    expect(bodies.slice(1)).toEqual([{ do_not_contact: true }, { remove_buckets: [expect.any(Number)] }]);
  });
});

test('a second POST that gets no answer is in doubt like any other', async () => {
  const { meddle } = refusing({ personal_email_address: BAD });
  const stage = dialerStage({}, { meddle });
  stage.vendor.faults.plan({ match: { method: 'POST', path: '/api/contacts/' }, times: 1, do: { kind: 'html500' } });
  const { failure, observed } = await applyFailing(stage, place(COLD, EMAIL));
  expect(failure).toMatchObject({ kind: 'transient' });
  expect(observed).toMatchObject({ mayBeInBucket: true, leftOut: ['personal_email_address'] });
  expect(observed.placing).not.toBeNull();
});

test('whatever is refused, number, buckets, tags and do-not-contact are in each body, and of a withdrawal nothing is left out', async () => {
  const KEYS = [
    ...['mobile_phone_number', 'add_buckets', 'remove_buckets', 'add_tags', 'remove_tags', 'do_not_contact', 'tags'],
    ...['first_name', 'last_name', 'personal_email_address', 'email', 'name', 'phone', 'detail', 'non_field_errors'],
  ];
  const complaint = fc.subarray(KEYS, { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(fc.array(complaint, { maxLength: 5 }), fc.boolean(), fc.boolean(), async (rounds, known, out) => {
      const stage = dialerStage({}, { managed: { buckets: [COLD], tags: ['ghl'] } });
      const { callToolsId } = known || out ? await apply(stage, place(COLD, { tag: 'ghl' })) : { callToolsId: null };
      const { meddle, bodies } = refusing(...rounds.map((keys) => Object.fromEntries(keys.map((key) => [key, BAD]))));
      stage.hooks.meddle = meddle;
      await apply(stage, out ? DNC : place(COLD, { tag: 'ghl', ...EMAIL }), { callToolsId }).catch(() => {});
      const [bucket, tag] = [[expect.any(Number)], [expect.any(Number)]];
      for (const body of bodies) {
        const whole = { do_not_contact: true, remove_buckets: bucket, remove_tags: tag };
        if (out) {
          const parts = Object.entries(whole).map((part) => Object.fromEntries([part]));
          expect([whole, ...parts]).toContainEqual(body);
        } else if (known && !('add_buckets' in body)) expect(body).toMatchObject({ mobile_phone_number: PHONE });
        else expect(body).toMatchObject({ mobile_phone_number: PHONE, add_buckets: bucket, add_tags: tag });
      }
    }),
    { numRuns: 60 },
  );
});
