// The pages of a run: read ahead, counted once, and nobody lost between them.

import { expect, test } from 'vitest';
import { claimContacts } from '../../../workers/consumer/store/claim.ts';
import { type BackstopStage, backstopStage, phoneOf } from '../../support/consumer-harness.ts';
import { ENV } from '../../support/vendor-harness.ts';

const SILENT = { silent: true };
const MINUTE = 60_000;

test('many pages are read within one message, each asked for while the one before is worked on', async () => {
  const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '1' } });
  await stage.leads(40);
  await stage.night();
  stage.clock.at += MINUTE;
  stage.pages.length = 0;
  stage.ghl.faults.latency = 200;
  const start = stage.clock.at;
  await stage.nightly();
  await stage.step();
  expect(await stage.run()).toMatchObject({ state: 'complete', page: 41, seen: 40 });
  expect(stage.clock.at - start).toBeLessThan(1.05 * 41 * 200);
  expect(stage.pages).toHaveLength(1);
});

test('the next page is asked for before this one is compared, however long D1 takes over its turn', async () => {
  const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '1' } });
  await stage.leads(4);
  const order: string[] = [];
  const ticks = async (count: number) => {
    for (let tick = 0; tick < count; tick++) await new Promise((resolve) => setImmediate(resolve));
  };
  stage.hooks.search = async () => {
    order.push('asked');
    await ticks(15);
    return undefined;
  };
  stage.hooks.database = async (statement) => {
    if (statement.includes('UPDATE runs SET page = page + 1')) order.push('compared');
    if (statement.includes('INTO paces')) await ticks(8);
  };
  await stage.nightly();
  await stage.step();
  expect(order.slice(0, 6)).toEqual(['asked', 'asked', 'compared', 'asked', 'compared', 'asked']);
});

test('a page costs four statements of D1 and one call of GoHighLevel, however many contacts it has', async () => {
  const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '10' } });
  await stage.leads(60);
  await stage.night();
  /** An unchanged night, from which nobody is queued: an hour later nobody is to be verified again. */
  const night = async (pageSize: number) => {
    stage.reconfigure({ BACKSTOP_PAGE_SIZE: String(pageSize) });
    stage.clock.at += 60 * MINUTE;
    stage.statements.length = 0;
    const before = stage.ghl.calls.count();
    const { page, queued, verified } = await stage.night();
    expect({ queued, verified }).toEqual({ queued: 0, verified: 0 });
    return { pages: page, statements: stage.statements.length, calls: stage.ghl.calls.count() - before };
  };
  const few = await night(30);
  const many = await night(3);
  expect([few.pages, many.pages]).toEqual([3, 21]);
  expect([few.calls, many.calls]).toEqual([3, 21]);
  expect((many.statements - few.statements) / (many.pages - few.pages)).toBe(4);
});

test('a message holds as many pages as D1 takes statements for, shared with the other page of its batch', async () => {
  const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '1' } });
  await stage.leads(230);
  await stage.nightly();
  const [page] = stage.queues.backstop;
  if (!page) throw new Error('a page is expected');
  await stage.deliver('backstop', [page, { ...page, id: 'copy' }]);
  expect((await stage.run()).page).toBe(110);

  const alone = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '1' } });
  await alone.leads(230);
  await alone.nightly();
  await alone.step();
  expect((await alone.run()).page).toBe(220);
});

test('a page whose turn is far away waits for it in the queue', async () => {
  const stage = backstopStage();
  await stage.leads(2);
  const turnAt = stage.clock.at + 3 * MINUTE;
  stage.sqlite.rows(
    `INSERT INTO paces (location_id, vendor, free_at) VALUES (?1, 'gohighlevel', ?2)`,
    ...[String(ENV.GHL_LOCATION_ID), turnAt],
  );
  const start = stage.clock.at;
  await stage.nightly();
  await stage.step();
  expect(stage.clock.at - start).toBeLessThan(MINUTE);
  const [again] = stage.queues.backstop;
  expect(again?.visibleAt).toBeGreaterThanOrEqual(turnAt);
  expect(again?.visibleAt).toBeLessThan(turnAt + MINUTE);
  await stage.work();
  expect(await stage.run()).toMatchObject({ state: 'complete', seen: 2, queued: 2 });
});

