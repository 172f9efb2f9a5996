// Every example of docs/fields.md is true: with its settings, a contact with what stands on the left comes to what stands on the right.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CUSTOM_FIELDS } from '../../../sandbox/gohighlevel/custom-fields.ts';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';

type Fields = Record<string, unknown>;

/** A contact of GoHighLevel and what CallTools then has of it. `changes`: of the contact of the row before. */
interface Row {
  changes: boolean;
  given: Fields;
  expected: Fields;
}

interface Example {
  settings: Fields;
  rows: Row[];
}

const page = readFileSync('docs/fields.md', 'utf8');
const TABLE =
  /(?:```jsonc\n([\s\S]*?)\n```|^Without a setting:)\n\n\| GoHighLevel \| CallTools \|\n\|---\|---\|\n((?:\|.*\|\n)+)/gm;
const ROW = /^\| (then )?`(.*)` \| `(.*)` \|$/;

const examples = [...page.matchAll(TABLE)].map(([, settings = '', rows = '']): Example => {
  return { settings: objectIn(settings), rows: rows.trim().split('\n').map(readRow) };
});

function readRow(line: string): Row {
  const [, then, given, expected] = ROW.exec(line) ?? [];
  if (given === undefined || expected === undefined) throw new Error(`not a row of an example: ${line}`);
  return { changes: then !== undefined, given: objectIn(given), expected: objectIn(expected) };
}

/** The page leaves out the outer braces. */
function objectIn(text: string): Fields {
  return JSON.parse(`{${text}}`) as Fields;
}

/** Fields of a contact; names that begin with `contact.` are keys of custom fields. */
function contactOf(given: Fields): Fields {
  const isKey = ([name]: [string, unknown]) => name.startsWith('contact.');
  const entries = Object.entries(given);
  const customFields = entries.filter(isKey).map(([key, value]) => {
    const field = CUSTOM_FIELDS.find(({ fieldKey }) => fieldKey === key);
    if (!field) throw new Error(`the sandbox has no custom field ${key}`);
    return { id: field.id, value };
  });
  return {
    ...Object.fromEntries(entries.filter((entry) => !isKey(entry))),
    ...(customFields.length > 0 && { customFields }),
  };
}

test('each block of settings on the page has its table', () => {
  expect(examples.filter(({ settings }) => Object.keys(settings).length > 0)).toHaveLength(
    page.split('```jsonc').length - 1,
  );
  expect(page.split('| GoHighLevel | CallTools |').length - 1).toBe(examples.length);
  expect(examples.length).toBeGreaterThan(5);
});

test.each(examples.map((example) => [Object.keys(example.settings).join(), example] as const))(
  'an example of %s does what the page says',
  async (_what, { settings, rows }) => {
    const stage = backstopStage({ env: settings as Record<string, string> });
    let number = 0;
    let id = '';
    for (const { changes, given, expected } of rows) {
      if (changes) await stage.ghl.editContact(id, contactOf(given), { silent: true });
      else {
        const lead = { phone: phoneOf(++number), tags: ['cold lead'] };
        ({ id } = await stage.ghl.addContact({ ...lead, ...contactOf(given) }, { silent: true }));
      }
      stage.hint(id);
      await stage.work();
      const [contact] = stage.callTools.withPhone(phoneOf(number));
      expect(contact?.fields).toMatchObject(expected);
      expect(await stage.ask('GET', `/contacts/${id}`)).toMatchObject({ state: 'placed', left_out: [] });
    }
  },
);
