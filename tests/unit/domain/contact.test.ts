// A contact of an answer, or of a row of the contact list: every field that can be read, in one form.

import { describe, expect, test } from 'vitest';
import { readContact } from '../../../workers/consumer/domain/contact.ts';

const read = (json: Record<string, unknown>) => readContact({ id: 'c1', ...json });

describe('texts that do not decide', () => {
  const TEXTS = [
    'country',
    'companyName',
    'website',
    'source',
    'type',
    'timezone',
    'dateOfBirth',
    'dateAdded',
    'assignedTo',
    'name',
  ] as const;

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

describe('a deletion that the contact or the answer around it tells of', () => {
  const SAYS = { no: { deleted: false }, perhaps: { deleted: 'maybe' }, yes: { deleted: true } };
  test.each([
    ['no', 'no', 'no'],
    ['no', 'perhaps', 'perhaps'],
    ['no', 'yes', 'yes'],
    ['perhaps', 'perhaps', 'perhaps'],
    ['perhaps', 'yes', 'yes'],
    ['yes', 'yes', 'yes'],
  ] as const)('%s and %s: the graver of both counts', (one, other, deleted) => {
    expect(readContact({ id: 'c1', ...SAYS[one] }, SAYS[other]).deleted).toBe(deleted);
    expect(readContact({ id: 'c1', ...SAYS[other] }, SAYS[one]).deleted).toBe(deleted);
  });

  test.each([
    ['no', []],
    ['perhaps', ['contact.deleted']],
    ['yes', []],
  ] as const)('only what may be a deletion counts as unread: %s', (said, unread) => {
    expect(readContact({ id: 'c1' }, SAYS[said]).unread).toEqual(unread);
  });
});
