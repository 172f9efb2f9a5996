// What a misspelled name was probably meant to be.

import { expect, test } from 'vitest';
import { didYouMean, nearest } from '../../../workers/consumer/domain/nearest.ts';

const FIELDS = ['first_name', 'last_name', 'zip_code', 'city', 'trusted_form', 'monthly_bill', 'monthly_bill_2'];

test.each([
  ['firstName', ['first_name']],
  ['frist_name', ['first_name']],
  ['First Name', ['first_name']],
  ['zip', ['zip_code']],
  ['Z.I.P', ['zip_code']],
  ['monthly_bill_amount', ['monthly_bill']],
  ['trustedform', ['trusted_form']],
  ['monthly_bil', ['monthly_bill', 'monthly_bill_2']],
  ['citty', ['city']],
  ['vehicle', []],
  ['', []],
])('%j is near %j', (word, near) => {
  expect(nearest(word, FIELDS)).toEqual(near);
});

test('at most three are named, the nearest first', () => {
  expect(nearest('field_1', ['field_9', 'field_3', 'field_1', 'field_2', 'field_12'])).toEqual([
    'field_1',
    'field_12',
    'field_2',
  ]);
});

test('a sentence, or nothing', () => {
  expect(didYouMean('citty', FIELDS)).toBe(' Did you mean city?');
  expect(didYouMean('vehicle', FIELDS)).toBe('');
});
