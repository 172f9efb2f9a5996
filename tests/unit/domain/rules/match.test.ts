// Which route a contact takes: the first that matches, and in doubt none that places.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Rules } from '../../../../workers/consumer/domain/rules/conditions.ts';
import {
  judgeRoute,
  matchRules,
  mayMatch,
  signsOf,
  tagsPermit,
  tagsSay,
  unmet,
} from '../../../../workers/consumer/domain/rules/match.ts';
import { parseRules } from '../../../../workers/consumer/domain/rules/setting.ts';
import { conditions, contact, customValue, opportunities, routes } from '../../../support/arbitrary-rules.ts';
import { factsFrom } from '../../../support/facts.ts';
import { rulesOf } from '../../../support/rules.ts';

const RUNS = { numRuns: 400 };
const read = (setting: unknown[], more: object = {}) => parseRules({ routes: setting, optOutTags: false, ...more });

/** The bucket; null for out, undefined for neither. */
function bucketOf(rules: Rules, facts: ReturnType<typeof factsFrom>): string | null | undefined {
  const match = matchRules(rules, facts);
  return match.kind === 'route' ? rules.routes[match.priority]?.bucket : undefined;
}

test('property: who is placed matches that route for certain, and none before it, not even perhaps', () => {
  fc.assert(
    fc.property(routes({ opportunity: true }), contact, opportunities, (setting, json, all) => {
      const rules = read(setting);
      const facts = factsFrom(json, { opportunities: all });
      const match = matchRules(rules, facts);
      if (match.kind !== 'route' || rules.routes[match.priority]?.bucket === null) return;
      const verdicts = rules.routes.map((route) => judgeRoute(route, facts));
      expect(verdicts.slice(0, match.priority + 1)).toEqual([...Array(match.priority).fill('no'), 'yes']);
    }),
    RUNS,
  );
});

test('property: without doubt the first that matches wins', () => {
  fc.assert(
    fc.property(routes(), contact, (setting, json) => {
      const rules = read(setting);
      const facts = factsFrom(json);
      const verdicts = rules.routes.map((route) => judgeRoute(route, facts));
      if (verdicts.includes('doubt')) return;
      const first = verdicts.indexOf('yes');
      expect(matchRules(rules, facts)).toEqual(first < 0 ? { kind: 'none' } : { kind: 'route', priority: first });
    }),
    RUNS,
  );
});

describe('a doubt', () => {
  test('property: never places: who is placed with a value that cannot be read is placed alike with every other', () => {
    const odd = { id: 'amount', value: { a: { b: null } } };
    fc.assert(
      fc.property(routes(), contact, customValue, (setting, json, value) => {
        const rules = read(setting);
        const [, date] = json.customFields as unknown[];
        const bucket = bucketOf(rules, factsFrom({ ...json, customFields: [odd, date] }));
        if (typeof bucket !== 'string') return;
        const other = factsFrom({ ...json, customFields: [{ id: 'amount', value }, date] });
        expect(bucketOf(rules, other)).toBe(bucket);
      }),
      RUNS,
    );
  });

  test('keeps out where the route keeps out, and where a later one may', () => {
    const facts = factsFrom({ source: {}, tags: ['a'] });
    const source = { name: 's', source: ['x'] };
    const tags = { name: 't', tags: ['a'] };
    expect(bucketOf(rulesOf({ ...source, bucket: null }, { ...tags, bucket: 'B' }), facts)).toBeNull();
    expect(bucketOf(rulesOf({ ...source, bucket: 'B' }, { ...tags, bucket: null }), facts)).toBeNull();
    expect(matchRules(rulesOf({ ...source, bucket: 'B' }, { ...tags, bucket: 'C' }), facts)).toEqual({
      kind: 'doubt',
      priority: 0,
      condition: 'source',
    });
  });

  test('has the opportunities asked for where they alone may keep out', () => {
    const rules = rulesOf(
      { name: 's', source: ['x'], bucket: 'B' },
      { name: 'o', opportunity: { status: ['won'] }, bucket: null },
    );
    expect(matchRules(rules, factsFrom({ source: {} }, { opportunities: 'unknown' }))).toEqual({ kind: 'unknown' });
  });
});

test('property: one more sign against dialing never places', () => {
  fc.assert(
    fc.property(routes({ opportunity: true }), fc.nat(5), contact, opportunities, (setting, at, json, all) => {
      const stop = { name: 'stop', tags: ['halt'], bucket: null };
      const rules = read([...setting.slice(0, at), stop, ...setting.slice(at)]);
      const before = bucketOf(rules, factsFrom(json, { opportunities: all }));
      const tags = [...(json.tags as string[]), 'halt'];
      const after = bucketOf(rules, factsFrom({ ...json, tags }, { opportunities: all }));
      if (typeof before === 'string') expect([before, null]).toContain(after);
      else expect(after).not.toBeTypeOf('string');
      if (before === null) expect(after).toBeNull();
    }),
    RUNS,
  );
});

