// A contact that was taken out after a call stays out, whatever happens in GoHighLevel or here, until there is a reason to dial again.

import { beforeEach, describe, expect, test } from 'vitest';
import { phoneOf } from '../../support/consumer-harness.ts';
import { jsonAnswer } from '../../support/vendor-harness.ts';
import { IN, OUT, RULES, SILENT, type TakenOutStage, takenOutStage } from './taken-out-harness.ts';

let stage: TakenOutStage;
beforeEach(async () => {
  stage = await takenOutStage();
});

describe('the hold survives', () => {
  beforeEach(async () => {
    stage.saidNo();
    await stage.nextNight();
    expect(stage.reasons()).toEqual([OUT]);
  });

  test('webhooks, changes, runs and replays', async () => {
    for (let n = 0; n < 3; n++) {
      await stage.rename();
      await stage.webhook();
      await stage.nextNight();
      stage.hint(stage.id, { source: 'replay', eventType: 'replay' });
      await stage.work();
      expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
    }
  });

  test('a batch that dies', async () => {
    await stage.rename();
    stage.clock.advance(60_000);
    stage.hint(stage.id);
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
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });

  test('a new number, one that CallTools has under another contact, and the way back', async () => {
    stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(6) });
    for (const number of [5, 6, 0]) {
      await stage.ghl.editContact(stage.id, { phone: phoneOf(number) }, SILENT);
      await stage.webhook();
      expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
    }
  });

  test('the number taken away and given again', async () => {
    await stage.ghl.editContact(stage.id, { phone: '' }, SILENT);
    await stage.webhook();
    await stage.ghl.editContact(stage.id, { phone: phoneOf(3) }, SILENT);
    await stage.webhook();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });

  test('do-not-disturb switched on and off', async () => {
    await stage.ghl.setDnd(stage.id, { dnd: true }, SILENT);
    await stage.webhook();
    expect(stage.reasons()).toEqual([{ state: 'kept_out', reason: 'dnd' }]);
    await stage.ghl.setDnd(stage.id, { dnd: false }, SILENT);
    await stage.webhook();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });

  test('another contact with the number and the same route, also when it remains alone', async () => {
    const twin = await stage.ghl.addContact({ phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
    await stage.webhook(twin.id);
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT, OUT]]);
    await stage.ghl.deleteContact(stage.id, SILENT);
    await stage.webhook();
    await stage.webhook(twin.id);
    expect(stage.dialed()).toEqual([]);
  });

  test('the other contact with the number becoming a customer, while this one keeps its route', async () => {
    const twin = await stage.ghl.addContact({ phone: phoneOf(0), tags: ['cold lead'] }, SILENT);
    await stage.webhook(twin.id);
    for (const tags of [['customer'], []]) {
      await stage.ghl.editContact(twin.id, { tags }, SILENT);
      await stage.webhook(twin.id);
      await stage.webhook();
    }
    expect([stage.dialed(), stage.reasons()[0]]).toEqual([[], OUT]);
  });

  test('a route that gets another name in SYNC_RULES', async () => {
    const routes = RULES.routes.map((route) => (route.name === 'cold' ? { ...route, name: 'cold leads' } : route));
    stage.reconfigure({ SYNC_RULES: JSON.stringify({ routes }) });
    await stage.webhook();
    await stage.nextNight();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });
});

describe('the hold ends', () => {
  beforeEach(async () => {
    stage.saidNo();
    await stage.nextNight();
    expect(stage.reasons()).toEqual([OUT]);
  });

  test('with another route', async () => {
    await stage.ghl.editContact(stage.id, { tags: ['hot lead'] }, SILENT);
    await stage.webhook();
    expect([stage.callTools.holds('Hot Leads'), stage.reasons()]).toEqual([[phoneOf(0)], [IN]]);
  });

  test('once the route has gone away and come back', async () => {
    await stage.ghl.editContact(stage.id, { tags: [] }, SILENT);
    await stage.webhook();
    expect(stage.dialed()).toEqual([]);
    await stage.ghl.editContact(stage.id, { tags: ['cold lead'] }, SILENT);
    await stage.webhook();
    expect([stage.dialed(), stage.reasons()]).toEqual([[phoneOf(0)], [IN]]);
  });

  test('with another route that has come and gone while a customer with the number kept it out', async () => {
    const twin = await stage.ghl.addContact({ phone: phoneOf(0), tags: ['customer'] }, SILENT);
    await stage.webhook(twin.id);
    for (const tag of ['hot lead', 'cold lead']) {
      await stage.ghl.editContact(stage.id, { tags: [tag] }, SILENT);
      await stage.webhook();
    }
    expect(stage.dialed()).toEqual([]);
    await stage.ghl.editContact(twin.id, { tags: [] }, SILENT);
    await stage.webhook(twin.id);
    expect([stage.dialed(), stage.reasons()[0]]).toEqual([[phoneOf(0)], IN]);
  });

  test('when an operator says so: placed again, once, and as often as it is said', async () => {
    for (let n = 0; n < 2; n++)
      expect(await stage.placeAgain()).toMatchObject({ contact_id: stage.id, status: 'queued' });
    await stage.work();
    expect([stage.dialed(), stage.reasons()]).toEqual([[phoneOf(0)], [IN]]);
    expect(await stage.placeAgain()).toMatchObject({ status: 'placed' });
    expect(stage.queues.events).toEqual([]);
    await stage.nextNight();
    expect([stage.dialed(), stage.reasons()]).toEqual([[phoneOf(0)], [IN]]);
  });

  test('when an operator says so, also under a number that came later', async () => {
    await stage.ghl.editContact(stage.id, { phone: phoneOf(5) }, SILENT);
    await stage.webhook();
    await stage.placeAgain();
    await stage.work();
    expect([stage.dialed(), stage.reasons()]).toEqual([[phoneOf(5)], [IN]]);
  });

  test('for one call: the next that is followed by a take-out holds again', async () => {
    await stage.placeAgain();
    await stage.work();
    stage.saidNo();
    await stage.nextNight();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });
});

