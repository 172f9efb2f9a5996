// The command line of the conformance test, and what it must know of the accounts.

import type { Command } from 'commander';
import { readSettings, type Settings } from '../../workers/consumer/config/settings.ts';
import { createCommand } from '../command/command.ts';
import { WrongUse } from '../command/sentence.ts';
import { SOUND_RULES } from '../rules/check.ts';
import { CONSUMER_CONFIG, read } from '../setup/config-file.ts';
import type { AccountSettings } from './account-settings.ts';
import type { Access, Vendor } from './caller.ts';
import { fictionalNumber } from './test-name.ts';

/** The command line as commander returns it. */
export interface Raw {
  location?: string;
  calltools?: string;
  phone?: string;
  report?: string;
  readOnly?: true;
  sandbox?: true;
  yes?: true;
}

const MORE = `The keys come from the environment only: GHL_API_KEY and CALLTOOLS_API_KEY. The token needs the scopes contacts.readonly and contacts.write; with others it tries more.
Without both keys it runs against the sandbox, once for each possible answer, and reaches nobody.
It makes one contact in each system, "Conformance Test", with a number that rings nobody, blocked for calls in both; and an empty bucket of that name. It asks before each write, and removes all of it at the end, also after Ctrl-C.
The report holds no names, numbers, emails, keys or ids. Send it to us with an issue.`;

/** The command with its help. */
export function command(): Command {
  return createCommand({
    name: 'npm run conformance',
    description:
      'Tries on your accounts what nobody could look up about GoHighLevel and CallTools, and says which setting follows.',
    json: 'the report as one JSON document',
    done: 'nothing follows for your settings',
    failed: 'something that does not hold needs a setting or us, or something of the test stays',
    options: (program) =>
      program
        .option('--location <id>', 'the GoHighLevel location (or GHL_LOCATION_ID)')
        .option('--calltools <address>', 'the CallTools silo (or CALLTOOLS_BASE_URL)')
        .option(
          '--phone <number>',
          'another number for the test contact: one that rings nobody you mind, and that neither system has',
        )
        .option('--report <file>', 'write the report to this file too')
        .option('--read-only', 'write nothing: most is then not tried')
        .option('--sandbox', 'run against the sandbox, whatever the environment has')
        .option('--yes', 'agree to every write (needed where nobody can answer)'),
    more: MORE,
  });
}

/** A pair of accounts. */
export interface Accounts {
  access: Record<Vendor, Access>;
  settings: AccountSettings;
  timeoutMs: number;
}

/** Null without keys, or with `--sandbox`: the sandbox. Throws a WrongUse where something is missing. */
export async function accountsOf(
  raw: Raw,
  env: NodeJS.ProcessEnv,
  folder: string,
  random: () => number,
): Promise<Accounts | null> {
  const keys = { GHL_API_KEY: env.GHL_API_KEY?.trim(), CALLTOOLS_API_KEY: env.CALLTOOLS_API_KEY?.trim() };
  const missing = Object.entries(keys).flatMap(([name, key]) => (key ? [] : [name]));
  if (raw.sandbox || missing.length === 2) return null;
  if (missing.length === 1)
    throw new WrongUse(`${missing[0]} is not set. It needs both keys, or none: then it runs against the sandbox.`);
  const settings = await settingsOf(raw, env, folder);
  const { GHL_API_VERSION: version, CALLTOOLS_BASE_URL: silo } = settings;
  const callToolsUrl = silo.replace(/\/api$/, '');
  return {
    access: {
      gohighlevel: {
        baseUrl: settings.GHL_API_BASE_URL,
        headers: { authorization: `Bearer ${settings.GHL_API_KEY}`, version, accept: 'application/json' },
      },
      calltools: {
        baseUrl: `${callToolsUrl}/api`,
        headers: { authorization: `Token ${settings.CALLTOOLS_API_KEY}`, accept: 'application/json' },
      },
    },
    settings: {
      locationId: settings.GHL_LOCATION_ID,
      appUrl: settings.GHL_APP_URL,
      phoneField: settings.CALLTOOLS_PHONE_FIELD,
      emailField: settings.CALLTOOLS_EMAIL_FIELD,
      callToolsUrl,
      phone: raw.phone === undefined ? fictionalNumber(random) : numberOf(raw.phone),
      apiVersion: version,
    },
    timeoutMs: settings.VENDOR_TIMEOUT_MS,
  };
}

/** The options go before the environment, and that before the configuration file. Rules play no part here. */
async function settingsOf({ location, calltools }: Raw, env: NodeJS.ProcessEnv, folder: string): Promise<Settings> {
  const {
    SYNC_RULES: _,
    FIELD_MAP: _map,
    OWNERS: _owners,
    CALL_RESULTS: _calls,
    ...vars
  } = Object(await read(folder, CONSUMER_CONFIG, ['vars']));
  const given = { GHL_LOCATION_ID: location, CALLTOOLS_BASE_URL: calltools };
  const set = (values: object) =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ''));
  const named = Object.fromEntries(NAMES.map((name) => [name, env[name]]));
  try {
    return readSettings({ ...vars, ...set(named), ...set(given), rulesFile: SOUND_RULES });
  } catch (thrown) {
    throw new WrongUse(`${thrown instanceof Error ? thrown.message : thrown}. Nothing was done.`);
  }
}

const NAMES = [
  'GHL_LOCATION_ID',
  'GHL_API_KEY',
  'GHL_API_BASE_URL',
  'GHL_API_VERSION',
  'GHL_APP_URL',
  'CALLTOOLS_BASE_URL',
  'CALLTOOLS_API_KEY',
  'CALLTOOLS_PHONE_FIELD',
  'CALLTOOLS_EMAIL_FIELD',
  'VENDOR_TIMEOUT_MS',
];

function numberOf(text: string): string {
  const number = text.replace(/[\s().-]/g, '');
  if (/^\+\d{8,15}$/.test(number)) return number;
  throw new WrongUse('--phone must be a number with its country code, such as +13055550142. Nothing was done.');
}
