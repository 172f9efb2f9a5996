// Plans of mapped fields, as settings and what is known of the accounts make them.

import type { FieldPlan } from '../../workers/consumer/domain/fields/field-map.ts';
import { type FieldSettings, parseFieldMap } from '../../workers/consumer/domain/fields/field-map-setting.ts';
import { planOf } from '../../workers/consumer/domain/fields/field-plan.ts';

const WRITTEN = { phone: 'mobile_phone_number', email: 'personal_email_address', externalId: '' };

interface Known {
  /** Ids of custom fields, by what the map calls them. */
  customIds?: Record<string, string>;
  /** CallTools users of GoHighLevel users. */
  ownerIds?: Record<string, string>;
  added?: FieldPlan['added'];
}

/** The plan of these settings; of none, the fields that are written by default. */
export function planWith(settings: FieldSettings = {}, known: Known = {}): FieldPlan {
  const read = { asked: '', failure: null, readAt: 0 };
  const lists = [
    { ...read, kind: 'custom_fields' as const, resolved: known.customIds ?? {} },
    { ...read, kind: 'owners' as const, resolved: known.ownerIds ?? {} },
  ];
  return planOf(parseFieldMap(settings, WRITTEN), lists, known.added);
}
