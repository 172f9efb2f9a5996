// A call said no: nobody has to be read for that, nothing that GoHighLevel does delays it, and no order of events undoes it.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Hold } from '../../../workers/consumer/domain/decide.ts';
import type { ContactRow } from '../../../workers/consumer/store/claim.ts';
import { heldDecision } from '../../../workers/consumer/sync/held.ts';
import { contactRow, dialerRow, RULES } from '../../support/batch-harness.ts';
import { phoneOf } from '../../support/consumer-harness.ts';
import { jsonAnswer } from '../../support/vendor-harness.ts';
import { callsStage, IN, MINUTE, OUT, SILENT } from '../calls/calls-harness.ts';

describe('while GoHighLevel', () => {
  const refuse = async () => jsonAnswer(503, {});

  test('answers nothing, also for a contact that something else asks for too', async () => {
    const stage = await callsStage();
    stage.hooks.contact = refuse;
    stage.dispose('Not Interested');
    stage.clock.advance(2 * MINUTE);
    stage.hint(stage.id);
    await stage.minute();
    await stage.step();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
    stage.hooks.contact = async () => undefined;
    await stage.work();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });

  const circuit = (
    set: string,
  ) => `INSERT INTO circuits (location_id, vendor, open_reason, open_kind, opened_at, probe_at, throttled_until, updated_at)
    SELECT location_id, 'gohighlevel', ${set}, 1 FROM contacts LIMIT 1
    ON CONFLICT DO UPDATE SET open_reason = excluded.open_reason, open_kind = excluded.open_kind, opened_at = excluded.opened_at,
      probe_at = excluded.probe_at, throttled_until = excluded.throttled_until`;

  test.each([
    ['is down', `'down', 'down', 1, 9e15, 0`],
    ['has throttled us', `NULL, NULL, NULL, 0, 9e15`],
  ])('%s: the others wait, and who said no is taken out', async (_, set) => {
    const stage = await callsStage(undefined, 3);
    stage.dispose('Not Interested', {}, 0);
    stage.dispose('Not Interested', {}, 1);
    stage.sqlite.rows(circuit(set));
    stage.clock.advance(2 * MINUTE);
    for (const id of stage.ids.slice(1)) stage.hint(id);
    await stage.minute();
    const reads = stage.ghlReads();
    for (let n = 0; n < 4; n++) await stage.step();
    expect(stage.dialed()).toEqual([phoneOf(2)]);
    expect(stage.reasons()).toEqual([OUT, OUT, IN]);
    expect(stage.ghlReads()).toBe(reads);
    stage.sqlite.rows(circuit('NULL, NULL, NULL, 0, 0'));
    await stage.work();
    expect([stage.dialed(), stage.reasons()]).toEqual([[phoneOf(2)], [OUT, OUT, IN]]);
    expect(stage.ghlReads()).toBe(reads + 2);
  });
});

test('no read is needed only where a call said no, and what is remembered says where the contact would be', () => {
  const saidNo = { reason: 'said_no', route: 'cold', at: 1 } as const;
  const decided = (row: Partial<ContactRow>, hold: Hold | null = saidNo) =>
    heldDecision({ row: contactRow(row) }, new Map([['p', dialerRow({ hold })]]), RULES);
  expect(decided({})).toMatchObject({ intent: 'place', route: 'cold', priority: 1, person: null });
  // SYNC_RULES was changed since: the index is that of the name.
  expect(decided({ priority: 5 })).toMatchObject({ priority: 1 });
  expect(decided({ phoneHash: 'q' })).toMatchObject({ route: 'cold' });
  for (const row of [
    { route: 'gone' },
    { route: null },
    { route: 'customer' },
    { intent: 'none' as const },
    { intent: 'out' as const },
    { phoneHash: null },
    { phoneHash: 'q', contactId: 'two' },
  ])
    expect(decided(row)).toBeNull();
  expect(decided({}, { ...saidNo, reason: 'taken_out_in_calltools' })).toBeNull();
  expect(decided({}, null)).toBeNull();
});

test('a webhook that comes along with the call is read all the same', async () => {
  const stage = await callsStage();
  stage.dispose('Not Interested');
  await stage.ghl.editContact(stage.id, { tags: ['customer'] }, SILENT);
  stage.clock.advance(2 * MINUTE);
  stage.hint(stage.id);
  await stage.minute();
  await stage.step();
  expect([stage.dialed(), stage.reasons()]).toEqual([[], [{ state: 'kept_out', reason: 'route' }]]);
});

