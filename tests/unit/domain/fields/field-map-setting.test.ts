// FIELD_MAP, OWNERS and COUNTRY_FORM: read as people write them, and whatever can be known to be wrong is refused by the field's name.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FieldSettings, parseFieldMap } from '../../../../workers/consumer/domain/fields/field-map-setting.ts';

const RESERVED = { phone: 'cell', email: 'personal_email_address', externalId: 'ghl_id' };
const DEFAULTS = ['address', 'city', 'first_name', 'last_name', 'state', 'zip_code'];
const parse = (settings: FieldSettings) => parseFieldMap(settings, RESERVED);
const ruleFor = (target: string, entry: unknown) =>
  parse({ FIELD_MAP: { [target]: entry } }).rules.find((rule) => rule.target === target);
const complaintAbout = (settings: FieldSettings): string => {
  try {
    parse(settings);
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : 'not an Error';
  }
  return 'nothing';
};

describe('FIELD_MAP', () => {
  test.each([undefined, null, '', '  ', {}, '{}'])('%j means names and address', (setting) => {
    const { rules } = parse({ FIELD_MAP: setting });
    expect(rules.map(({ target, from }) => [target, from.kind === 'contact' && from.field])).toEqual([
      ['address', 'address1'],
      ['city', 'city'],
      ['first_name', 'firstName'],
      ['last_name', 'lastName'],
      ['state', 'state'],
      ['zip_code', 'postalCode'],
    ]);
    expect(rules.every(({ as, fallback, empty }) => as === null && fallback === null && empty === 'keep')).toBe(true);
  });

  test('adds to the default fields, sorted, from JSON text or an object', () => {
    const map = { time_zone: 'timezone', company: ' companyName ' };
    const { rules } = parse({ FIELD_MAP: map });
    expect(rules.map(({ target }) => target)).toEqual([...DEFAULTS, 'company', 'time_zone'].sort());
    expect(parse({ FIELD_MAP: ` ${JSON.stringify(map)} ` })).toEqual(parse({ FIELD_MAP: map }));
    expect(ruleFor('company', ' companyName ')?.from).toEqual({ kind: 'contact', field: 'companyName' });
  });

  test('replaces a default field, and null leaves it out', () => {
    const { rules } = parse({ FIELD_MAP: { first_name: 'custom:contact.nickname', city: null } });
    expect(rules.map(({ target }) => target)).toEqual(DEFAULTS.filter((target) => target !== 'city'));
    expect(rules.find(({ target }) => target === 'first_name')?.from).toEqual({
      kind: 'custom',
      ref: 'contact.nickname',
    });
  });

  test.each([
    ['custom:contact.trustedform_url', 'contact.trustedform_url'],
    ['custom:ybkfEcmUENQ3rSmsr7ke', 'ybkfEcmUENQ3rSmsr7ke'],
    ['custom: Monthly bill: $ ', 'Monthly bill: $'],
  ])('%j is a custom field by key, id or name', (from, ref) => {
    expect(ruleFor('x', from)).toEqual({
      target: 'x',
      from: { kind: 'custom', ref },
      as: null,
      fallback: null,
      empty: 'keep',
    });
  });

  test.each([
    ['text', ' none ', 'none'],
    ['number', 0, 0],
    ['boolean', false, false],
    ['date', '2026-01-31', '2026-01-31'],
    ['list', [' solar '], ['solar']],
    [undefined, 'none', 'none'],
    [undefined, 7, 7],
    [undefined, true, true],
    [undefined, ['a', 'b'], ['a', 'b']],
  ])('a type of %j takes the default %j', (as, fallback, read) => {
    const entry = { from: 'source', ...(as && { as }), default: fallback };
    expect(ruleFor('x', entry)).toMatchObject({ as: as ?? null, fallback: read });
  });

  test('a text is cut at its placeholders', () => {
    const entry = { text: 'GHL {id}, {custom:Loan amount}{ firstName }.', default: 'GHL', empty: 'keep' };
    expect(ruleFor('x', entry)).toEqual({
      target: 'x',
      from: {
        kind: 'text',
        parts: [
          'GHL ',
          { kind: 'contact', field: 'id' },
          ', ',
          { kind: 'custom', ref: 'Loan amount' },
          { kind: 'contact', field: 'firstName' },
          '.',
        ],
      },
      as: null,
      fallback: 'GHL',
      empty: 'keep',
    });
    expect(ruleFor('x', { text: 'GoHighLevel', empty: 'clear' })).toMatchObject({ empty: 'clear' });
  });

  test.each([
    ['home_phone_number', /^FIELD_MAP\.home_phone_number: is a phone field\. A second phone number is refused: .*docs/],
    ['cell', /is a phone field/],
    ['CallerPhone', /is a phone field/],
    ['do_not_contact', /^FIELD_MAP\.do_not_contact: decides whether a contact is called.*Remove it here/],
    ['Ready', /decides whether a contact is called/],
    ['status', /decides whether a contact is called/],
    ['suppress_until', /decides whether a contact is called/],
    ['owned_by', /is written by OWNERS/],
    ['buckets', /is about buckets and tags, which the rules decide/],
    ['add_buckets', /SYNC_RULES/],
    ['remove_buckets', /SYNC_RULES/],
    ['remove_from_other_buckets_on_add', /SYNC_RULES/],
    ['tags', /SYNC_RULES/],
    ['add_tags', /SYNC_RULES/],
    ['remove_tags', /SYNC_RULES/],
    ['id', /is written by CallTools itself/],
    ['created_on', /is written by CallTools itself/],
    ['last_call_outbound_human', /is written by CallTools itself/],
    ['disposition_id', /is written by CallTools itself/],
    ['_email_addresses', /is written by CallTools itself/],
    ['__proto__', /is written by CallTools itself/],
    ['personal_email_address', /is written by CALLTOOLS_EMAIL_FIELD/],
    ['ghl_id', /is written by CALLTOOLS_EXTERNAL_ID_FIELD/],
    ['Lead Source', /^FIELD_MAP\.Lead Source: is not a field name.*API name/],
    ['', /is not a field name/],
    ['a'.repeat(101), /^FIELD_MAP\.a{60}…: is not a field name/],
  ])('%s is no target', (target, complaint) => {
    for (const entry of ['source', null])
      expect(
        complaintAbout({
          FIELD_MAP: JSON.stringify({ x: null }).replace(
            '"x":null',
            `${JSON.stringify(target)}:${JSON.stringify(entry)}`,
          ),
        }),
      ).toMatch(complaint);
  });

  test('fields that other settings do not name may be mapped', () => {
    const { rules } = parseFieldMap(
      { FIELD_MAP: { cell: 'source', email: 'email', ghl_id: 'id' } },
      { phone: 'mobile_phone_number', email: 'personal_email_address', externalId: '' },
    );
    expect(rules).toHaveLength(9);
  });

  test.each<[unknown, RegExp]>([
    ['compnayName', /GoHighLevel's contacts have no field "compnayName"\. Did you mean companyName\?/],
    ['company_name', /Did you mean companyName\?/],
    ['contact.x', /A custom field is written as custom:contact\.key/],
    ['phone', /one number for each contact is what do-not-contact is decided by/],
    [{ text: 'call {phone}' }, /one number for each contact/],
    ['x'.repeat(1000), /have no field "x{60}…"/],
    ['', /must name a contact field/],
    ['custom: ', /"custom:" must be followed by the key, the id or the name/],
    ['GHL {id}', /is written without braces.* Braces are for \{"text": "GHL \{id\}"\}/],
    ['custom:{{contact.product}}', /is written without braces, such as "custom:contact\.key"/],
    [7, /must be a contact field such as "companyName", "custom:…"/],
    [['companyName'], /must be a contact field/],
    [{}, /needs either "from" or "text"/],
    [{ from: 'source', text: 'x' }, /needs either "from" or "text"/],
    [{ from: 7 }, /"from" must be a contact field/],
    [{ form: 'source' }, /"form" is not known\. Did you mean from\?/],
    [{ from: 'source', as: 'numbr' }, /"as" must be one of text, number, boolean, date, list\. Did you mean number\?/],
    [{ from: 'source', as: null }, /"as" must be/],
    [{ text: 'x', as: 'text' }, /"as" does not go with "text"/],
    [{ from: 'source', empty: 'kept' }, /"empty" must be "keep" .* or "clear"/],
    [{ from: 'source', default: 'x', empty: 'clear' }, /has a "default", so it is never empty/],
    [{ from: 'source', default: null }, /"default" must be a text/],
    [{ from: 'source', default: ' ' }, /"default" must be a text that is not empty/],
    [{ from: 'source', default: { a: 1 } }, /"default" must be a text/],
    [{ from: 'source', as: 'number', default: '0' }, /"default" must be a number, without quotes/],
    [{ from: 'source', as: 'boolean', default: 'no' }, /"default" must be true or false, without quotes/],
    [{ from: 'source', as: 'date', default: '01/31/2026' }, /"default" must be a date such as "2026-01-31"/],
    [{ from: 'source', as: 'date', default: '2026-02-30' }, /"default" must be a date/],
    [{ from: 'source', as: 'list', default: 'solar' }, /"default" must be a list of texts/],
    [{ from: 'source', as: 'list', default: [] }, /"default" must be a list of texts/],
    [{ from: 'source', as: 'list', default: [7] }, /"default" must be a list of texts/],
    [{ from: 'source', as: 'text', default: 7 }, /"default" must be a text/],
    [{ text: 'GHL {id}', default: 7 }, /"default" must be a text/],
    [{ text: '' }, /"text" must not be empty/],
    [{ text: 7 }, /"text" must be a text/],
    [{ text: 'GHL {id' }, /has a brace without its partner/],
    [{ text: 'GHL id}' }, /has a brace without its partner/],
    [{ text: 'GHL {{contact.id}}' }, /placeholders have one brace on each side/],
    [{ text: 'GHL { }' }, /must name a contact field/],
    [{ text: 'GHL {idd}' }, /Did you mean id\?/],
  ])('the entry %j is refused', (entry, complaint) => {
    const message = complaintAbout({ FIELD_MAP: { lead_source: entry } });
    expect(message).toMatch(/^FIELD_MAP\.lead_source: /);
    expect(message).toMatch(complaint);
  });

  test('spellings that differ only in case are refused, also of a default field', () => {
    expect(complaintAbout({ FIELD_MAP: { loan: 'source', Loan: 'type' } })).toMatch(
      /^FIELD_MAP\.Loan: differs from loan/,
    );
    expect(complaintAbout({ FIELD_MAP: { City: 'city' } })).toMatch(/^FIELD_MAP\.City: differs from city only in case/);
  });

  test('100 fields are possible, and no more', () => {
    const map = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`field_${at}`, 'source']));
    expect(parse({ FIELD_MAP: map(94) }).rules).toHaveLength(100);
    expect(complaintAbout({ FIELD_MAP: map(95) })).toMatch(/^FIELD_MAP: maps 101 fields .*At most 100/);
  });

  test.each([
    ['{', /^FIELD_MAP: is not valid JSON/],
    ['[]', /^FIELD_MAP: must be an object such as \{"company": "companyName"\}/],
    [7, /^FIELD_MAP: must be an object/],
  ])('%j as a whole is refused', (setting, complaint) => {
    expect(complaintAbout({ FIELD_MAP: setting })).toMatch(complaint);
  });
});

