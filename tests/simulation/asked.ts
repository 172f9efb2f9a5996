// Rules that ask for more than tags: the setting, values of every kind, and who may be dialed by them. Each value stands with what it means,
// written down by hand, so that this owes nothing to the workers' code.

import { CUSTOM_FIELDS } from '../../sandbox/gohighlevel/custom-fields.ts';
import type { ContactPatch, GhlContact } from '../../sandbox/gohighlevel.ts';
import { DAY_MS } from '../../shared/time.ts';

/** Everybody who is dialed has consented, within so many days. */
const CONSENT_DAYS = 20;
/** Leads of one salesperson are called first while they are so new. */
const NEW_DAYS = 25;
const ANA = 'anaAnaAnaAnaAnaAna01';

export const ASKED_SETTING = JSON.stringify({
  require: {
    custom: { 'contact.consent_to_calls': ['yes'], 'Date of consent': { withinDays: CONSENT_DAYS } },
    not: { custom: { 'contact.product': ['Windows'] } },
  },
  routes: [
    { name: 'abroad', country: ['MX', 'Canada'], bucket: null },
    { name: 'customers', type: ['customer'], bucket: null },
    { name: 'florida', tags: ['cold lead'], state: ['FL'], not: { source: ['Referral'] }, bucket: 'Florida' },
    { name: 'partner', source: ['partner'], bucket: null },
    { name: 'big', custom: { 'contact.monthly_bill': { min: 5000 } }, bucket: 'Hot Leads' },
    { name: 'ana', tags: ['cold lead'], assignedTo: [ANA], addedWithinDays: NEW_DAYS, bucket: 'Hot Leads' },
    { name: 'cold', tags: ['cold lead'], bucket: 'Cold Leads' },
  ],
});

/** Spellings of a tag that keeps out, by the built-in route. */
export const OPT_OUTS = ['dnd', 'do not call', 'do-not-call', 'stop'];

/** `?`: it cannot be read. Null: there is none. */
type Meaning = string | null;

const EMPTY: [unknown, Meaning][] = [null, '', [], 'null', {}].map((value) => [value, null]);
const ODD: [unknown, Meaning][] = [{ a: { b: 1 } }, [{}], { a: null }].map((value) => [value, '?']);

/** What may stand in each field, and what it means. Those that come first are the usual ones. */
export const ANSWERS = {
  consent: [
    ...['Yes', 'yes ', 'YES', true, ['Yes'], { Yes: true, No: false }].map((value): [unknown, Meaning] => [
      value,
      'yes',
    ]),
    ...['No', false, 'unsure', ['No']].map((value): [unknown, Meaning] => [value, 'no']),
    ...[...EMPTY, ...ODD],
  ],
  bill: [
    ...[5000, '5000', '7,500', '$5,000.00', [100, 9000]].map((value): [unknown, Meaning] => [value, 'big']),
    ...[4999, '12', '-5000'].map((value): [unknown, Meaning] => [value, 'small']),
    ...['much', '5000 a month', ['much']].map((value): [unknown, Meaning] => [value, '?']),
    ...[...EMPTY, ...ODD],
  ],
  product: [
    ...['Solar', ['Solar', 'Roofing']].map((value): [unknown, Meaning] => [value, 'other']),
    ...['Windows', ' windows', ['Solar', 'Windows']].map((value): [unknown, Meaning] => [value, 'windows']),
    ...[...EMPTY, ...ODD],
  ],
  source: [
    ...['Google', 'x'].map((value): [unknown, Meaning] => [value, 'other']),
    ...['partner', 'Partner ', 'PARTNER'].map((value): [unknown, Meaning] => [value, 'partner']),
    ...['Referral', 'referral'].map((value): [unknown, Meaning] => [value, 'referral']),
    ...[null, '', 'null'].map((value): [unknown, Meaning] => [value, null]),
    ...[{}, ['partner'], true].map((value): [unknown, Meaning] => [value, '?']),
  ],
  state: [
    ...['FL', 'florida', 'US-FL'].map((value): [unknown, Meaning] => [value, 'florida']),
    ...['TX', 'Texas'].map((value): [unknown, Meaning] => [value, 'other']),
    ...[null, ''].map((value): [unknown, Meaning] => [value, null]),
    ...['Flordia', 33101, ['FL']].map((value): [unknown, Meaning] => [value, '?']),
  ],
  country: [
    ...['US', 'usa', 'United States'].map((value): [unknown, Meaning] => [value, 'home']),
    ...['MX', 'mexico', 'CA', 'Canada'].map((value): [unknown, Meaning] => [value, 'abroad']),
    ...[null, ''].map((value): [unknown, Meaning] => [value, null]),
    ...['Untied States', {}, ['US']].map((value): [unknown, Meaning] => [value, '?']),
  ],
  type: [
    ...['lead', 'Lead'].map((value): [unknown, Meaning] => [value, 'other']),
    ...['customer', 'Customer '].map((value): [unknown, Meaning] => [value, 'customer']),
    ...[null, ''].map((value): [unknown, Meaning] => [value, null]),
    ...[{}, ['lead']].map((value): [unknown, Meaning] => [value, '?']),
  ],
  assignedTo: [
    ...[ANA, 'benBenBenBenBenBen01', ANA.toUpperCase()].map((value): [unknown, Meaning] => [
      value,
      value === ANA ? 'ana' : 'other',
    ]),
    ...[null, ''].map((value): [unknown, Meaning] => [value, null]),
    ...[{}, [ANA]].map((value): [unknown, Meaning] => [value, '?']),
  ],
} satisfies Record<string, [unknown, Meaning][]>;

