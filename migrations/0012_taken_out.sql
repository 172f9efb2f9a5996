-- Several buckets or tags of one name in CallTools, and people whom the dialer itself took out.

ALTER TABLE labels ADD COLUMN twins     TEXT NOT NULL DEFAULT '[]'; -- ids (JSON) of others with the same name: contacts are taken out of them and put into none of them
ALTER TABLE labels ADD COLUMN newest_id INTEGER;                    -- the highest id of this kind that CallTools has shown: a higher one was made later; null = not remembered

ALTER TABLE dialer ADD COLUMN placing TEXT; -- our last write put it into its bucket (JSON): {at, route, bucket, tag, word}, word being a hash of what CallTools told of its calls; null = it did not
ALTER TABLE dialer ADD COLUMN hold    TEXT; -- kept out although a route would place it (JSON): {reason, route, at}; null = not held back

-- When those that are in the dialer now were put there is not known: not before we first heard of the contact. A call since then counts.
UPDATE dialer SET placing = (
  SELECT json_object('at', c.created_at, 'route', c.route, 'bucket', NULL, 'tag', NULL, 'word', NULL)
  FROM contacts c WHERE c.location_id = dialer.location_id AND c.contact_id = dialer.contact_id)
WHERE held = 1;
