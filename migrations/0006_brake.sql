-- The brake (MAX_NEW_PLACEMENTS). Without the setting nothing is stored here.

-- Phone numbers that were to be placed, and that CallTools did not hold as far as was known. One row a number and contact.
CREATE TABLE new_placements (
  location_id TEXT NOT NULL,
  phone_hash  TEXT NOT NULL,
  contact_id  TEXT NOT NULL,                     -- the GoHighLevel contact that was to be placed under it
  run_id      TEXT,                              -- the backstop run that asked for it; null = something else did
  state       TEXT NOT NULL,                     -- let_in: counts for an hour; held: waits for a confirmation; confirmed: is placed without being counted
  at          INTEGER NOT NULL,                  -- let_in: when it was last let in; otherwise: since when it is held back
  PRIMARY KEY (location_id, phone_hash, contact_id)
) WITHOUT ROWID;
CREATE INDEX new_placements_let_in ON new_placements (location_id, at) WHERE state = 'let_in';
CREATE INDEX new_placements_held ON new_placements (location_id, run_id, at) WHERE state <> 'let_in';

-- By which rules the last backstop run has judged, one row a location.
CREATE TABLE rules_seen (
  location_id TEXT PRIMARY KEY,
  hash        TEXT NOT NULL,                     -- of the rules as a whole: another one means that they were changed
  buckets     TEXT NOT NULL                      -- name of each route that places -> its bucket (JSON)
) WITHOUT ROWID;

-- What the first run after a change of rules takes out, one row for each route that there was before. Gone once a later run begins.
CREATE TABLE rule_changes (
  location_id TEXT NOT NULL,
  route       TEXT NOT NULL,                     -- its name before the change
  run_id      TEXT NOT NULL,                     -- the run
  bucket      TEXT NOT NULL,                     -- where the route placed contacts
  placed      INTEGER NOT NULL,                  -- how many were there when the run began
  withdrawn   INTEGER NOT NULL DEFAULT 0,        -- how many of them the run has taken out because of the rules
  PRIMARY KEY (location_id, route)
) WITHOUT ROWID;
