// Routes that ask for more than tags: a webhook's tags do not tell the route, but they tell that a lagging read is the older of the two.

import { expect, test } from 'vitest';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';

const SILENT = { silent: true };
const RULES = {
  routes: [
    { name: 'hot', tags: ['hot lead'], source: ['Google'], bucket: 'Hot Leads' },
    { name: 'cold', tags: ['cold lead'], source: ['Google'], bucket: 'Cold Leads' },
  ],
};

async function lagging(tags: string[]) {
  const stage = backstopStage({ env: { SYNC_RULES: JSON.stringify(RULES) } });
  const { ghl, clock } = stage;
  const { id } = await ghl.addContact({ phone: phoneOf(0), tags, source: 'Google' }, SILENT);
  const webhook = (now: string[]) =>
    stage.hint(id, { eventType: 'ContactTagUpdate', occurredAt: clock.at, snapshot: { tags: now, dnd: false } });
  webhook(tags);
  await stage.work();
  clock.advance(3_600_000);
  ghl.settings.readLagMs = 6000;
  return {
    ...stage,
    id,
    async retag(now: string[]) {
      await ghl.editContact(id, { tags: now }, SILENT);
      webhook(now);
      while (await stage.step());
    },
    state: () => stage.sqlite.rows('SELECT state, reason, route FROM contacts')[0],
    hot: () => stage.callTools.holds('Hot Leads'),
    reads: () => ghl.calls.count({ method: 'GET' }),
  };
}

test('a tag that places: it is read again, and placed within seconds', async () => {
  const stage = await lagging(['newsletter']);
  await stage.retag(['cold lead']);
  expect(stage.dialed()).toEqual([]);
  const before = stage.clock.at;
  await stage.work();
  expect(stage.dialed()).toEqual([phoneOf(0)]);
  expect(stage.clock.at - before).toBeLessThan(20_000);
});

test('a tag that leads elsewhere: what it rules out ends at once, and the rest is read again', async () => {
  const stage = await lagging(['cold lead']);
  expect(stage.dialed()).toEqual([phoneOf(0)]);
  await stage.retag(['hot lead']);
  expect([stage.dialed(), stage.hot()]).toEqual([[], []]);
  expect(stage.state()).toMatchObject({ state: 'kept_out', reason: 'webhook_said_out' });
  await stage.work();
  expect([stage.dialed(), stage.hot()]).toEqual([[], [phoneOf(0)]]);
});

test('while the contact cannot be read: the route that placed it is ruled out, and so it is out', async () => {
  const stage = await lagging(['cold lead']);
  stage.hooks.contact = async () => new Response('{}', { status: 503 });
  await stage.retag(['hot lead']);
  expect(stage.dialed()).toEqual([]);
});

test('where the read shows the same, there is one read, and none for a copy', async () => {
  const stage = await lagging(['cold lead']);
  stage.ghl.settings.readLagMs = 0;
  const before = stage.reads();
  await stage.retag(['cold lead', 'hot lead']);
  expect([stage.hot(), stage.reads() - before]).toEqual([[phoneOf(0)], 1]);
  await stage.work();
  expect(stage.reads() - before).toBe(1);
});
