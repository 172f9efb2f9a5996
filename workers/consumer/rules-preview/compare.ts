// One contact under new rules, compared with where it stands. Pure.

import type { RulesPlace } from '../../../shared/api/rules.ts';
import type { Decision } from '../domain/decide.ts';
import type { Rules } from '../domain/rules/conditions.ts';
import type { Standing } from '../store/contact-story.ts';

/** Why the contact list does not tell what becomes of a contact. */
export type Unclear = 'call_dnd' | 'opportunities' | 'row_unreadable' | 'shared_number' | 'said_no';

/** What becomes of a contact. */
export type Change =
  | { kind: 'comes_in' | 'goes_out' | 'moves'; from: RulesPlace; to: RulesPlace }
  | { kind: 'stays'; where: 'in' | 'out' }
  | { kind: 'unclear'; what: Unclear };

/** Both versions of the rules. */
export interface Versions {
  /** Those that are deployed. */
  before: Rules;
  after: Rules;
}

/** Reasons that no change of the rules ends: a person does. */
const UNTIL_A_PERSON_ACTS = ['do_not_contact_set', 'held_by_brake'];
/** Reasons by which another contact decides. */
const SHARED = ['shared_phone', 'shared_contact'];

/**
 * What becomes of a contact. `standing`: as last settled; undefined where it is not known. `decision`: by the new rules and its row of the
 * contact list. `isOdd`: the row cannot be read whole.
 */
export function compareContact(
  standing: Standing | undefined,
  decision: Decision,
  isOdd: boolean,
  versions: Versions,
): Change {
  if (isOdd) return { kind: 'unclear', what: 'row_unreadable' };
  if (decision.asksForOpportunities) return { kind: 'unclear', what: 'opportunities' };
  const isIn = standing !== undefined && (standing.state === 'placed' || standing.mayBeDialed);
  const from = isIn ? placeIn(standing.route, versions.before) : placeOut(standing);
  if (decision.intent !== 'place') {
    const { reason, route, condition = null } = decision;
    if (!isIn) return { kind: 'stays', where: 'out' };
    return { kind: 'goes_out', from, to: { route, bucket: null, reason, condition } };
  }
  const to = placeIn(decision.route, versions.after);
  if (!isIn)
    return standing === undefined ? { kind: 'comes_in', from, to } : comesIn(standing, to, from, versions.after);
  const isSame =
    from.bucket === null
      ? from.route === to.route
      : from.bucket === to.bucket && tagOf(from, versions.before) === tagOf(to, versions.after);
  return isSame ? { kind: 'stays', where: 'in' } : { kind: 'moves', from, to };
}

/** A contact that is known and out of the dialer, which the new rules would place. */
function comesIn(
  { state, reason, route, hold }: Standing,
  to: RulesPlace,
  from: RulesPlace,
  { routes }: Rules,
): Change {
  const staysOut = { kind: 'stays', where: 'out' } as const;
  if (UNTIL_A_PERSON_ACTS.includes(reason)) return staysOut;
  // The list may hide do-not-disturb (docs/vendors.md, GoHighLevel: search).
  if (reason === 'dnd') return { kind: 'unclear', what: 'call_dnd' };
  if (SHARED.includes(reason)) return { kind: 'unclear', what: 'shared_number' };
  if (hold) {
    // See sync/hold.ts: a hold goes along to the successor of a route that is gone.
    if (hold.route === to.route || !routes.some(({ name }) => name === hold.route)) return staysOut;
    if (hold.reason === 'said_no') return { kind: 'unclear', what: 'said_no' };
  }
  if (state === 'failed' && route === to.route) return staysOut;
  return { kind: 'comes_in', from, to };
}

function placeIn(route: string | null, { routes }: Rules): RulesPlace {
  const bucket = routes.find(({ name }) => name === route)?.bucket ?? null;
  return { route, bucket, reason: null, condition: null };
}

function placeOut(standing: Standing | undefined): RulesPlace {
  const { route = null, reason = 'not_known' } = standing ?? {};
  return { route, bucket: null, reason, condition: null };
}

function tagOf({ route }: RulesPlace, { routes }: Rules): string | undefined {
  return routes.find(({ name }) => name === route)?.calltoolsTag;
}
