// Looking for a number among the members of our buckets: what is found, and when nothing can be said.

import { describe, expect, test } from 'vitest';
import type { Found } from '../../../workers/consumer/dialer/find-by-phone.ts';
import { createMemberSearch } from '../../../workers/consumer/dialer/find-in-buckets.ts';
import { type Failure, VendorError } from '../../../workers/consumer/domain/failure.ts';
import { phoneHash } from '../../../workers/consumer/domain/phone.ts';
import type { CallTools } from '../../../workers/consumer/vendors/calltools.ts';
import type { DialerContact } from '../../../workers/consumer/vendors/calltools-schema.ts';
import { dialerStage, failureOf, LOCATION, OTHER_PHONE, PHONE } from '../../support/vendor-harness.ts';

const HASH = await phoneHash(LOCATION, PHONE);
const { settings } = dialerStage();
const ABSENT: Found = { kind: 'absent' };
const UNSUPPORTED: Found = { kind: 'unsupported' };

const contact = (id: number, phones = [PHONE], changes: Partial<DialerContact> = {}): DialerContact => ({
  ...{ id, doNotContact: false, buckets: [1], tags: [], word: null, phones, dialable: phones },
  ...changes,
});
const found = (...ids: number[]): Found => ({ kind: 'found', contacts: ids.map((id) => contact(id)) });

describe('among members of buckets', () => {
  const BUCKET = 1;
  interface Members {
    rows?: Record<number, (DialerContact | null)[]>;
    shown?: DialerContact | null | VendorError;
    fails?: Failure;
    /** How long it takes until it fails, ms. */
    tookMs?: number;
  }
  const search = ({ rows = {}, shown = null, fails, tookMs = 0 }: Members, buckets = [BUCKET]) => {
    let now = 0;
    let gets = 0;
    const callTools = {
      async *membersOf(bucket: number) {
        yield* rows[bucket] ?? [];
        now += tookMs;
        if (fails) throw new VendorError(fails);
      },
      async get() {
        gets++;
        if (shown instanceof VendorError) throw shown;
        return shown;
      },
    } as unknown as CallTools;
    const answer = createMemberSearch(callTools, settings, () => now)(HASH, buckets);
    return answer.then((result) => ({ result, gets }));
  };
  const inPart = (id: number, phones = [PHONE]) => contact(id, phones, { dialable: null });

  test.each<[string, Members, Found, number]>([
    ['none', {}, ABSENT, 0],
    ['another number', { rows: { 1: [contact(3, [OTHER_PHONE])] } }, ABSENT, 0],
    ['it', { rows: { 1: [contact(3)] } }, found(3), 0],
    ['a number that cannot be read', { rows: { 1: [contact(3, [OTHER_PHONE, 'x'])] } }, UNSUPPORTED, 0],
    ['one that is not seen', { rows: { 1: [null] } }, UNSUPPORTED, 0],
    ['it, beside one that is not seen', { rows: { 1: [null, contact(3)] } }, found(3), 0],
    ['one that is no member', { rows: { 1: [contact(3, [PHONE], { buckets: [2] })] } }, UNSUPPORTED, 0],
    ['one that shows a part, and is read', { rows: { 1: [inPart(3, [OTHER_PHONE])] }, shown: contact(3) }, found(3), 1],
    ['one that is gone', { rows: { 1: [inPart(3)] } }, UNSUPPORTED, 1],
  ])('there is %s', async (_, members, expected, gets) => {
    const answer = await search(members);
    expect(answer.result).toMatchObject(expected);
    expect(answer.gets).toBe(gets);
  });

  test('in several buckets it is found once, the lowest id first', async () => {
    const both = (id: number) => contact(id, [PHONE], { buckets: [1, 2] });
    const { result } = await search({ rows: { 1: [both(9), both(3)], 2: [both(3)] } }, [1, 2]);
    expect(result.kind === 'found' && result.contacts.map(({ id }) => id)).toEqual([3, 9]);
  });

  test.each<[string, Failure, number]>([
    ['the filter is refused', { kind: 'contact', code: 'rejected', error: '' }, 0],
    ['most of a lease has not sufficed', { kind: 'busy', error: '' }, 25_001],
  ])('nothing can be said where %s', async (_, fails, tookMs) => {
    expect((await search({ fails, tookMs })).result).toEqual(UNSUPPORTED);
  });

  test.each<[string, Failure, number]>([
    ['time is over soon', { kind: 'busy', error: '' }, 25_000],
    ['it says when to come back', { kind: 'busy', error: '', forMs: 1 }, 30_000],
    ['CallTools fails', { kind: 'transient', vendor: 'calltools', error: '' }, 30_000],
  ])('another try may succeed where %s', async (_, fails, tookMs) => {
    expect(await failureOf(search({ fails, tookMs }))).toEqual(fails);
  });

  test('at most a hundred are read one by one: of the others what the row shows counts', async () => {
    const rows = Array.from({ length: 101 }, (_, n) => inPart(n + 1, [OTHER_PHONE]));
    const answer = await search({ rows: { 1: rows }, shown: contact(3, [OTHER_PHONE]) });
    expect(answer).toEqual({ result: UNSUPPORTED, gets: 100 });
    const last = await search({ rows: { 1: [...rows.slice(1), inPart(500)] }, shown: contact(3, [OTHER_PHONE]) });
    expect(last.result).toMatchObject({ kind: 'found', contacts: [{ id: 500 }] });
    const bare = await search({ rows: { 1: [...rows.slice(1), inPart(500, []), contact(3)] } });
    expect(bare.result).toEqual(UNSUPPORTED);
  });

  test('one that CallTools refuses to show may be anybody, and any other failure ends the search', async () => {
    const refused: Failure = { kind: 'refused', vendor: 'calltools', sign: 'record', error: '403' };
    const rows = { 1: [inPart(3), contact(4)] };
    expect((await search({ rows, shown: new VendorError(refused) })).result).toMatchObject(found(4));
    const down: Failure = { kind: 'transient', vendor: 'calltools', error: '503' };
    expect(await failureOf(search({ rows, shown: new VendorError(down) }))).toEqual(down);
  });

  test('at most five thousand are looked at', async () => {
    const others = Array.from({ length: 5000 }, (_, n) => contact(n + 10, [OTHER_PHONE]));
    expect((await search({ rows: { 1: [...others.slice(1), contact(3)] } })).result).toMatchObject(found(3));
    expect((await search({ rows: { 1: [...others, contact(3)] } })).result).toEqual(UNSUPPORTED);
    expect((await search({ rows: { 1: others } })).result).toEqual(ABSENT);
  });
});
