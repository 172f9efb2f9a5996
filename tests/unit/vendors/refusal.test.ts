// One record that a vendor refuses is that record's trouble; everybody's refusal is the set-up's.

import { describe, expect, test } from 'vitest';
import { type BackstopStage, backstopStage, phoneOf, phones } from '../../support/consumer-harness.ts';
import { intercept, isPost } from '../../support/intercept.ts';
import { jsonAnswer } from '../../support/vendor-harness.ts';

/** GoHighLevel's answers to one contact, and in the other system to one call, that it refuses. */
const REFUSALS: [string, () => Response][] = [
  ['another location', () => jsonAnswer(403, { message: 'The token does not have access to this location.' })],
  ['401', () => jsonAnswer(401, { message: 'Invalid JWT' })],
  ['302', () => new Response(null, { status: 302, headers: { location: '/login' } })],
  ['405', () => jsonAnswer(405, { detail: 'Method not allowed.' })],
  ['406', () => jsonAnswer(406, {})],
  ['410', () => new Response('<h1>Gone</h1>', { status: 410 })],
  ['an odd 404', () => jsonAnswer(404, { message: 'Resource not found. Please contact support.' })],
];
const forbidden = () => jsonAnswer(403, { message: 'Forbidden' });

const circuits = ({ sqlite }: BackstopStage) =>
  sqlite.rows('SELECT vendor, open_kind AS kind FROM circuits WHERE open_reason IS NOT NULL');
const stateOf = ({ sqlite }: BackstopStage, id: string) => {
  const [row] = sqlite.rows('SELECT state, reason, attempts FROM contacts WHERE contact_id = ?1', id);
  return row && [row.state, row.reason, row.attempts];
};
const letters = ({ sqlite }: BackstopStage) =>
  sqlite.rows(`SELECT contact_id AS id, reason FROM dead_letters WHERE status = 'waiting' ORDER BY contact_id`);

/** Two leads whose hints are in one batch with the first one's, which GoHighLevel answers like this. */
async function among(answer: () => Response, others = 2) {
  const stage = backstopStage();
  const ids = await stage.leads(others + 1);
  const [odd = ''] = ids;
  stage.hooks.contact = async (id) => (id === odd ? answer() : undefined);
  for (const id of ids) stage.hint(id);
  return { stage, odd, ids };
}

