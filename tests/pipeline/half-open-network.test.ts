// A network that stays silent, breaks off, trickles or floods: every wait ends, the work comes back, and nobody is doubled.
// On the local pipeline and not on wrangler's test harness: there workerd makes the connections to the vendors itself.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { GhlContact } from '../../sandbox/gohighlevel.ts';
import { type Mode, type Nemesis, type Passing, startNemesis } from '../../sandbox/nemesis.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import { hmacSigner } from '../../sandbox/webhooks.ts';
import { type Pipeline, startPipeline } from '../../scripts/local/pipeline.ts';
import { leaksIn } from './clean-logs.ts';
import { tonight } from './harness.ts';
import { CALLTOOLS_API_KEY, GHL_API_KEY, LOCATION, SECRET } from './keys.ts';

/** Long enough for a machine that is busy with other tests. */
const TIMEOUT_MS = 2000;
const NO_ANSWER = `no answer within ${TIMEOUT_MS} ms`;
const BROKEN = 'the connection failed';
/** How each mode shows in the log. */
const ERRORS: Record<Mode, string> = {
  silence: NO_ANSWER,
  'silence-after': NO_ANSWER,
  'reset-after': BROKEN,
  'cut-headers': BROKEN,
  'cut-body': BROKEN,
  'trickle-headers': NO_ANSWER,
  'trickle-body': NO_ANSWER,
  flood: 'the answer has more than 10 MB',
};
/** Modes after which CallTools has done what it was asked. */
const APPLIED: Mode[] = ['silence-after', 'reset-after', 'cut-headers', 'cut-body'];
/** What the consumer reads of an answer without end, and all that lies in the buffers on the way. */
const MAX_BYTES = 50_000_000;
const MODES = Object.entries(ERRORS) as [Mode, string][];
/** Waits for time-outs, a few retries, and a circuit that a stall of the machine has opened. Not expect.poll, which works within a test alone. */
const soon = (check: () => void | Promise<void>, interval = 40) => vi.waitFor(check, { timeout: 100_000, interval });
/** A test's time: several such waits. */
const PATIENCE = { timeout: 300_000 };

const sign = hmacSigner(SECRET);
let sandbox: Sandbox;
let toGhl: Nemesis;
let toCallTools: Nemesis;
let pipeline: Pipeline;
const lines: string[] = [];

beforeAll(async () => {
  [toGhl, toCallTools] = await Promise.all([startNemesis(), startNemesis()]);
  sandbox = await startSandbox({
    locationId: LOCATION,
    ghlApiKey: GHL_API_KEY,
    callToolsToken: CALLTOOLS_API_KEY,
    // A second POST would make a second contact.
    callToolsSettings: { duplicateMode: 'create' },
  });
  for (const nemesis of [toGhl, toCallTools]) nemesis.forwardTo(sandbox.url);
  pipeline = await startPipeline({
    env: {
      GHL_LOCATION_ID: LOCATION,
      GHL_API_KEY,
      CALLTOOLS_API_KEY,
      GHL_WEBHOOK_SECRET: SECRET,
      GHL_API_BASE_URL: `${toGhl.url}/ghl`,
      CALLTOOLS_BASE_URL: `${toCallTools.url}/calltools`,
      VENDOR_TIMEOUT_MS: String(TIMEOUT_MS),
    },
    queues: { maxBatchTimeout: 0 },
    log: (line) => lines.push(line),
  });
  sandbox.ghl.sendWebhooksTo({ url: `${pipeline.url}/webhook/ghl`, sign });
});

afterAll(async () => {
  await pipeline.close();
  await Promise.all([sandbox.close(), toGhl.close(), toCallTools.close()]);
  expect(leaksIn(lines), 'log lines with personal data or a secret').toEqual([]);
});

let lastFour = 100;
const nextPhone = () => `+1305555${String(lastFour++).padStart(4, '0')}`;

const inDialer = (phone: string) => sandbox.callTools.contacts().filter(({ phones }) => phones.includes(phone));
const inBucket = (phone: string) => sandbox.callTools.holds('Cold Leads').includes(phone);
const placed = async (phone: string) => {
  await soon(() => expect(inBucket(phone)).toBe(true));
  expect(inDialer(phone)).toHaveLength(1);
};
const withdrawn = (phone: string) => soon(() => expect(inBucket(phone)).toBe(false));

