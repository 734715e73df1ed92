-- Questions nobody waits for (非同期), by the number a unit polls with (処理通番). What is asked and what
-- was answered are sealed. A row without an end that has no lease is free to be worked on.
CREATE TABLE exchange_task (
    tenant text NOT NULL,
    number uuid NOT NULL,
    client text NOT NULL CHECK (length(client) <= 4096),
    request_id text NOT NULL CHECK (length(request_id) BETWEEN 1 AND 255),
    digest bytea NOT NULL CHECK (length(digest) = 32), -- of what is asked: the same again is the same task
    priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 7), -- RFC 9218: 0 goes first
    question bytea NOT NULL,
    accepted_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    not_before timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    claimed_at timestamptz, -- last; whose client was served longest ago goes first
    lease uuid,
    leased_until timestamptz,
    ended_at timestamptz,
    answer bytea,
    PRIMARY KEY (tenant, number),
    UNIQUE (tenant, client, request_id),
    CHECK ((ended_at IS NULL) = (answer IS NULL))
);
CREATE INDEX exchange_task_served ON exchange_task (tenant, client, claimed_at);
CREATE INDEX exchange_task_free ON exchange_task (tenant, priority, accepted_at) WHERE ended_at IS NULL;
ALTER TABLE exchange_task ENABLE ROW LEVEL SECURITY;
ALTER TABLE exchange_task FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON exchange_task
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON exchange_task TO renkei_application;
