// The lists of the operator API in workerd, with real D1.

import { expect, test } from 'vitest';
import type { ContactList } from '../../shared/api/lists.ts';
import { ADMIN_TOKEN, NOW, seedContact, stageOfFile } from '../support/operator-harness.ts';

const stage = stageOfFile();

async function get<T>(path: string): Promise<T> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  return (await (await fetch(new URL(path, stage.url), { headers })).json()) as T;
}

test('contacts are listed a page at a time', async () => {
  for (const [n, id] of ['first', 'second', 'third'].entries())
    await seedContact(stage.db, id, { state: 'failed', reason: 'rejected', route: 'cold', reason_since: NOW + n });
  const one = await get<ContactList>('/api/v1/contacts?state=failed&route=cold&limit=2');
  expect(one.data.map(({ contact_id }) => contact_id)).toEqual(['third', 'second']);
  const two = await get<ContactList>(`/api/v1/contacts?state=failed&route=cold&limit=2&cursor=${one.next}`);
  expect(two).toMatchObject({ data: [{ contact_id: 'first' }], next: null });
  expect(two.counts).toEqual([{ state: 'failed', reason: 'rejected', count: 3 }]);
});
