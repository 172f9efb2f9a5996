// A call to a vendor.

import type * as v from 'valibot';

/** A call as it goes out. */
export interface Request {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  /** Path and query, after the base URL. */
  path: string;
  body?: unknown;
  /** What a refusal of this call concerns: one record (a contact, a bucket, a number), or, for a list, nobody in particular. */
  about: 'record' | 'list';
  /** The account may lack this resource, or the right to it: a refusal is an answer like any other. */
  optional?: true;
  /** Work goes on without the answer: whatever comes, nothing follows from it for the vendor's health. */
  aside?: true;
  /** A part of something that failed as a whole: the whole has said how the vendor is, and this says nothing more of that. */
  part?: true;
  /** A second call would do it a second time. An answer that leaves open whether it was done counts as none. */
  once?: true;
  /** The body describes a person: nothing of it is quoted. */
  personal?: true;
}

/** A call and what its answer must be. */
export interface Call<T = unknown> extends Request {
  /** What a 2xx must hold. Any other 2xx is the vendor's trouble, never the record's. */
  shape: v.GenericSchema<unknown, T>;
  /** Says why a 2xx of that shape is not about what was asked for; null where it is. */
  amiss?(data: T): string | null;
}