test('a contact that is taken out so is not read by the next run either', async () => {
  const stage = await callsStage();
  await stage.night();
  stage.dispose('Not Interested');
  await stage.nextMinute();
  const reads = stage.ghl.calls.count({ method: 'GET' });
  await stage.night();
  expect([stage.ghl.calls.count({ method: 'GET' }), stage.reasons()]).toEqual([reads, [OUT]]);
});

test('another person with the number, whose route is another one, does not undo it', async () => {
  const stage = await callsStage();
  stage.dispose('Not Interested');
  await stage.nextMinute();
  const twin = await stage.ghl.addContact({ phone: phoneOf(0), tags: ['hot lead'] }, SILENT);
  await stage.webhook(twin.id);
  expect([stage.dialed(), stage.callTools.holds('Hot Leads')]).toEqual([[], []]);
});

/** A change of route before the call, of which GoHighLevel tells at once. */
const BEFORE = ['retag'] as const;

/** Another person comes to the number, with another route: before the call it may be the one who is called. */
const AFTER = ['hot twin'] as const;

/** What may happen around a call that says no. None of it is a change of route after the call. */
const EVENTS = [
  'rename',
  'dnd on',
  'dnd off',
  'number',
  'webhook',
  'late webhook',
  'replay',
  'run',
  'poll',
  'twin',
  'delete twin',
  'GoHighLevel fails',
  'GoHighLevel works',
  'step',
] as const;

async function perform(
  event: string,
  stage: Awaited<ReturnType<typeof callsStage>>,
  state: { twin: string; number: number },
) {
  const { ghl, id, clock } = stage;
  switch (event) {
    case 'rename':
      return ghl.editContact(id, { firstName: `N${clock.at}` }, SILENT);
    case 'retag':
      clock.advance(1000);
      await ghl.editContact(id, { tags: ['hot lead'] }, SILENT);
      return stage.hint(id);
    case 'dnd on':
    case 'dnd off':
      return ghl.setDnd(id, { dnd: event === 'dnd on' }, SILENT);
    case 'number':
      state.number = state.number === 0 ? 5 : 0;
      return ghl.editContact(id, { phone: phoneOf(state.number) }, SILENT);
    case 'webhook':
      clock.advance(1000);
      return stage.hint(id);
    case 'late webhook':
      return stage.hint(id, { receivedAt: clock.at - 10 * MINUTE, occurredAt: clock.at - 10 * MINUTE });
    case 'replay':
      return stage.hint(id, { source: 'replay', eventType: 'replay' });
    case 'run':
      return stage.nightly();
    case 'poll':
      clock.advance(MINUTE);
      return stage.minute();
    case 'twin':
    case 'hot twin': {
      const tags = [event === 'twin' ? 'cold lead' : 'hot lead'];
      if (state.twin === '') state.twin = (await ghl.addContact({ phone: phoneOf(state.number), tags }, SILENT)).id;
      clock.advance(10_000);
      return stage.hint(state.twin, { eventType: 'ContactTagUpdate' });
    }
    case 'delete twin':
      if (state.twin !== '') await ghl.deleteContact(state.twin, SILENT);
      state.twin = '';
      return undefined;
    case 'GoHighLevel fails':
      stage.hooks.contact = async () => jsonAnswer(503, {});
      return undefined;
    case 'GoHighLevel works':
      stage.hooks.contact = async () => undefined;
      return undefined;
    default:
      return stage.step();
  }
}

test('no order of events undoes a hold', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...EVENTS, ...BEFORE), { maxLength: 6 }),
      fc.array(fc.constantFrom(...EVENTS, ...AFTER), { maxLength: 12 }),
      async (before, later) => {
        const stage = await callsStage();
        const state = { twin: '', number: 0 };
        for (const event of before) await perform(event, stage, state);
        const called = stage.callTools.contacts()[0]?.id ?? 0;
        stage.callTools.agentCalls(called, { disposition: 'Not Interested', force: true });
        const bucketsOf = () => stage.callTools.contacts().find(({ id }) => id === called)?.buckets ?? [];
        stage.clock.advance(MINUTE);
        await stage.minute();
        await stage.minute();
        for (const event of later) {
          await perform(event, stage, state);
          if (stage.queues.events.length === 0) expect(bucketsOf()).toEqual([]);
        }
        stage.hooks.contact = async () => undefined;
        await stage.nextMinute();
        stage.clock.advance(10 * MINUTE);
        await stage.webhook();
        await stage.night();
        // Another contact may be dialed under a number that this one does not have.
        const dialed = [...stage.dialed(), ...stage.callTools.holds('Hot Leads')];
        expect([bucketsOf(), dialed.filter((number) => number === phoneOf(state.number))]).toEqual([[], []]);
      },
    ),
    { numRuns: 200 },
  );
});
