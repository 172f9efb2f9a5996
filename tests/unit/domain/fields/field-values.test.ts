// The values of a contact's mapped fields: which are written, which are left out, and which do not depend on GoHighLevel's form.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONTACT_FIELDS, type FieldPlan } from '../../../../workers/consumer/domain/fields/field-map.ts';
import { parseFieldMap } from '../../../../workers/consumer/domain/fields/field-map-setting.ts';
import { fieldsOf, type MappedContact } from '../../../../workers/consumer/domain/fields/field-values.ts';

const RESERVED = { phone: 'mobile_phone_number', email: 'personal_email_address', externalId: '' };
const NONE = { first_name: null, last_name: null, address: null, city: null, state: null, zip_code: null };

const planOf = (fields: object, more: Partial<FieldPlan> = {}, countryForm = 'iso2'): FieldPlan => ({
  map: parseFieldMap({ FIELD_MAP: { ...NONE, ...fields }, COUNTRY_FORM: countryForm }, RESERVED),
  customIds: new Map(),
  ownerIds: new Map(),
  added: new Map(),
  pipelines: null,
  ...more,
});
const contactOf = (more: Partial<MappedContact> = {}): MappedContact => ({
  id: 'c1',
  tags: [],
  texts: {},
  custom: {},
  ...more,
});

