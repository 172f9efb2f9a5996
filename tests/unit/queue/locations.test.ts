// A batch of several locations: each is worked on by its own settings, and one whose vendor hangs holds nobody else up.

import { expect, test } from 'vitest';
import { shareConnections } from '../../../workers/consumer/queue/connections.ts';
import { NOON } from '../../support/virtual-clock.ts';
import { acked, createStage, hints, lead, NEVER, several } from './queue-harness.ts';

test('each location’s contacts go by its own rules into its own dialer, all from one batch', async () => {
  const stage = createStage();
  const [cold, warm] = [await lead(stage, 'one'), await lead(stage, 'two', ['warm'])];
  const { ends, done } = stage.deliver(hints([cold, warm, await lead(stage, 'two')]));
  await done;
  expect(acked(ends)).toHaveLength(3);
  expect(stage.vendors.one.callTools.holds('Cold Leads')).toEqual([cold.phone]);
  expect(stage.vendors.two.callTools.holds('Warm')).toEqual([warm.phone]);
  expect(stage.vendors.two.callTools.contacts()).toHaveLength(1);
  const placed = stage.lines.filter(({ event }) => event === 'contact.placed');
  expect(placed.map(({ locationId }) => locationId).toSorted()).toEqual(['one', 'two']);
});

test.each([[['ghl.one.test']], [['calltools.one.test']], [['ghl.one.test', 'ghl.two.test']]])(
  'while %j hang, the others’ contacts are placed and acked',
  async (hosts) => {
    const stage = createStage();
    for (const host of hosts) stage.hang(host);
    const slow = [...(await several(stage, 'one', 8)), ...(hosts.length > 1 ? await several(stage, 'two', 8) : [])];
    const { ends, done } = stage.deliver(hints([...slow, ...(await several(stage, 'three', 8))]));
    await expect.poll(() => acked(ends)).toHaveLength(8);
    expect(acked(ends).every((n) => n >= slow.length)).toBe(true);
    expect(stage.vendors.three.callTools.holds('Cold Leads')).toHaveLength(8);
    for (const host of hosts) expect(stage.hanging.get(host)).toBeGreaterThan(0);
    stage.giveUp();
    await done;
    expect(ends.size).toBe(slow.length + 8);
  },
);

test('a page that hangs holds no contact up, of its own location either', async () => {
  const stage = createStage();
  stage.sqlite.rows(
    `INSERT INTO runs (id, location_id, started_by, state, started_at, heartbeat_at) VALUES ('r', 'two', 'cron', 'running', ?1, ?1)`,
    NOON,
  );
  const page = { v: 1, kind: 'backstop.page', locationId: 'two', runId: 'r', page: 0, cursor: null };
  const { handle } = stage.vendors.two.ghl;
  stage.vendors.two.ghl.handle = (request) => (request.url.endsWith('/search') ? NEVER : handle(request));
  const leads = [await lead(stage, 'two', ['warm']), await lead(stage, 'one')];
  const { ends } = stage.deliver([page, ...hints(leads)], 'contact-backstop');
  await expect.poll(() => acked(ends)).toEqual(expect.arrayContaining([1, 2]));
  expect(ends.has(0)).toBe(false);
});

test('a page of a location that the settings no longer name is over, and logged', async () => {
  const stage = createStage();
  const page = { v: 1, kind: 'backstop.page', locationId: 'four', runId: 'r', page: 0, cursor: null };
  const { ends, done } = stage.deliver([page], 'contact-backstop');
  await done;
  expect([...ends]).toEqual([[0, 'ack']]);
  expect(stage.lines).toMatchObject([{ event: 'backstop.stray', locationId: 'four', runId: 'r' }]);
});

test('a page for which the batch has no room is sent again, and its run does not count as stalled until then', async () => {
  const stage = createStage();
  const pages = ['one', 'two', 'three'].map((locationId) => {
    stage.sqlite.rows(
      `INSERT INTO runs (id, location_id, started_by, state, started_at, heartbeat_at) VALUES (?2, ?2, 'cron', 'running', ?1, ?1)`,
      NOON,
      locationId,
    );
    return { v: 1, kind: 'backstop.page', locationId, runId: locationId, page: 0, cursor: null };
  });
  await stage.deliver(pages, 'contact-backstop').done;
  expect(stage.delays[stage.sent.findIndex((body) => (body as { runId?: string }).runId === 'three')]).toBe(15);
  expect(stage.sqlite.rows(`SELECT heartbeat_at - ?1 AS ms FROM runs WHERE id = 'three'`, NOON)).toEqual([
    { ms: 15_000 },
  ]);
});

