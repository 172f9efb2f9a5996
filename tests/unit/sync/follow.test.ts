// A number whose primary contact is in CallTools under another number: whatever else carries it is not dialed beside that contact.

import { expect, test } from 'vitest';
import { phoneHash } from '../../../workers/consumer/domain/phone.ts';
import { follow } from '../../../workers/consumer/sync/follow.ts';
import { dialerRow, jobsOf, taskOf } from '../../support/batch-harness.ts';
import { COLD, dialerStage, LOCATION, OTHER_PHONE, observed, PHONE } from '../../support/vendor-harness.ts';

interface Known {
  mayBeInBucket?: boolean;
  verify?: boolean;
  /** This batch has seen the second CallTools contact. */
  seen?: boolean;
}

/** The primary contact is in the bucket under OTHER_PHONE. PHONE is on a CallTools contact of its own, put into the bucket by hand. */
async function following({ mayBeInBucket = false, verify = false, seen = false }: Known): Promise<string[]> {
  const { vendor, dialer, clock } = dialerStage();
  const shown = vendor.addContactByHand({ mobile_phone_number: OTHER_PHONE, buckets: [COLD] });
  const own = vendor.addContactByHand({ mobile_phone_number: PHONE, buckets: [COLD] });
  const p = await phoneHash(LOCATION, PHONE);
  const q = await phoneHash(LOCATION, OTHER_PHONE);
  if (seen) dialer.numbers.seen.set(own.id, { hashes: [p], whole: true });
  const rows = [dialerRow({ phoneHash: p, callToolsId: own.id, mayBeInBucket })];
  const task = taskOf({ phoneHash: p, row: { phoneHash: p }, hint: { verify } });
  const job = jobsOf([task], { rows }).get(p);
  if (!job) throw new Error('no job');
  const primaryRow = dialerRow({ phoneHash: q, contactId: 'two', callToolsId: shown.id });
  const led = { ...job, primaryRow, primaryInHand: false, wanted: null, combined: { ...job.combined, primary: 'two' } };
  const known = observed({ callToolsId: own.id, mayBeInBucket });
  expect(await follow(led, new Map(), dialer, known, clock.at)).toBe(true);
  expect(known).toMatchObject({ mayBeInBucket: false });
  return vendor.holds(COLD);
}

test.each<[string, Known]>([
  ['that may be in the bucket', { mayBeInBucket: true }],
  ['when the night asks whether all is as written', { verify: true }],
  ['that this batch has seen', { seen: true }],
])('takes out a second CallTools contact %s', async (_, known) => {
  expect(await following(known)).toEqual([OTHER_PHONE]);
});

test('costs no call where nothing says that another may be in the bucket', async () => {
  expect(await following({})).toHaveLength(2);
});
