-- Mapped fields: what a contact was placed without, what the accounts' lists say, and fields that CallTools does not keep. No value of a field is stored.

-- Optional fields that CallTools refused for the contact shown under this number, by the account's names (JSON): ["email"]; null = none.
ALTER TABLE dialer ADD COLUMN left_out TEXT;
-- 1 = the contact shown under this number was written without a state or without a zip code, which calling hours need.
ALTER TABLE dialer ADD COLUMN no_area INTEGER NOT NULL DEFAULT 0;
CREATE INDEX dialer_left_out ON dialer (location_id) WHERE left_out IS NOT NULL;
CREATE INDEX dialer_no_area ON dialer (location_id) WHERE no_area = 1;

-- Lists of an account by which settings are resolved. Only what the settings name is kept, and no name or email of a person.
CREATE TABLE account_lists (
  location_id TEXT NOT NULL,
  kind        TEXT NOT NULL,                     -- custom_fields | owners
  resolved    TEXT NOT NULL DEFAULT '{}',        -- JSON: a custom field's name in the setting -> its id; a GoHighLevel user's id -> the CallTools user's id
  asked       TEXT NOT NULL DEFAULT '',          -- hash of the setting for which it was read: another setting is resolved anew
  failure     TEXT,                              -- why it could not be read the last time; null = it was read
  read_at     INTEGER NOT NULL,                  -- the last try
  PRIMARY KEY (location_id, kind)
) WITHOUT ROWID;

-- Fields that CallTools accepted and did not keep as sent. One row a field, not a contact.
CREATE TABLE field_reports (
  location_id TEXT NOT NULL,
  field       TEXT NOT NULL,                     -- the account's name of the field
  problem     TEXT NOT NULL,                     -- absent = the account has no such field | altered = it keeps another value, or none
  since       INTEGER NOT NULL,                  -- when it was first seen
  seen_at     INTEGER NOT NULL,                  -- when it was last seen; written at most once a day
  added_at    INTEGER,                           -- absent: since when the account has the field after all; null = it has not
  PRIMARY KEY (location_id, field)
) WITHOUT ROWID;
