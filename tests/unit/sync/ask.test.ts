// The messages that a batch sends at its end: whom they ask for, when and where, and what becomes of those that no queue takes.

import { describe, expect, test } from 'vitest';
import { openSqlite } from '../../../sandbox/d1-sqlite.ts';
import type { ContactChanged } from '../../../shared/messages.ts';
import type { LocationContext } from '../../../workers/consumer/config/context.ts';
import { keepUnsent } from '../../../workers/consumer/store/outbox.ts';
import { type Ask, ask, lookOf, type Question, questionsOf, unique } from '../../../workers/consumer/sync/ask.ts';
import type { Task } from '../../../workers/consumer/sync/work.ts';
import { taskOf } from '../../support/batch-harness.ts';
import { NOON, VirtualClock, worldOn } from '../../support/virtual-clock.ts';
import { NOW, settled } from './settle-harness.ts';

interface SentMessage {
  queue: 'EVENTS' | 'BACKSTOP';
  contactId: string;
  delaySeconds: number | undefined;
}

/** Queues that note what they take, over a real outbox. `takes` decides about each message. */
function stage(takes: (message: ContactChanged) => Promise<void> = async () => {}) {
  const sqlite = openSqlite();
  const clock = new VirtualClock();
  const sent: SentMessage[] = [];
  const lines: unknown[] = [];
  let open = 0;
  const counts = { most: 0, statements: 0 };
  const queue = (name: SentMessage['queue']) => ({
    async send(message: ContactChanged, { delaySeconds }: { delaySeconds?: number } = {}) {
      open++;
      counts.most = Math.max(counts.most, open);
      await new Promise((resolve) => setImmediate(resolve));
      await takes(message).finally(() => open--);
      sent.push({ queue: name, contactId: message.contactId, delaySeconds });
    },
  });
  const DB = sqlite.bind(async (act) => {
    counts.statements++;
    return act();
  });
  const context = {
    env: { DB, EVENTS: queue('EVENTS'), BACKSTOP: queue('BACKSTOP') },
    world: worldOn(clock, async () => new Response()),
    settings: { GHL_LOCATION_ID: 'here' },
    log: (event: string, fields: object) => void lines.push({ event, ...fields }),
  } as unknown as LocationContext;
  return {
    context,
    clock,
    sent,
    lines,
    counts,
    waiting: () => sqlite.rows(`SELECT id, lease_until AS until FROM outbox ORDER BY id`).map((row) => ({ ...row })),
    async stored(asks: Ask[]): Promise<Question[]> {
      const questions = questionsOf(asks, context);
      const rows = questions.map(({ message, delayMs }) => ({ id: message.eventId, message, dueAt: NOON + delayMs }));
      await keepUnsent(DB, rows).run();
      return questions;
    },
  };
}

const nobody = (contactId: string, more: Partial<Ask> = {}): Ask => ({ contactId, delayMs: 0, ...more });

describe('the message', () => {
  test.each<[Partial<Ask>, string]>([
    [{}, 'SharedPhone'],
    [{ delayMs: 1 }, 'Confirm'],
    [{ delayMs: 1, why: 'ReadAgain' }, 'ReadAgain'],
    [{ why: 'ReadAgain' }, 'ReadAgain'],
  ])('says why, and claims nothing of the contact: %j is a %s', (more, eventType) => {
    const { context } = stage();
    expect(questionsOf([nobody('two', more)], context)).toEqual([
      {
        message: {
          v: 1,
          kind: 'contact.changed',
          locationId: 'here',
          contactId: 'two',
          eventType,
          source: 'followup',
          eventId: 'id-1',
          occurredAt: null,
          receivedAt: NOON,
          snapshot: null,
        },
        delayMs: more.delayMs ?? 0,
        patient: false,
      },
    ]);
  });

  test('each has an id of its own, and says whether it may wait behind fresh leads', () => {
    const { context } = stage();
    const questions = questionsOf([nobody('two', { patient: true }), nobody('three')], context);
    expect(questions.map(({ message, patient }) => [message.eventId, patient])).toEqual([
      ['id-1', true],
      ['id-2', false],
    ]);
  });

  test('is one for each contact and time', () => {
    const asks = [nobody('two'), nobody('two', { delayMs: 5 }), nobody('three'), nobody('two'), nobody('three')];
    expect(unique(asks)).toEqual([nobody('two'), nobody('two', { delayMs: 5 }), nobody('three')]);
    expect(unique([])).toEqual([]);
  });
});

