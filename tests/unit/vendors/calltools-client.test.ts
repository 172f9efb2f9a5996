// The real CallTools client against the sandbox's CallTools, with each of its awkward habits.

import { describe, expect, test } from 'vitest';
import { mayHaveTakenEffect, VendorError } from '../../../workers/consumer/domain/failure.ts';
import type { Meddle } from '../../support/vendor-harness.ts';
import { COLD, callToolsStage, failureOf, jsonAnswer, OTHER_PHONE, PHONE } from '../../support/vendor-harness.ts';

/** A client whose CallTools gives this one answer to calls of this path. */
function answering(path: string | RegExp, answer: () => Response, account: Parameters<typeof callToolsStage>[0] = {}) {
  const meddle: Meddle = async (request, handle) => {
    const { pathname } = new URL(request.url);
    return pathname.search(path) >= 0 ? answer() : handle(request);
  };
  return callToolsStage(account, { meddle });
}

describe('requests', () => {
  test('every path ends in a slash: nothing is redirected, no write is lost', async () => {
    const { client, vendor } = callToolsStage();
    const { id } = vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [COLD] });
    const bucket = vendor.bucketNamed(COLD)?.id ?? 0;
    await client.findByPhone(PHONE, 'contacts');
    await client.findByPhone(PHONE, 'phonenumbers');
    await client.get(id);
    await client.create({ mobile_phone_number: OTHER_PHONE });
    await client.update(id, { first_name: 'Dana' });
    await client.bucketsOf(id);
    await client.changeBucket(bucket, { add_contacts: [id] });
    await client.labels('bucket');
    await client.labels('tag');
    await client.createLabel('bucket', 'Warm');
    await client.createLabel('tag', 'ghl');
    await client.probe();
    const calls = vendor.calls.list();
    expect(calls).toHaveLength(12);
    expect(calls.filter(({ path }) => !path.endsWith('/'))).toEqual([]);
    expect(calls.filter(({ status }) => status >= 300)).toEqual([]);
  });

  test.each(['https://east-1.calltools.test', 'https://east-1.calltools.test/api', 'https://host/calltools/api'])(
    'the base URL %s may have /api at its end or not',
    async (baseUrl) => {
      const { client } = callToolsStage({}, { baseUrl });
      expect(await client.labels('bucket')).toEqual([]);
    },
  );

  test('the key goes in the header as a Token: a wrong one is refused', async () => {
    const { client, hooks } = callToolsStage();
    expect(await client.labels('bucket')).toEqual([]);
    hooks.meddle = (request, handle) => {
      const headers = new Headers(request.headers);
      headers.set('authorization', `${headers.get('authorization')}x`);
      return handle(new Request(request, { headers }));
    };
    expect(await failureOf(client.labels('bucket'))).toMatchObject({ kind: 'refused', sign: 'list' });
  });
});

describe('a contact', () => {
  test.each(['objects', 'texts'] as const)('its phones are read, listed as %s', async (phoneNumbersShape) => {
    const { client, vendor } = callToolsStage({ phoneNumbersShape });
    const { id } = vendor.addContactByHand({
      mobile_phone_number: PHONE,
      buckets: [COLD],
      tags: ['ghl'],
      do_not_contact: true,
    });
    const contact = await client.get(id);
    expect(contact).toMatchObject({
      id,
      doNotContact: true,
      dialable: [PHONE],
      buckets: [vendor.bucketNamed(COLD)?.id],
    });
    expect(contact?.tags).toHaveLength(1);
    expect(new Set(contact?.phones)).toEqual(new Set([PHONE]));
  });

  test('what stands in place of a number is kept as one that cannot be read; words, times and ids are no numbers', async () => {
    const fields = { phone_type: 'mobile', last_phone_call: '2026-11-28 02:00:00', phone_uuid: '881b9415-5d35-4ff1' };
    const numbers = [PHONE, { phone_number: { e164: OTHER_PHONE } }, [], 3055550144, null, { phone_number: '' }];
    const body = { id: 5, ...fields, home_phone_number: `or ${OTHER_PHONE}`, _phone_numbers: numbers };
    const { client } = answering('contacts', () => jsonAnswer(200, body));
    const contact = await client.get(5);
    expect(contact?.dialable).toEqual([PHONE, '(unreadable number)', '(unreadable number)', '3055550144']);
    expect(contact?.phones.slice(4)).toEqual([`or ${OTHER_PHONE}`]);
  });

  test('labels may come as objects, and what the answer does not tell is null, not empty', async () => {
    const odd = {
      id: 1,
      buckets: [{ id: 7, name: 'x' }, 8],
      _phone_numbers: 'none',
      do_not_contact: 'no',
      tags: ['x'],
    };
    const { client } = answering('/contacts/', () => jsonAnswer(200, odd));
    expect(await client.get(1)).toMatchObject({
      id: 1,
      buckets: [7, 8],
      tags: null,
      dialable: null,
      doNotContact: null,
      phones: [],
    });
  });

  test('any field that is named after a phone counts as one of its numbers', async () => {
    const row = { home_phone_number: PHONE, phone_number_1: OTHER_PHONE, phone_ok: true, work_phone: '' };
    const numbers = { office_phone_number: 3055550144, phone_count: 123456, phone_owner_id: 12345678 };
    const { client } = answering('/contacts/', () => jsonAnswer(200, { id: 1, ...row, ...numbers }));
    expect((await client.get(1))?.phones).toEqual([PHONE, OTHER_PHONE, '3055550144']);
  });

  test('an unknown id is null, for reading and for changing', async () => {
    const { get, update } = callToolsStage().client;
    expect([await get(9), await update(9, { first_name: 'x' })]).toEqual([null, null]);
  });
});

