-- Lists by other items than the key, on any day: an index of our own beside the records.
-- What a record of an entity ever was under, for each item that lists go by: a superset of every
-- day, so each candidate is held against the record on the day that is asked for. Readings stand
-- here folded. Rows are added behind the loads, in order; nothing but an erasure removes one.
CREATE TABLE store_listing (
    tenant text NOT NULL,
    entity text NOT NULL,
    item text NOT NULL,
    value text COLLATE "C" NOT NULL,
    key text[] COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, entity, item, value, key)
);
ALTER TABLE store_listing ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_listing FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_listing
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON store_listing TO renkei_application;

-- Up to which load the listing of an item is complete.
CREATE TABLE store_listed (
    tenant text NOT NULL,
    entity text NOT NULL,
    item text NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (tenant, entity, item)
);
ALTER TABLE store_listed ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_listed FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_listed
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE ON store_listed TO renkei_application;
