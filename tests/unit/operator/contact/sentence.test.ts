// GET /contacts/:id says in one sentence why somebody is called or not, with links, and without a value of the contact.

import { beforeEach, expect, test } from 'vitest';
import { openSqlite } from '../../../../sandbox/d1-sqlite.ts';
import type { Contact } from '../../../../shared/api/contacts.ts';
import { readLocations } from '../../../../workers/consumer/config/locations.ts';
import { FAILURES, PLACES } from '../../../../workers/consumer/domain/explanations.ts';
import { reasonText } from '../../../../workers/consumer/domain/reason-words.ts';
import { ask, dataOf, LOCATION, NOW, operatorDeps, seedContact } from '../../../support/operator-harness.ts';

const RULES = JSON.stringify({
  routes: [
    { name: 'sold', words: ['customer'], bucket: null },
    { name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' },
    { name: 'web', tags: ['warm', 'hot'], source: ['web form'], bucket: 'Warm Leads' },
  ],
  require: { custom: { 'contact.consent': ['yes'] } },
});
const SETTINGS = {
  GHL_LOCATION_ID: LOCATION,
  GHL_API_KEY: 'pit',
  CALLTOOLS_BASE_URL: 'https://east-1.calltools.io',
  CALLTOOLS_API_KEY: 'key',
  SYNC_RULES: RULES,
  GHL_APP_URL: 'https://crm.example.com/',
  CALLTOOLS_CONTACT_URL: 'https://app.example.com/contact/{id}',
};
const locations = await readLocations(SETTINGS);

let sqlite: ReturnType<typeof openSqlite>;
beforeEach(() => {
  sqlite = openSqlite();
});
const db = () => sqlite.bind(async (act) => act());

async function told(columns: Record<string, string | number | null>): Promise<Contact> {
  await seedContact(db(), 'c1', columns);
  return (await dataOf(ask('/contacts/c1', operatorDeps(db(), { locations }).deps))) as Contact;
}

const end = (reason: string, because: string) =>
  JSON.stringify([{ at: NOW, outcome: 'done', reason, eventId: 'e', source: 'webhook', received: 1, because }]);

test.each([
  ['placed', 'cold', end('placed', 'of tag "cold lead"'), 'In "Cold Leads" because of tag "cold lead".'],
  ['placed', 'cold', '[]', 'In "Cold Leads" because of tag "cold lead".'],
  ['placed', 'web', '[]', 'In "Warm Leads" because the route "web" matches it.'],
  [
    'placed',
    'web',
    end('placed', 'of tag "hot", and its source is "web form"'),
    /because of tag "hot", and its source/,
  ],
  ['placed', 'gone', '[]', 'In the dialer because the route "gone" matched it.'],
  ['do_not_contact_set', 'cold', '[]', 'In "Cold Leads", but not called: CallTools has do-not-contact set on it.'],
])('placed (%s) by the route %s', async (reason, route, history, sentence) => {
  const data = await told({ state: 'placed', reason, route, history });
  if (typeof sentence === 'string') expect(data.sentence).toBe(sentence);
  else expect(data.sentence).toMatch(sentence);
});

test.each([
  [
    { reason: 'route', route: 'sold', history: end('route', 'of a tag with the word "customer"') },
    'Not called: the route "sold" keeps it out, because of a tag with the word "customer".',
  ],
  [{ reason: 'no_route' }, 'Not called: no route of the rules matches it.'],
  [
    { reason: 'not_permitted', route: 'cold', error: 'custom contact.consent' },
    'Not called: the rules ask of everybody who is called what it does not have: custom field contact.consent is "yes".',
  ],
  [
    { reason: 'not_permitted', route: 'cold', error: 'custom contact.old' },
    'Not called: the rules ask of everybody who is called what it does not have: custom contact.old.',
  ],
  [
    { reason: 'rule_in_doubt', route: 'web', error: 'source' },
    'Not called: what the rules ask for cannot be read: source is "web form".',
  ],
  [{ reason: 'dnd' }, /^Not called: do-not-disturb is on in GoHighLevel/],
])('kept out: %j', async (columns, sentence) => {
  const data = await told({ state: 'kept_out', ...columns });
  if (typeof sentence === 'string') expect(data.sentence).toBe(sentence);
  else expect(data.sentence).toMatch(sentence);
});

test('of two contacts with one number, the other one is named', async () => {
  await seedContact(db(), 'twin', { phone_hash: 'h' });
  const data = await told({ state: 'kept_out', reason: 'shared_phone', phone_hash: 'h' });
  expect(data.sentence).toBe('Not called: contact twin has the same phone number and decides for both.');
});

test.each([
  [0, /^Not called, because the work on it failed: the vendor refused the data/],
  [1, /^May still be called as before, because its latest change failed: the vendor refused the data/],
])('failed, with its number in a bucket: %i', async (held, sentence) => {
  sqlite.rows(
    `INSERT INTO dialer (location_id, phone_hash, calltools_id, held, updated_at) VALUES (?1, 'h', 77, ?2, 1)`,
    LOCATION,
    held,
  );
  const data = await told({ state: 'failed', reason: 'rejected', phone_hash: 'h' });
  expect(data.sentence).toMatch(sentence);
  expect(data.links).toEqual({
    gohighlevel: `https://crm.example.com/v2/location/${LOCATION}/contacts/detail/c1`,
    calltools: 'https://app.example.com/contact/77',
  });
});

test.each(Object.keys(PLACES))('%s has a sentence of its own', async (reason) => {
  const state = reason === 'placed' ? 'placed' : reason === 'received' ? 'pending' : 'kept_out';
  const { sentence } = await told({ state, reason, route: 'cold' });
  expect(sentence).toMatch(/^(Not called|In ".*").{10,}\.$/);
  expect(sentence.match(/[.](\s|$)/g)).toHaveLength(1);
});

test.each(Object.keys({ ...PLACES, ...FAILURES }))('%s has words for a table', (reason) => {
  expect(reasonText(reason)).not.toContain('_');
  expect(reasonText(reason).length).toBeLessThanOrEqual(60);
});

test.each(['http://app.example.com/{id}', 'https://app.example.com/contact', 'https://{id}{x}'])(
  'CALLTOOLS_CONTACT_URL %s is refused by name',
  async (CALLTOOLS_CONTACT_URL) => {
    const { all } = await readLocations({ ...SETTINGS, CALLTOOLS_CONTACT_URL });
    expect(all[0]).toMatchObject({ kind: 'faulty', fault: expect.stringMatching(/^CALLTOOLS_CONTACT_URL must be/) });
  },
);
