// A backstop run from its first page to its last contact: complete, counted, and the same after any crash.

import { describe, expect, test } from 'vitest';
import { backstopStage, events, NO_REPAIR, phoneOf, phones } from '../../support/consumer-harness.ts';

const SILENT = { silent: true };
const MINUTE = 60_000;

describe('what a run repairs', () => {
  test('after ingest was down for hours it queues what was missed, and says so', async () => {
    const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '3' } });
    await stage.leads(7);
    expect(await stage.night()).toMatchObject({
      state: 'complete',
      total: 7,
      seen: 7,
      queued: 7,
      skipped: 0,
      processed: 7,
      waiting: 0,
      errors: 0,
      repaired: { ...NO_REPAIR, missing: 7 },
    });
    expect(stage.dialed()).toEqual(phones(7));
  });

  test('an unchanged night repairs nothing and calls CallTools for nobody', async () => {
    const stage = backstopStage();
    await stage.leads(4);
    await stage.night();
    const before = stage.callTools.calls.count({});
    expect(await stage.night()).toMatchObject({ seen: 4, queued: 0, skipped: 4, processed: 0, repaired: NO_REPAIR });
    expect(stage.callTools.calls.count({})).toBe(before);
  });

  test('each kind is counted as what it is', async () => {
    const rules = [
      { name: 'customer', tags: ['customer'], bucket: null },
      { name: 'hot', tags: ['hot'], bucket: 'Hot' },
      { name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' },
    ];
    const stage = backstopStage({ env: { SYNC_RULES: JSON.stringify({ routes: rules }), VERIFY_WITHIN_DAYS: '2' } });
    const [moved = '', renamed = '', sold = '', refused = '', deleted = ''] = await stage.leads(6);
    await stage.night();
    const { ghl, callTools, clock } = stage;
    clock.at += 24 * 60 * MINUTE;
    await ghl.editContact(moved, { tags: ['hot'] }, SILENT);
    await ghl.editContact(renamed, { firstName: 'Another' }, SILENT);
    await ghl.editContact(sold, { tags: ['customer'] }, SILENT);
    await ghl.setDnd(refused, { call: 'active' }, SILENT);
    await ghl.deleteContact(deleted, SILENT);
    callTools.takeOutByHand(callTools.contacts().find(({ phones: [phone] }) => phone === phoneOf(5))?.id ?? 0);
    await stage.leads(1, 6);
    const { repaired, vanished, waiting } = await stage.night();
    expect(repaired).toEqual({ missing: 1, misplaced: 1, outdated: 1, withdrawn: 2, gone: 1, drifted: 1 });
    expect({ vanished, waiting }).toEqual({ vanished: 1, waiting: 0 });
    expect(callTools.holds('Hot')).toEqual([phoneOf(0)]);
    expect(stage.dialed()).toEqual([1, 5, 6].map(phoneOf));
  });

  test('a new number is outdated data: the contact was in the dialer under its old one', async () => {
    const stage = backstopStage();
    const [id = ''] = await stage.leads(1);
    await stage.night();
    await stage.ghl.editContact(id, { phone: phoneOf(7) }, SILENT);
    expect((await stage.night()).repaired).toEqual({ ...NO_REPAIR, outdated: 1 });
    expect(stage.dialed()).toEqual([phoneOf(7)]);
  });

  test('a message that comes twice counts once', async () => {
    const stage = backstopStage();
    await stage.leads(3);
    await stage.nightly();
    await stage.step();
    stage.queues.backstop.push(...structuredClone(stage.queues.backstop).map((one) => ({ ...one, id: `${one.id}-b` })));
    await stage.deliver('backstop', stage.queues.backstop.slice(0, 3));
    await stage.work();
    expect(await stage.run()).toMatchObject({ queued: 3, processed: 3, waiting: 0, repaired: { missing: 3 } });
  });

  test('what a webhook has brought already is not claimed by the run', async () => {
    const stage = backstopStage();
    const [id = ''] = await stage.leads(1);
    await stage.nightly();
    await stage.step();
    stage.hint(id);
    await stage.work();
    expect(await stage.run()).toMatchObject({ queued: 1, processed: 1, waiting: 0, repaired: NO_REPAIR });
  });

  test('a contact that cannot be repaired is an error of the run, and no longer waits', async () => {
    const stage = backstopStage();
    await stage.leads(2);
    stage.callTools.faults.plan({
      match: { method: 'POST', path: '/api/contacts/' },
      times: 1,
      do: { kind: 'status', status: 400, body: { zip_code: ['bad'] } },
    });
    expect(await stage.night()).toMatchObject({ processed: 2, waiting: 0, errors: 1, repaired: { missing: 1 } });
  });
});

