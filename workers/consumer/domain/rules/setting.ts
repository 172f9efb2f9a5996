// Reads the rules. Every mistake is named at once: where it is, what is meant, and the nearest right word.

import { readJsonc } from '../jsonc.ts';
import { didYouMean } from '../nearest.ts';
import {
  type Conditions,
  type OpportunityRule,
  type PlainConditions,
  type Route,
  type Rules,
  TEXT_CONDITIONS,
  type Test,
} from './conditions.ts';
import { daysOf, fault, isObject, type Json, type Report, refuseUnknown, shown, textOf, textsOf } from './report.ts';
import { normaliseTag } from './tags.ts';
import { testOf } from './test-setting.ts';

const RULE_KEYS = ['routes', 'require', 'optOutTags'] as const;
const PLAIN_KEYS = ['tags', 'words', ...TEXT_CONDITIONS, 'custom', 'addedWithinDays', 'opportunity'] as const;
const CONDITION_KEYS = [...PLAIN_KEYS, 'not'] as const;
const ROUTE_KEYS = ['name', ...CONDITION_KEYS, 'bucket', 'calltoolsTag'] as const;
const OPPORTUNITY_KEYS = ['pipeline', 'stages', 'status'] as const;
/** docs/vendors.md, GoHighLevel: opportunities. */
const STATUSES = ['open', 'won', 'lost', 'abandoned'];

/** What people write in quotes and mean `null`. As the name of a bucket it would dial those who are to be kept out. */
const MEANT_AS_NULL = ['null', 'none', 'false'];

const MAX_NAME = 64;
const MAX_LABEL = 100;
/** Most mistakes that one message names. */
const MAX_NAMED = 10;

/** Keeps out everybody who has a tag that says so. It stands first, unless `"optOutTags": false`. */
export const OPT_OUT_ROUTE: Route = { name: 'opt-out tags', optOut: true, bucket: null };

/** Rules that say what they cannot. `lines`: each mistake by itself, with where the rules stand. */
export class FaultyRules extends Error {
  readonly lines: readonly string[];

  constructor(source: string, faults: readonly string[]) {
    super(`${source}: ${faults.join('; ')}`);
    this.lines = faults.map((one) => `${source}: ${one}`);
  }
}

/**
 * The rules that are given, as text (JSON with comments) or as the object that it would be. Throws an Error that begins with `source`, where
 * they stand, and names every mistake: where it is, and what is meant.
 */
export function parseRules(given: unknown, source = 'SYNC_RULES'): Rules {
  const faults: string[] = [];
  const rules = rulesOf(typeof given === 'string' ? readText(given, source) : given, (where, message) =>
    faults.push(`${where.length > 0 ? `${where.join(', ')}: ` : ''}${message}`),
  );
  if (faults.length === 0 && rules) return rules;
  const more = faults.length > MAX_NAMED ? [`and ${faults.length - MAX_NAMED} more`] : [];
  throw new FaultyRules(source, [...faults.slice(0, MAX_NAMED), ...more]);
}

function readText(text: string, source: string): unknown {
  try {
    return readJsonc(text);
  } catch (thrown) {
    throw new Error(`${source}, ${thrown instanceof Error ? thrown.message : thrown}`);
  }
}

function rulesOf(given: unknown, report: Report): Rules | null {
  if (!isObject(given))
    return fault(
      report,
      [],
      'must be an object such as {"routes": [{"name": "cold", "tags": ["cold lead"], "bucket": "Cold Leads"}]}',
    );
  refuseUnknown([], given, RULE_KEYS, report);
  const { routes: entries, require, optOutTags = true } = given;
  if (typeof optOutTags !== 'boolean') report(['optOutTags'], 'must be true or false');
  if (!Array.isArray(entries)) return fault(report, ['routes'], 'must be a list of routes');
  if (entries.length === 0) report(['routes'], 'must hold at least one route');
  const own = entries.flatMap((entry: unknown, index) => routeOf(entry, index, report) ?? []);
  refuseAlike(own, optOutTags !== false, report);
  const required = require === undefined ? undefined : requireOf(require, report);
  return { routes: optOutTags === false ? own : [OPT_OUT_ROUTE, ...own], ...(required && { require: required }) };
}

function requireOf(given: unknown, report: Report): Conditions | null {
  if (!isObject(given))
    return fault(report, ['require'], 'must be an object such as {"custom": {"contact.consent": ["yes"]}}');
  refuseUnknown(['require'], given, CONDITION_KEYS, report);
  if (CONDITION_KEYS.every((key) => given[key] === undefined))
    report(['require'], 'needs a condition, or must be left out');
  return conditionsOf(['require'], given, report);
}

function routeOf(entry: unknown, index: number, report: Report): Route | null {
  const place = `route ${index + 1}`;
  if (!isObject(entry))
    return fault(
      report,
      [place],
      'must be an object such as {"name": "cold", "tags": ["cold lead"], "bucket": "Cold Leads"}',
    );
  const name = textOf([place, 'name'], entry.name, report, MAX_NAME);
  const where = [name === '' ? place : `route "${shown(name)}"`];
  refuseUnknown(where, entry, ROUTE_KEYS, report);
  const conditions = conditionsOf(where, entry, report);
  const isKnown = (key: string) => ROUTE_KEYS.some((known) => known === key);
  if (CONDITION_KEYS.every((key) => entry[key] === undefined) && Object.keys(entry).every(isKnown))
    report(
      where,
      `needs a condition, such as "tags", or it would match everybody. It may have ${CONDITION_KEYS.join(', ')}`,
    );
  const bucket = bucketOf([...where, 'bucket'], entry, report);
  if (entry.calltoolsTag === undefined) return { name, ...conditions, bucket };
  if (bucket === null && entry.bucket === null)
    report(where, 'has "bucket": null (kept out of the dialer), so it cannot have a "calltoolsTag"');
  return {
    name,
    ...conditions,
    bucket,
    calltoolsTag: textOf([...where, 'calltoolsTag'], entry.calltoolsTag, report, MAX_LABEL),
  };
}

