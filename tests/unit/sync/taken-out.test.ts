// Whom a call, an agent or a manager took out of the dialer stays out, whatever happens in GoHighLevel or here, until there is a reason to dial again.

import { beforeEach, describe, expect, test } from 'vitest';
import { type BackstopStage, backstopStage, phoneOf } from '../../support/consumer-harness.ts';
import { COLD } from '../../support/vendor-harness.ts';

const SILENT = { silent: true };
const DAY_MS = 86_400_000;
const RULES = {
  routes: [
    { name: 'customer', words: ['customer'], bucket: null },
    { name: 'hot', tags: ['hot lead'], bucket: 'Hot Leads' },
    { name: 'cold', tags: ['cold lead'], bucket: COLD },
  ],
};
const NIGHTLY = { env: { VERIFY_WITHIN_DAYS: '2', SYNC_RULES: JSON.stringify(RULES) } };

let stage: BackstopStage;
/** The lead in GoHighLevel. */
let id: string;
beforeEach(async () => {
  stage = backstopStage(NIGHTLY);
  [id = ''] = await stage.leads(1);
  await hint();
});

/** A webhook about a contact, later than all before. */
async function hint(contactId = id): Promise<void> {
  stage.clock.advance(120_000);
  stage.hint(contactId);
  await stage.work();
}

async function night(): Promise<unknown> {
  stage.clock.advance(DAY_MS);
  return stage.night();
}

const dialerId = () => stage.callTools.contacts()[0]?.id ?? 0;

/** An agent calls, and somebody takes the contact out. */
function saidNo(fields: Record<string, unknown> = {}): void {
  stage.clock.advance(60_000);
  stage.callTools.call(dialerId(), { disposition: 'Not interested', fields });
  stage.clock.advance(60_000);
  stage.callTools.takeOutByHand(dialerId());
}

const rename = () => stage.ghl.editContact(id, { firstName: `Name${stage.clock.at}` }, SILENT);
const reasons = () => stage.sqlite.rows('SELECT state, reason FROM contacts ORDER BY created_at');
const OUT = { state: 'kept_out', reason: 'taken_out_in_calltools' };
const IN = { state: 'placed', reason: 'placed' };
const put = (path: string) => stage.ask('POST', `/contacts/${id}/${path}`);

