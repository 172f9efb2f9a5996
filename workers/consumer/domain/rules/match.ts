// Which route a contact takes, pure. A doubt never places anybody, and keeps out where the route keeps out.

import type { GhlContact } from '../contact.ts';
import type { FieldPlan } from '../fields/field-map.ts';
import {
  type Conditions,
  type Opportunities,
  type Pipeline,
  type PlainConditions,
  type Route,
  type Rules,
  TEXT_CONDITIONS,
  type TextCondition,
} from './conditions.ts';
import { testOpportunities } from './opportunities.ts';
import { hasTag, type ReadTags, readAgainst, readAll } from './tags.ts';
import {
  type ComparedWith,
  MISSING,
  readValue,
  testField,
  testValue,
  UNREADABLE,
  type Value,
  type Verdict,
  within,
} from './values.ts';

/** What is known of a contact. */
export interface Facts {
  tags: ReadTags;
  /** With those that may be tags too, and in doubtful readings. They count against dialing, never for it. */
  allTags: ReadTags;
  /** Null: only tags are known. */
  contact: KnownContact | null;
  opportunities: Opportunities;
  /** Null: their names are not known. */
  pipelines: readonly Pipeline[] | null;
}

interface KnownContact extends ComparedWith {
  field(name: TextCondition | 'dateAdded'): Value;
  custom(ref: string): Value;
  /** As GoHighLevel has it. */
  country: string | null;
}

/** What is known by tags alone, as a webhook shows them. */
export function factsOfTags(tags: readonly string[], oddTags: readonly string[] = []): Facts {
  return {
    tags: readAll(tags),
    allTags: readAgainst([...tags, ...oddTags]),
    contact: null,
    opportunities: 'unknown',
    pipelines: null,
  };
}

/** What a contact is compared with, and how its references are resolved. */
export interface JudgedBy extends ComparedWith {
  plan: Pick<FieldPlan, 'customIds' | 'pipelines'>;
  opportunities: Opportunities;
}

/** What is known of a contact that was read. */
export function factsOf(contact: GhlContact, { plan, opportunities, ...by }: JudgedBy): Facts {
  const { tags, oddTags, custom, oddCustom, country, oddTexts = [] } = contact;
  return {
    ...factsOfTags(tags, oddTags),
    opportunities,
    pipelines: plan.pipelines,
    contact: {
      ...by,
      country,
      field: (name) => (oddTexts.includes(name) ? UNREADABLE : readValue(contact[name])),
      custom: (ref) => {
        const id = plan.customIds.get(ref) ?? ref;
        if (Object.hasOwn(custom, id)) return readValue(custom[id]);
        // Whether the account has such a field is not known: so neither is the value.
        return plan.customIds.has(ref) && !oddCustom ? MISSING : UNREADABLE;
      },
    },
  };
}

/** One condition of a route, and what came of it. */
export interface Judged {
  /** As the setting spells its place: `custom contact.consent`, `not source`. */
  condition: string;
  verdict: Verdict;
}

/** Every condition, each judged. `against`: the route keeps out, so that tags of an odd form count. */
export function judge({ not, ...plain }: Conditions, facts: Facts, against: boolean): Judged[] {
  const negated = judgePlain(not ?? {}, facts, !against).map(({ condition, verdict }) => ({
    condition: `not ${condition}`,
    verdict: OPPOSITE[verdict],
  }));
  return [...judgePlain(plain, facts, against), ...negated];
}

/** A missing value is no value of another kind: nothing is said of it either way. */
const OPPOSITE: Record<Verdict, Verdict> = {
  yes: 'no',
  no: 'yes',
  missing: 'missing',
  unknown: 'unknown',
  doubt: 'doubt',
};

function judgePlain(conditions: PlainConditions, facts: Facts, against: boolean): Judged[] {
  const { opportunity } = conditions;
  return [
    ...judgeTags(conditions, against ? facts.allTags : facts.tags),
    ...judgeFields(conditions, facts.contact),
    ...(opportunity === undefined
      ? []
      : [{ condition: 'opportunity', verdict: testOpportunities(facts.opportunities, opportunity, facts.pipelines) }]),
  ];
}

