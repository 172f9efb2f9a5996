// Rolling verification: whatever search hides and people change by hand, each contact is confirmed in both systems in time.

import { describe, expect, test } from 'vitest';
import { type BackstopStage, backstopStage, phoneOf } from '../../support/consumer-harness.ts';

const SILENT = { silent: true };
const DAY = 86_400_000;
/** A row of nobody's concern. */
const OTHER = { id: 'other', tags: [], searchAfter: [1, 'other'] };
const EVERY_NIGHT = { env: { VERIFY_WITHIN_DAYS: '2' } };

/** One lead in the dialer, settled a day ago. */
async function placed(options: Parameters<typeof backstopStage>[0] = EVERY_NIGHT) {
  const stage = backstopStage(options);
  const [id = ''] = await stage.leads(1);
  await stage.night();
  stage.clock.at += DAY;
  return { stage, id, dialerId: dialerIdOf(stage) };
}

function dialerIdOf({ callTools }: BackstopStage): number {
  const [contact] = callTools.contacts();
  if (!contact) throw new Error('CallTools holds nobody');
  return contact.id;
}

describe('what people change in CallTools by hand', () => {
  test('nothing: it is confirmed, and not written', async () => {
    const { stage } = await placed();
    const before = stage.writes();
    expect(await stage.night()).toMatchObject({ verified: 1, processed: 1, waiting: 0, repaired: { drifted: 0 } });
    expect(stage.writes()).toBe(before);
    expect(stage.sqlite.rows('SELECT verified_at > updated_at - 1000 AS confirmed FROM dialer')).toEqual([
      { confirmed: 1 },
    ]);
  });

  test.each<[string, (stage: BackstopStage, dialerId: number) => unknown]>([
    ['taken out of its bucket', ({ callTools }, id) => callTools.takeOutByHand(id)],
    [
      'given another number',
      ({ callTools }, id) => callTools.editContactByHand(id, { mobile_phone_number: phoneOf(9) }),
    ],
    ['deleted', ({ callTools }, id) => callTools.deleteContact(id)],
  ])('%s: it is repaired, and counted as drifted', async (_, meddle) => {
    const { stage, dialerId } = await placed();
    meddle(stage, dialerId);
    expect(await stage.night()).toMatchObject({ repaired: { drifted: 1, missing: 0 } });
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    expect(stage.callTools.contacts()).toHaveLength(1);
  });

  test('put back after it was kept out: it is taken out again', async () => {
    const { stage, id, dialerId } = await placed();
    await stage.ghl.editContact(id, { tags: ['customer'] }, SILENT);
    await stage.night();
    stage.clock.at += DAY;
    stage.callTools.putInBucketByHand(dialerId, 'Cold Leads');
    expect(await stage.night()).toMatchObject({ repaired: { drifted: 1 } });
    expect(stage.dialed()).toEqual([]);
  });

  test('do-not-contact cleared: it is set again while GoHighLevel says DND, and left to them once it does not', async () => {
    const { stage, id, dialerId } = await placed();
    const { ghl, callTools, clock } = stage;
    const marked = () => callTools.contacts()[0]?.doNotContact;
    await ghl.setDnd(id, { call: 'active' }, SILENT);
    await stage.night();
    clock.at += DAY;
    callTools.editContactByHand(dialerId, { do_not_contact: false });
    expect(await stage.night()).toMatchObject({ repaired: { drifted: 1 } });
    expect(marked()).toBe(true);
    clock.at += DAY;
    await ghl.setDnd(id, { call: 'inactive' }, SILENT);
    callTools.editContactByHand(dialerId, { do_not_contact: false });
    await stage.night();
    expect([marked(), stage.dialed()]).toEqual([false, [phoneOf(0)]]);
  });

  test('do-not-contact set: it is respected, and said', async () => {
    const { stage, dialerId } = await placed();
    stage.callTools.editContactByHand(dialerId, { do_not_contact: true });
    const before = stage.writes();
    await stage.night();
    expect(stage.sqlite.rows('SELECT state, reason FROM contacts')).toEqual([
      { state: 'placed', reason: 'do_not_contact_set' },
    ]);
    expect(stage.writes()).toBe(before);
  });

  test('put into a bucket that no route names, or renamed: that is theirs', async () => {
    const { stage, dialerId } = await placed();
    stage.callTools.putInBucketByHand(dialerId, 'VIP');
    stage.callTools.editContactByHand(dialerId, { first_name: 'Dana-Maria' });
    const before = stage.writes();
    expect(await stage.night()).toMatchObject({ verified: 1, repaired: { drifted: 0 } });
    expect(stage.writes()).toBe(before);
  });
});

