// What webhooks say of a contact: which of two statements counts, how long, and what a read contradicts.

import { describe, expect, test } from 'vitest';
import type { ContactChanged, Told } from '../../../shared/messages.ts';
import {
  blockedAt,
  contradicted,
  merge,
  READ_LAG_MS,
  recall,
  type Shown,
  stillCounts,
  toldBy,
} from '../../../workers/consumer/domain/told.ts';
import { hintOf, RULES } from '../../support/batch-harness.ts';

const AT = 1_795_000_000_000;
const tags = (intent: 'place' | 'none' | 'removed' | 'out', priority: number, at = AT) => ({ at, intent, priority });

describe('what one message says', () => {
  const said = (changes: Partial<ContactChanged>) =>
    toldBy(hintOf('one', { occurredAt: AT, receivedAt: AT + 500, ...changes }), RULES);
  const snapshot = (tagList: string[], dnd = false) => ({ snapshot: { tags: tagList, dnd } });
  const against = (more: Partial<NonNullable<ContactChanged['against']>>) => ({
    against: { tags: [], dnd: false, deleted: false, ...more },
  });

  test.each<[string, Partial<ContactChanged>, Told]>([
    ['a placing tag', snapshot(['cold lead']), { there: AT, tags: tags('place', 1), dndAll: { at: AT, on: false } }],
    [
      'a tag that keeps out',
      snapshot(['customer']),
      { there: AT, tags: tags('out', 0), dndAll: { at: AT, on: false } },
    ],
    ['no tag of ours', snapshot([]), { there: AT, tags: tags('none', -1), dndAll: { at: AT, on: false } }],
    [
      'DND, of a webhook about nothing else',
      { eventType: 'ContactDndUpdate', ...snapshot(['cold lead'], true) },
      { there: AT, tags: tags('place', 1), dnd: { at: AT, on: true } },
    ],
    ['without a snapshot only that it is there', {}, { there: AT }],
    ['a deletion', { eventType: 'ContactDelete', ...snapshot(['cold lead']) }, { gone: AT }],
    ['a deletion in the body', against({ deleted: true }), { gone: AT }],
    [
      'signs against dialing',
      against({ tags: ['customer'], dnd: true }),
      { there: AT, tags: tags('out', 0), dndAll: { at: AT, on: true } },
    ],
    ['a tag that may be meant, and would place', against({ tags: ['cold lead'] }), { there: AT }],
    [
      'without a time of its own only what is against dialing',
      { occurredAt: null, ...snapshot(['cold lead']) },
      { heard: AT + 500 },
    ],
    [
      'a tag that keeps out, and DND, also without a time',
      { occurredAt: null, ...snapshot(['customer'], true) },
      { heard: AT + 500, tags: tags('out', 0, AT + 500), dndAll: { at: AT + 500, on: true } },
    ],
    ['what its originals said', { told: { gone: 7 } }, { gone: 7 }],
    ['a replay: nothing', { source: 'replay', ...snapshot(['cold lead']) }, {}],
  ])('%s', (_, changes, told) => {
    expect(said(changes)).toEqual(told);
  });
});

describe('of two statements', () => {
  test('the newer one counts, in whatever order they came', () => {
    for (const key of ['gone', 'there', 'heard'] as const)
      for (const [one, other] of [
        [1, 2],
        [2, 1],
      ])
        expect(merge({ [key]: one }, { [key]: other })).toEqual({ [key]: 2 });
    expect(merge({ gone: 1 }, { there: 2 })).toEqual({ gone: 1, there: 2 });
    const [off, on] = [
      { at: 2, on: false },
      { at: 1, on: true },
    ];
    for (const kind of ['dnd', 'dndAll'] as const) {
      expect(merge({ [kind]: off }, { [kind]: on })).toEqual({ [kind]: off });
      expect(merge({ [kind]: on }, { [kind]: off })).toEqual({ [kind]: off });
    }
  });

  test('a kind of which neither says anything is not there', () => {
    expect(Object.keys(merge({}, {}))).toEqual([]);
    expect(Object.keys(merge({ gone: 1 }, { there: 2 }))).toEqual(['gone', 'there']);
  });

  test('of one time the one against dialing counts, and stays tied', () => {
    const on = { at: 1, on: true };
    const tied = { at: 1, on: true, tied: true };
    expect(merge({ dnd: on }, { dnd: { at: 1, on: false } }).dnd).toEqual(tied);
    expect(merge({ dnd: { at: 1, on: false } }, { dnd: on }).dnd).toEqual(tied);
    expect(merge({ dnd: tied }, { dnd: { at: 1, on: false } }).dnd).toEqual(tied);
    expect(merge({ dnd: on }, { dnd: on }).dnd).toEqual(on);
    expect(merge({ tags: tags('place', 1) }, { tags: tags('out', 0) }).tags).toEqual({ ...tags('out', 0), tied: true });
    expect(merge({ tags: tags('out', 0) }, { tags: tags('out', 0) }).tags).toEqual(tags('out', 0));
  });

  test('tags that took the placing tag away remember that they did', () => {
    expect(merge({ tags: tags('place', 1) }, { tags: tags('none', -1, AT + 1) }).tags?.intent).toBe('removed');
    expect(merge({ tags: tags('removed', -1) }, { tags: tags('none', -1, AT + 1) }).tags?.intent).toBe('removed');
    expect(merge({ tags: tags('out', 0) }, { tags: tags('none', -1, AT + 1) }).tags?.intent).toBe('none');
    expect(merge({ tags: tags('none', -1) }, { tags: tags('place', 1, AT + 1) }).tags?.intent).toBe('place');
  });
});

