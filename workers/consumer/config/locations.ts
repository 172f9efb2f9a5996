// The locations of this deployment and their settings. A faulty location is named and waits; the others go on.

import * as v from 'valibot';
import { sha256Hex } from '../../../shared/hash.ts';
import { parseLocations } from '../../../shared/locations.ts';
import { validId } from '../../../shared/messages.ts';
import { didYouMean } from '../domain/nearest.ts';
import { OWN_SETTINGS, readSettings, type Settings } from './settings.ts';

/** `name` is what operators call it. */
export type Location = { id: string; name: string | null } & (
  | { kind: 'ready'; settings: Settings }
  | { kind: 'faulty'; fault: string }
);

/** The locations of a deployment. */
export interface Locations {
  all: Location[];
  /** A fault of no single location; null when there is none. Until it is fixed, a location that is not known may be ours. */
  fault: string | null;
}

/** Ids of the locations where MAX_NEW_PLACEMENTS is set. */
export function brakedIn(locations: readonly Location[]): string[] {
  const isBraked = (one: Location) => one.kind === 'ready' && one.settings.MAX_NEW_PLACEMENTS !== null;
  return locations.filter(isBraked).map(({ id }) => id);
}

/** `LOCATIONS` never holds secrets, only the suffix by which a location's own are named. */
const SECRETS = ['GHL_API_KEY', 'CALLTOOLS_API_KEY'] as const;
/** The address for alerts is a secret too; alert-send.ts reads it. */
const SECRET_NAMES = [...SECRETS, 'ALERT_WEBHOOK_URL'];
const ALLOWED = ['name', 'secrets', ...OWN_SETTINGS];

const Name = v.optional(v.nullable(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(64))), null);
const Suffix = v.pipe(v.string(), v.regex(/^[A-Z0-9_]{1,32}$/));

type Values = Record<string, unknown>;

/** What was read of an env. An env never changes: a deployment brings another. Reading a hundred locations takes milliseconds. */
const read = new WeakMap<object, Locations>();

/** All locations, `GHL_LOCATION_ID` first. Never rejects: what cannot be used is a fault of one location, or of all. */
export async function readLocations(env: object): Promise<Locations> {
  // Not the promise: it would belong to the request that made it.
  const known = read.get(env) ?? (await readAll(env));
  read.set(env, known);
  return known;
}

async function readAll(env: object): Promise<Locations> {
  const top = env as Values;
  const { entries, faults } = parseLocations(top.LOCATIONS);
  const all: Location[] = [];
  const named = text(top.GHL_LOCATION_ID);
  const first = validId(named);
  if (first !== null && !entries.has(first)) all.push({ id: first, name: null, ...checked(() => readSettings(env)) });
  for (const [id, entry] of entries) {
    const twice = id === first ? `GHL_LOCATION_ID names ${id} too: say it in one place` : null;
    all.push({ id, name: nameOf(entry), ...checked(() => readOwn(id, entry, top, twice)) });
  }
  const fault = first === null && (named !== '' || entries.size + faults.length === 0) ? faultOf(env) : null;
  return { all: all.length > 1 ? await eachAlone(all) : all, fault: fault ?? faults[0] ?? null };
}

/** The settings of a location in `LOCATIONS`: its own over the top-level ones, and no secrets but its own. */
function readOwn(id: string, entry: unknown, top: Values, fault: string | null): Settings {
  const where = `LOCATIONS.${id}`;
  if (fault !== null) throw new Error(fault);
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    throw new Error(`${where} must be an object of settings with "secrets", such as {"secrets": "ACME"}`);
  for (const key of Object.keys(entry)) refuseKey(key, where);
  const { name: _, secrets, ...own } = entry as Values;
  if (!v.is(Suffix, secrets))
    throw new Error(
      `${where}.secrets must be the suffix of its secrets, in capitals, digits and _: "ACME" stands for GHL_API_KEY_ACME and CALLTOOLS_API_KEY_ACME`,
    );
  if (!v.is(Name, (entry as Values).name)) throw new Error(`${where}.name must be a text of 1 to 64 characters`);
  const keys = Object.fromEntries(SECRETS.map((secret) => [secret, top[`${secret}_${secrets}`]]));
  try {
    return readSettings({ ...top, ...own, ...keys, GHL_LOCATION_ID: id });
  } catch (thrown) {
    const secret = new RegExp(`^(${SECRETS.join('|')})(?= )`);
    throw new Error(messageOf(thrown).replace(secret, (key) => `${key}_${secrets}`));
  }
}

/** Rejects unknown names, so that a typo cannot silently fall back to the top-level value. */
function refuseKey(key: string, where: string): void {
  const secret = SECRET_NAMES.find((one) => key.startsWith(one));
  if (secret !== undefined)
    throw new Error(
      `${where} holds ${secret}, a secret: set it only with wrangler secret put ${secret}_… (the suffix is "secrets")`,
    );
  if (!ALLOWED.includes(key))
    throw new Error(
      `${where} holds a setting that is not known.${didYouMean(key, ALLOWED)} It may hold ${ALLOWED.join(', ')}`,
    );
}

/**
 * The locations; one that shares an account with an earlier one is faulty. A GoHighLevel token reads one location only
 * (docs/vendors.md, GoHighLevel: tokens). Two locations in one CallTools account would take each other's contacts out of the
 * dialer and put them back. Accounts are compared by hash, as secrets always are.
 */
async function eachAlone(all: Location[]): Promise<Location[]> {
  const owners = new Map<string, string>();
  const judged: Location[] = [];
  for (const location of all) {
    const shared = location.kind === 'ready' ? await sharedBy(location.settings, owners) : null;
    const { id, name } = location;
    judged.push(
      shared === null ? location : { id, name, kind: 'faulty', fault: `${shared}: each location needs its own` },
    );
  }
  return judged;
}

/** What these settings share with an earlier location; null where nothing, and then the accounts are noted as theirs. */
async function sharedBy(settings: Settings, owners: Map<string, string>): Promise<string | null> {
  const { GHL_LOCATION_ID: id, GHL_API_KEY, CALLTOOLS_BASE_URL, CALLTOOLS_API_KEY } = settings;
  const ghl = await sha256Hex(JSON.stringify(['ghl', GHL_API_KEY]));
  // Read as a URL: the host's case and a default port make no other account.
  const silo = new URL(CALLTOOLS_BASE_URL).href.replace(/(\/api)?\/?$/, '');
  const callTools = await sha256Hex(JSON.stringify(['calltools', silo, CALLTOOLS_API_KEY]));
  if (owners.has(ghl)) return `it has the GoHighLevel token of location ${owners.get(ghl)}`;
  if (owners.has(callTools)) return `it has the CallTools account of location ${owners.get(callTools)}`;
  owners.set(ghl, id).set(callTools, id);
  return null;
}

function checked(settings: () => Settings): { kind: 'ready'; settings: Settings } | { kind: 'faulty'; fault: string } {
  try {
    return { kind: 'ready', settings: settings() };
  } catch (thrown) {
    return { kind: 'faulty', fault: messageOf(thrown) };
  }
}

function faultOf(env: object): string | null {
  const top = checked(() => readSettings(env));
  return top.kind === 'faulty' ? top.fault : null;
}

function nameOf(entry: unknown): string | null {
  const parsed = v.safeParse(Name, (entry as Values | null)?.name);
  return parsed.success ? parsed.output : null;
}

function text(value: unknown): string {
  return value === undefined || value === null ? '' : String(value).trim();
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
