// The real GoHighLevel client reads a contact: gone is gone only when GoHighLevel says so.

import { describe, expect, test } from 'vitest';
import { CONTACT, failureOf, goHighLevelStage } from '../../support/vendor-harness.ts';
import { answering, contact } from './gohighlevel-harness.ts';

describe('reading a contact', () => {
  test('sends the token and the version, and nothing else is asked', async () => {
    const { client, vendor, sent } = goHighLevelStage();
    const { id } = await vendor.addContact({ firstName: 'Dana', phone: '+13055550142', tags: ['cold lead'] });
    expect(await client.read(id)).toMatchObject({
      kind: 'found',
      contact: { id, firstName: 'Dana', tags: ['cold lead'] },
    });
    expect(sent.map(({ method, url }) => [method, url.pathname])).toEqual([['GET', `/contacts/${id}`]]);
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer pit-1');
    expect(sent[0]?.headers.get('version')).toBe('2021-07-28');
  });

  test.each([
    ['2021-07-28', 'Call'],
    ['v3', 'call'],
  ])('in version %s the call channel is spelled %s, and is handed on', async (version, channel) => {
    const { client, vendor } = goHighLevelStage({}, { version });
    const { id } = await vendor.addContact({});
    await vendor.setDnd(id, { call: 'active' });
    expect(await client.read(id)).toMatchObject({ contact: { dndSettings: { [channel]: { status: 'active' } } } });
  });

  test.each([400, 404] as const)('a deleted contact (%i) is gone', async (missingContactStatus) => {
    const { client } = goHighLevelStage({ missingContactStatus });
    expect(await client.read('none')).toEqual({ kind: 'gone' });
  });

  test.each([
    'Contact not found',
    'Contact with id x could not be found in this location',
    'No such contact',
    'The contact does not exist',
    "Contact doesn't exist",
    'contact doesn’t exist',
    'The contact with id x was not found.',
    'Contact nmFmQEsNgz6AVpgLVUJ0 not found',
    'Contact with this id was not found',
    'Contact not found: x',
    'This contact has been deleted',
    ['id is odd', 'contact not found'],
  ])('gone, in these words: %j', async (message) => {
    for (const status of [400, 404])
      expect(await answering(status, { message }).read(CONTACT)).toEqual({ kind: 'gone' });
  });

  test.each([
    'Resource not found. Please contact support.',
    'Not Found',
    'Contact support: the resource was not found',
    'Contact service not found',
    'Contact us if the record does not exist',
    'Contact not found in cache, try again',
    'Cannot GET /contacts/x',
    'Route GET:/contacts/x not found',
    'The requested URL was not found on this server.',
    'Location not found',
    undefined,
  ])('other words prove nothing, and must not empty the dialer: %j', async (message) => {
    for (const status of [400, 404])
      expect(await answering(status, { message }).read(CONTACT)).toMatchObject({
        kind: 'doubtful',
        failure: { kind: 'refused', vendor: 'gohighlevel', sign: 'odd', error: expect.stringContaining(`${status}`) },
      });
  });

  test('a page instead of JSON proves nothing either', async () => {
    const { client } = goHighLevelStage({}, { meddle: async () => new Response('<h1>404</h1>', { status: 404 }) });
    expect(await client.read(CONTACT)).toMatchObject({ kind: 'doubtful' });
  });

  test('another status that says "not found" is not gone', async () => {
    expect(await failureOf(answering(401, { message: 'version header was not found.' }).read(CONTACT))).toMatchObject({
      kind: 'refused',
    });
    expect(await failureOf(answering(500, { message: 'Contact not found' }).read(CONTACT))).toMatchObject({
      kind: 'transient',
    });
    expect(await answering(422, { message: 'Contact not found' }).read(CONTACT)).toMatchObject({ kind: 'doubtful' });
  });

  test('a wrong version is a refusal, with a hint', async () => {
    const { client } = goHighLevelStage({}, { version: '1999-01-01' });
    expect(await failureOf(client.read(CONTACT))).toMatchObject({
      kind: 'refused',
      error: expect.stringContaining('(is GHL_API_VERSION right?)'),
    });
  });

  test.each([400, 422])('complaints of the validator (%i) concern this contact', async (status) => {
    const message = ['id must be a string'];
    expect(await failureOf(answering(status, { message }).read(CONTACT))).toMatchObject({
      kind: 'contact',
      code: 'rejected',
    });
  });

  test.each([400, 422])('the vendor’s own trouble in a list (%i) does not', async (status) => {
    const message = ['Service temporarily unavailable'];
    expect(await answering(status, { message }).read(CONTACT)).toMatchObject({ kind: 'doubtful' });
  });

  test('another contact’s data proves no deletion', async () => {
    expect(await answering(200, contact({ id: 'theMaster' })).read(CONTACT)).toMatchObject({
      kind: 'doubtful',
      failure: { sign: 'odd', error: expect.stringContaining('it shows another contact') },
    });
  });

  test('a contact of another location is shown as such', async () => {
    const read = await answering(200, contact({ locationId: 'other' })).read(CONTACT);
    expect(read).toMatchObject({ kind: 'found', elsewhere: true, unread: ['contact.locationId'] });
    expect(await answering(200, contact()).read(CONTACT)).not.toHaveProperty('elsewhere');
  });

  test('the id is escaped', async () => {
    const { client, sent } = goHighLevelStage();
    await client.read('a/../b?c');
    expect(sent[0]?.url.pathname).toBe('/contacts/a%2F..%2Fb%3Fc');
  });

  test('an empty answer is worth another try', async () => {
    const { client } = goHighLevelStage({}, { meddle: async () => new Response('') });
    expect(await failureOf(client.read(CONTACT))).toMatchObject({ kind: 'transient', vendor: 'gohighlevel' });
  });
});
