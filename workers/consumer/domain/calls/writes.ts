// What is written to GoHighLevel because of a disposition: each write is one step. Pure.

import type { WriteStep } from '../../../../shared/messages.ts';
import { MINUTE_MS } from '../../../../shared/time.ts';
import type { FieldMap } from '../fields/field-map.ts';
import { normaliseTag, sameName } from '../rules/tags.ts';

/** What is written to the contact. */
export interface CallWrites {
  /** Tags that are added. */
  tags: readonly string[];
  /** The call channel's do-not-disturb is set. */
  dnd: boolean;
  /** Id of a workflow that the contact is put into; null = none. */
  workflow: string | null;
  note: boolean;
}

/** Nothing is written. */
export const NO_WRITES: CallWrites = { tags: [], dnd: false, workflow: null, note: false };

/** The part of CALL_RESULTS that says what is written. */
interface Rules {
  results: readonly { dispositions: readonly string[]; writes: CallWrites }[];
  otherwise: CallWrites;
}

/** What a disposition writes. One whose name is not known ('') writes nothing. */
export function writesFor(disposition: string, { results, otherwise }: Rules): CallWrites {
  if (disposition === '') return NO_WRITES;
  return (
    results.find(({ dispositions }) => dispositions.some((one) => sameName(one, disposition)))?.writes ?? otherwise
  );
}

/** Its steps. */
export function stepsOf({ tags, dnd, workflow, note }: CallWrites): WriteStep[] {
  const wanted: [WriteStep, boolean][] = [
    ['tags', tags.length > 0],
    ['dnd', dnd],
    ['workflow', workflow !== null],
    ['note', note],
  ];
  return wanted.flatMap(([step, isWanted]) => (isWanted ? [step] : []));
}

/** The text of a note. `at` is epoch ms. */
export function noteOf(disposition: string, at: number): string {
  return `Dialer: ${disposition} on ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Whether a map writes tags of a contact to CallTools: then every tag counts. */
export function readsTags({ rules }: Pick<FieldMap, 'rules'>): boolean {
  return JSON.stringify(rules).includes('"field":"tags"');
}

/** Every tag that is ever written, as tags are compared. */
export function tagsWritten(calls: Rules | null): ReadonlySet<string> {
  if (calls === null) return new Set();
  const all = [...calls.results.map(({ writes }) => writes), calls.otherwise];
  return new Set(all.flatMap(({ tags }) => tags).map(normaliseTag));
}

/** The webhook of a tag that we write comes within this time of the write. */
export const ECHO_MS = 5 * MINUTE_MS;

/**
 * What may say nothing new: it shows which route matches the tags (-1: none), and no more. Tags of ours cause it if they were written
 * between `earliest` and `latest`; a read that began at `readFrom` or later may have shown the same already. Epoch ms.
 */
export interface Echo {
  earliest: number;
  latest: number;
  readFrom: number;
  priority: number;
}
