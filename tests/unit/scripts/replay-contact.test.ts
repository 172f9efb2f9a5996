// npm run replay -- --contact ID: a failed contact is retried, also where no dead letter of it waits any more.

import { describe, expect, test } from 'vitest';
import { aLetter, keep, LOCATION, seedContact } from '../../support/operator-harness.ts';
import { replayStage } from './replay-harness.ts';

const { stage, replay, statuses } = replayStage();
const failed = (id: string, reason = 'rejected') => seedContact(stage.db, id, { state: 'failed', reason });

describe('a failed contact without a letter', () => {
  test('is retried, and what became of it is told', async () => {
    await failed('contact1');
    const { code, out } = await replay(['--contact', 'contact1', '--yes']);
    expect(out).toMatch(/^Contact contact1: failed \(rejected\)\. .*\nRetried.*\nIt succeeded: placed \(placed\)\.\n$/);
    expect(code).toBe(0);
  });

  test('that fails again says why, with an exit code of its own', async () => {
    await failed('broken1');
    const { code, out } = await replay(['--contact', 'broken1', '--yes', '--location', LOCATION]);
    expect(out).toMatch(/It failed again: failed \(rejected\)\. .*refused the data/);
    expect(code).toBe(1);
  });

  test('that is still on its way is told after the wait, and not at all with --wait 0', async () => {
    await failed('slow1');
    expect(await replay(['--contact', 'slow1', '--yes', '--wait', '1'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('still on its way'),
    });
    expect(await replay(['--contact', 'slow1', '--yes', '--wait', '0'])).toMatchObject({ code: 0 });
  });

  test('is only shown with --dry-run, and not retried where nobody can be asked', async () => {
    await failed('contact1');
    expect((await replay(['--contact', 'contact1', '--dry-run'])).out).toContain('Would retry the contact.');
    const { code, err } = await replay(['--contact', 'contact1']);
    expect([code, err]).toEqual([2, expect.stringContaining('Add --yes')]);
    const { results } = await stage.db.prepare('SELECT state FROM contacts').all();
    expect(results).toEqual([{ state: 'failed' }]);
  });

  test('is left alone by --list, --discard and other filters', async () => {
    await failed('contact1');
    for (const args of [['--list'], ['--discard', '--yes'], ['--reason', 'rejected', '--yes']])
      expect((await replay(['--contact', 'contact1', ...args])).out).toMatch(/no such dead letters|Nothing to do/);
  });
});

test('a contact that has not failed needs nothing; one that nobody knows is not found', async () => {
  await seedContact(stage.db, 'contact1', { state: 'placed', reason: 'placed' });
  expect(await replay(['--contact', 'contact1', '--yes'])).toMatchObject({
    code: 0,
    out: expect.stringContaining('Nothing to do'),
  });
  expect(await replay(['--contact', 'nobody', '--yes'])).toMatchObject({
    code: 1,
    out: expect.stringContaining('The pipeline refuses this'),
  });
});

test('discarding says which contacts are still failed; these can then be retried', async () => {
  await failed('contact1');
  await keep(stage.db, aLetter());
  const { code, out } = await replay(['--discard', '--yes']);
  expect(out).toMatch(
    /Discarded 1 of 1 letter\.\nStill failed: 1 \(contact1 rejected\)\. .*npm run replay -- --contact ID/,
  );
  expect(code).toBe(0);
  expect((await replay(['--contact', 'contact1', '--yes'])).out).toContain('It succeeded');
  expect(await statuses()).toEqual({ 'd-contact1': 'discarded' });
});
