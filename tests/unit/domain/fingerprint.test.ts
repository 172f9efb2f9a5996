// Hashes: a row of the list and a read of the same contact are equal, and differ exactly where something that is written or decides differs.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BLANK_CONTACT, type GhlContact as Stored } from '../../../sandbox/gohighlevel/contact.ts';
import { showDetail, showFound } from '../../../sandbox/gohighlevel/show.ts';
import { readContact } from '../../../workers/consumer/domain/contact.ts';
import { decide } from '../../../workers/consumer/domain/decide.ts';
import type { FieldPlan } from '../../../workers/consumer/domain/fields/field-map.ts';
import { canonical, readHash, searchHash } from '../../../workers/consumer/domain/fingerprint.ts';
import { pageOf } from '../../../workers/consumer/vendors/search-page.ts';
import { planWith } from '../../support/field-plan.ts';
import { FILE_RULES } from '../../support/rules.ts';

const FIELD_MAP = {
  full_name: 'name',
  company: 'companyName',
  country: 'country',
  born: { from: 'dateOfBirth', as: 'date' },
  birthday: 'dateOfBirth',
  since: 'dateAdded',
  labels: { from: 'tags', as: 'list' },
  agent_note: { text: '{firstName} of {city}, {custom:contact.bill}' },
  bill: { from: 'custom:contact.bill', as: 'number', empty: 'clear' },
  form: 'custom:formid',
};
const CUSTOM_IDS = { 'contact.bill': 'billid' };
const PLAN = planWith({ FIELD_MAP }, { customIds: CUSTOM_IDS });

const by = (plan: FieldPlan = PLAN) => ({
  rules: FILE_RULES,
  country: 'US' as const,
  fields: ['phone', 'email'],
  plan,
  now: 0,
});

const MAPPED: Stored = {
  ...BLANK_CONTACT,
  id: 'c1',
  locationId: 'here',
  phone: '+13055550142',
  tags: ['cold lead'],
  firstName: 'Dana',
  lastName: 'Reyes',
  city: 'Miami',
  dateAdded: '2026-11-01T10:00:00.000Z',
  dateUpdated: '2026-11-01T10:00:00.000Z',
  customFields: [
    { id: 'billid', value: 250 },
    { id: 'formid', value: 'https://cert.example/1' },
    { id: 'other', value: 'x' },
  ],
};

const detailOf = (stored: Stored) => readContact(showDetail(stored, 'v3')).contact;
function rowOf(stored: Stored, change: (row: Record<string, unknown>) => Record<string, unknown> = (row) => row) {
  const [contact] = pageOf([{ ...change(showFound(stored, false)), searchAfter: [1, stored.id] }], 1, null).contacts;
  if (!contact) throw new Error('no row');
  return contact;
}

describe('a row of the list', () => {
  const text = fc.oneof(fc.constantFrom('', 'null', 'Dana', 'FL', 'Ünal', ' x '), fc.string({ maxLength: 6 }));
  const stored = fc.record({
    firstName: text,
    lastName: text,
    companyName: text,
    city: text,
    state: text,
    country: fc.constantFrom('', 'US', 'CA', 'United States'),
    address1: text,
    postalCode: text,
    email: text,
    dateOfBirth: fc.constantFrom(null, '1990-02-28T00:00:00.000Z', '1951-07-04T00:00:00.000Z'),
    assignedTo: fc.constantFrom(null, 'u1'),
    tags: fc.uniqueArray(fc.constantFrom('cold lead', 'customer', 'x', 'y')),
    customFields: fc.uniqueArray(
      fc.record({ id: fc.constantFrom('billid', 'formid', 'other'), value: fc.jsonValue() }),
      {
        selector: ({ id }) => id,
      },
    ),
  });

  test('property: hashes like a read of the same contact, also where its names are in lower case', async () => {
    await fc.assert(
      fc.asyncProperty(stored, fc.boolean(), async (changes, hasRaw) => {
        const contact = { ...MAPPED, ...changes };
        const row = rowOf(contact, (one) => (hasRaw ? one : { ...one, firstNameRaw: null, lastNameRaw: null }));
        const asked = await searchHash(row, by());
        expect(await readHash(detailOf(contact), asked, by())).toBe(asked);
      }),
    );
  });

  test('may have a whole name alone, in lower case', async () => {
    const asked = await searchHash(readContact({ id: 'c1', contactName: 'dana reyes' }).contact, by());
    expect(await readHash(readContact({ id: 'c1', name: 'Dana Reyes' }).contact, asked, by())).toBe(asked);
  });
});

