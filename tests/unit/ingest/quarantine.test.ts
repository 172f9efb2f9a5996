// How an unreadable body was built, as its dead letter says it: ids and the protocol's own keys, never a value.

import { expect, test } from 'vitest';
import { type Shape, shapeOf } from '../../../workers/ingest/quarantine.ts';

const ID = 'nmFmQEsNgz6AVpgLVUJ0';

test('values are named by their type, ids as they are, and other keys are only counted', () => {
  const body = {
    type: 'ContactUpdate',
    id: ID,
    phone: ' ',
    dnd: true,
    email: null,
    timestamp: 5,
    favouriteCake: 'plum',
    pet: {},
  };
  expect(shapeOf(body)).toEqual({
    type: 'text',
    id: ID,
    phone: 'empty text',
    dnd: 'boolean',
    email: 'null',
    timestamp: 'number',
    otherKeys: 2,
  });
  expect(shapeOf({ contactId: 'Dana Reyes, 415' })).toEqual({ contactId: 'text' });
  expect(shapeOf(undefined)).toBe('not JSON');
});

test('a list is its length and its first entry', () => {
  expect(shapeOf({ tags: ['a', 5] })).toEqual({ tags: { list: 2, first: 'text' } });
  expect(shapeOf({ tags: [] })).toEqual({ tags: { list: 0 } });
});

test('five levels are told', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 'x' : { data: nested(levels - 1) });
  const told = (levels: number, last: string): Shape => (levels === 0 ? last : { data: told(levels - 1, last) });
  expect(shapeOf(nested(5))).toEqual(told(5, 'text'));
  expect(shapeOf(nested(6))).toEqual(told(5, 'object'));
  expect(shapeOf([[[[[['x']]]]]])).toEqual({
    list: 1,
    first: { list: 1, first: { list: 1, first: { list: 1, first: { list: 1, first: 'list' } } } },
  });
});

test('two hundred parts are told, and the others counted', () => {
  const names = ['id', 'type', 'location', 'phone', 'email', 'city', 'state', 'country', 'source', 'website'];
  const contact = Object.fromEntries(names.map((name) => [name, 1]));
  const five = { data: contact, contact, workflow: contact, user: contact, customData: contact };
  const countOf = (shape: Shape | number, key: RegExp): number =>
    typeof shape !== 'object'
      ? 0
      : Object.entries(shape).reduce((sum, [at, inner]) => sum + (key.test(at) ? 1 : 0) + countOf(inner, key), 0);
  const shape = shapeOf({ all: five, Call: five, Email: five, SMS: five });
  expect(countOf(shape, /^(?!otherKeys$)/)).toBe(200);
  expect(shape).toMatchObject({ SMS: { workflow: { otherKeys: 2 }, otherKeys: 2 } });
});
