// What the rules say of a contact, route by route, in words for the person who writes them. Pure.

import type { JudgedCondition, JudgedRoute, RuleCondition, RulesTest } from '../../../../shared/api/rules.ts';
import { type Conditions, type PlainConditions, type Rules, TEXT_CONDITIONS, type Test } from './conditions.ts';
import { type Facts, factsOfTags, type Judged, judge, judgeRoute, matchRules } from './match.ts';
import type { Verdict } from './values.ts';

const SAYS: Record<Exclude<Verdict, 'unknown'>, string> = {
  yes: 'yes',
  no: 'no',
  missing: 'no: the contact has no value there',
  doubt: 'in doubt: the value cannot be read, or what the rules name is not found',
};

/** Every route and `require`, each condition judged by these facts. */
export function explainRoutes({ routes, require }: Rules, facts: Facts): Pick<RulesTest, 'routes' | 'require'> {
  const unknown =
    facts.contact === null ? 'depends on more than tags' : 'not asked for: the outcome does not depend on it';
  const shown = (judged: readonly Judged[], conditions: Conditions) =>
    inWords(judged, conditions, { ...SAYS, unknown });
  return {
    routes: routes.map((route): JudgedRoute => {
      const judged = judge(route, facts, route.bucket === null);
      const { name, bucket } = route;
      return { name, bucket, verdict: judgeRoute(route, facts), conditions: shown(judged, route) };
    }),
    require: require ? shown(judge(require, facts, false), require) : [],
  };
}

/** What each route and `require` ask, in words, in the order of the rules. */
export function describeRules(rules: Rules): { routes: RuleCondition[][]; require: RuleCondition[] } {
  const { routes, require } = explainRoutes(rules, factsOfTags([]));
  const words = (judged: readonly JudgedCondition[]) => judged.map(({ condition, asks }) => ({ condition, asks }));
  return { routes: routes.map(({ conditions }) => words(conditions)), require: words(require) };
}

/** What the rules say of a contact that has exactly these tags, as far as tags alone tell. */
export function explainTags(rules: Rules, tags: readonly string[]): RulesTest {
  const facts = factsOfTags(tags);
  const explained = explainRoutes(rules, facts);
  const match = matchRules(rules, facts);
  if (match.kind === 'unknown') return { ...explained, ...dependsOn(explained.routes) };
  const route = match.kind === 'none' ? undefined : rules.routes[match.priority];
  if (!route) return { ...explained, ...NO_ROUTE };
  const { name, bucket } = route;
  const explanation = bucket === null ? keepsOut(name) : `${places(name, bucket)} ${besides(explained.require)}`;
  return { ...explained, outcome: bucket === null ? 'kept_out' : 'placed', route: name, bucket, explanation };
}

type Said = Pick<RulesTest, 'outcome' | 'route' | 'bucket' | 'explanation'>;

const NO_ROUTE: Said = {
  outcome: 'kept_out',
  route: null,
  bucket: null,
  explanation: 'No route matches.',
};

/** Routes that tags leave open come before the first one that matches by tags. */
function dependsOn(routes: readonly JudgedRoute[]): Said {
  const sure = routes.findIndex(({ verdict }) => verdict === 'yes');
  const open = routes.slice(0, sure < 0 ? routes.length : sure).filter(({ verdict }) => verdict === 'unknown');
  const { name, bucket = null } = routes[sure] ?? {};
  const otherwise = name === undefined ? 'it is not dialed.' : bucket === null ? keepsOut(name) : places(name, bucket);
  const explanation = `It depends on more than tags. May match first: ${open.map((one) => one.name).join(', ')}. If none does: ${otherwise}`;
  const isOut = bucket === null && open.every((one) => one.bucket === null);
  if (!isOut) return { outcome: 'depends', route: null, bucket: null, explanation };
  return {
    outcome: 'kept_out',
    route: null,
    bucket: null,
    explanation: `${explanation} So it is not dialed in any case.`,
  };
}

/** In words: this route keeps out. */
export function keepsOut(route: string): string {
  return `The route ${route} keeps it out of the dialer.`;
}

/** In words: this route places. */
export function places(route: string, bucket: string): string {
  return `The route ${route} places it in the bucket ${bucket}.`;
}

/** What a route cannot say for itself. */
function besides(require: readonly JudgedCondition[]): string {
  const permit = require.length > 0 ? ', and meet what "require" asks' : '';
  return `Besides, it must have a usable phone number and not be on do-not-disturb${permit}.`;
}

function inWords(judged: readonly Judged[], conditions: Conditions, says: Record<Verdict, string>): JudgedCondition[] {
  return judged.map(({ condition, verdict }) => {
    return { condition, asks: asksOf(condition, conditions), verdict, says: says[verdict] };
  });
}

/** What a condition asks, in words. `condition` is as `judge` names it. */
export function asksOf(condition: string, conditions: Conditions): string {
  if (!condition.startsWith('not ')) return asks(condition, conditions);
  return `not: ${asks(condition.slice('not '.length), conditions.not ?? {})}`;
}

/** The same of a condition without "not". */
export function asks(condition: string, of: PlainConditions): string {
  const field = TEXT_CONDITIONS.find((name) => name === condition);
  if (field) return `${field} ${asked(of[field])}`;
  if (condition === 'addedWithinDays') return `created within the last ${of.addedWithinDays} days`;
  if (condition === 'opportunity') return `an opportunity${opportunity(of)}`;
  if (condition.startsWith('custom ')) {
    const ref = condition.slice('custom '.length);
    return `custom field ${ref} ${asked(of.custom?.[ref])}`;
  }
  const { tags, words, optOut } = of;
  return [
    ...(tags ? [`a tag ${anyOf(tags)}`] : []),
    ...(words ? [`the word ${anyOf(words)} in a tag`] : []),
    ...(optOut ? ['a tag that says "do not call"'] : []),
  ].join(', or ');
}

function asked(test: Test | undefined): string {
  if (test === undefined || 'exists' in test) return 'has a value';
  if ('oneOf' in test) return `is ${anyOf(test.oneOf)}`;
  if ('withinDays' in test) return `is a day within the last ${test.withinDays} days`;
  if ('sameAs' in test) return 'is the contact’s own phone number';
  const { least, most, from, to } = test as Record<'least' | 'most', number> & Record<'from' | 'to', string>;
  const [low, high] = [least ?? from, most ?? to];
  if (low === undefined) return `is at most ${high}`;
  return high === undefined ? `is at least ${low}` : `is from ${low} to ${high}`;
}

function opportunity({ opportunity: { pipeline, stages, status } = {} }: PlainConditions): string {
  return [
    ...(pipeline === undefined ? [] : [` in the pipeline "${pipeline}"`]),
    ...(stages ? [` at the stage ${anyOf(stages)}`] : []),
    ...(status ? [` with the status ${anyOf(status)}`] : []),
  ].join(',');
}

function anyOf(texts: readonly string[]): string {
  return texts.map((text) => `"${text}"`).join(' or ');
}
