// The settings of one location, checked as a whole: a wrong setting is named, and work waits instead of going wrong.

import { getCountries } from 'libphonenumber-js/min';
import * as v from 'valibot';
import { Id } from '../../../shared/messages.ts';
import { type CallResults, parseCallResults } from '../domain/calls/setting.ts';
import { tagsWritten } from '../domain/calls/writes.ts';
import type { FieldMap, FieldPlan } from '../domain/fields/field-map.ts';
import { parseFieldMap } from '../domain/fields/field-map-setting.ts';
import type { DecidedBy } from '../domain/fingerprint.ts';
import {
  asksForOpportunities,
  customConditions,
  opportunityConditions,
  type Rules,
} from '../domain/rules/conditions.ts';
import { pipelineRefs } from '../domain/rules/pipelines.ts';
import { parseRules } from '../domain/rules/setting.ts';

/** Wrangler's config may hold numbers too. What is absent, null or blank is not set. */
const text = v.pipe(
  v.nullish(v.union([v.string(), v.number()], 'must be text'), ''),
  v.transform((value) => String(value).trim()),
);
const required = (hint: string) => v.pipe(text, v.minLength(1, `is not set: ${hint}`));
/** An HTTP header takes nothing else: fetch would throw, as if the connection had failed. */
const HEADER = /^[\x21-\x7e]+$/;
const key = (hint: string) =>
  v.pipe(required(hint), v.regex(HEADER, 'must not have spaces, line breaks or special characters in it'));
const withDefault = (fallback: string) =>
  v.pipe(
    text,
    v.transform((value) => value || fallback),
  );
const wholeNumber = (fallback: number, min: number, max: number) =>
  v.pipe(
    withDefault(String(fallback)),
    v.transform(Number),
    v.check((n) => Number.isInteger(n) && n >= min && n <= max, `must be a whole number from ${min} to ${max}`),
  );
const fieldName = (fallback: string) =>
  v.pipe(withDefault(fallback), v.regex(/^\w*$/, 'must be a CallTools field name (letters, digits, _)'));
