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

-- Indexes that only counts of the doctor used, which now look at 5,000 numbers.
DROP INDEX dialer_held;
DROP INDEX dialer_no_area;
