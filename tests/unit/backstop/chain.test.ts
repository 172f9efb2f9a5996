// A run takes as long as its chain of pages: the cursor of each stands on the one before.

import { expect, onTestFinished, test, vi } from 'vitest';
import { backstopStage } from '../../support/consumer-harness.ts';

test('the next page is on its way before the contacts of this one are compared', async () => {
  const stage = backstopStage({ env: { BACKSTOP_PAGE_SIZE: '2' } });
  await stage.leads(6);
  const digest = vi.spyOn(crypto.subtle, 'digest');
  onTestFinished(() => digest.mockRestore());
  const hashed: number[] = [];
  stage.hooks.search = async () => {
    hashed.push(digest.mock.calls.length);
    stage.clock.advance(1000);
    return undefined;
  };
  await stage.nightly();
  await stage.step();
  const [first = 0] = hashed;
  expect(hashed.slice(0, 3)).toEqual([first, first, first + 2]);
});
