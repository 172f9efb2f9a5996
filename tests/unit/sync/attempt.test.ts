// One try of a number's job: what is left alone, moves, is asked for, confirmed or written.

import { describe, expect, test } from 'vitest';
import type { Observed } from '../../../workers/consumer/dialer/session.ts';
import type { Combined } from '../../../workers/consumer/domain/decide.ts';
import { phoneHash } from '../../../workers/consumer/domain/phone.ts';
import type { ContactRow, DialerRow } from '../../../workers/consumer/store/claim.ts';
import { tryJob } from '../../../workers/consumer/sync/attempt.ts';
import { fingerprintOf } from '../../../workers/consumer/sync/marked.ts';
import type { Job, Result } from '../../../workers/consumer/sync/work.ts';
import { dialerRow, FAILURES, jobsOf, RULES, resultOf, taskOf } from '../../support/batch-harness.ts';
import { COLD, dialerStage, LOCATION, observed, PHONE } from '../../support/vendor-harness.ts';

const p = await phoneHash(LOCATION, PHONE);
const OUT: Combined = { kind: 'out', doNotContact: false };

/** The job of a number whose contact is to be dialed. */
function jobOf(
  row: Partial<DialerRow> = {},
  changes: Partial<Job> = {},
  hint = {},
  contact: Partial<ContactRow> = {},
): Job {
  const task = taskOf({ phoneHash: p, row: { phoneHash: p, ...contact }, hint });
  const job = jobsOf([task], { rows: [dialerRow({ phoneHash: p, ...row })] }).get(p);
  if (!job) throw new Error('no job');
  return { ...job, ...changes };
}

/** The same contact, in its bucket in CallTools as it was last written. */
async function stageOf() {
  const { dialer, vendor, clock } = dialerStage();
  const { id } = vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [COLD] });
  const { wanted } = jobOf();
  const fingerprint = wanted && (await fingerprintOf(wanted, RULES, dialer));
  const row = { callToolsId: id, fingerprint };
  return {
    ...{ dialer, vendor, clock, row, fingerprint },
    /** One try, after the jobs in `done`. */
    async try(job: Job, known: Partial<Observed> = {}, done: Result[] = [], follows = false) {
      const so = observed({ callToolsId: job.row.callToolsId, ...known });
      const results = new Map(done.map((result) => [result.job.row.phoneHash, result]));
      const batch = { dialer, rules: RULES, now: () => clock.at, replan: async () => null, jobs: [job], follows };
      vendor.calls.clear();
      const { kind, ...result } = await tryJob(job, so, { ...batch, done: results });
      return { kind, result, known: so, calls: vendor.calls.count() };
    },
  };
}

describe('CallTools is not called', () => {
  test('where the number holds what it should', async () => {
    const { row, fingerprint, ...stage } = await stageOf();
    expect(await stage.try(jobOf(row))).toMatchObject({ kind: 'unchanged', result: { fingerprint }, calls: 0 });
  });

  test.each<[string, Partial<Job>, string | null]>([
    [
      'shows as well: what it holds is certain',
      { combined: { kind: 'place', primary: 'one', priority: 1 } },
      'as written',
    ],
    ['does not show', { combined: { kind: 'place', primary: 'two', priority: 1 } }, null],
    ['shows, while it is marked', { combined: { kind: 'place', primary: 'one', priority: 1 }, marked: true }, null],
    ['would be, if anybody were placed', { combined: OUT }, null],
  ])('where another contact’s data belongs there, which CallTools %s', async (_, changes, fingerprint) => {
    const stage = await stageOf();
    const asked = await stage.try(jobOf({}, { wanted: null, ...changes }));
    expect(asked).toMatchObject({ kind: 'asked', result: { fingerprint }, calls: 0 });
  });

  test.each<[string, Partial<DialerRow>, Partial<Observed>, boolean]>([
    ['is in no bucket', {}, {}, true],
    ['may be in a bucket', {}, { mayBeInBucket: true }, false],
    ['may be written to yet', { doubtUntil: Number.MAX_SAFE_INTEGER }, {}, false],
  ])('where the brake holds a number back that %s', async (_, row, known, rests) => {
    const stage = await stageOf();
    const job = jobOf({ ...stage.row, fingerprint: 'earlier', ...row }, { braked: true });
    const { kind, result, calls } = await stage.try(job, known);
    expect(kind === 'unchanged' && result.fingerprint === 'earlier').toBe(rests);
    expect(calls === 0).toBe(rests);
  });

  test('a brake counts again at the moment that a doubt ends', async () => {
    const stage = await stageOf();
    const job = jobOf({ ...stage.row, fingerprint: 'earlier', doubtUntil: stage.clock.at }, { braked: true });
    expect(await stage.try(job)).toMatchObject({ kind: 'unchanged', calls: 0 });
  });
});

