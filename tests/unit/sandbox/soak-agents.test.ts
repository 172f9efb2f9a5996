// The soak's watch over those who said no: what it must not miss.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Sandbox, startSandbox } from '../../../sandbox/sandbox.ts';
import { createRng } from '../../simulation/rng.ts';
import { createAgents } from '../../soak/agents.ts';
import type { Local } from '../../soak/local.ts';
import { createPeople } from '../../soak/people.ts';

const PHONE = '+13055550201';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

/** A lead in the dialer who has said no. */
async function someoneSaysNo() {
  const local = {
    webhookSecret: 'secret',
    async sandbox<T>(method: string, path: string, body?: unknown) {
      const init = body === undefined ? {} : { body: JSON.stringify(body) };
      return (await fetch(`${sandbox.url}/sandbox${path}`, { method, ...init })).json() as Promise<T>;
    },
  };
  const rng = {
    ...createRng(1),
    pick: <T>(items: readonly T[]) => (items.find((one) => one === 'Wrong Number') ?? items[0]) as T,
  };
  const people = createPeople(local as Local, rng);
  const agents = createAgents(local as Local, people, rng);
  const person = { firstName: 'Ada', lastName: 'Soak', phone: PHONE, tags: ['cold lead'] };
  const { id } = await sandbox.ghl.addContact(person);
  const dialed = sandbox.callTools.addContactByHand({ mobile_phone_number: PHONE, buckets: ['Cold Leads'] });
  await agents.act();
  expect(agents.count).toEqual({ calls: 1, no: 1, again: 0 });
  const said = `${id}, who said "Wrong Number"`;
  const tag = () => sandbox.ghl.editContact(id, { tags: ['cold lead', 'dialer: not interested'] });
  return { agents, said, tag, dialed: dialed.id };
}

test('who is out for good, with the tag in GoHighLevel, is as it must be', async () => {
  const { agents, tag, dialed } = await someoneSaysNo();
  await tag();
  sandbox.callTools.takeOutByHand(dialed);
  await agents.look();
  expect(await agents.mismatches()).toEqual([]);
  expect(agents.outAfterMs()).toHaveLength(1);
});

test('who is still in the dialer is named', async () => {
  const { agents, said, tag } = await someoneSaysNo();
  await tag();
  await agents.look();
  expect(await agents.mismatches()).toEqual([{ what: said, expected: 'out of the dialer', found: 'in it' }]);
});

test('who is dialed again, were it for a moment, is named', async () => {
  const { agents, said, tag, dialed } = await someoneSaysNo();
  await tag();
  sandbox.callTools.takeOutByHand(dialed);
  await agents.look();
  sandbox.callTools.putInBucketByHand(dialed, 'Cold Leads');
  await agents.look();
  sandbox.callTools.takeOutByHand(dialed);
  await agents.look();
  expect(await agents.mismatches()).toEqual([{ what: said, expected: 'out for good', found: 'dialed again' }]);
  expect(agents.count.again).toBe(1);
});

test('a no of which GoHighLevel was not told is named', async () => {
  const { agents, said, dialed } = await someoneSaysNo();
  sandbox.callTools.takeOutByHand(dialed);
  await agents.look();
  expect(await agents.mismatches()).toEqual([
    { what: said, expected: 'the tag "dialer: not interested" in GoHighLevel', found: 'cold lead' },
  ]);
});