test('property: among several opportunities keeping out wins, wherever its route stands', () => {
  const status = fc.constantFrom('open', 'won', 'lost');
  const route = fc.record({ opportunity: fc.record({ status: fc.tuple(status) }), bucket: fc.constantFrom(null, 'B') });
  fc.assert(
    fc.property(fc.array(route, { minLength: 1, maxLength: 4 }), opportunities, (asked, all) => {
      const rules = read(asked.map((one, index) => ({ name: `r${index}`, ...one })));
      const facts = factsFrom({}, { opportunities: all });
      const isOut = rules.routes.some((one) => one.bucket === null && judgeRoute(one, facts) !== 'no');
      if (isOut) expect(bucketOf(rules, facts)).toBeNull();
    }),
    RUNS,
  );
});

test('a contact that another opportunity keeps out is in doubt only where one of the two routes is', () => {
  const asked = { opportunity: { status: ['open'] } };
  const out = { name: 'o', opportunity: { status: ['won'] }, bucket: null };
  const all = ['open', 'won'].map((status) => ({ id: status, pipelineId: 'p', stageId: 's', status }));
  const match = (json: { source?: object }, ...setting: object[]) =>
    matchRules(rulesOf(...setting), factsFrom(json, { opportunities: all }));
  const kept = { kind: 'route', priority: 1 };
  const doubtful = { ...kept, inDoubt: true };
  expect(match({}, { name: 'a', ...asked, bucket: 'B' }, out)).toEqual(kept);
  expect(match({ source: {} }, { name: 'a', ...asked, source: ['x'], bucket: 'B' }, out)).toEqual(doubtful);
  expect(match({ source: {} }, { name: 'a', ...asked, bucket: 'B' }, { ...out, source: ['x'] })).toEqual(doubtful);
});

describe('what tags alone say', () => {
  test('property: holds whatever else there is to know', () => {
    fc.assert(
      fc.property(routes({ opportunity: true }), contact, opportunities, (setting, json, all) => {
        const rules = read(setting);
        const said = tagsSay(rules, json.tags as string[]);
        const match = matchRules(rules, factsFrom(json, { opportunities: all }));
        if (said.sure)
          expect(match).toEqual(said.priority < 0 ? { kind: 'none' } : { kind: 'route', priority: said.priority });
        else if (said.out !== null) {
          expect(match.kind).toBe('route');
          expect(bucketOf(rules, factsFrom(json, { opportunities: all }))).toBeNull();
        }
      }),
      RUNS,
    );
  });

  test('property: what they do not permit is not permitted', () => {
    fc.assert(
      fc.property(conditions({ opportunity: true }), contact, opportunities, (require, json, all) => {
        const rules = read([{ name: 'a', tags: ['a'], bucket: 'B' }], { require });
        if (tagsPermit(rules, json.tags as string[])) return;
        expect(unmet(rules, factsFrom(json, { opportunities: all }))).not.toBeNull();
      }),
      RUNS,
    );
  });
});

describe('what everybody must meet', () => {
  test('property: is met where every condition holds for certain, as it would be as a route', () => {
    fc.assert(
      fc.property(conditions({ opportunity: true }), contact, opportunities, (require, json, all) => {
        const rules = read([{ name: 'a', ...require, bucket: 'B' }], { require });
        const facts = factsFrom(json, { opportunities: all });
        const isMet = rules.routes.every((route) => judgeRoute(route, facts) === 'yes');
        expect(unmet(rules, facts) === null).toBe(isMet);
      }),
      RUNS,
    );
  });

  test('is named by the condition that fails; opportunities are asked for only where nothing else does', () => {
    const require = { opportunity: { status: ['open'] }, not: { source: ['x'] } };
    const rules = read([{ name: 'a', tags: ['a'], bucket: 'B' }], { require });
    const named = (source: string) => unmet(rules, factsFrom({ source }, { opportunities: 'unknown' }));
    expect(named('x')).toEqual({ condition: 'not source', verdict: 'no' });
    expect(named('y')).toEqual({ condition: 'opportunity', verdict: 'unknown' });
  });
});

test('property: contacts of one tag and one sign take one route, and who may match none takes none', () => {
  fc.assert(
    fc.property(routes(), contact, contact, (setting, one, other) => {
      const rules = read(setting);
      const [facts, others] = [factsFrom(one), factsFrom({ ...other, tags: one.tags })];
      if (!mayMatch(rules, facts)) expect(matchRules(rules, facts)).toEqual({ kind: 'none' });
      if (signsOf(rules, facts) !== signsOf(rules, others)) return;
      expect(matchRules(rules, others)).toEqual(matchRules(rules, facts));
    }),
    RUNS,
  );
});
