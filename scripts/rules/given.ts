// The rules that are tried: of a file that is named, or those that this folder would deploy.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULES_FILE_NAME } from '../../workers/consumer/config/settings.ts';
import { readJsonc } from '../../workers/consumer/domain/jsonc.ts';
import { WrongUse } from '../command/sentence.ts';
import { CONSUMER_CONFIG } from '../setup/config-file.ts';
import { readRulesFile } from './rules-file.ts';

/** Rules as they are written, and where they stand. */
export interface GivenRules {
  /** Text, or the object that it would be. */
  rules: unknown;
  source: string;
}

/** Throws a WrongUse where they cannot be read. Whether they are faulty is not looked at. */
export function readGiven(file: string | undefined, location: string | undefined, folder = process.cwd()): GivenRules {
  if (file === undefined) return ofFolder(location, folder);
  try {
    return { rules: readFileSync(file, 'utf8'), source: file };
  } catch {
    throw new WrongUse(`${file} cannot be read.`);
  }
}

type Values = Record<string, unknown>;

/** As the consumer would have them: SYNC_RULES of the location, that of all, or the file. */
function ofFolder(location: string | undefined, folder: string): GivenRules {
  const vars = objectOf(objectOf(readConfig(folder)).vars);
  const locations = objectOf(typeof vars.LOCATIONS === 'string' ? readConfigured(vars.LOCATIONS) : vars.LOCATIONS);
  const entries = Object.entries(locations).map(([id, entry]) => [id, objectOf(entry)] as const);
  if (location === undefined && entries.some(([, entry]) => 'SYNC_RULES' in entry))
    throw new WrongUse(
      'There are locations with rules of their own: name one (--location), or a file with rules (--file).',
    );
  const own = entries.find(([id]) => id === location)?.[1] ?? {};
  const set = 'SYNC_RULES' in own ? own.SYNC_RULES : vars.SYNC_RULES;
  const isSet = set !== undefined && set !== null && String(set).trim() !== '';
  return isSet
    ? { rules: set, source: `SYNC_RULES of ${CONSUMER_CONFIG}` }
    : { rules: readRulesFile(folder), source: RULES_FILE_NAME };
}

function readConfig(folder: string): unknown {
  try {
    return readConfigured(readFileSync(join(folder, CONSUMER_CONFIG), 'utf8'));
  } catch (thrown) {
    if (thrown instanceof WrongUse) throw thrown;
    return {};
  }
}

function readConfigured(text: string): unknown {
  try {
    return readJsonc(text);
  } catch (thrown) {
    throw new WrongUse(`${CONSUMER_CONFIG} cannot be read: ${thrown instanceof Error ? thrown.message : thrown}`);
  }
}

function objectOf(value: unknown): Values {
  return typeof value === 'object' && value !== null ? (value as Values) : {};
}
