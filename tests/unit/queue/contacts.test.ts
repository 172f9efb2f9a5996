// The messages of a batch: one that was acknowledged is over, or what it asked for is in the queue.

import { describe, expect, test } from 'vitest';
import type { ContactChanged } from '../../../shared/messages.ts';
import { MINUTE_MS } from '../../../shared/time.ts';
import { readWaiting } from '../../../workers/consumer/store/totals.ts';
import { NOON } from '../../support/virtual-clock.ts';
import { acked, createStage, useUp } from './queue-harness.ts';

const [LEADER, OTHER] = ['aaaaaaaaaaaaaaaaaaaa', 'zzzzzzzzzzzzzzzzzzzz'] as const;
const PHONE = '+13055550142';

type Hint = Partial<ContactChanged>;
const hint = (contactId: string, changes: Hint = {}) => ({
  v: 1,
  kind: 'contact.changed',
  locationId: 'one',
  contactId,
  eventType: 'ContactUpdate',
  source: 'webhook',
  eventId: `e-${contactId}`,
  occurredAt: null,
  receivedAt: NOON + 10_000,
  snapshot: { tags: ['cold lead'], dnd: false },
  ...changes,
});

/** Two leads with one number, of which CallTools shows the leader, so far as is known. */
async function sharing() {
  let refuses = false;
  let onTake = () => {};
  const sent: Record<string, unknown>[] = [];
  const EVENTS = {
    send: async (body: Record<string, unknown>) => {
      if (refuses) throw new Error('over quota');
      onTake();
      sent.push(body);
    },
  };
  const stage = createStage({ EVENTS });
  const { ghl } = stage.vendors.one;
  for (const id of [LEADER, OTHER]) {
    await ghl.addContact({ id, phone: PHONE, tags: ['cold lead'] }, { silent: true });
    await stage.deliver([hint(id)]).done;
  }
  const forget = () => stage.sqlite.rows('UPDATE dialer SET fingerprint = NULL');
  const refuse = (now: boolean) => {
    refuses = now;
  };
  const takes = (what: () => void) => {
    onTake = what;
  };
  const waiting = () =>
    stage.sqlite.rows(
      `SELECT queue, message ->> 'contactId' AS contact, message ->> 'eventType' AS type, lease_until FROM outbox`,
    );
  return { stage, sent, waiting, forget, refuse, takes };
}

