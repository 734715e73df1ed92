-- What witnesses cosigned last.
-- What each witness cosigned last of a log of ours: the size, and its line. One that names a smaller
-- size than stands here was set back.
CREATE TABLE audit_cosignature (
    tenant   text NOT NULL,
    origin   text NOT NULL,
    witness  text NOT NULL,
    size     bigint NOT NULL CHECK (size >= 0),
    line     text NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (tenant, origin, witness)
);

ALTER TABLE audit_cosignature ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_cosignature FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_cosignature USING (tenant = current_setting('renkei.tenant', true));

GRANT SELECT, INSERT, UPDATE ON audit_cosignature TO renkei_application;
