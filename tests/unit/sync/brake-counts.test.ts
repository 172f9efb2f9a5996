// Which jobs the brake counts as new placements, and what it makes of those for which there is no room.

import { expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { LocationContext } from '../../../workers/consumer/config/context.ts';
import { brake } from '../../../workers/consumer/sync/brake.ts';
import type { Job } from '../../../workers/consumer/sync/work.ts';
import { decisionOf, dialerRow, jobsOf, taskOf } from '../../support/batch-harness.ts';

const NOW = 10_000_000;
/** CallTools has nothing under the number. */
const NEW = { callToolsId: null, fingerprint: null, mayBeInBucket: false };

type About = Parameters<typeof taskOf>[0];
type Row = Parameters<typeof dialerRow>[0];
const jobs = (row: Row = NEW, about: About = {}, more: Parameters<typeof jobsOf>[1] = {}): Job[] => [
  ...jobsOf([taskOf(about)], { rows: [dialerRow(row)], ...more }).values(),
];

async function braked(list: Job[], limit: number | null = 0) {
  const sqlite = openSqlite();
  let statements = 0;
  const DB = sqlite.bind(async (act) => {
    statements++;
    return act();
  });
  const settings = { GHL_LOCATION_ID: 'here', MAX_NEW_PLACEMENTS: limit };
  const context = { env: { DB }, world: { now: () => NOW }, settings } as unknown as LocationContext;
  const answer = await brake(list, context);
  const stored = sqlite.rows(
    'SELECT phone_hash AS hash, contact_id AS contact, run_id AS run, state, at FROM new_placements',
  );
  return {
    answer,
    held: answer.map(({ braked }) => braked === true),
    stored: stored.map((row) => ({ ...row })),
    statements,
  };
}

test.each<[boolean, string, Job[]]>([
  [true, 'CallTools has nothing under the number', jobs()],
  [true, 'CallTools has it in a bucket for all that is known, but not what', jobs({ ...NEW, mayBeInBucket: true })],
  [true, 'CallTools is known to hold nothing', jobs({ ...NEW, fingerprint: 'out' })],
  [false, 'it is surely in its bucket', jobs({})],
  [false, 'CallTools has a contact with it', jobs({ ...NEW, callToolsId: 1 })],
  [false, 'it is on a CallTools contact with others', jobs({ ...NEW, carriers: new Map([[1, ['p', 'q']]]) })],
  [false, 'it is to be out', jobs(NEW, { decision: decisionOf('out') })],
  [false, 'somebody else keeps it out', jobs(NEW, {}, { intents: [{ contactId: 'two', intent: 'out', priority: 0 }] })],
  [
    false,
    'another contact is to be placed there',
    jobs(NEW, {}, { intents: [{ contactId: 'two', intent: 'place', priority: 0 }] }),
  ],
])('%j: a number counts where %s', async (counts, _, list) => {
  const { held, stored } = await braked(list);
  expect(held).toEqual([counts]);
  expect(stored).toEqual(counts ? [{ hash: 'p', contact: 'one', run: null, state: 'held', at: NOW }] : []);
});

test('a number whose contact has left another one for it takes along the CallTools contact of that one', async () => {
  const of = (callToolsId: number | null) => {
    const task = taskOf({ row: { phoneHash: 'old' }, phoneHash: 'p' });
    const rows = [dialerRow({ ...NEW, contactId: null }), dialerRow({ phoneHash: 'old', callToolsId })];
    return [...jobsOf([task], { rows }).values()];
  };
  expect((await braked(of(7))).held).toEqual([false, false]);
  expect((await braked(of(null))).held).toEqual([true, false]);
});

test('a linked number with a CallTools contact makes it no new one', async () => {
  const linked = (callToolsId: number | null) =>
    jobs().map((job) => ({ ...job, linked: [dialerRow({ ...NEW, phoneHash: 'q', callToolsId })] }));
  expect((await braked(linked(1))).held).toEqual([false]);
  expect((await braked(linked(null))).held).toEqual([true]);
});

test('what is held back is to be out, for this reason, and nothing of the person is kept', async () => {
  const { answer } = await braked(jobs());
  expect(answer).toMatchObject([
    {
      braked: true,
      combined: { kind: 'out', doNotContact: false, hold: 'held_by_brake' },
      wanted: { kind: 'out', doNotContact: false },
      primaryRow: null,
      primaryInHand: false,
    },
  ]);
});

test('where there is room it is let in as it was', async () => {
  const list = jobs();
  const { answer, stored } = await braked(list, 1);
  expect(answer).toEqual(list);
  expect(stored).toMatchObject([{ state: 'let_in' }]);
});

test('the run that asks is remembered, and nothing else that asks', async () => {
  const of = async (hint: About) => (await braked(jobs(NEW, hint))).stored[0]?.run;
  expect(await of({ hint: { source: 'backstop', runId: 'r1' } })).toBe('r1');
  expect(await of({ hint: { source: 'backstop' } })).toBeNull();
  expect(await of({ hint: { runId: 'r1' } })).toBeNull();
});

test('nothing is asked of D1 without a limit, and without a new number', async () => {
  const list = jobs();
  expect(await braked(list, null)).toMatchObject({ answer: list, statements: 0 });
  expect((await braked(jobs({}))).statements).toBe(0);
  expect((await braked([])).statements).toBe(0);
});
