-- Shards of the log: what there is becomes the first one, which goes on to the end of this year.
-- Nothing that was signed changes. Old code appends and sequences as before: year 0 is the first.
CREATE TABLE audit_shard (
    tenant   text NOT NULL,
    year     smallint NOT NULL CHECK (year = 0 OR year BETWEEN 1900 AND 9999),
    through  smallint NOT NULL CHECK (through BETWEEN 1900 AND 9999),
    opened   timestamptz NOT NULL,
    PRIMARY KEY (tenant, year),
    UNIQUE (tenant, through),
    CHECK (year IN (0, through))
);

CREATE TABLE audit_closing (
    tenant       text NOT NULL,
    year         smallint NOT NULL,
    at           timestamptz NOT NULL,
    size         bigint NOT NULL CHECK (size >= 1),
    root         bytea NOT NULL CHECK (octet_length(root) = 32),
    output_size  bigint NOT NULL CHECK (output_size >= 1),
    output_root  bytea NOT NULL CHECK (octet_length(output_root) = 32),
    PRIMARY KEY (tenant, year),
    FOREIGN KEY (tenant, year) REFERENCES audit_shard (tenant, year)
);

CREATE TABLE audit_pruning (
    tenant   text NOT NULL,
    year     smallint NOT NULL,
    at       timestamptz NOT NULL,
    rule     text NOT NULL,
    request  text NOT NULL,
    PRIMARY KEY (tenant, year),
    FOREIGN KEY (tenant, year) REFERENCES audit_closing (tenant, year)
);

CREATE TABLE audit_hold (
    tenant    text NOT NULL,
    year      smallint NOT NULL,
    document  text NOT NULL,
    at        timestamptz NOT NULL,
    lifted    timestamptz,
    PRIMARY KEY (tenant, year, document, at)
);

ALTER TABLE audit_shard ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_shard FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_shard USING (tenant = current_setting('renkei.tenant', true));
ALTER TABLE audit_closing ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_closing FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_closing USING (tenant = current_setting('renkei.tenant', true));
ALTER TABLE audit_pruning ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_pruning FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_pruning USING (tenant = current_setting('renkei.tenant', true));
ALTER TABLE audit_hold ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_hold FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_hold USING (tenant = current_setting('renkei.tenant', true));

-- The owner, too, sees the rows of one tenant only: for this one statement it sees all.
ALTER TABLE audit_checkpoint NO FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_shard NO FORCE ROW LEVEL SECURITY;
INSERT INTO audit_shard (tenant, year, through, opened)
SELECT tenant, 0, extract(year FROM now() AT TIME ZONE 'Asia/Tokyo'), min(at)
  FROM audit_checkpoint GROUP BY tenant;
ALTER TABLE audit_checkpoint FORCE ROW LEVEL SECURITY;
ALTER TABLE audit_shard FORCE ROW LEVEL SECURITY;