describe('OWNERS', () => {
  test('takes ids and email addresses, which are compared in lower case', () => {
    const owners = { ' Ve9EPM428h8vShlRW1KT ': ' 7c9e6679-7425-40de-944b ', 'Ana@Example.com': 'ana' };
    const read = new Map([
      ['Ve9EPM428h8vShlRW1KT', '7c9e6679-7425-40de-944b'],
      ['ana@example.com', 'ana'],
    ]);
    expect(parse({ OWNERS: owners }).owners).toEqual(read);
    expect(parse({ OWNERS: JSON.stringify(owners) }).owners).toEqual(read);
    expect(parse({}).owners.size).toBe(0);
  });

  test.each<[unknown, string]>([
    ['{', 'OWNERS: is not valid JSON (a missing quote or comma?)'],
    [[], 'OWNERS: must be an object such as {"ana@example.com": "ana"}'],
    [{ 'Ana Lee': 'ana' }, 'OWNERS: entry 1: must be named by a GoHighLevel user id or an email address'],
    [{ u1: 'x', 'ana@': 'ana' }, 'OWNERS: entry 2: must be named by a GoHighLevel user id or an email address'],
    [{ u1: '' }, 'OWNERS: entry 1: must be the id, email, username or name of a CallTools user, as a text'],
    [{ u1: 7 }, 'OWNERS: entry 1: must be the id, email, username or name of a CallTools user, as a text'],
    [{ 'a@b.c': 'x', 'A@B.C': 'y' }, 'OWNERS: entry 2: names a user that an earlier entry names too. Remove one'],
  ])('%j is refused', (setting, complaint) => {
    expect(complaintAbout({ OWNERS: setting })).toBe(complaint);
  });

  test('1,000 users are possible, and no more', () => {
    const owners = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`u${at}`, 'x']));
    expect(parse({ OWNERS: owners(1000) }).owners.size).toBe(1000);
    expect(complaintAbout({ OWNERS: owners(1001) })).toMatch(/^OWNERS: at most 1000/);
  });
});

