-- Readers of the feed by name, the subscriptions of units, and what was withheld from them.

-- Readers go by number: under row security no index on an array serves them.
ALTER TABLE store_event ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;
ALTER TABLE store_event DROP CONSTRAINT store_event_pkey;
ALTER TABLE store_event ADD PRIMARY KEY (tenant, position, number);
-- Who reads the events of the loads, and how far: all loads up to `load`, and of the next one `seen`
-- events up to `mark`. It moves only forward. No entities means all.
CREATE TABLE store_consumer (
    tenant text NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    entities text[] NOT NULL,
    load bigint NOT NULL CHECK (load >= 0),
    mark text[] NOT NULL,
    seen bigint NOT NULL CHECK (seen >= 0),
    moved_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, name),
    CHECK ((seen = 0) = (mark = '{}'))
);
ALTER TABLE store_consumer ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_consumer FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_consumer
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON store_consumer TO renkei_application;

-- Which unit wants the changes of which interface's items, for which of its procedures. The consumer
-- of the same name says how far it was served. What the law refuses on a day waits, and says why.
CREATE TABLE store_subscription (
    tenant text NOT NULL,
    name text NOT NULL,
    unit text NOT NULL,
    interface text NOT NULL,
    procedure text NOT NULL,
    items text[] NOT NULL CHECK (cardinality(items) > 0),
    with_protected boolean NOT NULL,
    since timestamptz NOT NULL,
    refused_on date,
    refused text,
    PRIMARY KEY (tenant, name),
    FOREIGN KEY (tenant, name) REFERENCES store_consumer (tenant, name) ON DELETE CASCADE,
    UNIQUE (tenant, unit, interface),
    CHECK ((refused_on IS NULL) = (refused IS NULL))
);
ALTER TABLE store_subscription ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_subscription FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_subscription
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON store_subscription TO renkei_application;

-- What a subscription was not told because the person was withheld from it (支援措置): told once
-- the protection has ended, as it is then.
CREATE TABLE store_withheld (
    tenant text NOT NULL,
    name text NOT NULL,
    person text NOT NULL,
    key text[] NOT NULL,
    PRIMARY KEY (tenant, name, person, key),
    FOREIGN KEY (tenant, name) REFERENCES store_subscription (tenant, name) ON DELETE CASCADE
);
ALTER TABLE store_withheld ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_withheld FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_withheld
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON store_withheld TO renkei_application;
