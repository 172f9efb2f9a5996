// A contact of an answer, or of a row of the contact list: every field that can be read, in one form.

import { describe, expect, test } from 'vitest';
import { readContact } from '../../../workers/consumer/domain/contact.ts';

const read = (json: Record<string, unknown>) => readContact({ id: 'c1', ...json });

describe('texts that do not decide', () => {
  const TEXTS = ['country', 'companyName', 'website', 'source', 'type', 'timezone', 'assignedTo', 'name'] as const;

  test.each(TEXTS)('%s is read; of an odd type it counts as absent, and hides nobody', (field) => {
    expect(read({ [field]: 'x' }).contact[field]).toBe('x');
    for (const odd of [undefined, null, {}, ['x'], true]) {
      const { contact, unread } = read({ [field]: odd });
      expect([contact[field], unread]).toEqual([null, []]);
    }
  });

  test('the list has the whole name under another name', () => {
    expect(read({ contactName: 'dana reyes' }).contact.name).toBe('dana reyes');
  });
});

describe('times', () => {
  test.each([
    ['2000-01-05T00:00:00.000Z', '2000-01-05'],
    ['2000-01-05T00:00:00+05:30', '2000-01-05'],
    ['2000-01-05', '2000-01-05'],
    [Date.UTC(2000, 0, 5), '2000-01-05'],
    [Date.UTC(1950, 11, 31), '1950-12-31'],
    [0, '1970-01-01'],
    ['Jan 5th 2000', 'Jan 5th 2000'],
    [9e99, '9e+99'],
    [{}, null],
    [undefined, null],
  ])('the birthday %j is %j', (dateOfBirth, day) => {
    expect(read({ dateOfBirth }).contact.dateOfBirth).toBe(day);
  });

  test('one moment has one form, as a text and as a number', () => {
    const forms = ['2026-11-28T10:00:00Z', '2026-11-28T11:00:00.000+01:00', Date.UTC(2026, 10, 28, 10)];
    expect(forms.map((dateAdded) => read({ dateAdded }).contact.dateAdded)).toEqual(
      forms.map(() => '2026-11-28T10:00:00.000Z'),
    );
    expect(read({ dateAdded: 'yesterday' }).contact.dateAdded).toBe('yesterday');
  });
});

describe('custom fields', () => {
  const custom = (customFields: unknown) => ({ ...read({ customFields }).contact.custom });

  test('values of every shape, by the id of the field', () => {
    const values = { a: 'text', b: 7, c: ['x', 'y'], d: { file: { url: 'u' } }, e: null, f: false };
    expect(custom(Object.entries(values).map(([id, value]) => ({ id, value })))).toEqual(values);
  });

  test.each([
    [{ id: 'a', fieldValue: 1 }],
    [{ id: 'a', field_value: 1 }],
    [{ id: 'a', fieldValueString: 1 }],
    [{ id: 'a', type: 'string', fieldValueArray: 1 }],
  ])('the value may have another name: %j', (entry) => {
    expect(custom([entry])).toEqual({ a: 1 });
  });

  test('an object stands for a list', () => {
    expect(custom({ 0: { id: 'a', value: 1 }, b: 'x', c: ['y'] })).toEqual({ a: 1, b: 'x', c: ['y'] });
  });

  test.each([undefined, null, 'text', 7, [], {}, [null, 'x', 7, {}, { id: 7, value: 1 }, { id: 'a' }]])(
    'what is no field is none: %j',
    (fields) => {
      expect(custom(fields)).toEqual({});
      expect(read({ customFields: fields }).unread).toEqual([]);
    },
  );

  test('no key is inherited: a setting may name any', () => {
    const { custom: fields } = read({ customFields: [{ id: '__proto__', value: { x: 1 } }] }).contact;
    expect([fields.constructor, fields.toString, fields.x]).toEqual([undefined, undefined, undefined]);
  });
});
