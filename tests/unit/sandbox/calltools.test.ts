// The stand-in for CallTools keeps the awkward habits that docs/vendors.md reports, of whatever is asked and of lists: one test a habit.

import { describe, expect, test } from 'vitest';
import { account, OTHER, PHONE } from './calltools-harness.ts';

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
    expect(await response.json()).toMatchObject({ next: 'http://host/calltools/api/contacts/?page_size=1&page=2' });
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

  test('list rows may show the first phone field alone', async () => {
    const { call, create } = account({ listRowsKeepMainPhone: true });
    await create({ mobile_phone_number: PHONE, home_phone_number: OTHER });
    const [row] = (await call('GET', '/contacts/')).json.results;
    expect(row).toHaveProperty('mobile_phone_number', PHONE);
    expect(row).not.toHaveProperty('home_phone_number');
    expect(row).not.toHaveProperty('_phone_numbers');
  });

  test.each(['always', 'detail'] as const)('what calls have left is shown: %s', async (callFieldsShown) => {
    const { vendor, call, create } = account({ callFieldsShown });
    const id = await create({ mobile_phone_number: PHONE });
    vendor.call(id, { disposition: 'No' });
    expect((await call('GET', `/contacts/${id}/`)).json).toHaveProperty('disposition', 'No');
    const [row] = (await call('GET', '/contacts/')).json.results;
    const { json } = await call('PATCH', `/contacts/${id}/`, { first_name: 'Dana' });
    for (const shown of [row, json])
      expect(Object.hasOwn(shown as object, 'disposition')).toBe(callFieldsShown === 'always');
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
