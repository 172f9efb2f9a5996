// Finding a person by phone without trusting the filter: a stranger is never taken for them.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CallToolsSettings } from '../../../sandbox/calltools/settings.ts';
import { createLookup } from '../../../workers/consumer/dialer/find-by-phone.ts';
import {
  callToolsStage,
  failureOf,
  jsonAnswer,
  type Meddle,
  OTHER_PHONE,
  PHONE,
} from '../../support/vendor-harness.ts';

type Mode = 'contacts' | 'phonenumbers' | 'off';

function lookupStage(account: Partial<CallToolsSettings> = {}, mode: Mode = 'contacts', meddle?: Meddle) {
  const stage = callToolsStage(account, meddle ? { meddle } : {});
  const unsupported = new Set<string>();
  const remembered: string[] = [];
  const lookup = createLookup({
    callTools: stage.client,
    country: 'US',
    mode,
    unsupported,
    remember: async (resource) => {
      remembered.push(resource);
    },
  });
  const ids = async (phone: string) => {
    const found = await lookup(phone);
    return found.kind === 'found' ? found.contacts.map(({ id }) => id) : found.kind;
  };
  const paths = () => stage.vendor.calls.list().map(({ path }) => path.replace(/\d+/, 'id'));
  return { ...stage, lookup, ids, unsupported, remembered, paths };
}

describe('a filter that works', () => {
  test('finds the contact, although list rows hide their phones', async () => {
    const { vendor, ids, paths } = lookupStage();
    vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE });
    const { id } = vendor.addContactByHand({ mobile_phone_number: PHONE });
    expect(await ids(PHONE)).toEqual([id]);
    expect(paths()).toEqual(['/api/contacts/', '/api/contacts/id/']);
  });

  test('costs one call where rows show all that is needed', async () => {
    const { vendor, lookup, paths } = lookupStage({ listRowsOmitPhones: false });
    vendor.addContactByHand({ mobile_phone_number: PHONE, do_not_contact: true });
    expect(await lookup(PHONE)).toMatchObject({ contacts: [{ doNotContact: true, phones: [PHONE, PHONE] }] });
    expect(paths()).toEqual(['/api/contacts/']);
  });

  test('nobody has the number: absent, and nothing is remembered against the filter', async () => {
    const { vendor, ids, unsupported } = lookupStage();
    vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE });
    expect(await ids(PHONE)).toBe('absent');
    expect(unsupported.size).toBe(0);
  });

  test('all who carry the number are found, lowest id first, up to twenty', async () => {
    const { vendor, ids } = lookupStage();
    const all = Array.from({ length: 20 }, () => vendor.addContactByHand({ home_phone_number: PHONE }).id);
    expect(await ids(PHONE)).toEqual(all);
  });

  test('of a number that still more carry, twenty are found, and the others can be looked for as before', async () => {
    const { vendor, ids, unsupported } = lookupStage();
    const all = Array.from({ length: 21 }, () => vendor.addContactByHand({ home_phone_number: PHONE }).id);
    const { id } = vendor.addContactByHand({ home_phone_number: OTHER_PHONE });
    expect(await ids(PHONE)).toEqual(all.slice(0, 20));
    expect(unsupported.size).toBe(0);
    expect(await ids(OTHER_PHONE)).toEqual([id]);
  });

  test('the number counts in any field and any spelling', async () => {
    const row = { id: 5, buckets: [], office_phone_number: '(305) 555-0142' };
    const { ids } = lookupStage({}, 'contacts', async ({ url }) =>
      jsonAnswer(200, url.includes('?') ? { count: 1, results: [row] } : row),
    );
    expect(await ids(PHONE)).toEqual([5]);
  });
});

