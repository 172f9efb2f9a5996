// The file rules.jsonc, as text: the consumer carries it in its bundle, and everything else reads it here.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { RULES_FILE_NAME } from '../../workers/consumer/config/settings.ts';
import { WrongUse } from '../command/sentence.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** The text of rules.jsonc in this folder, the project's own unless another is named. Throws a WrongUse where there is none. */
export function readRulesFile(folder = ROOT): string {
  try {
    return readFileSync(join(folder, RULES_FILE_NAME), 'utf8');
  } catch {
    throw new WrongUse(
      `There is no ${RULES_FILE_NAME} here. It stands beside the wrangler files: take it from this version, and put your routes into it.`,
    );
  }
}
