// npm run rules -- --test and --contact: what rules make of tags, or of one contact.

import * as v from 'valibot';
import type { RulesTest, RulesTested } from '../../shared/api/rules.ts';
import { explainTags } from '../../workers/consumer/domain/rules/explain.ts';
import { FaultyRules, parseRules } from '../../workers/consumer/domain/rules/setting.ts';
import { Refused } from '../command/sentence.ts';
import { harmless } from '../command/text.ts';
import type { Address } from '../operator/address.ts';
import { createCaller } from '../operator/call.ts';
import type { GivenRules } from './given.ts';

/** Several vendor calls. */
const TIMEOUT_MS = 60_000;

const Condition = v.object({
  condition: v.string(),
  asks: v.string(),
  verdict: v.picklist(['yes', 'no', 'missing', 'unknown', 'doubt']),
  says: v.string(),
});
const Tested: v.GenericSchema<unknown, RulesTested> = v.object({
  outcome: v.picklist(['placed', 'kept_out', 'depends']),
  route: v.nullable(v.string()),
  bucket: v.nullable(v.string()),
  explanation: v.string(),
  routes: v.array(
    v.object({
      name: v.string(),
      bucket: v.nullable(v.string()),
      verdict: v.picklist(['yes', 'no', 'unknown', 'doubt']),
      conditions: v.array(Condition),
    }),
  ),
  require: v.array(Condition),
  location_id: v.nullable(v.string()),
  contact_id: v.nullable(v.string()),
  rules: v.picklist(['given', 'deployed']),
  reason: v.nullable(v.string()),
  notes: v.array(v.string()),
});

/** What these rules say of tags, without a question to anybody. Throws Refused with every mistake where they are faulty. */
export function tryTags(tags: string, { rules, source }: GivenRules): RulesTest {
  const given = tags
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  return explainTags(readOrRefuse(rules, source), given);
}

/** Throws Refused with every mistake. */
export function readOrRefuse(rules: unknown, source: string): ReturnType<typeof parseRules> {
  try {
    return parseRules(rules, source);
  } catch (thrown) {
    if (thrown instanceof FaultyRules) throw new Refused(thrown.lines.join('\n'));
    throw new Refused(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/** What rules say of a contact. `given` null: those that are deployed. Throws a Sentence. */
export function tryContact(
  contactId: string,
  given: GivenRules | null,
  location: string | undefined,
  address: Address,
): Promise<RulesTested> {
  const path = `/api/v1/rules/test${location === undefined ? '' : `?${new URLSearchParams({ location })}`}`;
  const body = { contact_id: contactId, ...(given && { rules: given.rules }) };
  return createCaller(address)(Tested, path, { body, timeoutMs: TIMEOUT_MS });
}

/** For the terminal. `source`: where the rules stand. */
export function showTest(test: RulesTest & Partial<RulesTested>, source: string): string {
  const lines = test.routes.flatMap(({ name, bucket, verdict, conditions }, index) => [
    `${index + 1}. ${name} (${bucket === null ? 'keeps out' : `bucket ${bucket}`}): ${VERDICTS[verdict]}`,
    ...conditions.map(({ asks, says }) => `     ${asks}: ${says}`),
  ]);
  const require = test.require.map(({ asks, says }) => `     ${asks}: ${says}`);
  return [
    `Rules: ${source}.`,
    test.explanation,
    '',
    ...lines,
    ...(require.length > 0 ? ['Everybody who is placed must meet ("require"):', ...require] : []),
    ...(test.notes && test.notes.length > 0 ? ['', ...test.notes] : []),
  ]
    .map((line) => line.match(/^ */)?.[0] + harmless(line.trimStart()))
    .join('\n');
}

const VERDICTS = { yes: 'matches', no: 'does not match', unknown: 'may match', doubt: 'in doubt' };
