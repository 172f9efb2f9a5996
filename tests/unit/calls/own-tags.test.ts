// The webhook of a tag that we have written shows where the contact is, but not that it has come there since the call.

import { expect, test } from 'vitest';
import { phoneOf } from '../../support/consumer-harness.ts';
import { MINUTE, OUT, SILENT } from './calls-harness.ts';
import { writesStage } from './writes-harness.ts';

const everywhere = ({ dialed, callTools }: Awaited<ReturnType<typeof writesStage>>) => [
  ...dialed(),
  ...callTools.holds('Hot Leads'),
];

test.each(['{}', '{"company": {"from": "tags"}}'])(
  'a change of route before the call whose webhook was lost does not end the hold once our own tag comes back (FIELD_MAP %s)',
  async (FIELD_MAP) => {
    const stage = await writesStage();
    stage.reconfigure({ FIELD_MAP });
    await stage.ghl.editContact(stage.id, { tags: ['hot lead'] }, SILENT);
    stage.dispose('Not Interested');
    await stage.minutes(4);
    expect(stage.webhooks).toEqual(['ContactTagUpdate']);
    expect([everywhere(stage), stage.reasons()]).toEqual([[], [OUT]]);
  },
);

test('a change of route later on ends the hold as ever', async () => {
  const stage = await writesStage();
  stage.dispose('Not Interested');
  await stage.minutes(3);
  stage.clock.advance(6 * MINUTE);
  await stage.ghl.editContact(stage.id, { tags: ['hot lead'] });
  await stage.work();
  expect(everywhere(stage)).toEqual([phoneOf(0)]);
});

test('a write that only waits does not make other webhooks suspect', async () => {
  const stage = await writesStage();
  stage.dispose('No Answer');
  stage.sqlite.rows(
    `INSERT INTO circuits (location_id, vendor, throttled_until, updated_at)
     SELECT location_id, 'gohighlevel', 9e15, 1 FROM contacts LIMIT 1 ON CONFLICT DO UPDATE SET throttled_until = 9e15`,
  );
  stage.clock.advance(MINUTE);
  await stage.minute();
  for (let n = 0; n < 3; n++) await stage.step();
  expect(stage.asked()).toEqual([]);
  expect(stage.sqlite.rows('SELECT tags_written_at AS at FROM contacts')).toEqual([{ at: null }]);
});