describe('after a call the contact stays out', () => {
  test('when it is verified: nothing is written, and it is no drift', async () => {
    saidNo();
    const writes = stage.writes();
    expect(await night()).toMatchObject({ verified: 1, repaired: { drifted: 0 } });
    expect([stage.dialed(), reasons(), stage.writes()]).toEqual([[], [OUT], writes]);
    expect(await night()).toMatchObject({ verified: 1, repaired: { drifted: 0 } });
    expect([stage.dialed(), stage.writes()]).toEqual([[], writes]);
  });

  test('when its data change: the data are written, and it is not put back', async () => {
    saidNo();
    await rename();
    await hint();
    expect([stage.dialed(), reasons()]).toEqual([[], [OUT]]);
  });

  test('when the dialer notes the call in another way', async () => {
    const at = () => new Date(stage.clock.at).toISOString();
    for (const fields of [
      () => ({ disposition: { id: 3, name: 'No' } }),
      () => ({ last_call_inbound: at() }),
      () => ({ system_disposition: 'ANSWERED', last_call_outbound: 'a while ago' }),
    ]) {
      stage = backstopStage(NIGHTLY);
      [id = ''] = await stage.leads(1);
      await hint();
      stage.callTools.call(dialerId(), {
        fields: { last_call_outbound: null, last_call_outbound_human: null, calls_outbound: 0, ...fields() },
      });
      stage.callTools.takeOutByHand(dialerId());
      await night();
      expect([stage.dialed(), reasons()]).toEqual([[], [OUT]]);
    }
  });

  test('when a manager has moved it into another bucket of ours: it leaves that one', async () => {
    saidNo();
    stage.callTools.putInBucketByHand(dialerId(), 'Hot Leads');
    await night();
    expect([stage.callTools.holds('Hot Leads'), stage.dialed(), reasons()]).toEqual([[], [], [OUT]]);
  });

  test('when only its tag was taken away, by which a live filter dials', async () => {
    const routes = RULES.routes.map((route) => (route.bucket === COLD ? { ...route, calltoolsTag: 'dial' } : route));
    stage.reconfigure({ SYNC_RULES: JSON.stringify({ routes }) });
    await hint();
    stage.callTools.call(dialerId(), { disposition: 'No' });
    const { tags } = stage.callTools.snapshot() as { tags: { id: number }[] };
    expect(stage.callTools.contacts()[0]?.tags).toEqual(['dial']);
    await stage.callTools.handle(
      new Request(`https://x/api/contacts/${dialerId()}/`, {
        method: 'PATCH',
        body: JSON.stringify({ remove_tags: tags.map((tag) => tag.id) }),
        headers: { authorization: 'Token calltools-key', 'content-type': 'application/json' },
      }),
    );
    await night();
    expect(stage.callTools.contacts()[0]).toMatchObject({ buckets: [], tags: [] });
    expect(reasons()).toEqual([OUT]);
  });

  test('when the number is on another contact too, which somebody has put into the bucket', async () => {
    saidNo();
    stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(0), buckets: [COLD] });
    await night();
    expect([stage.dialed(), reasons()]).toEqual([[], [OUT]]);
  });

  test('when its answer was lost while it was put in: what is in doubt is looked at first', async () => {
    stage.callTools.faults.plan({ match: { method: 'PATCH' }, times: 1, do: { kind: 'after-reset' } });
    await rename();
    stage.clock.advance(120_000);
    stage.hint(id);
    await stage.step();
    saidNo();
    await stage.work();
    expect([stage.dialed(), reasons()]).toEqual([[], [OUT]]);
  });

  test('when its first write was in doubt', async () => {
    const [other = ''] = await stage.leads(1, 1);
    const { handle } = stage.callTools;
    let lost = false;
    stage.callTools.handle = async (request) => {
      if (lost) return new Response('', { status: 500 });
      const answer = await handle(request);
      lost = request.method === 'POST';
      return lost ? new Response('', { status: 500 }) : answer;
    };
    stage.hint(other);
    await stage.step();
    const made = stage.callTools.contacts().at(-1)?.id ?? 0;
    expect(stage.dialed()).toHaveLength(2);
    stage.clock.advance(1000);
    stage.callTools.call(made, { disposition: 'No' });
    stage.callTools.takeOutByHand(made);
    lost = false;
    await stage.work();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    expect(reasons()).toEqual([IN, OUT]);
  });

  test('when the batch that put it in died before it could say so', async () => {
    const [other = ''] = await stage.leads(1, 1);
    stage.hint(other);
    const [message] = stage.queues.events;
    if (!message) throw new Error('no message');
    const { handle } = stage.callTools;
    let die = () => {};
    const killed = new Promise<void>((resolve) => (die = resolve));
    stage.callTools.handle = async (request) => {
      const answer = await handle(request);
      if (request.method !== 'POST') return answer;
      die();
      return new Promise<never>(() => {});
    };
    await stage.deliver('events', [message], killed);
    stage.callTools.handle = handle;
    const made = stage.callTools.contacts().at(-1)?.id ?? 0;
    expect(stage.dialed()).toHaveLength(2);
    stage.clock.advance(120_000);
    stage.callTools.call(made, { disposition: 'No' });
    stage.callTools.takeOutByHand(made);
    stage.clock.advance(120_000);
    await stage.work();
    expect([stage.dialed(), reasons()]).toEqual([[phoneOf(0)], [IN, OUT]]);
  });

  test('when its bucket was deleted and made again', async () => {
    stage.callTools.call(dialerId(), { disposition: 'No' });
    stage.callTools.deleteBucket(COLD);
    stage.callTools.addLabelByHand('buckets', COLD);
    await night();
    expect([stage.dialed(), reasons()]).toEqual([[], [OUT]]);
  });

  test('when it is called again, or put back by hand: only we are told to place it', async () => {
    saidNo();
    await night();
    stage.callTools.putInBucketByHand(dialerId(), COLD);
    stage.callTools.call(dialerId(), { disposition: 'Callback' });
    expect(await night()).toMatchObject({ repaired: { drifted: 1 } });
    expect(stage.dialed()).toEqual([]);
  });
});