function bucketOf(where: readonly string[], { bucket }: Json, report: Report): string | null {
  if (bucket === null) return null;
  if (bucket === false || (typeof bucket === 'string' && MEANT_AS_NULL.includes(normaliseTag(bucket))))
    return fault(report, where, 'must be null, without quotes, to keep out of the dialer, or the name of a bucket');
  if (bucket !== undefined) return textOf(where, bucket, report, MAX_LABEL);
  return fault(
    report,
    where,
    'is missing. It must be the name of a bucket in CallTools, or null to keep out of the dialer',
  );
}

function conditionsOf(where: readonly string[], given: Json, report: Report): Conditions {
  const plain = plainOf(where, given, report);
  if (given.not === undefined) return plain;
  const inner = [...where, 'not'];
  if (!isObject(given.not)) {
    report(inner, 'must be an object such as {"source": ["partner"]}');
    return plain;
  }
  refuseUnknown(inner, given.not, PLAIN_KEYS, report);
  if (PLAIN_KEYS.every((key) => (given.not as Json)[key] === undefined))
    report(inner, 'needs a condition, or must be left out');
  return { ...plain, not: plainOf(inner, given.not, report) };
}

function plainOf(where: readonly string[], given: Json, report: Report): PlainConditions {
  const { tags, words, custom, addedWithinDays, opportunity } = given;
  const fields = TEXT_CONDITIONS.flatMap((field) => {
    const test = given[field] === undefined ? null : testOf([...where, field], given[field], 'text', report);
    return test ? [[field, test] as const] : [];
  });
  return {
    ...(tags !== undefined && { tags: textsOf([...where, 'tags'], tags, report) }),
    ...(words !== undefined && { words: textsOf([...where, 'words'], words, report) }),
    ...Object.fromEntries(fields),
    ...(custom !== undefined && { custom: customOf([...where, 'custom'], custom, report) }),
    ...(addedWithinDays !== undefined && {
      addedWithinDays: daysOf([...where, 'addedWithinDays'], addedWithinDays, report),
    }),
    ...(opportunity !== undefined && { opportunity: opportunityOf([...where, 'opportunity'], opportunity, report) }),
  };
}

function customOf(where: readonly string[], given: unknown, report: Report): Record<string, Test> {
  if (!isObject(given) || Object.keys(given).length === 0) {
    report(where, 'must be an object such as {"contact.consent": ["yes"]}, by the key, id or name of the custom field');
    return {};
  }
  const tests = new Map<string, Test>();
  for (const [key, entry] of Object.entries(given)) {
    const place = [...where.slice(0, -1), `custom ${shown(key)}`];
    const ref = key
      .trim()
      .replace(/^custom:/, '')
      .trim();
    if (ref === '') report(place, 'must be the key, id or name of a custom field');
    if (tests.has(ref)) report(place, 'is there twice');
    if (/[{}]/.test(ref)) report(place, 'is written without braces, such as "contact.consent"');
    const test = testOf(place, entry, 'custom', report);
    if (test) tests.set(ref, test);
  }
  return Object.fromEntries(tests);
}

function opportunityOf(where: readonly string[], given: unknown, report: Report): OpportunityRule {
  if (!isObject(given)) {
    report(where, 'must be an object such as {"pipeline": "Sales", "stages": ["Booked"], "status": ["open"]}');
    return {};
  }
  refuseUnknown(where, given, OPPORTUNITY_KEYS, report);
  const listOf = (value: unknown) => (typeof value === 'string' ? [value] : value);
  const status = given.status === undefined ? null : textsOf([...where, 'status'], listOf(given.status), report);
  for (const one of status ?? []) {
    if (!STATUSES.includes(normaliseTag(one)))
      report(
        [...where, 'status'],
        `"${shown(one)}" is not known.${didYouMean(one, STATUSES)} It may be ${STATUSES.join(', ')}`,
      );
  }
  return {
    ...(given.pipeline !== undefined && {
      pipeline: textOf([...where, 'pipeline'], given.pipeline, report, MAX_LABEL),
    }),
    ...(given.stages !== undefined && { stages: textsOf([...where, 'stages'], listOf(given.stages), report) }),
    ...(status && { status: status.map(normaliseTag) }),
  };
}

function refuseAlike(routes: readonly Route[], hasOptOut: boolean, report: Report): void {
  const names = routes.map(({ name }) => name).filter((name) => name !== '');
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) report(['routes'], `two are named "${shown(twice)}". Give each a name of its own`);
  if (hasOptOut && names.includes(OPT_OUT_ROUTE.name))
    report(
      ['routes'],
      `"${OPT_OUT_ROUTE.name}" is the name of the built-in route. Choose another name, or set "optOutTags": false`,
    );
  for (const key of ['bucket', 'calltoolsTag'] as const) {
    const spellings = [...new Set(routes.flatMap((route) => route[key] ?? []))];
    const [one, other] = spellings.flatMap((a, index) =>
      spellings.slice(index + 1).flatMap((b) => (normaliseTag(a) === normaliseTag(b) ? [a, b] : [])),
    );
    if (one !== undefined)
      report(
        ['routes'],
        `spell the ${key} "${shown(one)}" and "${shown(other ?? '')}" in one way: CallTools may hold both`,
      );
  }
}