ALTER TABLE audit_outbox ADD COLUMN year smallint NOT NULL DEFAULT 0;
ALTER TABLE audit_entry ADD COLUMN year smallint NOT NULL DEFAULT 0;
ALTER TABLE audit_head ADD COLUMN year smallint NOT NULL DEFAULT 0;
ALTER TABLE audit_tile ADD COLUMN year smallint NOT NULL DEFAULT 0;
ALTER TABLE audit_checkpoint ADD COLUMN year smallint NOT NULL DEFAULT 0;
ALTER TABLE audit_map_tile ADD COLUMN year smallint NOT NULL DEFAULT 0;
ALTER TABLE audit_epoch ADD COLUMN year smallint NOT NULL DEFAULT 0;
ALTER TABLE audit_output_tile ADD COLUMN year smallint NOT NULL DEFAULT 0;
ALTER TABLE audit_output_checkpoint ADD COLUMN year smallint NOT NULL DEFAULT 0;

ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_pkey, ADD PRIMARY KEY (tenant, year, i);
ALTER TABLE audit_head DROP CONSTRAINT audit_head_pkey, ADD PRIMARY KEY (tenant, label, year);
ALTER TABLE audit_tile DROP CONSTRAINT audit_tile_pkey, ADD PRIMARY KEY (tenant, year, level, n);
ALTER TABLE audit_checkpoint DROP CONSTRAINT audit_checkpoint_pkey, ADD PRIMARY KEY (tenant, year, size);
ALTER TABLE audit_map_tile DROP CONSTRAINT audit_map_tile_pkey, ADD PRIMARY KEY (tenant, year, place);
ALTER TABLE audit_epoch DROP CONSTRAINT audit_epoch_pkey, ADD PRIMARY KEY (tenant, year, e);
ALTER TABLE audit_output_tile DROP CONSTRAINT audit_output_tile_pkey, ADD PRIMARY KEY (tenant, year, level, n);
ALTER TABLE audit_output_checkpoint DROP CONSTRAINT audit_output_checkpoint_pkey, ADD PRIMARY KEY (tenant, year, size);

DROP INDEX audit_entry_request, audit_entry_at, audit_tile_partial,
    audit_output_tile_partial;
CREATE INDEX audit_entry_request ON audit_entry (tenant, request, year, i);
CREATE INDEX audit_entry_at ON audit_entry (tenant, at, year, i);
CREATE UNIQUE INDEX audit_tile_partial ON audit_tile (tenant, year, level) WHERE width < 256;
CREATE UNIQUE INDEX audit_output_tile_partial ON audit_output_tile (tenant, year, level)
    WHERE width < 256;

-- Nothing is signed of a shard that is closed.
CREATE POLICY open_only ON audit_checkpoint AS RESTRICTIVE FOR INSERT WITH CHECK (
    NOT EXISTS (SELECT FROM audit_closing AS closing
                 WHERE closing.tenant = audit_checkpoint.tenant
                   AND closing.year = audit_checkpoint.year));
CREATE POLICY open_only ON audit_output_checkpoint AS RESTRICTIVE FOR INSERT WITH CHECK (
    NOT EXISTS (SELECT FROM audit_closing AS closing
                 WHERE closing.tenant = audit_output_checkpoint.tenant
                   AND closing.year = audit_output_checkpoint.year));
-- Only what was said to go may go, and never the entries about the log itself.
CREATE POLICY pruned_only ON audit_entry AS RESTRICTIVE FOR DELETE TO renkei_pruner USING (
    kind <> 'shard'
    AND EXISTS (SELECT FROM audit_pruning AS pruning
                 WHERE pruning.tenant = audit_entry.tenant
                   AND pruning.year = audit_entry.year));
CREATE POLICY pruned_only ON audit_head AS RESTRICTIVE FOR DELETE TO renkei_pruner USING (
    EXISTS (SELECT FROM audit_pruning AS pruning
             WHERE pruning.tenant = audit_head.tenant AND pruning.year = audit_head.year));
CREATE POLICY pruned_only ON audit_map_tile AS RESTRICTIVE FOR DELETE TO renkei_pruner USING (
    EXISTS (SELECT FROM audit_pruning AS pruning
             WHERE pruning.tenant = audit_map_tile.tenant
               AND pruning.year = audit_map_tile.year));

GRANT SELECT, INSERT ON audit_shard TO renkei_application;
GRANT SELECT, INSERT ON audit_closing TO renkei_application;
GRANT SELECT ON audit_pruning TO renkei_application;
GRANT SELECT, INSERT, UPDATE (lifted) ON audit_hold TO renkei_application;
-- The one role that removes entries, a verb's for a few statements.
GRANT SELECT, DELETE ON audit_entry, audit_head, audit_map_tile TO renkei_pruner;
GRANT SELECT, INSERT ON audit_pruning TO renkei_pruner;
GRANT SELECT ON audit_shard, audit_closing, audit_hold TO renkei_pruner;
