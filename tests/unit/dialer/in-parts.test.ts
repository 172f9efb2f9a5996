// The calls of a withdrawal in parts, one by one: which are made, and when it gives up.

import { describe, expect, test } from 'vitest';
import { leaveFromBuckets, takeOutInParts } from '../../../workers/consumer/dialer/in-parts.ts';
import type { LabelIds } from '../../../workers/consumer/dialer/labels.ts';
import { readBack } from '../../../workers/consumer/dialer/read-back.ts';
import type { Session } from '../../../workers/consumer/dialer/session.ts';
import type { Wanted } from '../../../workers/consumer/domain/decide.ts';
import { VendorError } from '../../../workers/consumer/domain/failure.ts';
import type { ContactBody } from '../../../workers/consumer/vendors/calltools.ts';
import type { DialerContact } from '../../../workers/consumer/vendors/calltools-schema.ts';
import {
  COLD,
  DNC,
  dialerStage,
  failureOf,
  OUT,
  observed,
  PHONE,
  place,
  target,
  WARM,
} from '../../support/vendor-harness.ts';

const REFUSED = new VendorError({ kind: 'contact', code: 'rejected', error: 'no' });
const FAILED = new VendorError({ kind: 'transient', vendor: 'calltools', error: '500' });
const UNANSWERED = new VendorError({ kind: 'transient', vendor: 'calltools', error: 'no answer', unanswered: true });
const { settings } = dialerStage();

/** In both buckets of ours, with both tags of ours. */
const contact = (changes: Partial<DialerContact> = {}): DialerContact => ({
  ...{
    id: 5,
    doNotContact: false,
    buckets: [1, 3, 7],
    tags: [11, 13, 77],
    word: null,
    phones: [PHONE],
    dialable: [PHONE],
  },
  ...changes,
});

type Answer = DialerContact | null | Error;
type Kind = keyof ContactBody | 'leave';

/** A CallTools whose answers to PATCHes of one kind are these; without one it does what it is asked to. */
async function sessionOf(
  wanted: Wanted,
  answers: Partial<Record<Kind, Answer>> = {},
  there: DialerContact | null = contact(),
) {
  let now = there;
  const calls: string[] = [];
  const answered = (kind: string, change: () => void) => {
    const answer = answers[kind as Kind];
    if (answer instanceof Error) throw answer;
    if (answer !== undefined) return answer;
    change();
    return now;
  };
  const without = (list: number[] | null, gone: unknown) =>
    list?.filter((id) => !(gone as number[]).includes(id)) ?? null;
  const callTools = {
    async update(id: number, body: ContactBody, options?: { part?: boolean }) {
      calls.push(`${options?.part ? 'part' : 'whole'} ${id} ${JSON.stringify(body)}`);
      return answered(Object.keys(body)[0] ?? '', () => {
        if (!now) return;
        const { remove_buckets = [], remove_tags = [], add_tags = [], do_not_contact } = body;
        now = {
          ...now,
          buckets: without(now.buckets, remove_buckets),
          tags: [...(without(now.tags, remove_tags) ?? []), ...(add_tags as number[])],
          doNotContact: now.doNotContact || do_not_contact === true,
        };
      });
    },
    async changeBucket(bucket: number, change: { remove_contacts?: number[] }) {
      calls.push(`leave ${bucket} ${JSON.stringify(change)}`);
      answered('leave', () => {
        if (now) now = { ...now, buckets: without(now.buckets, [bucket]) };
      });
    },
    async get() {
      calls.push('get');
      return now;
    },
    async bucketsOf() {
      return now?.buckets ?? [];
    },
  };
  const ids: LabelIds = {
    bucket: new Map([
      [COLD, [1]],
      [WARM, [3]],
    ]),
    tag: new Map([
      ['vip', [11]],
      ['old', [13]],
    ]),
    newest: { bucket: 99, tag: 99 },
  };
  const numbers = { known: () => [], seen: new Map() };
  const session = {
    desired: await target(wanted),
    observed: observed(),
    ids,
    dialer: { callTools, settings, numbers },
  };
  return { session: session as unknown as Session, calls };
}

async function takeOut(wanted: Wanted, seen: DialerContact | null, answers: Partial<Record<Kind, Answer>> = {}) {
  const { session, calls } = await sessionOf(wanted, answers, seen);
  const left = await takeOutInParts(5, seen, session).catch((error) => error as Error);
  return { left, calls, wrote: session.observed.wrote };
}

const PATCH = {
  mark: 'part 5 {"do_not_contact":true}',
  bucket: (id: number) => `part 5 {"remove_buckets":[${id}]}`,
  tag: (id: number) => `part 5 {"remove_tags":[${id}]}`,
  leave: (id: number) => `leave ${id} {"remove_contacts":[5]}`,
};