describe('creating', () => {
  test('a new contact comes back as stored', async () => {
    const { client } = callToolsStage();
    expect(await client.create({ mobile_phone_number: PHONE })).toMatchObject({
      kind: 'created',
      contact: { id: expect.any(Number), dialable: [PHONE], buckets: [] },
    });
  });

  test('a merge names its contacts, one or several', async () => {
    const { client, vendor } = callToolsStage();
    const first = vendor.addContactByHand({ mobile_phone_number: PHONE });
    expect(await client.create({ mobile_phone_number: PHONE })).toEqual({ kind: 'duplicate', ids: [first.id] });
    const second = vendor.addContactByHand({ mobile_phone_number: PHONE });
    expect(await client.create({ mobile_phone_number: PHONE })).toEqual({
      kind: 'duplicate',
      ids: [first.id, second.id],
    });
  });

  test('an id of its own comes first, whatever duplicates are named beside it', async () => {
    for (const duplicate_contacts of [[], [5]]) {
      const { client } = answering('/contacts/', () => jsonAnswer(201, { id: 7, duplicate_contacts }));
      expect(await client.create({})).toMatchObject({ kind: 'created', contact: { id: 7 } });
    }
  });

  test('an account that refuses duplicates may name them too', async () => {
    const { client } = answering('/contacts/', () =>
      jsonAnswer(409, { duplicate_contacts: [5], duplicate_action: 'REJECT' }),
    );
    expect(await client.create({})).toEqual({ kind: 'duplicate', ids: [5] });
  });

  test.each([{}, { duplicate_contacts: [] }, { id: 'x', first_name: 'Dana Reyes' }, [], 'ok'])(
    'neither id nor duplicates (%j) is the vendor’s trouble: it may have been stored, and is not quoted',
    async (body) => {
      const failed = await failureOf(answering('/contacts/', () => jsonAnswer(201, body)).client.create({}));
      expect(failed).toMatchObject({ kind: 'transient', vendor: 'calltools' });
      expect(mayHaveTakenEffect(new VendorError(failed))).toBe(true);
      expect(failed.error).not.toContain('Dana');
    },
  );

  test('an empty 2xx is a transient failure: it says nothing about what happened', async () => {
    const { client } = answering('/contacts/', () => new Response('', { status: 201 }));
    expect(await failureOf(client.create({}))).toMatchObject({ kind: 'transient', vendor: 'calltools' });
  });
});

