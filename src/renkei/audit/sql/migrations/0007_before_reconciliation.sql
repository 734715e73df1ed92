-- What a day's comparison with the other parties and the log operator found: who lacks what of which
-- exchange (JSON), and who could not be asked. A later comparison of the same day takes its place.
CREATE TABLE audit_reconciliation (
    tenant     text NOT NULL,
    day        date NOT NULL,
    at         timestamptz NOT NULL,
    compared   bigint NOT NULL CHECK (compared >= 0),
    unreached  text[] NOT NULL,
    lacks      text NOT NULL,
    PRIMARY KEY (tenant, day)
);

ALTER TABLE audit_reconciliation ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_reconciliation FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_reconciliation USING (tenant = current_setting('renkei.tenant', true));

GRANT SELECT, INSERT, UPDATE ON audit_reconciliation TO renkei_application;
