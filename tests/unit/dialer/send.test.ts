// What of a person's data is sent again when CallTools refuses fields of it.

import { describe, expect, test } from 'vitest';
import { sendData } from '../../../workers/consumer/dialer/send.ts';
import type { Session } from '../../../workers/consumer/dialer/session.ts';
import { tryAll } from '../../../workers/consumer/dialer/try-all.ts';
import { type Failure, VendorError } from '../../../workers/consumer/domain/failure.ts';
import type { ContactBody } from '../../../workers/consumer/vendors/calltools.ts';
import type { DialerContact } from '../../../workers/consumer/vendors/calltools-schema.ts';
import { dialerStage, observed, PHONE } from '../../support/vendor-harness.ts';

const refusal = (...fields: string[]) =>
  new VendorError({ kind: 'contact', code: 'rejected', error: fields.join(), fields });
const errorOf = (failure: Failure) => new VendorError(failure);

const CONTACT: DialerContact = {
  ...{ id: 1, doNotContact: false, buckets: [], tags: [], word: null, phones: [PHONE], dialable: [PHONE] },
  row: { first_name: 'Dana', city: 'Tampa' },
};
const { settings } = dialerStage();
const FIELD = settings.CALLTOOLS_PHONE_FIELD;
const BODY: ContactBody = { first_name: 'Dana', city: 'Miami', [FIELD]: PHONE };

/** Sends the body; CallTools answers so, one after the other, and then takes everything. */
async function sending(answers: (VendorError | Awaited<ReturnType<typeof send>>)[], body = BODY, leftOut?: string[]) {
  const known = observed(leftOut ? { leftOut } : {});
  const echoes = new Map();
  const session = { observed: known, dialer: { settings, echoes } } as unknown as Session;
  const sent: ContactBody[] = [];
  const thrown = await sendData(session, body, async (one) => {
    sent.push(one);
    return send(answers[sent.length - 1] ?? CONTACT);
  }).then(
    () => null,
    (error) => error,
  );
  return { sent, leftOut: known.leftOut, thrown, echoes: Object.fromEntries(echoes) };
}

async function send(answer: unknown) {
  if (answer instanceof VendorError) throw answer;
  return answer as DialerContact;
}

describe('fields that CallTools refuses', () => {
  test('are left out, and the others are sent', async () => {
    const { city: _, ...rest } = BODY;
    expect(await sending([refusal('city')])).toMatchObject({ sent: [BODY, rest], leftOut: ['city'], thrown: null });
  });

  test('after each other are left out one by one, three times at most', async () => {
    const body = { a: 1, b: 2, c: 3, d: 4, [FIELD]: PHONE };
    const three = [refusal('a'), refusal('b'), refusal('c')];
    const passed = await sending(three, body);
    expect(passed.sent.at(-1)).toEqual({ d: 4, [FIELD]: PHONE });
    expect(passed).toMatchObject({ leftOut: ['a', 'b', 'c'], thrown: null });
    const fourth = refusal('d');
    const failed = await sending([...three, fourth], body);
    expect(failed.sent).toHaveLength(4);
    expect(failed).toMatchObject({ leftOut: ['a', 'b', 'c'], thrown: fourth });
  });

  test('earlier in the job stay out', async () => {
    const answer = await sending([refusal('first_name')], BODY, ['city']);
    expect(answer.sent).toEqual([{ first_name: 'Dana', [FIELD]: PHONE }, { [FIELD]: PHONE }]);
    expect(answer.leftOut).toEqual(['city', 'first_name']);
  });

  test('that empty a text are tried as null first, and then left out', async () => {
    const body = { city: '', first_name: 'Dana' };
    const once = await sending([refusal('city')], body);
    expect(once).toMatchObject({ sent: [body, { city: null, first_name: 'Dana' }], thrown: null });
    expect(once.leftOut).toBeUndefined();
    const twice = await sending([refusal('city'), refusal('city')], body);
    expect(twice).toMatchObject({ leftOut: ['city'], thrown: null });
    expect(twice.sent.at(-1)).toEqual({ first_name: 'Dana' });
    const both = await sending([refusal('city', 'first_name')], body);
    expect(both.sent.at(-1)).toEqual({ city: null });
    expect(both.leftOut).toEqual(['first_name']);
  });

  test.each(['do_not_contact', 'buckets', 'tags', 'add_buckets', 'add_tags', 'remove_buckets', 'remove_tags', FIELD])(
    'and may not be missing fail the write, with others too: %s',
    async (field) => {
      const body = { ...BODY, [field]: [1] };
      for (const error of [refusal(field), refusal('city', field)]) {
        const answer = await sending([error], body);
        expect(answer).toMatchObject({ sent: [body], thrown: error });
        expect(answer.leftOut).toBeUndefined();
      }
    },
  );

  test.each(['my_tags', 'tags_2', 'add_tag', 'buckets_of'])(
    'are left out where they only look like labels: %s',
    async (field) => {
      expect(await sending([refusal(field)], { ...BODY, [field]: 'x' })).toMatchObject({
        leftOut: [field],
        thrown: null,
      });
    },
  );
});