/** What the consumer has logged of this contact. */
const logOf = ({ id }: GhlContact) =>
  lines.filter((line) => line.includes(id)).map((line): Record<string, unknown> => JSON.parse(line));
const eventsOf = (contact: GhlContact) => logOf(contact).map(({ event }) => event);
/** Errors of its failed tries; where several contacts fail in a row it is an outage, and they wait instead of trying again. */
const errorsOf = (contact: GhlContact) =>
  logOf(contact).flatMap(({ event, error }) => (event === 'contact.retry' || event === 'contact.wait' ? [error] : []));
const rowOf = async ({ id }: GhlContact) =>
  pipeline.database.prepare('SELECT state, reason, attempts FROM contacts WHERE contact_id = ?1').bind(id).first();
const settledAs = (contact: GhlContact, row: object) =>
  soon(async () => expect(await rowOf(contact)).toMatchObject(row));
const openCircuits = async () =>
  (await pipeline.database.prepare('SELECT * FROM circuits WHERE open_reason IS NOT NULL').all()).results;

const addLead = (phone: string) => sandbox.ghl.addContact({ firstName: 'Dana', phone, tags: ['cold lead'] });
const sell = ({ id }: GhlContact) => sandbox.ghl.editContact(id, { tags: ['customer'] });
/** A webhook that says nothing new. */
async function hint({ id }: GhlContact): Promise<void> {
  const body = JSON.stringify({ type: 'ContactUpdate', locationId: LOCATION, id, timestamp: Date.now() });
  const headers = await sign(Buffer.from(body));
  expect((await fetch(`${pipeline.url}/webhook/ghl`, { method: 'POST', body, headers })).status).toBe(202);
}
const isPost = ({ method, body }: Passing, phone: string) => method === 'POST' && body.includes(phone);

/** A write that was given up can no longer arrive. The doubt about it ends, and the work that waits for that goes on. */
const aMinutePasses = (contact: GhlContact) =>
  soon(async () => {
    await pipeline.database.prepare('UPDATE dialer SET doubt_until = 1 WHERE contact_id = ?1').bind(contact.id).run();
    await hint(contact);
    expect(eventsOf(contact)).toContain('contact.placed');
  }, 500);

/** Plays two modes at a time, for most of the time is spent waiting: a third that fails beside them would be an outage. */
function twoAtATime(play: (mode: Mode, error: string) => Promise<void>): Map<Mode, Promise<void>> {
  const stories = new Map<Mode, Promise<void>>();
  beforeAll(() => {
    let [turn, next] = [Promise.resolve(), Promise.resolve()];
    for (const [mode, error] of MODES) {
      const story = turn.then(() => play(mode, error));
      stories.set(mode, story);
      [turn, next] = [next, story.catch(() => {})];
    }
  });
  return stories;
}

const overCallTools = twoAtATime(async (mode, error) => {
  const phone = nextPhone();
  const posts: Passing[] = [];
  const lost = toCallTools.plan(mode, (passing) => isPost(passing, phone));
  toCallTools.watch((passing) => isPost(passing, phone) && posts.push(passing));
  const contact = await addLead(phone);
  if (!APPLIED.includes(mode)) {
    // It may yet arrive at CallTools: nobody writes it again before that can be told.
    await soon(() => expect(eventsOf(contact)).toContain('contact.wait'));
    expect(errorsOf(contact)).toContain(`POST /contacts/: ${error}`);
    expect(posts).toHaveLength(1);
    await aMinutePasses(contact);
  }
  await placed(phone);
  await settledAs(contact, { state: 'placed', attempts: 0 });
  expect([lost.met, inDialer(phone).length]).toEqual([1, 1]);

  const [{ id } = { id: 0 }] = inDialer(phone);
  const tries = errorsOf(contact).length;
  const again = toCallTools.plan(mode, ({ method, path }) => method === 'PATCH' && path.endsWith(`/contacts/${id}/`));
  await sell(contact);
  await withdrawn(phone);
  await settledAs(contact, { state: 'kept_out', reason: 'route', attempts: 0 });
  expect(again.met).toBe(1);
  expect(errorsOf(contact).slice(tries)).toContain(`PATCH /contacts/${id}/: ${error}`);
  expect(inDialer(phone)).toHaveLength(1);
  await soon(() => expect([lost.open, again.open]).toEqual([0, 0]));
  expect(Math.max(lost.bytes, again.bytes)).toBeLessThan(MAX_BYTES);
});