test('a call concerns all numbers of a CallTools contact: each stays out, and place again for one of them counts for all', async () => {
  const [other = ''] = await stage.leads(1, 1);
  stage.callTools.editContactByHand(stage.callToolsId(), { home_phone_number: phoneOf(1) });
  await stage.webhook(other);
  expect(stage.callTools.contacts()).toHaveLength(1);
  stage.saidNo();
  await stage.nextNight();
  expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT, OUT]]);
  await stage.ghl.editContact(other, { firstName: 'Renamed' }, SILENT);
  await stage.webhook(other);
  expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT, OUT]]);
  expect(await stage.ask('POST', `/contacts/${other}/place`)).toMatchObject({ status: 'queued' });
  await stage.work();
  expect(stage.dialed()).toEqual([phoneOf(0), phoneOf(1)]);
});

test('GET /contacts/:id says why, since when, and what to do', async () => {
  stage.saidNo();
  await stage.nextNight();
  expect(await stage.ask('GET', `/contacts/${stage.id}`)).toMatchObject({
    ...OUT,
    what_to_do: expect.stringContaining('npm run place'),
    dialer: [{ in_a_bucket: false, hold: { reason: OUT.reason, route: 'cold', since: expect.any(String) } }],
  });
});

describe('a rule in doubt ends no hold', () => {
  const byState = [
    { name: 'florida', tags: ['cold lead'], state: ['FL'], bucket: 'Florida' },
    { name: 'elsewhere', tags: ['cold lead'], not: { state: ['TX'] }, bucket: 'Cold Leads' },
  ];
  const outOfState = { name: 'texas', state: ['TX'], bucket: null };

  test.each([
    ['which may place', byState],
    ['which may keep out', [outOfState, ...byState.slice(1)]],
  ])('%s: the state is misspelt, and corrected', async (_, routes) => {
    stage = await takenOutStage({ SYNC_RULES: JSON.stringify({ routes }) });
    await stage.ghl.editContact(stage.id, { state: 'OH' }, SILENT);
    await stage.webhook();
    stage.saidNo();
    await stage.nextNight();
    expect(stage.reasons()).toEqual([OUT]);
    await stage.ghl.editContact(stage.id, { state: 'Oho' }, SILENT);
    await stage.webhook();
    expect(stage.dialed()).toEqual([]);
    await stage.ghl.editContact(stage.id, { state: 'OH' }, SILENT);
    await stage.webhook();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });

  test.each([
    ['a tag that keeps out among them', { tags: [{ name: 'cold lead' }, { name: 'customer' }] }],
    ['beside do-not-disturb', { tags: [{ name: 'cold lead' }], dnd: true }],
  ])('tags that cannot be read, %s', async (_, odd) => {
    stage = await takenOutStage();
    stage.saidNo();
    await stage.nextNight();
    expect(stage.reasons()).toEqual([OUT]);
    const { hooks, id, callToolsId, callTools } = stage;
    hooks.contact = async () => jsonAnswer(200, { contact: { id, phone: phoneOf(0), ...odd } });
    await stage.webhook();
    hooks.contact = async () => undefined;
    callTools.editContactByHand(callToolsId(), { do_not_contact: false });
    await stage.webhook();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });

  test('do-not-disturb while opportunities were not asked for', async () => {
    const booked = { name: 'booked', opportunity: { stages: ['Booked'] }, bucket: null };
    stage = await takenOutStage({ SYNC_RULES: JSON.stringify({ routes: [booked, ...RULES.routes] }) });
    stage.saidNo();
    await stage.nextNight();
    expect(stage.reasons()).toEqual([OUT]);
    for (const dnd of [true, false]) {
      await stage.ghl.setDnd(stage.id, { dnd }, SILENT);
      await stage.webhook();
    }
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });
});
