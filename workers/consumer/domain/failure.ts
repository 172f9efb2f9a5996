// Everything that can go wrong with a vendor, as one tagged union. One switch decides how each ends (outcome.ts).

import { errorText, OwnError } from '../../../shared/harmless.ts';

/** The system whose call failed. */
export type Vendor = 'gohighlevel' | 'calltools';

/** Codes of failures that concern one contact and that trying again will not fix. docs/troubleshooting.md lists each. */
export type ContactCode =
  | 'refused' // the vendor refuses this record while it serves others
  | 'rejected' // the vendor refused the data, with field errors
  | 'unexpected_response' // an answer that fits no known form
  | 'wrong_location' // GoHighLevel says that the contact belongs to another location
  | 'phone_not_attached' // CallTools stored the contact without its phone: wrong CALLTOOLS_PHONE_FIELD
  | 'membership_not_applied' // the bucket or tag did not take
  | 'dnc_not_applied' // do_not_contact did not take
  | 'lookup_unsupported' // a POST may have gone through, and this account cannot be searched by phone
  | 'untraceable'; // an earlier write may have created a CallTools contact whose number is no longer known

/** Everything that can go wrong with one piece of work. `error` is a sentence for a person. */
export type Failure =
  /**
   * Worth another try. The vendor may have carried the call out all the same. `unanswered`: a write got no answer in time, or, if it
   * must happen once, none that says whether it was done; it may take effect even later. `lagging`: reads of this contact may be behind, or only writes to
   * GoHighLevel fail, which is no sign of an outage.
   */
  | { kind: 'transient'; vendor: Vendor; error: string; unanswered?: true; lagging?: true }
  /** Asked to slow down; no call before `retryAfterMs` from now. */
  | { kind: 'throttled'; vendor: Vendor; retryAfterMs: number; error: string }
  /** The set-up (key, role, host) is wrong: no contact can succeed until a person fixes it. */
  | { kind: 'setup'; vendor: Vendor; error: string }
  /**
   * The vendor refused a call. Whether that concerns only one record is decided later (vendors/refusal.ts). `record`: the call was about
   * one record. `list`: it was about none. `odd`: it was about the record at `path`, which may be missing, or the vendor may be in trouble.
   */
  | { kind: 'refused'; vendor: Vendor; error: string; sign: 'record' | 'list' }
  | { kind: 'refused'; vendor: Vendor; error: string; sign: 'odd'; path: string }
  /** This contact cannot succeed; others can. `fields`: the vendor refused these keys of what was sent, and nothing else. */
  | { kind: 'contact'; code: ContactCode; error: string; fields?: string[] }
  /** CallTools no longer knows a bucket or tag id that we remembered. */
  | { kind: 'stale_labels'; error: string }
  /** Another instance works on it, or our lease is over: come back shortly, or in `forMs`. Costs no attempt. */
  | { kind: 'busy'; error: string; forMs?: number };

/** The one error class that the vendor clients throw. */
export class VendorError extends OwnError {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.error);
    this.name = 'VendorError';
    this.failure = failure;
  }
}

/** Fails with this failure. */
export function fail(failure: Failure): never {
  throw new VendorError(failure);
}

/** Whose kind comes first counts. */
const ORDER: Failure['kind'][] = ['setup', 'throttled', 'stale_labels', 'transient', 'busy', 'refused', 'contact'];

/**
 * Of several failures the one that says how work goes on: nothing is given up while another try may succeed, and what fails and what was
 * not reached in time uses up an attempt, or it would be repeated for ever. Of equal ones one that leaves a write in doubt, else the first.
 */
export function worstOf<T extends Failure | VendorError>(failures: readonly T[]): T | null {
  const rank = (one: T) => {
    const failure: Failure = one instanceof VendorError ? one.failure : (one as Failure);
    return ORDER.indexOf(failure.kind) - ('unanswered' in failure ? 0.5 : 0);
  };
  return failures.toSorted((a, b) => rank(a) - rank(b))[0] ?? null;
}

/** The vendor refuses what it was asked to do with this record, for sure. */
export function isRefusal(thrown: unknown): thrown is VendorError {
  if (!(thrown instanceof VendorError)) return false;
  const { kind } = thrown.failure;
  return kind === 'contact' || kind === 'stale_labels' || (kind === 'refused' && !isOdd(thrown));
}

/** Of a write: the vendor has answered, and not with a success. Another try may succeed. */
export function isFailedWrite(thrown: unknown): thrown is VendorError {
  return thrown instanceof VendorError && thrown.failure.kind === 'transient' && !thrown.failure.unanswered;
}

/** True where an answer does not say for certain whether its record exists. */
export function isOdd(thrown: unknown): thrown is VendorError & { failure: Extract<Failure, { sign: 'odd' }> } {
  return thrown instanceof VendorError && thrown.failure.kind === 'refused' && thrown.failure.sign === 'odd';
}

/** True unless the vendor said, or we know, that the write was not carried out. */
export function mayHaveTakenEffect(thrown: unknown): boolean {
  if (!(thrown instanceof VendorError)) return true;
  const { failure } = thrown;
  if (failure.kind === 'refused') return failure.sign === 'odd';
  return failure.kind === 'transient' || (failure.kind === 'contact' && failure.code === 'unexpected_response');
}

/** The failure behind anything thrown. An unknown error (a bug of ours) counts as transient, so that nothing is lost. */
export function toFailure(thrown: unknown, vendor: Vendor): Failure {
  if (thrown instanceof VendorError) return thrown.failure;
  return { kind: 'transient', vendor, error: errorText(thrown) };
}
