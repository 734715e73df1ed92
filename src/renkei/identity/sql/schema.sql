-- The registrar's numbers, each there ever was: in use or closed, never removed, never opened again.
-- A row joins a number to the pid that every linkage code comes from; both are sealed, and found only
-- by a keyed index whose key is not in the database. The numbers a person had follow one another; one
-- of them is in use at most.
CREATE TABLE identity_person (
    tenant         text NOT NULL,
    number_index   bytea NOT NULL CHECK (length(number_index) = 32),
    number_sealed  bytea NOT NULL,
    pid_sealed     bytea NOT NULL,
    enrolled_at    timestamptz NOT NULL,
    person         uuid NOT NULL DEFAULT gen_random_uuid(),
    closed_at      timestamptz,
    closed_for     text CHECK (closed_for IN ('changed', 'merged', 'separated', 'died')),
    PRIMARY KEY (tenant, number_index),
    CHECK ((closed_at IS NULL) = (closed_for IS NULL))
);
ALTER TABLE identity_person ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_person FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON identity_person
    USING (tenant = current_setting('renkei.tenant', true));
CREATE POLICY closed_stays_closed ON identity_person AS RESTRICTIVE FOR UPDATE
    USING (closed_at IS NULL) WITH CHECK (true);
GRANT SELECT, INSERT ON identity_person TO renkei_application;
GRANT UPDATE (pid_sealed, closed_at, closed_for) ON identity_person TO renkei_application;
CREATE UNIQUE INDEX identity_person_in_use ON identity_person (tenant, person)
    WHERE closed_at IS NULL;
CREATE INDEX identity_person_numbers ON identity_person (tenant, person);

-- By what a person was told apart when a number was issued (住民票コード or the like), as a keyed
-- hash: whoever asks again for the same person gets no second number.
CREATE TABLE identity_basis (
    tenant       text NOT NULL,
    basis_index  bytea NOT NULL CHECK (length(basis_index) = 32),
    person       uuid NOT NULL,
    PRIMARY KEY (tenant, basis_index)
);
ALTER TABLE identity_basis ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_basis FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON identity_basis
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE (person) ON identity_basis TO renkei_application;
CREATE INDEX identity_basis_person ON identity_basis (tenant, person);

-- Every step in the life of a number, by the request that ordered it: the same request again finds
-- its answer here. Numbers stand as their keyed hashes, as does what was asked.
CREATE TABLE identity_step (
    tenant        text NOT NULL,
    request       text NOT NULL CHECK (length(request) BETWEEN 1 AND 200),
    kind          text NOT NULL CHECK (kind IN
                      ('issued', 'changed', 'reissued', 'merged', 'separated', 'died')),
    asked         bytea NOT NULL CHECK (length(asked) = 32),
    person        uuid NOT NULL,
    other         uuid, -- who was merged into the person, or separated from them
    before_index  bytea,
    after_index   bytea,
    other_index   bytea, -- number of the other
    ordered_by    text NOT NULL,
    taken_by      text NOT NULL,
    reason        text NOT NULL,
    at            timestamptz NOT NULL,
    PRIMARY KEY (tenant, request)
);
ALTER TABLE identity_step ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_step FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON identity_step
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON identity_step TO renkei_application;
CREATE INDEX identity_step_person ON identity_step (tenant, person);
CREATE INDEX identity_step_other ON identity_step (tenant, other) WHERE other IS NOT NULL;

-- Which organisation was issued a code for whom: it must be told when the person's pid is another.
CREATE TABLE identity_holder (
    tenant        text NOT NULL,
    person        uuid NOT NULL,
    organisation  text NOT NULL,
    PRIMARY KEY (tenant, person, organisation)
);
ALTER TABLE identity_holder ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_holder FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON identity_holder
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON identity_holder TO renkei_application;

-- What an organisation has yet to be told: that the codes of one pid are now those of another, or
-- of nobody. A row goes when the organisation says that it has it.
CREATE TABLE identity_succession (
    tenant        text NOT NULL,
    organisation  text NOT NULL,
    position      bigint GENERATED ALWAYS AS IDENTITY,
    request       text NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('reissued', 'merged', 'separated', 'died')),
    old_sealed    bytea NOT NULL,
    new_sealed    bytea,
    CHECK ((new_sealed IS NULL) = (kind IN ('separated', 'died'))),
    PRIMARY KEY (tenant, organisation, position)
);
ALTER TABLE identity_succession ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_succession FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON identity_succession
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON identity_succession TO renkei_application;

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
GRANT UPDATE (closed_at) ON identity_handle TO renkei_application;

-- What the log operator has yet to be told: whose handle is closed, and who comes in their place.
-- A row goes when the operator has it.
CREATE TABLE identity_closing (
    tenant      text NOT NULL,
    position    bigint GENERATED ALWAYS AS IDENTITY,
    request     text NOT NULL,
    ordered_at  timestamptz NOT NULL,
    old_sealed  bytea NOT NULL,
    new_sealed  bytea,
    PRIMARY KEY (tenant, position)
);
ALTER TABLE identity_closing ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_closing FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON identity_closing
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON identity_closing TO renkei_application;

-- Which organisation succeeds which (合併), as a members list said: whoever succeeds is told what
-- its predecessor would be, also when neither stands in the list any more.
CREATE TABLE identity_heir (
    tenant       text NOT NULL,
    predecessor  text NOT NULL,
    successor    text NOT NULL CHECK (successor <> predecessor),
    PRIMARY KEY (tenant, predecessor, successor)
);
ALTER TABLE identity_heir ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_heir FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON identity_heir
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON identity_heir TO renkei_application;

-- When an organisation last took over all that became of its codes at the registrar.
CREATE TABLE identity_follow_up (
    tenant  text NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (tenant)
);
ALTER TABLE identity_follow_up ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity_follow_up FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON identity_follow_up
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE (at) ON identity_follow_up TO renkei_application;
