// Dead letters replayed without loss or discarded on purpose, by an operator; against real D1 and real queues.

import { describe, expect, test } from 'vitest';
import { parseMessage } from '../../shared/messages.ts';
import { resolveDeadLetters } from '../../workers/consumer/store/dead-letters.ts';
import {
  aLetter,
  keep,
  LOCATION,
  letterRows,
  MINUTE,
  NOW,
  operatorDeps,
  stageOfFile,
} from '../support/operator-harness.ts';
import { list, outcome, post } from './operator-letters-harness.ts';

const stage = stageOfFile();

describe('a replay', () => {
  test('puts the contact back as a bare id, and notes it', async () => {
    await keep(stage.db, aLetter());
    const { deps, sent } = operatorDeps(stage.db);
    expect(await post('replay', ['d-contact1'], deps)).toEqual({ outcomes: [outcome('d-contact1', 'replayed')] });
    expect(sent).toEqual([
      {
        v: 1,
        kind: 'contact.changed',
        locationId: LOCATION,
        contactId: 'contact1',
        eventType: 'Replay',
        source: 'replay',
        eventId: 'new-1',
        occurredAt: null,
        receivedAt: NOW,
        snapshot: null,
      },
    ]);
    expect(parseMessage(sent[0])).toEqual(sent[0]);
    expect(await letterRows(stage.db)).toMatchObject([
      { status: 'replayed', replays: 1, replayed_at: NOW, settled_at: NOW },
    ]);
  });

  test('says of each letter what became of it, in the order asked', async () => {
    await keep(
      stage.db,
      aLetter(),
      aLetter({ contactId: 'done' }),
      aLetter({ id: 'w-bare', contactId: null, reason: 'unreadable_webhook', replayable: false }),
    );
    await post('discard', ['d-done'], operatorDeps(stage.db).deps);
    const { deps, sent } = operatorDeps(stage.db);
    const asked = ['nobody', 'd-done', 'w-bare', 'd-contact1', 'd-contact1'];
    expect(await post('replay', asked, deps)).toEqual({
      outcomes: [
        outcome('nobody', 'not_found'),
        outcome('d-done', 'not_waiting'),
        outcome('w-bare', 'not_replayable'),
        outcome('d-contact1', 'replayed'),
      ],
    });
    expect(sent).toHaveLength(1);
    expect((await letterRows(stage.db)).map(({ id, status }) => [id, status])).toEqual([
      ['d-contact1', 'replayed'],
      ['d-done', 'discarded'],
      ['w-bare', 'waiting'],
    ]);
  });

  test('of a letter that is on its way already sends nothing', async () => {
    await keep(stage.db, aLetter());
    const { deps, sent } = operatorDeps(stage.db);
    await post('replay', ['d-contact1'], deps);
    expect(await post('replay', ['d-contact1'], deps)).toEqual({ outcomes: [outcome('d-contact1', 'not_waiting')] });
    expect(sent).toHaveLength(1);
    expect(await letterRows(stage.db)).toMatchObject([{ replays: 1 }]);
  });

  test('that the queue refuses leaves the letters waiting', async () => {
    await keep(stage.db, aLetter(), aLetter({ contactId: 'contact2' }));
    const { deps, lines } = operatorDeps(stage.db);
    const refusing = {
      ...deps,
      env: { ...deps.env, EVENTS: { sendBatch: () => Promise.reject(new Error('10250 overloaded')) } },
    };
    expect(await post('replay', ['d-contact1', 'd-contact2', 'x'], refusing)).toEqual({
      outcomes: [outcome('d-contact1', 'send_failed'), outcome('d-contact2', 'send_failed'), outcome('x', 'not_found')],
    });
    expect(await letterRows(stage.db)).toMatchObject([
      { status: 'waiting', replays: 0 },
      { status: 'waiting', replays: 0 },
    ]);
    expect(lines.join()).toContain('10250 overloaded');
  });

  test('is sent before the letter is marked: a crash in between loses nothing', async () => {
    await keep(stage.db, aLetter());
    const { deps, sent } = operatorDeps(stage.db);
    let at: string | undefined;
    const watching = {
      ...deps.env.EVENTS,
      sendBatch: async (messages: Parameters<typeof deps.env.EVENTS.sendBatch>[0]) => {
        at = (await letterRows(stage.db))[0]?.status;
        return deps.env.EVENTS.sendBatch(messages);
      },
    };
    await post('replay', ['d-contact1'], { ...deps, env: { ...deps.env, EVENTS: watching } });
    expect([at, sent.length]).toEqual(['waiting', 1]);
  });

  test.each([
    ['died again', 'waiting', () => keep(stage.db, aLetter({ deadAt: NOW + 1, reason: 'exhausted' }))],
    ['was resolved', 'resolved', () => resolveDeadLetters(stage.db, LOCATION, ['contact1'], NOW).run()],
  ])('of a contact that %s meanwhile leaves the letter %s', async (_what, status, meanwhile) => {
    await keep(stage.db, aLetter());
    const { deps } = operatorDeps(stage.db);
    const EVENTS = {
      sendBatch: async (messages: Parameters<typeof deps.env.EVENTS.sendBatch>[0]) => {
        const sent = await deps.env.EVENTS.sendBatch(messages);
        await meanwhile();
        return sent;
      },
    };
    const raced = { ...deps, env: { ...deps.env, EVENTS } };
    expect(await post('replay', ['d-contact1'], raced)).toEqual({ outcomes: [outcome('d-contact1', 'replayed')] });
    expect(await letterRows(stage.db)).toMatchObject([{ status }]);
  });

  test('that succeeds closes the letter, and all others of the contact', async () => {
    await keep(stage.db, aLetter({ id: 'd-1' }), aLetter({ id: 'd-2' }), aLetter({ id: 'd-3', contactId: 'other' }));
    await post('replay', ['d-1'], operatorDeps(stage.db).deps);
    await resolveDeadLetters(stage.db, LOCATION, ['contact1'], NOW + 1).run();
    expect((await letterRows(stage.db)).map(({ id, status }) => [id, status])).toEqual([
      ['d-1', 'resolved'],
      ['d-2', 'resolved'],
      ['d-3', 'waiting'],
    ]);
  });

  test('that fails for another reason is told with the letter', async () => {
    await keep(stage.db, aLetter());
    await post('replay', ['d-contact1'], operatorDeps(stage.db).deps);
    await keep(stage.db, aLetter({ id: 'd-earlier', deadAt: NOW - 1, reason: 'exhausted' }));
    expect((await list(stage.db, '?status=replayed')).dead_letters).toMatchObject([{ died_again: null }]);
    await keep(stage.db, aLetter({ id: 'd-later', deadAt: NOW, reason: 'dnc_not_applied', error: 'no' }));
    expect((await list(stage.db, '?status=replayed')).dead_letters).toMatchObject([
      { died_again: { id: 'd-later', reason: 'dnc_not_applied', error: 'no', dead_at: new Date(NOW).toISOString() } },
    ]);
    await post('discard', ['d-later'], operatorDeps(stage.db).deps);
    expect((await list(stage.db, '?status=replayed')).dead_letters).toMatchObject([{ died_again: null }]);
  });

  test('takes 100 letters at once within what one sendBatch takes, ids of any length', async () => {
    const long = 'x'.repeat(61);
    const letters = Array.from({ length: 100 }, (_, i) =>
      aLetter({ id: `d-${i}`, contactId: `${long}${i}`, locationId: `${long}abc` }),
    );
    await keep(stage.db, ...letters);
    const { deps, sent } = operatorDeps(stage.db);
    const real = { ...deps, env: { ...deps.env, EVENTS: stage.env.EVENTS } };
    const ids = letters.map(({ id }) => id);
    expect((await post('replay', ids, real)).outcomes.map((one) => one.outcome)).toEqual(Array(100).fill('replayed'));
    await keep(stage.db, ...letters);
    await post('replay', ids, deps);
    expect(new TextEncoder().encode(JSON.stringify(sent)).length).toBeLessThan(100_000);
  });
});

