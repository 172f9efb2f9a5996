-- What was done with the operator's token. Without VIEWER_TOKEN nothing is stored here.

-- Actions, one row each, kept for 90 days. Ids only: no token, no body, nothing that a request says and nobody knows.
CREATE TABLE audit (
  id          INTEGER PRIMARY KEY,               -- in the order of the actions
  at          INTEGER NOT NULL,                  -- when it began, epoch ms
  role        TEXT NOT NULL,                     -- who acted: operator
  action      TEXT NOT NULL,                     -- as shared/operator-routes.ts names it
  outcome     TEXT,                              -- done, refused, failed; null = it goes on, or was cut off
  location_id TEXT,                              -- null = not of one location alone, or not known
  contact_id  TEXT,                              -- the contact that it was about; gone once that is forgotten
  runs        TEXT,                              -- runs that it started; what it confirmed: a run, or an hour (JSON)
  letters     TEXT                               -- ids of the dead letters that it was about (JSON)
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_contact ON audit (contact_id) WHERE contact_id IS NOT NULL;
