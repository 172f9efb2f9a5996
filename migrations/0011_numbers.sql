-- CallTools contacts that carry several numbers: each is dialed under all of them, so the wishes under all of them count together.

CREATE TABLE calltools_numbers (
  location_id  TEXT NOT NULL,
  calltools_id INTEGER NOT NULL,                -- CallTools contact; one that carries a single number has no row here
  phone_hash   TEXT NOT NULL,                   -- hash of one of its numbers, key of `dialer` where a contact of ours has the number
  seen_at      INTEGER NOT NULL,                -- when CallTools first showed the number on it
  PRIMARY KEY (location_id, calltools_id, phone_hash)
) WITHOUT ROWID;
CREATE INDEX calltools_numbers_by_phone ON calltools_numbers (location_id, phone_hash);