describe('one contact that GoHighLevel refuses', () => {
  test.each(REFUSALS)(
    '%s: it is a dead letter at once, and the others are placed in the same batch',
    async (_, answer) => {
      const { stage, odd } = await among(answer);
      await stage.step();
      expect(stage.dialed()).toEqual([phoneOf(1), phoneOf(2)]);
      expect(stateOf(stage, odd)).toEqual(['failed', 'refused', 0]);
      expect([letters(stage), circuits(stage)]).toEqual([[{ id: odd, reason: 'refused' }], []]);
      expect(stage.queues.events).toEqual([]);
    },
  );

  test.each(REFUSALS)('%s: so it is where nobody else is in its batch', async (_, answer) => {
    const { stage, odd, ids } = await among(answer, 1);
    stage.queues.events = stage.queues.events.filter(
      ({ body }) => body.kind === 'contact.changed' && body.contactId === odd,
    );
    await stage.step();
    expect(stateOf(stage, odd)).toEqual(['failed', 'refused', 0]);
    stage.hint(ids[1] ?? '');
    await stage.step();
    expect([stage.dialed(), circuits(stage)]).toEqual([[phoneOf(1)], []]);
  });

  test('several of them are a dead letter each, while the list is shown', async () => {
    const stage = backstopStage();
    const ids = await stage.leads(5);
    stage.hooks.contact = async () => forbidden();
    for (const id of ids) stage.hint(id);
    await stage.step();
    expect(ids.map((id) => stateOf(stage, id))).toEqual(ids.map(() => ['failed', 'refused', 0]));
    expect(circuits(stage)).toEqual([]);
  });

  test('whether it is the set-up is asked while the others are placed: nobody waits for that answer', async () => {
    const { stage, odd } = await among(forbidden);
    const order: string[] = [];
    const { promise: written, resolve: write } = Promise.withResolvers<void>();
    stage.hooks.search = async () => {
      order.push('asked');
      await written;
      return undefined;
    };
    intercept(stage.callTools, (request) => {
      if (!isPost(request)) return;
      order.push('written');
      stage.clock.standsStill = false;
      write();
    });
    stage.clock.standsStill = true;
    await stage.step();
    expect(order).toEqual(['asked', 'written', 'written']);
    expect([stage.dialed(), stateOf(stage, odd)]).toEqual([
      [phoneOf(1), phoneOf(2)],
      ['failed', 'refused', 0],
    ]);
  });

  test('nothing is asked where a later read has shown that others are served', async () => {
    // Five are read at once, so the last ones are read after the refusal.
    const { stage, odd } = await among(forbidden, 8);
    let asked = 0;
    stage.hooks.search = async () => void asked++;
    await stage.step();
    expect([asked, stateOf(stage, odd)]).toEqual([0, ['failed', 'refused', 0]]);
  });

  test('an answer that says nothing is not asked for twice: it waits', async () => {
    const { stage, odd } = await among(forbidden);
    let asked = 0;
    stage.hooks.search = async () => {
      asked++;
      return jsonAnswer(503, {});
    };
    await stage.step();
    expect([asked, stage.dialed(), letters(stage)]).toEqual([1, [phoneOf(1), phoneOf(2)], []]);
    stage.hooks.search = async () => undefined;
    await stage.work();
    expect([stateOf(stage, odd), circuits(stage)]).toEqual([['failed', 'refused', 0], []]);
  });

  test('it is blamed where the oldest contacts of the list cannot be read either', async () => {
    const { stage, ids } = await among(
      () => jsonAnswer(404, { message: 'Resource not found. Please contact support.' }),
      4,
    );
    const [first = '', second = '', third = ''] = ids;
    const odd = new Set([second, third]);
    stage.hooks.contact = async (id) => {
      if (id === first) return jsonAnswer(400, { statusCode: 400, message: `Contact with id ${id} not found` });
      return odd.has(id) ? jsonAnswer(404, { message: 'Resource not found. Please contact support.' }) : undefined;
    };
    // The others come later, so that nothing but the check shows that contacts are served.
    stage.queues.events = stage.queues.events.filter(
      ({ body }) => body.kind === 'contact.changed' && odd.has(body.contactId),
    );
    await stage.step();
    expect([stateOf(stage, second), stateOf(stage, third)]).toEqual([
      ['failed', 'refused', 0],
      ['failed', 'refused', 0],
    ]);
    expect(circuits(stage)).toEqual([]);
  });

  test('it is blamed where a row of the list has no id', async () => {
    const { stage, odd } = await among(() => new Response('<h1>Gone</h1>', { status: 410 }), 3);
    stage.hooks.search = async (request) => {
      if (((await request.clone().json()) as { filters?: unknown }).filters) return undefined;
      const { contacts, ...rest } = (await (await stage.ghl.handle(request)).json()) as { contacts: object[] };
      return jsonAnswer(200, { ...rest, contacts: [{ email: null }, null, ...contacts] });
    };
    await stage.step();
    expect(stateOf(stage, odd)).toEqual(['failed', 'refused', 0]);
  });

  test('a run goes on and ends', async () => {
    const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '2' } });
    const [odd = ''] = await stage.leads(5);
    stage.hooks.contact = async (id) => (id === odd ? forbidden() : undefined);
    expect(await stage.night()).toMatchObject({ state: 'complete' });
    expect(stage.dialed()).toEqual([1, 2, 3, 4].map(phoneOf));
    expect(circuits(stage)).toEqual([]);
  });

  test('it can be forgotten, and stays forgotten', async () => {
    const { stage, odd } = await among(forbidden);
    await stage.work();
    const before = stage.sqlite.rows('SELECT count(*) AS n FROM contacts')[0]?.n;
    await stage.ask('POST', `/contacts/${odd}/forget`);
    await stage.work();
    expect(stateOf(stage, odd)).toBeUndefined();
    expect([letters(stage), Number(before)]).toEqual([[], 3]);
  });

  test('once it is served again a replay places it', async () => {
    const { stage, odd } = await among(forbidden);
    await stage.work();
    stage.hooks.contact = async () => undefined;
    stage.hint(odd, { source: 'replay', receivedAt: stage.clock.at });
    await stage.work();
    expect([stage.dialed(), letters(stage)]).toEqual([phones(3), []]);
  });
});

