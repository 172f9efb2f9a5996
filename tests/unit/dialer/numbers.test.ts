// What a batch has seen of a CallTools contact's numbers.

import { expect, test } from 'vitest';
import { noteNumbers, numbersChanged } from '../../../workers/consumer/dialer/numbers.ts';
import { phoneHash } from '../../../workers/consumer/domain/phone.ts';
import { dialerStage, LOCATION, OTHER_PHONE, OUT, PHONE, target } from '../../support/vendor-harness.ts';

/** What is seen of contact 1 after answers that show these numbers. `known`: hashes of those that are remembered. */
async function shown(answers: { phones: string[]; dialable: string[] | null }[], known: string[] = []) {
  const { dialer } = dialerStage();
  dialer.numbers.known = () => known;
  const desired = await target(OUT);
  for (const answer of answers) {
    const contact = { id: 1, doNotContact: false, buckets: [], tags: [], word: null, ...answer };
    await noteNumbers(contact, desired, dialer);
  }
  const changes = numbersChanged(dialer.numbers);
  return { seen: dialer.numbers.seen.get(1), changes };
}

const BOTH = [PHONE, OTHER_PHONE];
/** A row of a list, and the whole list of the contact's numbers. */
const ROW = { phones: [PHONE], dialable: null };
const SINGLE = { phones: [PHONE], dialable: [PHONE] };
const [p, q] = [await phoneHash(LOCATION, PHONE), await phoneHash(LOCATION, OTHER_PHONE)];

test('a row with one of two numbers takes nothing back', async () => {
  const { seen, changes } = await shown([{ phones: BOTH, dialable: BOTH }, ROW]);
  expect(seen).toEqual({ hashes: [p, q], whole: false });
  expect(changes).toMatchObject([{ callToolsId: 1, added: [p, q], removed: [] }]);
});

test('a list of all its numbers takes back what a row has shown', async () => {
  const { seen, changes } = await shown([{ phones: BOTH, dialable: null }, SINGLE]);
  expect(seen).toEqual({ hashes: [p], whole: true });
  expect(changes).toEqual([]);
});

test('an answer that shows no number at all takes back nothing, and adds no doubt', async () => {
  const { seen, changes } = await shown([SINGLE, { phones: [], dialable: null }], [p, q]);
  expect(seen).toEqual({ hashes: [p], whole: true });
  expect(changes).toMatchObject([{ callToolsId: 1, added: [], removed: [p, q] }]);
});
