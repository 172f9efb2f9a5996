// Looks for faults in rules.jsonc and in the consumer's settings, as the consumer would, before anything is deployed.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLocations } from '../../workers/consumer/config/locations.ts';
import { RULES_FILE_NAME } from '../../workers/consumer/config/settings.ts';
import { readJsonc } from '../../workers/consumer/domain/jsonc.ts';
import { oddities } from '../../workers/consumer/domain/rules/oddities.ts';
import { FaultyRules, parseRules } from '../../workers/consumer/domain/rules/setting.ts';

import { CONSUMER_CONFIG } from '../setup/config-file.ts';
import { readRulesFile } from './rules-file.ts';

/** In place of what is not known before the set-up, and of secrets, which stand in no file. */
const UNKNOWN = { GHL_LOCATION_ID: 'unknown', CALLTOOLS_BASE_URL: 'https://unknown', GHL_API_KEY: 'unknown' };
/** Rules that are not faulty, where it does not matter which. */
export const SOUND_RULES = '{ "routes": [{ "name": "any", "tags": ["any"], "bucket": "Any" }] }';

type Values = Record<string, unknown>;

/** What is wrong in this folder, a line each; none where the consumer would work with it. Says nothing of values that are not set yet. Throws a Sentence where rules.jsonc is missing. */
export async function findFaults(folder = process.cwd()): Promise<string[]> {
  const text = readRulesFile(folder);
  const ofFile = faultOf(() => parseRules(text, RULES_FILE_NAME));
  // A faulty file is named once, and not again for each location.
  return [...ofFile, ...(await ofSettings(folder, ofFile.length === 0 ? text : SOUND_RULES))];
}

/** What is not wrong, and hardly meant, such as routes that can never match. A line each; none where something is wrong. */
export async function findWarnings(folder = process.cwd()): Promise<string[]> {
  if ((await findFaults(folder)).length > 0) return [];
  const config = readJsonc(readFileSync(join(folder, CONSUMER_CONFIG), 'utf8'));
  const { all } = await locationsOf(config, readRulesFile(folder));
  const named = all.flatMap((one) => (one.kind === 'ready' ? oddities(one.settings.rules) : []));
  return [...new Set(named.map((what) => `Warning: ${what}`))];
}

async function ofSettings(folder: string, rules: string): Promise<string[]> {
  let config: unknown;
  const unread = faultOf(() => {
    config = readJsonc(readFileSync(join(folder, CONSUMER_CONFIG), 'utf8'));
  });
  if (unread.length > 0) return unread.map((fault) => `${CONSUMER_CONFIG}, ${fault}`);
  const { all, fault } = await locationsOf(config, rules);
  const named = all.length > 1 ? (id: string) => ` (location ${id})` : () => '';
  const own = all.flatMap((one) => (one.kind === 'faulty' ? [`${CONSUMER_CONFIG}${named(one.id)}: ${one.fault}`] : []));
  return [...(fault === null ? [] : [`${CONSUMER_CONFIG}: ${fault}`]), ...own];
}

function locationsOf(config: unknown, rules: string) {
  return readLocations({ ...withoutGaps(objectOf(objectOf(config).vars)), rulesFile: rules });
}

/** With something in place of what is not set yet, so that nothing is said of it. */
function withoutGaps(vars: Values): Values {
  const isBlank = (name: string) => String(vars[name] ?? '').trim() === '';
  const { GHL_LOCATION_ID, ...others } = UNKNOWN;
  const needed = isBlank('LOCATIONS') ? UNKNOWN : others;
  const gaps = Object.entries(needed).filter(([name]) => isBlank(name));
  return { ...vars, ...Object.fromEntries(gaps), CALLTOOLS_API_KEY: 'unknown', ...secretsOf(vars.LOCATIONS) };
}

/** One for each location of LOCATIONS, each another: two with one secret would be a fault. */
function secretsOf(locations: unknown): Values {
  const entries = typeof locations === 'string' ? readOr(locations, {}) : locations;
  const suffixes = Object.values(objectOf(entries)).map((entry) => String(objectOf(entry).secrets));
  return Object.fromEntries(
    suffixes.flatMap((suffix) =>
      ['GHL_API_KEY', 'CALLTOOLS_API_KEY'].map((name) => [`${name}_${suffix}`, `unknown-${suffix}`]),
    ),
  );
}

function readOr(text: string, fallback: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return fallback;
  }
}

function objectOf(value: unknown): Values {
  return typeof value === 'object' && value !== null ? (value as Values) : {};
}

function faultOf(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (thrown) {
    if (thrown instanceof FaultyRules) return [...thrown.lines];
    return [thrown instanceof Error ? thrown.message : String(thrown)];
  }
}
