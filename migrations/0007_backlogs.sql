-- How much waited in each queue in the last minutes, as the cron saw it, so that the overview can say how long the rest will take.

CREATE TABLE backlogs (
  queue   TEXT NOT NULL,
  at      INTEGER NOT NULL,                     -- epoch ms; what is older than a few minutes is removed with the next mark
  waiting INTEGER NOT NULL,                     -- messages
  PRIMARY KEY (queue, at)
) WITHOUT ROWID;
