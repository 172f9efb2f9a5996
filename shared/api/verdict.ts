// How things stand, in words: a part of `GET /api/v1/overview`, see docs/api.md. Null stands for what is not known.

/** ISO 8601 in UTC. */
type Time = string;

/** The page of the dashboard where something is fixed. */
export interface Action {
  /** What its button says. */
  label: string;
  /** Such as `/failed`. */
  path: string;
}

/** Why the pipeline is not healthy. */
export interface Cause {
  code: string;
  severity: 'stopped' | 'degraded';
  /** Null: of all locations. */
  location_id: string | null;
  what: string;
  what_to_do: string;
  /** Null: not known. */
  since: Time | null;
  /** What happens next by itself, or that nothing does until a person acts. */
  next: string;
  /** Null: nobody needs to act. */
  action: Action | null;
  /** The code of the cause that this one follows from. */
  follows_from: string | null;
}

/** How things stand, in one sentence with its cause. */
export interface Verdict {
  title: 'All is well' | 'Setting up' | 'Waiting' | 'Needs you' | 'Stopped';
  sentence: string;
  since: Time | null;
  next: string;
  action: Action | null;
}

/** One step of setting up, over all locations that are asked about. */
export interface SetUpStep {
  code: 'keys' | 'bucket' | 'first_webhook' | 'first_sync';
  done: boolean;
  what: string;
  what_to_do: string;
  /** Null: done. */
  action: Action | null;
}

/** A vendor in words. `not_asked_yet`: nothing has needed it so far. */
export interface VendorInWords {
  vendor: 'gohighlevel' | 'calltools';
  state: 'well' | 'refused' | 'down' | 'throttled' | 'not_asked_yet';
  sentence: string;
}

/** People first: each is the number of a list of the dashboard. */
export interface People {
  in_dialer: number;
  kept_out: number;
  waiting: number;
  /** Failed contacts, and dead letters that wait and are of no failed contact. */
  needs_you: number;
}
