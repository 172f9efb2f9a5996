// Many hints about one contact are one piece of work, and only certain ones spare it.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ContactChanged } from '../../../shared/messages.ts';
import { parseMessage } from '../../../shared/messages.ts';
import { coalesce } from '../../../workers/consumer/sync/coalesce.ts';
import { FILE_RULES } from '../../support/rules.ts';

function hint(changes: Partial<ContactChanged> = {}): ContactChanged {
  return {
    v: 1,
    kind: 'contact.changed',
    locationId: 'loc',
    contactId: 'c1',
    eventType: 'ContactUpdate',
    source: 'webhook',
    eventId: 'e1',
    occurredAt: null,
    receivedAt: 1000,
    snapshot: null,
    ...changes,
  };
}
const snapshot = (tags: string[], dnd = false) => ({ tags, dnd });
const one = (...events: ContactChanged[]) => {
  const [work, ...more] = coalesce(events, FILE_RULES);
  if (!work || more.length > 0) throw new Error('one piece of work expected');
  return work;
};

describe('coalesce', () => {
  test('hints of one contact become one piece of work, contacts in order of first arrival', () => {
    const events = [hint({ contactId: 'b' }), hint({ contactId: 'a' }), hint({ contactId: 'b', eventId: 'e2' })];
    expect(coalesce(events, FILE_RULES).map(({ contactId, events: all }) => [contactId, all.length])).toEqual([
      ['b', 2],
      ['a', 1],
    ]);
    expect(coalesce([], FILE_RULES)).toEqual([]);
  });

  test('the latest is the one received last, however the queue ordered them', () => {
    const [old, fresh] = [hint({ receivedAt: 1 }), hint({ receivedAt: 2, eventId: 'e2' })];
    expect(one(fresh, old)).toMatchObject({ latest: fresh, events: [old, fresh] });
  });

  test('property: no hint is lost or doubled, and the order of delivery does not matter', () => {
    const event = fc.record({ contactId: fc.constantFrom('a', 'b', 'c'), receivedAt: fc.nat(), eventId: fc.uuid() });
    fc.assert(
      fc.property(fc.uniqueArray(event, { selector: ({ receivedAt }) => receivedAt }), (changes) => {
        const events = changes.map(hint);
        const works = coalesce(events, FILE_RULES);
        expect(works.flatMap((work) => work.events).toSorted((a, b) => a.receivedAt - b.receivedAt)).toEqual(
          events.toSorted((a, b) => a.receivedAt - b.receivedAt),
        );
        for (const work of works) {
          expect(new Set(work.events.map(({ contactId }) => contactId))).toEqual(new Set([work.contactId]));
          expect(work.latest.receivedAt).toBe(Math.max(...work.events.map(({ receivedAt }) => receivedAt)));
        }
      }),
    );
  });
});

describe('what a hint spares', () => {
  test.each<[string, ContactChanged, { noRuleMatches: boolean; mayMatter: boolean }]>([
    ['no snapshot: unknown', hint(), { noRuleMatches: false, mayMatter: true }],
    ['no route names it', hint({ snapshot: snapshot(['x']) }), { noRuleMatches: true, mayMatter: false }],
    ['a route places it', hint({ snapshot: snapshot(['cold lead']) }), { noRuleMatches: false, mayMatter: true }],
    ['a route keeps it out', hint({ snapshot: snapshot(['customer']) }), { noRuleMatches: false, mayMatter: true }],
    ['it must not be called', hint({ snapshot: snapshot(['x'], true) }), { noRuleMatches: false, mayMatter: true }],
    [
      'it was deleted, and no route names it: matters only where we know it',
      hint({ eventType: 'ContactDelete', snapshot: snapshot(['x'], true) }),
      { noRuleMatches: false, mayMatter: false },
    ],
    [
      'it was deleted, and a route places it: its creation may be told later',
      hint({ eventType: 'ContactDelete', snapshot: snapshot(['cold lead']) }),
      { noRuleMatches: false, mayMatter: true },
    ],
    [
      'it was deleted, with tags that nobody could read',
      hint({ eventType: 'ContactDelete' }),
      { noRuleMatches: false, mayMatter: true },
    ],
  ])('%s', (_, event, expected) => {
    expect(one(event)).toMatchObject(expected);
  });

  test('one hint that may matter outweighs all that do not', () => {
    const idle = hint({ snapshot: snapshot(['x']) });
    expect(one(idle, hint({ snapshot: snapshot(['cold lead']) }), idle)).toMatchObject({
      noRuleMatches: false,
      mayMatter: true,
    });
    const deleted = hint({ eventType: 'ContactDelete', snapshot: snapshot(['x']) });
    expect(one(idle, deleted)).toMatchObject({ noRuleMatches: false, mayMatter: false });
  });

  test('the search hash is remembered only where nobody but the backstop asked', () => {
    const page = hint({ source: 'backstop', searchHash: 'h1' });
    expect(one(page).searchHash).toBe('h1');
    expect(one(page, hint({ source: 'backstop', searchHash: 'h2', receivedAt: 2000 })).searchHash).toBe('h2');
    // A run that verifies the contact names no row.
    expect(one(page, hint({ source: 'backstop', verify: true, receivedAt: 2000 })).searchHash).toBe('h1');
    expect(one(page, hint()).searchHash).toBeNull();
    expect(one(hint({ searchHash: 'h1' })).searchHash).toBeNull();
  });
});

describe('messages', () => {
  test('property: what is put into a queue is read back as it was', () => {
    const event = fc.record({
      contactId: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
      occurredAt: fc.option(fc.nat()),
      snapshot: fc.option(fc.record({ tags: fc.array(fc.string()), dnd: fc.boolean() })),
      source: fc.constantFrom('webhook', 'workflow', 'backstop', 'replay', 'followup'),
    });
    fc.assert(
      fc.property(event, (changes) => {
        const message = hint(changes as Partial<ContactChanged>);
        expect(parseMessage(JSON.parse(JSON.stringify(message)))).toEqual(message);
      }),
    );
  });

  test.each([
    ['nothing', undefined],
    ['text', 'contact.changed'],
    ['a later version', { ...hint(), v: 2 }],
    ['an unknown kind', { ...hint(), kind: 'contact.merged' }],
    ['no contact', { ...hint(), contactId: undefined }],
    ['no word on a snapshot', { ...hint(), snapshot: undefined }],
    ['an id that is none', { ...hint(), contactId: '../contacts' }],
    ['a page without a run', { v: 1, kind: 'backstop.page', locationId: 'loc', page: 0, cursor: null }],
  ])('what this build cannot read is null, not a crash: %s', (_, body) => {
    expect(parseMessage(body)).toBeNull();
  });

  test('keys that a later build adds do not matter', () => {
    expect(parseMessage({ ...hint(), later: 1 })).toEqual(hint());
  });
});

test('a tag of our own that comes back shows a route only where nothing else is asked of tags', () => {
  const event = hint({ eventType: 'ContactTagUpdate', snapshot: snapshot(['cold lead']) });
  const shown = (require: object) => coalesce([event], { ...FILE_RULES, require })[0]?.shownRoute;
  expect(shown({})).toBe(2);
  expect(shown({ source: { exists: true } })).toBe(2);
  expect(shown({ tags: ['consented'] })).toBeNull();
  expect(shown({ not: { words: ['no'] } })).toBeNull();
});
