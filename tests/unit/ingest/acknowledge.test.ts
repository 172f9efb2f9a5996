import { expect, test } from 'vitest';
import { answerOf, CONTACT, contactUpdate, createStage, LOCATION, NOW, settle, until } from './ingest-harness.ts';

const REJECT = () => Promise.reject(new Error('Queue send failed: 10250 overloaded'));
const HANG = () => new Promise<void>(() => {});

/** Watches a promise without waiting for it. */
function watch<T>(promise: Promise<T>) {
  const seen: { value?: T } = {};
  void promise.then((value) => {
    seen.value = value;
  });
  return seen;
}

test('a stored webhook is acknowledged only once the queue has confirmed it', async () => {
  const stage = createStage();
  let confirm = () => {};
  stage.events.behave = () => new Promise((resolve) => (confirm = resolve));
  const seen = watch(stage.post(contactUpdate()));
  await until(() => stage.events.sends === 1);
  await stage.clock.advance(149);
  expect(seen.value).toBeUndefined();
  confirm();
  await until(() => seen.value !== undefined);
  expect(seen.value?.status).toBe(202);
  expect(stage.log().map((line) => [line.event, line.budgetHit])).toEqual([['webhook.queued', false]]);
  expect(stage.clock.timers.size).toBe(0);
});

test('a slow queue does not delay the answer beyond the budget, and the send goes on', async () => {
  const stage = createStage();
  let confirm = () => {};
  stage.events.behave = () => new Promise((resolve) => (confirm = resolve));
  const seen = watch(stage.post(contactUpdate()));
  await until(() => stage.events.sends === 1);
  await stage.clock.advance(150);
  expect(seen.value?.status).toBe(202);
  expect(stage.events.messages).toEqual([]);
  expect(stage.log().map((line) => line.event)).toEqual(['webhook.late']);
  confirm();
  await stage.finished();
  expect(stage.events.messages).toHaveLength(1);
  expect(stage.log().map((line) => line.event)).toEqual(['webhook.late', 'webhook.queued']);
  expect(stage.log()[1]).toMatchObject({ budgetHit: true, contactId: CONTACT, locationId: LOCATION, stored: 'queue' });
});

test('ACK_BUDGET_MS sets the budget', async () => {
  const stage = createStage({ ACK_BUDGET_MS: '40' });
  stage.events.behave = HANG;
  const seen = watch(stage.post(contactUpdate()));
  await until(() => stage.events.sends === 1);
  await stage.clock.advance(39);
  expect(seen.value).toBeUndefined();
  await stage.clock.advance(1);
  expect(seen.value?.status).toBe(202);
});

test('a send that fails once is repeated', async () => {
  const stage = createStage();
  stage.events.behave = async () => {
    if (stage.events.sends === 1) await REJECT();
  };
  const response = await stage.post(contactUpdate());
  expect(response.status).toBe(202);
  expect(stage.events.messages).toHaveLength(1);
  expect(stage.outbox()).toEqual([]);
});

test('a queue that is down leaves the message in the outbox, ready to be drained', async () => {
  const stage = createStage();
  stage.events.behave = REJECT;
  const response = await stage.post(contactUpdate());
  expect(response.status).toBe(202);
  expect(await answerOf(response)).toMatchObject({ status: 'queued' });
  const [row] = stage.outbox();
  expect(row).toMatchObject({ queue: 'events', lease_until: 0, created_at: NOW });
  expect(JSON.parse(String(row?.message))).toMatchObject({ kind: 'contact.changed', contactId: CONTACT });
  expect(stage.log()[0]).toMatchObject({ event: 'webhook.outbox', stored: 'outbox', status: 202, contactId: CONTACT });
});

test('two copies of one webhook are two outbox rows, for each was acknowledged', async () => {
  const stage = createStage();
  stage.events.behave = REJECT;
  await stage.post(contactUpdate());
  await stage.post(contactUpdate());
  expect(stage.outbox()).toHaveLength(2);
});

test('a queue that throws at once is a failed send like any other', async () => {
  const stage = createStage({
    EVENTS: {
      send() {
        throw new Error('Network connection lost');
      },
    },
  });
  expect((await stage.post(contactUpdate())).status).toBe(202);
  expect(stage.outbox()).toHaveLength(1);
});

test('a webhook that nothing can store is sent back with 429, which GoHighLevel retries', async () => {
  const stage = createStage();
  stage.events.behave = REJECT;
  stage.breakDatabase();
  const response = await stage.post(contactUpdate());
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toBe('30');
  expect(stage.log()[0]).toMatchObject({
    event: 'webhook.throttled',
    status: 429,
    stored: 'nowhere',
    contactId: CONTACT,
  });
});

test('failures that outlast the budget still reach the outbox', async () => {
  const stage = createStage();
  let fail = () => {};
  stage.events.behave = () => new Promise((_resolve, reject) => (fail = () => reject(new Error('overloaded'))));
  const seen = watch(stage.post(contactUpdate()));
  await until(() => stage.events.sends === 1);
  await stage.clock.advance(150);
  expect(seen.value?.status).toBe(202);
  fail();
  await until(() => stage.events.sends === 2);
  fail();
  await stage.finished();
  expect(stage.outbox()).toHaveLength(1);
  expect(stage.log().at(-1)).toMatchObject({ event: 'webhook.outbox', budgetHit: true });
});

test('a queue that never answers is given up, and the message goes to the outbox', async () => {
  const stage = createStage();
  stage.events.behave = HANG;
  const seen = watch(stage.post(contactUpdate()));
  await until(() => stage.events.sends === 1);
  await stage.clock.advance(150);
  await stage.clock.advance(5_000);
  await stage.clock.advance(5_000);
  await stage.finished();
  expect(seen.value?.status).toBe(202);
  expect(stage.events.sends).toBe(2);
  expect(stage.outbox()).toHaveLength(1);
});

test('an acknowledged webhook that is lost after all says so loudly, with its ids', async () => {
  const stage = createStage();
  stage.events.behave = HANG;
  stage.breakDatabase();
  const seen = watch(stage.post(contactUpdate()));
  await until(() => stage.events.sends === 1);
  await stage.clock.advance(150);
  await stage.clock.advance(5_000);
  await stage.clock.advance(5_000);
  await stage.finished();
  expect(seen.value?.status).toBe(202);
  expect(stage.log().at(-1)).toMatchObject({
    event: 'webhook.lost',
    contactId: CONTACT,
    locationId: LOCATION,
    eventId: '881b9415-5d35-4ff1-a667-0545b80b96c0',
    error: expect.stringContaining('D1'),
  });
});

test('a quarantined webhook is stored with the same care', async () => {
  const stage = createStage();
  stage.deadLetters.behave = REJECT;
  const response = await stage.post('not json');
  expect(response.status).toBe(202);
  expect(stage.outbox()).toMatchObject([{ queue: 'dead_letters' }]);
  expect(stage.log()[0]).toMatchObject({ event: 'webhook.quarantined', stored: 'outbox' });
});

test('a sender that hangs up does not cancel the storing', async () => {
  const stage = createStage();
  stage.events.behave = HANG;
  void stage.post(contactUpdate());
  await until(() => stage.events.sends === 1);
  let ended = false;
  void stage.finished().then(() => {
    ended = true;
  });
  await settle();
  expect(ended).toBe(false);
});
