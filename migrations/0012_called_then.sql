-- Two people may be on one CallTools contact. Whoever was on another one at the time of a call was not called.
CREATE INDEX past_links_by_number ON past_links (location_id, phone_hash);
