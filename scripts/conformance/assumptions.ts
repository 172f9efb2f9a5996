// Every open assumption that is tried, in the order in which it is: what needs no write comes first.

import type { Assumption } from './assumption.ts';
import { CALLTOOLS_BUCKETS } from './assumptions/calltools-buckets.ts';
import { CALLTOOLS_CALLS } from './assumptions/calltools-calls.ts';
import { CALLTOOLS_FIELDS } from './assumptions/calltools-fields.ts';
import { CALLTOOLS_LISTS } from './assumptions/calltools-lists.ts';
import { CALLTOOLS_PHONE } from './assumptions/calltools-phone.ts';
import { CALLTOOLS_SEARCH } from './assumptions/calltools-search.ts';
import { GOHIGHLEVEL_CONTACT } from './assumptions/gohighlevel-contact.ts';
import { GOHIGHLEVEL_LISTS } from './assumptions/gohighlevel-lists.ts';

export const ASSUMPTIONS: readonly Assumption[] = [
  ...GOHIGHLEVEL_LISTS,
  ...CALLTOOLS_LISTS,
  ...CALLTOOLS_CALLS,
  ...GOHIGHLEVEL_CONTACT,
  ...CALLTOOLS_PHONE,
  ...CALLTOOLS_FIELDS,
  ...CALLTOOLS_SEARCH,
  ...CALLTOOLS_BUCKETS,
];
