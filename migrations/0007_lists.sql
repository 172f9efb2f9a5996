-- The lists of the operator API, a page at a time, and replays of many dead letters.

-- Contacts by state, reason and route, the newest change first. It takes the place of contacts_by_state, of which it has every column, so a
-- commit writes no row more than before. The previous version's statements use it in the same way.
CREATE INDEX contacts_by_change ON contacts (location_id, state, reason, route, coalesce(reason_since, created_at));
DROP INDEX contacts_by_state;
