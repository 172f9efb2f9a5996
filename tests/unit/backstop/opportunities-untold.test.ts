// Opportunities that were read with their contact, and were gone again before any run saw them.

import { expect, test } from 'vitest';
import { phoneOf } from '../../support/consumer-harness.ts';
import { BOOKED_OUT, CONTACTED, CONTACTED_IN, opportunityStage, SILENT } from '../sync/opportunities-harness.ts';

test.each(['deleted', 'another contact’s'])('the run notices one that is %s, though it never saw it', async (what) => {
  const stage = opportunityStage([BOOKED_OUT, CONTACTED_IN]);
  const id = await stage.lead([CONTACTED]);
  const other = await stage.lead();
  await stage.told(id);
  expect(stage.dialed()).toEqual([phoneOf(0)]);
  if (what === 'deleted') await stage.ghl.deleteOpportunity(`${id}-0`, SILENT);
  else await stage.ghl.editOpportunity(`${id}-0`, { contactId: other }, SILENT);
  await stage.night();
  expect(stage.row(id)).toMatchObject({ state: 'kept_out', reason: 'no_route' });
  expect(stage.dialed()).toEqual(what === 'deleted' ? [] : [phoneOf(1)]);
});

test('one that it sees as it was read has nobody read again', async () => {
  const stage = opportunityStage([BOOKED_OUT, CONTACTED_IN]);
  const id = await stage.lead([CONTACTED]);
  await stage.told(id);
  await stage.night();
  const [, before] = stage.asked();
  await stage.night();
  expect(stage.asked()[1]).toBe(before);
});
