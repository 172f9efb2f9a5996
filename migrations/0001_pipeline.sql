-- What the pipeline remembers. No names, phone numbers or emails: ids, hashes, states, reasons and times.
-- All times are epoch milliseconds UTC. Every table is keyed by GoHighLevel location.

-- One row per GoHighLevel contact that mattered once: some route matched it, or the dialer held it.
CREATE TABLE contacts (
  location_id  TEXT NOT NULL,
  contact_id   TEXT NOT NULL,
  state        TEXT NOT NULL DEFAULT 'pending', -- pending | placed | kept_out | failed
  reason       TEXT NOT NULL DEFAULT 'received',-- why it is in that state: placed, route, no_route, no_phone, dnd, deleted, shared_phone, or a failure code
  route        TEXT,                            -- name of the route that matched at the last read
  wish         TEXT NOT NULL DEFAULT 'none',    -- what this contact wants for its phone: place | out | dnc | none
  wish_rank    INTEGER NOT NULL DEFAULT 0,      -- index of its route: of two contacts that want to place one phone the lower wins
  phone_hash   TEXT,                            -- hash of its phone number, key of `dialer`; set before the phone is sent to CallTools
  attempts     INTEGER NOT NULL DEFAULT 0,      -- failed tries since the last success; a dead letter resets it
  error        TEXT,                            -- last failure, personal data masked
  lease_token  TEXT,                            -- who works on it now
  lease_until  INTEGER NOT NULL DEFAULT 0,      -- until when that claim holds
  search_hash  TEXT,                            -- hash of the backstop's search row when it was last settled; null = look again
  seen_run     TEXT,                            -- last backstop run whose pages held it
  read_at      INTEGER,                         -- last read from GoHighLevel
  history      TEXT NOT NULL DEFAULT '[]',      -- last outcomes, newest first: [{at, outcome, reason, eventId, source}]
  created_at   INTEGER NOT NULL,
  updated_at   INTEGER NOT NULL,
  PRIMARY KEY (location_id, contact_id)
) WITHOUT ROWID;
CREATE INDEX contacts_by_phone ON contacts (location_id, phone_hash) WHERE phone_hash IS NOT NULL;
CREATE INDEX contacts_by_state ON contacts (location_id, state, reason);

-- One row per phone number that CallTools holds or may hold because of us. CallTools merges by phone, so this is the unit of its work.
CREATE TABLE dialer (
  location_id  TEXT NOT NULL,
  phone_hash   TEXT NOT NULL,
  contact_id   TEXT,                            -- GoHighLevel contact whose data CallTools shows under this number
  calltools_id INTEGER,                         -- CallTools contact; null = not known (yet, or none exists)
  fingerprint  TEXT,                            -- hash of the last state written and confirmed; null = unknown, must be written again; '' = forgotten, a bucket or tag has a new id
  held         INTEGER NOT NULL DEFAULT 0,      -- 1 = in a bucket, or may be
  doubt_until  INTEGER NOT NULL DEFAULT 0,      -- a write was given up without an answer: until then it may take effect, and nothing counts as settled
  unsettled    INTEGER NOT NULL DEFAULT 0,      -- claims not yet committed: above 1 at a claim means that an earlier one died half-way
  lease_token  TEXT,
  lease_until  INTEGER NOT NULL DEFAULT 0,
  verified_at  INTEGER,                         -- last time CallTools' own answer confirmed the state
  updated_at   INTEGER NOT NULL,
  PRIMARY KEY (location_id, phone_hash)
) WITHOUT ROWID;
CREATE INDEX dialer_by_contact ON dialer (location_id, contact_id) WHERE contact_id IS NOT NULL;
CREATE INDEX dialer_held ON dialer (location_id, held, verified_at);

-- CallTools' ids of the buckets and tags that routes name.
CREATE TABLE labels (
  location_id  TEXT NOT NULL,
  kind         TEXT NOT NULL,                   -- bucket | tag
  name         TEXT NOT NULL,                   -- as in the rules
  calltools_id INTEGER,                         -- null = CallTools has none of that name; created when first needed
  lease_token  TEXT,                            -- who is looking it up: only one may create it
  lease_until  INTEGER NOT NULL DEFAULT 0,
  updated_at   INTEGER NOT NULL,
  PRIMARY KEY (location_id, kind, name)
) WITHOUT ROWID;