describe('fieldsOf', () => {
  test('writes the default fields trimmed, and leaves out what is not there', () => {
    const plan = { ...planOf({}), map: parseFieldMap({}, RESERVED) };
    const texts = {
      firstName: ' Ana ',
      lastName: 'null',
      address1: '1 Main St',
      city: '',
      state: 'Texas',
      postalCode: null,
      country: 'US',
    };
    expect(Object.entries(fieldsOf(contactOf({ texts }), plan))).toEqual([
      ['address', '1 Main St'],
      ['first_name', 'Ana'],
      ['state', 'TX'],
    ]);
  });

  test('finds a custom field by what the plan resolved, or by its id', () => {
    const plan = planOf(
      { by_key: 'custom:contact.bill', by_id: 'custom:id2', unknown: 'custom:Roof', odd: 'custom:constructor' },
      { customIds: new Map([['contact.bill', 'id1']]) },
    );
    expect(fieldsOf(contactOf({ custom: { id1: '$90', id2: 7 } }), plan)).toEqual({ by_key: '$90', by_id: 7 });
  });

  test('where there is no value: the default, what CallTools has, or an empty value', () => {
    const plan = planOf({
      fallback: { from: 'custom:x', as: 'number', default: 0 },
      kept: { from: 'custom:x', as: 'number' },
      cleared: { from: 'custom:x', empty: 'clear' },
      cleared_number: { from: 'custom:x', as: 'number', empty: 'clear' },
      cleared_list: { from: 'custom:x', as: 'list', empty: 'clear' },
      cleared_text: { text: 'Bill: {custom:x}', empty: 'clear' },
    });
    const none = { fallback: 0, cleared: '', cleared_number: null, cleared_list: [], cleared_text: '' };
    expect(fieldsOf(contactOf(), plan)).toEqual(none);
    expect(fieldsOf(contactOf({ custom: { x: ' ' } }), plan)).toEqual(none);
    // What does not fit its type counts as no value.
    expect(fieldsOf(contactOf({ custom: { x: 'abc' } }), plan)).toEqual({
      fallback: 0,
      cleared: 'abc',
      cleared_number: null,
      cleared_list: ['abc'],
      cleared_text: 'Bill: abc',
    });
  });

  test('fills a text; without any value for its placeholders it is none', () => {
    const plan = planOf({ note: { text: '{firstName} ({custom:x})' }, constant: { text: 'GoHighLevel' } });
    const noteOf = (more: Partial<MappedContact>) => fieldsOf(contactOf(more), plan).note;
    expect(noteOf({ texts: { firstName: 'Ana' }, custom: { x: ['a', 'b'] } })).toBe('Ana (a, b)');
    expect(noteOf({ texts: { firstName: 'Ana' } })).toBe('Ana ()');
    expect(noteOf({ custom: { x: '{firstName}' } })).toBe('({firstName})');
    expect(noteOf({})).toBeUndefined();
    expect(fieldsOf(contactOf(), plan)).toEqual({ constant: 'GoHighLevel' });
  });

  test('state and country are converted wherever they are written', () => {
    const fields = { region: 'state', nation: 'country', place: { text: '{state}, {country}' }, custom: 'custom:s' };
    const contact = contactOf({ texts: { state: 'new york', country: 'usa' }, custom: { s: 'new york' } });
    const written = { region: 'NY', nation: 'US', place: 'NY, US', custom: 'new york' };
    expect(fieldsOf(contact, planOf(fields))).toEqual(written);
    expect(fieldsOf(contact, planOf(fields, {}, 'name'))).toEqual({
      ...written,
      nation: 'United States',
      place: 'NY, United States',
    });
    const elsewhere = contactOf({ texts: { state: 'ontario', country: 'US' } });
    expect(fieldsOf(elsewhere, planOf({ region: 'state' }))).toEqual({ region: 'ontario' });
  });

  test('state and country of CallTools are converted whatever they are filled from', () => {
    const fields = { state: 'custom:s', country: { from: 'custom:c', default: 'Canada' }, lead_source: 'custom:s' };
    const custom = contactOf({ texts: { country: 'US' }, custom: { s: 'new york' } });
    expect(fieldsOf(custom, planOf(fields))).toEqual({ state: 'NY', country: 'CA', lead_source: 'new york' });
    const elsewhere = contactOf({ texts: { country: 'DE' }, custom: { s: 'Texas', c: 'usa' } });
    expect(fieldsOf(elsewhere, planOf(fields, {}, 'name'))).toMatchObject({ state: 'Texas', country: 'United States' });
  });

  test('a birthday is one date, whichever form GoHighLevel shows', () => {
    const plan = planOf({ born: 'dateOfBirth', born_on: { from: 'dateOfBirth', as: 'date' } });
    const bornOf = (dateOfBirth: string) => fieldsOf(contactOf({ texts: { dateOfBirth } }), plan);
    for (const form of ['1970-01-05T00:00:00.000Z', '345600000', '1970-01-05'])
      expect(bornOf(form)).toEqual({ born: '1970-01-05', born_on: '1970-01-05' });
    for (const other of ['in May', '12026-01-05', '1970-01-05T00:00:00Z later'])
      expect(bornOf(other)).toEqual({ born: other });
  });

  test('when the contact was added is one text, whichever form GoHighLevel shows', () => {
    const plan = planOf({ added: 'dateAdded', day: { from: 'dateAdded', as: 'date' } });
    for (const dateAdded of ['2026-01-31T00:00:00.000Z', '1769817600000'])
      expect(fieldsOf(contactOf({ texts: { dateAdded } }), plan)).toEqual({
        added: '2026-01-31T00:00:00.000Z',
        day: '2026-01-31',
      });
  });

  test('a whole name comes from its parts where there are any', () => {
    const plan = planOf({ whole: 'name' });
    const nameOf = (texts: MappedContact['texts']) => fieldsOf(contactOf({ texts }), plan).whole;
    expect(nameOf({ name: 'ana lee', firstName: 'Ana', lastName: 'Lee' })).toBe('Ana Lee');
    expect(nameOf({ name: 'ana lee', firstName: 'Ana', lastName: 'null' })).toBe('Ana');
    expect(nameOf({ name: 'Acme' })).toBe('Acme');
    expect(nameOf({})).toBeUndefined();
  });

  test('tags do not depend on their order', () => {
    const plan = planOf({ labels: 'tags', choices: { from: 'tags', as: 'list' } });
    expect(fieldsOf(contactOf({ tags: ['b', 'a'] }), plan)).toEqual({ labels: 'a, b', choices: ['a', 'b'] });
  });

  test('the owner is written where the plan knows the user', () => {
    const plan = planOf({ company: 'companyName' }, { ownerIds: new Map([['u1', 'uuid-1']]) });
    const fieldsFor = (assignedTo: string | null) => fieldsOf(contactOf({ texts: { assignedTo } }), plan);
    expect(fieldsFor('u1')).toEqual({ owned_by: 'uuid-1' });
    for (const other of ['u2', 'null', '', null]) expect(fieldsFor(other)).toEqual({});
  });

  test('whatever the contact holds, every contact field is a text or absent', () => {
    const plan = planOf(Object.fromEntries(CONTACT_FIELDS.map((field) => [`from_${field}`, field])));
    const texts = fc.dictionary(fc.constantFrom(...CONTACT_FIELDS), fc.option(fc.string()));
    fc.assert(
      fc.property(texts, fc.array(fc.string()), (given, tags) => {
        const values = Object.values(fieldsOf(contactOf({ texts: given, tags }), plan));
        expect(values.every((value) => typeof value === 'string' && value !== '' && value.trim() === value)).toBe(true);
      }),
    );
  });
});
