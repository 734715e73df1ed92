-- Messages that wait to be sent, where they go, and those that could not be.
-- Where messages go that nobody waits for. Whoever holds the lease sends to it, one at a time.
CREATE TABLE exchange_destination (
    tenant text NOT NULL,
    destination text NOT NULL CHECK (length(destination) BETWEEN 1 AND 200),
    url text NOT NULL CHECK (length(url) <= 2000),
    lease uuid,
    leased_until timestamptz,
    PRIMARY KEY (tenant, destination)
);
ALTER TABLE exchange_destination ENABLE ROW LEVEL SECURITY;
ALTER TABLE exchange_destination FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON exchange_destination
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON exchange_destination TO renkei_application;

-- What waits to be sent, in the order of `place`. A row is deleted when it was taken. Bodies are
-- sealed.
CREATE TABLE exchange_outbox (
    tenant text NOT NULL,
    destination text NOT NULL,
    place bigint GENERATED ALWAYS AS IDENTITY,
    id text NOT NULL CHECK (length(id) BETWEEN 1 AND 255),
    body bytea NOT NULL,
    put_at timestamptz NOT NULL,
    not_before timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0, -- of the tries, those that reached the receiver
    reason text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, destination, place),
    UNIQUE (tenant, destination, id),
    FOREIGN KEY (tenant, destination) REFERENCES exchange_destination ON DELETE CASCADE
);
ALTER TABLE exchange_outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE exchange_outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON exchange_outbox
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON exchange_outbox TO renkei_application;

-- What could not be sent and never can be as it is, until somebody sends it again.
CREATE TABLE exchange_dead_letter (
    tenant text NOT NULL,
    destination text NOT NULL,
    place bigint NOT NULL,
    id text NOT NULL,
    body bytea NOT NULL,
    tries integer NOT NULL,
    reason text NOT NULL,
    died_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, destination, place),
    FOREIGN KEY (tenant, destination) REFERENCES exchange_destination ON DELETE CASCADE
);
ALTER TABLE exchange_dead_letter ENABLE ROW LEVEL SECURITY;
ALTER TABLE exchange_dead_letter FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON exchange_dead_letter
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON exchange_dead_letter TO renkei_application;
