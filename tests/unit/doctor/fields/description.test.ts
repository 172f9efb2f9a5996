// The account's API description: which fields a contact has, with their types and choices, in OpenAPI 2 and 3.

import { expect, test } from 'vitest';
import { readSettings } from '../../../../workers/consumer/config/settings.ts';
import { type AccountField, describedFields } from '../../../../workers/consumer/doctor/fields/description.ts';
import { callToolsStage, ENV, jsonAnswer } from '../../../support/vendor-harness.ts';

const CONTACT = { do_not_contact: { type: 'boolean' }, add_buckets: { type: 'array', items: { type: 'integer' } } };

async function read(description: object) {
  const { world, clock } = callToolsStage({}, { meddle: async () => jsonAnswer(200, description) });
  return describedFields(readSettings(ENV), world, clock.at + 60_000);
}

/** What is said of the field `it`. */
const fieldIn = async (description: object) => (await read(description))?.get('it');
const swagger = (it: object) => ({ definitions: { Contact: { properties: { ...CONTACT, it } } } });
const openApi = (it: object, schemas: object = {}) => ({
  components: { schemas: { Contact: { properties: { ...CONTACT, it } }, ...schemas } },
});
const a = (changes: Partial<AccountField>): AccountField => ({
  type: null,
  choices: null,
  maxLength: null,
  readOnly: false,
  ...changes,
});

test.each<[string, object, Partial<AccountField>]>([
  ['a text', { type: 'string', maxLength: 40 }, { type: 'text', maxLength: 40 }],
  ['a number', { type: 'number' }, { type: 'number' }],
  ['a whole number that may be null', { type: ['integer', 'null'] }, { type: 'number' }],
  ['a boolean', { type: 'boolean', 'x-nullable': true }, { type: 'boolean' }],
  ['a date', { type: 'string', format: 'date' }, { type: 'date' }],
  ['a time, which nothing is known to fit', { type: 'string', format: 'date-time' }, {}],
  [
    'choices',
    { type: 'string', enum: ['', 'Solar', 'Roofing', null] },
    { type: 'text', choices: ['Solar', 'Roofing'] },
  ],
  ['several choices', { type: 'array', items: { enum: ['a', 1] } }, { type: 'list', choices: ['a', '1'] }],
  ['a field that nobody writes', { type: 'string', readOnly: true }, { type: 'text', readOnly: true }],
  ['a field of which nothing is said', {}, {}],
  ['a field of which nonsense is said', { type: 7, enum: 'x', maxLength: '9' }, {}],
])('%s is understood', async (_what, said, expected) => {
  expect(await fieldIn(swagger(said))).toEqual(a(expected));
  expect(await fieldIn(openApi(said))).toEqual(a(expected));
});

test('choices that stand elsewhere are found', async () => {
  const schemas = { ProductEnum: { type: 'string', enum: ['Solar', 'Roofing'] }, BlankEnum: { enum: [''] } };
  const refs = [{ $ref: '#/components/schemas/ProductEnum' }, { $ref: '#/components/schemas/BlankEnum' }];
  for (const said of [{ oneOf: refs }, { allOf: [refs[0]] }, { anyOf: refs }, refs[0] ?? {}])
    expect(await fieldIn(openApi(said, schemas))).toEqual(a({ type: 'text', choices: ['Solar', 'Roofing'] }));
});

test('a schema that refers to itself comes to an end', async () => {
  const loop = { allOf: [{ $ref: '#/components/schemas/Loop' }], type: 'string' };
  expect(await fieldIn(openApi(loop, { Loop: loop }))).toEqual(a({ type: 'text' }));
});

test('of a model for reading and one for writing both count', async () => {
  const fields = await read({
    definitions: {
      ContactRead: { properties: { ...CONTACT, it: { type: 'string', readOnly: true }, seen: { readOnly: true } } },
      ContactWrite: { properties: { ...CONTACT, it: { type: 'string', enum: ['a'] } } },
      Call: { properties: { length: { type: 'integer' } } },
    },
  });
  expect([...(fields?.keys() ?? [])]).toEqual(['do_not_contact', 'add_buckets', 'it', 'seen']);
  expect(fields?.get('it')).toEqual(a({ type: 'text', choices: ['a'] }));
  expect(fields?.get('seen')).toEqual(a({ readOnly: true }));
});

test('without a model of a contact nothing is known', async () => {
  expect(await read({ definitions: { Call: { properties: { length: {} } }, Odd: 7 } })).toBeNull();
  expect(await read({ openapi: '3.0.0', paths: {} })).toBeNull();
});
