// What CallTools answers when a contact is checked there. backstop/verify.test.ts covers the drift that a run repairs.

import { describe, expect, test } from 'vitest';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';
import { intercept } from '../../support/intercept.ts';

const SILENT = { silent: true };
const DAY = 86_400_000;
const TAGGED = {
  SYNC_RULES: JSON.stringify({
    routes: [
      { name: 'customer', tags: ['customer'], bucket: null },
      { name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads', calltoolsTag: 'fresh' },
      { name: 'warm', tags: ['warm lead'], bucket: 'Warm Leads', calltoolsTag: 'known' },
    ],
  }),
};

/** A contact with these tags, known to CallTools, and settled a day ago. */
async function known(tags: string[], env: Record<string, string> = {}) {
  const stage = backstopStage({ env: { VERIFY_WITHIN_DAYS: '2', ...env } });
  for (const name of ['Cold Leads', 'Warm Leads']) stage.callTools.addLabelByHand('buckets', name);
  for (const name of ['fresh', 'known']) stage.callTools.addLabelByHand('tags', name);
  const [id = ''] = await stage.leads(1);
  await stage.night();
  if (!tags.includes('cold lead')) {
    await stage.ghl.editContact(id, { tags }, SILENT);
    await stage.night();
  }
  stage.clock.at += DAY;
  const [contact] = stage.callTools.contacts();
  if (!contact) throw new Error('CallTools holds nobody');
  const row = (columns: string) => ({ ...stage.sqlite.rows(`SELECT ${columns} FROM dialer`)[0] });
  return { stage, id, dialerId: contact.id, row };
}

const REFUSAL = { kind: 'status', status: 400, body: { city: ['is not a valid choice'] } } as const;

describe('a contact that was kept out and is in a bucket again', () => {
  test('and cannot be taken out counts as held: it must not be forgotten', async () => {
    const { stage, dialerId, row } = await known(['customer']);
    stage.callTools.putInBucketByHand(dialerId, 'Cold Leads');
    stage.callTools.faults.plan({ match: { method: 'PATCH' }, do: REFUSAL });
    await stage.night();
    expect(stage.sqlite.rows('SELECT state, reason FROM contacts').map((one) => ({ ...one }))).toEqual([
      { state: 'failed', reason: 'rejected' },
    ]);
    expect(row('held')).toEqual({ held: 1 });
    expect(stage.dialed()).toEqual([phoneOf(0)]);
  });

  test('is taken out of any bucket that a route names', async () => {
    const { stage, dialerId } = await known(['customer'], TAGGED);
    stage.callTools.putInBucketByHand(dialerId, 'Warm Leads');
    expect(await stage.night()).toMatchObject({ repaired: { drifted: 1 } });
    expect(stage.callTools.holds('Warm Leads')).toEqual([]);
  });

  test('loses a tag that a route names: live filters dial by it', async () => {
    const { stage, dialerId } = await known(['customer'], TAGGED);
    stage.callTools.editContactByHand(dialerId, { tags: ['known'] });
    expect(await stage.night()).toMatchObject({ repaired: { drifted: 1 } });
    expect(stage.callTools.contacts()).toMatchObject([{ tags: [] }]);
  });

  test('was only deprived of its number is as it should be: nothing is written', async () => {
    const { stage, dialerId } = await known(['customer']);
    stage.callTools.editContactByHand(dialerId, { mobile_phone_number: '' });
    const before = stage.writes();
    expect(await stage.night()).toMatchObject({ verified: 1, repaired: { drifted: 0 } });
    expect(stage.writes()).toBe(before);
  });

  test('but carries another number is somebody else’s: it is left where it is', async () => {
    const { stage, dialerId } = await known(['customer']);
    stage.callTools.editContactByHand(dialerId, { mobile_phone_number: phoneOf(9) });
    stage.callTools.putInBucketByHand(dialerId, 'Cold Leads');
    await stage.night();
    expect(stage.dialed()).toEqual([phoneOf(9)]);
  });
});

describe('a contact in its bucket', () => {
  test('is in no second one', async () => {
    const { stage, dialerId } = await known(['cold lead'], TAGGED);
    stage.callTools.putInBucketByHand(dialerId, 'Warm Leads');
    expect(await stage.night()).toMatchObject({ repaired: { drifted: 1 } });
    expect(stage.callTools.contacts()).toMatchObject([{ buckets: ['Cold Leads'] }]);
  });

  test('has its number where CallTools dials, not in its field alone', async () => {
    const { stage } = await known(['cold lead']);
    answerOnce(stage.callTools, { _phone_numbers: [] });
    expect(await stage.night()).toMatchObject({ repaired: { drifted: 1 } });
  });

  test('of which CallTools does not tell the buckets is asked for by itself: it may be in a second one', async () => {
    const { stage, dialerId } = await known(['cold lead'], TAGGED);
    stage.callTools.putInBucketByHand(dialerId, 'Warm Leads');
    answerOnce(stage.callTools, { buckets: null });
    expect(await stage.night()).toMatchObject({ repaired: { drifted: 1 } });
    expect(stage.callTools.contacts()).toMatchObject([{ buckets: ['Cold Leads'] }]);
  });

  test('and of which CallTools does not tell the buckets, is as it should be: nothing is written', async () => {
    const { stage } = await known(['cold lead']);
    answerOnce(stage.callTools, { buckets: null });
    const before = stage.writes();
    expect(await stage.night()).toMatchObject({ verified: 1, repaired: { drifted: 0 } });
    expect(stage.writes()).toBe(before);
  });

  test('has its tag', async () => {
    const { stage, dialerId } = await known(['cold lead'], TAGGED);
    await untag(stage.callTools, dialerId);
    expect(await stage.night()).toMatchObject({ repaired: { drifted: 1 } });
    expect(stage.callTools.contacts()).toMatchObject([{ tags: ['fresh'] }]);
  });

  test('that CallTools could not be asked about is as sure as before, and is asked about again', async () => {
    const { stage, row } = await known(['cold lead']);
    const before = row('fingerprint, held, doubt_until');
    const fault = { match: { method: 'GET', path: /contacts\/\d+/ }, times: 1, do: { kind: 'html500' } } as const;
    stage.callTools.faults.plan(fault);
    const writes = stage.writes();
    await stage.nightly();
    await stage.step();
    await stage.step();
    expect(row('fingerprint, held, doubt_until')).toEqual(before);
    await stage.work();
    expect(stage.sqlite.rows('SELECT attempts FROM contacts').map((one) => ({ ...one }))).toEqual([{ attempts: 0 }]);
    expect(stage.writes()).toBe(writes);
  });
});

type CallTools = ReturnType<typeof backstopStage>['callTools'];

/** The next answer about one contact says this instead. */
function answerOnce(callTools: CallTools, changes: Record<string, unknown>): void {
  let over = false;
  intercept(callTools, async ({ method, url }, answer) => {
    if (over || method !== 'GET' || !/\/contacts\/\d+\/$/.test(new URL(url).pathname)) return undefined;
    over = true;
    const headers = { authorization: 'Token calltools-key' };
    const contact = (await (await answer(new Request(url, { headers }))).json()) as object;
    return Response.json({ ...contact, ...changes });
  });
}

/** As CallTools’ own users would take every tag off. */
async function untag(callTools: CallTools, id: number): Promise<void> {
  const state = callTools.snapshot() as { tags: { id: number }[] };
  const body = JSON.stringify({ remove_tags: state.tags.map((tag) => tag.id) });
  const headers = { authorization: 'Token calltools-key', 'content-type': 'application/json' };
  const url = `https://east-1.calltools.test/api/contacts/${id}/`;
  const answer = await callTools.handle(new Request(url, { method: 'PATCH', headers, body }));
  if (!answer.ok) throw new Error(`PATCH answered ${answer.status}`);
}

test('another contact with the number that is gone is remembered no more', async () => {
  const stage = backstopStage({ env: { VERIFY_WITHIN_DAYS: '2' } });
  const [first] = [phoneOf(0), phoneOf(0)].map((mobile_phone_number, n) =>
    stage.callTools.addContactByHand({ mobile_phone_number, ...(n === 1 && { home_phone_number: phoneOf(9) }) }),
  );
  await stage.leads(1);
  await stage.night();
  const numbers = () => stage.sqlite.rows('SELECT calltools_id AS id FROM calltools_numbers').map(({ id }) => id);
  const [second] = numbers();
  expect(second).not.toBe(first?.id);
  stage.callTools.deleteContact(Number(second));
  stage.clock.at += 3 * DAY;
  await stage.night();
  expect(numbers()).toEqual([]);
});

test('a contact that CallTools no longer has is forgotten with its numbers, although the write after that look fails', async () => {
  const stage = backstopStage({ env: { VERIFY_WITHIN_DAYS: '2' } });
  const { id } = stage.callTools.addContactByHand({
    mobile_phone_number: phoneOf(0),
    home_phone_number: phoneOf(9),
  });
  await stage.leads(1);
  await stage.night();
  const both = 'SELECT calltools_id AS id FROM calltools_numbers UNION SELECT calltools_id FROM dialer';
  const known = () => stage.sqlite.rows(both).map((row) => row.id);
  expect(known()).toEqual([id]);
  stage.callTools.deleteContact(id);
  stage.clock.at += 3 * DAY;
  stage.callTools.faults.plan({ match: { method: 'PATCH' }, times: 1, do: { kind: 'html500' } });
  await stage.nightly();
  // The page, and the first try.
  await stage.step();
  await stage.step();
  expect(stage.callTools.contacts()).toEqual([]);
  expect(known()).toEqual([null]);
  await stage.work();
  expect(stage.dialed()).toEqual([phoneOf(0)]);
});
