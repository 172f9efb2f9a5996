// What webhooks say of a contact's tags, compared with one another and with a read.

import type { Told } from '../../../shared/messages.ts';

type Tags = NonNullable<Told['tags']>;
type Signs = NonNullable<Told['signs']>;

/** What a read says of tags. */
export interface ShownTags {
  /** Index of the route that matches the contact, -1 for none. */
  priority: number;
  /** That route keeps out. */
  out: boolean;
  /** Its tags are what `require` asks for. */
  permitted: boolean;
  /** What its tags alone say of each route (`tagSigns`). */
  signs: string;
}

/** What tags say: they tell the route, or something of each. Newer tags that tell the route make what was said of each before void. */
export function laterSaid(one: Told, other: Told): Pick<Told, 'tags' | 'signs'> {
  const tags = laterTags(one.tags, other.tags);
  const signs = one.signs && other.signs ? laterSigns(one.signs, other.signs) : (one.signs ?? other.signs);
  const isVoid = tags !== undefined && signs !== undefined && tags.at > signs.at;
  return { ...(tags && { tags }), ...(signs && !isVoid && { signs }) };
}

/** Of two with the same time both count: what either rules out is ruled out. */
function laterSigns(one: Signs, other: Signs): Signs {
  if (one.at !== other.at) return one.at > other.at ? one : other;
  const routes = [...one.routes].map((sign, index) => (other.routes[index] === 'n' ? 'n' : sign)).join('');
  const removed = one.removed || other.removed;
  return { at: one.at, routes, ...(removed && { removed }) };
}

/** From the least strict to the strictest. */
const STRICTNESS: Tags['intent'][] = ['place', 'none', 'removed', 'out'];

function laterTags(one: Tags | undefined, other: Tags | undefined): Tags | undefined {
  if (!one || !other) return one ?? other;
  const strictness = ({ intent }: Tags) => STRICTNESS.indexOf(intent);
  const [earlier, later] = [one, other].sort((a, b) => a.at - b.at || strictness(a) - strictness(b)) as [Tags, Tags];
  const removed = later.intent === 'none' && (earlier.intent === 'place' || earlier.intent === 'removed');
  const tied = one.at === other.at && (one.tied || other.tied || one.priority !== other.priority);
  return { ...later, ...(removed && { intent: 'removed' }), ...(tied && { tied }) };
}

/**
 * What a webhook's tags make of a route that a read, or an earlier one, shows: null where it may stand. A route that matches by tags alone
 * stands before every later one, and `by` is the route that takes its place; -1 where the tags rule the route out.
 */
export function ruledOut({ routes }: Signs, priority: number): { by: number } | null {
  const first = routes.indexOf('y');
  if (first >= 0 && first < priority) return { by: first };
  return routes[priority] === 'n' ? { by: -1 } : null;
}

/** Times of the statements about tags that a read contradicts, epoch ms. */
export function tagsContradicted({ tags, signs }: Told, shown: ShownTags): number[] {
  const differs = tags !== undefined && !(tags.intent === 'out' && shown.out) && tagsDiffer(tags, shown);
  return [...(tags && differs ? [tags.at] : []), ...(signs && signs.routes !== shown.signs ? [signs.at] : [])];
}

function tagsDiffer({ priority, intent }: Tags, shown: ShownTags): boolean {
  return priority !== shown.priority || (priority !== -1 && !shown.out && (intent === 'place') !== shown.permitted);
}
