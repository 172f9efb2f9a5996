// The start of a batch: what one that died may still do, and when the vendors may not be called.

import { describe, expect, test } from 'vitest';
import { backstopStage, events, phoneOf } from '../../support/consumer-harness.ts';
import { intercept, isPost } from '../../support/intercept.ts';
import { jsonAnswer, LOCATION } from '../../support/vendor-harness.ts';

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
    throttle(stage, ms, vendor);
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

  test('what needs no call is over all the same, is counted once, and is no reason to wait', async () => {
    for (const ms of [8000, 31_000]) {
      const { stage } = await throttled(ms);
      stage.hint('stranger', { snapshot: { tags: ['newsletter'], dnd: false } });
      await stage.step();
      expect(events(stage, 'contact.skipped')).toMatchObject([{ contactId: 'stranger' }]);
      expect(counted(stage, 'skipped')).toBe(1);
    }
  });

  test('a contact that another batch works on is not counted while its own batch does not start', async () => {
    const stage = backstopStage();
    const [id = ''] = await stage.leads(1);
    stage.hint(id);
    await stage.work();
    stage.sqlite.rows(`UPDATE dialer SET lease_token = 'another', lease_until = ?1`, stage.clock.at + 20_000);
    throttle(stage, 31_000, 'calltools');
    stage.hint(id);
    await stage.step();
    expect([stage.queues.events.length, counted(stage, 'busy')]).toEqual([1, 0]);
  });

  test('a batch of nothing else does not wait', async () => {
    const stage = backstopStage();
    stage.hint('stranger', { snapshot: { tags: ['newsletter'], dnd: false } });
    throttle(stage, 8000, 'calltools');
    await stage.step();
    expect([stage.clock.pauses, stage.queues.events, counted(stage, 'skipped')]).toEqual([[], [], 1]);
  });

  test('and a batch that waits for it counts what it skips once', async () => {
    const stage = backstopStage();
    const [id = ''] = await stage.leads(1);
    stage.hint(id);
    stage.hint('stranger', { snapshot: { tags: ['newsletter'], dnd: false } });
    throttle(stage, 8000, 'calltools');
    await stage.step();
    expect([stage.dialed(), counted(stage, 'skipped')]).toEqual([[phoneOf(0)], 1]);
  });
});

describe('while a circuit is open', () => {
  test('work waits in the queue, not in the batch, and looks again when a probe may go out, however old it is', async () => {
    const stage = backstopStage();
    const [id = ''] = await stage.leads(1);
    stage.sqlite.rows(
      `INSERT INTO circuits (location_id, vendor, open_reason, opened_at, probe_at, updated_at) VALUES (?1, 'calltools', 'down', ?2, ?3, 0)`,
      LOCATION,
      stage.clock.at,
      stage.clock.at + 20_000,
    );
    stage.hint(id, { receivedAt: stage.clock.at - 3_600_000 });
    await stage.step();
    expect(stage.clock.pauses).toEqual([]);
    const [waits] = stage.queues.events;
    expect((waits?.visibleAt ?? 0) - stage.clock.at).toBeGreaterThanOrEqual(20_000);
    expect((waits?.visibleAt ?? 0) - stage.clock.at).toBeLessThan(30_000);
  });

  test.each([0, 1])(
    'and so is the other, each is tried, though they were opened at different times (%s)',
    async (needsWork) => {
      const stage = backstopStage();
      const ids = await stage.leads(90);
      for (const [vendor, after] of [
        ['gohighlevel', 10_000],
        ['calltools', 25_000],
      ] as const)
        stage.sqlite.rows(
          `INSERT INTO circuits (location_id, vendor, open_reason, opened_at, probe_at, needs_work, updated_at) VALUES (?1, ?2, 'down', ?3, ?4, ?5, 0)`,
          LOCATION,
          vendor,
          stage.clock.at,
          stage.clock.at + after,
          needsWork,
        );
      // Somebody is always there who could try one of them.
      for (const id of ids) {
        stage.hint(id);
        await stage.step();
        stage.clock.advance(1000);
      }
      expect(stage.sqlite.rows('SELECT vendor FROM circuits WHERE open_reason IS NOT NULL')).toEqual([]);
      expect(stage.dialed().length).toBeGreaterThan(0);
    },
  );
});

test('a batch holds its leases until its last call can have no effect any more, however late it begins', async () => {
  const stage = backstopStage();
  const ids = await stage.leads(25);
  for (const id of ids) stage.hint(id);
  // Its first turn comes as late as a batch waits for one.
  const turn = stage.clock.at + 9_000;
  stage.sqlite.rows(
    `INSERT INTO paces (location_id, vendor, free_at, lane_free_at) VALUES (?1, 'gohighlevel', ?2, ?2)`,
    LOCATION,
    turn + 20_000,
  );
  stage.callTools.faults.latency = 6000;
  const calls: number[] = [];
  let leaseUntil = 0;
  intercept(stage.callTools, () => {
    calls.push(stage.clock.at);
    leaseUntil = Number(stage.sqlite.rows('SELECT max(lease_until) AS until FROM contacts')[0]?.until);
    return undefined;
  });
  await stage.step();
  const [first = 0, last = 0] = [calls[0], calls.at(-1)];
  expect(last - first).toBeGreaterThanOrEqual(30_000);
  // That call is given up when the batch's time is over; after that it has 15 s to arrive.
  expect(leaseUntil - last).toBeGreaterThanOrEqual(15_000);
});

/** No call to this vendor for so long. */
function throttle({ sqlite, clock }: ReturnType<typeof backstopStage>, ms: number, vendor: string): void {
  sqlite.rows(
    `INSERT INTO circuits (location_id, vendor, throttled_until, updated_at) VALUES (?1, ?2, ?3, 0)`,
    LOCATION,
    vendor,
    clock.at + ms,
  );
}

/** Pieces of work that are said to have ended so. */
function counted({ sqlite }: ReturnType<typeof backstopStage>, outcome: string): number {
  const [row] = sqlite.rows('SELECT sum(counts ->> ?1) AS n FROM hours', `$."outcome ${outcome}"`);
  return Number(row?.n ?? 0);
}
