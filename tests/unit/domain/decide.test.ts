// The decision, pure: doubt and refusals keep people out, and of several contacts with one phone the stricter wish wins.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type GhlContact, type Known, readContact } from '../../../workers/consumer/domain/contact.ts';
import {
  combine,
  decide,
  managedLabels,
  type PhoneIntent,
  type Wanted,
} from '../../../workers/consumer/domain/decide.ts';
import { canonical } from '../../../workers/consumer/domain/fingerprint.ts';
import { toE164 } from '../../../workers/consumer/domain/phone.ts';
import type { Rules } from '../../../workers/consumer/domain/rules/conditions.ts';
import { parseRules } from '../../../workers/consumer/domain/rules/setting.ts';
import { planWith } from '../../support/field-plan.ts';
import { FILE_RULES } from '../../support/rules.ts';
import { place } from '../../support/vendor-harness.ts';

const PHONE = '+13055550142';
const PLAN = planWith();

function found(changes: Partial<GhlContact> = {}): Known {
  const { contact } = readContact({ id: 'c1', phone: PHONE, tags: ['cold lead'] });
  return { kind: 'found', contact: { ...contact, ...changes } };
}

const decided = (changes: Partial<GhlContact> = {}, rules: Rules = FILE_RULES) =>
  decide(found(changes), { rules, country: 'US', plan: PLAN, now: 0 });

/** The decision for a contact that has a number and is not dialed. */
function undialed(intent: string, reason: string, priority: number, route: string | null) {
  return { intent, reason, priority, route, phone: PHONE, person: null };
}

describe('where a contact belongs', () => {
  test('a cold lead with a phone is placed', () => {
    expect(decided()).toEqual({
      intent: 'place',
      reason: 'placed',
      priority: 2,
      route: 'cold-lead',
      phone: PHONE,
      person: { contactId: 'c1', phone: PHONE, fields: {} },
      because: 'of tag "cold lead"',
    });
  });

  test('a customer is kept out by its route', () => {
    expect(decided({ tags: ['cold lead', 'customer'] })).toEqual({
      ...undialed('out', 'route', 1, 'customer'),
      because: 'of a tag with the word "customer"',
    });
  });

  test('without a matching route a contact has no say', () => {
    expect(decided({ tags: ['newsletter'] })).toEqual(undialed('none', 'no_route', -1, null));
  });

  test('a deleted contact has no say', () => {
    expect(decide({ kind: 'gone' }, { rules: FILE_RULES, country: 'US', plan: PLAN, now: 0 })).toEqual({
      intent: 'none',
      reason: 'deleted',
      priority: -1,
      route: null,
      phone: null,
      person: null,
    });
  });

  test.each([
    { dnd: true },
    { dndSettings: { Call: { status: 'permanent' } } },
    { dndSettings: { call: { status: '?' } } },
  ])('who must not be called is out and marked, whatever the tags: %j', (dnd) => {
    for (const tags of [['cold lead'], ['customer'], []])
      expect(decided({ ...dnd, tags })).toMatchObject({ intent: 'dnc', reason: 'dnd', phone: PHONE, person: null });
  });

  test.each([null, '', 'null', '555-0142', 'call me', '+1'])('no usable phone (%j): kept out', (phone) => {
    expect(decided({ phone })).toMatchObject({ intent: 'none', reason: 'no_phone', phone: null });
    expect(decided({ phone, dnd: true })).toMatchObject({ intent: 'dnc', reason: 'dnd', phone: null });
  });

  test('numbers without a country code belong to the default country', () => {
    expect(
      decide(found({ phone: '020 7946 0958' }), { rules: FILE_RULES, country: 'GB', plan: PLAN, now: 0 }),
    ).toMatchObject({
      phone: '+442079460958',
    });
    expect(toE164('(305) 555-0142', 'US')).toBe(PHONE);
    expect(toE164('+44 20 7946 0958', 'US')).toBe('+442079460958');
  });

  test.each([
    'Do not call 305-555-0142',
    '305-555-0142 or 305-555-0143',
    '305-555-0142\n305-555-0143',
    'call after 5: +13055550142',
    'mobile: 305-555-0142',
    '305-555-0142 (work)',
    '305-555-0142/0143',
    '305-555-0142 x12',
    'tel:+13055550142;ext=3',
    '+13055550142,,12#',
    '1-800-FLOWERS',
    'x3055550142',
  ])('a text that is not one number as a whole (%j) is none', (phone) => {
    expect(decided({ phone })).toMatchObject({ intent: 'none', reason: 'no_phone', phone: null });
  });

  test.each([
    ' (305) 555-0142 ',
    '+1 305.555.0142',
    '1-305-555-0142',
    '305–555‑0142',
    '305−555−0142',
    'tel:+13055550142',
    'TEL: +1-305-555-0142',
    '\u202a+1 (305)\u00a0555-0142\u202c',
    '\ufeff3055550142\n',
    '+１ ３０５ ５５５ ０１４２',
    '٣٠٥٥٥٥٠١٤٢',
  ])('a number is one however it is written: %j', (phone) => {
    expect(decided({ phone })).toMatchObject({ intent: 'place', phone: PHONE });
  });

  test('property: words around a number make it none', () => {
    const word = fc.stringMatching(/^[a-z]{2,8}$/).filter((text) => !['ext', 'tel'].includes(text));
    fc.assert(
      fc.property(word, fc.boolean(), fc.constantFrom(' ', ': ', ' - '), (text, before, between) => {
        expect(toE164(before ? text + between + PHONE : PHONE + between + text, 'US')).toBeNull();
      }),
    );
  });

  test('property: a contact that is blocked, a customer or without a phone is never placed', () => {
    const tag = fc.constantFrom('cold lead', 'Cold Lead', 'customer', 'past client', 'x');
    const phone = fc.constantFrom(PHONE, '(305) 555-0142', '', '12', null);
    const dnd = fc.constantFrom(undefined, false, true, 'yes');
    fc.assert(
      fc.property(fc.array(tag), phone, dnd, (tags, number, flag) => {
        const { intent } = decided({ tags, phone: number, dnd: flag });
        const may = !tags.some((t) => /customer|client/.test(t)) && toE164(number, 'US') !== null && !flag;
        expect(intent === 'place').toBe(may && tags.some((t) => t.toLowerCase() === 'cold lead'));
      }),
    );
  });
});

