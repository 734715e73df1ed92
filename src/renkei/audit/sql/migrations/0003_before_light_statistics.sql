-- The server samples entries more lightly: its look at them was felt by whoever wrote meanwhile.
ALTER STATISTICS audit_entry_search SET STATISTICS 100;
ALTER TABLE audit_entry
    ALTER COLUMN leaf SET STATISTICS 0,
    ALTER COLUMN label SET STATISTICS 0,
    ALTER COLUMN seq SET STATISTICS 0,
    ALTER COLUMN core_hash SET STATISTICS 0;