test('with its last page a run leaves the whole share to contacts', async () => {
  const stage = backstopStage();
  await stage.leads(2);
  await stage.nightly();
  await stage.step();
  expect((await stage.run()).state).toBe('complete');
  const now = stage.clock.at;
  const lease = { locationId: String(ENV.GHL_LOCATION_ID), token: 'next', now, until: now + MINUTE, lateMs: 0 };
  const db = stage.sqlite.bind(async (act) => act());
  const { granted } = await claimContacts(
    db,
    lease,
    [{ id: 'new', insert: true, heardAt: null }],
    now + MINUTE,
    'bulk',
  );
  const ofGhl = granted.slots.find(({ vendor }) => vendor === 'gohighlevel');
  expect(Math.round(ofGhl?.gapMs ?? 0)).toBe(Math.round(10_000 / 69));
});

test('when its time is over another message goes on where it stands', async () => {
  const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '1' } });
  await stage.leads(20);
  stage.ghl.faults.latency = 4000;
  await stage.nightly();
  await stage.step();
  const { page, cursor } = await stage.run();
  expect(page).toBeGreaterThan(10);
  expect(stage.pages.slice(1)).toMatchObject([{ page, cursor }]);
  await stage.work();
  expect(await stage.run()).toMatchObject({ state: 'complete', seen: 20, queued: 20 });
});

test('a page that two instances race for counts once, and one of them goes on', async () => {
  const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '2' } });
  await stage.leads(9);
  await stage.nightly();
  const [page] = stage.queues.backstop;
  if (!page) throw new Error('a page is expected');
  await Promise.all([1, 2, 3].map((n) => stage.deliver('backstop', [{ ...page, id: `copy-${n}` }])));
  await stage.work();
  expect(await stage.run()).toMatchObject({
    state: 'complete',
    page: 6,
    seen: 9,
    repaired: { missing: 9 },
    waiting: 0,
  });
  expect(stage.callTools.contacts()).toHaveLength(9);
});

test('a crash after a page was queued and before its cursor was saved repeats the page, harmlessly', async () => {
  const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '3' } });
  await stage.leads(6);
  await stage.nightly();
  await killedOver(stage, 'SET page = page + 1');
  expect(await stage.run()).toMatchObject({ page: 0, seen: 0 });
  expect(stage.queues.backstop.length).toBeGreaterThan(3);
  await stage.work();
  expect(await stage.run()).toMatchObject({ state: 'complete', seen: 6, processed: 6, waiting: 0 });
  expect((await stage.run()).repaired.missing).toBe(6);
  expect(stage.callTools.contacts()).toHaveLength(6);
});

test('a run whose instance died is resumed within two minutes, even where its queue is full', async () => {
  const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '3' } });
  await stage.leads(9);
  await stage.nightly();
  await killedOver(stage, 'SET page = page + 1', 2);
  const { page } = await stage.run();
  expect(page).toBe(1);
  stage.clock.at += 61_000;
  await stage.minute();
  expect(stage.queues.events.map(({ body }) => body)).toMatchObject([{ kind: 'backstop.page', page }]);
  await stage.step();
  // One page among real-time work, and on with those of its own queue.
  expect(await stage.run()).toMatchObject({ state: 'running', page: page + 1, resumes: 1 });
  await stage.work();
  expect(await stage.run()).toMatchObject({ state: 'complete', seen: 9 });
});

test('of more runs than a batch has room for, the others wait their turn and do not count as standing still', async () => {
  const stage = backstopStage();
  await stage.nightly();
  const [own] = stage.queues.backstop.splice(0);
  if (!own) throw new Error('no page was sent');
  const others = ['a', 'b'].map((runId) => ({ ...own, body: { ...own.body, runId } as typeof own.body }));
  await stage.deliver('backstop', [...others, own]);
  expect(stage.queues.backstop.map(({ body }) => body)).toEqual([own.body]);
  stage.clock.at += 61_000;
  await stage.minute();
  expect(stage.queues.events).toEqual([]);
  await stage.work();
  expect(await stage.run()).toMatchObject({ state: 'complete', resumes: 0 });
});

