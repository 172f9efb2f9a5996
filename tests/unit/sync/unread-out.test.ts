// GoHighLevel cannot be read for a long time: what webhooks say against dialing takes effect all the same.

import { describe, expect, test } from 'vitest';
import { phoneOf } from '../../support/consumer-harness.ts';
import { COLD, type Lagging, lagging, MINUTE, OUT_CASES } from './lag-harness.ts';

describe('while GoHighLevel cannot be read, a webhook that says out', () => {
  /** Each call for a contact is answered with an error from now on. */
  const outage = ({ hooks }: Lagging) => {
    hooks.contact = async () => new Response('Server Error', { status: 500 });
  };
  /** Half an hour of it, in which other contacts are asked for. */
  const longOutage = async (stage: Lagging) => {
    outage(stage);
    const others = [1, 2, 3].map((n) => `stranger${n}`);
    for (const end = stage.clock.at + 30 * MINUTE; stage.clock.at < end; stage.clock.advance(20_000)) {
      for (const id of others) stage.webhook(id, { eventType: 'ContactCreate', snapshot: COLD });
      await stage.now();
    }
  };
  const soon = async (stage: Lagging) => {
    for (const end = stage.clock.at + 20_000; stage.clock.at < end; stage.clock.advance(2000)) await stage.now();
  };

  test.each(OUT_CASES)('for half an hour already, it takes effect without a read: %s', async (_, change) => {
    const stage = await lagging(0);
    await longOutage(stage);
    // No look at GoHighLevel is due.
    stage.sqlite.rows(`UPDATE circuits SET probe_at = ?1 WHERE vendor = 'gohighlevel'`, stage.clock.at + MINUTE);
    await change(stage);
    const reads = stage.reads();
    await soon(stage);
    expect(stage.dialed()).toEqual([]);
    expect(stage.reads()).toBe(reads);
    stage.hooks.contact = async () => undefined;
    stage.clock.advance(3 * MINUTE);
    await stage.work();
    expect(stage.dialed()).toEqual([]);
    expect(stage.row()).toMatchObject({ state: 'kept_out' });
  });

  test('it takes effect when it has waited for CallTools for longer than a read may lag', async () => {
    const stage = await lagging(0);
    await longOutage(stage);
    stage.sqlite.rows(
      `INSERT INTO circuits (location_id, vendor, throttled_until, updated_at)
       SELECT location_id, 'calltools', ?1, 0 FROM contacts LIMIT 1
       ON CONFLICT (location_id, vendor) DO UPDATE SET throttled_until = excluded.throttled_until`,
      stage.clock.at + 5 * MINUTE,
    );
    stage.webhook(stage.id, { eventType: 'ContactDelete' });
    await soon(stage);
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    for (let waited = 0; waited < 8 * MINUTE; waited += 10_000) {
      stage.clock.advance(10_000);
      await stage.now();
    }
    expect(stage.dialed()).toEqual([]);
  });

  test('what the last read has overtaken does not count', async () => {
    const stage = await lagging(0);
    stage.webhook(stage.id, { eventType: 'ContactDelete', occurredAt: stage.clock.at - 70 * MINUTE });
    outage(stage);
    await soon(stage);
    expect(stage.dialed()).toEqual([phoneOf(0)]);
  });
});
