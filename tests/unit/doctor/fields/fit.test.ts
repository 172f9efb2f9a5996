// Which values a field of CallTools takes, by what the account says of it. No complaint repeats a value.

import { expect, test } from 'vitest';
import type { AccountField } from '../../../../workers/consumer/doctor/fields/description.ts';
import { misfit } from '../../../../workers/consumer/doctor/fields/fit.ts';
import type { FieldValue } from '../../../../workers/consumer/domain/fields/field-map.ts';

const field = (changes: Partial<AccountField>): AccountField => ({
  type: null,
  choices: null,
  maxLength: null,
  readOnly: false,
  ...changes,
});
const COLOURS = ['red', 'green'];

test.each<[Partial<AccountField>, FieldValue]>([
  [{}, true],
  [{ type: 'text' }, 'x'],
  [{ type: 'text' }, 5],
  [{ type: 'text', maxLength: 2 }, '👍👍'],
  [{ type: 'number' }, 0],
  [{ type: 'boolean' }, false],
  [{ type: 'date' }, '2026-01-31'],
  [{ type: 'list' }, ['x']],
  [{ type: 'text', choices: COLOURS }, 'red'],
  [{ type: 'text', choices: ['1', '2'] }, 2],
  [{ type: 'list', choices: COLOURS }, ['red', 'green']],
])('%j takes %j', (said, value) => expect(misfit(field(said), value)).toBeNull());

test.each<[Partial<AccountField>, FieldValue, string]>([
  [{ readOnly: true }, 'secret', 'read-only in CallTools'],
  [{ type: 'text' }, true, 'a text field does not take a boolean'],
  [{ type: 'text' }, ['secret'], 'a text field does not take a list'],
  [{ type: 'number' }, 'secret', 'a number field does not take a text'],
  [{ type: 'boolean' }, 1, 'a boolean field does not take a number'],
  [{ type: 'date' }, '01/31/2026', 'a date field takes YYYY-MM-DD only'],
  [{ type: 'date' }, 5, 'a date field does not take a number'],
  [{ type: 'list' }, 'secret', 'a list field does not take a text'],
  [{ type: 'text', choices: COLOURS }, 'Red', 'not among the choices of the field'],
  [{ type: 'list', choices: COLOURS }, ['red', 'secret'], 'not among the choices of the field'],
  [{ type: 'text', maxLength: 3 }, 'secret', 'longer than 3 characters'],
])('%j does not take %j, and says why', (said, value, why) => expect(misfit(field(said), value)).toBe(why));