describe('CallTools is asked whether it still holds what was written', () => {
  test.each<[string, Partial<DialerRow>, object, Partial<ContactRow>, string]>([
    ['by the nightly verification', {}, { verify: true }, {}, 'confirmed'],
    ['for a failed contact', {}, {}, { state: 'failed' }, 'confirmed'],
    ['to be given a field again that it refused', { leftOut: ['email'] }, { verify: true }, {}, 'written'],
    ['not where it has no contact', { callToolsId: null }, { verify: true }, {}, 'unchanged'],
    ['not otherwise', {}, {}, { state: 'kept_out' }, 'unchanged'],
  ])('%s', async (_, row, hint, contact, expected) => {
    const { fingerprint, ...stage } = await stageOf();
    const { kind, result } = await stage.try(jobOf({ ...stage.row, ...row }, {}, hint, contact));
    expect(kind).toBe(expected);
    expect(result).toMatchObject({ fingerprint, drifted: false, failure: null });
  });

  test.each<[string, (stage: Awaited<ReturnType<typeof stageOf>>) => unknown]>([
    ['was taken out by hand', ({ vendor, row }) => vendor.takeOutByHand(row.callToolsId)],
    ['was deleted', ({ vendor, row }) => vendor.deleteContact(row.callToolsId)],
    [
      'has another number',
      ({ vendor, row }) => vendor.editContactByHand(row.callToolsId, { mobile_phone_number: '+13055550199' }),
    ],
  ])('and is written where it %s', async (_, change) => {
    const stage = await stageOf();
    change(stage);
    const { kind, result } = await stage.try(jobOf(stage.row, {}, { verify: true }));
    expect([kind, result.drifted]).toEqual(['written', true]);
    expect(stage.vendor.holds(COLD)).toEqual([PHONE]);
  });

  test('and what is known stays known where it does not answer', async () => {
    const { fingerprint, ...stage } = await stageOf();
    stage.vendor.faults.plan({ match: { method: 'GET' }, times: 9, do: { kind: 'html500' } });
    const { kind, result } = await stage.try(jobOf(stage.row, {}, { verify: true }));
    expect(kind).toBe('failed');
    expect(result).toMatchObject({ fingerprint, doubtUntil: 0, failure: { kind: 'transient', vendor: 'calltools' } });
  });
});

describe('CallTools is written to', () => {
  test('where the number should hold something else, or this job has written already', async () => {
    const stage = await stageOf();
    expect(await stage.try(jobOf({ ...stage.row, fingerprint: 'earlier' }))).toMatchObject({
      kind: 'written',
      result: { fingerprint: stage.fingerprint, drifted: false },
    });
    expect((await stage.try(jobOf(stage.row), { wrote: true })).kind).toBe('written');
  });

  test('and where a write may be lost, nothing is known for a minute', async () => {
    const stage = await stageOf();
    stage.vendor.faults.plan({ match: { method: 'PATCH' }, times: 9, do: { kind: 'hang' } });
    const { kind, result } = await stage.try(jobOf({ ...stage.row, fingerprint: 'earlier', mayBeInBucket: false }));
    expect([kind, result.fingerprint]).toEqual(['failed', null]);
    expect(result.doubtUntil - stage.clock.at).toBe(60_000);
  });

  test('and what was written is not certain while an earlier write may take effect', async () => {
    const stage = await stageOf();
    const doubtUntil = stage.clock.at + 1_000_000;
    const inDoubt = await stage.try(jobOf({ ...stage.row, fingerprint: 'earlier', doubtUntil }));
    expect(inDoubt).toMatchObject({ kind: 'written', result: { fingerprint: null, doubtUntil } });
  });
});

