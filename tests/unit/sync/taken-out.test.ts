// A contact that a call, an agent or a manager took out of the dialer is not put back, however we come to look at it.

import { beforeEach, describe, expect, test } from 'vitest';
import { phoneOf } from '../../support/consumer-harness.ts';
import { COLD } from '../../support/vendor-harness.ts';
import { IN, OUT, RULES, SILENT, type TakenOutStage, takenOutStage } from './taken-out-harness.ts';

let stage: TakenOutStage;
beforeEach(async () => {
  stage = await takenOutStage();
});

describe('after a call the contact stays out', () => {
  test('when it is verified: nothing is written, and it is no drift', async () => {
    stage.saidNo();
    const writes = stage.writes();
    expect(await stage.nextNight()).toMatchObject({ verified: 1, repaired: { drifted: 0 } });
    expect([stage.dialed(), stage.reasons(), stage.writes()]).toEqual([[], [OUT], writes]);
    expect(await stage.nextNight()).toMatchObject({ verified: 1, repaired: { drifted: 0 } });
    expect([stage.dialed(), stage.writes()]).toEqual([[], writes]);
  });

  test('when its data change: the data are written, and it is not put back', async () => {
    stage.saidNo();
    await stage.rename();
    await stage.webhook();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });

  test('when the dialer notes the call in another way', async () => {
    const at = () => new Date(stage.clock.at).toISOString();
    for (const fields of [
      () => ({ disposition: { id: 3, name: 'No' } }),
      () => ({ last_call_inbound: at() }),
      () => ({ system_disposition: 'ANSWERED', last_call_outbound: 'a while ago' }),
    ]) {
      stage = await takenOutStage();
      stage.callTools.call(stage.callToolsId(), {
        fields: { last_call_outbound: null, last_call_outbound_human: null, calls_outbound: 0, ...fields() },
      });
      stage.callTools.takeOutByHand(stage.callToolsId());
      await stage.nextNight();
      expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
    }
  });

  test('when a manager has moved it into another bucket of ours: it leaves that one', async () => {
    stage.saidNo();
    stage.callTools.putInBucketByHand(stage.callToolsId(), 'Hot Leads');
    await stage.nextNight();
    expect([stage.callTools.holds('Hot Leads'), stage.dialed(), stage.reasons()]).toEqual([[], [], [OUT]]);
    expect(stage.callTools.contacts()).toMatchObject([{ doNotContact: false }]);
  });

  test('when only its tag was taken away, by which a live filter dials', async () => {
    const routes = RULES.routes.map((route) => (route.bucket === COLD ? { ...route, calltoolsTag: 'dial' } : route));
    stage.reconfigure({ SYNC_RULES: JSON.stringify({ routes }) });
    await stage.webhook();
    stage.callTools.call(stage.callToolsId(), { disposition: 'No' });
    const { tags } = stage.callTools.snapshot() as { tags: { id: number }[] };
    expect(stage.callTools.contacts()[0]?.tags).toEqual(['dial']);
    await stage.callTools.handle(
      new Request(`https://x/api/contacts/${stage.callToolsId()}/`, {
        method: 'PATCH',
        body: JSON.stringify({ remove_tags: tags.map((tag) => tag.id) }),
        headers: { authorization: 'Token calltools-key', 'content-type': 'application/json' },
      }),
    );
    await stage.nextNight();
    expect(stage.callTools.contacts()[0]).toMatchObject({ buckets: [], tags: [] });
    expect(stage.reasons()).toEqual([OUT]);
  });

  test('when the number is on another contact too, which somebody has put into the bucket', async () => {
    stage.saidNo();
    stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(0), buckets: [COLD] });
    await stage.nextNight();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });

  test('when its answer was lost while it was put in: what is in doubt is looked at first', async () => {
    stage.callTools.faults.plan({ match: { method: 'PATCH' }, times: 1, do: { kind: 'after-reset' } });
    await stage.rename();
    stage.clock.advance(120_000);
    stage.hint(stage.id);
    await stage.step();
    stage.saidNo();
    await stage.work();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
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
    expect(stage.reasons()).toEqual([IN, OUT]);
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
    expect([stage.dialed(), stage.reasons()]).toEqual([[phoneOf(0)], [IN, OUT]]);
  });

  test('when its bucket was deleted and made again', async () => {
    stage.callTools.call(stage.callToolsId(), { disposition: 'No' });
    stage.callTools.deleteBucket(COLD);
    stage.callTools.addLabelByHand('buckets', COLD);
    await stage.nextNight();
    expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
  });

  test('when it is called again, or put back by hand: only we are told to place it', async () => {
    stage.saidNo();
    await stage.nextNight();
    stage.callTools.putInBucketByHand(stage.callToolsId(), COLD);
    stage.callTools.call(stage.callToolsId(), { disposition: 'Callback' });
    expect(await stage.nextNight()).toMatchObject({ repaired: { drifted: 1 } });
    expect(stage.dialed()).toEqual([]);
  });
});

test('an undetected take-out counts also on the way to another number, which CallTools has under another contact', async () => {
  stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(6) });
  stage.saidNo();
  await stage.ghl.editContact(stage.id, { phone: phoneOf(6) }, SILENT);
  await stage.webhook();
  expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
});

test('an undetected take-out on the way to a number that is dialed already takes that one out, too', async () => {
  stage.saidNo();
  stage.callTools.addContactByHand({ mobile_phone_number: phoneOf(5), buckets: [COLD] });
  await stage.ghl.editContact(stage.id, { phone: phoneOf(5) }, SILENT);
  await stage.webhook();
  expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
});

test('an undetected take-out counts also on the way to a new number', async () => {
  stage.saidNo();
  await stage.ghl.editContact(stage.id, { phone: phoneOf(6) }, SILENT);
  await stage.webhook();
  expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
});

test('an undetected take-out ends with another route', async () => {
  stage.saidNo();
  await stage.ghl.editContact(stage.id, { tags: ['hot lead'] }, SILENT);
  await stage.webhook();
  expect([stage.callTools.holds('Hot Leads'), stage.reasons()]).toEqual([[phoneOf(0)], [IN]]);
});
