-- An entry says where the one before it in its chain stands, and the index by label goes: it cost
-- every new entry a page of its own, the more of them not in memory the longer the log. Nobody looked
-- up the hash of a core. A program that does not know this column yet appends as before; to sequence
-- it is refused by the check below, and what it was to sequence stays pending.
ALTER TABLE audit_entry
    ADD COLUMN prev_i bigint,
    DROP COLUMN core_hash;

-- The migrator is the owner: for these statements the rows of all tenants are to be seen.
ALTER TABLE audit_entry NO FORCE ROW LEVEL SECURITY;
UPDATE audit_entry AS entry
   SET prev_i = before.i
  FROM audit_entry AS before
 WHERE before.tenant = entry.tenant AND before.label = entry.label AND before.seq = entry.seq - 1;
ALTER TABLE audit_entry FORCE ROW LEVEL SECURITY;

ALTER TABLE audit_entry
    ADD CONSTRAINT audit_entry_chained
        CHECK (prev_i < i AND (coalesce(seq, 1) > 1) = (prev_i IS NOT NULL)),
    ALTER COLUMN prev_i SET STATISTICS 0;
DROP INDEX audit_entry_chain;
