// A deletion is believed in the forms known for one contact; anything else is checked a second way first.

import { describe, expect, test } from 'vitest';
import { SUSPECTS } from '../../../workers/consumer/vendors/circuit-breaker.ts';
import { type BackstopStage, backstopStage, phoneOf, phones } from '../../support/consumer-harness.ts';
import { jsonAnswer, LOCATION } from '../../support/vendor-harness.ts';

const ODD: [string, () => Response][] = [
  ['the vendor’s general page', () => jsonAnswer(404, { message: 'Resource not found. Please contact support.' })],
  ['a bare 404', () => jsonAnswer(404, { message: 'Not Found' })],
  ['an HTML page', () => new Response('<h1>404</h1>', { status: 404 })],
  ['a 410', () => jsonAnswer(410, { message: 'Contact not found' })],
  ['a 400', () => jsonAnswer(400, { message: 'Bad Request' })],
  ['another contact', () => jsonAnswer(200, { contact: { id: 'somebody', tags: [] } })],
];
const notFound = () => jsonAnswer(404, { message: 'Contact not found' });

const circuits = ({ sqlite }: BackstopStage) =>
  sqlite.rows('SELECT vendor, open_kind AS kind FROM circuits WHERE open_reason IS NOT NULL');
const letters = ({ sqlite }: BackstopStage) => sqlite.rows('SELECT contact_id AS id, reason FROM dead_letters');
const searches = ({ ghl }: BackstopStage) => ghl.calls.count({ path: '/contacts/search' });

/** So many leads in the dialer, and a minute later. */
async function placed(count: number) {
  const stage = backstopStage();
  const ids = await stage.leads(count);
  for (const id of ids) stage.hint(id);
  await stage.work();
  stage.clock.advance(60_000);
  return { stage, ids };
}

describe('an odd "not found"', () => {
  test.each(ODD)('for everybody takes nobody out, and is an outage: %s', async (_, answer) => {
    const { stage, ids } = await placed(5);
    stage.hooks.contact = async () => answer();
    for (const id of ids) stage.hint(id);
    await stage.step();
    expect([stage.dialed(), letters(stage)]).toEqual([phones(5), []]);
    expect(circuits(stage)).toEqual([{ vendor: 'gohighlevel', kind: 'down' }]);
    stage.hooks.contact = async () => undefined;
    await stage.work();
    expect([stage.dialed(), letters(stage), circuits(stage)]).toEqual([phones(5), [], []]);
  });

  test.each(ODD)('so it is for one contact after the other: %s', async (_, answer) => {
    const { stage, ids } = await placed(5);
    stage.hooks.contact = async () => answer();
    for (const id of ids) {
      stage.hint(id);
      await stage.step();
    }
    expect([stage.dialed(), letters(stage)]).toEqual([phones(5), []]);
    expect(circuits(stage)).toEqual([{ vendor: 'gohighlevel', kind: 'down' }]);
  });

  test.each(ODD)('of a contact that the search does not show either is a deletion: %s', async (_, answer) => {
    const { stage, ids } = await placed(2);
    const [gone = ''] = ids;
    await stage.ghl.deleteContact(gone, { silent: true });
    stage.hooks.contact = async (id) => (id === gone ? answer() : undefined);
    stage.clock.advance(120_000);
    stage.hint(gone, { receivedAt: stage.clock.at - 60_000 });
    await stage.step();
    expect([stage.dialed(), letters(stage)]).toEqual([[phoneOf(1)], []]);
    expect(stage.sqlite.rows(`SELECT contact_id AS id FROM contacts WHERE reason = 'deleted'`)).toEqual([{ id: gone }]);
  });

  test.each(ODD)('of a contact that is so new that the search does not show it is none: %s', async (_, answer) => {
    const stage = backstopStage({ ghl: { searchLagMs: 5000 } });
    const [id = ''] = await stage.leads(1);
    stage.hooks.contact = async () => answer();
    stage.hint(id, { eventType: 'ContactCreate' });
    await stage.step();
    expect(stage.sqlite.rows('SELECT reason FROM contacts')).toEqual([{ reason: 'received' }]);
    stage.hooks.contact = async () => undefined;
    await stage.work();
    expect([stage.dialed(), letters(stage)]).toEqual([phones(1), []]);
  });

  test.each([
    ['fails', () => jsonAnswer(503, {})],
    ['ignores the filter', () => jsonAnswer(200, { contacts: [{ id: 'somebody' }], total: 9 })],
    ['answers nonsense', () => jsonAnswer(200, { message: 'busy' })],
    ['is refused', () => jsonAnswer(403, {})],
  ])('is no deletion where the search %s', async (_, answer) => {
    const { stage, ids } = await placed(1);
    Object.assign(stage.hooks, { contact: ODD[0]?.[1] && (async () => ODD[0]?.[1]()), search: async () => answer() });
    stage.hint(ids[0] ?? '');
    await stage.step();
    expect([stage.dialed(), letters(stage), stage.queues.events.length]).toEqual([phones(1), [], 1]);
  });
});

