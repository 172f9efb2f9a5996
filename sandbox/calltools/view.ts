// Looking into CallTools without its API: what a person would see there.

import type { Account } from './account.ts';
import type { ContactRow, LabelKind } from './table.ts';

/** A contact as the dialer holds it. */
export interface DialerContact {
  id: number;
  /** Every stored field, phones under their field's name. */
  fields: Record<string, unknown>;
  /** E.164. */
  phones: string[];
  /** Names. */
  buckets: string[];
  /** Names. */
  tags: string[];
  doNotContact: boolean;
}

/** What a test may see of the account. */
export interface View {
  contacts(): DialerContact[];
  /** Those with this number, lowest id first; cheap, also among 100,000. */
  withPhone(number: string): DialerContact[];
  bucketNamed(name: string): { id: number; contacts: number[] } | undefined;
  /** Phones of all contacts in buckets of this name, sorted. */
  holds(bucketName: string): string[];
}

/** The view of this account. */
export function createView({ table }: Pick<Account, 'table'>): View {
  const bucketsNamed = (name: string) => [...table.buckets.values()].filter((bucket) => bucket.name === name);
  const inBucket = (id: number) => [...table.contacts.values()].filter(({ buckets }) => buckets.has(id));
  return {
    contacts: () => [...table.contacts.values()].map((row) => viewContact(row, table)),

    withPhone: (number) =>
      table.withPhone(number).flatMap((id) => {
        const row = table.contacts.get(id);
        return row ? [viewContact(row, table)] : [];
      }),

    bucketNamed(name) {
      const [bucket] = bucketsNamed(name);
      return bucket && { id: bucket.id, contacts: inBucket(bucket.id).map(({ id }) => id) };
    },

    holds(bucketName) {
      const rows = bucketsNamed(bucketName).flatMap(({ id }) => inBucket(id));
      return [...new Set(rows)].flatMap((row) => viewContact(row, table).phones).sort();
    },
  };
}

/** A contact with its buckets and tags by name. */
export function viewContact(row: ContactRow, table: Account['table']): DialerContact {
  const phones = [...row.phones].map(([field, { number }]) => [field, number] as const);
  const names = (kind: LabelKind, ids: Iterable<number>) => [...ids].flatMap((id) => table[kind].get(id)?.name ?? []);
  return {
    id: row.id,
    fields: { ...row.fields, ...Object.fromEntries(phones) },
    phones: [...new Set(phones.map(([, number]) => number))],
    buckets: names('buckets', row.buckets.keys()),
    tags: names('tags', row.tags),
    doNotContact: row.fields.do_not_contact === true,
  };
}
