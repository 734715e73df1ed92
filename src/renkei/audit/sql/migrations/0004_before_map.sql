-- The map of the labels, and the output log of its epochs.
-- The map: of each label how many entries it has, and its last one. A tree in tiles by the digits
-- that lead to them; derived from the entries alone, so it may be changed, and made anew.
CREATE TABLE audit_map_tile (
    tenant  text NOT NULL,
    place   text COLLATE "C" NOT NULL CHECK (place ~ '^[0-9a-f]{0,63}$'),
    slots   bytea NOT NULL,
    PRIMARY KEY (tenant, place)
);

-- The roots the map has had: the leaves of the output log.
CREATE TABLE audit_epoch (
    tenant  text NOT NULL,
    e       bigint NOT NULL CHECK (e >= 0),
    leaf    bytea NOT NULL CHECK (octet_length(leaf) <= 1024),
    PRIMARY KEY (tenant, e)
);

-- The hashes of the output log's tree, as those of the log's.
CREATE TABLE audit_output_tile (
    tenant  text NOT NULL,
    level   smallint NOT NULL CHECK (level BETWEEN 0 AND 6),
    n       bigint NOT NULL CHECK (n >= 0),
    width   smallint NOT NULL CHECK (width BETWEEN 1 AND 256),
    hashes  bytea NOT NULL,
    PRIMARY KEY (tenant, level, n),
    CHECK (octet_length(hashes) = 32 * width)
);
CREATE UNIQUE INDEX audit_output_tile_partial ON audit_output_tile (tenant, level)
    WHERE width < 256;

-- Every root of the output log that was signed.
CREATE TABLE audit_output_checkpoint (
    tenant  text NOT NULL,
    size    bigint NOT NULL CHECK (size >= 1),
    root    bytea NOT NULL CHECK (octet_length(root) = 32),
    note    text NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (tenant, size)
);

ALTER TABLE audit_map_tile ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_map_tile FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_map_tile USING (tenant = current_setting('renkei.tenant', true));
ALTER TABLE audit_epoch ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_epoch FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_epoch USING (tenant = current_setting('renkei.tenant', true));
ALTER TABLE audit_output_tile ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_output_tile FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_output_tile USING (tenant = current_setting('renkei.tenant', true));
ALTER TABLE audit_output_checkpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_output_checkpoint FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_output_checkpoint USING (tenant = current_setting('renkei.tenant', true));
CREATE POLICY partial_only ON audit_output_tile AS RESTRICTIVE FOR DELETE USING (width < 256);

GRANT SELECT, INSERT, UPDATE ON audit_map_tile TO renkei_application;
GRANT SELECT, INSERT ON audit_epoch TO renkei_application;
GRANT SELECT, INSERT, DELETE ON audit_output_tile TO renkei_application;
GRANT SELECT, INSERT ON audit_output_checkpoint TO renkei_application;
