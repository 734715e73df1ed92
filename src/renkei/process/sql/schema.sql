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
    note text NOT NULL, -- the facts above but name, file and model, signed by the organisation's key
    withdrawn_at timestamptz, -- no case begins by it from then on; those that run go on
    withdrawn_by text,
    withdrawn_why text,
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
GRANT UPDATE (valid_until, withdrawn_at, withdrawn_by, withdrawn_why) ON process_definition
    TO renkei_application;

-- Cases (案件): where each stands now. Its past is in the events. Who writes one has read the definition,
-- and no definition is ever deleted: a foreign key would look it up once more for each case.
CREATE TABLE process_case (
    tenant text NOT NULL,
    id uuid NOT NULL,
    definition text NOT NULL,
    process text NOT NULL,
    business_key text NOT NULL, -- by which people know it, such as a number of receipt; may be empty
    applied_on date NOT NULL, -- by which its version was chosen
    status text NOT NULL CHECK (status IN ('running', 'completed', 'cancelled')),
    state bytea NOT NULL, -- live places and what they wait for, MessagePack
    variables jsonb NOT NULL, -- of the outermost scope; searched by what process_known has of them
    seq bigint NOT NULL CHECK (seq >= 0), -- of the last event
    head bytea NOT NULL CHECK (length(head) = 32), -- its hash
    before_move bytea, -- where it stood before it was moved to another definition, until its next step
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (tenant, id),
    CHECK ((status = 'running') = (ended_at IS NULL))
) WITH (fillfactor = 60); -- a step finds room beside the row, and changes no index
CREATE INDEX process_case_of ON process_case (tenant, process, status, started_at);
CREATE INDEX process_case_by ON process_case (tenant, definition, id) WHERE status = 'running';
CREATE INDEX process_case_key ON process_case (tenant, business_key) WHERE business_key <> '';
ALTER TABLE process_case ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_case FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON process_case
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE ON process_case TO renkei_application;

-- What happened in each case (経過), in order, for ever: a row for each command, as a row costs more
-- than an event in it. `hash` is of each event and of the hash before it, up to the last one here, so
-- that none can be taken out or changed alone. Its key keeps a second writer out.
CREATE TABLE process_history (
    tenant text NOT NULL,
    case_id uuid NOT NULL,
    first bigint NOT NULL CHECK (first > 0), -- the number of its first event; the others follow
    events jsonb NOT NULL, -- kind, element, place, data of each
    actor text NOT NULL, -- who gave the command: a member of staff, a unit, a body, `clock`
    basis text NOT NULL, -- why they may, where that is asked: a provision, a right
    at timestamptz NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (tenant, case_id, first)
);
ALTER TABLE process_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_history FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON process_history
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON process_history TO renkei_application;

-- The same, event by event.
CREATE VIEW process_event WITH (security_invoker = true) AS
SELECT tenant, case_id, first + n - 1 AS seq, kind, element, place, data, actor, basis, at
  FROM process_history
 CROSS JOIN LATERAL (
       SELECT n, each ->> 0 AS kind, each ->> 1 AS element, (each ->> 2)::bigint AS place,
              each -> 3 AS data
         FROM jsonb_array_elements(events) WITH ORDINALITY AS event (each, n)
       OFFSET 0) AS event; -- so that a part of it is read once, however often it is asked for
GRANT SELECT ON process_event TO renkei_application;

-- What cases wait for: tasks of people, jobs, timers, messages, signals, choices, incidents. A row is
-- there as long as the case waits. Work outside of a transaction takes a lease; `fence` grows with
-- each, so that who lost one cannot bring what it was for. Rows are written by the statement that
-- writes their case, and joined to it there: a foreign key's check a row was a third of the server's
-- time for a step, and no case is ever deleted.
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

-- Days the office is closed (閉庁日) besides Saturdays and Sundays: the town's own rule.
CREATE TABLE process_closed_day (
    tenant text NOT NULL,
    day date NOT NULL,
    name text NOT NULL CHECK (length(name) <= 100),
    PRIMARY KEY (tenant, day)
);
ALTER TABLE process_closed_day ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_closed_day FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON process_closed_day
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON process_closed_day TO renkei_application;

-- Until when cases are to be done (標準処理期間), where their model says so, and when the clock stood
-- still: from each day of the first list, which still counts, to that of the second, which does not.
CREATE TABLE process_deadline (
    tenant text NOT NULL,
    case_id uuid NOT NULL,
    period integer NOT NULL CHECK (period > 0), -- working days
    since date NOT NULL, -- the day of the application, not counted itself
    stopped date[] NOT NULL DEFAULT '{}',
    resumed date[] NOT NULL DEFAULT '{}',
    due date, -- NULL while the clock stands still
    PRIMARY KEY (tenant, case_id),
    FOREIGN KEY (tenant, case_id) REFERENCES process_case,
    CHECK (cardinality(stopped) - cardinality(resumed) IN (0, 1))
);
ALTER TABLE process_deadline ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_deadline FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON process_deadline
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE ON process_deadline TO renkei_application;

