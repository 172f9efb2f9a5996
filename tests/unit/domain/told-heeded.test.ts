// What webhooks say of a contact: whether it is worth a read, and what it makes of a decision.

import { describe, expect, test } from 'vitest';
import type { Told } from '../../../shared/messages.ts';
import { agrees, heed, outUnread, READ_LAG_MS, type Remembered } from '../../../workers/consumer/domain/told.ts';
import { decisionOf, RULES } from '../../support/batch-harness.ts';

const AT = 1_795_000_000_000;
const tags = (intent: 'place' | 'none' | 'removed' | 'out', priority: number, at = AT) => ({ at, intent, priority });

describe('adds nothing', () => {
  const remembered = (changes: Partial<Remembered> = {}): Remembered => ({
    told: {},
    reason: 'placed',
    route: 'cold',
    priority: 1,
    intent: 'place',
    readAt: 0,
    ...changes,
  });

  test.each<[string, Told, Partial<Remembered>, boolean]>([
    ['the route that it has', { tags: tags('place', 1) }, {}, true],
    ['another route', { tags: tags('place', 2) }, {}, false],
    ['the route, no longer permitted', { tags: tags('none', 1) }, {}, false],
    ['the same, of a contact that is not placed', { tags: tags('none', 1) }, { intent: 'none' }, true],
    [
      'no route, of a contact without one',
      { tags: tags('none', -1) },
      { route: null, priority: 0, intent: 'none' },
      true,
    ],
    [
      'the first route, of a contact without one',
      { tags: tags('out', 0) },
      { route: null, priority: 0, intent: 'none' },
      false,
    ],
    ['another route, known already', { tags: tags('out', 0) }, { told: { tags: tags('out', 0) } }, true],
    [
      'another route, older than what is known',
      { tags: tags('out', 0) },
      { told: { tags: tags('place', 1, AT + 1) } },
      true,
    ],
    ['another route of the same time', { tags: tags('out', 0) }, { told: { tags: tags('place', 1) } }, false],
    ['another route, long before the read', { tags: tags('out', 0) }, { readAt: AT + READ_LAG_MS + 1 }, true],
    ['another route, just before the read', { tags: tags('out', 0) }, { readAt: AT + READ_LAG_MS }, false],
    ['a deletion', { gone: AT }, {}, false],
    ['a deletion that is known', { gone: AT }, { told: { gone: AT } }, true],
    ['a deletion, of a contact that is gone', { gone: AT }, { reason: 'deleted' }, true],
    ['that it is there', { there: AT, heard: AT }, {}, true],
    ['that it is there, of a contact that is gone', { there: AT }, { reason: 'deleted' }, false],
    ['that something was heard, of a contact that is gone', { heard: AT }, { reason: 'deleted' }, false],
    ['no DND', { dnd: { at: AT, on: false }, dndAll: { at: AT, on: false } }, {}, true],
    ['DND', { dnd: { at: AT, on: true } }, {}, false],
    ['DND for all', { dndAll: { at: AT, on: true } }, {}, false],
    [
      'DND of a contact that has it',
      { dnd: { at: AT, on: true }, dndAll: { at: AT, on: true } },
      { reason: 'dnd' },
      true,
    ],
    ['DND of a contact that is marked', { dnd: { at: AT, on: true } }, { intent: 'dnc' }, true],
    ['no DND, of a contact that has it', { dndAll: { at: AT, on: false } }, { intent: 'dnc' }, false],
    ['DND that is known', { dndAll: { at: AT, on: true } }, { told: { dndAll: { at: AT, on: true } } }, true],
    [
      'DND of the time at which it was off',
      { dndAll: { at: AT, on: true } },
      { told: { dndAll: { at: AT, on: false } } },
      false,
    ],
    [
      'DND of a time that is tied',
      { dnd: { at: AT, on: true } },
      { told: { dnd: { at: AT, on: false, tied: true } } },
      true,
    ],
    ['other signs', { signs: { at: AT, routes: 'nun' } }, {}, false],
    ['the same signs', { signs: { at: AT, routes: 'nun' } }, { told: { signs: { at: 1, routes: 'nun' } } }, true],
    [
      'an opportunity',
      { opportunities: [{ id: 'o', pipelineId: 'p', stageId: 's', status: 'open', deleted: false, at: AT }] },
      {},
      false,
    ],
  ])('%s', (_, said, changes, expected) => {
    expect(agrees(said, remembered(changes))).toBe(expected);
  });
});

