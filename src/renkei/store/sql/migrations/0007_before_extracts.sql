-- Extracts: saved queries in versions, and who approved them.
-- Queries saved for extracts (抽出): every version is kept as it was saved, whoever asks for what.
CREATE TABLE store_extract (
    tenant text NOT NULL,
    name text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    query jsonb NOT NULL,
    unit text NOT NULL,
    procedure text NOT NULL,
    purpose text NOT NULL CHECK (purpose <> ''),
    saved_by text NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, name, version),
    UNIQUE (tenant, name, version, saved_by)
);
ALTER TABLE store_extract ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_extract FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_extract
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON store_extract TO renkei_application;

-- Who approved a version, never whoever saved it.
CREATE TABLE store_extract_approval (
    tenant text NOT NULL,
    name text NOT NULL,
    version integer NOT NULL,
    saved_by text NOT NULL,
    approved_by text NOT NULL CHECK (approved_by <> saved_by),
    approved_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, name, version),
    FOREIGN KEY (tenant, name, version, saved_by)
        REFERENCES store_extract (tenant, name, version, saved_by)
);
ALTER TABLE store_extract_approval ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_extract_approval FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_extract_approval
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON store_extract_approval TO renkei_application;
