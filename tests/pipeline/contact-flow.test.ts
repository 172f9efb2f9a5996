// A contact's way through the whole pipeline, from a signed webhook to what the dialer holds.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ContactInput, GhlContact } from '../../sandbox/gohighlevel.ts';
import type { Contact } from '../../shared/api/contacts.ts';
import { type Pipeline, SOON, startPipeline } from './harness.ts';
import { LOCATION, WORKFLOW_TOKEN } from './keys.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline();
});
afterAll(() => pipeline.close());

/** A number of its own for each test: they share one world. */
let phone: string;
let lastFour = 100;
beforeEach(() => {
  phone = `+1305555${String(lastFour++).padStart(4, '0')}`;
});

const coldLead = (input: ContactInput = {}) =>
  pipeline.sandbox.ghl.addContact({ firstName: 'Dana', phone, tags: ['cold lead'], ...input });
const edit = (contact: GhlContact, patch: ContactInput) => pipeline.sandbox.ghl.editContact(contact.id, patch);
const inBucket = () => pipeline.sandbox.callTools.holds('Cold Leads').includes(phone);
const inDialer = () => pipeline.sandbox.callTools.contacts().filter(({ phones }) => phones.includes(phone));
const placed = () => expect.poll(inBucket, SOON).toBe(true);
const withdrawn = () => expect.poll(inBucket, SOON).toBe(false);
const reasonOf = async ({ id }: GhlContact) => (await pipeline.operator<Contact>('GET', `/contacts/${id}`)).data.reason;

