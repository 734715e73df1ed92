-- What this room keeps beside the records. The tables of the records themselves are made from the
-- catalogue, at every start (`renkei.store.alignment`), for each entity a pair: store_<entity> holds
-- the rows in force, store_<entity>_history every row that was.

-- The book of loads: which file became the records, for which day, when. Never edited. What is
-- removed by retention or erasure has a line of its own, so that the book balances.
CREATE TABLE store_load (
    tenant text NOT NULL,
    entity text NOT NULL,
    loaded_at timestamptz NOT NULL,
    states_on date NOT NULL,
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    records bigint NOT NULL,
    new bigint NOT NULL,
    changed bigint NOT NULL,
    gone bigint NOT NULL,
    -- Loads of one town in the order of their commits, without a gap.
    position bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('fill', 'snapshot', 'difference', 'retention', 'erasure')),
    number bigint, -- of a difference
    blocked bigint NOT NULL DEFAULT 0, -- rows that did not go in
    PRIMARY KEY (tenant, entity, loaded_at),
    UNIQUE (tenant, entity, states_on, sha256),
    UNIQUE (tenant, position)
);
ALTER TABLE store_load ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_load FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_load
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON store_load TO renkei_application;

-- What a load did to which record. A fill has no events of its own: what it began is every record
-- known since that load. `kind` is new, changed or gone; or, of what
-- was removed here and not by its unit, archived or erased.
CREATE TABLE store_event (
    tenant text NOT NULL,
    position bigint NOT NULL,
    key text[] NOT NULL,
    kind text NOT NULL CHECK (kind IN ('new', 'changed', 'gone', 'archived', 'erased')),
    PRIMARY KEY (tenant, position, key),
    FOREIGN KEY (tenant, position) REFERENCES store_load (tenant, position)
);
ALTER TABLE store_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_event FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_event
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON store_event TO renkei_application;

-- What the retention rules have moved or removed, batch by batch; the archive repeats the batch.
CREATE TABLE store_retention (
    tenant text NOT NULL,
    batch uuid NOT NULL,
    rule text NOT NULL,
    target text NOT NULL, -- an entity, or a table of this room
    records bigint NOT NULL,
    versions bigint NOT NULL,
    done_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, batch)
);
ALTER TABLE store_retention ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_retention FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_retention
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT ON store_retention TO renkei_application;
GRANT SELECT, INSERT ON store_retention TO renkei_retention;

-- Which record was erased by order, and when: its key and none of its values.
CREATE TABLE store_erased (
    tenant text NOT NULL,
    entity text NOT NULL,
    key text[] NOT NULL,
    erased_at timestamptz NOT NULL,
    scope text NOT NULL CHECK (scope IN ('person', 'load')),
    request text NOT NULL, -- the order, as the log has it
    PRIMARY KEY (tenant, entity, key, erased_at)
);
ALTER TABLE store_erased ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_erased FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_erased
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT ON store_erased TO renkei_application;
GRANT SELECT, INSERT ON store_erased TO renkei_retention;
GRANT SELECT, INSERT ON store_load, store_event TO renkei_retention;
GRANT DELETE ON store_event TO renkei_retention;
-- What a record of an entity ever was under, for each item that lists go by: a superset of every
-- day, so each candidate is held against the record on the day that is asked for. The item stands
-- under its number in the standard, readings stand folded, the parts of a key divided by U+001F.
-- Rows are added behind the loads, in order; nothing but an erasure removes one.
CREATE TABLE store_listing (
    tenant text NOT NULL,
    item text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, item, value, key)
);
ALTER TABLE store_listing ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_listing FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_listing
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON store_listing TO renkei_application;

-- Up to which load the listing of an item is complete.
CREATE TABLE store_listed (
    tenant text NOT NULL,
    item text COLLATE "C" NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (tenant, item)
);
ALTER TABLE store_listed ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_listed FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_listed
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE ON store_listed TO renkei_application;
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
