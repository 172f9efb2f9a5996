-- Fewer rows written for each webhook. D1 bills a row for every index that holds a column which a statement sets, changed or not.

-- What happened in each hour, one row an hour: a batch adds all of its counts to one row. `counters` keeps what version 0.2.0 wrote,
-- and the results of calls.
CREATE TABLE hours (
  location_id TEXT NOT NULL,
  hour        INTEGER NOT NULL,                  -- start of the hour
  counts      TEXT NOT NULL,                     -- how many of each (JSON): {"outcome placed": 3, …}, a kind and a name as in `counters`
  PRIMARY KEY (location_id, hour)
) WITHOUT ROWID;
CREATE INDEX hours_by_age ON hours (hour);

-- Contacts that may be forgotten. A new contact is not among them, so the index costs nothing before that.
CREATE INDEX contacts_forgettable ON contacts (reason, reason_since) WHERE wish = 'none' AND state = 'kept_out';
DROP INDEX contacts_gone;

-- Every write to CallTools changed it, and no statement but a count of the doctor needed it, which now counts contacts.
DROP INDEX dialer_held;