describe('sending', () => {
  test('each is sent after its delay, in whole seconds and never sooner, and leaves the outbox', async () => {
    const { context, sent, lines, stored, waiting } = stage();
    const questions = await stored([nobody('two'), nobody('three', { delayMs: 2001 })]);
    expect(waiting()).toHaveLength(2);
    await ask(questions, 'realtime', context);
    expect(sent).toEqual([
      { queue: 'EVENTS', contactId: 'two', delaySeconds: 0 },
      { queue: 'EVENTS', contactId: 'three', delaySeconds: 3 },
    ]);
    expect([waiting(), lines]).toEqual([[], []]);
  });

  test.each([
    [true, 'bulk', 'BACKSTOP'],
    [true, 'realtime', 'EVENTS'],
    [false, 'bulk', 'EVENTS'],
    [false, 'realtime', 'EVENTS'],
  ] as const)('patient %s, in a %s batch: by %s', async (patient, urgency, queue) => {
    const { context, sent, stored } = stage();
    await ask(await stored([nobody('two', patient ? { patient } : {})]), urgency, context);
    expect(sent).toMatchObject([{ queue }]);
  });

  test('with nothing to send D1 is asked nothing', async () => {
    const { context, counts } = stage();
    await ask([], 'realtime', context);
    expect(counts.statements).toBe(0);
  });

  test('at most five are sent at once', async () => {
    const { context, counts, sent, stored } = stage();
    await ask(await stored(Array.from({ length: 12 }, (_, n) => nobody(`c${n}`))), 'realtime', context);
    expect([counts.most, sent.length]).toEqual([5, 12]);
  });

  test('what the queue refuses stays for the cron, from when it is due, and a line of the log tells', async () => {
    const { context, lines, stored, waiting } = stage(async ({ contactId }) => {
      if (contactId === 'two') throw new Error('queue is down');
    });
    await ask(await stored([nobody('two', { delayMs: 5000 }), nobody('three')]), 'realtime', context);
    expect(waiting()).toEqual([{ id: 'id-1', until: NOON + 5000 }]);
    expect(lines).toEqual([{ event: 'queue.send_failed', contactId: 'two', error: 'queue is down' }]);
  });

  test('a queue that does not answer holds the batch up for four seconds', async () => {
    const { clock, context, lines, stored, waiting } = stage(() => new Promise(() => {}));
    await clock.whenIdle(ask(await stored([nobody('two')]), 'realtime', context));
    expect(clock.at - NOON).toBe(4000);
    expect([waiting().length, lines]).toMatchObject([1, [{ event: 'queue.send_failed', contactId: 'two' }]]);
  });

  test('where D1 fails then, the cron sends them once more, and nothing is thrown', async () => {
    const { context, lines, sent, stored, waiting } = stage();
    const questions = await stored([nobody('two')]);
    const batch = () => Promise.reject(new Error('D1 is down'));
    const failing = { ...context, env: { ...context.env, DB: { prepare: () => ({ bind: () => ({}) }), batch } } };
    await ask(questions, 'realtime', failing as unknown as LocationContext);
    expect([sent.length, waiting().length]).toEqual([1, 1]);
    expect(lines).toEqual([{ event: 'outbox.not_emptied', messages: 1, error: 'D1 is down' }]);
  });
});

describe('another look', () => {
  const looks = (more: Partial<Task>, lookAt: number | null = NOW + 4000) => {
    const task = { ...taskOf(), ...more };
    const end = settled(task, []);
    return lookOf({ ...end, task, commit: { ...end.commit, lookAt } }, NOW);
  };
  const look = { contactId: 'one', delayMs: 4000, why: 'ReadAgain' };
  const planned = { ...taskOf().row, lookAt: NOW + 4000 };

  test.each<[string, Partial<Task>, object[]]>([
    ['a webhook is contradicted', { against: [1] }, [look]],
    ['the read may have come too early', { tooEarly: true }, [look]],
    ['a list could not be read: it may wait', { listUnread: true }, [{ ...look, patient: true }]],
    ['a list could not be read, and a webhook is contradicted', { against: [1], listUnread: true }, [look]],
    ['nothing is open', {}, []],
    ['the look is planned already', { against: [1], row: planned }, []],
    ['another time was planned', { against: [1], row: { ...planned, lookAt: NOW + 3999 } }, [look]],
  ])('is asked for or not, where %s', (_, more, asks) => {
    expect(looks(more)).toEqual(asks);
  });

  test('is for nobody without a time, and comes at once where the time is over', () => {
    expect(looks({ against: [1] }, null)).toEqual([]);
    expect(looks({ against: [1] }, NOW - 1)).toEqual([{ ...look, delayMs: 0 }]);
  });
});
