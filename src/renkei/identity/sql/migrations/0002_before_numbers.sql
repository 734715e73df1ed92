-- The life of a number: a row for each number there ever was, in use or closed, never removed and
-- never opened again. The numbers a person had follow one another; one of them is in use at most.
ALTER TABLE identity_person
    ADD person uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD closed_at timestamptz,
    ADD closed_for text CHECK (closed_for IN ('changed', 'merged', 'separated', 'died')),
    ADD CHECK ((closed_at IS NULL) = (closed_for IS NULL));
CREATE UNIQUE INDEX identity_person_in_use ON identity_person (tenant, person)
    WHERE closed_at IS NULL;
CREATE INDEX identity_person_numbers ON identity_person (tenant, person);
CREATE POLICY closed_stays_closed ON identity_person AS RESTRICTIVE FOR UPDATE
    USING (closed_at IS NULL) WITH CHECK (true);
REVOKE UPDATE (number_index, number_sealed, pid_sealed) ON identity_person FROM renkei_application;
GRANT UPDATE (pid_sealed, closed_at, closed_for) ON identity_person TO renkei_application;

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
