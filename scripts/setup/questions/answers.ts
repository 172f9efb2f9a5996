// What the set-up asks, and how each question is answered without a person: by an option, or by the environment. A test compares the
// table in docs/set-up.md with it.

interface Question {
  /** As commander reads it. */
  flags: string;
  asks: string;
  /** The variable that answers it too. */
  variable?: string;
  /** The only answers. */
  choices?: readonly string[];
}

/** Where the database may be: an answer that wrangler's `d1 create` takes, or none. */
export const REGIONS = {
  auto: { label: 'Near me: Cloudflare chooses', args: [] },
  eu: { label: 'European Union, guaranteed (jurisdiction)', args: ['--jurisdiction', 'eu'] },
  us: { label: 'United States, guaranteed (jurisdiction)', args: ['--jurisdiction', 'us'] },
  weur: { label: 'Western Europe, preferred', args: ['--location', 'weur'] },
  eeur: { label: 'Eastern Europe, preferred', args: ['--location', 'eeur'] },
  wnam: { label: 'Western North America, preferred', args: ['--location', 'wnam'] },
  enam: { label: 'Eastern North America, preferred', args: ['--location', 'enam'] },
  apac: { label: 'Asia and Pacific, preferred', args: ['--location', 'apac'] },
  oc: { label: 'Oceania, preferred', args: ['--location', 'oc'] },
} as const satisfies Record<string, { label: string; args: readonly string[] }>;
export type Region = keyof typeof REGIONS;

/** Stands for "no domain of our own". */
export const WORKERS_DEV = 'workers.dev';

/** Every question that an option answers, in the order in which they are asked. Secrets come from the environment alone. */
export const QUESTIONS = {
  account: { flags: '--account <id>', asks: 'the Cloudflare account', variable: 'CLOUDFLARE_ACCOUNT_ID' },
  location: { flags: '--location <id>', asks: 'the GoHighLevel location', variable: 'GHL_LOCATION_ID' },
  calltools: { flags: '--calltools <address>', asks: 'the CallTools silo', variable: 'CALLTOOLS_BASE_URL' },
  country: {
    flags: '--country <code>',
    asks: 'the country of phone numbers without a country code',
    variable: 'DEFAULT_COUNTRY',
  },
  region: { flags: '--region <where>', asks: 'where the database is', choices: Object.keys(REGIONS) },
  domain: { flags: '--domain <host>', asks: `the address of ingest: a domain of yours, or ${WORKERS_DEV}` },
  phoneField: {
    flags: '--phone-field <name>',
    asks: 'which field of CallTools is the phone',
    variable: 'CALLTOOLS_PHONE_FIELD',
  },
  emailField: {
    flags: '--email-field <name>',
    asks: 'which field of CallTools is the email',
    variable: 'CALLTOOLS_EMAIL_FIELD',
  },
  map: { flags: '--map <fields>', asks: 'which proposed fields are mapped: all, none, or names separated by commas' },
  bucket: {
    flags: '--bucket <old=new>',
    asks: 'which bucket of CallTools takes the place of one that the rules name: "Cold Leads=Florida Cold"',
  },
  sync: { flags: '--sync <yes|no>', asks: 'whether the first sync starts at the end', choices: ['yes', 'no'] },
} as const satisfies Record<string, Question>;
export type QuestionName = keyof typeof QUESTIONS;

/** Answers on the command line. */
export type Answers = { [name in QuestionName]?: string };

/** The answer that the command line or the environment gives; undefined where neither does. The command line comes first. */
export function given(
  { options, env }: { options: { answers: Answers }; env: Readonly<Record<string, string | undefined>> },
  name: QuestionName,
): string | undefined {
  const { variable }: Question = QUESTIONS[name];
  return options.answers[name]?.trim() || (variable && env[variable]?.trim()) || undefined;
}