test.each([
  [undefined, 'iso2'],
  [null, 'iso2'],
  [' ', 'iso2'],
  [' iso2', 'iso2'],
  ['name', 'name'],
])('COUNTRY_FORM %j is %s', (setting, form) => {
  expect(parse({ COUNTRY_FORM: setting }).countryForm).toBe(form);
});

test.each(['US', 7, {}])('COUNTRY_FORM %j is refused', (setting) => {
  expect(complaintAbout({ COUNTRY_FORM: setting })).toBe('COUNTRY_FORM must be iso2 (US) or name (United States)');
});

const entry = fc.oneof(
  fc.jsonValue(),
  fc.record(
    {
      from: fc.oneof(fc.jsonValue(), fc.constantFrom('source', 'custom:x', 'phone')),
      text: fc.oneof(fc.jsonValue(), fc.constantFrom('GHL {id}', '{', '{{id}}')),
      as: fc.oneof(fc.jsonValue(), fc.constantFrom('text', 'number', 'boolean', 'date', 'list')),
      default: fc.jsonValue(),
      empty: fc.constantFrom('keep', 'clear', 'x'),
    },
    { requiredKeys: [] },
  ),
);

test('whatever the settings hold, they are read, or refused by the name of the field', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), entry)), (setting) => {
      const name = /^(?:FIELD_MAP[.:] ?|nothing$)/;
      expect(complaintAbout({ FIELD_MAP: setting })).toMatch(name);
      expect(complaintAbout({ FIELD_MAP: JSON.stringify(setting) })).toMatch(name);
      expect(complaintAbout({ OWNERS: setting })).toMatch(/^(?:OWNERS: |nothing$)/);
      expect(complaintAbout({ COUNTRY_FORM: setting })).toMatch(/^(?:COUNTRY_FORM must be |nothing$)/);
    }),
  );
});
