// A batch of several locations: each is worked on by its own settings, and one whose vendor hangs holds nobody else up.

import { expect, test } from 'vitest';
import { createLanes } from '../../workers/consumer/connections.ts';
import { createConsumer } from '../../workers/consumer/consumer.ts';
import type { Env } from '../../workers/consumer/env.ts';
import { createCallTools } from '../sandbox/calltools.ts';
import { createGoHighLevel } from '../sandbox/gohighlevel.ts';
import { openSqlite } from '../simulation/d1-sqlite.ts';
import { sequence } from './vendor-stage.ts';
import { NOON } from './virtual-clock.ts';

const NEVER = new Promise<never>(() => {});
/** Locations by the names of their vendors' hosts; "one" stands at the top of the settings. */
const IDS = ['one', 'two', 'three'] as const;
type Id = (typeof IDS)[number];

/** The consumer over real SQL, and both sandbox vendors for each location. */
function createStage(more: object = {}) {
  const sqlite = openSqlite();
  const lines: Record<string, unknown>[] = [];
  /** Hosts that accept a call and never answer, and how many such calls wait. */
  const hanging = new Map<string, number>();
  const deadlines: AbortController[] = [];
  const shared = { now: () => NOON, random: sequence(), wait: async () => {} };
  const vendors = Object.fromEntries(
    IDS.map((id) => [
      id,
      {
        ghl: createGoHighLevel({ ...shared, locationId: id, apiKey: `pit-${id}`, settings: { searchLagMs: 0 } }),
        callTools: createCallTools({ ...shared, token: `calltools-${id}`, settings: {} }),
      },
    ]),
  ) as Record<Id, { ghl: ReturnType<typeof createGoHighLevel>; callTools: ReturnType<typeof createCallTools> }>;

  /** As the platform has it: 6 connections, one of them in use for D1; a call beyond them waits (facts/cloudflare.md [doc]). */
  let free = 5;
  const turns: (() => void)[] = [];
  async function fetchFrom(url: string, init: RequestInit): Promise<Response> {
    if (free === 0) await new Promise<void>((turn) => turns.push(turn));
    free--;
    return answer(url, init).finally(() => {
      free++;
      turns.shift()?.();
    });
  }

  async function answer(url: string, init: RequestInit): Promise<Response> {
    const { hostname } = new URL(url);
    const [vendor, id] = hostname.split('.') as ['ghl' | 'calltools', Id];
    const waiting = hanging.get(hostname);
    if (waiting === undefined)
      return vendors[id][vendor === 'ghl' ? 'ghl' : 'callTools'].handle(new Request(url, init));
    hanging.set(hostname, waiting + 1);
    return new Promise((_, reject) => init.signal?.addEventListener('abort', () => reject(init.signal?.reason)));
  }

  let ids = 0;
  const waits: number[] = [];
  const consumer = createConsumer({
    ...{ now: () => NOON, random: () => 0.5, newId: () => `id-${++ids}`, fetch: fetchFrom },
    wait: async (ms) => void waits.push(ms),
    write: (line) => void lines.push(JSON.parse(line)),
    deadline() {
      const controller = new AbortController();
      deadlines.push(controller);
      return controller.signal;
    },
  });
  const own = (id: Id) => ({
    GHL_API_BASE_URL: `https://ghl.${id}.test`,
    CALLTOOLS_BASE_URL: `https://calltools.${id}.test`,
  });
  const secrets = Object.fromEntries(
    IDS.flatMap((id) => [
      [`GHL_API_KEY_${id.toUpperCase()}`, `pit-${id}`],
      [`CALLTOOLS_API_KEY_${id.toUpperCase()}`, `calltools-${id}`],
    ]),
  );
  const sent: unknown[] = [];
  /** Of what was sent, in seconds. */
  const delays: number[] = [];
  const queue = {
    send: async (body: unknown, { delaySeconds = 0 } = {}) => {
      sent.push(body);
      delays.push(delaySeconds);
    },
  };
  const env = {
    ...{ GHL_LOCATION_ID: 'one', GHL_API_KEY: 'pit-one', CALLTOOLS_API_KEY: 'calltools-one', ...own('one') },
    LOCATIONS: {
      two: { secrets: 'TWO', ...own('two'), SYNC_RULES: { routes: [{ name: 'w', tags: ['warm'], bucket: 'Warm' }] } },
      three: { secrets: 'THREE', ...own('three') },
    },
    ...secrets,
    ...{ DB: sqlite.bind(async (act) => act()), EVENTS: queue, BACKSTOP: queue, DEAD_LETTERS: queue },
    ...more,
  } as unknown as Env;

  return {
    ...{ sqlite, vendors, lines, hanging, sent, delays, waits },
    hang: (host: string) => void hanging.set(host, 0),
    /** Ends every call that waits, and whatever is called from now on is answered. */
    giveUp() {
      hanging.clear();
      for (const controller of deadlines) controller.abort(new DOMException('timed out', 'TimeoutError'));
    },
    /** Gives the consumer a batch; `ends` fills as messages end. */
    deliver(bodies: object[], name = 'contact-events') {
      const ends = new Map<number, 'ack' | 'retry'>();
      const messages = bodies.map((body, n) => ({
        ...{ id: `m-${n}`, timestamp: new Date(NOON), attempts: 1, body },
        ack: () => void ends.set(n, 'ack'),
        retry: () => void ends.set(n, 'retry'),
      }));
      const batch = { queue: name, messages } as unknown as Parameters<typeof consumer.queue>[0];
      return { ends, done: consumer.queue(batch, env) };
    },
  };
}

