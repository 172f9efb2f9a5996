// The brake in workerd, over real D1: five batches at once share the room of an hour, and what is held back is confirmed through ingest.

import { expect, test } from 'vitest';
import { takeRoom } from '../../workers/consumer/store/brake/new-placements.ts';
import { ADMIN_TOKEN, LOCATION, NOW, stageOfFile } from '../support/operator-harness.ts';

const stage = stageOfFile();

async function confirm(runOrHour: string) {
  const response = await fetch(new URL(`/sync/trigger?confirm=${runOrHour}`, stage.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  });
  return { status: response.status, body: (await response.json()) as { data?: object; detail?: string } };
}

test('no overshoot, and what is held back is confirmed once', async () => {
  const batches = [0, 1, 2, 3, 4].map((batch) =>
    [0, 1, 2, 3].map((n) => ({ phoneHash: `p${batch}${n}`, isNew: true, contactId: `c${batch}${n}`, runId: 'run1' })),
  );
  const held = await Promise.all(
    batches.map((batch) => takeRoom(stage.db, { locationId: LOCATION, now: NOW }, batch, 7)),
  );
  expect(held.reduce((sum, { size }) => sum + size, 0)).toBe(13);
  expect(await confirm('run2')).toMatchObject({
    status: 404,
    body: { detail: expect.stringContaining('13 under run1') },
  });
  expect(await confirm('run1')).toMatchObject({ status: 202, body: { data: { confirmed: 'run1', contacts: 13 } } });
  expect((await takeRoom(stage.db, { locationId: LOCATION, now: NOW }, batches.flat(), 7)).size).toBe(0);
});
