// The mark by which a webhook's phone and a read's are compared.

import { expect, test } from 'vitest';
import { phoneMark } from '../../../shared/phone-mark.ts';

test('is the same for every spelling of a number, and another for another number', () => {
  const marks = ['+13055550142', '(305) 555-0142', '1 305 555 0142', ' 305.555.0142 ', '+１３０５５５５０１４２'].map(
    phoneMark,
  );
  expect(new Set(marks).size).toBe(1);
  expect(phoneMark('+13055550143')).not.toBe(marks[0]);
  expect(phoneMark(13055550142)).toBe(marks[0]);
});

test('has 16 bits: it tells nobody the number', () => {
  const marks = Array.from({ length: 5000 }, (_, n) => phoneMark(`+1305555${String(n).padStart(4, '0')}`) ?? '');
  expect(marks.filter((mark) => !/^[\da-f]{4}$/.test(mark))).toEqual([]);
  expect(new Set(marks).size).toBeGreaterThan(4000);
});

test.each([null, undefined, '', ' ', 'null'])('%j is no number', (phone) => {
  expect(phoneMark(phone)).toBe('none');
});

test.each([true, [], {}, 'unknown', '-'])('%j tells nothing', (phone) => {
  expect(phoneMark(phone)).toBeNull();
});
