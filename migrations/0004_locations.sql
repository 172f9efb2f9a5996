-- Several locations in one deployment: when the next run of each is due, and how many of its dead letters wait.

CREATE TABLE schedules (
  location_id TEXT PRIMARY KEY,
  times       TEXT NOT NULL,                    -- BACKSTOP_AT that `due_at` was worked out from, as minutes after midnight UTC (JSON)
  due_at      INTEGER NOT NULL                  -- epoch ms: the next run starts at the first cron at or after it, however late
) WITHOUT ROWID;

CREATE INDEX dead_letters_by_location ON dead_letters (status, location_id);
