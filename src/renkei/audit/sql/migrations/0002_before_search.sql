-- Entries can be searched: columns copied from the leaf, and their indexes.
ALTER TABLE audit_entry
    ADD COLUMN at       timestamptz NOT NULL DEFAULT '-infinity',
    ADD COLUMN kind     text NOT NULL DEFAULT '',
    ADD COLUMN outcome  text NOT NULL DEFAULT '',
    ADD COLUMN partner  text NOT NULL DEFAULT '',
    ADD COLUMN message  text NOT NULL DEFAULT '',
    ADD COLUMN client   text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN service  text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN withheld boolean NOT NULL DEFAULT false;

-- The owner, too, sees the rows of one tenant only: for this one statement it sees all.
ALTER TABLE audit_entry NO FORCE ROW LEVEL SECURITY;
UPDATE audit_entry AS entry
   SET at = (read.core ->> 'at')::timestamptz,
       kind = read.core ->> 'kind',
       outcome = read.core ->> 'outcome',
       partner = CASE WHEN read.core ->> 'asker' = entry.tenant
                      THEN read.core ->> 'holder' ELSE read.core ->> 'asker' END,
       message = coalesce(read.core -> 'details' ->> 'message', ''),
       client = coalesce(read.core -> 'details' ->> 'client', ''),
       service = coalesce(read.core -> 'details' ->> 'service', ''),
       withheld = (read.core ->> 'withheld')::boolean
  FROM (SELECT tenant, i, convert_from(leaf, 'UTF8')::jsonb -> 'core' AS core
          FROM audit_entry) AS read
 WHERE read.tenant = entry.tenant AND read.i = entry.i;
ALTER TABLE audit_entry FORCE ROW LEVEL SECURITY;

CREATE INDEX audit_entry_at ON audit_entry (tenant, at, i);
CREATE INDEX audit_entry_kind ON audit_entry (tenant, kind, outcome);
CREATE INDEX audit_entry_partner ON audit_entry (tenant, partner, service);
CREATE INDEX audit_entry_message ON audit_entry (tenant, message);
CREATE INDEX audit_entry_client ON audit_entry (tenant, client);
CREATE INDEX audit_entry_service ON audit_entry (tenant, service);
-- No refusal is answered, and a service is one partner's: without this a page that finds nothing
-- would be looked for along all times.
CREATE STATISTICS audit_entry_search (mcv) ON kind, outcome, partner, client, service
    FROM audit_entry;
ALTER STATISTICS audit_entry_search SET STATISTICS 1000;
