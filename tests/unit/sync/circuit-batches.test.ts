// Two batches at once, and one circuit: what one has learned of a vendor is not undone by another that set out before.

import { expect, test } from 'vitest';
import { backstopStage } from '../../support/consumer-harness.ts';
import { jsonAnswer } from '../../support/vendor-harness.ts';

/** A batch whose answer comes when another, which set out later, is over. */
async function overtaken(slow: () => Response, quick: () => Response) {
  const stage = backstopStage();
  const ids = await stage.leads(3);
  for (const id of ids) stage.hint(id);
  const [one, ...others] = stage.queues.events;
  if (!one) throw new Error('three hints');
  let release = () => {};
  const over = new Promise<void>((resolve) => {
    release = resolve;
  });
  let asked = () => {};
  const underWay = new Promise<void>((resolve) => {
    asked = resolve;
  });
  stage.hooks.contact = async (id) => {
    if (id !== ids[0]) return quick();
    asked();
    await over;
    return slow();
  };
  stage.hooks.search = async () => quick();
  const first = stage.deliver('events', [one]);
  await underWay;
  await stage.deliver('events', others);
  const before = circuit(stage);
  release();
  await first;
  return { before, after: circuit(stage) };
}

function circuit({ sqlite }: ReturnType<typeof backstopStage>) {
  return { ...sqlite.rows(`SELECT open_reason, throttled_until FROM circuits WHERE vendor = 'gohighlevel'`)[0] };
}

const wrongKey = () => jsonAnswer(401, { message: 'Invalid token' });

test.each([
  ['fails for a moment', () => jsonAnswer(500, {})],
  ['is throttled', () => jsonAnswer(429, {})],
])('a circuit that was opened stays open when an earlier batch %s', async (_, slow) => {
  const { before, after } = await overtaken(slow, wrongKey);
  expect(before.open_reason).toContain('401');
  expect(after.open_reason).toBe(before.open_reason);
});