describe('without a newer call it is drift', () => {
  test('no call at all: it is put back', async () => {
    stage.callTools.takeOutByHand(dialerId());
    expect(await night()).toMatchObject({ repaired: { drifted: 1 } });
    expect([stage.dialed(), reasons()]).toEqual([[phoneOf(0)], [IN]]);
  });

  test('a call from before we ever placed it, whatever was said in it', async () => {
    const [other = ''] = await stage.leads(1, 1);
    const { id: made } = stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(1) });
    stage.callTools.call(made, { disposition: 'Not interested', fields: { last_call_outbound: 'long ago' } });
    await hint(other);
    expect(stage.dialed()).toHaveLength(2);
    stage.callTools.takeOutByHand(made);
    await night();
    expect(stage.dialed()).toHaveLength(2);
  });

  test('a change of its data puts it back too, by one more call', async () => {
    stage.callTools.takeOutByHand(dialerId());
    await rename();
    stage.callTools.calls.clear();
    await hint();
    expect(stage.dialed()).toEqual([phoneOf(0)]);
    expect(stage.callTools.calls.count({ method: 'PATCH' })).toBe(2);
  });

  test('a change of the data of a contact that is in its place is one call, and names no bucket', async () => {
    stage.callTools.call(dialerId(), { disposition: 'Callback' });
    await rename();
    stage.callTools.calls.clear();
    await hint();
    const calls = stage.callTools.calls.list();
    expect(calls).toMatchObject([{ method: 'PATCH' }]);
    expect([stage.dialed(), reasons()]).toEqual([[phoneOf(0)], [IN]]);
  });

  test('a call before a change of the data still counts for a contact that is taken out after it', async () => {
    stage.callTools.call(dialerId(), { disposition: 'Not interested' });
    await rename();
    await hint();
    stage.callTools.takeOutByHand(dialerId());
    await night();
    expect([stage.dialed(), reasons()]).toEqual([[], [OUT]]);
  });
});

describe('the hold survives', () => {
  beforeEach(async () => {
    saidNo();
    await night();
    expect(reasons()).toEqual([OUT]);
  });

  test('webhooks, changes, runs and replays', async () => {
    for (let n = 0; n < 3; n++) {
      await rename();
      await hint();
      await night();
      stage.hint(id, { source: 'replay', eventType: 'replay' });
      await stage.work();
      expect([stage.dialed(), reasons()]).toEqual([[], [OUT]]);
    }
  });

  test('a batch that dies', async () => {
    await rename();
    stage.clock.advance(60_000);
    stage.hint(id);
    const [message] = stage.queues.events;
    if (!message) throw new Error('no message');
    let die = () => {};
    const killed = new Promise<void>((resolve) => (die = resolve));
    stage.hooks.contact = async () => {
      die();
      return new Promise<never>(() => {});
    };
    await stage.deliver('events', [message], killed);
    stage.hooks.contact = async () => undefined;
    stage.clock.advance(300_000);
    await stage.work();
    expect([stage.dialed(), reasons()]).toEqual([[], [OUT]]);
  });

  test('a new number, one that CallTools has under another contact, and the way back', async () => {
    stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(6) });
    for (const number of [5, 6, 0]) {
      await stage.ghl.editContact(id, { phone: phoneOf(number) }, SILENT);
      await hint();
      expect([stage.dialed(), reasons()]).toEqual([[], [OUT]]);
    }
  });

  test('the number taken away and given again', async () => {
    await stage.ghl.editContact(id, { phone: '' }, SILENT);
    await hint();
    await stage.ghl.editContact(id, { phone: phoneOf(3) }, SILENT);
    await hint();
    expect([stage.dialed(), reasons()]).toEqual([[], [OUT]]);
  });

  test('do-not-disturb switched on and off', async () => {
    await stage.ghl.setDnd(id, { dnd: true }, SILENT);
    await hint();
    expect(reasons()).toEqual([{ state: 'kept_out', reason: 'dnd' }]);
    await stage.ghl.setDnd(id, { dnd: false }, SILENT);
    await hint();
    expect([stage.dialed(), reasons()]).toEqual([[], [OUT]]);
  });

  test('another contact with the number and the same route, also when it remains alone', async () => {
    const twin = await stage.ghl.addContact({ phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
    await hint(twin.id);
    expect([stage.dialed(), reasons()]).toEqual([[], [OUT, OUT]]);
    await stage.ghl.deleteContact(id, SILENT);
    await hint();
    await hint(twin.id);
    expect(stage.dialed()).toEqual([]);
  });

  test('a route that gets another name in SYNC_RULES', async () => {
    const routes = RULES.routes.map((route) => (route.name === 'cold' ? { ...route, name: 'cold leads' } : route));
    stage.reconfigure({ SYNC_RULES: JSON.stringify({ routes }) });
    await hint();
    await night();
    expect([stage.dialed(), reasons()]).toEqual([[], [OUT]]);
  });
});

