// What is missing of a CallTools contact because CallTools refused it, or because GoHighLevel has no such value. Pure.

import type { DialerCommit } from '../store/commit.ts';
import type { Result } from './work.ts';

/** It was written once more only because CallTools had refused fields of it, and it has refused the same ones again. */
export function isRefusedAgain({ job: { row }, observed: { leftOut = [] }, fingerprint, drifted }: Result): boolean {
  const same = leftOut.length === row.leftOut.length && leftOut.every((field) => row.leftOut.includes(field));
  return same && leftOut.length > 0 && !drifted && fingerprint !== null && fingerprint === row.fingerprint;
}

/** Nothing is missing of the contact that CallTools has under a number, or it has none that is dialed. */
export const WHOLE = { leftOut: null, noArea: false };

/** What is missing of the contact that CallTools has under a number. */
export function missingAfter({ job: { row, wanted }, observed }: Result): Pick<DialerCommit, 'leftOut' | 'noArea'> {
  const leftOut = observed.wrote ? (observed.leftOut ?? []) : row.leftOut;
  const written = wanted?.kind === 'place' && observed.wrote ? wanted.person.fields : null;
  const lacks = (field: string) => String(written?.[field] ?? '') === '' || leftOut.includes(field);
  return {
    leftOut: leftOut.length > 0 ? leftOut : null,
    noArea: written === null ? row.noArea : AREA.some(lacks),
  };
}

/** By these CallTools keeps calling hours. */
const AREA = ['state', 'zip_code'];
