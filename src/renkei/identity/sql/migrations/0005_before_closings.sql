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
