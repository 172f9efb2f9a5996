// What a contact tells of its calls: a newer call is seen in any spelling, and an old one is not taken for new.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isNewer } from '../../../workers/consumer/dialer/taken-out.ts';
import { callWord, wordHash } from '../../../workers/consumer/domain/call-word.ts';
import type { Placing } from '../../../workers/consumer/domain/decide.ts';

const PLACED_AT = Date.parse('2026-11-28T10:00:00Z');
const placing = (word: string | null = null): Placing => ({
  at: PLACED_AT,
  route: 'cold',
  bucket: 1,
  tag: null,
  word,
});
const newer = (fields: Record<string, unknown>) => isNewer(callWord(fields), placing());
/** Compared with what was told when it was placed. */
const newerThan = async (before: Record<string, unknown>, now: Record<string, unknown>) =>
  isNewer(callWord(now), placing(await wordHash(callWord(before))));

describe('where it is not known what was told when the contact was placed', () => {
  test.each([
    '2026-11-28 10:05:00',
    '2026-11-28T10:05:00Z',
    '2026-11-28T10:05:00.123Z',
    '2026-11-28T10:05:00.123456+00:00',
    '2026-11-28T05:05:00-05:00',
    '2026-11-28T10:05:00',
    '2026-11-28 10:05',
  ])('a call at %s is newer', async (time) => {
    for (const name of ['last_call_outbound', 'last_call_outbound_human', 'last_call_inbound', 'last_sms_received'])
      expect(await newer({ [name]: time })).toBe(true);
  });

  test.each(['2026-11-28 09:50:00', '2026-11-28T09:50:00Z', '2026-11-28T15:50:00+06:00', ' 2026-11-28 09:50:00 '])(
    'a call at %s is not, whatever was said in it',
    async (time) => {
      expect(await newer({ last_call_outbound_human: time, disposition: 'Not interested' })).toBe(false);
    },
  );

  test.each<[string, Record<string, unknown>]>([
    ['a disposition without any time', { disposition: 'Not interested' }],
    ['a disposition by its id', { call_disposition_id: 17 }],
    ['a disposition as an object', { disposition: { id: 17, name: 'No' } }],
    [
      'a disposition beside a time that cannot be read',
      { system_disposition: 'ANSWERED', last_call_outbound: 'today' },
    ],
    ['a time that cannot be read', { last_call_outbound: '28/11/2026 10:05' }],
  ])('%s is doubt, and counts as newer', async (_, fields) => {
    expect(await newer(fields)).toBe(true);
  });

  test.each<[string, Record<string, unknown>]>([
    ['no call at all', {}],
    ['empty fields', { disposition: null, call_disposition: '', last_call_outbound: null, calls_outbound: 0 }],
    [
      'other times',
      { created_on: '2026-11-28 11:00:00', updated_on: '2026-11-28 11:00:00', last_sms_sent: '2026-11-28 11:00:00' },
    ],
  ])('%s: nothing is newer', async (_, fields) => {
    expect(await newer(fields)).toBe(false);
  });
});

describe('where it is known', () => {
  test('an old disposition without a time, from before, is not newer', async () => {
    const old = { disposition: 'Not interested' };
    expect(await newerThan(old, old)).toBe(false);
  });

  test.each<[string, Record<string, unknown>]>([
    ['another disposition', { disposition: 'Do not call', calls_outbound: 1 }],
    ['the same said again', { disposition: 'Not interested', calls_outbound: 2 }],
    [
      'a call without a word',
      { disposition: 'Not interested', calls_outbound: 1, last_call_outbound: '2026-11-28 10:00:30' },
    ],
  ])('%s is newer', async (_, now) => {
    expect(await newerThan({ disposition: 'Not interested', calls_outbound: 1 }, now)).toBe(true);
  });

  test('what was told before and is not told any more is doubt, and counts as newer', async () => {
    expect([await newerThan({ calls_outbound: 1 }, {}), await newerThan({}, {})]).toEqual([true, false]);
  });

  test('property: no difference in spelling or order counts', async () => {
    const times = fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
    await fc.assert(
      fc.asyncProperty(times, fc.string({ minLength: 1 }), async (time, said) => {
        const iso = `${time.toISOString().slice(0, 19)}Z`;
        const documented = iso.slice(0, 19).replace('T', ' ');
        const before = { disposition: said, last_call_outbound: iso, last_call_inbound: null };
        const now = { last_call_outbound: documented, calls_inbound: 0, disposition: said };
        expect(await newerThan(before, now)).toBe(false);
      }),
    );
  });
});
