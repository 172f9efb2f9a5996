// What histories are about, and how many of them.

import type { Rng } from './rng.ts';

/** What a history is about. */
export type Theme =
  /** A bit of everything. */
  | 'mixed'
  /** Nothing fails: changes and webhooks alone. */
  | 'plain'
  /** Everything at once, and slow vendors: who holds what when. */
  | 'crowd'
  /** Workers die over their writes and commits. */
  | 'crash'
  /** Queues and D1 fail. */
  | 'platform'
  /** Buckets are deleted, or there are several of one name. */
  | 'labels'
  /** People change contacts in CallTools. */
  | 'by-hand'
  /** GoHighLevel's reads lag behind its webhooks. */
  | 'lag'
  /** CallTools contacts with several numbers, made by hand and by merging. */
  | 'shared'
  /** Calls end in "no". */
  | 'said-no'
  /** Agents call people, and CALL_RESULTS is set. */
  | 'calls'
  /** A bit of everything, told in odd forms. */
  | 'forms'
  /** A vendor gives odd answers, about one record or about everybody. */
  | 'odd'
  /** A bit of everything, and the brake is set. */
  | 'brake'
  /** A bit of everything, with many mapped fields. */
  | 'fields'
  /** Rules ask for more than tags. */
  | 'asked'
  /** Rules ask for opportunities. */
  | 'deals';

/** The themes of most histories. */
export const THEMES: Theme[] = [
  ...(['mixed', 'mixed', 'mixed', 'mixed', 'plain', 'crowd', 'crowd', 'crowd', 'crash', 'crash'] as const),
  ...(['platform', 'labels', 'by-hand'] as const),
];
/** Of the histories whose theme is drawn. Drawn apart, so that the others are what they were before. */
const LAGGING_SHARE = 0.08;
/** The same of the theme of shared CallTools contacts. */
const SHARED_SHARE = 0.07;
/** The same of calls that end in "no". */
const SAID_NO_SHARE = 0.08;
/** The same of odd forms. */
const FORMS_SHARE = 0.1;
/** The same of odd answers. */
const ODD_SHARE = 0.08;
/** The same of mapped fields. */
const FIELDS_SHARE = 0.1;
/** The same of calls whose record is read. */
const CALLS_SHARE = 0.1;
/** The same of the brake. */
const BRAKE_SHARE = 0.06;
/** The same of rules that ask for more than tags. */
const ASKED_SHARE = 0.1;
/** The same of rules that ask for opportunities. */
const DEALS_SHARE = 0.06;

/** Themes that came later take their share from the others, and shift nothing of those. */
export function ownTheme(rng: Rng): Theme | null {
  if (rng.fork('lag').chance(LAGGING_SHARE)) return 'lag';
  if (rng.fork('shared').chance(SHARED_SHARE)) return 'shared';
  if (rng.fork('said no').chance(SAID_NO_SHARE)) return 'said-no';
  if (rng.fork('forms share').chance(FORMS_SHARE)) return 'forms';
  if (rng.fork('odd').chance(ODD_SHARE)) return 'odd';
  if (rng.fork('fields share').chance(FIELDS_SHARE)) return 'fields';
  if (rng.fork('calls share').chance(CALLS_SHARE)) return 'calls';
  if (rng.fork('brake share').chance(BRAKE_SHARE)) return 'brake';
  if (rng.fork('asked share').chance(ASKED_SHARE)) return 'asked';
  return rng.fork('deals share').chance(DEALS_SHARE) ? 'deals' : null;
}
