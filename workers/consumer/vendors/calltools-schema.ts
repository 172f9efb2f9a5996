// What CallTools answers, by schema: contacts and lists as they differ between accounts.

import * as v from 'valibot';
import { type CallWord, callWord } from '../domain/call-word.ts';

/** A whole number above 0 (docs/vendors.md, CallTools: contact fields). */
const Id = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
/** Anything with an id of its own. */
export const Identified = v.object({ id: Id });
/** A related row: its id, or an object that has one. */
const Related = v.union([
  Id,
  v.pipe(
    Identified,
    v.transform(({ id }) => id),
  ),
]);
const IdList = v.fallback(v.nullish(v.array(Related)), null);

/** Stands for an entry that is no text: it may be any number. */
const ODD_NUMBER = '(unreadable number)';
/** One number, as a list of at most one text. */
const Phone = v.union([
  v.pipe(
    v.nullish(v.union([v.string(), v.number()])),
    v.transform((phone) => (phone === null || phone === undefined || phone === '' ? [] : [String(phone)])),
  ),
  v.pipe(
    v.unknown(),
    v.transform(() => [ODD_NUMBER]),
  ),
]);
/** `_phone_numbers` holds objects in one account, E.164 texts in another (docs/vendors.md, CallTools: phone numbers): accept both. */
const PhoneList = v.fallback(
  v.nullish(
    v.pipe(
      v.array(
        v.union([
          v.pipe(
            v.object({ phone_number: Phone }),
            v.transform((row) => row.phone_number),
          ),
          Phone,
        ]),
      ),
      v.transform((phones) => phones.flat()),
    ),
  ),
  null,
);

/** Anything with an id: fields that cannot be read are null. */
export const Contact = v.looseObject({
  id: Id,
  do_not_contact: v.fallback(v.nullish(v.boolean()), null),
  buckets: IdList,
  tags: IdList,
  _phone_numbers: PhoneList,
});

/** A contact as CallTools shows it. `dialable` is null where the answer does not say which numbers it can dial. */
export interface DialerContact {
  id: number;
  doNotContact: boolean | null;
  buckets: number[] | null;
  tags: number[] | null;
  dialable: string[] | null;
  /** Every number in any phone field, as CallTools spells it; or what stands there in its place. */
  phones: string[];
  /** Of its calls. Null where another answer than that to a GET shows none: only a GET is known to show them. */
  word: CallWord | null;
  /** All that the answer shows; absent where it is no row of a contact. */
  row?: Readonly<Record<string, unknown>>;
}

/** Numbers of fewer digits than this are services, not people. */
const MIN_DIGITS = 5;
/** A JSON number of fewer digits is a count or an id. */
const MIN_JSON_DIGITS = 7;

/** A POST that made nothing, and names the contacts that it found instead. */
export const Duplicate = v.object({ duplicate_contacts: v.pipe(v.array(Related), v.minLength(1)) });
/** A number, or its digits. */
const Count = v.union([v.number(), v.pipe(v.string(), v.trim(), v.digits(), v.transform(Number))]);
/** A page of any list; `next` is a full URL (docs/vendors.md, CallTools: lists and filters). */
export const Page = v.object({
  count: v.fallback(v.nullish(Count), null),
  next: v.nullish(v.string()),
  results: v.array(v.unknown()),
});
/** A bucket or a tag. */
export const Label = v.object({ id: Id, name: v.string() });
export type Label = v.InferOutput<typeof Label>;
/** A link row: this bucket holds this contact (docs/vendors.md, CallTools: buckets and tags). */
export const Link = v.object({ contact: Related, bucket: Related });
const PhoneRow = v.object({ contact: Related, phone_number: v.string() });

/** The bucket or tag of an id and no other. */
export function labelWithId(id: number) {
  return v.object({ ...Label.entries, id: v.literal(id) });
}

/** The contact of an id and no other. */
export function contactWithId(id: number) {
  return v.looseObject({ ...Contact.entries, id: v.literal(id) });
}

/** A row of /contacts/; none where it cannot be read. */
export function contactRow(row: unknown): DialerContact[] {
  const parsed = v.safeParse(Contact, row);
  return parsed.success ? [toDialerContact(parsed.output)] : [];
}

/** A row of /phonenumbers/ names its contact by id (docs/vendors.md, CallTools: phone numbers); the rest is not known from it. */
export function phoneRow(row: unknown): DialerContact[] {
  const parsed = v.safeParse(PhoneRow, row);
  if (!parsed.success) return [];
  const { contact, phone_number } = parsed.output;
  return [
    {
      id: contact,
      doNotContact: null,
      buckets: null,
      tags: null,
      dialable: [phone_number],
      phones: [phone_number],
      word: null,
    },
  ];
}

/** The contact as CallTools shows it. */
export function toDialerContact(row: v.InferOutput<typeof Contact>): DialerContact {
  const dialable = row._phone_numbers ?? null;
  const word = callWord(row);
  const inFields = Object.entries(row).flatMap(([name, value]) => (/phone/.test(name) ? numberIn(name, value) : []));
  return {
    id: row.id,
    doNotContact: row.do_not_contact ?? null,
    buckets: row.buckets ?? null,
    tags: row.tags ?? null,
    dialable,
    phones: [...(dialable ?? []), ...inFields],
    word: word.text === '' ? null : word,
    row,
  };
}

/** The number in a field that is named after a phone, as a text; none where it holds something else. */
function numberIn(name: string, value: unknown): string[] {
  if (typeof value === 'string') return mayHoldNumber(value) ? [value] : [];
  const isNumber = Number.isSafeInteger(value) && String(value).length >= MIN_JSON_DIGITS && !/_ids?$/.test(name);
  return isNumber ? [String(value)] : [];
}

/** A field like `phone_type` holds a word, others a time or an id: none of them names a number. */
function mayHoldNumber(text: string): boolean {
  const digits = text.match(/\p{Nd}/gu)?.length ?? 0;
  return digits >= MIN_DIGITS && !/^\s*(\d{4}-\d\d-\d\d|[\da-f]{8}-?[\da-f]{4}-?[\da-f]{4})/i.test(text);
}