test('a contact that a webhook has settled is not read again by the next night, though the list spells a contact otherwise', async () => {
  const stage = backstopStage();
  const { id } = await stage.ghl.addContact(
    { firstName: 'Dana', lastName: 'Reyes', address1: '1 Main St', phone: '+13055550142', tags: ['cold lead'] },
    SILENT,
  );
  stage.hint(id);
  await stage.work();
  expect(stage.dialed()).toEqual(['+13055550142']);
  expect(await stage.night()).toMatchObject({ seen: 1, queued: 0, skipped: 1 });
  await stage.ghl.editContact(id, { address1: '2 Main St' }, SILENT);
  expect(await stage.night()).toMatchObject({ queued: 1, repaired: { ...NO_REPAIR, outdated: 1 } });
});

test('a contact that a run has settled is not read again by the next one, though the list hides DND and has names in lower case alone', async () => {
  const stage = backstopStage({ ghl: { searchHidesCallDnd: true }, env: { VERIFY_WITHIN_DAYS: '90' } });
  const { ghl, hooks } = stage;
  hooks.search = async (request) => {
    const answer = await ghl.handle(request);
    const { contacts, ...rest } = (await answer.json()) as { contacts: Record<string, unknown>[] };
    const plain = contacts.map(({ firstNameRaw, lastNameRaw, ...shown }) =>
      firstNameRaw === 'Lee' ? { ...shown, firstNameRaw, lastNameRaw } : shown,
    );
    return Response.json({ ...rest, contacts: plain }, { headers: answer.headers });
  };
  const [refused = '', told = '', named = ''] = await stage.leads(4);
  await ghl.editContact(refused, { firstName: 'Dana', lastName: 'Reyes' }, SILENT);
  await ghl.editContact(told, { firstName: 'Lee' }, SILENT);
  await ghl.editContact(named, { firstName: 'Kim' }, SILENT);
  for (const id of [refused, told]) await ghl.setDnd(id, { call: 'active' }, SILENT);
  expect(await stage.night()).toMatchObject({ queued: 4, waiting: 0 });
  expect(await stage.night()).toMatchObject({ queued: 0, skipped: 4 });
});

describe('what an operator is told', () => {
  test('why a run stands still, until it goes on', async () => {
    const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '2' } });
    await stage.leads(3);
    stage.ghl.faults.plan({
      match: { path: '/contacts/search' },
      times: 1,
      do: { kind: 'status', status: 401, body: { message: 'Invalid JWT' } },
    });
    await stage.nightly();
    await stage.step();
    await stage.minute();
    const why = expect.stringContaining('Invalid JWT');
    expect(await stage.ask('GET', '/sync/runs')).toMatchObject({
      runs: [{ state: 'running', phase: 'pages', error: why, progress: { pages: { expected_finish: null } } }],
    });
    expect(events(stage, 'backstop.progress').at(-1)).toMatchObject({ error: why, minutesLeft: null });
    await stage.work();
    expect(await stage.ask('GET', '/sync/runs')).toMatchObject({ runs: [{ state: 'complete', error: null }] });
  });

  test('how far it is while pages are read, while contacts are worked on, and what it came to', async () => {
    const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '10' } });
    await stage.leads(60);
    await stage.nightly();
    await stage.step();
    stage.clock.at += MINUTE;
    await stage.minute();
    await stage.step();
    stage.clock.at += MINUTE;
    await stage.minute();
    const told = events(stage, 'backstop.progress');
    expect(told.at(-1)).toMatchObject({ phase: 'contacts', remaining: 35, waiting: 35, missing: 25, settled: 25 });
    // 25 in the last minute, and the seconds that the vendor's limit kept them.
    expect(told.at(-1)?.perMinute).toBeOneOf([22, 23, 24, 25]);
    expect(told.at(-1)).toMatchObject({ minutesLeft: 2 });
    await stage.work();
    await stage.minute();
    await stage.minute();
    expect(events(stage, 'backstop.settled')).toMatchObject([
      { state: 'complete', missing: 60, waiting: 0, errors: 0 },
    ]);
  });
});
