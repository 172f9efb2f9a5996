-- Why a circuit is open, and what of a vendor's answers may be one record's trouble or everybody's.

ALTER TABLE circuits ADD COLUMN open_kind TEXT;                     -- refused = the vendor refuses everybody | down = it does not work; null when closed
ALTER TABLE circuits ADD COLUMN refused TEXT NOT NULL DEFAULT '{}'; -- records that the vendor refused (JSON): contact id, for CallTools phone hash -> 0 while it may be the set-up, else epoch ms since when it is the record
ALTER TABLE circuits ADD COLUMN gone TEXT NOT NULL DEFAULT '[]';    -- contact ids that GoHighLevel no longer has, by its word alone, since it last returned a contact (JSON)
