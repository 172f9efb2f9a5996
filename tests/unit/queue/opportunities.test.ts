// Webhooks about opportunities, where no rule asks for opportunities.

import { expect, test } from 'vitest';
import { OPPORTUNITY_EVENTS } from '../../../shared/messages.ts';
import { readSettings } from '../../../workers/consumer/config/settings.ts';
import { toldBy } from '../../../workers/consumer/domain/told.ts';
import { backstopStage } from '../../support/consumer-harness.ts';
import { ENV } from '../../support/vendor-harness.ts';

test.each(OPPORTUNITY_EVENTS)('%s costs no statement, no row and no call', async (eventType) => {
  const stage = backstopStage();
  const [id = ''] = await stage.leads(1);
  stage.hint(id, { eventType, occurredAt: stage.clock.at });
  await stage.work();
  expect(stage.statements).toEqual([]);
  expect(stage.ghl.calls.count()).toBe(0);
  expect(stage.sqlite.rows('SELECT * FROM contacts')).toEqual([]);
});

test('beside a webhook about the contact it is over, and the contact is handled', async () => {
  const stage = backstopStage();
  const [id = '', other = ''] = await stage.leads(2);
  stage.hint(id, { eventType: 'OpportunityUpdate' });
  stage.hint(id);
  stage.hint(other, { eventType: 'OpportunityDelete' });
  await stage.work();
  expect(stage.dialed()).toHaveLength(1);
  expect(stage.queues.events).toEqual([]);
  expect(stage.sqlite.rows('SELECT contact_id AS id FROM contacts')).toEqual([{ id }]);
});

test.each(OPPORTUNITY_EVENTS)('%s says nothing of the contact, not even that it exists or is deleted', (eventType) => {
  const said = { v: 1, kind: 'contact.changed', locationId: 'l', contactId: 'c', source: 'webhook' } as const;
  const event = { ...said, eventType, eventId: 'e', occurredAt: 5, receivedAt: 5, snapshot: null };
  expect(toldBy(event, readSettings(ENV).rules)).toEqual({});
});