describe('what CallTools is shown of a person', () => {
  test('every field that GoHighLevel has, trimmed, under CallTools’ names', () => {
    const changes = { firstName: ' Dana', lastName: 'Reyes', email: ' dana@example.com ', city: 'Miami', state: 'FL' };
    expect(decided({ ...changes, address1: '1 Main St', postalCode: '33101' }).person).toEqual({
      contactId: 'c1',
      phone: PHONE,
      email: 'dana@example.com',
      fields: {
        first_name: 'Dana',
        last_name: 'Reyes',
        address: '1 Main St',
        city: 'Miami',
        state: 'FL',
        zip_code: '33101',
      },
    });
  });

  test('nothing in any spelling is left out: an empty text would overwrite', () => {
    const nothing = { firstName: '', lastName: ' ', email: 'null', address1: null, city: null, state: 'null' };
    expect(decided(nothing).person).toEqual({ contactId: 'c1', phone: PHONE, fields: {} });
  });

  test.each([null, '', 'null'])('the search’s spelling of the address counts where address1 is %j', (address1) => {
    expect(decided({ address1, address: '1 Main St' }).person?.fields).toEqual({ address: '1 Main St' });
  });
});

describe('one phone, several contacts', () => {
  const intent = (contactId: string, kind: PhoneIntent['intent'], priority = 1): PhoneIntent => ({
    contactId,
    intent: kind,
    priority,
  });

  test('keep out beats place, and a refusal beats both', () => {
    expect(combine([intent('a', 'place'), intent('b', 'out')])).toEqual({ kind: 'out', doNotContact: false });
    expect(combine([intent('a', 'place'), intent('b', 'dnc'), intent('c', 'out')])).toEqual({
      kind: 'out',
      doNotContact: true,
    });
  });

  test('a contact with the intent none changes nothing, and without any other intent the number is out', () => {
    expect(combine([intent('a', 'place'), intent('b', 'none')])).toMatchObject({ kind: 'place', primary: 'a' });
    expect(combine([intent('b', 'none')])).toEqual({ kind: 'out', doNotContact: false });
    expect(combine([])).toEqual({ kind: 'out', doNotContact: false });
  });

  test('among several that place, the first route leads, then the lowest id', () => {
    expect(combine([intent('a', 'place', 2), intent('c', 'place', 1), intent('b', 'place', 1)])).toEqual({
      kind: 'place',
      primary: 'b',
      priority: 1,
    });
  });

  const intents = fc.uniqueArray(
    fc.record({
      contactId: fc.stringMatching(/^[a-z]{1,3}$/),
      intent: fc.constantFrom<PhoneIntent['intent']>('place', 'out', 'dnc', 'none'),
      priority: fc.nat(3),
    }),
    { selector: ({ contactId }) => contactId, maxLength: 6 },
  );
  const STRICTNESS = { none: 0, place: 0, out: 1, dnc: 2 };

  test('property: the order of the contacts does not matter', () => {
    fc.assert(
      fc.property(
        intents.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          expect(combine(shuffled)).toEqual(combine(all));
        },
      ),
    );
  });

  test('property: one more contact never makes it laxer', () => {
    const strictness = (all: PhoneIntent[]) => {
      const combined = combine(all);
      return combined.kind === 'place' ? 0 : combined.doNotContact ? 2 : 1;
    };
    fc.assert(
      fc.property(intents, (all) => {
        const strictest = Math.max(0, ...all.map(({ intent: kind }) => STRICTNESS[kind]));
        expect(strictness(all)).toBeGreaterThanOrEqual(strictest);
        if (strictest === 0) expect(strictness(all)).toBe(all.some(({ intent: kind }) => kind === 'place') ? 0 : 1);
      }),
    );
  });
});

