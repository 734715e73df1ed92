-- Letters between bodies: fates of their own, the numbers bodies share, and the letters themselves.
ALTER TABLE process_inbox DROP CONSTRAINT process_inbox_fate_check;
ALTER TABLE process_inbox ADD CONSTRAINT process_inbox_fate_check
    CHECK (fate IN ('waiting', 'held', 'delivered', 'started', 'expired', 'refused', 'late',
                    'annulled', 'settled'));
ALTER TABLE process_inbox DROP CONSTRAINT process_inbox_check;
ALTER TABLE process_inbox ADD CONSTRAINT process_inbox_check
    CHECK ((fate IN ('waiting', 'held')) = (decided_at IS NULL));
CREATE INDEX process_inbox_dead ON process_inbox (tenant, sender, message_id)
    WHERE fate IN ('late', 'expired', 'refused');

-- Procedures across bodies (団体間の手続): what a number that we share with a partner means here. The
-- subject is our own number for the person; no letter says it. `collaboration` is the public process,
-- and the roles are known from the first letter on.
CREATE TABLE process_procedure (
    tenant text NOT NULL,
    partner text NOT NULL,
    id text NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
    collaboration text CHECK (collaboration ~ '^[0-9a-f]{64}$'),
    role text NOT NULL, -- which participant we are; empty until the first letter
    partner_role text NOT NULL,
    subject text NOT NULL, -- empty: about nobody
    procedure text NOT NULL, -- 事務手続コード
    question text NOT NULL, -- the service that was asked for, such as 06/income; empty: about nobody
    is_asker boolean NOT NULL, -- whether we asked
    items text[] NOT NULL, -- that were asked for
    year integer,
    consent text NOT NULL,
    relation text NOT NULL,
    case_id uuid, -- of ours
    opened_at timestamptz NOT NULL,
    until timestamptz NOT NULL, -- then the row goes
    PRIMARY KEY (tenant, partner, id)
);
CREATE INDEX process_procedure_of ON process_procedure (tenant, case_id) WHERE case_id IS NOT NULL;
CREATE INDEX process_procedure_until ON process_procedure (tenant, until);
ALTER TABLE process_procedure ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_procedure FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON process_procedure
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON process_procedure TO renkei_application;

-- Letters to and from partners (往復簿). Of one that came `process_inbox` knows what became of it; one that
-- leaves stands here as it was written, so that it is the same each time it is sent.
CREATE TABLE process_letter (
    tenant text NOT NULL,
    partner text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('in', 'out')),
    id text NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
    name text NOT NULL,
    collaboration text NOT NULL,
    procedure_id text NOT NULL,
    case_id uuid, -- from which it leaves
    element text NOT NULL,
    counters text NOT NULL, -- the letter it takes back, or empty
    digest bytea NOT NULL CHECK (length(digest) = 32), -- of its bytes
    body bytea, -- of one that leaves, until the partner answered
    at timestamptz NOT NULL, -- written, or received
    reply_by timestamptz,
    expires_at timestamptz NOT NULL,
    answer text NOT NULL CHECK (answer IN ('', 'taken', 'refused')), -- to it; empty: none yet
    reason text NOT NULL, -- of a refusal
    told text NOT NULL, -- of one that left: the fate the partner last told
    told_at timestamptz,
    settled_by text, -- a member of staff, of one that reached no case
    settled_why text,
    PRIMARY KEY (tenant, partner, direction, id)
);
CREATE INDEX process_letter_of ON process_letter (tenant, case_id) WHERE case_id IS NOT NULL;
CREATE INDEX process_letter_procedure ON process_letter (tenant, partner, procedure_id);
CREATE INDEX process_letter_at ON process_letter (tenant, at);
CREATE INDEX process_letter_open ON process_letter (tenant, told_at)
    WHERE direction = 'out' AND told IN ('waiting', 'held');
ALTER TABLE process_letter ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_letter FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON process_letter
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON process_letter TO renkei_application;
