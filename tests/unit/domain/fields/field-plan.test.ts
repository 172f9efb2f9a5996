// What settings name, resolved against the accounts: by key, id, name or email, and only where exactly one fits.

import { describe, expect, test } from 'vitest';
import { readContact } from '../../../../workers/consumer/domain/contact.ts';
import {
  mappedFields,
  namedFields,
  namedOwners,
  resolveFields,
  resolveOwners,
} from '../../../../workers/consumer/domain/fields/field-plan.ts';
import { planWith } from '../../../support/field-plan.ts';

const ID = 'bill0123456789ABCDEF';
const ANA = 'aaaaaaaa-0000-4000-8000-aaaaaaaaaaaa';
const BOB = 'bbbbbbbb-0000-4000-8000-bbbbbbbbbbbb';

describe('custom fields', () => {
  const fields = [
    { id: 'i1', key: 'contact.monthly_bill', name: 'Monthly  Bill' },
    { id: 'i2', key: 'contact.form', name: 'Note' },
    { id: 'i3', key: 'contact.note_2', name: 'note' },
    { id: 'i4', key: null, name: 'contact.form' },
    { id: 'i5', key: 'contact.i1', name: null },
    { id: 'i6', key: 'sub.form', name: null },
  ];

  test.each([
    ['contact.monthly_bill', 'i1'],
    ['monthly_bill', 'i1'],
    ['MONTHLY_BILL', 'i1'],
    ['monthly bill', 'i1'],
    [' Monthly Bill ', 'i1'],
    ['i2', 'i2'],
    ['i1', 'i1'],
    ['form', 'i2'],
    ['contact.form', 'i2'],
    ['note', undefined],
    ['nothing', undefined],
    ['', undefined],
    ['sub.contact.form', undefined],
  ])('%j is the field %s', (ref, id) => {
    expect(resolveFields([ref], fields)).toEqual(id === undefined ? {} : { [ref]: id });
  });

  test('only keys and names need the list, wherever in the map they stand', () => {
    const { map } = planWith({
      FIELD_MAP: { a: 'custom:x', b: `custom:${ID}`, c: { text: '{custom:y} {id}' }, d: 'custom:x', e: 'source' },
    });
    expect(namedFields(map)).toEqual(['x', 'y']);
  });

  test.each([
    ['BcdmQEsNgzAVpgLVUJab', true],
    ['abcdefghij1234567890', true],
    ['abcdefghij12345678901', false],
    ['interestedinaheatpum', false],
    ['Interestedinaheatpum', false],
    ['interested in a roof', false],
  ])('%s is an id: %s', (ref, isId) => {
    expect(namedFields(planWith({ FIELD_MAP: { a: `custom:${ref}` } }).map)).toEqual(isId ? [] : [ref]);
  });

  test('a name that is not resolved counts as an id; where the contact has none either, the field is left as it is', () => {
    const { contact } = readContact({ id: 'c1', customFields: [{ id: 'short', value: 'x' }] });
    const FIELD_MAP = {
      short: 'custom:short',
      gone: { from: 'custom:gone', default: 'none' },
      cleared: { from: 'custom:gone', empty: 'clear' },
      text: { text: 'a {custom:gone} {id}' },
      bill: { from: `custom:${ID}`, default: 'none' },
      known: { from: 'custom:known', default: 'none' },
    };
    expect(mappedFields(contact, planWith({ FIELD_MAP }, { customIds: { known: 'k' } }))).toEqual({
      short: 'x',
      bill: 'none',
      known: 'none',
    });
  });
});

describe('owners', () => {
  const ghl = [
    { id: 'u1', names: ['Ana@Example.com'] },
    { id: 'u2', names: ['bob@example.com'] },
    { id: 'u3', names: ['bob@example.com'] },
  ];
  const callTools = [
    { id: ANA, names: ['ana@dialer.example', 'ana', 'Ana Lee'] },
    { id: BOB, names: ['bob@dialer.example', 'bob', 'Ana Lee'] },
  ];

  test.each([
    ['ana@example.com', 'ana', { u1: ANA }],
    ['ana@example.com', 'ANA@dialer.example', { u1: ANA }],
    ['ana@example.com', BOB, { u1: BOB }],
    ['u9', 'bob', { u9: BOB }],
    ['u9', 'Ana Lee', {}],
    ['u9', 'nobody', {}],
    ['bob@example.com', 'bob', {}],
    ['nobody@example.com', 'bob', {}],
  ])('%s → %s is %j', (user, owner, expected) => {
    expect(resolveOwners([[user, owner]], ghl, callTools)).toEqual(expected);
  });

  test('only those that are named other than by ids need a list', () => {
    const { map, ownerIds } = planWith({ OWNERS: { u1: ANA, u2: 'bob', 'ana@example.com': BOB } });
    expect(namedOwners(map)).toEqual([
      ['ana@example.com', BOB],
      ['u2', 'bob'],
    ]);
    expect(ownerIds).toEqual(new Map([['u1', ANA]]));
  });
});
