-- The separate archive (別保存), a database of its own: records past their time, whole, as JSON, so
-- that no later change of the standard touches what must be kept for 150 years.

-- One move out of the records. Unconfirmed: the records have not yet let it go, or it never did.
CREATE TABLE store_archive_batch (
    tenant text NOT NULL,
    batch uuid NOT NULL,
    rule text NOT NULL,
    moved_at timestamptz NOT NULL,
    confirmed boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant, batch)
);
ALTER TABLE store_archive_batch ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_archive_batch FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_archive_batch
    USING (tenant = current_setting('renkei.tenant', true));

-- One version of one record. `dated` is the day its time is counted from.
CREATE TABLE store_archived (
    tenant text NOT NULL,
    entity text NOT NULL,
    key text[] NOT NULL,
    valid_from date NOT NULL,
    known_from timestamptz NOT NULL,
    valid_to date,
    known_to timestamptz,
    dated date NOT NULL,
    rule text NOT NULL,
    record jsonb NOT NULL,
    batch uuid NOT NULL,
    PRIMARY KEY (tenant, entity, key, valid_from, known_from),
    FOREIGN KEY (tenant, batch) REFERENCES store_archive_batch (tenant, batch)
);
CREATE INDEX store_archived_batch ON store_archived (tenant, batch);
CREATE INDEX store_archived_rule ON store_archived (tenant, rule, dated);
ALTER TABLE store_archived ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_archived FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_archived
    USING (tenant = current_setting('renkei.tenant', true));

GRANT SELECT, INSERT, DELETE ON store_archive_batch, store_archived TO renkei_retention;
GRANT UPDATE (confirmed) ON store_archive_batch TO renkei_retention;
GRANT SELECT ON store_archive_batch, store_archived TO renkei_archive;
