// Which contacts a batch asks to be read, because it has changed what counts for another number of their CallTools contact.

import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { Env } from '../../../workers/consumer/config/env.ts';
import type { Intent } from '../../../workers/consumer/domain/decide.ts';
import type { NumbersChange } from '../../../workers/consumer/store/phones.ts';
import { revisits } from '../../../workers/consumer/sync/linked.ts';
import type { Job, Phones, Result, Task } from '../../../workers/consumer/sync/work.ts';
import { decisionOf, dialerRow, FAILURES, jobsOf, resultOf, taskOf } from '../../support/batch-harness.ts';

const LEASE = { locationId: 'here', token: 'mine', now: 500_000, until: 560_000, lateMs: 45_000 };
const carriers = new Map([[1, ['p', 'q']]]);

interface Read {
  task?: Parameters<typeof taskOf>[0];
  /** What contact "two" wants for `q`. */
  two?: Intent;
  /** What contact "three" wants for `r`, which is on another CallTools contact with `q`. */
  three?: Intent;
  beside?: Task[];
  numbers?: NumbersChange[];
  linked?: { callToolsId: number; hashes: string[] }[];
  results?: Result[];
  /** Contacts in D1 that want to be dialed under `q`. */
  stored?: string[];
}

/** The contacts that are read because of a batch with contact "one", which has the number `p`. */
async function readNext({ task = {}, two = 'none', three = 'none', beside = [], ...more }: Read): Promise<string[]> {
  const sqlite = openSqlite();
  for (const id of more.stored ?? [])
    sqlite.rows(
      `INSERT INTO contacts (location_id, contact_id, phone_hash, state, wish, created_at, updated_at)
       VALUES ('here', ?1, 'q', 'placed', 'place', 0, 0)`,
      id,
    );
  const both = new Map([...carriers, [2, ['q', 'r']]] as const);
  const rows = [
    dialerRow({ carriers }),
    dialerRow({ phoneHash: 'q', contactId: 'two', carriers: both }),
    dialerRow({ phoneHash: 'r', contactId: 'three', callToolsId: 2, carriers: new Map([[2, ['q', 'r']]]) }),
  ];
  const phones: Phones = {
    dialer: new Map(rows.map((row) => [row.phoneHash, row])),
    intents: new Map([
      ['q', [{ contactId: 'two', intent: two, priority: 1 }]],
      ['r', [{ contactId: 'three', intent: three, priority: 1 }]],
    ]),
  };
  const { results = [], numbers = [], linked = [] } = more;
  const env = { DB: sqlite.bind(async (act) => act()) } as unknown as Env;
  const asks = await revisits([taskOf(task), ...beside], results, { phones, numbers, linked }, LEASE, env);
  expect(asks.every(({ delayMs }) => delayMs === 0)).toBe(true);
  return asks.map(({ contactId }) => contactId);
}