describe('a discard', () => {
  test('gives up what waits, and nothing else', async () => {
    await keep(stage.db, aLetter(), aLetter({ contactId: 'onItsWay' }));
    const { deps, sent } = operatorDeps(stage.db);
    await post('replay', ['d-onItsWay'], deps);
    expect(await post('discard', ['d-contact1', 'd-onItsWay', 'x'], deps)).toEqual({
      outcomes: [outcome('d-contact1', 'discarded'), outcome('d-onItsWay', 'not_waiting'), outcome('x', 'not_found')],
      still_failed: [],
      note: null,
    });
    expect(await letterRows(stage.db)).toMatchObject([
      { status: 'discarded', settled_at: NOW },
      { status: 'replayed' },
    ]);
    expect(sent).toHaveLength(1);
  });

  test('holds until the contact fails again', async () => {
    await keep(stage.db, aLetter());
    await post('discard', ['d-contact1'], operatorDeps(stage.db).deps);
    await resolveDeadLetters(stage.db, LOCATION, ['contact1'], NOW).run();
    expect(await letterRows(stage.db)).toMatchObject([{ status: 'discarded' }]);
    await keep(stage.db, aLetter({ deadAt: NOW + MINUTE }));
    expect(await letterRows(stage.db)).toMatchObject([{ status: 'waiting', settled_at: null }]);
  });
});
