-- What a backstop run repairs, and how far its contacts are worked off. Counts of runs and the contacts in their queue.

ALTER TABLE contacts ADD COLUMN queued_run TEXT; -- the run whose message about it has not been worked off yet
CREATE INDEX contacts_queued ON contacts (queued_run) WHERE queued_run IS NOT NULL;

ALTER TABLE runs ADD COLUMN first_total INTEGER;                  -- contacts GoHighLevel said there were on the first page; total is of the last
ALTER TABLE runs ADD COLUMN resumes    INTEGER NOT NULL DEFAULT 0; -- how often it was taken up again after it had stood still
ALTER TABLE runs ADD COLUMN settled    INTEGER NOT NULL DEFAULT 0; -- its messages worked off: each contact once, however often its message came
ALTER TABLE runs ADD COLUMN errors     INTEGER NOT NULL DEFAULT 0; -- of these, ended as a dead letter
ALTER TABLE runs ADD COLUMN missing    INTEGER NOT NULL DEFAULT 0; -- repaired: belonged into the dialer and was not there
ALTER TABLE runs ADD COLUMN misplaced  INTEGER NOT NULL DEFAULT 0; -- repaired: was there under another route than its own
ALTER TABLE runs ADD COLUMN outdated   INTEGER NOT NULL DEFAULT 0; -- repaired: its data had changed
ALTER TABLE runs ADD COLUMN withdrawn  INTEGER NOT NULL DEFAULT 0; -- repaired: taken out, or marked do-not-contact
ALTER TABLE runs ADD COLUMN gone       INTEGER NOT NULL DEFAULT 0; -- repaired: taken out because GoHighLevel has it no more
ALTER TABLE runs ADD COLUMN drifted    INTEGER NOT NULL DEFAULT 0; -- repaired: had been changed in CallTools by hand
ALTER TABLE runs ADD COLUMN marks      TEXT NOT NULL DEFAULT '[]'; -- how far it was in the last minutes, newest first: [[at, seen, settled]]
ALTER TABLE runs ADD COLUMN settled_at INTEGER;                    -- when its last message was found worked off
CREATE INDEX runs_unsettled ON runs (location_id) WHERE settled_at IS NULL;