describe('a contact that is dialed under another number of a CallTools contact', () => {
  const out = decisionOf('out', { priority: 0 });

  test.each<[string, Read, string[]]>([
    ['wants what it wanted', {}, []],
    ['wants something else', { task: { decision: out } }, ['two']],
    ['is placed by another route', { task: { row: { priority: 2 } } }, ['two']],
    ['has another number', { task: { phoneHash: 's' } }, ['two']],
    [
      'is out as before, by no route',
      { task: { row: { intent: 'out', priority: 0 }, decision: decisionOf('out') } },
      [],
    ],
    ['is out as before, by another route', { task: { row: { intent: 'out', priority: 2 }, decision: out } }, ['two']],
    [
      'wants nothing, as before, of another number',
      { task: { row: { intent: 'none' }, decision: decisionOf('none'), phoneHash: 's' } },
      [],
    ],
    ['could not be read', { task: { decision: null } }, []],
    ['was stopped', { task: { decision: out, failure: FAILURES.busy } }, []],
    [
      'is on neither of the numbers',
      { task: { decision: out, contactId: 'four', row: { phoneHash: 's' }, phoneHash: 's' } },
      [],
    ],
  ])('whether it is read, where the one in hand %s', async (_, read, asked) => {
    expect(await readNext({ two: 'place', ...read })).toEqual(asked);
  });

  test.each<[string, Read, string[]]>([
    ['it is kept out', { two: 'out' }, []],
    ['it wants nothing', { two: 'none' }, []],
    [
      'it is in hand itself',
      { two: 'place', beside: [taskOf({ contactId: 'two', row: { phoneHash: 'q' }, phoneHash: 'q' })] },
      [],
    ],
    [
      'it is in hand, and could not be read',
      { two: 'place', beside: [taskOf({ contactId: 'two', decision: null })] },
      ['two'],
    ],
    ['a number between them is somebody’s', { two: 'out', three: 'place' }, ['three']],
    ['a number between them is nobody’s', { two: 'none', three: 'place' }, []],
    ['there are two', { two: 'place', three: 'place' }, ['two', 'three']],
  ])('whether it is read, where %s and the one in hand wants something else', async (_, read, asked) => {
    expect(await readNext({ task: { decision: out }, ...read })).toEqual(asked);
  });
});

describe('numbers that were found to be on one CallTools contact, or no longer', () => {
  const added: NumbersChange = { callToolsId: 1, added: ['q'], removed: [], all: ['p', 'q'] };
  const removed: NumbersChange = { ...added, added: [], removed: ['p'] };
  const two = taskOf({ contactId: 'two', row: { phoneHash: 'q' }, phoneHash: 'q' });
  const job = jobsOf([two], { rows: [dialerRow({ phoneHash: 'q', contactId: 'two', carriers })] }).get('q');
  if (!job) throw new Error('no job');
  const worked = (changes: Partial<Job> = {}) => [resultOf({ ...job, ...changes })];

  test.each<[string, Read, string[]]>([
    ['is not read where nothing was found', {}, []],
    ['is read where it has not been worked on', { numbers: [added] }, ['two']],
    ['is read where a batch has planned anew for them', { linked: [{ callToolsId: 1, hashes: ['p', 'q'] }] }, ['two']],
    ['is not read where they are other numbers', { numbers: [{ ...added, added: ['p'], all: ['p', 's'] }] }, []],
    ['is not read where its job counted them', { numbers: [added], results: worked() }, []],
    [
      'is read where its job counted only its own',
      { numbers: [{ ...added, added: ['p', 'q'] }], results: worked({ numbers: new Set(['q']) }) },
      ['two'],
    ],
    [
      'is not read where its job did not need the others',
      { numbers: [added], results: worked({ numbers: new Set(['q']) }) },
      [],
    ],
    ['is read where one has gone since', { numbers: [removed], results: worked() }, ['two']],
    [
      'is read where only another contact was worked on',
      { numbers: [added], results: worked({ tasks: [taskOf()] }) },
      ['two'],
    ],
    [
      'is read where its job was that of another number',
      {
        numbers: [added],
        results: worked({ intents: [{ contactId: 'two', intent: 'place', priority: 1, phoneHash: 'p' }] }),
      },
      ['two'],
    ],
    [
      'is read where the number was another contact’s',
      {
        numbers: [added],
        results: worked({ intents: [{ contactId: 'one', intent: 'place', priority: 1, phoneHash: 'q' }] }),
      },
      ['two'],
    ],
    [
      'is not read where a change is about another CallTools contact',
      { numbers: [added, { ...removed, all: ['p', 's'] }], results: worked() },
      [],
    ],
    [
      'is not read where one of its jobs counted them',
      { numbers: [added], results: [...worked({ tasks: [] }), ...worked()] },
      [],
    ],
  ])('a contact that is dialed %s', async (_, read, asked) => {
    expect(await readNext({ stored: ['two'], ...read })).toEqual(asked);
  });
});
