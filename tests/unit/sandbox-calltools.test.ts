// The stand-in for CallTools keeps the awkward habits that facts/calltools.md reports: one test a habit.

import { describe, expect, test } from 'vitest';
import type { CallToolsSettings } from '../sandbox/calltools/settings.ts';
import { createCallTools } from '../sandbox/calltools.ts';

const PHONE = '+13055550142';
const OTHER = '+13055550143';

// biome-ignore lint/suspicious/noExplicitAny: answers are read as loosely as a test needs
type Loose = any;

function account(settings: Partial<CallToolsSettings> = {}) {
  let clock = Date.UTC(2026, 10, 1);
  const wait = async (ms: number) => {
    clock += ms;
  };
  const vendor = createCallTools({ token: 't', now: () => clock, random: () => 0.4, wait, settings });
  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = { authorization: 'Token t' },
  ) {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await vendor.handle(
      new Request(`http://calltools.test/api${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...json,
      }),
    );
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: (type.includes('json') ? JSON.parse(text) : null) as Loose,
    };
  }
  const create = async (body: Record<string, unknown>): Promise<number> =>
    (await call('POST', '/contacts/', body)).json.id;
  const bucket = async (name: string): Promise<number> => (await call('POST', '/buckets/', { name })).json.id;
  return { vendor, call, create, bucket };
}

describe('requests', () => {
  test('without the right token: 401 with a detail', async () => {
    const { call } = account();
    expect(await call('GET', '/contacts/', undefined, {})).toMatchObject({
      status: 401,
      json: { detail: expect.any(String) },
    });
    expect((await call('GET', '/contacts/', undefined, { authorization: 'Bearer t' })).status).toBe(401);
    expect((await call('GET', '/contacts/', undefined, { authorization: 'Token other' })).json).toEqual({
      detail: 'Invalid token.',
    });
  });

  test('without the trailing slash: a read is redirected, a write is lost in an HTML 404', async () => {
    const { call, vendor } = account();
    const read = await call('GET', '/contacts?first_name=bob');
    expect([read.status, read.headers.get('location')]).toEqual([301, '/api/contacts/?first_name=bob']);
    const write = await call('POST', '/contacts', { mobile_phone_number: PHONE });
    expect([write.status, write.text.includes('<html')]).toEqual([404, true]);
    expect(vendor.contacts()).toEqual([]);
  });

  test('an unknown id is a JSON 404', async () => {
    const { call } = account();
    expect(await call('PATCH', '/contacts/9/', {})).toMatchObject({ status: 404, json: { detail: 'Not found.' } });
  });

  test('a role without read: 403 on buckets, not on contacts', async () => {
    const { call } = account({ readDenied: true });
    expect((await call('GET', '/buckets/')).status).toBe(403);
    expect((await call('GET', '/contacts/')).status).toBe(200);
  });
});

describe('lists', () => {
  test('25 rows by default, no more than 250, and `next` is a full URL', async () => {
    const { vendor, call } = account();
    for (let n = 0; n < 300; n++) vendor.addContactByHand({});
    const page = (await call('GET', '/contacts/')).json;
    expect([page.count, page.results.length, page.previous]).toEqual([300, 25, null]);
    const wide = (await call('GET', '/contacts/?page_size=500')).json;
    expect(wide.results).toHaveLength(250);
    expect(wide.next).toBe('http://calltools.test/api/contacts/?page_size=500&page=2');
    expect((await call('GET', '/contacts/?page_size=500&page=2')).json.results).toHaveLength(50);
    expect((await call('GET', '/contacts/?page=99')).status).toBe(404);
  });

  test('`next` keeps the base path that the request came by', async () => {
    const { vendor } = account({ pageSizeMax: 1 });
    vendor.addContactByHand({});
    vendor.addContactByHand({});
    const headers = { authorization: 'Token t' };
    const response = await vendor.handle(new Request('http://host/calltools/api/contacts/?page_size=1', { headers }));
    expect(((await response.json()) as Loose).next).toBe('http://host/calltools/api/contacts/?page_size=1&page=2');
  });

  test('an unknown filter is ignored and the whole table comes back', async () => {
    const { vendor, call } = account();
    vendor.addContactByHand({ ghl_contact_id: 'a' });
    vendor.addContactByHand({ ghl_contact_id: 'b' });
    expect((await call('GET', '/contacts/?ghl_contact_id=a')).json.count).toBe(2);
    expect((await call('GET', `/contacts/?search=${encodeURIComponent(PHONE)}`)).json.count).toBe(2);
  });

  test('the phone filter finds by E.164, or is ignored', async () => {
    for (const [phoneFilter, count] of [
      ['works', 1],
      ['ignored', 2],
    ] as const) {
      const { vendor, call } = account({ phoneFilter });
      vendor.addContactByHand({ mobile_phone_number: PHONE });
      vendor.addContactByHand({ mobile_phone_number: OTHER });
      const query = `?phone_number=${encodeURIComponent(PHONE)}`;
      expect((await call('GET', `/contacts/${query}`)).json.count).toBe(count);
      expect((await call('GET', `/phonenumbers/${query}`)).json.count).toBe(count);
    }
  });

  test('list rows omit the phones that the detail shows', async () => {
    const { call, create } = account();
    const id = await create({ mobile_phone_number: PHONE });
    const [row] = (await call('GET', '/contacts/')).json.results;
    expect(row).not.toHaveProperty('mobile_phone_number');
    expect(row).not.toHaveProperty('_phone_numbers');
    expect((await call('GET', `/contacts/${id}/`)).json).toMatchObject({
      mobile_phone_number: PHONE,
      _phone_numbers: [{ phone_number: PHONE }],
    });
  });
});

describe('writes', () => {
  test('unknown keys are dropped with a 2xx, and the echo is all that tells', async () => {
    const { call } = account();
    const echo = await call('POST', '/contacts/', { phone_number: PHONE, ghl_contact_id: 'a' });
    expect(echo).toMatchObject({
      status: 201,
      json: { ghl_contact_id: 'a', mobile_phone_number: '', _phone_numbers: [] },
    });
    expect(echo.json).not.toHaveProperty('phone_number');
  });

  test.each(['+12222222222', '+10555550142', '+13050550142', '+13051550142', '+18235550142', '+130555501', 'call me'])(
    'a number that cannot be dialed is a 400 that repeats it: %s',
    async (phone) => {
      const { call } = account();
      const { status, json } = await call('POST', '/contacts/', { mobile_phone_number: phone });
      expect([status, Object.keys(json), json.mobile_phone_number[0].includes(phone)]).toEqual([
        400,
        ['mobile_phone_number'],
        true,
      ]);
    },
  );

  test('a number from abroad is taken', async () => {
    const { vendor, create } = account();
    await create({ mobile_phone_number: '+919509597501' });
    expect(vendor.contacts()[0]?.phones).toEqual(['+919509597501']);
  });

  test('an email without @ is a 400 that repeats it', async () => {
    const { call } = account();
    const { status, json } = await call('POST', '/contacts/', { personal_email_address: 'dana' });
    expect([status, json]).toEqual([
      400,
      { personal_email_address: ['dana is a invalid email address for field email'] },
    ]);
  });

  test('a bucket or tag that does not exist, or is no id, is a 400 and nothing is written', async () => {
    const { call, vendor } = account();
    const unknown = await call('POST', '/contacts/', { add_buckets: [7], add_tags: ['x'] });
    expect([unknown.status, unknown.json]).toEqual([
      400,
      {
        add_buckets: ['Invalid pk "7" - object does not exist.'],
        add_tags: ['Incorrect type. Expected pk value, received str.'],
      },
    ]);
    expect((await call('POST', '/contacts/', { add_buckets: 7 })).status).toBe(400);
    expect(vendor.contacts()).toEqual([]);
  });

  test('a boolean into a text field is a 400', async () => {
    const { call } = account();
    expect((await call('POST', '/contacts/', { ghl_contact_id: true })).status).toBe(400);
  });

  test('PUT blanks what it leaves out', async () => {
    const { call, create } = account();
    const id = await create({ first_name: 'Dana', mobile_phone_number: PHONE });
    const { json } = await call('PUT', `/contacts/${id}/`, { last_name: 'Reyes' });
    expect(json).toMatchObject({ first_name: '', last_name: 'Reyes', mobile_phone_number: '' });
  });

  test('a phone changed by PATCH replaces the number in that field, and is found by the new one only', async () => {
    const { call, create, vendor } = account();
    const id = await create({ mobile_phone_number: PHONE });
    await call('PATCH', `/contacts/${id}/`, { mobile_phone_number: OTHER });
    expect(vendor.contacts()[0]?.phones).toEqual([OTHER]);
    expect((await call('GET', `/contacts/?phone_number=${encodeURIComponent(PHONE)}`)).json.count).toBe(0);
    expect((await call('GET', `/contacts/?phone_number=${encodeURIComponent(OTHER)}`)).json.count).toBe(1);
  });

  test('in some accounts a phone attaches on PATCH only', async () => {
    const { call } = account({ phoneAttachOnCreate: false });
    const { json } = await call('POST', '/contacts/', { mobile_phone_number: PHONE });
    expect(json._phone_numbers).toEqual([]);
    const patched = await call('PATCH', `/contacts/${json.id}/`, { mobile_phone_number: PHONE });
    expect(patched.json._phone_numbers).toHaveLength(1);
  });
});

describe('duplicates', () => {
  test('a POST with a known phone merges and answers without an id', async () => {
    const { call, create, bucket, vendor } = account();
    const id = await create({ first_name: 'Dana', last_name: 'Reyes', home_phone_number: PHONE, do_not_contact: true });
    const cold = await bucket('Cold Leads');
    const answer = await call('POST', '/contacts/', { mobile_phone_number: PHONE, last_name: '', add_buckets: [cold] });
    expect(answer.json).toEqual({ duplicate_contacts: [id], duplicate_action: 'MERGE' });
    expect(vendor.contacts()).toHaveLength(1);
    // Empty texts overwrite; what was not sent stays.
    expect(vendor.contacts()[0]).toMatchObject({
      fields: { first_name: 'Dana', last_name: '' },
      buckets: ['Cold Leads'],
      doNotContact: true,
    });
  });

  test('a merge with `do_not_contact: false` clears a refusal', async () => {
    const { call, vendor } = account();
    vendor.addContactByHand({ mobile_phone_number: PHONE, do_not_contact: true });
    await call('POST', '/contacts/', { mobile_phone_number: PHONE, do_not_contact: false });
    expect(vendor.contacts()[0]?.doNotContact).toBe(false);
  });

  test('contacts without a phone never merge, and other accounts never merge at all', async () => {
    const merging = account();
    await merging.create({ ghl_contact_id: 'a' });
    await merging.create({ ghl_contact_id: 'a' });
    expect(merging.vendor.contacts()).toHaveLength(2);
    const creating = account({ duplicateMode: 'create' });
    await creating.create({ mobile_phone_number: PHONE });
    await creating.create({ mobile_phone_number: PHONE });
    expect(creating.vendor.contacts()).toHaveLength(2);
  });
});

describe('buckets and tags', () => {
  test('way A: PATCH of the contact moves it, and removing what is absent is fine', async () => {
    const { call, create, bucket, vendor } = account();
    const [cold, warm] = [await bucket('Cold Leads'), await bucket('Warm Leads')];
    const id = await create({ mobile_phone_number: PHONE, add_buckets: [cold] });
    expect(
      (await call('PATCH', `/contacts/${id}/`, { add_buckets: [warm], remove_buckets: [cold] })).json.buckets,
    ).toEqual([warm]);
    expect((await call('PATCH', `/contacts/${id}/`, { remove_buckets: [cold] })).status).toBe(200);
    expect([vendor.holds('Cold Leads'), vendor.holds('Warm Leads')]).toEqual([[], [PHONE]]);
    expect((await call('GET', `/contactbuckets/?contact_id=${id}&bucket_id=${warm}`)).json.results).toMatchObject([
      { contact: id, bucket: warm },
    ]);
  });

  test('way A can be ignored with a 200, while way B works', async () => {
    const { call, create, bucket, vendor } = account({ bucketPatch: 'ignored' });
    const [cold, id] = [await bucket('Cold Leads'), await create({ mobile_phone_number: PHONE })];
    expect(await call('PATCH', `/contacts/${id}/`, { add_buckets: [cold] })).toMatchObject({
      status: 200,
      json: { buckets: [] },
    });
    expect((await call('PATCH', `/buckets/${cold}/`, { add_contacts: [id] })).status).toBe(200);
    expect(vendor.bucketNamed('Cold Leads')).toEqual({ id: cold, contacts: [id] });
  });

  test('way B can be a no-op too', async () => {
    const { call, create, bucket, vendor } = account({ bucketSidePatch: 'ignored' });
    const [cold, id] = [await bucket('Cold Leads'), await create({ mobile_phone_number: PHONE })];
    expect((await call('PATCH', `/buckets/${cold}/`, { add_contacts: [id] })).status).toBe(200);
    expect(vendor.holds('Cold Leads')).toEqual([]);
  });

  test('add_contacts on a tag answers 200 and does nothing', async () => {
    const { call, create } = account();
    const id = await create({ mobile_phone_number: PHONE });
    const tag = (await call('POST', '/alltags/', { name: 'ghl' })).json.id;
    expect(await call('PATCH', `/alltags/${tag}/`, { add_contacts: [id] })).toMatchObject({
      status: 200,
      json: { contact_count: 0 },
    });
    expect((await call('PATCH', `/contacts/${id}/`, { add_tags: [tag] })).json.tags).toEqual([tag]);
  });

  test('a bucket deleted by a person takes its memberships along', async () => {
    const { vendor } = account();
    const { id } = vendor.addContactByHand({ mobile_phone_number: PHONE });
    vendor.putInBucketByHand(id, 'Cold Leads');
    expect(vendor.holds('Cold Leads')).toEqual([PHONE]);
    vendor.deleteBucket('Cold Leads');
    expect([vendor.bucketNamed('Cold Leads'), vendor.contacts()[0]?.buckets]).toEqual([undefined, []]);
  });
});

test('a snapshot restores everything, the phone index and the id sequence too', async () => {
  const { vendor } = account();
  vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: ['Cold Leads'], tags: ['ghl'] });
  const copy = account();
  copy.vendor.restore(JSON.parse(JSON.stringify(vendor.snapshot())));
  expect(copy.vendor.contacts()).toEqual(vendor.contacts());
  expect((await copy.call('POST', '/contacts/', { mobile_phone_number: PHONE })).json).toHaveProperty(
    'duplicate_contacts',
  );
  expect(await copy.create({})).toBeGreaterThan(vendor.contacts()[0]?.id ?? 0);
});
