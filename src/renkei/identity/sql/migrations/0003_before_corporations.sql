-- The public register of corporate numbers (法人番号): what stands now. What is folded is for
-- searching alone, and so are the pairs of letters of it.
CREATE TABLE identity_corporation (
    tenant          text NOT NULL,
    number          text NOT NULL CHECK (number ~ '^[1-9][0-9]{12}$'),
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 150),
    kana            text NOT NULL,
    postal_code     text NOT NULL,
    address         text NOT NULL CHECK (length(address) BETWEEN 1 AND 300),
    assigned_on     date NOT NULL,
    changed_on      date NOT NULL,
    closed_on       date,
    closed_for      text CHECK (closed_for IN ('liquidated', 'merged', 'by-registrar', 'other')),
    successor       text,
    synthetic       boolean NOT NULL,
    name_folded     text NOT NULL,
    kana_folded     text NOT NULL,
    address_folded  text NOT NULL,
    PRIMARY KEY (tenant, number),
    FOREIGN KEY (tenant, successor) REFERENCES identity_corporation (tenant, number),
    CHECK ((closed_on IS NULL) = (closed_for IS NULL)),
    CHECK ((successor IS NOT NULL) = (closed_for IS NOT NULL AND closed_for = 'merged')),
    CHECK (successor <> number),
    CHECK (assigned_on <= changed_on)
);
ALTER TABLE identity_corporation ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_corporation FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON identity_corporation
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON identity_corporation TO renkei_application;
GRANT UPDATE (name, kana, postal_code, address, changed_on, closed_on, closed_for, successor,
              name_folded, kana_folded, address_folded)
    ON identity_corporation TO renkei_application;
CREATE INDEX identity_corporation_name ON identity_corporation (tenant, name_folded COLLATE "C");
CREATE INDEX identity_corporation_kana ON identity_corporation (tenant, kana_folded COLLATE "C");
CREATE INDEX identity_corporation_address ON identity_corporation
    (tenant, address_folded COLLATE "C");

-- Every two neighbouring letters of a folded name or reading. Under row security an index serves
-- equality and order alone (no LIKE, no GIN), so a part of a name is found by the rarest of its pairs.
CREATE TABLE identity_corporate_pair (
    tenant  text NOT NULL,
    pair    text NOT NULL COLLATE "C",
    number  text NOT NULL,
    PRIMARY KEY (tenant, pair, number),
    FOREIGN KEY (tenant, number) REFERENCES identity_corporation (tenant, number)
);
ALTER TABLE identity_corporate_pair ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_corporate_pair FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON identity_corporate_pair
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON identity_corporate_pair TO renkei_application;

-- Everything that happened to a corporate number, in order, with what stood from then on.
CREATE TABLE identity_corporate_event (
    tenant       text NOT NULL,
    number       text NOT NULL,
    seq          integer NOT NULL CHECK (seq > 0),
    kind         text NOT NULL CHECK (kind IN ('assigned', 'changed', 'closed', 'merged',
                                               'reopened')),
    happened_on  date NOT NULL,
    name         text NOT NULL,
    kana         text NOT NULL,
    postal_code  text NOT NULL,
    address      text NOT NULL,
    closed_for   text,
    successor    text,
    request      text NOT NULL CHECK (length(request) BETWEEN 1 AND 200),
    asked        bytea NOT NULL CHECK (length(asked) = 32),
    at           timestamptz NOT NULL,
    PRIMARY KEY (tenant, number, seq),
    UNIQUE (tenant, request),
    FOREIGN KEY (tenant, number) REFERENCES identity_corporation (tenant, number)
);
ALTER TABLE identity_corporate_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_corporate_event FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON identity_corporate_event
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON identity_corporate_event TO renkei_application;