-- Health of each vendor, shared by all instances of the consumer.
CREATE TABLE circuits (
  location_id     TEXT NOT NULL,
  vendor          TEXT NOT NULL,                -- gohighlevel | calltools
  open_reason     TEXT,                         -- null = closed; else why work waits
  opened_at       INTEGER,
  probe_at        INTEGER NOT NULL DEFAULT 0,   -- when open: the next batch that may try
  throttled_until INTEGER NOT NULL DEFAULT 0,   -- no call before this time
  failures        INTEGER NOT NULL DEFAULT 0,   -- transient failures in a row
  updated_at      INTEGER NOT NULL,
  PRIMARY KEY (location_id, vendor)
) WITHOUT ROWID;

-- What could not be done, until a person replays or discards it. One row a contact and reason; one each for what names no contact.
CREATE TABLE dead_letters (
  id           TEXT PRIMARY KEY,                -- the same for every copy of the message
  location_id  TEXT,
  contact_id   TEXT,
  reason       TEXT NOT NULL,                   -- failure code, see workers/consumer/domain/explanations.ts
  error        TEXT NOT NULL,                   -- what was seen, personal data masked
  message      TEXT NOT NULL,                   -- the queue message (JSON), or a description of what could not be read
  replayable   INTEGER NOT NULL,                -- 0 = nothing to put back into a queue
  attempts     INTEGER NOT NULL,                -- failed tries; 0 = not known
  status       TEXT NOT NULL DEFAULT 'waiting', -- waiting | replayed (on its way) | discarded | resolved (the contact has succeeded since)
  replays      INTEGER NOT NULL DEFAULT 0,
  received_at  INTEGER NOT NULL,                -- when the event first arrived
  dead_at      INTEGER NOT NULL,                -- when it became a dead letter, the last time; tells whether a replay has failed again
  replayed_at  INTEGER,                         -- last replay
  settled_at   INTEGER                          -- when it left `waiting`; null while it waits
) WITHOUT ROWID;
CREATE INDEX dead_letters_by_age ON dead_letters (status, dead_at);
CREATE INDEX dead_letters_by_reason ON dead_letters (status, reason, dead_at);
CREATE INDEX dead_letters_contact ON dead_letters (location_id, contact_id);

-- Backstop runs. One runs at a time for a location.
CREATE TABLE runs (
  id           TEXT PRIMARY KEY,
  location_id  TEXT NOT NULL,
  started_by   TEXT NOT NULL,                   -- cron | trigger
  state        TEXT NOT NULL,                   -- running | complete | incomplete
  page         INTEGER NOT NULL DEFAULT 0,      -- next page to handle; moves on by compare-and-set, so each page counts once
  cursor       TEXT,                            -- searchAfter of that page (JSON)
  total        INTEGER,                         -- contacts GoHighLevel says there are
  seen         INTEGER NOT NULL DEFAULT 0,      -- contacts on the pages handled
  skipped      INTEGER NOT NULL DEFAULT 0,      -- unchanged or of no concern
  queued       INTEGER NOT NULL DEFAULT 0,      -- put into contact-backstop because they may differ
  vanished     INTEGER NOT NULL DEFAULT 0,      -- held in the dialer and not on any page: checked one by one
  verified     INTEGER NOT NULL DEFAULT 0,      -- held, unchanged, re-read all the same (rolling share)
  error        TEXT,
  started_at   INTEGER NOT NULL,
  heartbeat_at INTEGER NOT NULL,                -- last page; the watchdog resumes a run that has stood still
  finished_at  INTEGER
) WITHOUT ROWID;
CREATE UNIQUE INDEX runs_one_at_a_time ON runs (location_id) WHERE state = 'running';
CREATE INDEX runs_recent ON runs (location_id, started_at);

-- Messages that a queue would not take, drained into it every minute.
CREATE TABLE outbox (
  id          TEXT PRIMARY KEY,
  queue       TEXT NOT NULL,                    -- events | dead_letters
  message     TEXT NOT NULL,                    -- JSON
  lease_until INTEGER NOT NULL DEFAULT 0,       -- being drained until
  created_at  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX outbox_due ON outbox (lease_until, created_at);
