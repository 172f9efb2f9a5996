// A contact as GoHighLevel's answers tell it: every field that can be read, and the names of those that cannot.

import { type Deletion, deletionIn } from '../../../shared/deleted.ts';
import { callBlocked, dndOf } from '../../../shared/dnd.ts';
import { readTags } from '../../../shared/tags.ts';
import type { Failure } from './failure.ts';

const TEXTS = [
  'locationId',
  'firstName',
  'lastName',
  'email',
  'phone',
  'address1',
  'address',
  'city',
  'state',
  'postalCode',
] as const;
/** Texts that decide: one of an unexpected type is missed. Of all others it is as good as none. */
const DECISIVE: readonly string[] = ['locationId', 'phone'];

type Json = Readonly<Record<string, unknown>>;
type Texts = Record<(typeof TEXTS)[number], string | null | undefined>;

export interface GhlContact extends Texts {
  id: string;
  tags: string[];
  /** What may be tags too (shared/tags.ts); left out where there is nothing of the kind. */
  oddTags?: string[];
  dnd?: unknown;
  dndSettings?: unknown;
}

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
  const texts = Object.fromEntries(
    TEXTS.map((field) => {
      const text = textOf(json[field]);
      if (text === undefined && DECISIVE.includes(field)) unread.push(`contact.${field}`);
      return [field, text ?? null];
    }),
  ) as Texts;
  const tags = readTags(json.tags);
  if (!tags.whole) unread.push('contact.tags');
  const deleted = deletionIn([...Object.entries(json), ...Object.entries(around)]);
  if (deleted === 'perhaps') unread.push('contact.deleted');
  const id = typeof json.id === 'string' ? json.id : '';
  if (id === '') unread.push('contact.id');
  const contact: GhlContact = {
    ...{ ...texts, id, tags: tags.sure, ...dndOf(json) },
    ...((tags.perhaps.length > 0 || !tags.whole) && { oddTags: tags.perhaps }),
  };
  return { contact, unread, deleted };
}

/** It says, for sure or perhaps, that nobody must call, whatever the rules are. */
export function saysStop({ contact, deleted }: SaidContact): boolean {
  return deleted !== 'no' || callBlocked(contact.dnd, contact.dndSettings);
}

/** Undefined for what is neither text nor number nor nothing. */
function textOf(value: unknown): string | null | undefined {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}

export type Known = Found | Gone;

export type Read =
  | Known
  /** It says something else, from which no deletion follows; `failure` is that, if it has the contact after all. */
  | { kind: 'doubtful'; failure: Failure };

/** `unread` names the fields that cannot be read, `removed` says that the contact may be deleted: partial-read.ts. */
type Found = { kind: 'found'; contact: GhlContact; unread?: string[]; removed?: true };

/** GoHighLevel says in a known form that there is no such contact; `flagged`: the contact itself says that it is deleted. */
type Gone = { kind: 'gone'; flagged?: true };
