// A number whose primary contact is in CallTools under another number: whatever else carries it is not dialed beside that contact.

import { describe, expect, test } from 'vitest';
import type { Observed } from '../../../workers/consumer/dialer/session.ts';
import { phoneHash } from '../../../workers/consumer/domain/phone.ts';
import { follow } from '../../../workers/consumer/sync/follow.ts';
import type { Job, Result } from '../../../workers/consumer/sync/work.ts';
import { dialerRow, jobsOf, resultOf, taskOf } from '../../support/batch-harness.ts';
import { COLD, dialerStage, LOCATION, OTHER_PHONE, observed, PHONE, WARM } from '../../support/vendor-harness.ts';

const [p, q] = [await phoneHash(LOCATION, PHONE), await phoneHash(LOCATION, OTHER_PHONE)];

interface Situation {
  row?: Parameters<typeof dialerRow>[0];
  /** The row of the primary contact's number. */
  primaryRow?: Parameters<typeof dialerRow>[0];
  job?: Partial<Job>;
  observed?: Partial<Observed>;
  /** What this batch did for the primary contact's number. */
  done?: Partial<Result>;
  verify?: boolean;
  /** This batch has seen the second CallTools contact. */
  seen?: boolean;
}

/** The primary contact is in the bucket under OTHER_PHONE. PHONE is on a CallTools contact of its own, put into the bucket by hand. */
function stageOf() {
  const { vendor, dialer, clock } = dialerStage();
  const shown = vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE, buckets: [COLD] });
  const own = vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [COLD] });
  return {
    vendor,
    dialer,
    now: clock.at,
    shown,
    own,
    async follow({ row, primaryRow, job, observed: seen, done, verify = false, ...more }: Situation) {
      if (more.seen) dialer.numbers.seen.set(own.id, { hashes: [p], whole: true });
      const rows = [dialerRow({ phoneHash: p, callToolsId: own.id, mayBeInBucket: false, ...row })];
      const task = taskOf({ phoneHash: p, row: { phoneHash: p }, hint: { verify } });
      const planned = jobsOf([task], { rows }).get(p);
      if (!planned) throw new Error('no job');
      const led: Job = {
        ...planned,
        primaryRow: dialerRow({ phoneHash: q, contactId: 'two', callToolsId: shown.id, ...primaryRow }),
        primaryInHand: done !== undefined,
        wanted: null,
        combined: { kind: 'place', primary: 'two', priority: 1 },
        ...job,
      };
      const known = observed({ callToolsId: own.id, ...seen });
      const results = new Map(done ? [[q, resultOf(led, done)]] : []);
      return { follows: await follow(led, results, dialer, known, clock.at), known };
    },
  };
}

describe('a second CallTools contact', () => {
  test.each<[string, Situation]>([
    ['that may be in the bucket', { observed: { mayBeInBucket: true } }],
    ['when the night asks whether all is as written', { verify: true }],
    ['that this batch has seen', { seen: true }],
  ])('is taken out: %s', async (_, situation) => {
    const { vendor, follow } = stageOf();
    expect(await follow(situation)).toMatchObject({ follows: true, known: { mayBeInBucket: false, placing: null } });
    expect(vendor.holds(COLD)).toEqual([OTHER_PHONE]);
  });

  test('costs no call where nothing says that it may be in the bucket', async () => {
    const { vendor, follow } = stageOf();
    expect(await follow({})).toMatchObject({ follows: true });
    expect(vendor.calls.count()).toBe(0);
  });

  test('that the number was on beside others is taken out, unless it carries the number no more', async () => {
    const { vendor, follow } = stageOf();
    const still = vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [WARM] });
    const nomore = vendor.addContactByHand({ mobile_phone_number: '+13055550199', buckets: [WARM] });
    await follow({ job: { carriers: [still.id, nomore.id] }, observed: { mayBeInBucket: true } });
    expect(vendor.holds(WARM)).toEqual(['+13055550199']);
    expect(vendor.holds(COLD)).toEqual([OTHER_PHONE]);
  });

  test('that CallTools no longer has is no reason to stop', async () => {
    const { vendor, own, follow } = stageOf();
    vendor.deleteContact(own.id);
    expect(await follow({ observed: { mayBeInBucket: true } })).toMatchObject({ follows: true });
  });
});

describe('what CallTools shows of the primary contact', () => {
  test.each(['written', 'unchanged', 'confirmed'] as const)('counts as this batch left it: %s', async (kind) => {
    const { shown, follow } = stageOf();
    const observedOfPrimary = observed({ callToolsId: shown.id, mayBeInBucket: true });
    expect(await follow({ done: { kind, observed: observedOfPrimary } })).toMatchObject({ follows: true });
  });

  test.each<[string, Situation]>([
    ['is not known where its job failed', { done: { kind: 'failed' } }],
    ['is nothing where this batch left it out', { done: { observed: observed({ callToolsId: 1 }) } }],
    ['is nothing where this batch did not come to it', { job: { primaryInHand: true } }],
    ['is somebody else', { primaryRow: { contactId: 'three' } }],
    ['is not known', { primaryRow: { fingerprint: null } }],
    ['is not in a bucket', { primaryRow: { mayBeInBucket: false } }],
    ['does not matter where nobody is placed', { job: { combined: { kind: 'out', doNotContact: false } } }],
    ['does not matter where its number is this one', { primaryRow: { phoneHash: p } }],
    ['does not matter where nobody is primary', { job: { primaryRow: null } }],
    ['must wait until a write in doubt has arrived', { row: { doubtUntil: Number.MAX_SAFE_INTEGER } }],
    ['must wait where this job has written', { observed: { wrote: true } }],
  ])('%s', async (_, situation) => {
    const { vendor, follow } = stageOf();
    const known = { mayBeInBucket: true, ...situation.observed };
    expect(await follow({ ...situation, observed: known })).toMatchObject({ follows: false, known });
    expect(vendor.calls.count()).toBe(0);
  });

  test('is lost where CallTools no longer has it: nothing is taken out for it', async () => {
    const { vendor, shown, dialer, follow } = stageOf();
    dialer.numbers.known = (id) => (id === shown.id ? [p, q] : []);
    vendor.deleteContact(shown.id);
    const { follows, known } = await follow({ observed: { mayBeInBucket: true } });
    expect(follows).toBe(false);
    expect(known).toMatchObject({ primaryIsLost: true, mayBeInBucket: true });
    expect(dialer.numbers.seen.get(shown.id)).toEqual({ hashes: [], whole: true });
    expect(vendor.holds(COLD)).toEqual([PHONE]);
  });
});

describe('the CallTools contact of the number', () => {
  test('is that of the primary contact where that carries the number too', async () => {
    const { shown, follow } = stageOf();
    const { known } = await follow({ job: { carriers: [shown.id] } });
    expect(known).toMatchObject({ along: true, callToolsId: shown.id });
  });

  test('stays its own where the other one has been seen to carry the number no more', async () => {
    const { shown, own, dialer, follow } = stageOf();
    dialer.numbers.seen.set(shown.id, { hashes: [q], whole: true });
    const { known } = await follow({ job: { carriers: [shown.id] } });
    expect(known).toMatchObject({ along: false, callToolsId: own.id });
  });

  test('is none where its own has gone to the primary contact', async () => {
    const { shown, follow } = stageOf();
    const { known } = await follow({ row: { callToolsId: shown.id }, observed: { callToolsId: shown.id } });
    expect(known).toMatchObject({ along: false, callToolsId: null });
  });
});
