// A run where its list ends, repeats itself or is cut off; and contacts that only a run can find.

import { describe, expect, test } from 'vitest';
import { backstopStage, events, phoneOf } from '../../support/consumer-harness.ts';
import { LOCATION } from '../../support/vendor-harness.ts';

const SILENT = { silent: true };
const DAY = 86_400_000;

describe('the end of the list', () => {
  test('an empty page that counts no contacts proves nothing: no contact is taken for deleted', async () => {
    const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '2' } });
    await stage.leads(4);
    await stage.night();
    let searches = 0;
    stage.hooks.search = async () => (++searches > 1 ? Response.json({ contacts: [], total: 0 }) : undefined);
    expect(await stage.night()).toMatchObject({ state: 'incomplete', seen: 2, total: 4, vanished: 0 });
  });

  test('contacts that are deleted while pages are read are no reason to call a run incomplete', async () => {
    const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '2' } });
    const ids = await stage.leads(4);
    let searches = 0;
    stage.hooks.search = async () => {
      if (++searches === 2) await stage.ghl.deleteContact(ids[3] ?? '', SILENT);
      return undefined;
    };
    expect(await stage.night()).toMatchObject({ state: 'complete', seen: 3 });
  });

  test('a list without anybody, and without a count, says nothing of anybody', async () => {
    const stage = backstopStage();
    await stage.leads(1);
    await stage.night();
    stage.hooks.search = async () => Response.json({ contacts: [] });
    expect(await stage.night()).toMatchObject({ state: 'incomplete', vanished: 0 });
  });

  test('an empty list that counts no contacts takes nobody out: each known contact is read', async () => {
    const stage = backstopStage();
    const ids = await stage.leads(3);
    await stage.night();
    stage.clock.at += DAY;
    stage.ghl.calls.clear();
    stage.hooks.search = async () => Response.json({ contacts: [], total: 0 });
    expect(await stage.night()).toMatchObject({ state: 'complete', vanished: 3 });
    for (const id of ids) expect(stage.ghl.calls.count({ path: `/contacts/${id}` })).toBe(1);
    expect(stage.dialed()).toHaveLength(3);
  });

  test('a contact that a page shows twice counts once', async () => {
    const stage = backstopStage();
    const [id = ''] = await stage.leads(1);
    stage.hooks.search = async (request) => {
      const { searchAfter } = (await request.json()) as { searchAfter?: unknown };
      if (searchAfter) return Response.json({ contacts: [], total: 2 });
      const row = { id, locationId: LOCATION, phone: phoneOf(0), tags: ['cold lead'], searchAfter: [1, id] };
      return Response.json({ contacts: [row, row], total: 2 });
    };
    expect(await stage.night()).toMatchObject({ seen: 1, queued: 1, processed: 1 });
    expect(events(stage, 'contact.placed')).toHaveLength(1);
  });
});

describe('a run that was cut off', () => {
  test('between its last page and its end is ended by the next delivery, and reads no page again', async () => {
    const stage = backstopStage();
    await stage.leads(2);
    await stage.night();
    stage.sqlite.rows(
      `INSERT INTO runs (id, location_id, started_by, state, started_at, heartbeat_at, page, cursor, total, first_total, seen)
       VALUES ('cut', ?1, 'cron', 'running', ?2, ?2, 1, NULL, 2, 2, 2)`,
      LOCATION,
      stage.clock.at,
    );
    const searches = () => stage.ghl.calls.count({ path: '/contacts/search' });
    const before = searches();
    stage.queues.backstop.push({
      id: 'page',
      attempts: 0,
      visibleAt: stage.clock.at,
      body: { v: 1, kind: 'backstop.page', locationId: LOCATION, runId: 'cut', page: 1, cursor: null },
    });
    await stage.step();
    expect(stage.sqlite.rows(`SELECT state FROM runs WHERE id = 'cut'`)[0]?.state).toBe('complete');
    expect(searches()).toBe(before);
  });

  test('by another delivery of its page, which was quicker, leaves the rest to that one', async () => {
    const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '1' } });
    await stage.leads(3);
    await stage.nightly();
    const [page] = stage.queues.backstop;
    if (!page) throw new Error('a page is expected');
    let turns = 0;
    stage.hooks.database = async (sql) => {
      if (!sql.includes('UPDATE runs SET page = page + 1') || ++turns !== 2) return;
      const { page: at, cursor } = await stage.run();
      if (page.body.kind !== 'backstop.page') throw new Error('a page is expected');
      await stage.deliver('backstop', [{ ...page, id: 'quicker', body: { ...page.body, page: at, cursor } }]);
    };
    await stage.deliver('backstop', [page]);
    await stage.work();
    expect(await stage.run()).toMatchObject({ state: 'complete', page: 4, seen: 3, queued: 3, processed: 3 });
    expect(stage.pages).toHaveLength(1);
  });
});

describe('contacts that only a run can find', () => {
  test('one that asked not to be called, that no route places and that no webhook reported, is taken out', async () => {
    const stage = backstopStage();
    stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(0), buckets: ['Cold Leads'] });
    const { id } = await stage.ghl.addContact({ phone: phoneOf(0), tags: ['newsletter'] }, SILENT);
    await stage.ghl.setDnd(id, { dnd: true }, SILENT);
    expect(await stage.night()).toMatchObject({ queued: 1, repaired: { withdrawn: 1 } });
    expect(stage.callTools.contacts()).toMatchObject([{ buckets: [], doNotContact: true }]);
  });

  test('those that nobody may have missed are left alone', async () => {
    const stage = backstopStage();
    await stage.ghl.addContact({ phone: phoneOf(0), tags: ['newsletter'] }, SILENT);
    expect(await stage.night()).toMatchObject({ seen: 1, queued: 0, skipped: 1 });
    expect(stage.sqlite.rows('SELECT contact_id FROM contacts')).toEqual([]);
  });

  test('all that are not listed any more, however many, are asked about once', async () => {
    const stage = backstopStage();
    await stage.leads(1);
    for (let n = 0; n < 1001; n++)
      stage.sqlite.rows(
        `INSERT INTO contacts (location_id, contact_id, created_at, updated_at) VALUES (?1, ?2, 0, 0)`,
        LOCATION,
        `vanished${String(n).padStart(4, '0')}`,
      );
    await stage.nightly();
    await stage.step();
    expect(await stage.run()).toMatchObject({ state: 'complete', vanished: 1001 });
    const asked = stage.queues.backstop.flatMap(({ body }) => (body.kind === 'contact.changed' ? body.contactId : []));
    expect(asked.filter((id) => id.startsWith('vanished'))).toHaveLength(1001);
    expect(new Set(asked).size).toBe(1002);
  });

  test('one that was found deleted is not asked about in every run', async () => {
    const stage = backstopStage();
    const [id = ''] = await stage.leads(2);
    await stage.night();
    stage.clock.at += DAY;
    await stage.ghl.deleteContact(id, SILENT);
    expect(await stage.night()).toMatchObject({ vanished: 1, repaired: { gone: 1 } });
    expect(await stage.night()).toMatchObject({ vanished: 0 });
  });

  test('contacts that were left over when no run came for days are all verified at once, not only a share of them', async () => {
    const stage = backstopStage({ env: { VERIFY_WITHIN_DAYS: '4' } });
    await stage.leads(9);
    await stage.night();
    stage.clock.at += 3 * DAY;
    expect(await stage.night()).toMatchObject({ verified: 9 });
  });
});