describe('the known form', () => {
  test('of one contact is believed at once, without another call', async () => {
    const { stage, ids } = await placed(2);
    await stage.ghl.deleteContact(ids[0] ?? '', { silent: true });
    for (const id of ids) stage.hint(id);
    await stage.step();
    expect([stage.dialed(), searches(stage)]).toEqual([[phoneOf(1)], 0]);
  });

  test('of several in a row is checked: a vendor that has lost everybody empties no bucket', async () => {
    const { stage, ids } = await placed(6);
    stage.hooks.contact = async () => notFound();
    for (const id of ids) stage.hint(id);
    await stage.step();
    expect([stage.dialed(), letters(stage)]).toEqual([phones(6), []]);
    expect(circuits(stage)).toEqual([{ vendor: 'gohighlevel', kind: 'down' }]);
    stage.hooks.contact = async () => undefined;
    await stage.work();
    expect([stage.dialed(), circuits(stage)]).toEqual([phones(6), []]);
  });

  // A webhook, also one of the last two minutes, is contradicted by the answer, and has the contact read again in any case.
  test.each([{}, { source: 'replay', eventType: 'Replay' } as const])(
    'in a row also means one batch after the other, and a contact that was believed deleted before is read again: %j',
    async (asked) => {
      const { stage, ids } = await placed(6);
      stage.clock.advance(180_000);
      stage.hooks.contact = async () => notFound();
      for (const id of ids) {
        stage.hint(id, asked);
        await stage.step();
      }
      expect(stage.dialed()).toHaveLength(6 - (SUSPECTS - 1));
      stage.hooks.contact = async () => undefined;
      await stage.work();
      expect([stage.dialed(), letters(stage), circuits(stage)]).toEqual([phones(6), [], []]);
    },
  );

  test('is checked where it is the first answer after an outage: the outage may not be over', async () => {
    const { stage, ids } = await placed(2);
    stage.sqlite.rows(
      `INSERT INTO circuits (location_id, vendor, open_reason, opened_at, probe_at, updated_at) VALUES (?1, 'gohighlevel', 'down', 0, 0, 0)`,
      LOCATION,
    );
    stage.hooks.contact = async () => notFound();
    stage.hint(ids[0] ?? '');
    await stage.step();
    expect([searches(stage), stage.dialed(), letters(stage)]).toEqual([1, phones(2), []]);
  });

  test('several that are gone indeed are taken out', async () => {
    const { stage, ids } = await placed(6);
    for (const id of ids) {
      await stage.ghl.deleteContact(id, { silent: true });
      stage.hint(id);
    }
    await stage.step();
    expect([stage.dialed(), letters(stage), circuits(stage)]).toEqual([[], [], []]);
    expect(searches(stage)).toBe(6);
  });

  test('where GoHighLevel has told us of the deletion nothing is checked', async () => {
    const { stage, ids } = await placed(6);
    for (const id of ids) {
      await stage.ghl.deleteContact(id, { silent: true });
      stage.hint(id, { eventType: 'ContactDelete' });
    }
    await stage.step();
    expect([stage.dialed(), searches(stage)]).toEqual([[], 0]);
  });

  test('with one that is found in between they are believed', async () => {
    const { stage, ids } = await placed(6);
    for (const id of ids.slice(1)) await stage.ghl.deleteContact(id, { silent: true });
    for (const id of ids) stage.hint(id);
    await stage.step();
    expect([stage.dialed(), searches(stage)]).toEqual([[phoneOf(0)], 0]);
  });
});