test('contacts inserted, deleted and sorted anew between pages are neither skipped nor read for ever', async () => {
  const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '2' } });
  const ids = await stage.leads(8);
  let searches = 0;
  stage.hooks.search = async () => {
    searches++;
    if (searches > 20) throw new Error('for ever');
    if (searches === 2) await stage.ghl.deleteContact(ids[0] ?? '', SILENT);
    if (searches === 3) await stage.ghl.deleteContact(ids[7] ?? '', SILENT);
    if (searches === 3) await stage.ghl.editContact(ids[1] ?? '', { firstName: 'Later' }, SILENT);
    if (searches === 4) await stage.leads(2, 8);
    return undefined;
  };
  expect(await stage.night()).toMatchObject({ state: 'complete', seen: 9, firstTotal: 8, total: 8 });
  expect(stage.dialed()).toEqual([1, 2, 3, 4, 5, 6, 8, 9].map(phoneOf));
});

test('a few contacts that came while pages were read, and were not shown, do not spoil the night', async () => {
  const stage = backstopStage();
  await stage.leads(3);
  stage.hooks.search = async (request) => {
    const answer = (await (await stage.ghl.handle(request)).json()) as { contacts: unknown[]; total: number };
    return Response.json({ ...answer, total: answer.contacts.length > 0 ? 3 : 5 });
  };
  expect(await stage.night()).toMatchObject({ state: 'complete', seen: 3, total: 5 });
});

test('a page leaves the probe of a CallTools that is down to a contact, which can tell that it is well again', async () => {
  const stage = backstopStage();
  await stage.leads(1);
  const { at } = stage.clock;
  stage.sqlite.rows(
    `INSERT INTO circuits (location_id, vendor, open_reason, opened_at, probe_at, updated_at) VALUES (?1, 'calltools', 'down', ?2, ?2, ?2)`,
    ...[String(ENV.GHL_LOCATION_ID), at],
  );
  await stage.nightly();
  await stage.step();
  await stage.step();
  expect(stage.dialed()).toEqual([phoneOf(0)]);
  expect(stage.clock.at - at).toBeLessThan(5000);
});

test('an empty page that counts fewer than were seen is a fault of the list, and no complete run', async () => {
  const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '2' } });
  await stage.leads(6);
  await stage.night();
  let searches = 0;
  stage.hooks.search = async () => (++searches === 2 ? Response.json({ contacts: [], total: 0 }) : undefined);
  expect(await stage.night()).toMatchObject({ state: 'incomplete', seen: 2, total: 6, vanished: 0 });
});

test('an unknown contact with tags that the list spells in an unknown way is read', async () => {
  const stage = backstopStage();
  const [lead = ''] = await stage.leads(2);
  stage.hooks.search = async (request) => {
    const answer = (await (await stage.ghl.handle(request)).json()) as { contacts: { id: string }[] };
    const odd = answer.contacts.map((row) => (row.id === lead ? { ...row, tags: { 0: 'cold lead' } } : row));
    return Response.json({ ...answer, contacts: odd });
  };
  expect(await stage.night()).toMatchObject({ state: 'complete', queued: 2, repaired: { missing: 2 } });
  expect(stage.dialed()).toEqual([0, 1].map(phoneOf));
});

test.each([
  ['the same cursor again', (n: number) => (n < 2 ? n : 1)],
  ['cursors in a circle', (n: number) => n % 3],
])('%s ends the run, which infers nothing', async (_, cursorOf) => {
  const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '500' } });
  await stage.leads(1);
  await stage.night();
  let searches = 0;
  stage.hooks.search = async () => {
    const searchAfter = [cursorOf(searches++), 'x'];
    const contacts = Array.from({ length: 400 }, (_, n) => ({ id: `c${searches}-${n}`, tags: [], searchAfter }));
    return Response.json({ contacts, total: 5000 });
  };
  expect(await stage.night()).toMatchObject({ state: 'incomplete', vanished: 0 });
  expect(stage.dialed()).toEqual([phoneOf(0)]);
  expect(searches).toBeLessThan(40);
});

/** Delivers what is visible to a worker that dies at the `nth` batch of statements of this kind, before it takes effect. */
async function killedOver(stage: BackstopStage, sql: string, nth = 1): Promise<void> {
  let met = 0;
  let die = () => {};
  const killed = new Promise<void>((resolve) => {
    die = resolve;
  });
  stage.hooks.database = async (statement) => {
    if (!statement.includes(sql) || ++met < nth) return;
    stage.hooks.database = async () => {};
    die();
    await new Promise(() => {});
  };
  await stage.deliver('backstop', stage.queues.backstop.slice(0, 1), killed);
}
