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
