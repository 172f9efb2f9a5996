// The numbers that contacts turn out to have: which are claimed, and which contacts must wait for another batch.

import { expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { LocationContext } from '../../../workers/consumer/config/context.ts';
import type { Claimed } from '../../../workers/consumer/store/claim.ts';
import { claimNewPhones } from '../../../workers/consumer/sync/claim.ts';
import type { Task } from '../../../workers/consumer/sync/work.ts';
import { decisionOf, dialerRow, taskOf } from '../../support/batch-harness.ts';

const NOW = 1000;
const LEASE = { locationId: 'here', token: 'mine', now: NOW, until: NOW + 60_000, lateMs: 0 };

/** `theirs`: numbers under another batch's lease. `together`: numbers on one CallTools contact, and on another. */
async function claiming(
  tasks: Task[],
  { theirs = [] as string[], together = [] as string[][], intents = [] as [string, string, string][] } = {},
) {
  const sqlite = openSqlite();
  for (const hash of new Set([...theirs, ...together.flat()]))
    sqlite.rows(
      `INSERT INTO dialer (location_id, phone_hash, lease_token, lease_until, updated_at) VALUES ('here', ?1, ?2, ?3, 0)`,
      ...(theirs.includes(hash) ? [hash, 'another', NOW + 5000] : [hash, null, 0]),
    );
  for (const [id, hashes] of together.entries())
    for (const hash of hashes)
      sqlite.rows(
        `INSERT INTO calltools_numbers (location_id, calltools_id, phone_hash, seen_at) VALUES ('here', ?1, ?2, 0)`,
        ...[id, hash],
      );
  for (const [id, hash, intent] of intents)
    sqlite.rows(
      `INSERT INTO contacts (location_id, contact_id, phone_hash, wish, created_at, updated_at) VALUES ('here', ?1, ?2, ?3, 0, 0)`,
      ...[id, hash, intent],
    );
  let statements = 0;
  const DB = sqlite.bind(async (act) => {
    statements++;
    return act();
  });
  const old = dialerRow();
  const claimed = {
    dialer: new Map([['p', old]]),
    intents: new Map([['p', []]]),
    labels: ['as claimed'],
  } as unknown as Claimed;
  const context = { env: { DB }, settings: { GHL_LOCATION_ID: 'here', calls: null } } as unknown as LocationContext;
  const phones = await claimNewPhones(tasks, claimed, LEASE, context);
  const failures = tasks.map(({ failure }) => failure);
  return { phones, failures, statements, isSame: phones === claimed };
}

const BUSY = { kind: 'busy', error: 'another batch is working on this phone' };
/** It had the number `p`. */
const moved = (phoneHash: string | null, intent: 'place' | 'out' | 'dnc' | 'none' = 'place', contactId = 'one') =>
  taskOf({ contactId, phoneHash, decision: decisionOf(intent) });

test.each<[string, Task[]]>([
  ['has its number still', [moved('p')]],
  ['has none', [moved(null)]],
  ['wants nothing of its new number', [moved('q', 'none')]],
  ['could not be read', [taskOf({ decision: null, phoneHash: 'q' })]],
])('nothing is claimed for a contact that %s', async (_, tasks) => {
  expect(await claiming(tasks)).toMatchObject({ statements: 0, isSame: true, failures: [null] });
});

test.each(['place', 'out', 'dnc'] as const)('a new number is claimed for a contact that wants %s', async (intent) => {
  const { phones, failures } = await claiming([moved('q', intent)]);
  expect([...phones.dialer.keys()].sort()).toEqual(['p', 'q']);
  expect(phones.dialer.get('q')?.mine).toBe(true);
  expect(failures).toEqual([null]);
  // The labels are those of this claim.
  expect(phones.labels).toEqual([]);
});

test('while another batch holds it, its contact waits, and no other', async () => {
  const { failures } = await claiming([moved('q'), moved('r', 'place', 'two')], { theirs: ['q'] });
  expect(failures).toEqual([BUSY, null]);
});

test('its contact waits too where another batch holds a number on the same CallTools contact', async () => {
  const stage = { together: [['q', 's']], theirs: ['s'] };
  expect((await claiming([moved('q')], stage)).failures).toEqual([BUSY]);
  expect((await claiming([moved('q')], { together: [['q', 's']] })).failures).toEqual([null]);
});

test('what others want of the number comes along', async () => {
  const { phones } = await claiming([moved('q')], { intents: [['two', 'q', 'out']] });
  expect(phones.intents.get('q')).toMatchObject([{ contactId: 'two', intent: 'out' }]);
});

test.each<[string, [string, string, string][], object | null]>([
  ['somebody wants the number between', [['two', 's', 'place']], BUSY],
  ['nobody has the number between', [], null],
  ['the contact with the number between wants nothing', [['two', 's', 'none']], null],
])('two numbers away another batch counts only where %s', async (_, intents, failure) => {
  const together = [
    ['q', 's'],
    ['s', 'far'],
  ];
  expect((await claiming([moved('q')], { together, theirs: ['far'], intents })).failures).toEqual([failure]);
});
