// The stand-in for GoHighLevel keeps the awkward habits that docs/vendors.md reports, of its webhooks: one test a habit.

import { createHmac, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ed25519KeyPair, rsaKeyPair } from '../../../sandbox/keys.ts';
import { ed25519Signer, hmacSigner, rsaSigner } from '../../../sandbox/webhooks.ts';
import { location } from './gohighlevel-harness.ts';

describe('webhooks', () => {
  test('one creation with tags, one tag edit with another field, a deletion: the events of each', async () => {
    const { vendor, types } = location();
    const { id } = await vendor.addContact({ tags: ['a'] });
    expect((await types()).splice(0)).toEqual(['ContactCreate', 'ContactTagUpdate']);
    await vendor.editContact(id, { tags: ['b'], city: 'Miami' });
    expect((await types()).slice(2)).toEqual(['ContactUpdate', 'ContactTagUpdate']);
    await vendor.editContact(id, { tags: ['B'] });
    await vendor.deleteContact(id);
    expect((await types()).slice(4)).toEqual(['ContactDelete']);
  });

  test('the envelope is flat, with a null assignedTo and no dndSettings', async () => {
    const { vendor, types, inbox } = location();
    const contact = await vendor.addContact({ firstName: 'Dana' });
    await types();
    expect(inbox[0]?.body).toMatchObject({
      locationId: 'loc',
      id: contact.id,
      dnd: false,
      assignedTo: null,
      customFields: [],
      tags: [],
    });
    expect(inbox[0]?.body.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(inbox[0]?.body.webhookId).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    for (const absent of ['data', 'dndSettings', 'dateUpdated', 'phone'])
      expect(inbox[0]?.body).not.toHaveProperty(absent);
  });

  test('ContactDndUpdate has the channels, now and then RCS among them', async () => {
    const { vendor, types, inbox } = location();
    const { id } = await vendor.addContact({});
    for (let n = 0; n < 20; n++) await vendor.setDnd(id, { call: n % 2 ? 'inactive' : 'active' });
    await types();
    const told = inbox.filter(({ body }) => body.type === 'ContactDndUpdate').map(({ body }) => body.dndSettings);
    expect(told[0]).toMatchObject({ Call: { status: 'active' } });
    expect(new Set(told.map((channels) => 'RCS' in channels))).toEqual(new Set([true, false]));
  });

  test('a merge deletes the child and speaks of the master, and there is no merge event', async () => {
    const { vendor, types } = location();
    const [master, child] = [
      await vendor.addContact({}, { silent: true }),
      await vendor.addContact({}, { silent: true }),
    ];
    await vendor.mergeContacts(master.id, child.id);
    expect(await types()).toEqual(['ContactDelete', 'ContactUpdate']);
    expect(vendor.contacts().map(({ id }) => id)).toEqual([master.id]);
  });

  test('anything but a 2xx is tried again, later each time, with the same bytes and signature', async () => {
    const { vendor, types, inbox } = location({}, [500, 401, 302, 0, 202]);
    await vendor.addContact({});
    await types();
    expect(vendor.deliveries).toMatchObject([{ type: 'ContactCreate', status: 202, attempts: 5 }]);
    expect(new Set(inbox.map(({ raw, headers }) => raw + headers['x-ghl-signature'])).size).toBe(1);
    await vendor.resend(vendor.deliveries[0]?.webhookId ?? '');
    expect(inbox).toHaveLength(6);
    expect(inbox[5]?.raw).toBe(inbox[0]?.raw);
  });

  test('after 13 tries the event is dropped', async () => {
    const { vendor, types } = location({}, Array(20).fill(503));
    await vendor.addContact({});
    await types();
    expect(vendor.deliveries).toMatchObject([{ status: 503, attempts: 13 }]);
  });

  test('a silent change tells nobody', async () => {
    const { vendor, types } = location();
    await vendor.addContact({}, { silent: true });
    expect(await types()).toEqual([]);
  });

  test('signatures: HMAC in three forms, Ed25519 and RSA of the body alone', async () => {
    const body = new TextEncoder().encode('{"a":1}');
    const hex = createHmac('sha256', 's').update(body).digest('hex');
    expect(await hmacSigner('s')(body)).toEqual({ 'x-ghl-signature': hex });
    expect(await hmacSigner('s', 'sha256=hex')(body)).toEqual({ 'x-ghl-signature': `sha256=${hex}` });
    expect(await hmacSigner('s', 'base64')(body)).toEqual({
      'x-ghl-signature': Buffer.from(hex, 'hex').toString('base64'),
    });

    const edwards = ed25519KeyPair();
    const { 'x-ghl-signature': current = '' } = await (await ed25519Signer(edwards.privateKeyPem))(body);
    expect(current).toHaveLength(88);
    expect(verify(null, body, edwards.publicKeyPem, Buffer.from(current, 'base64'))).toBe(true);

    const rsa = await rsaKeyPair();
    const { 'x-wh-signature': legacy = '' } = await (await rsaSigner(rsa.privateKeyPem))(body);
    expect(legacy).toHaveLength(684);
    expect(verify('sha256', body, rsa.publicKeyPem, Buffer.from(legacy, 'base64'))).toBe(true);
  }, 60_000);
});
