// Reading what vendors answer, of any form: nothing here throws.

import type { Reply } from './caller.ts';

export type Row = Record<string, unknown>;

/** The object that it is, or an empty one. */
export function objectOf(value: unknown): Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : {};
}

/** Its objects, where it is a list. */
export function listOf(value: unknown): Row[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

/** The rows of a page of CallTools. */
export function rowsOf({ json }: Reply): Row[] {
  return listOf(objectOf(json).results);
}

/** A whole number above 0; undefined for anything else. */
export function idOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : undefined;
}

/** The digits of every text in a contact's phone fields and lists. */
export function hasNumber(contact: Row, phone: string): boolean {
  const digits = phone.replace(/\D/g, '').slice(-10);
  const texts = Object.entries(contact).flatMap(([name, value]) => (/phone/.test(name) ? textsIn(value) : []));
  return texts.some((text) => text.replace(/\D/g, '').endsWith(digits));
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