test.each<[string, VendorError]>([
  ['names no field', refusal()],
  ['is of another kind', errorOf({ kind: 'contact', code: 'unexpected_response', error: 'city' })],
  ['says nothing of fields', errorOf({ kind: 'contact', code: 'rejected', error: 'city' })],
  ['may pass', errorOf({ kind: 'transient', vendor: 'calltools', error: '503' })],
])('a failure that %s is not tried again', async (_, error) => {
  expect(await sending([error])).toMatchObject({ sent: [BODY], thrown: error });
});

describe('what CallTools has kept', () => {
  test.each<[string, unknown, object]>([
    ['of a changed contact', CONTACT, { first_name: 'kept', city: 'altered' }],
    ['of a new one', { kind: 'created', contact: CONTACT }, { first_name: 'kept', city: 'altered' }],
    ['not where it names duplicates', { kind: 'duplicate', ids: [1] }, {}],
  ])('is noted, without the number: %s', async (_, answer, echoes) => {
    expect((await sending([answer as DialerContact])).echoes).toEqual(echoes);
  });

  test('is not asked of what was left out', async () => {
    expect((await sending([refusal('city')])).echoes).toEqual({ first_name: 'kept' });
  });

  test('is not known where the contact is gone', async () => {
    const session = { observed: observed(), dialer: { settings, echoes: new Map() } } as unknown as Session;
    expect(await sendData(session, BODY, async () => null)).toBeNull();
    expect(session.dialer.echoes.size).toBe(0);
  });
});

describe('a withdrawal of several parts', () => {
  const busy = errorOf({ kind: 'busy', error: 'later' });
  const refused = errorOf({ kind: 'contact', code: 'rejected', error: 'no' });
  const slow = errorOf({ kind: 'throttled', vendor: 'calltools', retryAfterMs: 1, error: '429' });
  const tried = async (outcomes: (Error | null)[], before: VendorError[] = []) => {
    const done: number[] = [];
    const act = async (n: number) => {
      done.push(n);
      const error = outcomes[n];
      if (error) throw error;
    };
    const thrown = await tryAll(outcomes.keys(), act, before).then(
      () => null,
      (error) => error,
    );
    return { done, thrown };
  };

  test('is whole where each part passes', async () => {
    expect(await tried([null, null])).toEqual({ done: [0, 1], thrown: null });
    expect(await tried([])).toEqual({ done: [], thrown: null });
  });

  test('goes on after a failure, which it throws in the end', async () => {
    expect(await tried([busy, null])).toEqual({ done: [0, 1], thrown: busy });
    expect(await tried([null], [busy])).toEqual({ done: [0], thrown: busy });
  });

  test('throws the worst failure, the same in any order', async () => {
    const { thrown } = await tried([busy, refused, slow]);
    expect((await tried([slow, refused, busy])).thrown).toBe(thrown);
    expect((await tried([busy, slow], [refused])).thrown).toBe(thrown);
  });

  test('ends at once with an error of ours', async () => {
    const bug = new Error('a bug');
    expect(await tried([busy, bug, null])).toEqual({ done: [0, 1], thrown: bug });
  });
});
