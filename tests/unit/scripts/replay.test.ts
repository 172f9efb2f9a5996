// What becomes of the letters that the replay script replays or discards: each comes to an end that it tells, at the rate that was asked for.

import { describe, expect, test } from 'vitest';
import { aLetter, keep } from '../../support/operator-harness.ts';
import { fakePipeline, replayStage, serve } from './replay-harness.ts';

const { stage, replay, statuses } = replayStage();

describe('replaying', () => {
  test('waits until each contact has succeeded', async () => {
    await keep(stage.db, aLetter(), aLetter({ contactId: 'contact2' }));
    const { code, out, err } = await replay(['--yes']);
    expect(out).toContain('Replayed 2 of 2 letters.\n');
    expect(out).toContain('2 succeeded, 0 failed again, 0 still on their way.\n');
    expect(err).toMatch(/Replaying \|█+\| 2\/2/);
    expect(code).toBe(0);
    expect(await statuses()).toEqual({ 'd-contact1': 'resolved', 'd-contact2': 'resolved' });
  });

  test('tells which failed again, and why: for the same reason or another', async () => {
    await keep(stage.db, aLetter(), aLetter({ contactId: 'broken1' }), aLetter({ contactId: 'moved1' }));
    const { code, out } = await replay(['--yes']);
    expect(code).toBe(1);
    expect(out).toMatch(/Failed again:[\s\S]*d-broken1 +broken1 +rejected +CallTools still refuses it/);
    expect(out).toMatch(/d-moved1 +moved1 +phone_not_attached/);
    expect(out).toContain('1 succeeded, 2 failed again, 0 still on their way.\n');
    expect(await statuses()).toMatchObject({
      'd-contact1': 'resolved',
      'd-broken1': 'waiting',
      'd-moved1': 'replayed',
    });
  });

  test('gives up waiting in time, and says so', async () => {
    await keep(stage.db, aLetter({ contactId: 'slow1' }));
    const { code, out } = await replay(['--yes', '--wait', '0.1']);
    expect(code).toBe(1);
    expect(out).toMatch(/Still on their way:[\s\S]*d-slow1[\s\S]*0 succeeded, 0 failed again, 1 still on their way/);
  });

  test('does not wait when told so', async () => {
    await keep(stage.db, aLetter({ contactId: 'slow1' }));
    const { code, out } = await replay(['--yes', '--wait', '0']);
    expect([code, out]).toEqual([0, expect.stringMatching(/Replayed 1 of 1 letter\.\n$/)]);
    expect(await statuses()).toEqual({ 'd-slow1': 'replayed' });
  });

  test('leaves out what cannot be replayed, and fails only when that was asked for by name', async () => {
    await keep(
      stage.db,
      aLetter(),
      aLetter({ id: 'w-1', contactId: null, reason: 'unreadable_webhook', replayable: false }),
    );
    expect(await replay(['--yes'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/1 letter cannot be replayed[\s\S]*1 of 1/),
    });
    expect(await replay(['--yes', '--ids', 'w-1'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('cannot be replayed'),
    });
    expect(await replay(['--yes', '--ids', 'd-x'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('waiting: d-x'),
    });
    expect(await statuses()).toEqual({ 'd-contact1': 'resolved', 'w-1': 'waiting' });
  });

  test('reaches every letter, over any number of pages', async () => {
    const many = Array.from({ length: 601 }, (_, i) => aLetter({ contactId: `slow${i}`, deadAt: 1000 + (i % 7) }));
    await keep(stage.db, ...many);
    const { code, out } = await replay(['--yes', '--wait', '0', '--rate', '1000']);
    expect([code, out]).toEqual([0, expect.stringMatching(/… and 581 more[\s\S]*Replayed 601 of 601 letters\.\n$/)]);
    expect(new Set(Object.values(await statuses()))).toEqual(new Set(['replayed']));
  });

  test('keeps to the rate', async () => {
    const posts: { at: number; ids: string[] }[] = [];
    const pipeline = await serve(fakePipeline(25, (ids) => void posts.push({ at: performance.now(), ids })));
    const { code } = await replay(['--yes', '--wait', '0', '--rate', '12.5', '--url', pipeline]);
    expect(code).toBe(0);
    expect(posts.map(({ ids }) => ids.length)).toEqual([12, 12, 1]);
    const [first, second, third] = posts.map(({ at }) => at - (posts[0]?.at ?? 0));
    expect(first).toBe(0);
    expect(second).toBeGreaterThan(700);
    expect(third).toBeGreaterThan(1_600);
  });

  test('that the pipeline refuses in part says which', async () => {
    const pipeline = await serve(
      fakePipeline(
        2,
        () => {},
        (id) => (id === 'd-1' ? 'send_failed' : 'replayed'),
      ),
    );
    const { code, out } = await replay(['--yes', '--wait', '0', '--url', pipeline]);
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/Not replayed:[\s\S]*d-1 +contact1 +send_failed[\s\S]*Replayed 1 of 2/),
    ]);
  });

  test('that breaks off says how far it came', async () => {
    let posts = 0;
    const pipeline = await serve(
      fakePipeline(20, () => {
        if (++posts === 2) throw new Error('broken');
      }),
    );
    const { code, out, err } = await replay(['--yes', '--rate', '10', '--url', pipeline]);
    expect([code, out, err]).toEqual([
      1,
      expect.stringMatching(/Replayed 10 of 20 letters, then/),
      expect.stringContaining('cannot be reached'),
    ]);
  });
});

test('a wait survives a few answers that fail', async () => {
  let polls = 0;
  const answer = fakePipeline(1, () => {});
  const pipeline = await serve((request, response) => {
    const poll = request.url?.includes('status=all');
    if (poll && ++polls === 1) response.writeHead(503).end();
    else answer(request, response);
  });
  const { code, out } = await replay(['--yes', '--url', pipeline]);
  expect([code, out, polls]).toEqual([0, expect.stringContaining('1 succeeded'), 2]);
});

test('discarding gives up what was chosen', async () => {
  await keep(stage.db, aLetter(), aLetter({ contactId: 'contact2', reason: 'exhausted' }));
  const { code, out } = await replay(['--discard', '--yes', '--reason', 'exhausted']);
  expect([code, out]).toEqual([0, expect.stringMatching(/Discarded 1 of 1 letter\.\n$/)]);
  expect(await statuses()).toEqual({ 'd-contact1': 'waiting', 'd-contact2': 'discarded' });
});