describe('placing', () => {
  test('a contact tagged cold lead is put into the bucket, with its data', async () => {
    await coldLead({ lastName: 'Reyes', email: 'dana@example.com', state: 'FL' });
    await placed();
    const [contact] = inDialer();
    expect(contact).toMatchObject({
      buckets: ['Cold Leads'],
      doNotContact: false,
      fields: { first_name: 'Dana', last_name: 'Reyes', personal_email_address: 'dana@example.com', state: 'FL' },
    });
  });

  test('n copies of a webhook make one contact, and cost no extra calls', async () => {
    const contact = await pipeline.sandbox.ghl.addContact({ phone, tags: ['cold lead'] }, { silent: true });
    const writes = () => pipeline.sandbox.callTools.calls.count({ method: 'POST', path: '/api/contacts/' });
    const before = writes();
    const body = { type: 'ContactCreate', locationId: LOCATION, id: contact.id, timestamp: new Date().toISOString() };
    const answers = await Promise.all(Array.from({ length: 8 }, () => pipeline.webhook(body)));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(202));
    await placed();
    await pipeline.idle();
    expect(inDialer()).toHaveLength(1);
    expect(writes() - before).toBe(1);
  });

  test("the set-up guide's nested form with an epoch timestamp places the contact", async () => {
    const contact = await pipeline.sandbox.ghl.addContact({ phone, tags: ['cold lead'] }, { silent: true });
    const nested = { id: contact.id, firstName: 'Dana', phone, tags: ['cold lead'] };
    const body = { type: 'ContactTagUpdate', location_id: LOCATION, timestamp: Date.now(), contact: nested };
    expect((await pipeline.webhook(body)).status).toBe(202);
    await placed();
  });

  test('a workflow action places the contact by its id alone', async () => {
    const contact = await pipeline.sandbox.ghl.addContact({ phone, tags: ['cold lead'] }, { silent: true });
    const response = await fetch(new URL('/webhook/ghl-workflow', pipeline.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${WORKFLOW_TOKEN}` },
      body: JSON.stringify({ contact_id: contact.id, tags: 'cold lead', location: { id: LOCATION } }),
    });
    expect(response.status).toBe(202);
    await placed();
  });

  test('a number as people write it is understood, and stored as E.164', async () => {
    await coldLead({ phone: `(305) 555-${phone.slice(-4)}` });
    await placed();
  });

  test('an edit reaches CallTools, on the same contact', async () => {
    const contact = await coldLead();
    await placed();
    await edit(contact, { firstName: 'Daniela' });
    await expect.poll(() => inDialer()[0]?.fields.first_name, SOON).toBe('Daniela');
    expect(inDialer()).toHaveLength(1);
  });

  test('a contact that CallTools has already is used, not doubled', async () => {
    const { id } = pipeline.sandbox.callTools.addContactByHand({ mobile_phone_number: phone });
    await coldLead();
    await placed();
    expect(inDialer().map((contact) => contact.id)).toEqual([id]);
  });
});

describe('taking out', () => {
  test.each<[string, ContactInput, string]>([
    ['the tag is removed', { tags: [] }, 'no_route'],
    ['it becomes a customer', { tags: ['cold lead', 'Past Customer'] }, 'route'],
    ['its phone is removed', { phone: '' }, 'no_phone'],
    ['it asks not to be contacted', { dnd: true }, 'dnd'],
  ])('when %s', async (_when, patch, reason) => {
    const contact = await coldLead();
    await placed();
    await edit(contact, patch);
    await withdrawn();
    await expect.poll(() => reasonOf(contact), SOON).toBe(reason);
  });

  test('when it asks not to be called, and CallTools is told so', async () => {
    const contact = await coldLead();
    await placed();
    await pipeline.sandbox.ghl.setDnd(contact.id, { call: 'permanent' });
    await withdrawn();
    expect(inDialer()[0]?.doNotContact).toBe(true);
  });

  test('when it is deleted', async () => {
    const contact = await coldLead();
    await placed();
    await pipeline.sandbox.ghl.deleteContact(contact.id);
    await withdrawn();
    await expect.poll(() => reasonOf(contact), SOON).toBe('deleted');
  });

  test('only from buckets that a route names', async () => {
    const contact = await coldLead();
    await placed();
    const [held] = inDialer();
    pipeline.sandbox.callTools.putInBucketByHand(held?.id ?? 0, 'Newsletter');
    await edit(contact, { tags: [] });
    await withdrawn();
    expect(inDialer()[0]?.buckets).toEqual(['Newsletter']);
  });

  test('do-not-contact is never lifted, and the operator is told why nobody is dialed', async () => {
    const contact = await coldLead();
    await placed();
    await edit(contact, { dnd: true });
    await withdrawn();
    await edit(contact, { dnd: false });
    await placed();
    expect(inDialer()[0]?.doNotContact).toBe(true);
    await expect.poll(() => reasonOf(contact), SOON).toBe('do_not_contact_set');
  });

  test('an older event that comes late does not put the contact back', async () => {
    const contact = await coldLead();
    await placed();
    const late = { type: 'ContactTagUpdate', locationId: LOCATION, id: contact.id, tags: ['cold lead'] };
    const signedBefore = { ...late, timestamp: new Date().toISOString() };
    await edit(contact, { tags: ['customer'] });
    await withdrawn();
    expect((await pipeline.webhook(signedBefore)).status).toBe(202);
    await pipeline.idle();
    expect(inBucket()).toBe(false);
  });
});

describe('phones', () => {
  test('a new number goes to the same CallTools contact, and the old one is not dialed', async () => {
    const contact = await coldLead();
    await placed();
    const [before] = inDialer();
    const old = phone;
    phone = `+1305556${phone.slice(-4)}`;
    await edit(contact, { phone });
    await placed();
    expect(pipeline.sandbox.callTools.holds('Cold Leads')).not.toContain(old);
    expect(inDialer().map(({ id }) => id)).toEqual([before?.id]);
  });

  test('of two contacts with one number the stricter wish wins, and is revisited when it changes', async () => {
    const lead = await coldLead();
    await placed();
    const customer = await coldLead({ firstName: 'Alex', tags: ['customer'] });
    await withdrawn();
    // CallTools knows before D1 does.
    await expect.poll(() => reasonOf(lead), SOON).toBe('shared_phone');
    await edit(customer, { tags: [] });
    await placed();
    await pipeline.idle();
    expect(inDialer()).toHaveLength(1);
    expect(inDialer()[0]?.fields.first_name).toBe('Dana');
  });
});

test('a contact that no route concerns costs no call to CallTools', async () => {
  const before = pipeline.sandbox.callTools.calls.count();
  await coldLead({ tags: ['newsletter'] });
  await pipeline.sandbox.ghl.settled();
  await pipeline.idle();
  expect(pipeline.sandbox.callTools.calls.count() - before).toBe(0);
});
