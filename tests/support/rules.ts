// Rules in tests.

import { readRulesFile } from '../../scripts/rules/rules-file.ts';
import type { Rules } from '../../workers/consumer/domain/rules/conditions.ts';
import { tagsSay } from '../../workers/consumer/domain/rules/match.ts';
import { parseRules } from '../../workers/consumer/domain/rules/setting.ts';
import type { OperatorDeps } from '../../workers/consumer/operator/deps.ts';

/** The text of rules.jsonc, as the consumer carries it. */
export const RULES_FILE = readRulesFile();

/** The same, read. */
export const FILE_RULES: Rules = parseRules(RULES_FILE);

/** The same without the built-in route: customer, cold-lead. */
export const TWO_ROUTES: Rules = { routes: FILE_RULES.routes.slice(1) };

/** Rules of these routes alone, without the built-in one. */
export function rulesOf(...routes: unknown[]): Rules {
  return parseRules({ routes, optOutTags: false });
}

/** Index of the route that tags alone lead to, -1 for none. Throws where it depends on more. */
export function routeOfTags(rules: Rules, tags: readonly string[]): number {
  const said = tagsSay(rules, tags);
  if (!said.sure) throw new Error('it depends on more than tags');
  return said.priority;
}

/** Of an operator's routes, where no rules are tried on contacts and no alert is sent. */
export const NO_RULES_TRIED: Pick<OperatorDeps, 'testContact' | 'previewRules' | 'sendAlert'> = {
  sendAlert: async () => 'nobody is there',
  testContact: async () => ({ kind: 'gone' }),
  async *previewRules() {},
};
