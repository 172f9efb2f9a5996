-- Replays of many dead letters at once, which an operator starts and the cron carries on.

-- One row a replay. Its progress is counted from its letters.
CREATE TABLE replays (
  id          TEXT PRIMARY KEY,
  filter      TEXT NOT NULL,                     -- which letters were asked for (JSON), see ReplayFilter in workers/consumer/store/lists/replays.ts
  state       TEXT NOT NULL DEFAULT 'running',   -- running | done
  letters     INTEGER NOT NULL,                  -- how many letters it took when it began
  result      TEXT,                              -- how they ended (JSON): {"fixed", "failed_again", "discarded", "open"}; null = it is running
  created_at  INTEGER NOT NULL,
  finished_at INTEGER                            -- when the last of them had ended; null = it is running
) WITHOUT ROWID;
CREATE UNIQUE INDEX replays_running ON replays (filter) WHERE state = 'running';
CREATE INDEX replays_by_age ON replays (created_at);

-- The replay that took the letter last; null = none did. Letters that no replay takes are in no index of it.
ALTER TABLE dead_letters ADD COLUMN replay_id TEXT;
CREATE INDEX dead_letters_by_replay ON dead_letters (replay_id, status) WHERE replay_id IS NOT NULL;