describe('a decision', () => {
  const PLACE = decisionOf('place');
  const OUT = { reason: 'webhook_said_out', person: null };

  test.each<[string, Told, object]>([
    ['DND', { dnd: { at: AT, on: true } }, { ...OUT, intent: 'out', route: 'cold', priority: 1 }],
    ['a route that keeps out', { tags: tags('out', 0) }, { ...OUT, intent: 'out', route: 'customer', priority: 0 }],
    ['a deletion', { gone: AT }, { ...OUT, intent: 'none' }],
    ['the placing tag removed', { tags: tags('removed', -1) }, { ...OUT, intent: 'none', route: null, priority: -1 }],
    [
      'signs that rule its route out',
      { signs: { at: AT, routes: 'nnu' } },
      { ...OUT, intent: 'none', route: null, priority: -1 },
    ],
    [
      'signs of an earlier route that keeps out',
      { signs: { at: AT, routes: 'yyn' } },
      { ...OUT, intent: 'out', route: 'customer', priority: 0 },
    ],
  ])('to place yields to %s', (_, told, expected) => {
    const heeded = heed({ ...PLACE, condition: 'state' }, told, RULES);
    expect(heeded).toMatchObject(expected);
    expect(heeded).not.toHaveProperty('condition');
  });

  test.each<[string, Told]>([
    ['what places', { tags: tags('place', 2), there: AT }],
    ['no tag, where none was removed', { tags: tags('none', -1) }],
    ['no DND', { dnd: { at: AT, on: false } }],
    ['a deletion that was taken back', { gone: AT, there: AT + 5001 }],
    ['signs that let its route stand', { signs: { at: AT, routes: 'nyu' } }],
  ])('to place stands beside %s', (_, told) => {
    expect(heed(PLACE, told, RULES)).toBe(PLACE);
  });

  test('that keeps out, or has no number, is strict enough', () => {
    const told: Told = { dnd: { at: AT, on: true }, gone: AT };
    for (const decision of [decisionOf('out'), decisionOf('dnc'), decisionOf('none', { phone: null })])
      expect(heed(decision, told, RULES)).toBe(decision);
  });

  test('that places nobody yields to DND and to a route that keeps out, and to nothing else', () => {
    const none = decisionOf('none');
    expect(heed(none, { dndAll: { at: AT, on: true } }, RULES).intent).toBe('out');
    expect(heed(none, { tags: tags('out', 0) }, RULES).intent).toBe('out');
    const others = [{ gone: AT }, { tags: tags('removed', -1) }, { signs: { at: AT, routes: 'yyy' } }];
    for (const other of others) expect(heed(none, other, RULES)).toBe(none);
  });

  test('with unread fields might have been to place', () => {
    const unread = decisionOf('none', { unread: ['contact.tags'] });
    expect(heed(unread, { gone: AT }, RULES)).toMatchObject({ ...OUT, intent: 'none' });
    expect(heed(unread, { signs: { at: AT, routes: 'nnn', removed: true } }, RULES)).toMatchObject(OUT);
    expect(heed(unread, { signs: { at: AT, routes: 'nnn' } }, RULES)).toBe(unread);
  });

  test.each<[string, Told, Parameters<typeof outUnread>[2], object | null]>([
    ['nothing against dialing', { there: AT, tags: tags('place', 1) }, 'place', null],
    ['DND', { dnd: { at: AT, on: true } }, 'place', { reason: 'webhook_said_out', intent: 'out' }],
    ['a deletion', { gone: AT }, 'place', { reason: 'webhook_said_out', intent: 'none' }],
    ['a deletion of a contact that was marked', { gone: AT }, 'dnc', { reason: 'webhook_said_out', intent: 'dnc' }],
    ['a deletion of one that was kept out', { gone: AT }, 'out', { reason: 'webhook_said_out', intent: 'out' }],
    [
      'DND of one that wanted nothing',
      { dnd: { at: AT, on: true } },
      'none',
      { reason: 'webhook_said_out', intent: 'out' },
    ],
  ])('without a read, by webhooks alone: %s', (_, told, remembered, expected) => {
    const decision = outUnread(told, RULES, remembered, null);
    if (expected === null) expect(decision).toBeNull();
    else expect(decision).toMatchObject(expected);
    expect(decision ?? {}).not.toHaveProperty('unread');
  });
});
