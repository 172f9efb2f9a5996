// What a test can choose about GoHighLevel: how late its search is, how it hides DND, how fast it may be called.

import { CUSTOM_FIELDS, type CustomFieldDefinition } from './custom-fields.ts';
import { LOCATION_USERS, type LocationUser } from './location-users.ts';
import { PIPELINES, type Pipeline } from './opportunities/opportunity.ts';

/** Habits of GoHighLevel that a test may change. */
export interface GoHighLevelSettings {
  /** Creations, edits and deletions reach the searches of contacts and of opportunities only after this; "a few seconds" (docs/vendors.md, GoHighLevel: search). */
  searchLagMs: number;
  /** GET shows a change only after this; with a range each change has a lag of its own. Reads were seen 4 to 6 s behind webhooks. */
  readLagMs: number | { min: number; max: number };
  /** Search answers `dnd: false, dndSettings: {}` whatever is true (docs/vendors.md, GoHighLevel: search). */
  searchHidesCallDnd: boolean;
  /** 100 requests in 10 s and 200,000 a day (docs/vendors.md, GoHighLevel: rate limits). */
  rateLimit: { max: number; intervalMs: number; dailyMax: number };
  /**
   * False: a second contact with a phone is refused (the location's "Allow Duplicate Contact"; docs/vendors.md, GoHighLevel:
   * contacts API).
   */
  allowDuplicatePhones: boolean;
  /** A missing contact is not documented as 404 (docs/vendors.md, GoHighLevel: contacts API). */
  missingContactStatus: 400 | 404;
  /**
   * What a PUT of some do-not-disturb channels does to the others: they stay, or they are gone (not known; docs/vendors.md,
   * GoHighLevel: writes).
   */
  dndWrite: 'kept' | 'replaced';
  /** What the token may do; a call beyond it is a 401 (docs/vendors.md, GoHighLevel: errors). */
  scopes: string[];
  /** The location's custom fields. */
  customFields: CustomFieldDefinition[];
  /** The location's users. */
  users: LocationUser[];
  /** The location's pipelines. */
  pipelines: Pipeline[];
  /** Whether a row of the contact search lists the contact's opportunities: the official SDK's type says so, nobody has shown it. */
  searchShowsOpportunities: boolean;
  /** The form in which a contact is shown; odd forms come from tests. */
  reshape: (shown: Record<string, unknown>, where: 'detail' | 'search' | 'webhook') => Record<string, unknown>;
  /** The form of a page of the search; `first` = asked for without a cursor. */
  reshapePage: (page: { contacts: Record<string, unknown>[]; total: number }, first: boolean) => object;
  /** The form of a page of the search of opportunities. */
  reshapeOpportunities: (page: { opportunities: Record<string, unknown>[]; meta: object }) => object;
}

/** GoHighLevel as documented. */
export const DEFAULT_SETTINGS: GoHighLevelSettings = {
  searchLagMs: 3000,
  readLagMs: 0,
  searchHidesCallDnd: true,
  rateLimit: { max: 100, intervalMs: 10_000, dailyMax: 200_000 },
  allowDuplicatePhones: true,
  missingContactStatus: 400,
  dndWrite: 'kept',
  scopes: ['contacts.readonly', 'locations/customFields.readonly', 'users.readonly', 'opportunities.readonly'],
  customFields: CUSTOM_FIELDS,
  users: LOCATION_USERS,
  pipelines: PIPELINES,
  searchShowsOpportunities: false,
  reshape: (shown) => shown,
  reshapePage: (page) => page,
  reshapeOpportunities: (page) => page,
};