describe('a filter that is ignored', () => {
  test('a stranger is never taken for the person, and the account is remembered as not searchable that way', async () => {
    const { vendor, ids, remembered, unsupported, paths } = lookupStage({ phoneFilter: 'ignored' });
    vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE });
    expect(await ids(PHONE)).toBe('unsupported');
    expect(remembered).toEqual(['contacts', 'phonenumbers']);
    expect(unsupported).toEqual(new Set(['contacts', 'phonenumbers']));
    vendor.calls.clear();
    expect(await ids(PHONE)).toBe('unsupported');
    expect(paths()).toEqual([]);
  });

  test('the phone numbers are the second choice, asked alone from then on', async () => {
    const { vendor, ids, paths, remembered } = lookupStage({ phoneFilter: 'ignored', phoneNumbersFilter: 'works' });
    vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE });
    const { id } = vendor.addContactByHand({ home_phone_number: PHONE });
    vendor.addContactByHand({ mobile_phone_number: '+13055550144' });
    for (let n = 0; n < 30; n++) vendor.addContactByHand({});
    expect(await ids(PHONE)).toEqual([id]);
    vendor.calls.clear();
    expect(await ids(PHONE)).toEqual([id]);
    expect(paths()).toEqual(['/api/phonenumbers/', '/api/contacts/id/']);
    expect(remembered).toEqual(['contacts']);
  });

  test('in an account with few contacts the right one is found by luck, and only it', async () => {
    const { vendor, ids } = lookupStage({ phoneFilter: 'ignored' });
    vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE });
    const { id } = vendor.addContactByHand({ mobile_phone_number: PHONE });
    expect(await ids(PHONE)).toEqual([id]);
  });

  test('among implausibly many rows one stranger is enough: the others are not even looked at', async () => {
    const { vendor, ids, paths } = lookupStage({ phoneFilter: 'ignored' });
    for (let n = 0; n < 21; n++) vendor.addContactByHand({ mobile_phone_number: n === 0 ? OTHER_PHONE : PHONE });
    expect(await ids(PHONE)).toBe('unsupported');
    expect(paths()).toEqual(['/api/contacts/', '/api/contacts/id/', '/api/phonenumbers/', '/api/contacts/id/']);
  });

  test('implausibly many rows without any number are a habit too', async () => {
    const { vendor, ids, unsupported } = lookupStage({ phoneFilter: 'ignored' });
    for (let n = 0; n < 21; n++) vendor.addContactByHand({});
    expect(await ids(PHONE)).toBe('absent');
    expect(unsupported).toEqual(new Set(['contacts']));
  });

  test('a count that lies does not make us look at a whole table', async () => {
    const results = Array.from({ length: 50 }, (_, id) => ({ id: id + 1 }));
    const { ids, paths } = lookupStage({}, 'contacts', async (request, handle) =>
      request.url.includes('?') ? jsonAnswer(200, { count: 1, results }) : handle(request),
    );
    expect(await ids(PHONE)).toBe('unsupported');
    expect(paths()).toHaveLength(20);
  });

  test('a row whose number cannot be read says nothing of the filter, and is no absence either', async () => {
    const row = { id: 5, buckets: [], _phone_numbers: [`Do not call ${OTHER_PHONE}`] };
    const stage = lookupStage({}, 'contacts', async () => jsonAnswer(200, { count: 1, results: [row] }));
    expect(await stage.ids(PHONE)).toBe('unsupported');
    expect(stage.remembered).toEqual([]);
    // Nor is the number in the prose the contact's.
    expect(await stage.ids(OTHER_PHONE)).toBe('unsupported');
  });

  test('rows that cannot be read are rows all the same, not an absence', async () => {
    const unreadable = async () => jsonAnswer(200, { results: [{ uuid: 'x' }] });
    expect(await lookupStage({}, 'contacts', unreadable).ids(PHONE)).toBe('unsupported');
  });
});

