-- Everything that the pipeline stores. No names, phone numbers or emails: ids, hashes, states, reasons and times.
-- Times are epoch milliseconds in UTC. Nearly every key begins with the GoHighLevel location.
--
-- From version 0.2.0 on this file never changes. A change of the schema is a new file, 0002_….sql, and it only adds: tables, indexes,
-- and columns with a default. So the previous version of the workers still runs on the new tables (CONTRIBUTING.md).

-- One row for each GoHighLevel contact that mattered once: a route matched it, or the dialer held it.
CREATE TABLE contacts (
  location_id  TEXT NOT NULL,
  contact_id   TEXT NOT NULL,
  state        TEXT NOT NULL DEFAULT 'pending',  -- pending | placed | kept_out | failed
  reason       TEXT NOT NULL DEFAULT 'received', -- why it is in that state: a code of workers/consumer/domain/explanations.ts
  reason_since INTEGER,                          -- since when the reason is what it is; null = not recorded
  route        TEXT,                             -- name of the route that matched at the last read
  wish         TEXT NOT NULL DEFAULT 'none',     -- what this contact wants for its phone number: place | out | dnc | none
  wish_rank    INTEGER NOT NULL DEFAULT 0,       -- index of its route: if two contacts want to place one number, the lower index wins
  phone_hash   TEXT,                             -- hash of its phone number, key of `dialer`; stored before the number is sent to CallTools
  attempts     INTEGER NOT NULL DEFAULT 0,       -- failed attempts since the last success; a dead letter resets it
  error        TEXT,                             -- the last failure, with personal data masked
  lease_token  TEXT,                             -- the batch that works on this contact now
  lease_until  INTEGER NOT NULL DEFAULT 0,       -- when that lease ends
  search_hash  TEXT,                             -- hash of its row in the contact list when it was last settled; null = read it again
  seen_run     TEXT,                             -- the last backstop run whose pages showed it
  queued_run   TEXT,                             -- the run whose message about it is not processed yet
  read_at      INTEGER,                          -- when it was last read from GoHighLevel
  told         TEXT,                             -- JSON, see Told in shared/messages.ts: what webhooks said lately, with times; left out once a read is surely newer
  look_at      INTEGER,                          -- a read contradicts a webhook: when to read again; null = no contradiction
  looks        INTEGER NOT NULL DEFAULT 0,       -- how often it was read again because of that; sets the next delay
  history      TEXT NOT NULL DEFAULT '[]',       -- the last outcomes, newest first (JSON): [{at, outcome, reason, eventId, source}]
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  PRIMARY KEY (location_id, contact_id)
) WITHOUT ROWID;
CREATE INDEX contacts_by_phone ON contacts (location_id, phone_hash) WHERE phone_hash IS NOT NULL;
CREATE INDEX contacts_by_state ON contacts (location_id, state, reason);
CREATE INDEX contacts_queued ON contacts (queued_run) WHERE queued_run IS NOT NULL;
CREATE INDEX contacts_gone ON contacts (reason, reason_since) WHERE wish = 'none';