describe('whose turn it is', () => {
  test('call DND that search hides is found', async () => {
    const { stage, id } = await placed({ ...EVERY_NIGHT, ghl: { searchHidesCallDnd: true } });
    await stage.ghl.setDnd(id, { call: 'active' }, SILENT);
    expect(await stage.night()).toMatchObject({ queued: 0, verified: 1, repaired: { withdrawn: 1 } });
    expect(stage.dialed()).toEqual([]);
  });

  test('each is confirmed within the days that are set, dialed or kept out, a share of them a night', async () => {
    const stage = backstopStage({ env: { VERIFY_WITHIN_DAYS: '4' } });
    const ids = await stage.leads(12);
    await stage.night();
    for (const id of ids.slice(0, 4)) await stage.ghl.editContact(id, { tags: ['customer'] }, SILENT);
    await stage.night();
    const oldest = () =>
      Number(stage.sqlite.rows('SELECT min(coalesce(verified_at, 0)) AS at FROM dialer')[0]?.at ?? 0);
    const verified: number[] = [];
    for (let night = 0; night < 12; night++) {
      stage.clock.at += DAY;
      expect(stage.clock.at - oldest()).toBeLessThan(4 * DAY);
      verified.push((await stage.night()).verified);
    }
    expect(verified.slice(3).every((count) => count > 0 && count < 12)).toBe(true);
  });

  test('they are verified also where the list cannot be read to its end', async () => {
    const { stage, id } = await placed({
      env: { VERIFY_WITHIN_DAYS: '2', BACKSTOP_PAGE_SIZE: '1' },
      ghl: { searchHidesCallDnd: true },
    });
    await stage.ghl.setDnd(id, { call: 'active' }, SILENT);
    stage.hooks.search = async (request) => {
      const { searchAfter } = (await request.json()) as { searchAfter?: unknown };
      return searchAfter ? new Response('oops', { status: 500 }) : undefined;
    };
    const { state, vanished, verified, repaired } = await stage.night();
    expect({ state, vanished, verified }).toEqual({ state: 'incomplete', vanished: 0, verified: 1 });
    expect(repaired).toMatchObject({ withdrawn: 1 });
    expect(stage.log).toContainEqual(
      expect.objectContaining({
        event: 'backstop.incomplete',
        state: 'incomplete',
        error: expect.stringMatching(/500/),
      }),
    );
    expect(stage.dialed()).toEqual([]);
  });

  test('a second run of the same night confirms no further share', async () => {
    const stage = backstopStage({ env: { VERIFY_WITHIN_DAYS: '4' } });
    await stage.leads(9);
    await stage.night();
    stage.clock.at += DAY;
    expect((await stage.night()).verified).toBe(3);
    expect((await stage.night()).verified).toBe(0);
  });

  test('a contact that was confirmed is not read again by the next run', async () => {
    const { stage } = await placed();
    await stage.night();
    const reads = stage.ghl.calls.count({ method: 'GET' });
    expect(await stage.night()).toMatchObject({ queued: 0, verified: 0 });
    expect(stage.ghl.calls.count({ method: 'GET' })).toBe(reads);
  });

  test('a contact that has changed and is due to be verified, both in one batch, is settled by one read', async () => {
    const { stage, id } = await placed();
    await stage.ghl.editContact(id, { firstName: 'Another' }, SILENT);
    expect(await stage.night()).toMatchObject({ queued: 1, verified: 1, processed: 1 });
    expect(await stage.night()).toMatchObject({ queued: 0, skipped: 1 });
  });

  test('while CallTools is down the question waits, and is still a question to CallTools', async () => {
    const { stage, dialerId } = await placed();
    stage.callTools.takeOutByHand(dialerId);
    stage.callTools.faults.plan({ times: 2, do: { kind: 'throttle', seconds: 30, retryAfter: 'seconds' } });
    expect(await stage.night()).toMatchObject({ repaired: { drifted: 1 }, waiting: 0 });
    expect(stage.dialed()).toEqual([phoneOf(0)]);
  });
});

describe('what was read though the list showed otherwise', () => {
  test('a customer who was a lead just while being verified does not stay in the dialer', async () => {
    const stage = backstopStage(EVERY_NIGHT);
    const [id = ''] = await stage.leads(1);
    await stage.night();
    await stage.ghl.editContact(id, { tags: ['customer'] }, SILENT);
    await stage.night();
    stage.clock.at += DAY;
    await stage.nightly();
    await stage.step();
    await stage.ghl.editContact(id, { tags: ['cold lead'] }, SILENT);
    await stage.work();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    await stage.ghl.editContact(id, { tags: ['customer'] }, SILENT);
    expect(await stage.night()).toMatchObject({ queued: 1, verified: 0 });
    expect(stage.dialed()).toEqual([]);
  });

  test('a contact that was found deleted and is restored comes back, though nothing of it has changed', async () => {
    const { stage, id } = await placed({});
    let gone = true;
    stage.hooks.contact = async (contactId) =>
      gone && contactId === id ? Response.json({ message: 'Contact not found' }, { status: 400 }) : undefined;
    stage.hooks.search = async () => (gone ? Response.json({ contacts: [OTHER], total: 1 }) : undefined);
    expect(await stage.night()).toMatchObject({ repaired: { gone: 1 } });
    expect(stage.dialed()).toEqual([]);
    gone = false;
    expect(await stage.night()).toMatchObject({ queued: 1, repaired: { missing: 1 } });
    expect(stage.dialed()).toEqual([phoneOf(0)]);
  });
});
