-- Several buckets or tags of one name in CallTools.

ALTER TABLE labels ADD COLUMN twins     TEXT NOT NULL DEFAULT '[]'; -- ids (JSON) of others with the same name: contacts are taken out of them and put into none of them
ALTER TABLE labels ADD COLUMN newest_id INTEGER;                    -- the highest id of this kind that CallTools has shown: a higher one was made later; null = not remembered
