// Faulty rules that were deployed all the same: work stops, says why and what to do, and goes on where it was once they are corrected.

import { expect, test } from 'vitest';
import type { Overview } from '../../../shared/api/status.ts';
import { backstopStage, events, phoneOf } from '../../support/consumer-harness.ts';
import { RULES_FILE } from '../../support/rules.ts';

const FAULT = 'rules.jsonc, line 2, column 10: a colon is missing before [';

test.each([1, 60, 24 * 60])('contacts wait for %i minutes, and are placed without another webhook', async (minutes) => {
  const stage = backstopStage();
  const [id = ''] = await stage.leads(1);
  stage.reconfigure({ rulesFile: '{\n"routes" [] }' });
  stage.hint(id);
  const fixedAt = stage.clock.at + minutes * 60_000;
  while (stage.clock.at < fixedAt) {
    while (await stage.step());
    await stage.minute();
    stage.clock.advance(60_000);
  }
  expect([stage.dialed(), stage.writes(), stage.ghl.calls.count()]).toEqual([[], 0, 0]);
  expect(stage.queues.events).toHaveLength(1);
  expect(stage.sqlite.rows('SELECT id FROM dead_letters')).toEqual([]);
  expect(events(stage, 'consumer.bad_setting')[0]).toMatchObject({ error: FAULT });

  const { status, causes } = (await stage.ask('GET', '/api/v1/overview')) as unknown as Overview;
  expect(status).toBe('stopped');
  expect(causes[0]).toMatchObject({
    code: 'settings',
    what: FAULT,
    what_to_do: expect.stringMatching(/Correct what is named .*rules\.jsonc.*deploy.*none is lost/),
  });

  stage.reconfigure({ rulesFile: RULES_FILE });
  await stage.work();
  expect(stage.dialed()).toEqual([phoneOf(0)]);
});
