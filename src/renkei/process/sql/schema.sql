-- Models as they run (定義), never changed. A process has versions; which one a new case takes, its
-- day says (施行日・申請日). A case keeps the one it began by until it is moved.
CREATE TABLE process_definition (
    tenant text NOT NULL,
    hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'), -- of the model's content
    process text NOT NULL CHECK (length(process) BETWEEN 1 AND 255), -- by which cases and calls name it
    version integer NOT NULL CHECK (version > 0),
    valid_from date NOT NULL,
    valid_until date, -- the first day it is not in force any more
    name text NOT NULL,
    file text NOT NULL,
    model bytea NOT NULL,
    deployed_at timestamptz NOT NULL,
    deployed_by text NOT NULL,
    withdrawn_at timestamptz, -- no case begins by it from then on; those that run go on
    PRIMARY KEY (tenant, hash),
    UNIQUE (tenant, process, version),
    CHECK (valid_until > valid_from)
);
CREATE INDEX process_definition_on ON process_definition (tenant, process, valid_from);
ALTER TABLE process_definition ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_definition FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON process_definition
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON process_definition TO renkei_application;
GRANT UPDATE (valid_until, withdrawn_at) ON process_definition TO renkei_application;

-- Cases (案件): where each stands now. Its past is in the events.
CREATE TABLE process_case (
    tenant text NOT NULL,
    id uuid NOT NULL,
    definition text NOT NULL,
    process text NOT NULL,
    business_key text NOT NULL, -- by which people know it, such as a number of receipt; may be empty
    applied_on date NOT NULL, -- by which its version was chosen
    status text NOT NULL CHECK (status IN ('running', 'completed', 'cancelled')),
    state bytea NOT NULL, -- live places and what they wait for, MessagePack
    variables jsonb NOT NULL, -- of the outermost scope, to be searched by
    seq bigint NOT NULL CHECK (seq >= 0), -- of the last event
    head bytea NOT NULL CHECK (length(head) = 32), -- its hash
    before_move bytea, -- where it stood before it was moved to another definition, until its next step
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, definition) REFERENCES process_definition,
    CHECK ((status = 'running') = (ended_at IS NULL))
) WITH (fillfactor = 60); -- a step finds room beside the row, and changes no index
CREATE INDEX process_case_of ON process_case (tenant, process, status, started_at);
CREATE INDEX process_case_by ON process_case (tenant, definition, id) WHERE status = 'running';
CREATE INDEX process_case_key ON process_case (tenant, business_key) WHERE business_key <> '';
CREATE INDEX process_case_variables ON process_case USING gin (variables jsonb_path_ops);
ALTER TABLE process_case ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_case FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON process_case
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE ON process_case TO renkei_application;

-- What happened in each case, in order, for ever. `hash` is of the event and of the hash before it,
-- so that none can be taken out or changed alone. Its key keeps a second writer out.
CREATE TABLE process_event (
    tenant text NOT NULL,
    case_id uuid NOT NULL,
    seq bigint NOT NULL CHECK (seq > 0),
    kind text NOT NULL,
    element text NOT NULL,
    place bigint NOT NULL,
    data jsonb, -- NULL where there is none
    actor text NOT NULL, -- who gave the command: a member of staff, a unit, a body, `clock`
    basis text NOT NULL, -- why they may, where that is asked: a provision, a right
    at timestamptz NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (tenant, case_id, seq)
);
CREATE INDEX process_event_at ON process_event (tenant, at);
ALTER TABLE process_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_event FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON process_event
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON process_event TO renkei_application;