test('a refused token opens the circuit of its location alone', async () => {
  const stage = createStage({ GHL_API_KEY: 'pit-revoked' });
  const leads = [await lead(stage, 'one'), await lead(stage, 'one'), await lead(stage, 'two', ['warm'])];
  const { done } = stage.deliver(hints(leads));
  await done;
  expect(stage.sqlite.rows('SELECT location_id, vendor FROM circuits WHERE open_reason IS NOT NULL')).toEqual([
    { location_id: 'one', vendor: 'gohighlevel' },
  ]);
  const next = stage.deliver(hints([await lead(stage, 'two', ['warm'])]));
  await next.done;
  expect(stage.vendors.two.callTools.holds('Warm')).toHaveLength(2);
});

test('the contacts of a faulty location wait, the log names why, and the others go on', async () => {
  const stage = createStage({ GHL_API_KEY_TWO: '' });
  const { ends, done } = stage.deliver(hints([await lead(stage, 'two'), await lead(stage, 'three')]));
  await done;
  expect(acked(ends)).toHaveLength(2);
  expect(stage.sent).toMatchObject([{ locationId: 'two', kind: 'contact.changed' }]);
  expect(stage.vendors.three.callTools.holds('Cold Leads')).toHaveLength(1);
  expect(stage.lines).toContainEqual(
    expect.objectContaining({
      event: 'consumer.bad_setting',
      locationId: 'two',
      error: expect.stringContaining('GHL_API_KEY_TWO'),
    }),
  );
});

const STRANGER = {
  v: 1,
  kind: 'contact.changed',
  locationId: 'nobody',
  contactId: 'c1',
  eventType: 'ContactCreate',
  source: 'webhook',
  eventId: 'e1',
  occurredAt: null,
  receivedAt: NOON,
  snapshot: null,
};

test('a location that the settings do not name becomes a dead letter', async () => {
  const stage = createStage();
  const { ends, done } = stage.deliver([STRANGER]);
  await done;
  expect(acked(ends)).toEqual([0]);
  expect(stage.sqlite.rows('SELECT location_id, reason FROM dead_letters')).toEqual([
    { location_id: 'nobody', reason: 'other_location' },
  ]);
});

test('but waits while LOCATIONS cannot be read: it may be one of them', async () => {
  const stage = createStage({ LOCATIONS: '{"nobody": ' });
  const { done } = stage.deliver([STRANGER]);
  await done;
  expect(stage.sqlite.rows('SELECT * FROM dead_letters')).toEqual([]);
  expect(stage.sent).toMatchObject([{ locationId: 'nobody' }]);
});

test('what one account of CallTools cannot do is not held against another', async () => {
  const stage = createStage();
  stage.vendors.one.callTools.settings.phoneFilter = 'ignored';
  stage.vendors.one.callTools.addContactByHand({ mobile_phone_number: '+13055550100' });
  const lookUps = () => stage.vendors.three.callTools.calls.count({ method: 'GET', path: '/api/contacts/' });
  await stage.deliver(hints(await several(stage, 'one', 1))).done;
  const found = () => stage.lines.filter(({ event }) => event === 'calltools.phone_filter_ignored');
  expect(new Set(found().map(({ locationId }) => locationId))).toEqual(new Set(['one']));
  await stage.deliver(hints(await several(stage, 'three', 1))).done;
  expect(lookUps()).toBeGreaterThan(0);
});

test('connections: each group has its share, and what a group leaves goes to the others', async () => {
  const connections = shareConnections(2, 1);
  const [one, two, page] = [connections.group(), connections.group(), connections.page()];
  const busy = { one: 0, two: 0, page: 0 };
  const hold = (share: typeof one, name: keyof typeof busy) =>
    void share.connect(() => {
      busy[name]++;
      return NEVER;
    });
  for (let n = 0; n < 9; n++) {
    hold(one, 'one');
    hold(page, 'page');
  }
  hold(two, 'two');
  await expect.poll(() => busy).toEqual({ one: 2, two: 1, page: 1 });
  two.end();
  await expect.poll(() => busy).toEqual({ one: 4, two: 1, page: 1 });
  page.end();
  await expect.poll(() => busy).toEqual({ one: 5, two: 1, page: 1 });
});
