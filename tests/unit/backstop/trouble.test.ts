// A backstop run in trouble: pages that fail, rows that are old, and messages that come twice cost nobody.

import { describe, expect, test } from 'vitest';
import {
  type BackstopStage,
  backstopStage,
  events,
  NO_REPAIR,
  phoneOf,
  phones,
} from '../../support/consumer-harness.ts';

const SILENT = { silent: true };
const MINUTE = 60_000;

describe('trouble', () => {
  test('a run that begins while contacts of another wait reads no contact twice', async () => {
    const stage = backstopStage();
    await stage.leads(60);
    await stage.nightly();
    await stage.step();
    await stage.nightly();
    const page = stage.queues.backstop.find(({ body }) => body.kind === 'backstop.page');
    if (!page) throw new Error('a page is expected');
    await stage.deliver('backstop', [page]);
    expect(stage.queues.backstop).toHaveLength(120);
    await stage.work();
    expect(stage.ghl.calls.count({ method: 'GET' })).toBe(60);
    expect(stage.sqlite.rows('SELECT sum(settled) AS settled, sum(missing) AS missing FROM runs')).toEqual([
      { settled: 60, missing: 60 },
    ]);
  });

  test('a page that fails again and again is no success: the run is incomplete and infers nothing', async () => {
    const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '2' } });
    await stage.leads(3);
    await stage.night();
    let searches = 0;
    stage.hooks.search = async (request) => {
      const { pageLimit } = (await request.json()) as { pageLimit: number };
      // Asked how it is, GoHighLevel is well: it is this page.
      return pageLimit > 1 && ++searches > 1 ? new Response('oops', { status: 500 }) : undefined;
    };
    expect(await stage.night()).toMatchObject({ state: 'incomplete', seen: 2, vanished: 0, error: /500/ });
    expect(stage.dialed()).toEqual(phones(3));
  });

  test('a throttled page waits, is not counted while it waits, and is sent once', async () => {
    const stage = backstopStage();
    await stage.leads(3);
    stage.ghl.faults.plan({
      match: { path: '/contacts/search' },
      times: 1,
      do: { kind: 'throttle', seconds: 300, retryAfter: 'seconds' },
    });
    await stage.nightly();
    await stage.step();
    for (let minute = 0; minute < 4; minute++) {
      stage.clock.at += MINUTE;
      await stage.minute();
      expect(await stage.run()).toMatchObject({ state: 'running', seen: 0, finishedAt: null });
    }
    expect(stage.queues.backstop).toHaveLength(1);
    expect(stage.queues.events).toEqual([]);
    await stage.work();
    expect(await stage.run()).toMatchObject({ state: 'complete', seen: 3, resumes: 0 });
  });

  test('a webhook does not move the cursor of a run', async () => {
    const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '1' } });
    const [first = ''] = await stage.leads(2);
    await stage.nightly();
    const before = await stage.run();
    stage.hint(first);
    await stage.step();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    expect(await stage.run()).toEqual(before);
  });

  test('changes within the same second are all kept', async () => {
    const stage = backstopStage();
    const id = await listedAsOneReadAsTwo(stage);
    // And Three when that is done: in one second.
    await stage.ghl.editContact(id, { firstName: 'Three' }, SILENT);
    expect(await stage.night()).toMatchObject({ queued: 1 });
    expect(stage.callTools.contacts()[0]?.fields.first_name).toBe('Three');
  });

  test('a row that is older than what was read is not taken for settled: a way back that no webhook tells of is found', async () => {
    const stage = backstopStage();
    const id = await listedAsOneReadAsTwo(stage);
    expect(stage.callTools.contacts()[0]?.fields.first_name).toBe('Two');
    await stage.ghl.editContact(id, { firstName: 'One' }, SILENT);
    expect(await stage.night()).toMatchObject({ queued: 1 });
    expect(stage.callTools.contacts()[0]?.fields.first_name).toBe('One');
  });

  test('nobody joins a run that was left lying for a day: it has ended, and another starts', async () => {
    const stage = backstopStage();
    await stage.leads(2);
    await stage.nightly();
    stage.queues.backstop.length = 0;
    await stage.leads(1, 2);
    stage.clock.at += 30 * 60 * MINUTE;
    expect(await stage.ask('POST', '/sync/trigger')).toMatchObject({ joined: false, run: { state: 'running' } });
    await stage.work();
    expect(await stage.run()).toMatchObject({ state: 'complete', seen: 3, resumes: 0 });
    expect(events(stage, 'backstop.incomplete')).toMatchObject([{ error: 'stopped after 22 hours at page 0' }]);
  });

  test('a list that shows and counts no contacts is no complete run', async () => {
    const stage = backstopStage();
    await stage.leads(2);
    await stage.night();
    stage.hooks.search = async () => Response.json({ contacts: [] });
    expect(await stage.night()).toMatchObject({
      state: 'incomplete',
      error: expect.stringContaining('did not say'),
      vanished: 0,
    });
    expect(stage.dialed()).toHaveLength(2);
  });

  test.each([
    ['CALLTOOLS_EMAIL_FIELD', 'other_email_address'],
    ['CALLTOOLS_EXTERNAL_ID_FIELD', ''],
    ['DEFAULT_COUNTRY', 'CA'],
  ])('another %s makes the next run look at everybody again', async (name, value) => {
    const stage = backstopStage();
    await stage.leads(2);
    await stage.night();
    expect(await stage.night()).toMatchObject({ queued: 0 });
    stage.reconfigure({ [name]: value });
    expect(await stage.night()).toMatchObject({ queued: 2 });
  });

  test('an old event does not revive a contact that a run found deleted', async () => {
    const stage = backstopStage();
    const [id = ''] = await stage.leads(1);
    await stage.night();
    stage.clock.at += MINUTE;
    await stage.ghl.deleteContact(id, SILENT);
    expect(await stage.night()).toMatchObject({ vanished: 1, repaired: { ...NO_REPAIR, gone: 1 } });
    stage.hint(id, { eventType: 'ContactCreate', snapshot: { tags: ['cold lead'], dnd: false } });
    await stage.work();
    expect(stage.dialed()).toEqual([]);
  });
});

/** A lead that is called One in the list, and Two by the time it is worked on. */
async function listedAsOneReadAsTwo(stage: BackstopStage): Promise<string> {
  const [id = ''] = await stage.leads(1);
  await stage.night();
  await stage.ghl.editContact(id, { firstName: 'One' }, SILENT);
  await stage.nightly();
  await stage.step();
  await stage.ghl.editContact(id, { firstName: 'Two' }, SILENT);
  await stage.work();
  return id;
}