-- What cases wait for: tasks of people, jobs, timers, messages, signals, choices, incidents. A row is
-- there as long as the case waits. Work outside of a transaction takes a lease; `fence` grows with
-- each, so that who lost one cannot bring what it was for.
CREATE TABLE process_wait (
    tenant text NOT NULL,
    case_id uuid NOT NULL,
    key bigint NOT NULL,
    kind text NOT NULL,
    element text NOT NULL,
    name text NOT NULL,
    correlation text NOT NULL,
    due timestamptz,
    about jsonb NOT NULL,
    opened_at timestamptz NOT NULL,
    not_before timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    fence bigint NOT NULL DEFAULT 0,
    leased_until timestamptz,
    trouble text, -- what went wrong at the last try
    PRIMARY KEY (tenant, case_id, key),
    FOREIGN KEY (tenant, case_id) REFERENCES process_case,
    CHECK ((kind = 'timer') = (due IS NOT NULL))
);
CREATE INDEX process_wait_due ON process_wait (tenant, due, case_id, key) WHERE kind = 'timer';
CREATE INDEX process_wait_job ON process_wait (tenant, name, not_before) WHERE kind = 'job';
CREATE INDEX process_wait_named ON process_wait (tenant, kind, name, correlation)
    WHERE kind IN ('message', 'signal');
CREATE INDEX process_wait_looked ON process_wait (tenant, kind, opened_at)
    WHERE kind IN ('task', 'choice', 'incident');
ALTER TABLE process_wait ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_wait FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON process_wait
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON process_wait TO renkei_application;

-- Commands that were given a key: the same key again is the same command, and has no second effect.
CREATE TABLE process_command (
    tenant text NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    case_id uuid NOT NULL,
    digest bytea NOT NULL CHECK (length(digest) = 32), -- of the command: another one under the key is refused
    seq bigint NOT NULL, -- of the last event it brought about
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant, key)
);
CREATE INDEX process_command_at ON process_command (tenant, at);
ALTER TABLE process_command ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_command FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON process_command
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON process_command TO renkei_application;

-- Messages and signals that came (受信箱). Each is known by its sender and id as long as it is kept, so
-- that a second copy has no second effect; what nobody waits for yet is kept until it expires.
CREATE TABLE process_inbox (
    tenant text NOT NULL,
    sender text NOT NULL,
    message_id text NOT NULL CHECK (length(message_id) BETWEEN 1 AND 255),
    kind text NOT NULL CHECK (kind IN ('message', 'signal')),
    name text NOT NULL,
    correlation text NOT NULL,
    variables jsonb NOT NULL,
    received_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    fate text NOT NULL DEFAULT 'waiting'
        CHECK (fate IN ('waiting', 'held', 'delivered', 'started', 'expired', 'refused', 'late',
                        'annulled', 'settled')),
    case_id uuid, -- to which it went
    decided_at timestamptz,
    trouble text,
    PRIMARY KEY (tenant, sender, message_id),
    CHECK ((fate IN ('waiting', 'held')) = (decided_at IS NULL))
);
CREATE INDEX process_inbox_waiting ON process_inbox (tenant, name, correlation, received_at)
    WHERE fate = 'waiting';
CREATE INDEX process_inbox_expiring ON process_inbox (tenant, expires_at) WHERE fate = 'waiting';
CREATE INDEX process_inbox_dead ON process_inbox (tenant, sender, message_id)
    WHERE fate IN ('late', 'expired', 'refused');
ALTER TABLE process_inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_inbox FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON process_inbox
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON process_inbox TO renkei_application;

-- What leaves cases (送信箱): written with the events that say so, sent afterwards, at least once. `key` is
-- the same each time, and the receiver takes a key once.
CREATE TABLE process_outbox (
    tenant text NOT NULL,
    key text NOT NULL,
    case_id uuid NOT NULL,
    element text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('message', 'signal')),
    name text NOT NULL,
    correlation text NOT NULL,
    variables jsonb NOT NULL,
    at timestamptz NOT NULL,
    not_before timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    fence bigint NOT NULL DEFAULT 0,
    leased_until timestamptz,
    trouble text,
    PRIMARY KEY (tenant, key)
);
CREATE INDEX process_outbox_next ON process_outbox (tenant, not_before, at);
ALTER TABLE process_outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON process_outbox
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON process_outbox TO renkei_application;

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