describe('the hold ends', () => {
  beforeEach(async () => {
    saidNo();
    await night();
    expect(reasons()).toEqual([OUT]);
  });

  test('with another route', async () => {
    await stage.ghl.editContact(id, { tags: ['hot lead'] }, SILENT);
    await hint();
    expect([stage.callTools.holds('Hot Leads'), reasons()]).toEqual([[phoneOf(0)], [IN]]);
  });

  test('once the route has gone away and come back', async () => {
    await stage.ghl.editContact(id, { tags: [] }, SILENT);
    await hint();
    expect(stage.dialed()).toEqual([]);
    await stage.ghl.editContact(id, { tags: ['cold lead'] }, SILENT);
    await hint();
    expect([stage.dialed(), reasons()]).toEqual([[phoneOf(0)], [IN]]);
  });

  test('when an operator says so: placed again, once, and as often as it is said', async () => {
    for (let n = 0; n < 2; n++) expect(await put('place')).toMatchObject({ contact_id: id, status: 'queued' });
    await stage.work();
    expect([stage.dialed(), reasons()]).toEqual([[phoneOf(0)], [IN]]);
    expect(await put('place')).toMatchObject({ status: 'placed' });
    expect(stage.queues.events).toEqual([]);
    await night();
    expect([stage.dialed(), reasons()]).toEqual([[phoneOf(0)], [IN]]);
  });

  test('when an operator says so, also under a number that came later', async () => {
    await stage.ghl.editContact(id, { phone: phoneOf(5) }, SILENT);
    await hint();
    await put('place');
    await stage.work();
    expect([stage.dialed(), reasons()]).toEqual([[phoneOf(5)], [IN]]);
  });

  test('for one call: the next that is followed by a take-out holds again', async () => {
    await put('place');
    await stage.work();
    saidNo();
    await night();
    expect([stage.dialed(), reasons()]).toEqual([[], [OUT]]);
  });
});

test('an undetected take-out counts also on the way to another number, which CallTools has under another contact', async () => {
  stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(6) });
  saidNo();
  await stage.ghl.editContact(id, { phone: phoneOf(6) }, SILENT);
  await hint();
  expect([stage.dialed(), reasons()]).toEqual([[], [OUT]]);
});

test('an undetected take-out counts also on the way to a new number', async () => {
  saidNo();
  await stage.ghl.editContact(id, { phone: phoneOf(6) }, SILENT);
  await hint();
  expect([stage.dialed(), reasons()]).toEqual([[], [OUT]]);
});

test('an undetected take-out ends with another route', async () => {
  saidNo();
  await stage.ghl.editContact(id, { tags: ['hot lead'] }, SILENT);
  await hint();
  expect([stage.callTools.holds('Hot Leads'), reasons()]).toEqual([[phoneOf(0)], [IN]]);
});

test.each([
  ['was called', true],
  ['was not called', false],
])(
  'where nobody can be looked for, a POST that finds a contact which %s puts it back only if it may',
  async (_, called) => {
    const env = { ...NIGHTLY.env, CALLTOOLS_PHONE_LOOKUP: 'off' };
    stage = backstopStage({ env });
    [id = ''] = await stage.leads(1);
    await hint();
    // Merged by hand: the number is on another contact now.
    stage.callTools.deleteContact(dialerId());
    const { id: other } = stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(0) });
    if (called) stage.callTools.call(other, { disposition: 'No' });
    await night();
    expect(stage.callTools.contacts()).toHaveLength(1);
    expect([stage.dialed(), reasons()]).toEqual(called ? [[], [OUT]] : [[phoneOf(0)], [IN]]);
  },
);

test('another bucket for the same route moves a contact that was called and is in its place', async () => {
  stage.callTools.call(dialerId(), { disposition: 'Callback' });
  const routes = RULES.routes.map((route) => (route.name === 'cold' ? { ...route, bucket: 'Cold 2026' } : route));
  stage.reconfigure({ SYNC_RULES: JSON.stringify({ routes }) });
  await hint();
  expect([stage.callTools.holds('Cold 2026'), reasons()]).toEqual([[phoneOf(0)], [IN]]);
});

test('a call concerns all numbers of a CallTools contact: each stays out, and place again for one of them counts for all', async () => {
  const [other = ''] = await stage.leads(1, 1);
  stage.callTools.editContactByHand(dialerId(), { home_phone_number: phoneOf(1) });
  await hint(other);
  expect(stage.callTools.contacts()).toHaveLength(1);
  saidNo();
  await night();
  expect([stage.dialed(), reasons()]).toEqual([[], [OUT, OUT]]);
  await stage.ghl.editContact(other, { firstName: 'Renamed' }, SILENT);
  await hint(other);
  expect([stage.dialed(), reasons()]).toEqual([[], [OUT, OUT]]);
  expect(await stage.ask('POST', `/contacts/${other}/place`)).toMatchObject({ status: 'queued' });
  await stage.work();
  expect(stage.dialed()).toEqual([phoneOf(0), phoneOf(1)]);
});

test('GET /contacts/:id says why, since when, and what to do', async () => {
  saidNo();
  await night();
  expect(await stage.ask('GET', `/contacts/${id}`)).toMatchObject({
    ...OUT,
    what_to_do: expect.stringContaining('npm run place'),
    dialer: [{ in_a_bucket: false, hold: { reason: OUT.reason, route: 'cold', since: expect.any(String) } }],
  });
});
