// Routes that can never match: an earlier one takes every contact that they could, or they ask for what they rule out. Pure. What is not
// sure is not named.

import { fold, readings } from '../../../../shared/fold.ts';
import {
  type Conditions,
  type OpportunityRule,
  type PlainConditions,
  type Route,
  type Rules,
  TEXT_CONDITIONS,
  type Test,
} from './conditions.ts';
import { hasTag, type TagRule } from './tags.ts';

/** A route that matches no contact, as long as the contact can be read: in doubt, one that keeps out may. */
export interface Unreachable {
  route: string;
  /** A sentence. */
  why: string;
}

/** The routes that can never match, in their order. */
export function unreachableRoutes({ routes }: Rules): Unreachable[] {
  return routes.flatMap((route, index) => {
    const why = whyNever(route, routes.slice(0, index));
    return why === null ? [] : [{ route: route.name, why: `route "${route.name}" can never match: ${why}` }];
  });
}

function whyNever(route: Route, earlier: readonly Route[]): string | null {
  const reasons = waysOf(route).map((way) => {
    const [conflict] = clashes(way);
    if (conflict !== undefined) return `its "not" rules out what it asks for (${conflict})`;
    const cover = earlier.find((one) => takes(one, route, earlier) && covers(one, way));
    return cover ? takenBy(cover) : null;
  });
  return reasons.includes(null) ? null : [...new Set(reasons)].join(', and ');
}

function takenBy({ name, optOut }: Route): string {
  return optOut
    ? `the built-in route "${name}" keeps these tags out before it ("optOutTags": false switches that off)`
    : `route "${name}", which stands before it, takes every contact that it could match`;
}

/** The route with each of its tags and words alone: one of them is enough. */
function waysOf({ tags, words, ...rest }: Route): Conditions[] {
  if (tags === undefined && words === undefined) return [rest];
  return [
    ...(tags ?? []).map((tag) => ({ ...rest, tags: [tag] })),
    ...(words ?? []).map((word) => ({ ...rest, words: [word] })),
  ];
}

/**
 * Whether a contact that `one` matches never comes to `route`. Among several opportunities keeping out wins, so a route that keeps out by
 * an opportunity may win against any that stands before it.
 */
function takes(one: Route, route: Route, earlier: readonly Route[]): boolean {
  if (route.bucket !== null || route.opportunity === undefined) return true;
  if (one.bucket === null && one.opportunity !== undefined) return true;
  return !earlier.some(({ bucket, opportunity }) => bucket !== null && opportunity !== undefined);
}

/** Whether everybody who meets the narrow conditions meets the wide ones. */
function covers({ not: wideNot = {}, ...wide }: Conditions, { not: narrowNot = {}, ...narrow }: Conditions): boolean {
  const isMet = (place: string) => places(wide, narrow).includes(place);
  return asked(wide).every(isMet) && asked(wideNot).every((place) => places(narrowNot, wideNot).includes(place));
}

/** What is asked for and ruled out: everybody who has the one has the other. `{"exists": true}` within `not` rules out every value. */
function clashes({ not = {}, ...plain }: Conditions): string[] {
  const never = asked(not).filter((place) => {
    const test = testAt(not, place);
    return test !== undefined && 'exists' in test;
  });
  return [...never, ...places(not, plain)];
}

/** The conditions, each by its place. */
function asked({
  tags,
  words,
  optOut,
  custom = {},
  addedWithinDays,
  opportunity,
  ...fields
}: PlainConditions): string[] {
  return [
    ...(tags || words || optOut ? ['tags'] : []),
    ...TEXT_CONDITIONS.filter((field) => fields[field] !== undefined),
    ...Object.keys(custom).map((ref) => `custom ${ref}`),
    ...(addedWithinDays === undefined ? [] : ['addedWithinDays']),
    ...(opportunity === undefined ? [] : ['opportunity']),
  ];
}

function testAt({ custom = {}, ...fields }: PlainConditions, place: string): Test | undefined {
  const field = TEXT_CONDITIONS.find((name) => name === place);
  if (field) return fields[field];
  return place.startsWith('custom ') ? custom[place.slice('custom '.length)] : undefined;
}

/** Where the wide condition is met by everybody who meets the narrow one. */
function places(wide: PlainConditions, narrow: PlainConditions): string[] {
  const both = asked(narrow).filter((place) => asked(wide).includes(place));
  return both.filter((place) => {
    if (place === 'tags') return coversTags(wide, narrow);
    if (place === 'addedWithinDays') return (wide.addedWithinDays ?? 0) >= (narrow.addedWithinDays ?? 0);
    if (place === 'opportunity') return coversOpportunity(wide.opportunity ?? {}, narrow.opportunity ?? {});
    const [one, other] = [testAt(wide, place), testAt(narrow, place)];
    return one !== undefined && other !== undefined && coversTest(one, other, place === 'assignedTo');
  });
}

function coversTags(wide: TagRule, { tags = [], words = [], optOut }: TagRule): boolean {
  if (optOut && !wide.optOut) return false;
  const isWord = (word: string) => wide.words?.some((one) => fold(one) === fold(word)) ?? false;
  return (
    tags.every((tag) => readings(tag).every((one) => hasTag(wide, { texts: [one], open: [] }))) && words.every(isWord)
  );
}

function coversTest(wide: Test, narrow: Test, isId: boolean): boolean {
  if ('exists' in wide) return true;
  if ('oneOf' in wide) {
    const form = isId ? (text: string) => text : fold;
    return 'oneOf' in narrow && narrow.oneOf.every((one) => wide.oneOf.some((other) => form(other) === form(one)));
  }
  if ('sameAs' in wide) return 'sameAs' in narrow;
  if ('withinDays' in wide) return 'withinDays' in narrow && narrow.withinDays <= wide.withinDays;
  if ('from' in wide || 'to' in wide) {
    if (!('from' in narrow || 'to' in narrow)) return false;
    return (narrow.from ?? '') >= (wide.from ?? '') && (narrow.to ?? '9999-12-31') <= (wide.to ?? '9999-12-31');
  }
  return coversRange(wide as Range, narrow);
}

type Range = Extract<Test, { least?: number }>;

function coversRange(
  { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY }: Range,
  narrow: Test,
): boolean {
  if (!('least' in narrow || 'most' in narrow)) return false;
  return (narrow.least ?? Number.NEGATIVE_INFINITY) >= least && (narrow.most ?? Number.POSITIVE_INFINITY) <= most;
}

/** Stages are compared within one pipeline only: elsewhere a name may mean another stage. */
function coversOpportunity(wide: OpportunityRule, narrow: OpportunityRule): boolean {
  const among = (some: readonly string[] | undefined, all: readonly string[] | undefined) =>
    all === undefined || (some?.every((one) => all.includes(one)) ?? false);
  const isPipeline = wide.pipeline === narrow.pipeline || (wide.pipeline === undefined && wide.stages === undefined);
  return isPipeline && among(narrow.stages, wide.stages) && among(narrow.status, wide.status);
}