-- Tasks of people: a row as long as the wait it is of is open; what was, is in the events. Who writes it
-- holds its case, so that it needs no foreign key either. `turn` is by which tasks come first: 100 less
-- the priority. `entered` is what the first of two persons gave, under four eyes; sent back, it stays as
-- what they gave last.
CREATE TABLE process_task (
    tenant text NOT NULL,
    case_id uuid NOT NULL,
    key bigint NOT NULL,
    process text NOT NULL,
    title text NOT NULL,
    assignee text,
    claimed_at timestamptz,
    opened_on date NOT NULL,
    own_due date, -- of the task itself; `due` is this or the day of the case, whichever is earlier
    due_days integer CHECK (due_days >= 0), -- working days, by which `own_due` was found
    due date NOT NULL DEFAULT 'infinity',
    follow_up date,
    turn integer NOT NULL DEFAULT 50 CHECK (turn BETWEEN 0 AND 100),
    is_four_eyes boolean NOT NULL DEFAULT false,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'entered', 'returned')),
    entered_by text,
    entered_at timestamptz,
    entered jsonb,
    salt bytea CHECK (length(salt) = 16), -- of the digests in the events
    ladder jsonb NOT NULL DEFAULT '[]', -- steps, in the order of their days
    step integer NOT NULL DEFAULT 0 CHECK (step >= 0), -- which of them is next
    step_on date NOT NULL DEFAULT 'infinity', -- when
    PRIMARY KEY (tenant, case_id, key),
    CHECK (claimed_at IS NULL OR assignee IS NOT NULL),
    CHECK (state = 'open' OR (is_four_eyes AND entered_by IS NOT NULL AND entered IS NOT NULL
                              AND entered_at IS NOT NULL AND salt IS NOT NULL))
);
CREATE INDEX process_task_mine ON process_task (tenant, assignee, turn, due, case_id, key)
    WHERE assignee IS NOT NULL;
CREATE INDEX process_task_all ON process_task (tenant, turn, due, case_id, key);
CREATE INDEX process_task_of ON process_task (tenant, process, turn, due, case_id, key);
CREATE INDEX process_task_step ON process_task (tenant, step_on) WHERE step_on < 'infinity';
ALTER TABLE process_task ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_task FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON process_task
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON process_task TO renkei_application;

-- To whom a task is offered, a row each: `*` is everybody, `group NAME` a group, `staff:NUMBER` a person.
-- `awaits` repeats what the task waits for from somebody who has not claimed it, so that the list of a
-- group is read from an index in its order.
CREATE TABLE process_offer (
    tenant text NOT NULL,
    case_id uuid NOT NULL,
    key bigint NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 300),
    process text NOT NULL,
    may_do boolean NOT NULL, -- else they were told, and may look
    reminded_on date, -- when a step of the ladder told them
    awaits text NOT NULL CHECK (awaits IN ('doing', 'second look', 'nothing')),
    entered_by text, -- whose second look it is not
    turn integer NOT NULL,
    due date NOT NULL,
    PRIMARY KEY (tenant, case_id, key, name)
);
CREATE INDEX process_offer_next ON process_offer (tenant, name, awaits, turn, due, case_id, key)
    INCLUDE (entered_by) WHERE may_do;
CREATE INDEX process_offer_of ON process_offer (tenant, name, awaits, process, turn, due, case_id, key)
    INCLUDE (entered_by) WHERE may_do;
CREATE INDEX process_offer_told ON process_offer (tenant, name, turn, due, case_id, key)
    WHERE reminded_on IS NOT NULL;
ALTER TABLE process_offer ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_offer FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON process_offer
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON process_offer TO renkei_application;

-- What people wrote about a case, and the files they put with it. The events that tell of them hold a
-- digest over `salt` and the content: a row that is deleted leaves nothing in them to be guessed by.
CREATE TABLE process_comment (
    tenant text NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    element text NOT NULL,
    said text NOT NULL CHECK (length(said) BETWEEN 1 AND 4000),
    salt bytea NOT NULL CHECK (length(salt) = 16),
    said_by text NOT NULL,
    said_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, case_id) REFERENCES process_case
);
CREATE INDEX process_comment_of ON process_comment (tenant, case_id, said_at, id);
ALTER TABLE process_comment ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_comment FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON process_comment
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON process_comment TO renkei_application;

CREATE TABLE process_attachment (
    tenant text NOT NULL,
    id uuid NOT NULL,
    case_id uuid NOT NULL,
    element text NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    media text NOT NULL,
    content bytea NOT NULL,
    salt bytea NOT NULL CHECK (length(salt) = 16),
    attached_by text NOT NULL,
    attached_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, case_id) REFERENCES process_case
);
CREATE INDEX process_attachment_of ON process_attachment (tenant, case_id, attached_at, id);
ALTER TABLE process_attachment ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_attachment FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON process_attachment
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON process_attachment TO renkei_application;
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