let lastFour = 1000;
/** A contact in the location's GoHighLevel, and the hint about it. */
async function lead({ vendors }: ReturnType<typeof createStage>, id: Id, tags = ['cold lead']) {
  const phone = `+1305555${lastFour++}`;
  const contact = await vendors[id].ghl.addContact({ firstName: 'Dana', phone, tags });
  const hint = {
    ...{ v: 1, kind: 'contact.changed', locationId: id, contactId: contact.id, eventType: 'ContactCreate' },
    ...{ source: 'webhook', eventId: `e-${contact.id}`, occurredAt: null, receivedAt: NOON, snapshot: null },
  };
  return { hint, phone };
}

const several = (stage: ReturnType<typeof createStage>, id: Id, count: number) =>
  Promise.all(Array.from({ length: count }, () => lead(stage, id)));
const hints = (leads: { hint: object }[]) => leads.map(({ hint }) => hint);
const acked = (ends: Map<number, string>) => [...ends].flatMap(([n, end]) => (end === 'ack' ? [n] : []));

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

test('a refused token opens the circuit of its location alone', async () => {
  const stage = createStage({ GHL_API_KEY: 'pit-revoked' });
  const { done } = stage.deliver(hints([await lead(stage, 'one'), await lead(stage, 'two', ['warm'])]));
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
  ...{ v: 1, kind: 'contact.changed', locationId: 'nobody', contactId: 'c1', eventType: 'ContactCreate' },
  ...{ source: 'webhook', eventId: 'e1', occurredAt: null, receivedAt: NOON, snapshot: null },
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
  const lanes = createLanes(2, 1);
  const [one, two, page] = [lanes.group(), lanes.group(), lanes.page()];
  const busy = { one: 0, two: 0, page: 0 };
  const hold = (lane: typeof one, name: keyof typeof busy) =>
    void lane.connect(() => {
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

test('a location whose vendor’s limit is used up holds no invocation: others stand behind it in the queue', async () => {
  const stage = createStage();
  const [slow, quick] = [await lead(stage, 'one'), await lead(stage, 'two', ['warm'])];
  stage.sqlite.rows(
    `INSERT INTO paces (location_id, vendor, free_at, lane_free_at) VALUES ('one', 'gohighlevel', ?1, ?1)`,
    NOON + 60_000,
  );
  const { ends, done } = stage.deliver(hints([slow, quick]));
  await done;
  expect(acked(ends)).toHaveLength(2);
  expect(stage.sent).toMatchObject([{ contactId: (slow.hint as { contactId: string }).contactId }]);
  expect(Math.max(0, ...stage.waits)).toBeLessThan(1000);
  expect(stage.vendors.two.callTools.holds('Warm')).toEqual([quick.phone]);
});

/** No turn at GoHighLevel for a minute. */
function useUp({ sqlite }: ReturnType<typeof createStage>, until = NOON + 60_000) {
  sqlite.rows(
    `INSERT OR REPLACE INTO paces (location_id, vendor, free_at, lane_free_at) VALUES ('one', 'gohighlevel', ?1, ?1)`,
    until,
  );
}

test('a copy that stands for several hints is as new as the newest: what was read before that is read again', async () => {
  const stage = createStage();
  const { hint, phone } = await lead(stage, 'one');
  await stage.deliver([hint]).done;
  const { contactId } = hint as { contactId: string };
  await stage.vendors.one.ghl.editContact(contactId, { tags: ['customer'] });
  useUp(stage);
  const { ends, done } = stage.deliver([
    { ...hint, receivedAt: NOON - 100_000 },
    { ...hint, receivedAt: NOON + 1 },
  ]);
  await done;
  expect(acked(ends)).toHaveLength(2);
  expect(stage.sent).toMatchObject([{ contactId, receivedAt: NOON - 100_000, newestAt: NOON + 1 }]);
  useUp(stage, 0);
  expect(stage.vendors.one.callTools.holds('Cold Leads')).toEqual([phone]);
  await stage.deliver(stage.sent as object[]).done;
  expect(stage.vendors.one.callTools.holds('Cold Leads')).toEqual([]);
});

test('and not acknowledged for the others before it is sent', async () => {
  const stage = createStage({ EVENTS: { send: () => Promise.reject(new Error('over quota')) } });
  const { hint } = await lead(stage, 'one');
  useUp(stage);
  const { ends, done } = stage.deliver([hint, { ...hint, receivedAt: NOON + 1 }]);
  await done;
  expect([...ends.values()]).toEqual(['retry', 'retry']);
});

test('who has waited long for a vendor’s pace looks more rarely, and at least once a minute', async () => {
  const stage = createStage();
  const leads = await several(stage, 'one', 3);
  useUp(stage, NOON + 20_000);
  const ages = [0, 120_000, 3_600_000];
  await stage.deliver(hints(leads).map((hint, n) => ({ ...hint, receivedAt: NOON - (ages[n] ?? 0) }))).done;
  const [fresh = 0, old = 0, oldest = 0] = stage.delays;
  expect(fresh).toBeLessThan(20);
  expect(old).toBeGreaterThanOrEqual(30);
  expect(oldest).toBeGreaterThanOrEqual(60);
  expect(oldest).toBeLessThanOrEqual(75);
});
