-- The signed messages received lately, by key and nonce. A row lives as long as its message could
-- still pass the time window; until then a second one is refused.
CREATE TABLE exchange_seen (
    tenant      text NOT NULL,
    keyid       text NOT NULL CHECK (length(keyid) <= 128),
    nonce       text NOT NULL CHECK (length(nonce) BETWEEN 16 AND 64),
    request_id  text NOT NULL CHECK (length(request_id) <= 255),
    seen_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant, keyid, nonce)
);
CREATE INDEX exchange_seen_at ON exchange_seen (tenant, seen_at);
ALTER TABLE exchange_seen ENABLE ROW LEVEL SECURITY;
ALTER TABLE exchange_seen FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON exchange_seen USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON exchange_seen TO renkei_application;

-- The X-Road-Ids each client of an organisation has used.
CREATE TABLE exchange_request (
    tenant      text NOT NULL,
    client      text NOT NULL CHECK (length(client) <= 4096),
    request_id  text NOT NULL CHECK (length(request_id) <= 255),
    used_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant, client, request_id)
);
CREATE INDEX exchange_request_at ON exchange_request (tenant, used_at);
ALTER TABLE exchange_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE exchange_request FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON exchange_request
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON exchange_request TO renkei_application;

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
CREATE INDEX exchange_task_free ON exchange_task (tenant, client, priority, accepted_at, number)
    WHERE ended_at IS NULL; -- a client's next ones are found whatever waits behind them
ALTER TABLE exchange_task ENABLE ROW LEVEL SECURITY;
ALTER TABLE exchange_task FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON exchange_task
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON exchange_task TO renkei_application;

-- Files of questions that units dropped (ファイル連携), each accepted whole or not at all. What stood in
-- it is sealed; `digest` is of what is asked: the same again is the same file.
CREATE TABLE exchange_file (
    tenant text NOT NULL,
    client text NOT NULL CHECK (length(client) <= 4096),
    id text NOT NULL CHECK (length(id) BETWEEN 1 AND 80),
    digest bytea NOT NULL CHECK (length(digest) = 32),
    place text NOT NULL CHECK (length(place) <= 2000), -- the folder or bucket its answer goes to
    folder text NOT NULL CHECK (length(folder) <= 200), -- and the folder in it
    content bytea NOT NULL,
    lines integer NOT NULL CHECK (lines > 0),
    accepted_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    answered_at timestamptz,
    PRIMARY KEY (tenant, client, id)
);
CREATE INDEX exchange_file_open ON exchange_file (tenant, place) WHERE answered_at IS NULL;
ALTER TABLE exchange_file ENABLE ROW LEVEL SECURITY;
ALTER TABLE exchange_file FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON exchange_file
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON exchange_file TO renkei_application;

-- Which task each question of a file is, from 1.
CREATE TABLE exchange_file_line (
    tenant text NOT NULL,
    client text NOT NULL,
    file text NOT NULL,
    line integer NOT NULL CHECK (line > 0),
    number uuid NOT NULL,
    PRIMARY KEY (tenant, client, file, line),
    FOREIGN KEY (tenant, client, file) REFERENCES exchange_file ON DELETE CASCADE,
    FOREIGN KEY (tenant, number) REFERENCES exchange_task
);
CREATE INDEX exchange_file_line_task ON exchange_file_line (tenant, number);
ALTER TABLE exchange_file_line ENABLE ROW LEVEL SECURITY;
ALTER TABLE exchange_file_line FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON exchange_file_line
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON exchange_file_line TO renkei_application;

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
