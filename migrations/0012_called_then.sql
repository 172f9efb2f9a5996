-- Of two people whom a CallTools contact shows, the one whose number was on another when it was called is not the one who was called.
CREATE INDEX past_links_by_number ON past_links (location_id, phone_hash);
