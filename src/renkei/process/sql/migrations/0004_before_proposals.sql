-- Changes of a case that one person proposes and another confirms (二人での変更): other values, a token
-- elsewhere, the end. Each is for the case as it stood at `seq`; what has gone on since is not changed.
CREATE TABLE process_proposal (
    tenant text NOT NULL,
    id uuid NOT NULL, -- of whoever proposes: the same again is the same proposal
    case_id uuid NOT NULL,
    seq bigint NOT NULL CHECK (seq > 0), -- of the last event that was looked at
    kind text NOT NULL CHECK (kind IN ('change', 'move', 'cancel')),
    place bigint NOT NULL, -- whose values or token; 0 is the case as a whole
    target text NOT NULL, -- of a move: the element to which
    variables jsonb, -- of a change; NULL once it was not done: what was not is not kept
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    proposed_by text NOT NULL CHECK (proposed_by <> ''),
    proposed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    fate text NOT NULL DEFAULT 'open'
        CHECK (fate IN ('open', 'confirmed', 'declined', 'withdrawn', 'expired')),
    decided_by text,
    decided_at timestamptz,
    remarks text CHECK (length(remarks) <= 500), -- why it was declined
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, case_id) REFERENCES process_case,
    CHECK (expires_at > proposed_at),
    CHECK ((fate = 'open') = (decided_at IS NULL) AND (fate = 'open') = (decided_by IS NULL)),
    CHECK (fate NOT IN ('confirmed', 'declined') OR decided_by <> proposed_by) -- four eyes
);
CREATE INDEX process_proposal_of ON process_proposal (tenant, case_id, proposed_at);
CREATE INDEX process_proposal_open ON process_proposal (tenant, expires_at) WHERE fate = 'open';
ALTER TABLE process_proposal ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_proposal FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON process_proposal
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON process_proposal TO renkei_application;
GRANT UPDATE (variables, fate, decided_by, decided_at, remarks) ON process_proposal
    TO renkei_application;

-- What cases are found by (検索用の値): single values they know as a whole, by name or path. Operators of
-- JSON leak by their errors, so that row-level security lets no index answer them; those of text and
-- double precision do not. Rows are written with their case, which is never deleted.
CREATE TABLE process_known (
    tenant text NOT NULL,
    case_id uuid NOT NULL,
    name text NOT NULL,
    said text COLLATE "C" NOT NULL, -- empty: it is there, and has no order
    number double precision, -- of a number
    PRIMARY KEY (tenant, case_id, name)
);
CREATE INDEX process_known_said ON process_known (tenant, name, said, case_id);
CREATE INDEX process_known_number ON process_known (tenant, name, number, case_id)
    WHERE number IS NOT NULL;
ALTER TABLE process_known ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_known FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON process_known
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON process_known TO renkei_application;

-- Cases are listed by when they began, and found by where they wait.
CREATE INDEX process_case_started ON process_case (tenant, started_at, id);
CREATE INDEX process_wait_at ON process_wait (tenant, element, case_id);
DROP INDEX process_case_variables;

-- Who withdrew a definition, and why.
ALTER TABLE process_definition ADD COLUMN withdrawn_by text, ADD COLUMN withdrawn_why text;
GRANT UPDATE (withdrawn_by, withdrawn_why) ON process_definition TO renkei_application;
