// A contact leaves a number that another contact still has.

import { describe, expect, test } from 'vitest';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';

const SILENT = { silent: true };
const IDS = ['aaaaaaaaaaaaaaaaaaaa', 'zzzzzzzzzzzzzzzzzzzz'] as const;
const CUSTOMER = { tags: ['customer'] };
const UNWILLING = { tags: ['customer'], dnd: true };
const LEAD = { tags: ['cold lead'] };

describe('a number under which CallTools holds what it should', () => {
  /** Both contacts have one number and are settled. The first one leaves it, and the webhook of that is lost. */
  async function left(leaver: object, other: object, phoneFilter: 'works' | 'ignored') {
    const stage = backstopStage();
    const { ghl, callTools } = stage;
    callTools.settings.phoneFilter = phoneFilter;
    for (let n = 5; n < 10; n++) callTools.addContactByHand({ mobile_phone_number: phoneOf(n) });
    for (const [n, contact] of [leaver, other].entries()) {
      await ghl.addContact({ id: IDS[n] ?? '', phone: phoneOf(0), tags: [], ...contact }, SILENT);
      stage.hint(IDS[n] ?? '');
      await stage.work();
    }
    await stage.night();
    await ghl.editContact(IDS[0], { phone: phoneOf(1) }, SILENT);
    return stage;
  }

  test.each([
    { what: 'a customer leaves it to a customer', leaver: CUSTOMER, other: CUSTOMER },
    { what: 'a contact that asks not to be called leaves it to a customer', leaver: UNWILLING, other: CUSTOMER },
    { what: 'a customer leaves it to one that asks not to be called', leaver: CUSTOMER, other: UNWILLING },
    { what: 'a lead leaves it to a lead', leaver: LEAD, other: LEAD },
    { what: 'a contact that asks not to be called leaves it to a lead', leaver: UNWILLING, other: LEAD },
  ])('$what: one night settles both, and the next reads nobody', async ({ leaver, other }) => {
    for (const phoneFilter of ['works', 'ignored'] as const) {
      const stage = await left(leaver, other, phoneFilter);
      await stage.night();
      const calls = () => [stage.ghl.calls.count({ method: 'GET' }), stage.callTools.calls.count()];
      const before = calls();
      expect((await stage.night()).queued).toBe(0);
      expect(calls()).toEqual(before);
    }
  });
});

describe('a number of which only the hash is known', () => {
  /** A lead's number is in our bucket by way of a write that nobody remembers. The customer with the same number knows it. */
  async function forgotten() {
    const stage = backstopStage();
    const { ghl, callTools, sqlite } = stage;
    await ghl.addContact({ id: IDS[0], phone: phoneOf(0), ...LEAD }, SILENT);
    stage.hint(IDS[0]);
    await stage.work();
    const [{ id = 0 } = {}] = callTools.contacts();
    await ghl.addContact({ id: IDS[1], phone: phoneOf(0), ...CUSTOMER }, SILENT);
    stage.hint(IDS[1]);
    await stage.work();
    callTools.putInBucketByHand(id, 'Cold Leads');
    callTools.addContactByHand({ mobile_phone_number: phoneOf(5) });
    return {
      stage,
      unsettle: (held: 0 | 1) =>
        sqlite.rows('UPDATE dialer SET calltools_id = NULL, fingerprint = NULL, held = ?1', held),
    };
  }

  test.each([
    ['was never looked up', 0, 'works'],
    ['cannot be looked for in the buckets', 1, 'ignored'],
  ] as const)('that %s is looked up at once for the customer who has it', async (_, held, bucketFilter) => {
    const { stage, unsettle } = await forgotten();
    stage.callTools.settings.bucketFilter = bucketFilter;
    unsettle(held);
    await stage.ghl.editContact(IDS[0], { phone: phoneOf(1) }, SILENT);
    stage.hint(IDS[0], { receivedAt: stage.clock.at + 10_000 });
    await stage.work();
    expect(stage.dialed()).toEqual([phoneOf(1)]);
  });
});