const overGhl = twoAtATime(async (mode, error) => {
  const phone = nextPhone();
  const contact = await sandbox.ghl.addContact({ firstName: 'Dana', phone, tags: ['newsletter'] }, { silent: true });
  const read = ({ path }: Passing) => path.endsWith(`/contacts/${contact.id}`);
  const failed = `GET /contacts/${contact.id}: ${error}`;
  const first = toGhl.plan(mode, read);
  await sandbox.ghl.editContact(contact.id, { tags: ['cold lead'] });
  await placed(phone);
  await settledAs(contact, { state: 'placed', attempts: 0 });
  expect(first.met).toBe(1);
  expect(errorsOf(contact)).toContain(failed);

  const tries = errorsOf(contact).length;
  const second = toGhl.plan(mode, read);
  await sell(contact);
  await withdrawn(phone);
  await settledAs(contact, { state: 'kept_out', reason: 'route', attempts: 0 });
  expect(second.met).toBe(1);
  expect(errorsOf(contact).slice(tries)).toContain(failed);
  expect(inDialer(phone)).toHaveLength(1);
  await soon(() => expect([first.open, second.open]).toEqual([0, 0]));
  expect(Math.max(first.bytes, second.bytes)).toBeLessThan(MAX_BYTES);
});

describe.each([
  ['CallTools', overCallTools],
  ['GoHighLevel', overGhl],
])('%s over a connection in trouble', (_, stories) => {
  test.each(MODES)('%s: a contact is placed exactly once, and withdrawn', PATIENCE, (mode) => stories.get(mode));
});

describe('a vendor as a whole', PATIENCE, () => {
  const VENDORS: ['GoHighLevel' | 'CallTools', () => Nemesis][] = [
    ['GoHighLevel', () => toGhl],
    ['CallTools', () => toCallTools],
  ];

  test.each(VENDORS)('%s refuses connections: a lead and a withdrawal wait for it, and get through', async (_, to) => {
    const [lead, leaving] = [nextPhone(), nextPhone()];
    const customer = await addLead(leaving);
    await placed(leaving);
    await to().refuse();
    const [contact] = await Promise.all([addLead(lead), sell(customer)]);
    const refused = expect.stringMatching(/: the connection failed$/);
    try {
      for (const waiting of [contact, customer]) await soon(() => expect(errorsOf(waiting)).toContainEqual(refused));
    } finally {
      await to().accept();
    }
    await withdrawn(leaving);
    await placed(lead);
  });

  test.each(VENDORS)('%s is silent for long: work waits, and goes on when it is back', async (_, to) => {
    const leaving = nextPhone();
    const customer = await addLead(leaving);
    await placed(leaving);
    const silence = to().plan('silence', () => true, Number.POSITIVE_INFINITY);
    const phones = Array.from({ length: 5 }, nextPhone);
    const [leads] = await Promise.all([Promise.all(phones.map(addLead)), sell(customer)]);
    await soon(async () => expect(await openCircuits()).toHaveLength(1));
    expect((await openCircuits())[0]?.open_reason).toContain(NO_ANSWER);
    silence.end();
    await pipeline.database.prepare('UPDATE circuits SET probe_at = 0').run();
    await hint(customer);
    await withdrawn(leaving);
    await soon(async () => expect(await openCircuits()).toEqual([]));
    await Promise.all(leads.map(hint));
    for (const phone of phones) await placed(phone);
    await soon(() => expect(silence.open).toBe(0));
  });
});

test('a backstop page that does not end does not stop the run', PATIENCE, async () => {
  const page = toGhl.plan('trickle-body', ({ path }) => path.endsWith('/contacts/search'));
  await pipeline.runCron('* * * * *', tonight());
  const run = () => pipeline.database.prepare('SELECT state FROM runs ORDER BY started_at DESC').first('state');
  await soon(async () => expect(await run()).toBe('complete'));
  expect([page.met, page.open]).toEqual([1, 0]);
});

test('nothing of all this became a dead letter', async () => {
  const { results } = await pipeline.database.prepare('SELECT reason, error FROM dead_letters').all();
  expect(results).toEqual([]);
});
