-- Every delivery is kept with its findings, and every comparison with an owner's file.
-- The book of deliveries: every file that was taken in or kept out, with its findings. A finding
-- holds the shape of a value, never the value. Never edited.
CREATE TABLE store_delivery (
    tenant text NOT NULL,
    id uuid NOT NULL,
    entity text NOT NULL,
    received_at timestamptz NOT NULL,
    states_on date NOT NULL,
    source text NOT NULL, -- the file's name, without its folder
    sha256 bytea CHECK (length(sha256) = 32), -- null: not read to its end
    size bigint NOT NULL,
    outcome text NOT NULL
        CHECK (outcome IN ('loaded', 'already-loaded', 'blocked', 'refused', 'failed')),
    error text NOT NULL, -- the code of the error of what failed, else empty
    said jsonb NOT NULL, -- language → what the error said; no fact of an error is a value
    records bigint NOT NULL,
    new bigint, -- these four are null where nothing was compared
    changed bigint,
    gone bigint,
    same bigint,
    errors bigint NOT NULL,
    rules jsonb NOT NULL, -- rule → how often
    findings jsonb NOT NULL, -- the first ones of each rule
    PRIMARY KEY (tenant, id)
);
CREATE INDEX store_delivery_by_entity ON store_delivery (tenant, entity, received_at);
CREATE INDEX store_delivery_by_time ON store_delivery (tenant, received_at);
ALTER TABLE store_delivery ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_delivery FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_delivery
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON store_delivery TO renkei_application;

-- What a comparison with the owner's file, or with its digests, found. Never edited.
CREATE TABLE store_reconciliation (
    tenant text NOT NULL,
    entity text NOT NULL,
    compared_at timestamptz NOT NULL,
    states_on date NOT NULL,
    source text NOT NULL, -- the name of the file or of the digest file
    there bigint NOT NULL, -- records of the owner
    here bigint NOT NULL, -- records in force here on that day
    blocks integer NOT NULL,
    drifted integer[] NOT NULL, -- the numbers of the blocks that differ
    PRIMARY KEY (tenant, entity, compared_at)
);
ALTER TABLE store_reconciliation ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_reconciliation FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_reconciliation
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON store_reconciliation TO renkei_application;
