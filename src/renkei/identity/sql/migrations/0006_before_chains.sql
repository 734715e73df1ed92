-- Chains of persons in the access log get secrets of their own, so that no rotation loses one.
-- Who was asked about here and has no number here: their code, of the newest version alone. It goes
-- when a person of the house is given this code.
CREATE TABLE identity_stranger (
    tenant      text NOT NULL,
    stranger    uuid NOT NULL,
    kv          integer NOT NULL CHECK (kv > 0),
    code        text NOT NULL CHECK (length(code) = 33),
    nym_sealed  bytea NOT NULL,
    PRIMARY KEY (tenant, stranger),
    UNIQUE (tenant, code)
);
ALTER TABLE identity_stranger ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_stranger FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON identity_stranger
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON identity_stranger TO renkei_application;

-- The access log's chains of persons (RK-45): a secret each, which the labels of every year follow
-- from, and whose it is: a person's of the house by its own number, or a stranger's. A person has as
-- many as there were beginnings; those without an end are entered into, all are shown. What was in use
-- before chains had secrets of their own is the nym of that time, sealed as the code it was.
CREATE TABLE identity_chain (
    tenant         text NOT NULL,
    chain          uuid NOT NULL,
    person         text,
    stranger       uuid,
    secret_sealed  bytea NOT NULL,
    code_person    text,
    code_kv        integer,
    ended          boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant, chain),
    FOREIGN KEY (tenant, stranger) REFERENCES identity_stranger (tenant, stranger),
    CHECK ((person IS NULL) <> (stranger IS NULL)),
    CHECK ((code_person IS NULL) = (code_kv IS NULL))
);
ALTER TABLE identity_chain ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_chain FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON identity_chain
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON identity_chain TO renkei_application;
GRANT UPDATE (person, stranger, ended) ON identity_chain TO renkei_application;
CREATE INDEX identity_chain_person ON identity_chain (tenant, person) WHERE person IS NOT NULL;
CREATE INDEX identity_chain_stranger ON identity_chain (tenant, stranger)
    WHERE stranger IS NOT NULL;

-- Whose code is kept as another person's of the house: by the registrar one human under two numbers.
CREATE TABLE identity_shared (
    tenant   text NOT NULL,
    person   text NOT NULL,
    kept_as  text NOT NULL,
    PRIMARY KEY (tenant, person),
    CHECK (person <> kept_as)
);
ALTER TABLE identity_shared ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_shared FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON identity_shared
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON identity_shared TO renkei_application;
CREATE INDEX identity_shared_kept_as ON identity_shared (tenant, kept_as);

-- Rotations whose old version is not forgotten yet: the factor, sealed, so that a question that still
-- comes by the old version finds whom it is about. It goes with the codes of the old version.
CREATE TABLE identity_rotation (
    tenant         text NOT NULL,
    before         integer NOT NULL CHECK (before > 0),
    after          integer NOT NULL,
    factor_sealed  bytea NOT NULL,
    PRIMARY KEY (tenant, before),
    CHECK (after > before)
);
ALTER TABLE identity_rotation ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_rotation FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON identity_rotation
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON identity_rotation TO renkei_application;

-- Every code that is kept has entries under the labels of its nym: its nym becomes the secret of a chain
-- of the person. The migrator is the owner: for this statement the rows of all tenants are to be seen.
ALTER TABLE identity_code NO FORCE ROW LEVEL SECURITY;
ALTER TABLE identity_chain NO FORCE ROW LEVEL SECURITY;
INSERT INTO identity_chain (tenant, chain, person, secret_sealed, code_person, code_kv)
SELECT tenant, gen_random_uuid(), person, nym_sealed, person, kv FROM identity_code;
ALTER TABLE identity_chain FORCE ROW LEVEL SECURITY;
ALTER TABLE identity_code FORCE ROW LEVEL SECURITY;
