// A batch that reads nobody asks for no list of the accounts.

import { expect, test } from 'vitest';
import { backstopStage, phoneOf } from '../../support/consumer-harness.ts';
import { LOCATION } from '../../support/vendor-harness.ts';

test('while GoHighLevel must not be called, a contact is taken out without a call there, though a list is due', async () => {
  const stage = backstopStage({ env: { FIELD_MAP: JSON.stringify({ bill: 'custom:contact.bill' }) } });
  const [id = ''] = await stage.leads(1);
  stage.hint(id);
  await stage.work();
  expect(stage.dialed()).toEqual([phoneOf(0)]);
  // The location lacks the field, so its list is looked at again after ten minutes.
  stage.clock.advance(11 * 60_000);
  stage.sqlite.rows(
    `INSERT OR REPLACE INTO circuits (location_id, vendor, throttled_until, updated_at) VALUES (?1, 'gohighlevel', ?2, 0)`,
    ...[LOCATION, stage.clock.at + 90_000],
  );
  const before = stage.ghl.calls.count();
  stage.hint(id, { occurredAt: stage.clock.at, snapshot: { tags: ['customer'], dnd: false } });
  await stage.step();
  expect([stage.dialed(), stage.ghl.calls.count() - before]).toEqual([[], 0]);
});
