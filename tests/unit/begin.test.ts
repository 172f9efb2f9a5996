// The start of a batch: what one that died may still do, and when the vendors may not be called.

import { describe, expect, test } from 'vitest';
import { backstopStage, events, phoneOf } from './backstop-stage.ts';
import { intercept, isPost } from './intercept.ts';
import { jsonAnswer, LOCATION } from './vendor-stage.ts';

const NEVER = new Promise<void>(() => {});
/** A call that was given up may arrive so long after the lease's end: answers after 60 s and more were seen, 15 of them are in the lease. */
const LATE_MS = 45_000;

describe('a batch that died over its POST', () => {
  /** It has the lease until `leaseUntil`; its POST has not arrived yet. */
  async function dead() {
    const stage = backstopStage();
    stage.callTools.settings.duplicateMode = 'create';
    const [id = ''] = await stage.leads(1);
    stage.hint(id);
    const posts: number[] = [];
    let late: Request | undefined;
    intercept(stage.callTools, async (request) => {
      if (!isPost(request)) return undefined;
      posts.push(stage.clock.at);
      if (posts.length > 1) return undefined;
      // Without its deadline: nobody waits for the answer any more.
      const { url, method, headers } = request;
      late = new Request(url, { method, headers, body: await request.text() });
      return jsonAnswer(503, {});
    });
    let die = () => {};
    const killed = new Promise<void>((resolve) => {
      die = resolve;
    });
    stage.hooks.database = async (sql) => {
      if (posts.length !== 1 || !sql.startsWith('UPDATE contacts SET state')) return;
      stage.hooks.database = async () => {};
      die();
      await NEVER;
    };
    await stage.deliver('events', [...stage.queues.events], killed);
    const leaseUntil = Number(stage.sqlite.rows('SELECT lease_until FROM dialer')[0]?.lease_until);
    const { handle } = stage.callTools;
    const arrive = async () => void (late && (await handle(late)));
    return { stage, posts, leaseUntil, arrive };
  }

  test('is not followed by another POST before the first must have arrived', async () => {
    const { stage, posts, leaseUntil } = await dead();
    await stage.work();
    expect(posts).toHaveLength(2);
    expect(posts[1]).toBeGreaterThanOrEqual(leaseUntil + LATE_MS);
    expect(stage.dialed()).toEqual([phoneOf(0)]);
  });

  test('is followed by none where it arrives late', async () => {
    const { stage, leaseUntil, arrive } = await dead();
    const late = stage.clock.sleep(leaseUntil + LATE_MS - 1000 - stage.clock.at).then(arrive);
    await stage.work();
    await late;
    expect(stage.callTools.contacts()).toMatchObject([{ phones: [phoneOf(0)], buckets: ['Cold Leads'] }]);
  });
});

describe('while a vendor asks to slow down', () => {
  async function throttled(ms: number, vendor = 'calltools') {
    const stage = backstopStage();
    const ids = await stage.leads(2);
    stage.sqlite.rows(
      `INSERT INTO circuits (location_id, vendor, throttled_until, updated_at) VALUES (?1, ?2, ?3, 0)`,
      LOCATION,
      vendor,
      stage.clock.at + ms,
    );
    for (const id of ids) stage.hint(id);
    const before = stage.clock.at;
    await stage.step();
    return { stage, waited: stage.clock.at - before };
  }

  test.each(['calltools', 'gohighlevel'])(
    'for seconds (%s), the batch waits, and does its work then',
    async (vendor) => {
      const { stage, waited } = await throttled(8000, vendor);
      expect(stage.dialed()).toHaveLength(2);
      expect(waited).toBeGreaterThanOrEqual(8000);
    },
  );

  test('for longer, its contacts wait in the queue and are free', async () => {
    const { stage, waited } = await throttled(31_000);
    expect(waited).toBe(0);
    expect(stage.ghl.calls.count() + stage.callTools.calls.count()).toBe(0);
    expect(stage.queues.events.map(({ attempts }) => attempts)).toEqual([0, 0]);
    expect(stage.queues.events.every(({ visibleAt }) => visibleAt >= stage.clock.at + 31_000)).toBe(true);
    expect(stage.sqlite.rows('SELECT attempts FROM contacts WHERE lease_token IS NOT NULL')).toEqual([]);
    await stage.work();
    expect(stage.dialed()).toHaveLength(2);
  });

  test('what needs no call is over all the same', async () => {
    const { stage } = await throttled(31_000);
    stage.hint('stranger', { snapshot: { tags: ['newsletter'], dnd: false } });
    await stage.step();
    expect(events(stage, 'contact.skipped')).toMatchObject([{ contactId: 'stranger' }]);
    expect(stage.queues.events).toHaveLength(2);
  });
});
