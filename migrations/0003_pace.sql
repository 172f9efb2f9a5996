-- Outages of one kind of call only, and the pace at which each vendor is called. All times are epoch milliseconds UTC.

ALTER TABLE circuits ADD COLUMN suspects TEXT NOT NULL DEFAULT '[]';    -- ids of what failed in passing since work last went through (JSON): contact ids, for CallTools phone hashes
ALTER TABLE circuits ADD COLUMN needs_work INTEGER NOT NULL DEFAULT 0;  -- 1 = opened by work that fails while the vendor answers otherwise: only work that goes through closes it

-- How fast each vendor may be called, shared by all instances of the consumer.
CREATE TABLE paces (
  location_id  TEXT NOT NULL,
  vendor       TEXT NOT NULL,                   -- gohighlevel | calltools
  max_calls    INTEGER,                         -- the limit that the vendor's headers name: so many calls ...
  interval_ms  INTEGER,                         -- ... in this time; null = none named
  free_at      REAL NOT NULL DEFAULT 0,         -- the next turn that is free for everyone; turns before it are taken
  lane_free_at REAL NOT NULL DEFAULT 0,         -- the same of the turns kept for real-time work
  learned_rate REAL,                            -- calls per ms that it bore after its last 429; null = never throttled
  learned_at   INTEGER NOT NULL DEFAULT 0,      -- when that was; the rate rises from then on, and is forgotten after a quiet while
  PRIMARY KEY (location_id, vendor)
) WITHOUT ROWID;