describe('once the vendor serves it again the next night settles it, and its letter', () => {
  test('a lead that was never placed is placed', async () => {
    const { stage } = await among(forbidden);
    await stage.work();
    await stage.night();
    expect([stage.dialed().length, letters(stage).length]).toEqual([2, 1]);
    stage.hooks.contact = async () => undefined;
    await stage.night();
    expect([stage.dialed(), letters(stage)]).toEqual([phones(3), []]);
  });

  test('a contact that asked not to be called, without a webhook, is taken out', async () => {
    const { stage, odd } = await among(() => jsonAnswer(503, {}));
    stage.hooks.contact = async () => undefined;
    await stage.work();
    stage.clock.advance(60_000);
    stage.hooks.contact = async (id) => (id === odd ? forbidden() : undefined);
    stage.hint(odd);
    await stage.work();
    expect([stage.dialed(), letters(stage)]).toEqual([phones(3), [{ id: odd, reason: 'refused' }]]);
    await stage.ghl.setDnd(odd, { dnd: true }, { silent: true });
    stage.hooks.contact = async () => undefined;
    await stage.night();
    expect([stage.dialed(), letters(stage)]).toEqual([[phoneOf(1), phoneOf(2)], []]);
  });
});

describe('a key that is refused for everybody', () => {
  function revoked() {
    const stage = backstopStage();
    let calls = 0;
    const refuse = async () => {
      calls++;
      return jsonAnswer(401, { message: 'Invalid token: access token is invalid' });
    };
    Object.assign(stage.hooks, { contact: refuse, search: refuse });
    return { stage, calls: () => calls };
  }

  test('opens the circuit as refused, uses up nobody’s attempts, and costs a handful of calls', async () => {
    const { stage, calls } = revoked();
    const ids = await stage.leads(25);
    for (const id of ids) stage.hint(id);
    await stage.step();
    expect(circuits(stage)).toEqual([{ vendor: 'gohighlevel', kind: 'refused' }]);
    expect(calls()).toBeLessThanOrEqual(8);
    expect([letters(stage), stage.queues.events.length]).toEqual([[], 25]);
    expect(stage.sqlite.rows('SELECT max(attempts) AS n FROM contacts')).toEqual([{ n: 0 }]);
    Object.assign(stage.hooks, { contact: async () => undefined, search: async () => undefined });
    await stage.work();
    expect([stage.dialed().length, letters(stage), circuits(stage)]).toEqual([25, [], []]);
  });

  test('one contact alone is not enough: it waits, and neither it nor the set-up is blamed', async () => {
    const { stage } = revoked();
    const [one = '', two = ''] = await stage.leads(2);
    for (let look = 0; look < 4; look++) {
      if (look === 0) stage.hint(one);
      await stage.step();
      expect([letters(stage), circuits(stage), stage.queues.events.length]).toEqual([[], [], 1]);
      stage.clock.advance(60_000);
    }
    stage.hint(two);
    await stage.step();
    expect([letters(stage), circuits(stage)]).toEqual([[], [{ vendor: 'gohighlevel', kind: 'refused' }]]);
  });

  test('it looks ever more rarely, at most every few minutes', async () => {
    const { stage, calls } = revoked();
    const [one = ''] = await stage.leads(1);
    stage.hint(one);
    for (let minutes = 0; minutes < 24 * 60; minutes++) {
      await stage.step();
      stage.clock.advance(60_000);
    }
    expect([letters(stage), circuits(stage)]).toEqual([[], []]);
    // Each look is a read and a call that concerns nobody.
    expect(calls()).toBeLessThan(2 * 320);
  });

  test('where others get through it was the contact', async () => {
    const { stage } = revoked();
    const [one = '', two = ''] = await stage.leads(2);
    stage.hint(one);
    await stage.step();
    stage.hooks.contact = async (id) => (id === one ? forbidden() : undefined);
    stage.hint(two);
    await stage.step();
    expect([stage.dialed(), letters(stage)]).toEqual([[phoneOf(1)], []]);
    stage.clock.advance(60_000);
    await stage.step();
    expect([letters(stage), circuits(stage)]).toEqual([[{ id: one, reason: 'refused' }], []]);
  });

  test('a page of the list that is refused is never a contact, and holds nobody up', async () => {
    const { stage } = revoked();
    stage.hooks.contact = async () => undefined;
    const [one = ''] = await stage.leads(1);
    await stage.nightly();
    await stage.step();
    stage.hint(one);
    await stage.step();
    expect([stage.dialed(), circuits(stage), letters(stage)]).toEqual([[phoneOf(0)], [], []]);
    for (let looks = 0; looks < 60; looks++) {
      stage.clock.advance(300_000);
      await stage.step();
    }
    expect(await stage.run()).toMatchObject({ state: 'incomplete', error: expect.stringContaining('401') });
  });
});
