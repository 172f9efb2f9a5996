// The consumer's settings, as the configuration files have them now: for questions to the vendors before anything is deployed.

import { readSettings, type Settings } from '../../../workers/consumer/config/settings.ts';
import { readRulesFile } from '../../rules/rules-file.ts';
import { CONSUMER_CONFIG, read } from '../config-file.ts';
import { type Found, type SetupContext, StepFailed } from '../step.ts';

/** All questions of one step together. */
const BUDGET_MS = 60_000;

/** Epoch ms: no call of a step that begins now runs longer. */
export const notAfter = ({ world }: SetupContext): number => world.now() + BUDGET_MS;

/** The vendors' keys, by the names of their secrets. */
export type Keys = { [name in 'GHL_API_KEY' | 'CALLTOOLS_API_KEY']?: string };

/** The settings with these keys; one that is not given stands for itself. Throws a StepFailed where a setting is faulty. */
export async function settingsWith(keys: Keys, { folder }: SetupContext): Promise<Settings> {
  const vars = await read(folder, CONSUMER_CONFIG, ['vars']);
  const unknown = { GHL_API_KEY: 'unknown', CALLTOOLS_API_KEY: 'unknown' };
  try {
    return readSettings({ ...Object(vars), ...unknown, ...keys, rulesFile: readRulesFile(folder) });
  } catch (thrown) {
    throw new StepFailed(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/** A key of this run; undefined where it was set in an earlier one, and nobody can read it again. */
export function keyOf(name: keyof Keys, { env }: SetupContext, { keys }: Found): string | undefined {
  return keys.get(name) ?? (env[name]?.trim() || undefined);
}
