// The rules that come with the project.

import { readRulesFile } from '../../scripts/rules/rules-file.ts';
import { parseRules, type Rules } from '../../workers/consumer/domain/rules.ts';

/** The text of rules.jsonc, as the consumer carries it. */
export const RULES_FILE = readRulesFile();

/** The same, read. */
export const FILE_RULES: Rules = parseRules(RULES_FILE);
