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

-- Files bring many questions of one client: its next ones are found whatever waits behind them.
DROP INDEX exchange_task_free;
CREATE INDEX exchange_task_free ON exchange_task (tenant, client, priority, accepted_at, number)
    WHERE ended_at IS NULL;
