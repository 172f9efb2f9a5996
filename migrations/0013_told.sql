-- GoHighLevel's reads lag behind its webhooks: what webhooks said lately is kept with the contact and compared with every read.

ALTER TABLE contacts ADD COLUMN told    TEXT;                       -- JSON, see Told in shared/messages.ts: the newest word of each kind and its time; words that a read is surely newer than are left out
ALTER TABLE contacts ADD COLUMN look_at INTEGER;                    -- a read contradicts a webhook: when the contact is read again; null = nothing contradicts
ALTER TABLE contacts ADD COLUMN looks   INTEGER NOT NULL DEFAULT 0; -- how often it has been read again since then, which sets the next delay
