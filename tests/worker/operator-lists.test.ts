// The lists of the operator API in workerd, with real D1.

import { expect, test } from 'vitest';
import type { ContactList, FoundContacts, Replay, ReplayStarted } from '../../shared/api/lists.ts';
import { phoneHash } from '../../workers/consumer/domain/phone.ts';
import {
  ADMIN_TOKEN,
  aLetter,
  keep,
  LOCATION,
  letterRows,
  NOW,
  seedContact,
  stageOfFile,
} from '../support/operator-harness.ts';

const stage = stageOfFile();
const POLL = { timeout: 20_000, interval: 50 };

const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };

async function get<T>(path: string): Promise<T> {
  return (await (await fetch(new URL(path, stage.url), { headers })).json()) as T;
}

async function post<T>(path: string, body?: object): Promise<T> {
  const init = { method: 'POST', headers, body: body === undefined ? null : JSON.stringify(body) };
  return (await (await fetch(new URL(path, stage.url), init)).json()) as T;
}

test('contacts are listed a page at a time', async () => {
  for (const [n, id] of ['first', 'second', 'third'].entries())
    await seedContact(stage.db, id, { state: 'failed', reason: 'rejected', route: 'cold', reason_since: NOW + n });
  const one = await get<ContactList>('/api/v1/contacts?state=failed&route=cold&limit=2');
  expect(one.data.map(({ contact_id }) => contact_id)).toEqual(['third', 'second']);
  const two = await get<ContactList>(`/api/v1/contacts?state=failed&route=cold&limit=2&cursor=${one.next}`);
  expect(two).toMatchObject({ data: [{ contact_id: 'first' }], next: null });
  expect(two.counts).toEqual([{ state: 'failed', reason: 'rejected', reason_text: expect.any(String), count: 3 }]);
});

test('a contact is found by its number, and one that has failed is read again', async () => {
  const hash = await phoneHash(LOCATION, '+13055550142');
  await seedContact(stage.db, 'dana', { state: 'failed', reason: 'rejected', phone_hash: hash });
  const { data } = await post<FoundContacts>('/api/v1/contacts/find', { phone: '(305) 555-0142' });
  expect(data).toMatchObject([{ contact_id: 'dana', location_id: LOCATION, state: 'failed' }]);
  await post('/contacts/dana/recheck');
  await expect.poll(async () => (await get<ContactList>('/api/v1/contacts?state=placed')).data.length, POLL).toBe(1);
});

test('many letters are replayed by one order, whose progress can be looked at', async () => {
  const letters = Array.from({ length: 150 }, (_, n) => aLetter({ contactId: `c${n}` }));
  await keep(stage.db, ...letters);
  const { data: started } = await post<{ data: ReplayStarted }>('/api/v1/replays', { reason: 'rejected' });
  expect(started).toMatchObject({ state: 'running', letters: 150, joined: false });
  const { data } = await get<{ data: Replay }>(`/api/v1/replays/${started.id}`);
  expect(data).toMatchObject({ letters: 150, waiting: 0, retrying: 150 });
  expect((await letterRows(stage.db)).every(({ replays }) => replays === 1)).toBe(true);
});