describe('together with what is remembered', () => {
  test.each([
    ['of a contact that was placed, no tag means that it was removed', {}, tags('none', -1), 1, 'removed'],
    ['of one that was not, it means nothing', {}, tags('none', -1), null, 'none'],
    ['an older statement takes nothing away', { tags: tags('place', 1, AT + 1) }, tags('none', -1), 1, 'place'],
    ['neither does one of the same time', { tags: tags('none', -1) }, tags('none', -1), 1, 'none'],
    ['a newer one does', { tags: tags('place', 1, AT - 1) }, tags('none', -1), 1, 'removed'],
    ['a placing tag places', {}, tags('place', 2), 1, 'place'],
  ] as const)('%s', (_, remembered, given, placedBy, intent) => {
    expect(recall(remembered, { tags: given }, placedBy).tags?.intent).toBe(intent);
  });

  test('what rules out the route by which it was placed removed it', () => {
    expect(recall({}, { signs: { at: AT, routes: 'unu' } }, 1).signs?.removed).toBe(true);
    expect(recall({}, { signs: { at: AT, routes: 'unu' } }, 2).signs?.removed).toBeUndefined();
    expect(recall({}, { signs: { at: AT, routes: 'unu' } }, null).signs?.removed).toBeUndefined();
  });

  test('counts until a read is surely newer', () => {
    const told: Told = {
      gone: AT,
      there: AT,
      tags: tags('out', 0),
      dnd: { at: AT, on: true },
      opportunities: [{ id: 'o', pipelineId: null, stageId: null, status: null, deleted: true, at: AT }],
    };
    expect(stillCounts(told, AT + READ_LAG_MS)).toEqual(told);
    expect(stillCounts(told, AT + READ_LAG_MS + 1)).toEqual({});
    expect(stillCounts({ ...told, gone: AT + 1 }, AT + READ_LAG_MS + 1)).toEqual({ gone: AT + 1 });
  });
});

describe('a read', () => {
  const PLACED: Shown = {
    gone: false,
    priority: 1,
    out: false,
    permitted: true,
    signs: 'nyn',
    phone: 'abcd',
    blocked: false,
    blockedAll: false,
  };
  const GONE = { ...PLACED, gone: true, priority: -1 };
  const BLOCKED = { ...PLACED, blocked: true, blockedAll: true };

  test.each<[string, Told, Shown, number[]]>([
    [
      'that shows what was said contradicts nothing',
      { there: 1, tags: { ...tags('place', 1), at: 2 }, dndAll: { at: 3, on: false } },
      PLACED,
      [],
    ],
    ['that shows a contact that was deleted', { gone: 1 }, PLACED, [1]],
    ['that does not show a contact that is there', { there: 2 }, GONE, [2]],
    ['that does not show a contact of which something was heard', { heard: 3 }, GONE, [3]],
    ['that shows it gone, as was said', { gone: 1 }, GONE, []],
    ['of a contact that came back, seconds later', { gone: 1000, there: 6001 }, PLACED, []],
    ['of a contact that may have come back', { gone: 1000, there: 6000 }, PLACED, [6000]],
    ['of a contact that was there before', { gone: 1000, there: 999 }, PLACED, [1000]],
    ['that shows other tags', { tags: { ...tags('place', 2), at: 4 } }, PLACED, [4]],
    ['that shows no DND', { dndAll: { at: 5, on: true } }, PLACED, [5]],
    ['that shows DND', { dndAll: { at: 5, on: true } }, BLOCKED, []],
    ['that shows DND which was switched off', { dnd: { at: 5, on: false } }, BLOCKED, [5]],
    ['that shows DND for all channels, which was switched off', { dndAll: { at: 6, on: false } }, BLOCKED, [6]],
    ['that shows DND for calls alone', { dndAll: { at: 6, on: false } }, { ...BLOCKED, blockedAll: false }, []],
    ['after statements of one time', { dnd: { at: 7, on: true, tied: true } }, BLOCKED, [7]],
    ['that does not show a contact, whatever its tags', { gone: 1, tags: tags('place', 1) }, GONE, []],
  ])('%s', (_, told, shown, times) => {
    expect(contradicted(told, shown)).toEqual(times);
  });

  test.each<[Told, number | null]>([
    [{}, null],
    [{ dnd: { at: 1, on: true } }, 1],
    [{ dnd: { at: 1, on: true }, dndAll: { at: 2, on: false } }, 1],
    [{ dndAll: { at: 2, on: true } }, 2],
    [{ dndAll: { at: 2, on: true }, dnd: { at: 2, on: false } }, 2],
    [{ dndAll: { at: 2, on: true }, dnd: { at: 3, on: false } }, null],
    [{ dndAll: { at: 2, on: false } }, null],
  ])('DND of %j is on since %s', (told, at) => {
    expect(blockedAt(told)).toBe(at);
  });
});