describe('another contact that must be looked at because of this one', () => {
  test('is asked for, as a bare id', async () => {
    const { stage, sent, forget } = await sharing();
    forget();
    const { ends, done } = stage.deliver([hint(OTHER)]);
    await done;
    expect(acked(ends)).toEqual([0]);
    expect(sent).toMatchObject([{ contactId: LEADER, source: 'followup', eventType: 'SharedPhone', snapshot: null }]);
  });

  test('is looked at by the next run, should the question get lost', async () => {
    const { stage, forget } = await sharing();
    forget();
    await stage.deliver([hint(OTHER)]).done;
    expect(
      stage.sqlite.rows('SELECT contact_id FROM contacts WHERE search_hash IS NULL').map((row) => ({ ...row })),
    ).toEqual([{ contact_id: LEADER }]);
  });

  test('is stored with the commit, and then asked for: the message that comes again after a death would not ask', async () => {
    const { stage, waiting, takes } = await sharing();
    let stored: unknown;
    takes(() => {
      stored = [waiting(), stage.sqlite.rows('SELECT reason FROM contacts WHERE contact_id = ?1', LEADER)[0]?.reason];
    });
    await stage.vendors.one.ghl.deleteContact(LEADER, { silent: true });
    await stage.deliver([hint(LEADER, { eventType: 'ContactDelete' })]).done;
    const question = { queue: 'events', contact: OTHER, type: 'SharedPhone', lease_until: NOON + MINUTE_MS };
    expect(stored).toMatchObject([[question], 'deleted']);
    expect(waiting()).toEqual([]);
  });

  test('and whom the queue does not take: the question stays in the outbox, for when it is due', async () => {
    const { stage, sent, waiting, forget, refuse } = await sharing();
    forget();
    refuse(true);
    const { ends, done } = stage.deliver([hint(OTHER)]);
    await done;
    expect([acked(ends), sent]).toEqual([[0], []]);
    expect(waiting()).toMatchObject([{ contact: LEADER, type: 'SharedPhone', lease_until: NOON }]);

    stage.sqlite.rows('DELETE FROM outbox');
    stage.sqlite.rows('UPDATE dialer SET doubt_until = ?1, fingerprint = NULL', NOON + 60_000);
    await stage.deliver([hint(LEADER)]).done;
    expect(waiting()).toMatchObject([{ contact: LEADER, type: 'Confirm', lease_until: NOON + 61_000 }]);
    const db = stage.sqlite.bind(async (act) => act());
    const depthAt = async (now: number) => (await readWaiting(db, now)).outboxDepth;
    expect([await depthAt(NOON + 60_999), await depthAt(NOON + 61_000)]).toEqual([0, 1]);
  });

  test('is asked for once more where D1 does not forget the question: the message itself is over', async () => {
    const { stage, sent, waiting, takes } = await sharing();
    takes(() => stage.failDatabase(true));
    await stage.vendors.one.ghl.deleteContact(LEADER, { silent: true });
    const { ends, done } = stage.deliver([hint(LEADER, { eventType: 'ContactDelete' })]);
    await done;
    expect([acked(ends), sent, waiting()]).toMatchObject([[0], [{ contactId: OTHER }], [{ contact: OTHER }]]);
    expect(stage.lines).toContainEqual(expect.objectContaining({ event: 'outbox.not_emptied', messages: 1 }));
  });

  test('is not asked for where it is shown already', async () => {
    const { stage, sent } = await sharing();
    const { ends, done } = stage.deliver([hint(OTHER)]);
    await done;
    expect([acked(ends), sent]).toEqual([[0], []]);
  });
});

describe('a write that CallTools did not answer', () => {
  test('is looked at once more, when it must have arrived', async () => {
    const { stage, sent } = await sharing();
    stage.sqlite.rows('UPDATE dialer SET doubt_until = ?1, fingerprint = NULL', NOON + 60_000);
    await stage.deliver([hint(LEADER)]).done;
    expect(sent).toMatchObject([{ contactId: LEADER, source: 'followup', eventType: 'Confirm' }]);
  });

  test('and not before: the message waits in the queue until then', async () => {
    const stage = createStage();
    const { contactId, phone } = { contactId: LEADER, phone: PHONE };
    await stage.vendors.one.ghl.addContact({ id: contactId, phone, tags: ['cold lead'] }, { silent: true });
    await stage.deliver([hint(contactId)]).done;
    stage.sqlite.rows('UPDATE dialer SET doubt_until = ?1, fingerprint = NULL', NOON + 60_000);
    await stage.deliver([hint(contactId)]).done;
    expect(stage.delays).toEqual([61]);
  });
});

