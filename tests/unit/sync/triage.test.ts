// What is spared after a claim: only what was read since, and has provably taken effect.

import { describe, expect, test } from 'vitest';
import type { ContactChanged } from '../../../shared/messages.ts';
import type { Rules } from '../../../workers/consumer/domain/rules/conditions.ts';
import type { ContactRow, DialerRow } from '../../../workers/consumer/store/claim.ts';
import { coalesce } from '../../../workers/consumer/sync/coalesce.ts';
import { triage } from '../../../workers/consumer/sync/triage.ts';
import { contactRow, dialerRow } from '../../support/batch-harness.ts';
import { TWO_ROUTES } from '../../support/rules.ts';

const NOW = 1_000_000;
/** Later than the hint by more than clocks may differ. */
const READ_AT = NOW - 10_000;
const HEARD_AT = READ_AT - 5001;

const hint = (changes: Partial<ContactChanged> = {}): ContactChanged => ({
  v: 1,
  kind: 'contact.changed',
  locationId: 'here',
  contactId: 'one',
  eventType: 'ContactUpdate',
  source: 'webhook',
  eventId: 'e1',
  occurredAt: null,
  receivedAt: HEARD_AT,
  snapshot: null,
  ...changes,
});

function kindOf(
  events: ContactChanged[],
  contact: Partial<ContactRow> = {},
  phone: Partial<DialerRow> = {},
  earlier: Partial<DialerRow> | null = null,
  rules = TWO_ROUTES,
) {
  const row = contactRow({ route: 'cold-lead', readAt: READ_AT, ...contact });
  const held = dialerRow(phone);
  const [work] = coalesce(events, rules);
  if (!work) throw new Error('no work');
  const dialer = new Map([['p', held]]);
  if (earlier) dialer.set('before', dialerRow({ phoneHash: 'before', ...earlier }));
  return triage(work, { contacts: new Map([['one', row]]), dialer, intents: new Map() }, NOW).kind;
}

test('copies of a webhook that came before the last read cost nothing', () => {
  expect(kindOf([hint(), hint({ source: 'workflow', receivedAt: HEARD_AT - 60_000 })])).toBe('skipped');
  expect(kindOf([hint()], { state: 'kept_out', intent: 'dnc' })).toBe('skipped');
});

test('of a contact of which any number is in doubt nothing is spared, an earlier one too', () => {
  expect(kindOf([hint()], {}, {}, {})).toBe('skipped');
  expect(kindOf([hint()], {}, {}, { inDoubt: true })).toBe('task');
  expect(kindOf([hint()], {}, { inDoubt: true }, {})).toBe('task');
});

test('a webhook that says something else than another one of the same time is worked on, although the contact was read since', () => {
  const retag = (tags: string[]) => hint({ occurredAt: HEARD_AT, snapshot: { tags, dnd: false } });
  const out = { at: HEARD_AT, priority: 0, intent: 'out' as const };
  const row = { state: 'kept_out', reason: 'route', route: 'customer', intent: 'out', priority: 0 } as const;
  expect(kindOf([retag(['cold lead'])], { ...row, told: { tags: out } })).toBe('task');
  expect(kindOf([retag(['cold lead'])], { ...row, told: { tags: { ...out, tied: true } } })).toBe('skipped');
  expect(kindOf([retag(['customer'])], { ...row, told: { tags: out } })).toBe('skipped');
});

test.each([
  ['one that came later', [hint(), hint({ receivedAt: HEARD_AT + 1 })]],
  ['a copy that stands for a later one', [hint({ newestAt: HEARD_AT + 1 })]],
  ['a replay', [hint({ source: 'replay' })]],
  ['another look that we asked for', [hint(), hint({ source: 'followup' })]],
  ['the backstop', [hint({ source: 'backstop' })]],
])('%s is worked on', (_, events) => {
  expect(kindOf(events)).toBe('task');
});

const asked = (changes: Partial<ContactChanged> = {}) => hint({ source: 'backstop', searchHash: 'row', ...changes });

test('a second message of the backstop about a row costs nothing once the first is processed', () => {
  expect(kindOf([asked(), asked({ runId: 'another' })], { searchHash: 'row' })).toBe('skipped');
});

test.each<[string, ContactChanged[], Partial<ContactRow>]>([
  ['another row was settled', [asked()], { searchHash: 'other' }],
  ['a run still waits for word of it', [asked()], { searchHash: 'row', queued: true }],
  ['the last try failed', [asked()], { searchHash: 'row', attempts: 1 }],
  ['CallTools is to be asked', [asked(), asked({ verify: true })], { searchHash: 'row' }],
  ['no page showed it', [asked(), hint({ source: 'backstop' })], { searchHash: 'row' }],
  ['somebody else asks too', [asked(), hint({ source: 'replay' })], { searchHash: 'row' }],
])('a message of the backstop is worked on where %s', (_, events, contact) => {
  expect(kindOf(events, contact)).toBe('task');
});