describe('reads that lag', () => {
  /** As many contacts as open the circuit, made just now; GET shows them only later. */
  async function fresh(settings: { readLagMs: number; searchLagMs: number }) {
    const stage = backstopStage({ ghl: settings });
    const ids = await stage.leads(SUSPECTS);
    for (const id of ids) stage.hint(id, { eventType: 'ContactCreate' });
    return { stage, ids };
  }
  const attempts = ({ sqlite }: BackstopStage) =>
    sqlite.rows('SELECT attempts FROM contacts').map((row) => row.attempts);

  test('about new contacts that the search shows are no outage: each is tried again', async () => {
    const { stage } = await fresh({ readLagMs: 10_000, searchLagMs: 0 });
    await stage.step();
    expect([attempts(stage), circuits(stage)]).toEqual([[1, 1, 1], []]);
    await stage.work();
    expect([stage.dialed(), letters(stage), circuits(stage)]).toEqual([phones(SUSPECTS), [], []]);
  });

  test.each(ODD)('are no outage where the search does not show the new contacts either: %s', async (_, answer) => {
    const { stage } = await fresh({ readLagMs: 0, searchLagMs: 5000 });
    stage.hooks.contact = async () => answer();
    await stage.step();
    expect([attempts(stage), circuits(stage)]).toEqual([[1, 1, 1], []]);
    stage.hooks.contact = async () => undefined;
    await stage.work();
    expect([stage.dialed(), letters(stage)]).toEqual([phones(SUSPECTS), []]);
  });

  test('about contacts that are back after a deletion are no outage', async () => {
    const { stage, ids } = await placed(SUSPECTS);
    for (const id of ids) {
      await stage.ghl.deleteContact(id, { silent: true });
      stage.hint(id, { eventType: 'ContactDelete' });
    }
    await stage.work();
    stage.clock.advance(3_600_000);
    stage.hooks.contact = async () => notFound();
    for (const [n, id] of ids.entries()) {
      await stage.ghl.addContact({ id, phone: phoneOf(n), tags: ['cold lead'] }, { silent: true });
      stage.hint(id, { occurredAt: stage.clock.at });
    }
    stage.clock.advance(5000);
    await stage.step();
    expect([attempts(stage), circuits(stage)]).toEqual([[1, 1, 1], []]);
    stage.hooks.contact = async () => undefined;
    await stage.work();
    expect([stage.dialed(), letters(stage)]).toEqual([phones(SUSPECTS), []]);
  });

  test('for longer than a minute are an outage, and new contacts wait for its end', async () => {
    const { stage } = await fresh({ readLagMs: 3_600_000, searchLagMs: 0 });
    for (let minute = 0; minute < 30; minute++) {
      stage.clock.advance(60_000);
      await stage.step();
    }
    expect([letters(stage), circuits(stage)]).toEqual([[], [{ vendor: 'gohighlevel', kind: 'down' }]]);
    await stage.work();
    expect([stage.dialed(), letters(stage), circuits(stage)]).toEqual([phones(SUSPECTS), [], []]);
  });
});

describe('CallTools', () => {
  const everyContact = { path: /^\/api\/contacts\/\d+\/$/ };
  const odd = { kind: 'status', status: 404, html: true, body: 'Not Found' } as const;

  test('an odd 404 on every contact makes nobody anew and counts no withdrawal as done', async () => {
    const { stage, ids } = await placed(4);
    stage.callTools.faults.plan({ match: everyContact, do: odd });
    const [out = '', ...others] = ids;
    await stage.ghl.deleteContact(out, { silent: true });
    for (const id of others) await stage.ghl.editContact(id, { firstName: 'Dana' }, { silent: true });
    for (const id of ids) stage.hint(id);
    await stage.step();
    expect([stage.dialed(), stage.callTools.contacts().length, letters(stage)]).toEqual([phones(4), 4, []]);
    expect(circuits(stage)).toEqual([{ vendor: 'calltools', kind: 'down' }]);
    stage.callTools.faults.clear();
    await stage.work();
    expect([stage.dialed(), letters(stage), circuits(stage)]).toEqual([[1, 2, 3].map(phoneOf), [], []]);
  });

  test('nor does the known form, where a bucket still holds a contact whose number is no longer known', async () => {
    const { stage, ids } = await placed(1);
    // Nor is it found among the members of its bucket.
    stage.callTools.settings.bucketFilter = 'ignored';
    for (let n = 0; n < 3; n++) stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(100 + n) });
    const known = { kind: 'status', status: 404, body: { detail: 'Not found.' } } as const;
    stage.callTools.faults.plan({ match: everyContact, do: known });
    await stage.ghl.deleteContact(ids[0] ?? '', { silent: true });
    stage.hint(ids[0] ?? '');
    await stage.step();
    expect([stage.sqlite.rows('SELECT held FROM dialer'), letters(stage)]).toEqual([[{ held: 1 }], []]);
    stage.callTools.faults.clear();
    await stage.work();
    expect([stage.dialed(), stage.sqlite.rows('SELECT held FROM dialer')]).toEqual([[], [{ held: 0 }]]);
  });

  test('a bucket that is said not to be there in odd words, and is in the list, is no stale bucket', async () => {
    const { stage } = await placed(1);
    const path = `/api/buckets/${stage.callTools.bucketNamed('Cold Leads')?.id}/`;
    stage.callTools.faults.plan({ match: { path, method: 'PATCH' }, do: odd });
    stage.callTools.settings.bucketPatch = 'ignored';
    const [late = ''] = await stage.leads(1, 1);
    stage.hint(late);
    await stage.step();
    expect(letters(stage)).toEqual([]);
    stage.callTools.faults.clear();
    await stage.work();
    expect([stage.dialed(), letters(stage)]).toEqual([phones(2), []]);
  });
});
