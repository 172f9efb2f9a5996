// A webhook that a read contradicts keeps a person out for two minutes. That it is over is no change of route.

import { expect, test } from 'vitest';
import { callsStage, MINUTE, OUT } from '../calls/calls-harness.ts';

test('what a webhook told before a no, and no read shows, ends without ending the hold', async () => {
  const stage = await callsStage();
  stage.hint(stage.id, { snapshot: { tags: ['customer'], dnd: false } });
  stage.clock.advance(3000);
  stage.dispose('Not Interested');
  await stage.step();
  for (let n = 0; n < 8; n++) {
    stage.clock.advance(MINUTE);
    await stage.minute();
    await stage.work();
  }
  expect([stage.dialed(), stage.reasons()]).toEqual([[], [OUT]]);
});
