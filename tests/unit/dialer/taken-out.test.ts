// What is remembered of putting a number into its bucket, and whether there was a call since.

import { describe, expect, test } from 'vitest';
import type { Session } from '../../../workers/consumer/dialer/session.ts';
import {
  isNewer,
  lastPlacing,
  placingOf,
  refuseTakenOut,
  TakenOut,
} from '../../../workers/consumer/dialer/taken-out.ts';
import { NO_CALLS, wordHash } from '../../../workers/consumer/domain/call-word.ts';
import { dialerRow, RULES } from '../../support/batch-harness.ts';
import { COLD, PHONE, place } from '../../support/vendor-harness.ts';

const PLACING = { at: 500_000, route: 'cold', bucket: 1, tag: null, word: null };

describe('what is remembered', () => {
  const row = dialerRow({ placing: PLACING });

  test('counts as long as the route is the same, or SYNC_RULES no longer has the earlier one', () => {
    expect(placingOf(row, 'cold', RULES)).toBe(PLACING);
    expect(placingOf(row, 'warm', { routes: RULES.routes.filter(({ name }) => name !== 'cold') })).toBe(PLACING);
  });

  test('ends with the route', () => {
    expect(placingOf(row, 'warm', RULES)).toBeNull();
    expect(placingOf(row, null, RULES)).toBeNull();
    expect(placingOf(row, 'warm', { routes: RULES.routes.filter(({ name }) => name === 'cold') })).toBeNull();
  });

  test('counts whatever the route where it does not say which one it was', () => {
    const placing = { ...PLACING, route: null };
    expect(placingOf(dialerRow({ placing }), 'warm', RULES)).toBe(placing);
  });

  test('of a batch that died is that it may have put it there', () => {
    const died = { at: 7, route: null, bucket: null, tag: null, word: null };
    expect(lastPlacing(dialerRow({ inDoubt: true, updatedAt: 7 }))).toEqual(died);
    expect(lastPlacing(dialerRow({ inDoubt: true, placing: PLACING }))).toBe(PLACING);
    expect(lastPlacing(dialerRow())).toBeNull();
  });
});

describe('a call since', () => {
  const called = { text: '[["last_call",500000]]', latestAt: PLACING.at, undated: false };

  test('is told by what CallTools showed just after the write, whatever its times', async () => {
    const placing = { ...PLACING, word: await wordHash(called) };
    expect(await isNewer(called, placing)).toBe(false);
    expect(await isNewer({ ...called, text: '' }, placing)).toBe(true);
  });

  test.each([
    [PLACING.at, true],
    [PLACING.at - 59_999, true],
    [PLACING.at - 60_000, false],
  ])(
    'is told by its time where that answer was lost, and clocks may differ by a minute: %d',
    async (latestAt, newer) => {
      expect(await isNewer({ ...called, latestAt }, PLACING)).toBe(newer);
    },
  );

  test('is assumed where a disposition has no time, and never where nothing is shown', async () => {
    expect(await isNewer({ ...called, latestAt: null, undated: true }, PLACING)).toBe(true);
    expect(await isNewer(NO_CALLS, PLACING)).toBe(false);
  });
});

describe('a contact that has left its bucket, and shows no calls any more,', () => {
  const contact = {
    id: 7,
    doNotContact: false,
    buckets: [],
    tags: null,
    word: NO_CALLS,
    phones: [PHONE],
    dialable: null,
  };

  /** Whether it stays out. The word of its calls that was remembered was another. */
  async function staysOut(callToolsId: number | null, previousContactId: number | null): Promise<boolean> {
    const word = await wordHash({ text: '[["calls_outbound",1]]', latestAt: null, undated: false });
    const desired = { wanted: place(COLD), callToolsId, previousContactId };
    const put = refuseTakenOut(contact, { ...PLACING, word }, { desired } as Session);
    return put.then(
      () => false,
      (thrown) => thrown instanceof TakenOut,
    );
  }

  test.each<[string, boolean, number | null, number | null]>([
    ['is the one that was placed', true, 7, null],
    ['was placed under the earlier number', true, null, 7],
    ['was made by somebody in place of that one', false, 6, 5],
  ])('stays out where it %s: %j', async (_, out, callToolsId, previousContactId) => {
    expect(await staysOut(callToolsId, previousContactId)).toBe(out);
  });
});
