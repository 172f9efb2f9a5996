// The operator API's answers about how the pipeline is set up, as types (see status.ts).

/** One setting as it is in force. Of a secret only whether it is set. */
export interface ShownSetting {
  name: string;
  /** In words. Null: not set, and it has no default. A secret that is set: `set`. */
  value: string | null;
  /** It is not set, or set to what it would be anyway. */
  is_default: boolean;
  /** What it does, in one sentence. */
  what: string;
}

/** The settings of one location. One row of `GET /api/v1/settings`. */
export interface LocationSettings {
  location_id: string;
  location_name: string | null;
  /** Which setting is faulty, and how; null where none is. `settings` is empty then. */
  fault: string | null;
  settings: ShownSetting[];
}

/** `POST /api/v1/alerts/test`. */
export interface AlertTested {
  /** The address has accepted the message. */
  arrived: boolean;
  /** What became of it, and what to do where it did not arrive, for a person. The address is not in it. */
  note: string;
}
