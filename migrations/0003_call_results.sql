-- What agents noted of their calls, read from CallTools where CALL_RESULTS is set. No agent, number, recording or free text is stored.

-- How far the record of calls has been read, one row a location.
CREATE TABLE call_polls (
  location_id     TEXT PRIMARY KEY,
  cursor_id       INTEGER,                       -- CallTools' id of the newest row when the last complete walk began; null = there was none
  cursor_at       INTEGER,                       -- the time of that row; rows that arrive up to an hour late are found by it
  start_id        INTEGER NOT NULL DEFAULT 0,    -- rows up to this one take no effect: they are older than the first poll
  start_at        INTEGER,                       -- rows of calls before this take no effect; null = no such limit
  walk            TEXT,                          -- a walk that is not complete (JSON), see Walk in workers/consumer/calls/walk.ts; null = none is under way
  due_at          INTEGER NOT NULL DEFAULT 0,    -- when the record is read next
  lease_token     TEXT,                          -- the poll that reads it now
  lease_until     INTEGER NOT NULL DEFAULT 0,    -- when that lease ends
  polled_at       INTEGER,                       -- when the last complete walk ended
  failure         TEXT,                          -- why the last poll could not go on; null = it could
  write_failure   TEXT,                          -- why GoHighLevel takes no writes of anybody; null = it does
  dispositions    TEXT NOT NULL DEFAULT '[]',    -- the account's dispositions (JSON): [{id, name, doNotContact}]
  dispositions_at INTEGER NOT NULL DEFAULT 0     -- when they were read
) WITHOUT ROWID;

-- One row for each disposition of a call that CallTools has shown since the first poll.
CREATE TABLE call_results (
  location_id  TEXT NOT NULL,
  row_id       INTEGER NOT NULL,                 -- CallTools' id of the row: it takes effect once, however often it is seen
  calltools_id INTEGER,                          -- the CallTools contact that was called; null = the row names none
  contact_id   TEXT,                             -- the GoHighLevel contact that it shows; null = it is not known here
  disposition  TEXT NOT NULL,                    -- its name, as CallTools spells it; '' = the account's list has no such disposition
  called_at    INTEGER,                          -- when the disposition was noted; null = cannot be read
  seen_at      INTEGER NOT NULL,                 -- when the poll first saw it
  hold         INTEGER NOT NULL DEFAULT 0,       -- 1 = the person must be out of the dialer because of it
  held_at      INTEGER,                          -- when that had reached all numbers of the CallTools contact; null = it has not
  pending      INTEGER NOT NULL DEFAULT 0,       -- 1 = something is left to do: hold its numbers, or ask for its contacts
  PRIMARY KEY (location_id, row_id)
) WITHOUT ROWID;
CREATE INDEX call_results_by_contact ON call_results (location_id, contact_id, seen_at) WHERE contact_id IS NOT NULL;
CREATE INDEX call_results_by_age ON call_results (seen_at);
CREATE INDEX call_results_pending ON call_results (location_id) WHERE pending = 1;

-- From a CallTools contact to its numbers.
CREATE INDEX dialer_by_calltools ON dialer (location_id, calltools_id) WHERE calltools_id IS NOT NULL;

-- Writes to GoHighLevel that follow from a row, one row for each step.
CREATE TABLE call_writes (
  location_id TEXT NOT NULL,
  row_id      INTEGER NOT NULL,                  -- of call_results
  step        TEXT NOT NULL,                     -- tags, dnd, workflow or note
  state       TEXT NOT NULL DEFAULT 'waiting',   -- waiting: no message asks for it; sent: one does; done; dropped: nothing is to be written any more; failed: a dead letter waits
  at          INTEGER NOT NULL,                  -- when it came into this state
  lease_token TEXT,                              -- the batch that writes now
  lease_until INTEGER NOT NULL DEFAULT 0,        -- when that lease ends
  PRIMARY KEY (location_id, row_id, step)
) WITHOUT ROWID;
CREATE INDEX call_writes_waiting ON call_writes (location_id, row_id) WHERE state = 'waiting';
CREATE INDEX call_writes_by_age ON call_writes (at);

-- When tags were last written to the contact because of a call: the webhook that tells us of it costs no read.
ALTER TABLE contacts ADD COLUMN tags_written_at INTEGER;
