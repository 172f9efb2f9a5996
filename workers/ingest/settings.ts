// Configuration, read once for each set of values. A wrong number falls back to its default with a warning; a missing key closes its
// route.

import { parseLocations } from '../../shared/locations.ts';
import { validId } from '../../shared/messages.ts';
import type { Env } from './env.ts';
import { areSameSetting } from './secret.ts';

/** Text settings are empty when unset. Times in ms. */
export interface Settings {
  /** Ids of the locations that are ours. */
  locations: ReadonlySet<string>;
  /** False where some of them could not be read, or none is set: then an unlisted location may still be ours. */
  locationsKnown: boolean;
  /** Empty: every app. */
  appIds: ReadonlySet<string>;
  /** The current secret, then the previous one; unset ones left out. */
  webhookSecrets: readonly string[];
  ed25519Keys: string;
  rsaKeys: string;
  legacyRsa: boolean;
  workflowToken: string;
  /** Admits CallTools' notices of calls. */
  callHookToken: string;
  adminToken: string;
  /** Admits those who may read and not act. */
  viewerToken: string;
  maxAgeMs: number;
  ackBudgetMs: number;
}

/** A setting that is faulty, and how. */
export interface Warning {
  setting: string;
  detail: string;
}

/**
 * Reads settings and remembers them: one environment never changes, and another one of the same values is read as the same. `warn` is called
 * once for each fault of a reading.
 */
export function createSettingsReader(warn: (warning: Warning) => void): (env: Env) => Settings {
  let known: { env: Env; set: readonly unknown[]; settings: Settings } | undefined;
  return (env) => {
    if (known?.env === env) return known.settings;
    const set = NAMES.map((name) => env[name]);
    const isSame = known?.set.every((value, at) => value === set[at]);
    known = { env, set, settings: known && isSame ? known.settings : read(valuesOf(env), warn) };
    return known.settings;
  };
}

const NAMES = [
  'GHL_LOCATION_ID',
  'LOCATIONS',
  'GHL_APP_IDS',
  'GHL_WEBHOOK_SECRET',
  'GHL_WEBHOOK_SECRET_PREVIOUS',
  'GHL_ED25519_PUBLIC_KEYS',
  'GHL_RSA_PUBLIC_KEYS',
  'GHL_LEGACY_RSA',
  'GHL_WORKFLOW_TOKEN',
  'CALLTOOLS_WEBHOOK_TOKEN',
  'ADMIN_TOKEN',
  'VIEWER_TOKEN',
  'WEBHOOK_MAX_AGE_SECONDS',
  'ACK_BUDGET_MS',
] as const;
type Name = (typeof NAMES)[number];
type Values = Record<Name, string>;

function valuesOf(env: Env): Values {
  const value = (name: Name): string => {
    if (name === 'GHL_WEBHOOK_SECRET' || name === 'GHL_WEBHOOK_SECRET_PREVIOUS') return secret(env[name]);
    const given = env[name];
    return text(typeof given === 'object' && given !== null ? JSON.stringify(given) : given);
  };
  return Object.fromEntries(NAMES.map((name) => [name, value(name)])) as Values;
}

function read(values: Values, warn: (warning: Warning) => void): Settings {
  const number = (setting: keyof Values, fallback: number, min: number, max: number) => {
    const value = values[setting];
    if (value === '') return fallback;
    if (/^\d{1,9}$/.test(value) && Number(value) >= min && Number(value) <= max) return Number(value);
    warn({ setting, detail: `must be a whole number from ${min} to ${max}; ${fallback} is used` });
    return fallback;
  };
  const legacyRsa = values.GHL_LEGACY_RSA.toLowerCase();
  if (!['', 'on', 'off'].includes(legacyRsa))
    warn({ setting: 'GHL_LEGACY_RSA', detail: 'must be on or off; off is used' });
  if (areSameSetting(values.VIEWER_TOKEN, values.ADMIN_TOKEN))
    warn({ setting: 'VIEWER_TOKEN', detail: 'must differ from ADMIN_TOKEN; until then nobody can act' });
  return {
    ...readLocationIds(values, warn),
    appIds: readAppIds(values.GHL_APP_IDS),
    webhookSecrets: [values.GHL_WEBHOOK_SECRET, values.GHL_WEBHOOK_SECRET_PREVIOUS].filter(Boolean),
    ed25519Keys: values.GHL_ED25519_PUBLIC_KEYS,
    rsaKeys: values.GHL_RSA_PUBLIC_KEYS,
    legacyRsa: legacyRsa === 'on',
    workflowToken: values.GHL_WORKFLOW_TOKEN,
    callHookToken: values.CALLTOOLS_WEBHOOK_TOKEN,
    adminToken: values.ADMIN_TOKEN,
    viewerToken: values.VIEWER_TOKEN,
    maxAgeMs: number('WEBHOOK_MAX_AGE_SECONDS', 300, 1, 604_800) * 1000,
    ackBudgetMs: number('ACK_BUDGET_MS', 150, 0, 10_000),
  };
}

function readLocationIds(
  { GHL_LOCATION_ID, LOCATIONS }: Values,
  warn: (warning: Warning) => void,
): Pick<Settings, 'locations' | 'locationsKnown'> {
  const { entries, faults } = parseLocations(LOCATIONS);
  const id = validId(GHL_LOCATION_ID);
  const malformed = GHL_LOCATION_ID !== '' && id === null;
  if (malformed) warn({ setting: 'GHL_LOCATION_ID', detail: 'must be 1 to 64 letters, digits, - or _' });
  for (const detail of faults) warn({ setting: 'LOCATIONS', detail });
  const locations = new Set([...(id === null ? [] : [id]), ...entries.keys()]);
  return { locations, locationsKnown: locations.size > 0 && !malformed && faults.length === 0 };
}

/** App ids; a client id is accepted too, it is the app id and a suffix (docs/vendors.md, GoHighLevel: signatures). */
function readAppIds(value: string): ReadonlySet<string> {
  const ids = value.split(/[\s,]+/).filter(Boolean);
  return new Set([...ids, ...ids.map((id) => id.replace(/-.*/, ''))]);
}

/** A var may be written as a number in wrangler's config. */
function text(value: unknown): string {
  return value === undefined || value === null ? '' : String(value).trim();
}

/** A secret keeps its outer spaces, for the sender signs with them; a blank one counts as unset. */
function secret(value: unknown): string {
  return text(value) === '' ? '' : String(value);
}
