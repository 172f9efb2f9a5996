// A contact as GoHighLevel's answers show it: every field that can be read, and the names of those that cannot.

import { type Deletion, deletionIn } from '../../../shared/deleted.ts';
import { callBlocked, dndOf } from '../../../shared/dnd.ts';
import { readTags } from '../../../shared/tags.ts';
import { type Failure, fail } from './failure.ts';

/** Texts that may be mapped to a field of CallTools. */
export const MAPPED_TEXTS = [
  'firstName',
  'lastName',
  'email',
  'address1',
  'city',
  'state',
  'postalCode',
  'country',
  'companyName',
  'website',
  'source',
  'type',
  'timezone',
  'dateOfBirth',
  'dateAdded',
  'assignedTo',
] as const;
const TEXTS = [...MAPPED_TEXTS, 'locationId', 'phone', 'address'] as const;
/** Texts that decide. One of an unexpected type counts as unread; any other text of an unexpected type counts as absent. */
const DECISIVE: readonly string[] = ['locationId', 'phone'];

type Json = Readonly<Record<string, unknown>>;
type Texts = Record<(typeof TEXTS)[number], string | null>;

/** A contact as GoHighLevel shows it. Texts that are absent are null. */
export interface GhlContact extends Texts {
  id: string;
  /** The whole name. */
  name: string | null;
  /** By the id of the custom field. A field without a value may be missing. */
  custom: Readonly<Record<string, unknown>>;
  /** Some custom field cannot be read, and nobody knows which; absent where all can. */
  oddCustom?: true;
  tags: string[];
  /** Values that may be tags too (shared/tags.ts); absent where there are none. */
  oddTags?: string[];
  /** Names of texts that are of another type and so cannot be read; absent where there are none. */
  oddTexts?: string[];
  dnd?: unknown;
  dndSettings?: unknown;
}

/** A contact in an answer, and what of it cannot be read. */
export interface SaidContact {
  /** `id` is empty where it cannot be read. */
  contact: GhlContact;
  /** Paths of the fields that cannot be read and may decide. */
  unread: string[];
  deleted: Deletion;
}

/** Reads a contact of an answer or of a search row. `around`: what else the answer says. */
export function readContact(json: Json, around: Json = {}): SaidContact {
  const unread: string[] = [];
  const oddTexts: string[] = [];
  const texts = Object.fromEntries(
    TEXTS.map((field) => {
      const text = textOf(json[field]);
      if (text === undefined) oddTexts.push(field);
      if (text === undefined && DECISIVE.includes(field)) unread.push(`contact.${field}`);
      return [field, text ?? null];
    }),
  ) as Texts;
  const tags = readTags(json.tags);
  if (!tags.whole) unread.push('contact.tags');
  const deleted = gravest(deletionIn(json), deletionIn(around));
  if (deleted === 'perhaps') unread.push('contact.deleted');
  const id = typeof json.id === 'string' ? json.id : '';
  if (id === '') unread.push('contact.id');
  const contact: GhlContact = {
    ...texts,
    id,
    name: textOf(json.name) ?? textOf(json.contactName) ?? null,
    ...customOf(json.customFields),
    tags: tags.sure,
    ...dndOf(json),
    ...((tags.perhaps.length > 0 || !tags.whole) && { oddTags: tags.perhaps }),
    ...(oddTexts.length > 0 && { oddTexts }),
  };
  return { contact, unread, deleted };
}

function gravest(one: Deletion, other: Deletion): Deletion {
  return one === 'no' || other === 'yes' ? other : one;
}

/** Whether it says, surely or perhaps, that nobody must call, whatever the rules are. */
export function saysStop({ contact, deleted }: SaidContact): boolean {
  return deleted !== 'no' || callBlocked(contact.dnd, contact.dndSettings);
}

/** Null for nothing; undefined for a value of an unexpected type. */
function textOf(value: unknown): string | null | undefined {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}

/** GoHighLevel writes "nothing" as null, "" or the text "null" (docs/vendors.md, GoHighLevel: tags and numbers). */
export function isFilled(text: string | null): text is string {
  return text !== null && !['', 'null'].includes(text.trim());
}

/** Values by the id of the field (docs/vendors.md, GoHighLevel: custom fields). Entries of another form are odd: any field may be meant. */
function customOf(fields: unknown): Pick<GhlContact, 'custom' | 'oddCustom'> {
  const isObject = typeof fields === 'object' && fields !== null;
  let isOdd = !isObject && fields !== undefined && fields !== null && fields !== '';
  const values = Object.entries(isObject ? fields : {}).flatMap(([key, entry]) => {
    const isEntry = typeof entry === 'object' && entry !== null && typeof entry.id === 'string';
    if (!isEntry && Array.isArray(fields)) {
      isOdd = true;
      return [];
    }
    if (!isEntry) return [[key, entry] as const];
    const at = Object.keys(entry).find((name) => /^(?:field_?)?value/i.test(name));
    return at === undefined ? [] : [[entry.id as string, entry[at] as unknown] as const];
  });
  // Without a prototype: a setting may name any key.
  const custom: Record<string, unknown> = Object.assign(Object.create(null), Object.fromEntries(values));
  return { custom, ...(isOdd && { oddCustom: true }) };
}

/** An answer that says whether the contact exists. */
export type Known = Found | Gone;

/** What a read says. */
export type Read =
  | Known
  /** An answer from which no deletion follows. `failure` is what failed, if the contact exists after all. */
  | { kind: 'doubtful'; failure: Failure };

/**
 * `unread` names the fields that cannot be read, `removed` means that the contact may be deleted, `elsewhere` that it is another
 * location's: see sync/partial-read.ts.
 */
type Found = { kind: 'found'; contact: GhlContact; unread?: string[]; removed?: true; elsewhere?: true };

/** What a person must know of a contact that is another location's. */
export const OF_ANOTHER_LOCATION: Failure = {
  kind: 'contact',
  code: 'wrong_location',
  error: 'GHL_API_KEY reads contacts of another location than GHL_LOCATION_ID',
};

/** Throws where the contact is another location's. */
export function requireOurs(read: Known): void {
  if (read.kind === 'found' && read.elsewhere) fail(OF_ANOTHER_LOCATION);
}

/** GoHighLevel says in a known form that there is no such contact. `flagged`: it shows the contact, marked as deleted. */
type Gone = { kind: 'gone'; flagged?: true };