test.each([
  ['the last try failed', { attempts: 1 }, {}],
  ['it is a dead letter', { state: 'failed' as const }, {}],
  ['it has never ended', { state: 'pending' as const }, {}],
  ['what CallTools holds is not known', {}, { fingerprint: null }],
  ['an earlier claim died', {}, { inDoubt: true }],
  ['a write is in doubt', {}, { doubtUntil: NOW + 1 }],
])('what was read since, where %s, is worked on all the same', (_, contact, phone) => {
  expect(kindOf([hint()], contact, phone)).toBe('task');
});

test('a contact that nobody knows, and which cannot matter, is over', () => {
  const [work] = coalesce([hint()], TWO_ROUTES);
  if (!work) throw new Error('no work');
  expect(triage(work, { contacts: new Map(), dialer: new Map(), intents: new Map() }, NOW).kind).toBe('skipped');
});

test.each<[string, Partial<ContactRow>, Partial<DialerRow>]>([
  ['the contact', { mine: false }, {}],
  ['its number', {}, { mine: false }],
  ['a number that still shows it', { phoneHash: 'new' }, { mine: false }],
])('while another batch holds %s it is busy: neither worked on nor over', (_, contact, phone) => {
  expect(kindOf([hint({ receivedAt: HEARD_AT + 1 })], contact, phone)).toBe('busy');
  // Copies that would be spared too: what was read may not have taken effect yet.
  expect(kindOf([hint()], contact, phone)).toBe('busy');
});

test('a number that another batch holds is no obstacle where it does not concern the contact', () => {
  expect(kindOf([hint({ receivedAt: HEARD_AT + 1 })], {}, { phoneHash: 'q', contactId: 'two', mine: false })).toBe(
    'task',
  );
});

describe('two numbers away: "q" is on one CallTools contact with the own number, and on another with "r", which another batch holds', () => {
  const both: [number, string[]] = [1, ['p', 'q']];
  const further: [number, string[]] = [2, ['q', 'r']];
  const dialer = new Map([
    ['p', dialerRow({ carriers: new Map([both]) })],
    ['q', dialerRow({ phoneHash: 'q', contactId: 'two', carriers: new Map([both, further]) })],
    ['r', dialerRow({ phoneHash: 'r', contactId: 'three', carriers: new Map([further]), mine: false })],
  ]);

  test.each([
    ['wants to be dialed under', 'place', 'busy'],
    ['wants nobody to be dialed under', 'out', 'busy'],
    ['has no wish for', 'none', 'task'],
  ] as const)('where a contact %s "q" (%s): %s', (_, intent, kind) => {
    const [work] = coalesce([hint({ receivedAt: HEARD_AT + 1 })], TWO_ROUTES);
    if (!work) throw new Error('no work');
    const contacts = new Map([['one', contactRow({ route: 'cold-lead', readAt: READ_AT })]]);
    const intents = new Map([['q', [{ contactId: 'two', intent, priority: 1, phoneHash: 'q' }]]]);
    expect(triage(work, { contacts, dialer, intents }, NOW).kind).toBe(kind);
  });
});

describe('a fresh snapshot that no route places', () => {
  const OUT = { state: 'kept_out', intent: 'none', readAt: 0 } as const;
  const NOWHERE = { mayBeInBucket: false, contactId: null };
  const quiet = (contact: Partial<ContactRow> = {}, phone: Partial<DialerRow> = {}, tags = ['newsletter']) =>
    kindOf([hint({ snapshot: { tags, dnd: false } })], { ...OUT, ...contact }, { ...NOWHERE, ...phone });

  test('is over for a contact that has no say and that CallTools does not hold', () => {
    expect(quiet()).toBe('skipped');
  });

  test.each<[string, Partial<ContactRow>, Partial<DialerRow>]>([
    ['it was placed', { state: 'placed', intent: 'place' }, {}],
    ['it would be placed, and shares a number', { intent: 'place' }, {}],
    ['it keeps its number out', { intent: 'out' }, {}],
    ['it asked not to be called', { intent: 'dnc' }, {}],
    ['it has failed', { state: 'failed' }, {}],
    ['it has never been read', { state: 'pending' }, {}],
    ['CallTools holds it', {}, { mayBeInBucket: true }],
    ['CallTools may hold it', {}, { inDoubt: true }],
    ['what CallTools holds is not known', {}, { fingerprint: null }],
  ])('and is read where %s', (_, contact, phone) => {
    expect(quiet(contact, phone)).toBe('task');
  });

  test('and is read where a route matches', () => {
    expect(quiet({}, {}, ['cold lead'])).toBe('task');
  });
});

