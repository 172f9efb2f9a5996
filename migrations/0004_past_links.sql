-- Whom a CallTools contact has shown before, and under which number. A call is made to a CallTools contact, and read of minutes later: the
-- number may have changed by then, or the CallTools contact may be gone, merged or another person's. Written only where CALL_RESULTS is set,
-- once something known ends, and kept for as long as a poll may still read of a call from before.
CREATE TABLE past_links (
  location_id  TEXT NOT NULL,
  calltools_id INTEGER NOT NULL,                 -- the CallTools contact
  phone_hash   TEXT NOT NULL,                    -- hash of a number that it carried; key of `dialer`
  contact_id   TEXT NOT NULL,                    -- the GoHighLevel contact that had the number then, or was shown under it
  until        INTEGER NOT NULL,                 -- when this was found to have ended
  shown_until  INTEGER,                          -- until when CallTools certainly showed this contact there; null = it had the number only
  PRIMARY KEY (location_id, calltools_id, phone_hash, contact_id)
) WITHOUT ROWID;
CREATE INDEX past_links_by_age ON past_links (until);

-- A call said no, and the contact had no number when that was read: JSON as in `dialer`, goes along to the next number that it has.
ALTER TABLE contacts ADD COLUMN hold TEXT;
