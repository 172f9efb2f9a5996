-- Rows of the contact list that cannot be read whole: they neither end a run nor hide other rows, and are counted.

ALTER TABLE runs ADD COLUMN unreadable INTEGER NOT NULL DEFAULT 0; -- rows that could not be read whole; the contact of each that has an id is read instead
