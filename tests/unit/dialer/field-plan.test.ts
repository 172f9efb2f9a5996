// Which settings need a list of the accounts. Without such a setting no batch asks for one.

import { expect, test } from 'vitest';
import { readSettings } from '../../../workers/consumer/config/settings.ts';
import { needsLists } from '../../../workers/consumer/dialer/field-plan.ts';
import { ENV } from '../../support/vendor-harness.ts';

const inStage = { name: 'won', opportunity: { pipeline: 'Sales', stages: ['Won'] }, bucket: 'Won' };

test.each<[string, boolean, object]>([
  ['nothing beyond what every contact has', false, {}],
  ['a field of every contact', false, { FIELD_MAP: { company: 'companyName' } }],
  ['a custom field by its id', false, { FIELD_MAP: { bill: 'custom:bill0123456789ABCDEF' } }],
  ['a custom field by its key', true, { FIELD_MAP: { bill: 'custom:contact.bill' } }],
  ['an owner by email', true, { OWNERS: { 'ana@example.com': 'Sam Carter' } }],
  ['a pipeline', true, { SYNC_RULES: { routes: [inStage] } }],
])('whether settings that name %s need a list: %s', (_, needed, changes) => {
  expect(needsLists(readSettings({ ...ENV, ...changes }))).toBe(needed);
});
