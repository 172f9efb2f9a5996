-- Pages of a run have turns of their own while they are read: behind the turns of contacts they would wait for seconds each.

ALTER TABLE paces ADD COLUMN page_at REAL NOT NULL DEFAULT 0; -- the last turn that a page took; of GoHighLevel alone
