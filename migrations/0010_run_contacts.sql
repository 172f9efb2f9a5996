-- Whom a backstop run was about: what it repaired, and what failed. A run that finds nothing stores nothing here, nor does a webhook.

-- One row a contact that the run repaired, or that ended as a dead letter in it: at most 1,000 of either kind a run. Gone with its run.
CREATE TABLE run_contacts (
  run_id     TEXT NOT NULL,                      -- of runs
  contact_id TEXT NOT NULL,
  kind       TEXT NOT NULL,                      -- what was repaired: missing | misplaced | outdated | withdrawn | gone | drifted, as in runs; or failed
  at         INTEGER NOT NULL,                   -- when that was
  PRIMARY KEY (run_id, contact_id)
) WITHOUT ROWID;
