-- The registrar's persons. A row joins a number to the pid that every linkage code comes from;
-- both are sealed, and found only by a keyed index whose key is not in the database.
CREATE TABLE identity_person (
    tenant         text NOT NULL,
    number_index   bytea NOT NULL CHECK (length(number_index) = 32),
    number_sealed  bytea NOT NULL,
    pid_sealed     bytea NOT NULL,
    enrolled_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant, number_index)
);
ALTER TABLE identity_person ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_person FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON identity_person
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON identity_person TO renkei_application;
GRANT UPDATE (number_index, number_sealed, pid_sealed) ON identity_person TO renkei_application;

-- One organisation's linkage codes (符号): its own number for a person, the display form to find
-- it by, and the nym, sealed. Two key versions may stand side by side while one is replaced.
CREATE TABLE identity_code (
    tenant      text NOT NULL,
    person      text NOT NULL,
    kv          integer NOT NULL CHECK (kv > 0),
    code        text NOT NULL CHECK (length(code) = 33),
    nym_sealed  bytea NOT NULL,
    PRIMARY KEY (tenant, person, kv),
    UNIQUE (tenant, code)
);
ALTER TABLE identity_code ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_code FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON identity_code
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON identity_code TO renkei_application;

-- The log operator's handles: a hash of everyone's nym in the log's domain, and when it was closed
-- (a death, or another pid in its place); nothing else.
CREATE TABLE identity_handle (
    tenant     text NOT NULL,
    handle     bytea NOT NULL CHECK (length(handle) = 32),
    closed_at  timestamptz,
    PRIMARY KEY (tenant, handle)
);
ALTER TABLE identity_handle ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_handle FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON identity_handle
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON identity_handle TO renkei_application;
GRANT UPDATE (closed_at) ON identity_handle TO renkei_application;
