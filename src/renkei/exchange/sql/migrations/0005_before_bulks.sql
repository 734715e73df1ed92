-- Inquiries about many persons (一括照会), as they were handed over. What is asked is sealed; `digest`
-- is of it: the same again is the same inquiry. Its list waits in parts.
CREATE TABLE exchange_bulk (
    tenant text NOT NULL,
    number uuid NOT NULL,
    client text NOT NULL CHECK (length(client) <= 4096),
    request_id text NOT NULL CHECK (length(request_id) BETWEEN 1 AND 255),
    digest bytea NOT NULL CHECK (length(digest) = 32),
    question bytea NOT NULL,
    persons integer NOT NULL CHECK (persons BETWEEN 1 AND 65535),
    accepted_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    claimed_at timestamptz, -- last; what was served longest ago goes first
    PRIMARY KEY (tenant, number),
    UNIQUE (tenant, client, request_id)
);
ALTER TABLE exchange_bulk ENABLE ROW LEVEL SECURITY;
ALTER TABLE exchange_bulk FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON exchange_bulk
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON exchange_bulk TO renkei_application;

-- The parts of such a list, each asked about at once, under a lease as a task is.
CREATE TABLE exchange_bulk_part (
    tenant text NOT NULL,
    number uuid NOT NULL,
    part integer NOT NULL CHECK (part > 0),
    persons integer NOT NULL CHECK (persons > 0),
    list bytea NOT NULL,
    not_before timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    lease uuid,
    leased_until timestamptz,
    ended_at timestamptz,
    answer bytea,
    PRIMARY KEY (tenant, number, part),
    FOREIGN KEY (tenant, number) REFERENCES exchange_bulk ON DELETE CASCADE,
    CHECK ((ended_at IS NULL) = (answer IS NULL))
);
CREATE INDEX exchange_bulk_part_free ON exchange_bulk_part (tenant, number, part)
    WHERE ended_at IS NULL;
ALTER TABLE exchange_bulk_part ENABLE ROW LEVEL SECURITY;
ALTER TABLE exchange_bulk_part FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON exchange_bulk_part
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON exchange_bulk_part TO renkei_application;
