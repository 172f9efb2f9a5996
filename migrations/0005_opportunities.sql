-- Opportunities, where a rule asks for them. Without such a rule nothing is stored here. No name and no value of one is stored.

-- What the last run saw of each opportunity of a location. What differs from it has changed without a webhook, or was announced by one.
CREATE TABLE opportunities (
  location_id    TEXT NOT NULL,
  opportunity_id TEXT NOT NULL,                  -- GoHighLevel's id of it
  contact_id     TEXT NOT NULL,                  -- whose it is
  state          TEXT NOT NULL,                  -- ids of its pipeline and stage, and its status (JSON); null in it = cannot be read
  run_id         TEXT NOT NULL,                  -- the run that saw it last, '' = none yet: one that a complete run does not see has gone
  seen_at        INTEGER NOT NULL,               -- when that was
  PRIMARY KEY (location_id, opportunity_id)
) WITHOUT ROWID;
CREATE INDEX opportunities_by_contact ON opportunities (location_id, contact_id);
CREATE INDEX opportunities_by_age ON opportunities (seen_at);

-- How far the run has read the location's opportunities, once its contacts are read (JSON): {"cursor", "seen", "done"}; null = not begun.
ALTER TABLE runs ADD COLUMN sweep TEXT;