describe('refusals', () => {
  const SENT = {
    ...{
      mobile_phone_number: '+13055550142',
      personal_email_address: 'x',
      state: 'Q',
      first_name: 'Dana',
      title: 'Dr',
    },
    ...{ work_zip: '1', home_zip: '2', add_buckets: [1] },
  };
  const BAD = 'x is a invalid email address for field email';

  test.each<[string, unknown, string[] | undefined]>([
    ['a field', { state: ['"Q" is not a valid choice.'] }, ['state']],
    ['several fields', { state: ['bad'], first_name: { 0: ['bad'] } }, ['state', 'first_name']],
    ['fields in a container', { status_code: 400, errors: { state: ['bad'] } }, ['state']],
    ['a field with the name of a container', { title: ['bad'] }, ['title']],
    ['a field in a sentence', { detail: BAD }, ['personal_email_address']],
    ['a field in a list of sentences', { errors: [BAD] }, ['personal_email_address']],
    ['a field in a list alone', [BAD], ['personal_email_address']],
    ['a field in quotes in a sentence alone', "bad address for field 'email'", ['personal_email_address']],
    ['a field in a sentence under its shorter name', { email: BAD }, ['personal_email_address']],
    [
      'fields in a list of containers',
      { errors: [{ state: ['bad'] }, { email: ['bad'] }] },
      ['state', 'personal_email_address'],
    ],
    ['a field in a sentence about none', { non_field_errors: [BAD] }, ['personal_email_address']],
    ['a field by a shorter name', { email: ['bad'] }, ['personal_email_address']],
    ['the same field twice', { Email: ['bad'], detail: BAD }, ['personal_email_address']],
    ['a name that two fields contain', { zip: ['bad'] }, undefined],
    ['a name that is too short', { tl: ['bad'] }, undefined],
    ['a field that was not sent', { state: ['bad'], county: ['bad'] }, undefined],
    ['nothing in particular', { non_field_errors: ['bad'] }, undefined],
    ['something else too', { state: ['bad'], non_field_errors: ['bad', BAD] }, undefined],
  ])('that name %s say which keys of the body they are about', async (_, body, fields) => {
    const { client } = answering('/contacts/', () => jsonAnswer(400, body));
    for (const work of [client.create(SENT), client.update(1, SENT)]) {
      const failure = await failureOf(work);
      expect(failure).toMatchObject({ kind: 'contact', code: 'rejected' });
      expect('fields' in failure ? failure.fields : undefined).toEqual(fields);
    }
  });

  test('field errors concern this contact, with the vendor’s words and without the value', async () => {
    const { client } = callToolsStage();
    expect(await failureOf(client.create({ mobile_phone_number: '+12222222222' }))).toEqual({
      kind: 'contact',
      code: 'rejected',
      error:
        'CallTools answered 400: mobile_phone_number: [phone] is not a valid phone number for field mobile_phone_number',
      fields: ['mobile_phone_number'],
    });
    const failed = await failureOf(client.create({ personal_email_address: 'dana.reyes' }));
    expect(failed).toMatchObject({ code: 'rejected', error: expect.stringContaining('personal_email_address') });
    expect(failed.error).not.toContain('dana');
    const quoting = answering('/contacts/', () => jsonAnswer(400, { first_name: ['"Dana" is not a valid choice.'] }));
    for (const work of [
      quoting.client.create({ first_name: 'Dana' }),
      quoting.client.update(1, { first_name: 'Dana' }),
    ])
      expect((await failureOf(work)).error).toContain('first_name: "[value]" is not a valid choice');
  });

  test.each(['add_buckets', 'remove_buckets', 'add_tags', 'remove_tags'])(
    'a complaint about %s means that our ids are out of date',
    async (field) => {
      const { client, vendor } = callToolsStage();
      const { id } = vendor.addContactByHand({});
      expect(await failureOf(client.update(id, { [field]: [99] }))).toMatchObject({ kind: 'stale_labels' });
    },
  );

  test('a bucket that refuses a contact concerns that contact', async () => {
    const { client, vendor } = callToolsStage();
    const { id } = vendor.addContactByHand({ buckets: [COLD] });
    const bucket = vendor.bucketNamed(COLD)?.id ?? 0;
    await client.changeBucket(bucket, { remove_contacts: [id] });
    expect(vendor.bucketNamed(COLD)?.contacts).toEqual([]);
    expect(await failureOf(client.changeBucket(bucket, { add_contacts: [999] }))).toMatchObject({ code: 'rejected' });
  });

  test('a bucket that is gone means the same', async () => {
    const failed = await failureOf(callToolsStage().client.changeBucket(99, { add_contacts: [1] }));
    expect(failed).toEqual({ kind: 'stale_labels', error: 'CallTools has no bucket 99' });
  });

  test.each([
    [409, { detail: 'conflict' }, 'refused'],
    [413, { detail: 'too large' }, 'refused'],
    [422, { x: ['wrong'] }, 'contact'],
    [400, { errors: { email: ['wrong'] } }, 'contact'],
    [400, { error: 'dana is a invalid email address for field email' }, 'contact'],
    [400, { non_field_errors: ['They must make a unique set.'] }, 'contact'],
    [400, { phones: { 0: ['wrong'] } }, 'contact'],
    [400, 'Bad Request', 'transient'],
    [400, { detail: 'Service temporarily unavailable' }, 'transient'],
    [422, { error: { message: 'try later', code: 7 } }, 'transient'],
    [400, { error: { server: ['Service temporarily unavailable'] } }, 'transient'],
    [400, { maintenance: ['Back soon'] }, 'transient'],
    [422, { __all__: ['database is locked'] }, 'transient'],
    [400, {}, 'transient'],
  ])('a %i %j is a %s failure', async (status, body, kind) => {
    const { client } = answering('/contacts/', () => jsonAnswer(status, body));
    expect(await failureOf(client.update(1, {}))).toMatchObject({ kind });
  });

  test.each<[string, (stage: ReturnType<typeof callToolsStage>) => Promise<unknown>]>([
    ['the contacts', ({ client }) => client.create({})],
    ['a search of them', ({ client }) => client.findByPhone(PHONE, 'contacts')],
    ['the buckets', ({ client }) => client.labels('bucket')],
    ['a new tag', ({ client }) => client.createLabel('tag', 'x')],
    ['the probe', ({ client }) => client.probe()],
  ])('a 404 on %s may be a wrong address', async (_, call) => {
    const stage = answering('/', () => new Response('<h1>Not Found</h1>', { status: 404 }));
    expect(await failureOf(call(stage))).toMatchObject({
      kind: 'refused',
      vendor: 'calltools',
      error: expect.stringContaining('(is CALLTOOLS_BASE_URL right?)'),
    });
  });

  test('the probe says what is wrong with CallTools as a whole', async () => {
    expect(await failureOf(callToolsStage({ readDenied: true }).client.probe())).toMatchObject({ sign: 'list' });
    const page = answering('/buckets/', () => jsonAnswer(200, { maintenance: true }));
    expect(await failureOf(page.client.probe())).toMatchObject({ kind: 'transient' });
  });
});
