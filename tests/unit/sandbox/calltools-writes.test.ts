// The stand-in for CallTools keeps the awkward habits that docs/vendors.md reports, of writes: one test a habit.

import { describe, expect, test } from 'vitest';
import { account, OTHER, PHONE } from './calltools-harness.ts';

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
      expect([status, Object.keys(json), json.mobile_phone_number[0]?.includes(phone)]).toEqual([
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

describe('what accounts may do otherwise', () => {
  test.each([
    ['merge-and-show', 200, 1],
    ['refuse', 409, 1],
    ['create', 201, 2],
  ] as const)('a second contact with the number: %s', async (duplicateMode, status, count) => {
    const { call, create, vendor } = account({ duplicateMode });
    const id = await create({ mobile_phone_number: PHONE });
    const again = await call('POST', '/contacts/', { mobile_phone_number: PHONE, first_name: 'Dana' });
    expect([again.status, vendor.contacts().length]).toEqual([status, count]);
    expect(again.json.id === id).toBe(duplicateMode === 'merge-and-show');
  });

  test('do-not-contact is not kept', async () => {
    const { call } = account({ doNotContactWrite: 'ignored' });
    const { json } = await call('POST', '/contacts/', { mobile_phone_number: PHONE, do_not_contact: true });
    expect(json).toMatchObject({ do_not_contact: false });
  });

  test.each([
    [true, 204],
    [false, 403],
  ])('the key may delete: %s', async (mayDelete, status) => {
    const { call, create, bucket } = account({ mayDelete });
    const paths = [`/contacts/${await create({})}/`, `/buckets/${await bucket('Solar')}/`];
    for (const path of paths) {
      expect((await call('DELETE', path)).status).toBe(status);
      expect((await call('GET', path)).status).toBe(mayDelete ? 404 : 200);
    }
  });

  test('the list of silos needs no key', async () => {
    const { call } = account({ silos: ['east-9'] });
    expect(await call('GET', '/silos/', undefined, {})).toMatchObject({ status: 200, json: ['east-9'] });
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
