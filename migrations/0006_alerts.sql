-- Alerts and the daily clean-up: what the operator has been told, what only ingest knows, and since when a contact is as it is.

-- One row for each condition that stands, or stood until a moment ago.
CREATE TABLE alerts (
  location_id TEXT NOT NULL,                    -- '' = the deployment as a whole
  condition   TEXT NOT NULL,                    -- see workers/consumer/monitoring/alert-rules.ts
  standing    INTEGER NOT NULL,                 -- 1 = stands now, 0 = over
  since       INTEGER NOT NULL,                 -- since when it stands, or is over
  told        INTEGER NOT NULL DEFAULT 0,       -- 1 = the operator was last told that it stands
  sent_at     INTEGER,                          -- when the operator was last told of it; null = never
  mark        TEXT NOT NULL DEFAULT '',         -- what was told (a run, a moment): another mark is news
  PRIMARY KEY (location_id, condition)
) WITHOUT ROWID;

-- The last authentic webhook of each location, as seen by ingest, to ten minutes.
CREATE TABLE heard (
  location_id TEXT PRIMARY KEY,
  webhook_at  INTEGER NOT NULL                  -- epoch ms
) WITHOUT ROWID;

-- Webhooks that ingest has refused as unsigned, wrongly signed or stale. Each of its isolates writes once a minute at most.
CREATE TABLE refusals (
  minute   INTEGER PRIMARY KEY,                 -- epoch ms of the minute in which it was written
  refused  INTEGER NOT NULL,                    -- since the isolate's last writing
  accepted INTEGER NOT NULL,                    -- authentic ones meanwhile
  reason   TEXT NOT NULL                        -- of the last one that was refused, see workers/ingest/refusal.ts
) WITHOUT ROWID;

-- What is done once in a while, by whichever cron takes the turn.
CREATE TABLE chores (
  name   TEXT PRIMARY KEY,                      -- cleanup
  due_at INTEGER NOT NULL                       -- epoch ms
) WITHOUT ROWID;

ALTER TABLE contacts ADD COLUMN reason_since INTEGER; -- since when `reason` is what it is; null = since before this column
CREATE INDEX contacts_gone ON contacts (reason, reason_since) WHERE wish = 'none';
CREATE INDEX dead_letters_settled ON dead_letters (status, settled_at) WHERE settled_at IS NOT NULL;
UPDATE contacts SET reason_since = updated_at;