-- One row for each phone number that CallTools holds, or may hold, because of us. CallTools merges contacts by number, so this is its unit of work.
CREATE TABLE dialer (
  location_id  TEXT NOT NULL,
  phone_hash   TEXT NOT NULL,
  contact_id   TEXT,                             -- the GoHighLevel contact whose data CallTools shows under this number
  calltools_id INTEGER,                          -- the CallTools contact; null = not known, or there is none
  fingerprint  TEXT,                             -- hash of the last state that was written and confirmed; null = unknown, write again; '' = forgotten because a bucket or tag has a new id
  held         INTEGER NOT NULL DEFAULT 0,       -- 1 = it is in a bucket, or may be
  placing      TEXT,                             -- set when our last write put it into its bucket (JSON): {at, route, bucket, tag, word}; word = hash of what CallTools showed of its calls then
  hold         TEXT,                             -- kept out although a route would place it (JSON): {reason, route, at}; null = not held back
  doubt_until  INTEGER NOT NULL DEFAULT 0,       -- a write got no answer: it may still take effect until then, and nothing counts as settled
  unsettled    INTEGER NOT NULL DEFAULT 0,       -- claims that are not committed yet; above 1 at a claim = an earlier batch died on the way
  lease_token  TEXT,                             -- the batch that works on this number now
  lease_until  INTEGER NOT NULL DEFAULT 0,       -- when that lease ends
  verified_at  INTEGER,                          -- when CallTools last confirmed the state by its own answer
  updated_at   INTEGER NOT NULL,
  PRIMARY KEY (location_id, phone_hash)
) WITHOUT ROWID;
CREATE INDEX dialer_by_contact ON dialer (location_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX dialer_held ON dialer (location_id, held, verified_at);

-- CallTools contacts with several numbers. Such a contact is dialed under each of them, so the wishes for all its numbers count together.
CREATE TABLE calltools_numbers (
  location_id  TEXT NOT NULL,
  calltools_id INTEGER NOT NULL,                 -- the CallTools contact; a contact with one number has no row here
  phone_hash   TEXT NOT NULL,                    -- hash of one of its numbers; key of `dialer` where a contact of ours has the number
  seen_at      INTEGER NOT NULL,                 -- when CallTools first showed this number on it
  PRIMARY KEY (location_id, calltools_id, phone_hash)
) WITHOUT ROWID;
CREATE INDEX calltools_numbers_by_phone ON calltools_numbers (location_id, phone_hash);

-- CallTools' ids of the buckets and tags that the routes name.
CREATE TABLE labels (
  location_id  TEXT NOT NULL,
  kind         TEXT NOT NULL,                    -- bucket | tag
  name         TEXT NOT NULL,                    -- as in the rules
  calltools_id INTEGER,                          -- null = CallTools has none of that name; it is created when it is first needed
  twins        TEXT NOT NULL DEFAULT '[]',       -- ids of others with the same name (JSON): contacts are taken out of them and put into none of them
  newest_id    INTEGER,                          -- the highest id of this kind that CallTools has shown: a higher one is newer; null = not recorded
  lease_token  TEXT,                             -- the batch that looks it up now: only one may create it
  lease_until  INTEGER NOT NULL DEFAULT 0,       -- when that lease ends
  updated_at   INTEGER NOT NULL,
  PRIMARY KEY (location_id, kind, name)
) WITHOUT ROWID;

-- Health of each vendor, shared by all instances of the consumer.
CREATE TABLE circuits (
  location_id     TEXT NOT NULL,
  vendor          TEXT NOT NULL,                 -- gohighlevel | calltools
  open_reason     TEXT,                          -- why work waits; null = the circuit is closed
  open_kind       TEXT,                          -- refused = the vendor refuses every call | down = it does not work; null = closed
  opened_at       INTEGER,                       -- when it opened; null = closed
  probe_at        INTEGER NOT NULL DEFAULT 0,    -- while it is open: when the next batch may try
  throttled_until INTEGER NOT NULL DEFAULT 0,    -- no call before this time
  failures        INTEGER NOT NULL DEFAULT 0,    -- transient failures in a row
  suspects        TEXT NOT NULL DEFAULT '[]',    -- what failed in a transient way since work last succeeded (JSON): contact ids, for CallTools phone hashes
  refused         TEXT NOT NULL DEFAULT '{}',    -- records that the vendor refused (JSON): contact id, for CallTools phone hash -> 0 while the set-up may be the cause, else the time since when it is known to be the record
  gone            TEXT NOT NULL DEFAULT '[]',    -- contact ids that GoHighLevel alone says it no longer has, since it last returned a contact (JSON)
  needs_work      INTEGER NOT NULL DEFAULT 0,    -- 1 = work failed while the vendor answered other calls: only work that succeeds closes it
  updated_at      INTEGER NOT NULL,
  PRIMARY KEY (location_id, vendor)
) WITHOUT ROWID;

-- How fast each vendor may be called, shared by all instances of the consumer.
CREATE TABLE paces (
  location_id  TEXT NOT NULL,
  vendor       TEXT NOT NULL,                    -- gohighlevel | calltools
  max_calls    INTEGER,                          -- the limit in the vendor's headers: so many calls …
  interval_ms  INTEGER,                          -- … in this time; null = the headers name none
  free_at      REAL NOT NULL DEFAULT 0,          -- the next free slot for any call; slots before it are taken
  lane_free_at REAL NOT NULL DEFAULT 0,          -- the next free slot of the share that is reserved for real-time work
  page_at      REAL NOT NULL DEFAULT 0,          -- the last slot that a page of a run took; GoHighLevel only
  learned_rate REAL,                             -- calls per ms that the vendor accepted after its last 429; null = it never throttled us
  learned_at   INTEGER NOT NULL DEFAULT 0,       -- when that was; the rate rises from then on, and is forgotten after a quiet period
  PRIMARY KEY (location_id, vendor)
) WITHOUT ROWID;

-- Failed contacts and messages, kept until a person replays or discards them. One row a contact and reason; one row each where no contact is named.
CREATE TABLE dead_letters (
  id           TEXT PRIMARY KEY,                 -- the same for every copy of the message
  location_id  TEXT,                             -- null = not known
  contact_id   TEXT,                             -- null = the message names none
  reason       TEXT NOT NULL,                    -- failure code, see workers/consumer/domain/explanations.ts
  error        TEXT NOT NULL,                    -- what was seen, with personal data masked
  message      TEXT NOT NULL,                    -- the queue message (JSON), or a description of what could not be read
  replayable   INTEGER NOT NULL,                 -- 0 = there is nothing to put back into a queue
  attempts     INTEGER NOT NULL,                 -- failed attempts; 0 = not known
  status       TEXT NOT NULL DEFAULT 'waiting',  -- waiting | replayed (on its way) | discarded | resolved (the contact has succeeded since)
  replays      INTEGER NOT NULL DEFAULT 0,       -- how often it was replayed
  received_at  INTEGER NOT NULL,                 -- when the event first arrived
  dead_at      INTEGER NOT NULL,                 -- when it last became a dead letter; shows whether a replay failed again
  replayed_at  INTEGER,                          -- the last replay
  settled_at   INTEGER                           -- when it left `waiting`; null while it waits
) WITHOUT ROWID;
CREATE INDEX dead_letters_by_age ON dead_letters (status, dead_at);
CREATE INDEX dead_letters_by_reason ON dead_letters (status, reason, dead_at);
CREATE INDEX dead_letters_by_location ON dead_letters (status, location_id);
CREATE INDEX dead_letters_contact ON dead_letters (location_id, contact_id);
CREATE INDEX dead_letters_settled ON dead_letters (status, settled_at) WHERE settled_at IS NOT NULL;

-- Backstop runs. A location has one running at a time.
CREATE TABLE runs (
  id           TEXT PRIMARY KEY,
  location_id  TEXT NOT NULL,
  started_by   TEXT NOT NULL,                    -- cron | trigger
  state        TEXT NOT NULL,                    -- running | complete | incomplete
  page         INTEGER NOT NULL DEFAULT 0,       -- the next page; moves on by compare-and-set, so each page counts once
  cursor       TEXT,                             -- GoHighLevel's searchAfter of that page (JSON)
  first_total  INTEGER,                          -- how many contacts GoHighLevel said there were, on the first page …
  total        INTEGER,                          -- … and on the last
  seen         INTEGER NOT NULL DEFAULT 0,       -- contacts on the pages so far
  unreadable   INTEGER NOT NULL DEFAULT 0,       -- rows that could not be read whole; the contact of each that has an id is read instead
  skipped      INTEGER NOT NULL DEFAULT 0,       -- unchanged, or matched by no rule
  queued       INTEGER NOT NULL DEFAULT 0,       -- put into contact-backstop because they may differ
  vanished     INTEGER NOT NULL DEFAULT 0,       -- in the dialer and on no page: checked one by one
  verified     INTEGER NOT NULL DEFAULT 0,       -- in the dialer and unchanged, read all the same: this run's share of VERIFY_WITHIN_DAYS
  settled      INTEGER NOT NULL DEFAULT 0,       -- contacts that are processed: each once, however often its message came
  errors       INTEGER NOT NULL DEFAULT 0,       -- of these, how many ended as a dead letter
  missing      INTEGER NOT NULL DEFAULT 0,       -- repaired: should be in the dialer and was not
  misplaced    INTEGER NOT NULL DEFAULT 0,       -- repaired: was there under another route
  outdated     INTEGER NOT NULL DEFAULT 0,       -- repaired: its data had changed
  withdrawn    INTEGER NOT NULL DEFAULT 0,       -- repaired: taken out, or marked do-not-contact
  gone         INTEGER NOT NULL DEFAULT 0,       -- repaired: taken out because GoHighLevel no longer has it
  drifted      INTEGER NOT NULL DEFAULT 0,       -- repaired: had been changed in CallTools by hand
  marks        TEXT NOT NULL DEFAULT '[]',       -- its progress in the last minutes, newest first (JSON): [[at, seen, settled]]
  resumes      INTEGER NOT NULL DEFAULT 0,       -- how often it was resumed after it had stood still
  error        TEXT,                             -- why it is incomplete, or what a page waits for
  started_at   INTEGER NOT NULL,
  heartbeat_at INTEGER NOT NULL,                 -- the last page; a run that stands still is resumed
  finished_at  INTEGER,                          -- when its last page was handled
  settled_at   INTEGER                           -- when its last contact was found processed
) WITHOUT ROWID;
CREATE UNIQUE INDEX runs_one_at_a_time ON runs (location_id) WHERE state = 'running';
CREATE INDEX runs_recent ON runs (location_id, started_at);
CREATE INDEX runs_unsettled ON runs (location_id) WHERE settled_at IS NULL;

-- When the next run of each location is due.
CREATE TABLE schedules (
  location_id TEXT PRIMARY KEY,
  times       TEXT NOT NULL,                     -- the BACKSTOP_AT that due_at was computed from: minutes after midnight UTC (JSON)
  due_at      INTEGER NOT NULL                   -- the run starts at the first cron at or after this time, however late
) WITHOUT ROWID;

-- Messages that a queue did not take, and those that a batch is about to send. The cron sends what is left every minute.
CREATE TABLE outbox (
  id          TEXT PRIMARY KEY,
  queue       TEXT NOT NULL,                     -- events | dead_letters
  message     TEXT NOT NULL,                     -- JSON
  lease_until INTEGER NOT NULL DEFAULT 0,        -- somebody else sends it until then
  created_at  INTEGER NOT NULL                   -- it waits for the cron since then
) WITHOUT ROWID;
CREATE INDEX outbox_due ON outbox (lease_until, created_at);

-- What happened in each hour, for the dashboard's charts. Sums only: no contact is named.
CREATE TABLE counters (
  location_id TEXT NOT NULL,
  hour        INTEGER NOT NULL,                  -- start of the hour
  kind        TEXT NOT NULL,                     -- outcome | hint | latency
  name        TEXT NOT NULL,                     -- outcome: placed, kept_out, skipped, retry, busy, wait, dead; hint: its source; latency: see workers/consumer/sync/commit.ts
  n           INTEGER NOT NULL,                  -- how many contacts (outcome) or hints (hint, latency)
  PRIMARY KEY (location_id, hour, kind, name)
) WITHOUT ROWID;
CREATE INDEX counters_by_age ON counters (hour);

-- How many messages waited in each queue in the last minutes, as the cron saw it. Shows how long the rest will take.
CREATE TABLE backlogs (
  queue   TEXT NOT NULL,
  at      INTEGER NOT NULL,                      -- rows older than a few minutes are removed with the next one
  waiting INTEGER NOT NULL,                      -- messages
  PRIMARY KEY (queue, at)
) WITHOUT ROWID;

-- One row for each alert that is on, or was on until a moment ago.
CREATE TABLE alerts (
  location_id TEXT NOT NULL,                     -- '' = the deployment as a whole
  condition   TEXT NOT NULL,                     -- see workers/consumer/monitoring/alert-rules.ts
  standing    INTEGER NOT NULL,                  -- 1 = on, 0 = over
  since       INTEGER NOT NULL,                  -- since when it is on, or over
  told        INTEGER NOT NULL DEFAULT 0,        -- 1 = the last message to the operator said that it is on
  sent_at     INTEGER,                           -- when the operator was last notified; null = never
  mark        TEXT NOT NULL DEFAULT '',          -- what that message was about (a run, a moment): another value is news
  PRIMARY KEY (location_id, condition)
) WITHOUT ROWID;

-- When ingest last received an authentic webhook of each location, to ten minutes.
CREATE TABLE heard (
  location_id TEXT PRIMARY KEY,
  webhook_at  INTEGER NOT NULL
) WITHOUT ROWID;

-- Requests that ingest refused: unsigned, wrongly signed or stale webhooks, and wrong tokens. Each isolate writes at most once a minute.
CREATE TABLE refusals (
  minute   INTEGER PRIMARY KEY,                  -- start of the minute in which it was written
  refused  INTEGER NOT NULL,                     -- since the isolate wrote last
  accepted INTEGER NOT NULL,                     -- authentic ones in the same time
  reason   TEXT NOT NULL                         -- of the last one that was refused, see workers/ingest/responses.ts
) WITHOUT ROWID;

-- Work that is done once in a while, by the cron that takes the turn.
CREATE TABLE chores (
  name   TEXT PRIMARY KEY,                       -- cleanup
  due_at INTEGER NOT NULL                        -- when it is due next
) WITHOUT ROWID;
