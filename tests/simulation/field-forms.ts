// Values of custom fields in every shape, each with what it is as every type: written down by hand, so that it owes nothing to the workers.

import { FIELD_STEM } from './quotes.ts';

/** What may be written into a field of CallTools; null empties it. */
export type Written = string | number | boolean | string[] | null;

/** A value of GoHighLevel, and what it is as each type; left out where it is none of that type. */
export interface FieldForm {
  value: unknown;
  /** Where the map names no type. */
  plain?: Written;
  text?: string;
  number?: number;
  boolean?: boolean;
  date?: string;
  list?: string[];
}

/** Numbers of values: each makes a value that differs from those of the others. */
export const NUMBERS = 40;
/** A long way from all times and counts, so that it is found wherever it turns up. */
const LEAST_NUMBER = 73_910_000;

/** A text that tells of somebody's field. */
export const fieldText = (n: number) => `${FIELD_STEM}${n}`;
/** A number that does. */
const fieldNumber = (n: number) => LEAST_NUMBER + n;
/** A date that does; its day is over 12, so that it has one reading only. */
export const fieldDate = (n: number) => `${1971 + (n % 9)}-0${1 + (n % 8)}-${13 + (n % 15)}`;

function ofText(value: unknown, text: string): FieldForm {
  return { value, plain: text, text, list: [text] };
}

function ofTexts(value: unknown, list: string[]): FieldForm {
  return { value, plain: list.join(', '), text: list.join(', '), list };
}

const EMPTIES = ['', null, 'null', [], {}, '  ', [''], { [fieldText(1)]: false }];

/** The forms, each made for a number. */
export const FORMS: ((n: number) => FieldForm)[] = [
  (n) => ofText(fieldText(n), fieldText(n)),
  (n) => ofText(`  ${fieldText(n)} `, fieldText(n)),
  (n) =>
    ofText(`${fieldText(n)} is what they said,\nand more of it`, `${fieldText(n)} is what they said,\nand more of it`),
  (n) => ofNumber(fieldNumber(n)),
  (n) => ofNumber(fieldNumber(n) + 0.5),
  (n) => {
    const text = `$${fieldNumber(n).toLocaleString('en-US')}`;
    return { ...ofText(text, text), number: fieldNumber(n) };
  },
  (n) => ({ ...ofText([String(fieldNumber(n))], String(fieldNumber(n))), number: fieldNumber(n) }),
  (n) => {
    const [text, boolean] = n % 2 === 0 ? (['Yes', true] as const) : (['no', false] as const);
    return { ...ofText(text, text), boolean };
  },
  (n) => ({ ...ofText(n % 2 === 0, String(n % 2 === 0)), plain: n % 2 === 0, boolean: n % 2 === 0 }),
  (n) => ({ ...ofText(fieldDate(n), fieldDate(n)), date: fieldDate(n) }),
  (n) => ({ ...ofText(`${fieldDate(n)}T23:30:00.000Z`, `${fieldDate(n)}T23:30:00.000Z`), date: fieldDate(n) }),
  (n) => {
    const [year, month, day] = fieldDate(n).split('-');
    return { ...ofText(`${month}/${day}/${year}`, `${month}/${day}/${year}`), date: fieldDate(n) };
  },
  (n) => ({ ...ofNumber(Date.parse(fieldDate(n))), date: fieldDate(n) }),
  (n) => ofTexts([fieldText(n), fieldText(n + 1), fieldText(n)], [fieldText(n), fieldText(n + 1)]),
  (n) => ofText([fieldText(n)], fieldText(n)),
  (n) => ofText({ [fieldText(n)]: true, [fieldText(n + 1)]: false }, fieldText(n)),
  (n) => ofTexts({ first: fieldText(n), second: fieldText(n + 2) }, [fieldText(n), fieldText(n + 2)]),
  (n) => {
    const url = `https://files.example/${fieldText(n)}`;
    return ofText({ [`file-${n}`]: { meta: { mimetype: 'application/pdf' }, url, documentId: `document-${n}` } }, url);
  },
  (n) => ({ value: EMPTIES[n % EMPTIES.length] }),
  (n) => ({ value: [[[[[[[fieldText(n)]]]]]]] }),
];

function ofNumber(number: number): FieldForm {
  return { value: number, plain: number, number, text: String(number), list: [String(number)] };
}

const MADE = new Map(
  FORMS.flatMap((form) => Array.from({ length: NUMBERS }, (_, n) => form(n))).map((made) => [
    JSON.stringify(made.value),
    made,
  ]),
);

/** What a value of a contact is as each type. A text that none of the forms has made is a text and nothing else. */
export function formOf(value: unknown): FieldForm {
  const made = MADE.get(JSON.stringify(value));
  if (made) return made;
  if (Array.isArray(value)) return value.length > 0 ? ofTexts(value, value as string[]) : { value };
  if (typeof value !== 'string' || value.trim() === '') return { value };
  const date = /^\d{4}-\d\d-\d\dT/.test(value) ? { date: value.slice(0, 10) } : {};
  const number = /^[1-9]\d{4}$/.test(value) ? { number: Number(value) } : {};
  return { ...ofText(value, value), ...date, ...number };
}

/** An address as it is typed, and as CallTools gets it. */
interface Address {
  typed: { state: string; country: string; postalCode: string };
  state: string | null;
  iso2: string | null;
  name: string | null;
}

export const ADDRESSES: Address[] = [
  { typed: { state: 'Florida', country: 'US', postalCode: '33101' }, state: 'FL', iso2: 'US', name: 'United States' },
  { typed: { state: 'tx', country: 'USA', postalCode: '73301' }, state: 'TX', iso2: 'US', name: 'United States' },
  { typed: { state: 'Ontario', country: 'Canada', postalCode: 'M5V 2T6' }, state: 'ON', iso2: 'CA', name: 'Canada' },
  { typed: { state: 'Bayern', country: 'DE', postalCode: '80331' }, state: 'Bayern', iso2: 'DE', name: 'Germany' },
  { typed: { state: 'New York', country: '', postalCode: '' }, state: 'NY', iso2: null, name: null },
  { typed: { state: '', country: 'US', postalCode: '' }, state: null, iso2: 'US', name: 'United States' },
];