describe('each part has a call of its own', () => {
  test('for a contact that has all of it', async () => {
    const { left, calls, wrote } = await takeOut(DNC, contact());
    expect(calls).toEqual([PATCH.mark, PATCH.bucket(1), PATCH.bucket(3), PATCH.tag(11), PATCH.tag(13)]);
    expect(left).toMatchObject({ doNotContact: true, buckets: [7], tags: [77] });
    expect(wrote).toBe(true);
  });

  test.each<[string, Wanted, Partial<DialerContact>, string[]]>([
    ['it is marked already', DNC, { doNotContact: true, buckets: [], tags: [] }, []],
    ['no mark is asked for', OUT, { buckets: [], tags: [] }, []],
    ['it is not marked', DNC, { doNotContact: null, buckets: [], tags: [] }, [PATCH.mark]],
    ['it is in one bucket', OUT, { buckets: [3], tags: [] }, [PATCH.bucket(3)]],
    ['it has one tag', OUT, { buckets: [], tags: [13] }, [PATCH.tag(13)]],
  ])('and what it is rid of costs none: %s', async (_, wanted, changes, expected) => {
    const { calls, wrote } = await takeOut(wanted, contact(changes));
    expect([calls, wrote]).toEqual([expected, expected.length > 0 ? true : undefined]);
  });

  test('what is not shown is taken away', async () => {
    const hidden = contact({ buckets: null, tags: null });
    const { calls } = await takeOut(OUT, hidden, { remove_buckets: hidden, remove_tags: hidden });
    expect(calls).toEqual([
      ...[PATCH.bucket(1), PATCH.leave(1), PATCH.bucket(3), PATCH.leave(3), PATCH.tag(11), PATCH.tag(13)],
    ]);
  });

  test('a contact that was not seen is read where there is nothing to take away', async () => {
    const { session, calls } = await sessionOf(OUT);
    const none = { ...session.ids, bucket: new Map(), tag: new Map() };
    expect(await takeOutInParts(5, null, { ...session, ids: none })).toMatchObject({ id: 5 });
    expect(calls).toEqual(['get']);
  });
});

describe('a bucket', () => {
  const IN = contact({ buckets: [3], tags: [] });

  test.each<[string, Answer]>([
    ['is refused', REFUSED],
    ['fails', FAILED],
    ['changes nothing', IN],
  ])('is left from its own side where the PATCH %s', async (_, answer) => {
    const { calls, left, wrote } = await takeOut(OUT, IN, { remove_buckets: answer });
    expect(calls).toEqual([PATCH.bucket(3), PATCH.leave(3)]);
    // This answer shows no buckets: they are read anew.
    expect(left).toMatchObject({ id: 5, buckets: null });
    expect(wrote).toBe(true);
  });

  test('is not left from its own side while a PATCH may still arrive', async () => {
    const { calls, left } = await takeOut(OUT, IN, { remove_buckets: UNANSWERED });
    expect([calls, left]).toEqual([[PATCH.bucket(3)], UNANSWERED]);
  });

  test('that cannot be left keeps no tag on', async () => {
    const { calls, left } = await takeOut(OUT, contact({ buckets: [3], tags: [13] }), {
      remove_buckets: REFUSED,
      leave: REFUSED,
    });
    expect([calls, left]).toEqual([[PATCH.bucket(3), PATCH.leave(3), PATCH.tag(13)], REFUSED]);
  });
});

describe('a CallTools in trouble', () => {
  test('gets no more calls after two parts that failed', async () => {
    const { calls, left } = await takeOut(OUT, contact(), { remove_buckets: UNANSWERED, remove_tags: UNANSWERED });
    expect([calls, left]).toEqual([[PATCH.bucket(1), PATCH.bucket(3)], UNANSWERED]);
  });

  test('that takes one part gets all the others', async () => {
    const { calls } = await takeOut(DNC, contact(), { remove_buckets: UNANSWERED, remove_tags: UNANSWERED });
    expect(calls).toHaveLength(5);
  });

  test('that refuses parts gets all the others', async () => {
    const { calls } = await takeOut(OUT, contact(), { remove_buckets: REFUSED, leave: REFUSED, remove_tags: REFUSED });
    expect(calls).toHaveLength(6);
  });
});

test('a contact that vanishes meanwhile is looked for again', async () => {
  const { left } = await takeOut(OUT, contact({ buckets: [], tags: [11] }), { remove_tags: null });
  expect(left).toMatchObject({ failure: { kind: 'transient', vendor: 'calltools' } });
});

test('a contact that is not shown leaves every bucket of ours from their side, and the worst failure is thrown', async () => {
  const { session, calls } = await sessionOf(OUT);
  await leaveFromBuckets(5, session, []);
  expect(calls).toEqual([PATCH.leave(1), PATCH.leave(3)]);
  expect(await failureOf(leaveFromBuckets(5, session, [FAILED]))).toBe(FAILED.failure);
});

describe('tags that did not take', () => {
  test.each<[string, Wanted, number[], string]>([
    ['are added, and others taken away', place(COLD, { tag: 'vip' }), [13], '{"add_tags":[11],"remove_tags":[13]}'],
    ['are added', place(COLD, { tag: 'vip' }), [77], '{"add_tags":[11],"remove_tags":[]}'],
    ['are taken away', place(COLD), [11, 13], '{"add_tags":[],"remove_tags":[11,13]}'],
  ])('%s in a second write', async (_, wanted, tags, body) => {
    const answer = contact({ buckets: [1], tags });
    const { session, calls } = await sessionOf(wanted, {}, answer);
    await readBack(answer, session);
    expect(calls).toEqual([`whole 5 ${body}`]);
  });

  test.each<[string, Answer]>([
    ['not after that either', contact({ tags: [13] })],
    ['on a contact that is gone', null],
  ])('fail the contact: %s', async (_, second) => {
    const answer = contact({ buckets: [1], tags: [13] });
    const { session } = await sessionOf(place(COLD, { tag: 'vip' }), { add_tags: second }, answer);
    expect(await failureOf(readBack(answer, session))).toMatchObject({ code: 'membership_not_applied' });
  });

  test('are read where the answer does not show them', async () => {
    const { session, calls } = await sessionOf(place(COLD, { tag: 'vip' }), {}, contact({ buckets: [1], tags: [11] }));
    await readBack(contact({ buckets: [1], tags: null }), session);
    expect(calls).toEqual(['get']);
  });
});
