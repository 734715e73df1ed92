-- What was removed by rule or by order has its book, its tombstones, and a role that may remove it.
ALTER TABLE store_load DROP CONSTRAINT store_load_kind_check;
ALTER TABLE store_load ADD CHECK (
    kind IN ('fill', 'snapshot', 'difference', 'retention', 'erasure'));
ALTER TABLE store_event DROP CONSTRAINT store_event_kind_check;
ALTER TABLE store_event ADD CHECK (kind IN ('new', 'changed', 'gone', 'archived', 'erased'));

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