describe('one copy that waits in the place of several messages', () => {
  const ALL: Hint[] = [
    { source: 'backstop', eventType: 'BackstopVerify', runId: 'r', verify: true, receivedAt: NOON - 3000 },
    { source: 'webhook', eventType: 'ContactUpdate', receivedAt: NOON - 2000 },
    { source: 'webhook', eventType: 'ContactDelete', receivedAt: NOON - 1000 },
  ];

  async function copied(hints: Hint[]) {
    const stage = createStage();
    await stage.vendors.one.ghl.addContact({ id: LEADER, phone: PHONE, tags: ['cold lead'] }, { silent: true });
    useUp(stage);
    const { ends, done } = stage.deliver(hints.map((changes) => hint(LEADER, changes)));
    await done;
    expect(acked(ends)).toHaveLength(hints.length);
    expect(stage.sent).toHaveLength(1);
    return stage.sent[0] as ContactChanged;
  }

  test('asks for all that they ask for', async () => {
    expect(await copied(ALL)).toMatchObject({ source: 'backstop', verify: true, runId: 'r' });
    const [run = {}, hinted = {}] = ALL;
    const asker = { ...run, receivedAt: NOON + 1000 };
    expect(await copied([hinted, asker])).toMatchObject({ source: 'backstop', runId: 'r' });
    const replay: Hint = { source: 'replay', eventType: 'Replay', receivedAt: NOON - 4000 };
    expect(await copied([replay, asker])).toMatchObject({ source: 'replay', verify: true });
  });

  test('asks for no less because a call said no: what a webhook said is read', async () => {
    const call: Hint = { source: 'call', eventType: 'CallResult', receivedAt: NOON - 4000 };
    const [, webhook = {}, deletion = {}] = ALL;
    expect(await copied([call, webhook])).toMatchObject({ source: 'webhook', receivedAt: NOON - 4000 });
    expect(await copied([deletion, { ...call, receivedAt: NOON }])).toMatchObject({ source: 'webhook' });
    expect(await copied([call])).toMatchObject({ source: 'call', eventType: 'CallResult' });
  });

  test('has waited since the first, and is as new as the newest', async () => {
    expect(await copied(ALL)).toMatchObject({ receivedAt: NOON - 3000, newestAt: NOON - 1000 });
  });

  test('is not of a contact that may only have been deleted: the others may have made it matter', async () => {
    expect(await copied(ALL.slice(1))).toMatchObject({ eventType: 'ContactUpdate' });
    const [, webhook = {}, deletion = {}] = ALL;
    const earlier = { ...deletion, receivedAt: NOON - 3000 };
    expect(await copied([earlier, webhook])).toMatchObject({ eventType: 'ContactUpdate', receivedAt: NOON - 3000 });
  });

  test('is the last one’s where none of them asks for more than another look', async () => {
    const look: Hint = { source: 'followup', eventType: 'ReadAgain', receivedAt: NOON - 4000 };
    const [, , deletion = {}] = ALL;
    expect(await copied([look, deletion])).toMatchObject({ eventType: 'ContactDelete' });
  });

  test('says nothing of tags that a later message may have changed', async () => {
    const snapshot = { tags: ['cold lead'], dnd: false };
    expect(await copied([{ snapshot }, {}])).toMatchObject({ snapshot: null });
    const other = { tags: ['newsletter'], dnd: false };
    expect(await copied([{}, { snapshot: other, receivedAt: NOON + 11_000 }])).toMatchObject({ snapshot: null });
  });

  test('names the row that made a run ask, only where nobody else asks', async () => {
    const asked = { source: 'backstop', searchHash: 'row', runId: 'r' } as const;
    expect(await copied([asked])).toMatchObject({ searchHash: 'row' });
    expect(await copied([asked, {}])).not.toHaveProperty('searchHash');
  });
});

test('what D1 could not be asked about comes back, all of it', async () => {
  const DB = {
    prepare: () => ({ bind: () => ({}) }),
    batch: () => Promise.reject(new Error('D1_ERROR: Network connection lost.')),
  };
  const stage = createStage({ DB });
  const { ends, done } = stage.deliver([hint(LEADER), hint(OTHER)]);
  await done;
  expect([...ends.values()]).toEqual(['retry', 'retry']);
  expect(stage.vendors.one.ghl.calls.count()).toBe(0);
});

test('what cannot matter shares a line with the others of its batch, which names them all', async () => {
  const stage = createStage();
  const snapshot = { tags: ['newsletter'], dnd: false };
  const skipped = () => stage.lines.filter(({ event }) => event === 'contact.skipped');
  await stage.deliver([hint(OTHER, { snapshot })]).done;
  expect(skipped()).toMatchObject([{ contactId: OTHER, eventId: `e-${OTHER}`, messages: 1 }]);
  await stage.deliver([hint(LEADER, { snapshot }), hint(OTHER, { snapshot }), hint(OTHER, { snapshot })]).done;
  expect(skipped().slice(1)).toMatchObject([{ contactId: `${LEADER} ${OTHER}`, contacts: 2, messages: 3 }]);
});
