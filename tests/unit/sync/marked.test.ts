// A do-not-contact mark that was written stays wanted until a contact that asked for it takes the request back.

import { describe, expect, test } from 'vitest';
import type { Intent, Wanted } from '../../../workers/consumer/domain/decide.ts';
import { fingerprintOf, keepMark, OUT as WITHOUT_MARK } from '../../../workers/consumer/sync/marked.ts';
import type { Job, Task } from '../../../workers/consumer/sync/work.ts';
import { decisionOf, dialerRow, jobsOf, RULES, taskOf } from '../../support/batch-harness.ts';
import { DNC, dialerStage, OUT, place } from '../../support/vendor-harness.ts';

const { dialer } = dialerStage();
const markedPrint = await fingerprintOf(DNC, RULES, dialer);
const outPrint = await fingerprintOf(OUT, RULES, dialer);

/** A contact with the number that wanted one thing, and wants another now. Null: it could not be read. */
function reader(before: Intent, now: Intent | null, contactId = 'one'): Task {
  return taskOf({ contactId, row: { intent: before }, decision: now && decisionOf(now) });
}

/** A number that was marked do-not-contact, and that a contact which is kept out is read for now. */
function jobOf(changes: Partial<Job> = {}, fingerprint: string | null = markedPrint): Job {
  const job = jobsOf([reader('out', 'out')], { rows: [dialerRow({ fingerprint, mayBeInBucket: false })] }).get('p');
  if (!job) throw new Error('no job');
  return { ...job, ...changes };
}

const wantedOf = async (job: Job) => (await keepMark(job, RULES, dialer)).wanted;

describe('the mark stays', () => {
  test.each<[string, Task[]]>([
    ['another contact is read', [reader('out', 'out')]],
    ['a contact that was dialed is read', [reader('place', 'out')]],
    ['the contact that asked still asks', [reader('dnc', 'dnc')]],
    ['a contact asks only now', [reader('out', 'dnc')]],
  ])('where %s', async (_, tasks) => {
    expect(await wantedOf(jobOf({ tasks }))).toEqual(DNC);
  });

  test('and nothing else of the job changes', async () => {
    const job = jobOf();
    expect(await keepMark(job, RULES, dialer)).toEqual({ ...job, wanted: DNC });
  });
});

describe('there is no mark to keep', () => {
  test.each<[string, Job]>([
    ['where the contact that asked takes it back', jobOf({ tasks: [reader('dnc', 'out')] })],
    [
      'where one of those that asked takes it back',
      jobOf({ tasks: [reader('dnc', 'dnc'), reader('dnc', 'out', 'two')] }),
    ],
    ['where what the contact that asked wants now is not known', jobOf({ tasks: [reader('dnc', null)] })],
    ['where the number was out without a mark', jobOf({}, outPrint)],
    ['where it is not known what CallTools holds', jobOf({}, null)],
    ['where the number is nobody’s, and its CallTools contact may move', jobOf({ leftBy: taskOf() })],
    ['where the number is to be dialed', jobOf({ wanted: place() })],
    ['where another contact’s data belongs there', jobOf({ wanted: null })],
    ['where the mark is wanted anyway', jobOf({ wanted: DNC })],
  ])('%s', async (_, job) => {
    expect(await keepMark(job, RULES, dialer)).toBe(job);
  });

  test('where the state was written under other rules', async () => {
    const fewer = { ...RULES, routes: RULES.routes.slice(0, 2) };
    expect((await keepMark(jobOf(), fewer, dialer)).wanted).toEqual(OUT);
  });
});

test('a number that is only out asks for no mark', () => {
  expect(WITHOUT_MARK).toEqual(OUT);
});

test('the fingerprint is the same for the same state only', async () => {
  const states: Wanted[] = [OUT, DNC, place('Cold Leads'), place('Warm Leads'), place('Cold Leads', { tag: 'new' })];
  const prints = await Promise.all(states.map((state) => fingerprintOf(state, RULES, dialer)));
  expect(new Set(prints).size).toBe(states.length);
  expect(await fingerprintOf({ ...OUT }, RULES, dialer)).toBe(outPrint);
});
