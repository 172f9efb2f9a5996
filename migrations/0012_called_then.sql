-- Finds the CallTools contacts that a number was on before. A person who was on another contact at the time of a call was not called.
CREATE INDEX past_links_by_number ON past_links (location_id, phone_hash);
