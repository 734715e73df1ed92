-- Lists by other items than the key, on any day, need an index of our own beside the records.

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