function judgeTags({ tags, words, optOut }: PlainConditions, read: ReadTags): Judged[] {
  const rule = { ...(tags && { tags }), ...(words && { words }), ...(optOut && { optOut }) };
  const condition = Object.keys(rule).join(' or ');
  return condition === '' ? [] : [{ condition, verdict: hasTag(rule, read) ? 'yes' : 'no' }];
}

function judgeFields(conditions: PlainConditions, contact: KnownContact | null): Judged[] {
  const { custom = {}, addedWithinDays: days } = conditions;
  const judged: [string, (known: KnownContact) => Verdict][] = [
    ...TEXT_CONDITIONS.flatMap((name): [string, (known: KnownContact) => Verdict][] => {
      const test = conditions[name];
      return test ? [[name, (known) => testField(name, known.field(name), test, known.country)]] : [];
    }),
    ...Object.entries(custom).map(([ref, test]): [string, (known: KnownContact) => Verdict] => [
      `custom ${ref}`,
      (known) => testValue(known.custom(ref), test, known),
    ]),
  ];
  if (days !== undefined)
    judged.push(['addedWithinDays', (known) => addedWithin(known.field('dateAdded'), days, known)]);
  return judged.map(([condition, test]) => ({ condition, verdict: contact ? test(contact) : 'unknown' }));
}

function addedWithin(added: Value, days: number, { now }: ComparedWith): Verdict {
  if (added.kind !== 'texts') return added.kind === 'unreadable' ? 'doubt' : added.kind;
  // The list may show epoch ms.
  return within(added.texts[0] ?? '', days, now);
}

/** All of them together. */
function whole(judged: readonly Judged[]): Exclude<Verdict, 'missing'> {
  const has = (verdict: Verdict) => judged.some((one) => one.verdict === verdict);
  if (has('no') || has('missing')) return 'no';
  return has('unknown') ? 'unknown' : has('doubt') ? 'doubt' : 'yes';
}

function keepsOut({ bucket }: Route): boolean {
  return bucket === null;
}

/** Whether the route matches these facts. */
export function judgeRoute(route: Route, facts: Facts): Exclude<Verdict, 'missing'> {
  return whole(judge(route, facts, keepsOut(route)));
}

/**
 * Which route matches. `doubt`: the route at `priority` would place the contact, if what cannot be read were known. `unknown`: it depends
 * on what was not looked at. A route that keeps out may be `inDoubt`: with what cannot be read another route might match.
 */
export type Match =
  | { kind: 'route'; priority: number; inDoubt?: true }
  | { kind: 'none' }
  | { kind: 'doubt'; priority: number; condition: string }
  | { kind: 'unknown' };

/**
 * The first route that matches. Where that one goes by an opportunity, one that keeps out because of another opportunity wins, wherever it
 * stands. Where it is in doubt, any that keeps out wins.
 */
export function matchRules({ routes }: Rules, facts: Facts): Match {
  for (const [priority, route] of routes.entries()) {
    const verdict = judgeRoute(route, facts);
    if (verdict === 'no') continue;
    if (verdict === 'unknown') return { kind: 'unknown' };
    return keepsOut(route)
      ? outBy(priority, verdict === 'doubt')
      : placedUnlessOut(routes, priority, verdict === 'yes', facts);
  }
  return { kind: 'none' };
}

function outBy(priority: number, inDoubt: boolean): Match {
  return { kind: 'route', priority, ...(inDoubt && { inDoubt }) };
}

