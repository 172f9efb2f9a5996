// The settings of one location as they are in force, in words for a person. Of secrets only that they are set, and no person.

import { readSettings, type Settings } from './settings.ts';

/** One setting. */
export interface Shown {
  name: string;
  /** Null: not set, and there is no default. */
  value: string | null;
  isDefault: boolean;
  /** What it does, in one sentence. */
  what: string;
}

/** What is shown of a secret. */
export const SET = 'set';

/** All settings of the consumer that readSettings checks, in the order of docs/configuration.md. */
export function shownSettings(settings: Settings): Shown[] {
  const unset = readSettings(NOTHING_SET);
  return WORDS.map(([name, what, say]) => {
    const value = say(settings) || null;
    return { name, what, value, isDefault: !REQUIRED.includes(name) && value === (say(unset) || null) };
  });
}

const REQUIRED: string[] = ['GHL_LOCATION_ID', 'GHL_API_KEY', 'CALLTOOLS_BASE_URL', 'CALLTOOLS_API_KEY'];
/** The least that readSettings takes. */
const NOTHING_SET = {
  ...Object.fromEntries(REQUIRED.map((name) => [name, 'https://unset.invalid'])),
  GHL_LOCATION_ID: 'unset',
  rulesFile: { routes: [{ name: 'unset', tags: ['unset'], bucket: null }] },
};

type Word = [name: string, what: string, say: (settings: Settings) => string];

const WORDS: Word[] = [
  ['GHL_LOCATION_ID', 'The GoHighLevel location whose contacts are read.', (own) => own.GHL_LOCATION_ID],
  ['GHL_API_KEY', 'The Private Integration token for GoHighLevel.', () => SET],
  ['GHL_API_BASE_URL', 'Where GoHighLevel’s API is.', (own) => own.GHL_API_BASE_URL],
  ['GHL_API_VERSION', 'Which version of GoHighLevel’s API is asked for.', (own) => own.GHL_API_VERSION],
  ['GHL_APP_URL', 'Where the dashboard links contacts in GoHighLevel.', (own) => own.GHL_APP_URL],
  ['CALLTOOLS_CONTACT_URL', 'Where it links contacts in CallTools.', (own) => own.CALLTOOLS_CONTACT_URL],
  ['CALLTOOLS_BASE_URL', 'The CallTools silo of this account.', (own) => own.CALLTOOLS_BASE_URL],
  ['CALLTOOLS_API_KEY', 'The API key of a CallTools manager.', () => SET],
  ['CALLTOOLS_PHONE_FIELD', 'The CallTools field that gets the phone number.', (own) => own.CALLTOOLS_PHONE_FIELD],
  ['CALLTOOLS_EMAIL_FIELD', 'The CallTools field that gets the email.', (own) => own.CALLTOOLS_EMAIL_FIELD],
  [
    'CALLTOOLS_EXTERNAL_ID_FIELD',
    'The CallTools field that gets GoHighLevel’s contact id.',
    (own) => own.CALLTOOLS_EXTERNAL_ID_FIELD,
  ],
  ['CALLTOOLS_PHONE_LOOKUP', 'Where CallTools is searched by phone number.', (own) => own.CALLTOOLS_PHONE_LOOKUP],
  ['DEFAULT_COUNTRY', 'The country of phone numbers without a country code.', (own) => own.DEFAULT_COUNTRY],
  [
    'SYNC_RULES',
    'Who is dialed, and from which bucket. Without it rules.jsonc counts.',
    ({ rules, rulesFrom }) => (rulesFrom === 'SYNC_RULES' ? many(rules.routes.length, 'route') : ''),
  ],
  [
    'FIELD_MAP',
    'Which CallTools fields are filled from GoHighLevel.',
    ({ fields }) => fields.rules.map(({ target }) => target).join(', '),
  ],
  [
    'OWNERS',
    'Which CallTools user owns the contacts of a GoHighLevel user.',
    ({ fields }) => owners(fields.owners.size),
  ],
  ['COUNTRY_FORM', 'How a country is written: iso2 (US) or name (United States).', ({ fields }) => fields.countryForm],
  [
    'CALL_RESULTS',
    'Which results of a call keep a person out of the dialer, and what is written to GoHighLevel then.',
    ({ calls }) => calls?.results.flatMap(({ dispositions }) => dispositions).join(', ') ?? '',
  ],
  ['VENDOR_TIMEOUT_MS', 'How long one call to a vendor may take.', (own) => `${own.VENDOR_TIMEOUT_MS} ms`],
  ['BACKSTOP_PAGE_SIZE', 'How many contacts the nightly sync reads at once.', (own) => String(own.BACKSTOP_PAGE_SIZE)],
  ['BACKSTOP_AT', 'When the nightly sync starts.', (own) => `${own.BACKSTOP_AT.map(timeOfDay).join(', ')} UTC`],
  [
    'MAX_NEW_PLACEMENTS',
    'How many new contacts are placed within an hour. The rest is held back until you confirm it.',
    (own) => (own.MAX_NEW_PLACEMENTS === null ? '' : String(own.MAX_NEW_PLACEMENTS)),
  ],
  [
    'VERIFY_WITHIN_DAYS',
    'Within how many days each contact is checked in both systems.',
    (own) => many(own.VERIFY_WITHIN_DAYS, 'day'),
  ],
  [
    'ALERT_DRIFT_OVER',
    'A nightly sync that repairs more contacts than this causes an alert.',
    (own) => String(own.ALERT_DRIFT_OVER),
  ],
  [
    'ALERT_QUIET_HOURS',
    'So long without a webhook, while contacts change, causes an alert.',
    (own) => many(own.ALERT_QUIET_HOURS, 'hour'),
  ],
];

function many(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

/** Users may be named by their email. */
function owners(n: number): string {
  return n === 0 ? '' : many(n, 'user');
}

function timeOfDay(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
}
