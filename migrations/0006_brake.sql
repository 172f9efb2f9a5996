-- The brake (MAX_NEW_PLACEMENTS). Without the setting nothing is stored here.

-- Phone numbers that were to be placed, and that CallTools did not hold as far as was known. One row a number.
CREATE TABLE new_placements (
  location_id TEXT NOT NULL,
  phone_hash  TEXT NOT NULL,
  contact_id  TEXT NOT NULL,                     -- the GoHighLevel contact that was to be placed under it
  run_id      TEXT,                              -- the backstop run that asked for it; null = something else did
  state       TEXT NOT NULL,                     -- let_in: counts for an hour; held: waits for a confirmation; confirmed: is placed without being counted
  at          INTEGER NOT NULL,                  -- let_in: when it was last let in; otherwise: since when it is held back
  PRIMARY KEY (location_id, phone_hash)
) WITHOUT ROWID;
CREATE INDEX new_placements_let_in ON new_placements (location_id, at) WHERE state = 'let_in';
CREATE INDEX new_placements_held ON new_placements (location_id, run_id, at) WHERE state <> 'let_in';