/** The route at `priority` places the contact, for certain (`isSure`) or perhaps. Routes behind it may keep the contact out all the same. */
function placedUnlessOut(routes: readonly Route[], priority: number, isSure: boolean, facts: Facts): Match {
  const route = routes[priority] as Route;
  if (isSure && route.opportunity === undefined) return { kind: 'route', priority };
  const rivals = [...routes.entries()]
    .slice(priority + 1)
    .filter(([, other]) => keepsOut(other) && (!isSure || other.opportunity !== undefined))
    .map(([at, other]) => ({ at, verdict: judgeRoute(other, facts) }));
  const rival = rivals.find(({ verdict }) => verdict === 'yes' || verdict === 'doubt');
  if (rival) return outBy(rival.at, !isSure || rival.verdict === 'doubt');
  if (rivals.some(({ verdict }) => verdict === 'unknown')) return { kind: 'unknown' };
  if (isSure) return { kind: 'route', priority };
  const condition = judge(route, facts, false).find(({ verdict }) => verdict === 'doubt')?.condition ?? '';
  return { kind: 'doubt', priority, condition };
}

/** What tags say, whatever else there is to know of the contact. */
export type SaidByTags =
  /** This route, -1 for none. */
  | { sure: true; priority: number }
  /** It depends on more than tags. `out`: the route that keeps out in any case, null where the contact may be placed. */
  | { sure: false; out: number | null };

/** What these tags say of a contact. */
export function tagsSay(rules: Rules, tags: readonly string[]): SaidByTags {
  return said(rules, factsOfTags(tags));
}

/** The route that keeps the contact out whatever is not known of it, where an earlier one depends on that; null where there is none. */
export function keptOutAnyway(rules: Rules, facts: Facts): number | null {
  const known = said(rules, facts);
  return known.sure ? null : known.out;
}

function said({ routes }: Rules, facts: Facts): SaidByTags {
  let isSure = true;
  for (const [priority, route] of routes.entries()) {
    const verdict = judgeRoute(route, facts);
    if (verdict === 'no') continue;
    if (verdict === 'yes') {
      if (isSure) return { sure: true, priority };
      return { sure: false, out: keepsOut(route) ? priority : null };
    }
    if (!keepsOut(route)) return { sure: false, out: null };
    isSure = false;
  }
  return isSure ? { sure: true, priority: -1 } : { sure: false, out: null };
}

/** What these tags say of each route, a letter each: n, y, or u where it depends on more. What `require` refuses rules out every bucket. */
export function tagSigns(rules: Rules, tags: readonly string[]): string {
  const facts = factsOfTags(tags);
  const isOpen = tagsPermit(rules, tags);
  return rules.routes.map((route) => (isOpen || keepsOut(route) ? judgeRoute(route, facts)[0] : 'n')).join('');
}

/** Whether some route may match a contact of which this is known. */
export function mayMatch({ routes }: Rules, facts: Facts): boolean {
  return routes.some((route) => judgeRoute(route, facts) !== 'no');
}

/** The condition of `require` that is not met for certain; null where the contact may be placed. One that needs no other look comes first. */
export function unmet({ require = {} }: Rules, facts: Facts): Judged | null {
  const missed = judge(require, facts, false).filter(({ verdict }) => verdict !== 'yes');
  const first = (verdict: Verdict) => missed.find((one) => one.verdict === verdict);
  return first('no') ?? first('doubt') ?? missed[0] ?? null;
}

/** Whether these tags meet what `require` asks of tags. */
export function tagsPermit({ require = {} }: Rules, tags: readonly string[]): boolean {
  return judge(require, factsOfTags(tags), false).every(({ verdict }) => verdict !== 'no');
}

/**
 * The verdicts on all conditions but tags and opportunities, in a text. It differs whenever something that decides has changed, or only
 * time has passed.
 */
export function signsOf({ routes, require = {} }: Rules, facts: Facts): string {
  return [...routes, require]
    .flatMap(({ not = {}, ...plain }) => [plain, not])
    .flatMap(({ tags: _, words: __, optOut: ___, opportunity: ____, ...rest }) => judgePlain(rest, facts, false))
    .map(({ verdict }) => verdict[0])
    .join('');
}

/** What of the rules asks for this tag, in words; null where nothing does. */
export function routeNaming({ routes, require = {} }: Rules, tag: string): string | null {
  const read = readAgainst([tag]);
  const asks = ({ not = {}, ...plain }: Conditions) => hasTag(plain, read) || hasTag(not, read);
  const route = routes.find(asks);
  return route ? `the route ${route.name}` : asks(require) ? '"require"' : null;
}