describe('what the account allows', () => {
  test('switched off, nothing is asked', async () => {
    const { ids, paths, remembered } = lookupStage({}, 'off');
    expect(await ids(PHONE)).toBe('unsupported');
    expect([paths(), remembered]).toEqual([[], []]);
  });

  test('with phone numbers chosen, contacts are not searched', async () => {
    const { vendor, ids, paths } = lookupStage({}, 'phonenumbers');
    const { id } = vendor.addContactByHand({ mobile_phone_number: PHONE });
    expect(await ids(PHONE)).toEqual([id]);
    expect(paths()[0]).toBe('/api/phonenumbers/');
  });

  test.each([
    [400, { phone_number: ['Enter a valid phone number.'] }],
    [400, { detail: 'Invalid phone number filter' }],
    [403, {}],
    [404, {}],
    [405, {}],
  ])('a %i %j on phone numbers, the second choice, stops nothing', async (status, body) => {
    const { vendor, ids, unsupported } = lookupStage({ phoneFilter: 'ignored' }, 'contacts', async (request, handle) =>
      request.url.includes('/phonenumbers/') ? jsonAnswer(status, body) : handle(request),
    );
    vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE });
    expect(await ids(PHONE)).toBe('unsupported');
    expect([...unsupported]).toEqual(['contacts']);
  });

  test.each([403, 404, 405])('a %i for one number alone is not the account’s habit', async (status) => {
    const { vendor, lookup, ids } = lookupStage({}, 'phonenumbers', async (request, handle) =>
      new URL(request.url).searchParams.get('phone_number') === OTHER_PHONE ? jsonAnswer(status, {}) : handle(request),
    );
    const { id } = vendor.addContactByHand({ mobile_phone_number: PHONE });
    expect(await failureOf(lookup(OTHER_PHONE))).toMatchObject({ kind: 'refused', sign: 'record' });
    expect(await ids(PHONE)).toEqual([id]);
  });

  test('a revoked key is not taken for a resource that the account lacks', async () => {
    const { lookup, unsupported } = lookupStage({}, 'phonenumbers', async () => jsonAnswer(401, {}));
    expect(await failureOf(lookup(PHONE))).toMatchObject({ kind: 'refused', sign: 'list' });
    expect(unsupported.size).toBe(0);
  });

  test('a 400 that says nothing of the number is not taken for a refusal of it', async () => {
    for (const mode of ['contacts', 'phonenumbers'] as const) {
      const { lookup } = lookupStage({}, mode, async () => jsonAnswer(400, { detail: 'temporarily unavailable' }));
      expect(await failureOf(lookup(PHONE))).toMatchObject({ kind: 'transient' });
    }
  });

  test.each([401, 403, 404])('a %i on contacts is refused, and is not remembered as a habit', async (status) => {
    const { lookup, unsupported } = lookupStage({}, 'contacts', async () => jsonAnswer(status, {}));
    expect(await failureOf(lookup(PHONE))).toMatchObject({ kind: 'refused', sign: 'record' });
    expect(unsupported.size).toBe(0);
  });

  test.each<Mode>(['contacts', 'phonenumbers'])(
    'one number that CallTools refuses to look for in %s says nothing of the others',
    async (mode) => {
      const { vendor, ids, unsupported } = lookupStage({}, mode, async (request, handle) =>
        new URL(request.url).searchParams.get('phone_number') === OTHER_PHONE
          ? jsonAnswer(400, { phone_number: ['Enter a valid phone number.'] })
          : handle(request),
      );
      const { id } = vendor.addContactByHand({ mobile_phone_number: PHONE });
      expect(await ids(OTHER_PHONE)).toBe('unsupported');
      expect(unsupported.size).toBe(0);
      expect(await ids(PHONE)).toEqual([id]);
    },
  );

  test('a stranger whom CallTools refuses to show keeps nobody else from being found', async () => {
    const { vendor, hooks, ids } = lookupStage({ phoneFilter: 'ignored', listRowsOmitPhones: true });
    const [refused, , wanted] = [OTHER_PHONE, '+13055550144', PHONE].map(
      (phone) => vendor.addContactByHand({ mobile_phone_number: phone }).id,
    );
    hooks.meddle = async (request, handle) =>
      request.url.endsWith(`/contacts/${refused}/`) ? jsonAnswer(403, {}) : handle(request);
    expect(await ids(PHONE)).toEqual([wanted]);
  });

  test('a row that may be the one that was looked for is not passed over', async () => {
    const { vendor, hooks, lookup } = lookupStage({ listRowsOmitPhones: true });
    vendor.addContactByHand({ mobile_phone_number: PHONE });
    hooks.meddle = async (request, handle) =>
      /\/contacts\/\d+\/$/.test(request.url) ? jsonAnswer(403, {}) : handle(request);
    expect(await failureOf(lookup(PHONE))).toMatchObject({ kind: 'refused', sign: 'record' });
  });

  test('nor does a contact that vanishes while it is looked at', async () => {
    const { vendor, hooks, ids, unsupported } = lookupStage();
    const { id } = vendor.addContactByHand({ mobile_phone_number: PHONE });
    hooks.meddle = async (request, handle) => {
      const answer = await handle(request);
      vendor.deleteContact(id);
      return answer;
    };
    expect(await ids(PHONE)).toBe('absent');
    expect(unsupported.size).toBe(0);
  });

  test('a row that cannot be read just now ends the look-up, whatever the rows behind it are', async () => {
    const { vendor, hooks, lookup, unsupported } = lookupStage({ phoneFilter: 'ignored' });
    const ids = Array.from({ length: 21 }, () => vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE }).id);
    hooks.meddle = async (request, handle) =>
      request.url.endsWith(`/contacts/${ids[0]}/`) ? jsonAnswer(500, {}) : handle(request);
    expect(await failureOf(lookup(PHONE))).toMatchObject({ kind: 'transient' });
    expect(unsupported.size).toBe(0);
  });

  test('transient trouble is not remembered as a habit', async () => {
    const { vendor, lookup, unsupported } = lookupStage();
    vendor.faults.plan({ do: { kind: 'html500' } });
    expect(await failureOf(lookup(PHONE))).toMatchObject({ kind: 'transient' });
    expect(unsupported.size).toBe(0);
  });
});

test('property: whatever the account does, only contacts that carry the number are found', async () => {
  const phones = fc.array(fc.constantFrom(PHONE, OTHER_PHONE, '+13055550144', ''), { maxLength: 25 });
  const account = fc.record({
    phoneFilter: fc.constantFrom('works', 'ignored'),
    phoneNumbersFilter: fc.constantFrom('works', 'ignored'),
    listRowsOmitPhones: fc.boolean(),
    listRowsKeepMainPhone: fc.boolean(),
    phoneNumbersShape: fc.constantFrom('objects', 'texts'),
  });
  await fc.assert(
    fc.asyncProperty(phones, account, fc.constantFrom<Mode>('contacts', 'phonenumbers'), async (all, habits, mode) => {
      const { vendor, lookup } = lookupStage(habits as Partial<CallToolsSettings>, mode);
      for (const phone of all) vendor.addContactByHand({ mobile_phone_number: phone });
      const right = vendor.contacts().flatMap(({ id, phones: own }) => (own.includes(PHONE) ? [id] : []));
      const found = await lookup(PHONE);
      if (found.kind === 'found') expect(found.contacts.map(({ id }) => id)).toEqual(right.slice(0, 20));
      if (found.kind === 'absent') expect(right).toEqual([]);
      const first = mode === 'contacts' ? habits.phoneFilter : habits.phoneNumbersFilter;
      if (first === 'works' && right.length <= 20) expect(found.kind).toBe(right.length > 0 ? 'found' : 'absent');
    }),
    { numRuns: 60 },
  );
});
