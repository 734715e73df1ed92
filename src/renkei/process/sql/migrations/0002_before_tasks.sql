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

-- Tasks that are open already get their rows, without the due days that only their models know.
ALTER TABLE process_wait NO FORCE ROW LEVEL SECURITY;
ALTER TABLE process_case NO FORCE ROW LEVEL SECURITY;
ALTER TABLE process_task NO FORCE ROW LEVEL SECURITY;
ALTER TABLE process_offer NO FORCE ROW LEVEL SECURITY;
INSERT INTO process_task (tenant, case_id, key, process, title, assignee, opened_on)
SELECT wait.tenant, wait.case_id, wait.key, held.process, coalesce(wait.about ->> 'title', wait.element),
       'staff:' || (wait.about ->> 'assignee'), (wait.opened_at AT TIME ZONE 'Asia/Tokyo')::date
  FROM process_wait AS wait
  JOIN process_case AS held ON held.tenant = wait.tenant AND held.id = wait.case_id
 WHERE wait.kind = 'task';
INSERT INTO process_offer (tenant, case_id, key, name, process, may_do, awaits, turn, due)
SELECT DISTINCT task.tenant, task.case_id, task.key, said.name, task.process, true,
       CASE WHEN task.assignee IS NULL THEN 'doing' ELSE 'nothing' END, task.turn, task.due
  FROM process_task AS task
  JOIN process_wait AS wait ON wait.tenant = task.tenant AND wait.case_id = task.case_id
                           AND wait.key = task.key
  CROSS JOIN LATERAL (
        SELECT 'group ' || trim(one) AS name
          FROM unnest(string_to_array(wait.about ->> 'groups', ',')) AS one WHERE trim(one) <> ''
        UNION
        SELECT 'staff:' || trim(one)
          FROM unnest(string_to_array(wait.about ->> 'users', ',')) AS one WHERE trim(one) <> ''
        UNION
        SELECT '*' WHERE coalesce(wait.about ->> 'groups', wait.about ->> 'users',
                                  wait.about ->> 'assignee') IS NULL) AS said;
ALTER TABLE process_offer FORCE ROW LEVEL SECURITY;
ALTER TABLE process_task FORCE ROW LEVEL SECURITY;
ALTER TABLE process_case FORCE ROW LEVEL SECURITY;
ALTER TABLE process_wait FORCE ROW LEVEL SECURITY;
