-- What happened in each hour, for the dashboard's charts. Sums only: no contact is named.

CREATE TABLE counters (
  location_id TEXT NOT NULL,
  hour        INTEGER NOT NULL,                 -- epoch ms of the hour's start, UTC; what is old may be deleted by it
  kind        TEXT NOT NULL,                    -- outcome | hint | latency
  name        TEXT NOT NULL,                    -- outcome: placed, kept_out, skipped, retry, busy, wait, dead; hint: its source; latency: see workers/consumer/sync/counts.ts
  n           INTEGER NOT NULL,                 -- how many contacts (outcome) or hints (hint, latency)
  PRIMARY KEY (location_id, hour, kind, name)
) WITHOUT ROWID;
CREATE INDEX counters_by_age ON counters (hour);
