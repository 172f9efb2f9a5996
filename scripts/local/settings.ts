// Which settings the two workers know, what the environment says of them, and whether the workers will accept it.

import type { Env as ConsumerEnv } from '../../workers/consumer/config/env.ts';
import { readLocations } from '../../workers/consumer/config/locations.ts';
import { faultsOf } from '../../workers/consumer/operator/query.ts';
import type { Env as IngestEnv } from '../../workers/ingest/env.ts';
import { createKeyring } from '../../workers/ingest/keys.ts';
import { createSettingsReader, type Warning } from '../../workers/ingest/settings.ts';
import { readRulesFile } from '../rules/rules-file.ts';
import { WrongSetting } from './wrong-setting.ts';

/** Bindings are always there; whatever may be left out is a setting. */
type SettingsOf<Env> = { [name in keyof Env]-?: undefined extends Env[name] ? name : never }[keyof Env];

/** Records, so that the type check fails when a worker learns a setting that is not listed here. */
const INGEST: Record<SettingsOf<IngestEnv>, true> = {
  GHL_LOCATION_ID: true,
  LOCATIONS: true,
  GHL_APP_IDS: true,
  GHL_WEBHOOK_SECRET: true,
  GHL_WEBHOOK_SECRET_PREVIOUS: true,
  GHL_ED25519_PUBLIC_KEYS: true,
  GHL_RSA_PUBLIC_KEYS: true,
  GHL_LEGACY_RSA: true,
  GHL_WORKFLOW_TOKEN: true,
  CALLTOOLS_WEBHOOK_TOKEN: true,
  ADMIN_TOKEN: true,
  VIEWER_TOKEN: true,
  WEBHOOK_MAX_AGE_SECONDS: true,
  ACK_BUDGET_MS: true,
};

const CONSUMER: Record<SettingsOf<Omit<ConsumerEnv, 'rulesFile'>>, true> = {
  GHL_LOCATION_ID: true,
  LOCATIONS: true,
  GHL_API_BASE_URL: true,
  GHL_API_VERSION: true,
  GHL_API_KEY: true,
  GHL_APP_URL: true,
  CALLTOOLS_CONTACT_URL: true,
  CALLTOOLS_BASE_URL: true,
  CALLTOOLS_API_KEY: true,
  CALLTOOLS_PHONE_FIELD: true,
  CALLTOOLS_EMAIL_FIELD: true,
  CALLTOOLS_EXTERNAL_ID_FIELD: true,
  CALLTOOLS_PHONE_LOOKUP: true,
  DEFAULT_COUNTRY: true,
  SYNC_RULES: true,
  FIELD_MAP: true,
  OWNERS: true,
  COUNTRY_FORM: true,
  CALL_RESULTS: true,
  VENDOR_TIMEOUT_MS: true,
  BACKSTOP_PAGE_SIZE: true,
  BACKSTOP_AT: true,
  VERIFY_WITHIN_DAYS: true,
  MAX_NEW_PLACEMENTS: true,
  ALERT_WEBHOOK_URL: true,
  ALERT_DRIFT_OVER: true,
  ALERT_QUIET_HOURS: true,
  DASHBOARD_URL: true,
};

/** Secrets of the consumer that belong to one location in LOCATIONS, by its suffix. */
const OWN_SECRET = /^(GHL_API_KEY|CALLTOOLS_API_KEY|ALERT_WEBHOOK_URL)_[A-Z0-9_]+$/;
type OwnSecret = `${'GHL_API_KEY' | 'CALLTOOLS_API_KEY' | 'ALERT_WEBHOOK_URL'}_${string}`;

/** A setting of one of the workers. */
export type SettingName = keyof typeof INGEST | keyof typeof CONSUMER;

/** Settings that are set; text, as the environment has them. */
export type Values = { [name in SettingName]?: string } & { [name in OwnSecret]?: string };

/** Any environment, such as process.env. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment sets. Blank counts as unset. */
export function readEnvironment(env: Environment): Values {
  const names = [
    ...Object.keys({ ...INGEST, ...CONSUMER }),
    ...Object.keys(env).filter((name) => OWN_SECRET.test(name)),
  ];
  return Object.fromEntries(names.flatMap((name) => (env[name]?.trim() ? [[name, env[name]]] : [])));
}

/** Only what the ingest worker knows: it holds no vendor's API key. */
export function ingestValues(values: Values): Values {
  return only(INGEST, values);
}

/** Only what the consumer worker knows. */
export function consumerValues(values: Values): Values {
  return only(CONSUMER, values, OWN_SECRET);
}

function only(known: object, values: Values, others?: RegExp): Values {
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => Object.hasOwn(known, name) || others?.test(name)),
  );
}

/**
 * Has both workers' own readers look at their variables, wrangler's included. Throws a WrongSetting for the first fault; deployed,
 * ingest would go on with a default, but a person who starts it by hand wants to know.
 */
export async function checkSettings(ingest: object, consumer: object): Promise<void> {
  const locations = await readLocations({ rulesFile: readRulesFile(), ...consumer });
  const wrong = faultsOf(locations.all, locations);
  if (wrong !== null) throw new WrongSetting(wrong);
  const faults: Warning[] = [];
  const warn = (fault: Warning) => faults.push(fault);
  const settings = createSettingsReader(warn)(ingest as IngestEnv);
  const keyring = createKeyring(warn);
  await keyring('ed25519', settings);
  if (settings.legacyRsa) await keyring('rsa', settings);
  const [fault] = faults;
  if (fault)
    throw new WrongSetting(`${fault.setting} ${fault.detail.replace(/; (?:\S+ is used|it is left out)$/, '')}`);
}

/** A TCP port from text; unset is `fallback`. */
export function readPort(text: string | undefined, fallback: number): number {
  if (!text?.trim()) return fallback;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new WrongSetting(`PORT must be a whole number from 0 (any free port) to 65535, not "${text}"`);
}