describe('a CallTools contact whose person has a new number', () => {
  const leaver = taskOf({ row: { phoneHash: p }, phoneHash: 'q' });
  const oldJob = (row: Partial<DialerRow> = {}) => jobOf(row, { leftBy: leaver, wanted: OUT });
  const newJob = jobsOf([leaver], { rows: [dialerRow({ phoneHash: 'q', contactId: null })] }).get('q');
  const moved = (callToolsId: number | null, changes: Partial<Result> = {}) => {
    if (!newJob) throw new Error('no job');
    return resultOf(newJob, { observed: observed({ callToolsId, wrote: true, mayBeInBucket: true }), ...changes });
  };

  test('has left the old one', async () => {
    const { row, ...stage } = await stageOf();
    const outPrint = await fingerprintOf(OUT, RULES, stage.dialer);
    const { kind, result, known, calls } = await stage.try(oldJob(row), { mayBeInBucket: true }, [
      moved(row.callToolsId),
    ]);
    expect([kind, calls]).toEqual(['moved', 0]);
    expect(result).toMatchObject({ fingerprint: outPrint, doubtUntil: 0 });
    expect(known).toMatchObject({ callToolsId: null, mayBeInBucket: false });
  });

  test('is looked at under both while an earlier write may bring the old one back', async () => {
    const { row, ...stage } = await stageOf();
    const doubtUntil = stage.clock.at + 1;
    const job = oldJob({ ...row, doubtUntil });
    const { kind, result, known } = await stage.try(job, { mayBeInBucket: true }, [moved(row.callToolsId)]);
    expect([kind, result.fingerprint, result.doubtUntil]).toEqual(['moved', null, doubtUntil]);
    expect(known).toMatchObject({ callToolsId: row.callToolsId, mayBeInBucket: true });
    const over = await stage.try(oldJob({ ...row, doubtUntil: stage.clock.at }), {}, [moved(row.callToolsId)]);
    expect(over).toMatchObject({ kind: 'moved', result: { doubtUntil: 0 }, known: { callToolsId: null } });
  });

  test('fails under the old one as it did under the new one', async () => {
    const { row, ...stage } = await stageOf();
    const failed = { ...moved(row.callToolsId), kind: 'failed', failure: FAILURES.throttled } as const;
    expect(await stage.try(oldJob(row), {}, [failed])).toMatchObject({
      kind: 'failed',
      result: { failure: FAILURES.throttled, fingerprint: null },
      calls: 0,
    });
  });

  test.each<[string, Partial<DialerRow>, Partial<Result> | null, number | null]>([
    ['another one is asked for there', {}, { kind: 'asked' }, null],
    ['it follows another one there', {}, { kind: 'follows' }, null],
    ['another CallTools contact has the new one', {}, {}, 99],
    ['nothing was done under the new one', {}, null, null],
    ['there was none under the old one', { callToolsId: null }, {}, null],
  ])('is taken out under the old one where %s', async (_, row, changes, id) => {
    const stage = await stageOf();
    const own = { ...stage.row, ...row };
    const seen = observed({ callToolsId: id ?? own.callToolsId, wrote: true });
    const done = changes ? [moved(null, { observed: seen, ...changes })] : [];
    const { kind } = await stage.try(oldJob(own), { mayBeInBucket: true }, done);
    expect(kind).toBe('written');
  });
});