describe('the hash', () => {
  const hash = (changes: Partial<Stored> = {}, plan?: FieldPlan) =>
    searchHash(rowOf({ ...MAPPED, ...changes }), by(plan));
  const custom = (changes: Record<string, unknown>) =>
    hash({
      customFields: MAPPED.customFields.map(({ id, value }) => ({ id, value: id in changes ? changes[id] : value })),
    });

  test('differs with whatever decides or is written', async () => {
    const hashes = await Promise.all([
      hash(),
      hash({ phone: '+13055550143' }),
      hash({ email: 'dana@example.com' }),
      hash({ tags: ['cold lead', 'x'] }),
      hash({ dnd: true }),
      hash({ firstName: 'Dan' }),
      hash({ companyName: 'Acme' }),
      hash({ dateOfBirth: '1990-02-28T00:00:00.000Z' }),
      custom({ billid: 300 }),
      custom({ formid: 'https://cert.example/2' }),
      hash({}, planWith({ FIELD_MAP: { ...FIELD_MAP, company: null } }, { customIds: { 'contact.bill': 'other' } })),
      hash({}, planWith({ FIELD_MAP }, { customIds: CUSTOM_IDS, added: new Map([['bill', 5]]) })),
      hash({}, planWith({ FIELD_MAP }, { customIds: CUSTOM_IDS, added: new Map([['bill', 6]]) })),
      hash({}, planWith({ FIELD_MAP }, { customIds: CUSTOM_IDS, added: new Map([['email', 5]]) })),
    ]);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test('stays the same whatever else changes, and where a field without a value is mapped, renamed or added', async () => {
    const { company: _, ...fewer } = FIELD_MAP;
    const others = await Promise.all([
      custom({ other: 'y' }),
      custom({ billid: '250' }),
      hash({ website: 'x.example', source: 'form', timezone: 'x', dateUpdated: '2026-11-02T10:00:00.000Z' }),
      hash({}, planWith({ FIELD_MAP: fewer }, { customIds: CUSTOM_IDS })),
      hash({}, planWith({ FIELD_MAP }, { customIds: CUSTOM_IDS, added: new Map([['company', 5]]) })),
    ]);
    expect(others).toEqual(others.map(() => others[0]));
    expect(others[0]).toBe(await hash());
  });
});

describe('the fingerprint of a write', () => {
  const written = (changes: Partial<Stored> = {}, plan: FieldPlan = PLAN) => {
    const decision = decide(
      { kind: 'found', contact: detailOf({ ...MAPPED, ...changes }) },
      { rules: FILE_RULES, country: 'US', plan, now: 0 },
    );
    if (decision.person === null) throw new Error('not placed');
    return canonical({ kind: 'place', bucket: 'Cold Leads', tag: null, person: decision.person }, by(plan));
  };
  const addedTo = (field: string) => planWith({ FIELD_MAP }, { customIds: CUSTOM_IDS, added: new Map([[field, 5]]) });

  test('holds the mapped values in their types, and since when the account has a field', () => {
    expect(
      decide({ kind: 'found', contact: detailOf(MAPPED) }, { rules: FILE_RULES, country: 'US', plan: PLAN, now: 0 })
        .person?.fields,
    ).toMatchObject({
      first_name: 'Dana',
      full_name: 'Dana Reyes',
      bill: 250,
      labels: ['cold lead'],
      agent_note: 'Dana of Miami, 250',
    });
    const forms = [
      written(),
      written({ companyName: 'Acme' }),
      written({ customFields: [{ id: 'billid', value: '7' }] }),
      written({}, addedTo('bill')),
      written({}, addedTo('email')),
    ];
    expect(new Set(forms).size).toBe(forms.length);
  });

  test('is that of version 0.2.0 where nobody is to be dialed: an upgrade writes none of them again', () => {
    const out = canonical({ kind: 'out', doNotContact: true }, by(addedTo('email')));
    expect(JSON.parse(out).slice(0, 2)).toEqual([1, { kind: 'out', doNotContact: true }]);
  });

  test('stays the same for whom an added field has no value', () => {
    expect(written({}, addedTo('company'))).toBe(written());
  });
});

test('a tag of an odd form, another one, and none are three different rows', async () => {
  const hashes = await Promise.all(
    [undefined, ['warm'], ['cold']].map((oddTags) => {
      const { contact } = readContact({ id: 'c1', tags: ['x'] });
      return searchHash({ ...contact, ...(oddTags && { oddTags }) }, by());
    }),
  );
  expect(new Set(hashes).size).toBe(3);
});