type Field = keyof typeof ANSWERS;

const isoOf = (day: number) => new Date(day * DAY_MS).toISOString().slice(0, 10);
/** Ways to write a day, which is counted from 1970. */
export const DAYS: ((day: number) => unknown)[] = [
  isoOf,
  (day) => `${isoOf(day)}T23:30:00.000Z`,
  (day) => day * DAY_MS,
  (day) => String(day * DAY_MS),
  (day) => [isoOf(day)],
];

/** A person's fields are filled, each by the index of an answer. The day of consent lies so many days back. */
export interface AskedAction {
  do: 'answer';
  person: number;
  answers: Partial<Record<Field, number>>;
  /** `form` beyond DAYS: no day. */
  consented?: { form: number; daysAgo: number };
  /** As in history.ts. */
  fates: number[][];
}

const idOf = (key: string) => CUSTOM_FIELDS.find(({ fieldKey }) => fieldKey === key)?.id ?? '';
const IDS = {
  consent: idOf('contact.consent_to_calls'),
  bill: idOf('contact.monthly_bill'),
  product: idOf('contact.product'),
};
const DATE = idOf('contact.date_of_consent');
/** Fields of the contact itself. */
const TEXTS = ['source', 'state', 'country', 'type', 'assignedTo'] as const;
const NO_DAYS = ['soon', null, '03/04/2026'];

/** The change of a contact at `now`, epoch ms. */
export function patchOfAnswers(contact: GhlContact | undefined, action: AskedAction, now: number): ContactPatch {
  const { answers, consented } = action;
  const at = (field: Field) => ANSWERS[field][answers[field] ?? 0]?.[0];
  const custom = Object.entries(IDS).flatMap(([field, id]) => {
    return answers[field as Field] === undefined ? [] : [{ id, value: at(field as Field) }];
  });
  if (consented) custom.push({ id: DATE, value: dateOf(consented, now) });
  const kept = contact?.customFields.filter(({ id }) => !custom.some((one) => one.id === id)) ?? [];
  return {
    ...(custom.length > 0 && { customFields: [...kept, ...custom] }),
    ...Object.fromEntries(TEXTS.filter((field) => answers[field] !== undefined).map((field) => [field, at(field)])),
  } as ContactPatch;
}

/** Days by the text of what was written for them. */
const written = new Map<string, number>();

function dateOf({ form, daysAgo }: NonNullable<AskedAction['consented']>, now: number): unknown {
  const day = Math.floor(now / DAY_MS) - daysAgo;
  const value = DAYS[form]?.(day);
  if (value === undefined) return NO_DAYS[form % NO_DAYS.length];
  written.set(JSON.stringify(value), day);
  return value;
}

function meaningOf(field: Field, value: unknown): Meaning {
  const text = JSON.stringify(value ?? null);
  return ANSWERS[field].find(([answer]) => JSON.stringify(answer) === text)?.[1] ?? null;
}

/** The first three routes keep out, before any that places. Null where none does. */
function keptOutBy({ tags, country, type }: GhlContact): number | null {
  if (tags.some((tag) => OPT_OUTS.includes(tag.toLowerCase()))) return 0;
  if (['abroad', '?'].includes(meaningOf('country', country) ?? '')) return 1;
  return ['customer', '?'].includes(meaningOf('type', type) ?? '') ? 2 : null;
}

/** Who may be dialed at `at`, epoch ms, but for phone and do-not-disturb. `rank` -1: nobody asks for the person, or nobody may. */
export function judgeAsked(contact: GhlContact, at: number): { wish: 'place' | 'out' | 'none'; rank: number } {
  const custom = (id: string) => contact.customFields.find((one) => one.id === id)?.value;
  const [source, state] = [meaningOf('source', contact.source), meaningOf('state', contact.state)];
  const bill = meaningOf('bill', custom(IDS.bill));
  const isCold = contact.tags.some((tag) => tag.toLowerCase() === 'cold lead');
  const out = (rank: number) => ({ wish: 'out' as const, rank });
  const none = { wish: 'none' as const, rank: -1 };
  const isNew = Math.floor(at / DAY_MS) - Math.floor(Date.parse(contact.dateAdded ?? '') / DAY_MS) <= NEW_DAYS;
  const owner = meaningOf('assignedTo', contact.assignedTo);
  const first = keptOutBy(contact);
  if (first !== null) return out(first);
  const isFlorida = isCold && ['florida', '?'].includes(state ?? '') && !['referral', null].includes(source);
  if (isFlorida && source !== '?' && source !== 'partner' && state === 'florida') return placed(3);
  // Partners who live in Florida come before the route that keeps partners out.
  if (isFlorida && source === 'partner' && state === 'florida') return placed(3);
  if (source === 'partner' || source === '?') return out(4);
  if (isFlorida) return none;
  if (bill === '?') return none;
  if (bill === 'big') return placed(5);
  if (isCold && isNew && owner === 'ana') return placed(6);
  if (isCold && isNew && owner === '?') return none;
  return isCold ? placed(7) : none;

  function placed(rank: number) {
    const may =
      meaningOf('consent', custom(IDS.consent)) === 'yes' && meaningOf('product', custom(IDS.product)) === 'other';
    return may && isRecent(custom(DATE), at) ? { wish: 'place' as const, rank } : none;
  }
}

function isRecent(value: unknown, at: number): boolean {
  const day = written.get(JSON.stringify(value ?? null));
  if (day === undefined) return false;
  const age = Math.floor(at / DAY_MS) - day;
  return age >= -1 && age <= CONSENT_DAYS;
}