describe('one of several webhooks about one change, right after the read', () => {
  const said = (changes: Partial<ContactChanged> = {}, tags = ['cold lead'], dnd = false) => {
    const receivedAt = READ_AT + 100;
    const eventType = 'ContactTagUpdate';
    return hint({ eventType, receivedAt, occurredAt: receivedAt, snapshot: { tags, dnd }, ...changes });
  };

  test.each([
    ['its tags', [said()]],
    ['that it is new', [said({ eventType: 'ContactCreate' })]],
    ['both', [said({ eventType: 'ContactCreate' }), said()]],
    ['it as late as such a webhook comes', [said({ receivedAt: READ_AT + 10_000 })]],
  ])('costs nothing where it says what the read has shown: %s', (_, events) => {
    expect(kindOf(events)).toBe('skipped');
  });

  test.each<[string, ContactChanged[], Partial<ContactRow>?]>([
    ['another route', [said({}, ['customer'])]],
    ['no route', [said({}, [])]],
    ['do-not-disturb', [said({}, ['cold lead'], true)]],
    ['that it changed, which may be anything', [said({ eventType: 'ContactUpdate' })]],
    ['the same, among others', [said(), said({ eventType: 'ContactUpdate' })]],
    ['nothing that is known to be fresh', [said({ snapshot: null })]],
    ['a deletion', [said({ eventType: 'ContactDelete', snapshot: null })]],
    ['it for others too', [said({ told: {} })]],
    ['it a while later', [said({ receivedAt: READ_AT + 10_001 })]],
    ['that a contact is there that was gone', [said()], { state: 'kept_out', reason: 'deleted' }],
    ['the same of a contact that was not done', [said()], { state: 'pending', attempts: 1 }],
  ])('is worked on where it says %s', (_, events, contact = {}) => {
    expect(kindOf(events, contact)).toBe('task');
  });
});

describe('a webhook that came before the last read', () => {
  const said = (eventType: string, tags: string[], dnd = false) =>
    hint({ eventType, occurredAt: HEARD_AT, snapshot: { tags, dnd } });
  const COLD = ['cold lead'];

  test.each<[string, ContactChanged, Partial<ContactRow>]>([
    ['the contact was deleted', hint({ eventType: 'ContactDelete', occurredAt: HEARD_AT }), {}],
    ['its tag was removed', said('ContactTagUpdate', []), {}],
    ['it became a customer', said('ContactTagUpdate', ['customer']), {}],
    ['it asked not to be called', said('ContactDndUpdate', COLD, true), {}],
    [
      'it has the tag',
      said('ContactTagUpdate', COLD),
      { state: 'kept_out', intent: 'none', reason: 'no_route', route: null },
    ],
    ['it is there', hint(), { state: 'kept_out', intent: 'none', reason: 'deleted', route: null }],
    ['DND is off', said('ContactDndUpdate', COLD), { state: 'kept_out', intent: 'dnc', reason: 'dnd' }],
  ])('is read where it says otherwise than that read: %s', (_, event, contact) => {
    expect(kindOf([event], contact)).toBe('task');
  });

  test.each<[string, Partial<ContactRow>]>([
    ['the read showed the same', {}],
    [
      'it was taken into account',
      { route: null, intent: 'none', told: { tags: { at: HEARD_AT, priority: 1, intent: 'place' } } },
    ],
    ['the read is surely newer', { route: null, intent: 'none', readAt: HEARD_AT + 120_001 }],
  ])('costs nothing where %s', (_, contact) => {
    expect(kindOf([said('ContactTagUpdate', COLD)], contact)).toBe('skipped');
  });

  describe('where "require" asks for a tag', () => {
    const rules: Rules = { ...TWO_ROUTES, require: { tags: ['ok to call'] } };
    const at = HEARD_AT;
    const yes = said('ContactTagUpdate', ['cold lead', 'ok to call']);
    const no = said('ContactTagUpdate', COLD);
    const priority = 1;
    const unmet = { state: 'kept_out', intent: 'none', reason: 'not_permitted' } as const;
    const told = (intent: 'place' | 'none' | 'removed') => ({ told: { tags: { at, priority, intent } } });

    test.each<[string, ContactChanged, Partial<ContactRow>, 'task' | 'skipped']>([
      ['the tag is gone, and the contact is placed', no, {}, 'task'],
      ['the tag is gone, as was taken into account', no, told('removed'), 'skipped'],
      ['the tag is gone, and another of that time said that it is there', no, told('place'), 'task'],
      ['the tag is gone, as the read showed', no, unmet, 'skipped'],
      ['the tag is there, as the read showed', yes, {}, 'skipped'],
      ['the tag is there, and the read showed that something else is missing', yes, unmet, 'skipped'],
      ['the tag is there, of a contact without a number', yes, { ...unmet, reason: 'no_phone' }, 'skipped'],
    ])('the same route: %s', (_, event, contact, kind) => {
      expect(kindOf([event], { priority, ...contact }, {}, null, rules)).toBe(kind);
    });
  });

  const look = hint({ source: 'followup', eventType: 'ReadAgain' });
  test.each<[string, Partial<ContactRow>, 'task' | 'skipped']>([
    ['has come', { lookAt: NOW }, 'task'],
    ['comes a little early by our clock', { lookAt: NOW + 2000 }, 'task'],
    ['is a leftover: the next one is planned', { lookAt: NOW + 10_000 }, 'skipped'],
    ['is a leftover: nothing contradicts any more', { lookAt: null }, 'skipped'],
  ])('a look that %s', (_, contact, kind) => {
    expect(kindOf([look], contact)).toBe(kind);
  });

  test('a copy of a webhook does the work of a look that is due', () => {
    expect(kindOf([hint()], { lookAt: NOW - 1 })).toBe('task');
  });
});