const baseUrl = v.check(
  (text: string) => /^https?:\/\/[^\s?#@]+$/.test(text) && URL.canParse(text),
  'must be a URL such as https://east-1.calltools.io',
);
const noSlash = v.transform((text: string) => text.replace(/\/+$/, ''));
/** Times of the day as minutes after midnight UTC, in order. */
const timesOfDay = (fallback: string) =>
  v.pipe(
    withDefault(fallback),
    v.regex(
      /^([01]\d|2[0-3]):[0-5]\d(\s*,\s*([01]\d|2[0-3]):[0-5]\d)*$/,
      'must be times in UTC such as 02:00 or 02:00, 14:30',
    ),
    v.transform((times) => [...new Set(times.split(',').map(minuteOf))].sort((a, b) => a - b)),
  );
const minuteOf = (time: string) => {
  const [hours, minutes] = time.split(':').map(Number);
  return 60 * (hours ?? 0) + (minutes ?? 0);
};

/** Also for a location whose settings cannot be read. */
export const ALERT_DEFAULTS = { ALERT_DRIFT_OVER: 25, ALERT_QUIET_HOURS: 24 };

const Settings = v.object({
  GHL_LOCATION_ID: v.pipe(required('the id of your GoHighLevel location (Settings > Business Profile)'), Id),
  GHL_API_KEY: key('a Private Integration token with the scope contacts.readonly'),
  GHL_API_BASE_URL: v.pipe(withDefault('https://services.leadconnectorhq.com'), baseUrl, noSlash),
  GHL_API_VERSION: v.pipe(withDefault('2021-07-28'), v.regex(HEADER, 'must be a version such as 2021-07-28')),
  GHL_APP_URL: v.pipe(withDefault('https://app.gohighlevel.com'), baseUrl, noSlash),
  CALLTOOLS_CONTACT_URL: v.pipe(
    text,
    v.check(
      (address) =>
        address === '' || (/^https:\/\/[^\s{}]+$/.test(address.replaceAll('{id}', '1')) && address.includes('{id}')),
      'must be the address of a contact’s page with {id} in place of its id',
    ),
  ),
  CALLTOOLS_BASE_URL: v.pipe(
    required('the address of your CallTools silo, e.g. https://east-1.calltools.io'),
    baseUrl,
    noSlash,
  ),
  CALLTOOLS_API_KEY: key('the API key of a CallTools manager user'),
  CALLTOOLS_PHONE_FIELD: fieldName('mobile_phone_number'),
  CALLTOOLS_EMAIL_FIELD: fieldName('personal_email_address'),
  CALLTOOLS_EXTERNAL_ID_FIELD: fieldName(''),
  CALLTOOLS_PHONE_LOOKUP: v.pipe(
    withDefault('contacts'),
    v.picklist(['contacts', 'phonenumbers', 'off'], 'must be contacts, phonenumbers or off'),
  ),
  DEFAULT_COUNTRY: v.pipe(
    withDefault('US'),
    v.toUpperCase(),
    v.picklist(getCountries(), 'must be a two-letter country code such as US'),
  ),
  VENDOR_TIMEOUT_MS: wholeNumber(10_000, 100, 60_000),
  BACKSTOP_PAGE_SIZE: wholeNumber(500, 1, 500),
  BACKSTOP_AT: timesOfDay('02:00'),
  VERIFY_WITHIN_DAYS: wholeNumber(7, 2, 90),
  MAX_NEW_PLACEMENTS: v.pipe(
    text,
    v.transform((value) => (value === '' ? null : Number(value))),
    v.check(
      (n) => n === null || (Number.isInteger(n) && n >= 1 && n <= 1_000_000),
      'must be a whole number from 1 to 1000000; leave it out to switch the brake off',
    ),
  ),
  ALERT_DRIFT_OVER: wholeNumber(ALERT_DEFAULTS.ALERT_DRIFT_OVER, 0, 1_000_000),
  ALERT_QUIET_HOURS: wholeNumber(ALERT_DEFAULTS.ALERT_QUIET_HOURS, 1, 720),
});

/** What may differ from one location to the next. */
export const OWN_SETTINGS: readonly string[] = [
  ...Object.keys(Settings.entries).filter(
    (name) => !['GHL_LOCATION_ID', 'GHL_API_KEY', 'CALLTOOLS_API_KEY'].includes(name),
  ),
  'SYNC_RULES',
  'FIELD_MAP',
  'OWNERS',
  'COUNTRY_FORM',
  'CALL_RESULTS',
];

/** Checked settings of one location. `MAX_NEW_PLACEMENTS` null: no brake. Times in ms; URLs without a trailing slash; `BACKSTOP_AT` in minutes after midnight UTC. */
export type Settings = v.InferOutput<typeof Settings> & {
  rules: Rules;
  /** Where they stand. */
  rulesFrom: 'SYNC_RULES' | typeof RULES_FILE_NAME;
  fields: FieldMap;
  /** Null: what calls said is not read. */
  calls: CallResults | null;
};

/** Where the rules stand, unless SYNC_RULES is set: beside wrangler's configuration files. */
export const RULES_FILE_NAME = 'rules.jsonc';

/** The checked settings, or an Error whose message names the faulty setting and says what it must be. */
export function readSettings(env: object): Settings {
  const parsed = v.safeParse(Settings, env);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new Error(`${v.getDotPath(issue) ?? 'settings'} ${issue.message}`);
  }
  const { SYNC_RULES, rulesFile, CALL_RESULTS, ...mapping } = env as Record<string, unknown>;
  const { CALLTOOLS_PHONE_FIELD: phone, CALLTOOLS_EMAIL_FIELD: email } = parsed.output;
  const reserved = { phone, email, externalId: parsed.output.CALLTOOLS_EXTERNAL_ID_FIELD };
  const rulesFrom = isSet(SYNC_RULES) ? 'SYNC_RULES' : RULES_FILE_NAME;
  const rules = parseRules(isSet(SYNC_RULES) ? SYNC_RULES : (rulesFile ?? ''), rulesFrom);
  const conditions = customConditions(rules);
  return {
    ...parsed.output,
    rules,
    rulesFrom,
    fields: {
      ...parseFieldMap(mapping, reserved),
      ...(conditions.length > 0 && { conditions }),
      ...(asksForOpportunities(rules) && { pipelines: pipelineRefs(opportunityConditions(rules)) }),
    },
    calls: parseCallResults(CALL_RESULTS, rules),
  };
}

function isSet(setting: unknown): boolean {
  return setting !== undefined && setting !== null && (typeof setting !== 'string' || setting.trim() !== '');
}

/** The CallTools account's own field names. If one is changed, all contacts are written again. */
export function fieldNames(settings: Settings): string[] {
  const { CALLTOOLS_PHONE_FIELD, CALLTOOLS_EMAIL_FIELD, CALLTOOLS_EXTERNAL_ID_FIELD } = settings;
  return [CALLTOOLS_PHONE_FIELD, CALLTOOLS_EMAIL_FIELD, CALLTOOLS_EXTERNAL_ID_FIELD];
}

/** All optional fields that the settings write, by the account's names. */
export function writtenFields(settings: Settings): string[] {
  const { CALLTOOLS_EMAIL_FIELD: email, CALLTOOLS_EXTERNAL_ID_FIELD: externalId, fields } = settings;
  const owner = fields.owners.size > 0 ? 'owned_by' : '';
  return [email, externalId, owner, ...fields.rules.map(({ target }) => target)].filter((name) => name !== '');
}

/** The settings on which a contact's fingerprint depends. `plan`: the map of these settings. `now`: epoch ms. */
export function decidedBy(settings: Settings, plan: FieldPlan, now: number): DecidedBy {
  const { rules, DEFAULT_COUNTRY: country, calls } = settings;
  return { rules, country, fields: fieldNames(settings), plan, ignoredTags: tagsWritten(calls), now };
}