describe('fingerprint', () => {
  const by = (rules: Rules, fields: string[]) => ({ rules, fields, plan: PLAN });
  const rules = parseRules({
    routes: [
      { name: 'cold', tags: ['cold'], bucket: 'Cold Leads' },
      { name: 'sold', tags: ['sold'], bucket: 'Active clients', calltoolsTag: 'sold' },
      { name: 'colder', tags: ['colder'], bucket: 'Cold Leads' },
      { name: 'out', tags: ['x'], bucket: null },
    ],
  });

  test('the labels that rules manage are listed once, sorted', () => {
    expect(managedLabels(rules)).toEqual({ buckets: ['Active clients', 'Cold Leads'], tags: ['sold'] });
  });

  test('the order in which fields were read does not matter', () => {
    const shuffled = place();
    if (shuffled.kind !== 'place') throw new Error('placed');
    shuffled.person.fields = Object.fromEntries(Object.entries(shuffled.person.fields).reverse());
    expect(Object.keys(shuffled.person.fields)[0]).toBe('last_name');
    expect(canonical(shuffled, by(rules, []))).toBe(canonical(place(), by(rules, [])));
  });

  test('whatever CallTools should hold differently differs', () => {
    const lead = place();
    const renamed: Wanted =
      lead.kind === 'place' ? { ...lead, person: { ...lead.person, fields: { first_name: 'Dan' } } } : lead;
    const states: Wanted[] = [
      ...[
        lead,
        renamed,
        place('Warm Leads'),
        place('Cold Leads', { tag: 'sold' }),
        place('Cold Leads', { email: 'a@b.c' }),
      ],
      ...[place('Cold Leads', { phone: '+13055550143' }), { kind: 'out', doNotContact: false } as const],
      { kind: 'out', doNotContact: true },
    ];
    expect(new Set(states.map((state) => canonical(state, by(rules, [])))).size).toBe(states.length);
  });

  test('another field of the account makes every placed contact be written again, and no other', () => {
    const out = { kind: 'out', doNotContact: true } as const;
    expect(canonical(place(), by(rules, ['mobile']))).not.toBe(canonical(place(), by(rules, ['home'])));
    expect(canonical(out, by(rules, ['mobile']))).toBe(canonical(out, by(rules, ['home'])));
  });

  test('another bucket or tag in the rules makes everyone be looked at again', () => {
    const fewer = { routes: rules.routes.filter(({ name }) => name !== 'sold') };
    expect(canonical({ kind: 'out', doNotContact: false }, by(fewer, []))).not.toBe(
      canonical({ kind: 'out', doNotContact: false }, by(rules, [])),
    );
  });
});
