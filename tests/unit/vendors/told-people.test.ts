// What vendors have told about people is kept in mind for masking, and not for as long as a run reads its list.

import { expect, test } from 'vitest';
import { folded } from '../../../shared/spelling.ts';
import { createPeople } from '../../../workers/consumer/vendors/text.ts';

const knows = (people: ReturnType<typeof createPeople>, name: string) => people.known().names.has(folded(name));

test('of long answers the latest are kept, and what is short is kept beside them', () => {
  const people = createPeople();
  people.note({ key: 'pitSecretKey' });
  people.note({ lastName: 'Reyes' }, 2000);
  for (let page = 0; page < 200; page++) people.note({ contacts: [{ lastName: `Page${page}` }] }, 500_000);
  expect(knows(people, 'pitSecretKey')).toBe(true);
  expect([knows(people, 'Page199'), knows(people, 'Page198')]).toEqual([true, true]);
  expect([knows(people, 'Page0'), knows(people, 'Page190')]).toEqual([false, false]);
});

test('one answer is kept however long it is, and so are the contacts of a batch', () => {
  const people = createPeople();
  for (let n = 0; n < 100; n++) people.note({ lastName: `Lead${n}` }, 5000);
  expect([knows(people, 'Lead0'), knows(people, 'Lead99')]).toEqual([true, true]);
  people.note({ lastName: 'Long' }, 10_000_000);
  expect(knows(people, 'Long')).toBe(true);
});
