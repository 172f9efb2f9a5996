// Rules and contacts at random, from few values, so that they meet.

import fc from 'fast-check';
import type { Opportunity } from '../../workers/consumer/domain/rules/conditions.ts';
import { daysAgo } from './facts.ts';

type Json = Record<string, unknown>;

/** Values that a condition may ask for. */
const TAGS = ['a', 'b', 'c d'];
const SOURCES = ['x', 'y'];
const STATUSES = ['open', 'won'];

const some = (values: readonly string[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1 });
const customTest = fc.constantFrom(
  ['yes'],
  [5, 'no'],
  { exists: true },
  { min: 5 },
  { max: 5 },
  { min: 4, max: 6 },
  { withinDays: 9 },
  { min: daysAgo(9) },
);

const plain = (opportunity: boolean) =>
  fc.record(
    {
      tags: some(TAGS),
      words: some(['a', 'd']),
      source: fc.oneof(some(SOURCES), fc.constant({ exists: true })),
      state: some(['FL', 'Texas']),
      custom: fc.record(
        { 'contact.amount': customTest, 'contact.date': customTest },
        { requiredKeys: ['contact.amount'] },
      ),
      addedWithinDays: fc.constantFrom(0, 9),
      ...(opportunity && { opportunity: fc.record({ status: some(STATUSES) }, { requiredKeys: [] }) }),
    },
    { requiredKeys: [] },
  );

/** Conditions as a setting has them, at least one. */
export function conditions({ opportunity = false } = {}): fc.Arbitrary<Json> {
  const asked = (one: Json | undefined) => one !== undefined && Object.keys(one).length > 0;
  return fc
    .tuple(plain(opportunity), fc.option(plain(opportunity), { nil: undefined }))
    .map(([outer, not]): Json => ({ ...outer, ...(asked(not) && { not }) }))
    .filter(asked);
}

/** Routes as a setting has them. */
export function routes(options: { opportunity?: boolean } = {}): fc.Arbitrary<Json[]> {
  const route = fc.record({ asked: conditions(options), bucket: fc.constantFrom(null, 'B', 'C') });
  return fc
    .array(route, { minLength: 1, maxLength: 5 })
    .map((entries) => entries.map(({ asked, bucket }, index) => ({ name: `r${index}`, ...asked, bucket })));
}

/** Values of a custom field, of all kinds. */
export const customValue = fc.constantFrom<unknown>(
  ...['yes', 'No', 5, '5', '4.5', 700, ['yes', 3], null, '', [], 'much', daysAgo(2), daysAgo(20), daysAgo(-9)],
  ...[true, false, { a: true }, { a: null }],
);

/** A contact as GoHighLevel shows it. */
export const contact: fc.Arbitrary<Json> = fc
  .record({
    tags: fc.uniqueArray(fc.constantFrom(...TAGS, 'A', 'e', 'x-a')),
    source: fc.constantFrom<unknown>('x', 'Y ', 'z', '', null, {}),
    state: fc.constantFrom<unknown>('fl', 'Florida', 'TX', 'Flordia', null, []),
    dateAdded: fc.constantFrom<unknown>(daysAgo(0), daysAgo(5), daysAgo(30), 'once', null),
    amount: customValue,
    date: customValue,
  })
  .map(({ amount, date, ...fields }) => ({
    ...fields,
    customFields: [
      { id: 'amount', value: amount },
      { id: 'date', value: date },
    ],
  }));

/** A contact's opportunities. */
export const opportunities: fc.Arbitrary<Opportunity[]> = fc
  .array(fc.constantFrom('open', 'won', 'lost', null), { maxLength: 3 })
  .map((all) => all.map((status, index) => ({ id: `o${index}`, pipelineId: null, stageId: null, status })));
