// Numbers that were read a moment ago are not parsed again.

import { expect, test } from 'vitest';
import { numbersIn, toE164 } from '../../../workers/consumer/domain/phone.ts';

test('a number is read for its country, whatever was read before', () => {
  for (let round = 0; round < 2; round++) {
    expect(toE164('020 7946 0958', 'GB')).toBe('+442079460958');
    expect(toE164('020 7946 0958', 'US')).toBeNull();
    expect(numbersIn(['305 555 0142', '12'], 'US')).toEqual({ numbers: ['+13055550142'], unread: true });
  }
  // More numbers than are kept in mind.
  const numbers = Array.from({ length: 700 }, (_, n) => `+1305555${1000 + n}`);
  for (let round = 0; round < 2; round++) expect(numbersIn(numbers, 'US')).toEqual({ numbers, unread: false });
});
