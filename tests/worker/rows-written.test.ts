// What D1 bills of a webhook, counted on the real one: a statement that names a column of an index costs a row, whatever it changes.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { createStage, FULL_BATCH, ROWS, type SpentByKind, spentByKind } from '../../scripts/bench/operations.ts';
import { UNLIMITED } from '../../scripts/bench/vendor-pace.ts';
import { startPipeline } from '../../scripts/local/pipeline.ts';
import { hourOf } from '../../workers/consumer/store/totals.ts';

let pipeline: Awaited<ReturnType<typeof startPipeline>>;
let spend: (size: number) => Promise<SpentByKind>;

beforeAll(async () => {
  pipeline = await startPipeline({ sandbox: { ghlSettings: { rateLimit: UNLIMITED, searchLagMs: 0 } } });
  const { sandbox, database, locationId } = pipeline;
  if (!sandbox) throw new Error('a sandbox is expected');
  const stage = createStage(sandbox, database, locationId);
  spend = async (size) => {
    // The first batch of an hour begins its row of counters.
    for (;;) {
      await stage.handle([await stage.addLead()]);
      const hour = hourOf(Date.now());
      const spent = await spentByKind(stage, sandbox, size);
      if (hourOf(Date.now()) === hour) return spent;
    }
  };
});
afterAll(() => pipeline.close());

const rows = (spent: SpentByKind) =>
  Object.fromEntries(Object.entries(spent).map(([kind, { rowsWritten }]) => [kind, rowsWritten]));

test('alone', async () => {
  expect(rows(await spend(1))).toEqual({ cannotMatter: 1, unchanged: 5, changed: 5, fresh: 11 });
});

test('in a full batch', async () => {
  // Two of each batch are its slots and its counters.
  const known = 3 * FULL_BATCH + 2;
  expect(rows(await spend(FULL_BATCH))).toEqual({
    cannotMatter: 1,
    unchanged: known,
    changed: known,
    fresh: 9 * FULL_BATCH + 2,
  });
  expect(known / FULL_BATCH).toBeLessThanOrEqual(ROWS.known?.batched ?? 0);
});
