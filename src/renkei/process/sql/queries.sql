-- name: keep_definition
INSERT INTO process_definition (tenant, hash, process, version, valid_from, valid_until, name, file,
                                model, deployed_at, deployed_by, note)
VALUES (%(tenant)s, %(hash)s, %(process)s, %(version)s, %(valid_from)s, %(valid_until)s, %(name)s,
        %(file)s, %(model)s, %(at)s, %(by)s, %(note)s)
    ON CONFLICT (tenant, hash) DO NOTHING;

-- name: next_version
SELECT coalesce(max(version), 0) + 1 FROM process_definition
 WHERE tenant = %(tenant)s AND process = %(process)s;

-- name: lock_definitions
SELECT pg_advisory_xact_lock(hashtextextended('process_definition ' || %(tenant)s, 0));

-- name: definition
SELECT hash, process, version, valid_from, valid_until, name, file, model, deployed_at, deployed_by,
       note, withdrawn_at, withdrawn_by, withdrawn_why
  FROM process_definition WHERE tenant = %(tenant)s AND hash = %(hash)s;

-- name: definition_on
SELECT hash, process, version, valid_from, valid_until, name, file, model, deployed_at, deployed_by,
       note, withdrawn_at, withdrawn_by, withdrawn_why
  FROM process_definition
 WHERE tenant = %(tenant)s AND process = %(process)s AND withdrawn_at IS NULL
   AND valid_from <= %(day)s AND (valid_until IS NULL OR %(day)s < valid_until)
 ORDER BY valid_from DESC, version DESC LIMIT 1;

-- name: definitions
SELECT hash, process, version, valid_from, valid_until, name, file, NULL, deployed_at, deployed_by,
       note, withdrawn_at, withdrawn_by, withdrawn_why
  FROM process_definition WHERE tenant = %(tenant)s ORDER BY process, version;

-- name: withdraw_definition
UPDATE process_definition
   SET withdrawn_at = %(at)s, withdrawn_by = %(by)s, withdrawn_why = %(reason)s
 WHERE tenant = %(tenant)s AND hash = %(hash)s AND withdrawn_at IS NULL;

-- name: lock_cases
SELECT id, definition, state, seq, head FROM process_case
 WHERE tenant = %(tenant)s AND id = ANY (%(ids)s) ORDER BY id FOR UPDATE;

-- name: states
SELECT id, state FROM process_case WHERE tenant = %(tenant)s AND id = ANY (%(ids)s);

-- name: known_commands
SELECT key, case_id, digest, seq FROM process_command
 WHERE tenant = %(tenant)s AND key = ANY (%(keys)s);

-- name: forget_commands
DELETE FROM process_command WHERE tenant = %(tenant)s AND key IN
  (SELECT key FROM process_command WHERE tenant = %(tenant)s AND at < %(before)s ORDER BY at
    LIMIT %(most)s);

-- name: keep_batch
-- Rows come as arrays of JSON, read by position in the order of the fields of `batch.py`: that takes
-- the server a third of what records by name take.
WITH begun AS (
    INSERT INTO process_case (tenant, id, state, variables, seq, head, status, definition, process,
                              business_key, applied_on, started_at, ended_at)
    SELECT %(tenant)s, (r ->> 0)::uuid, (r ->> 1)::bytea, r -> 2, (r ->> 3)::bigint,
           (r ->> 4)::bytea, r ->> 5, r ->> 6, r ->> 7, r ->> 8, (r ->> 9)::date, %(at)s,
           CASE WHEN r ->> 5 = 'running' THEN NULL ELSE %(at)s::timestamptz END
      FROM jsonb_array_elements(%(begun)s::jsonb) AS r
    RETURNING id
), changed AS (
    UPDATE process_case AS held
       SET state = (r ->> 1)::bytea, variables = r -> 2, seq = (r ->> 3)::bigint,
           head = (r ->> 4)::bytea, status = r ->> 5, before_move = NULL,
           ended_at = CASE WHEN r ->> 5 = 'running' THEN NULL ELSE %(at)s::timestamptz END
      FROM jsonb_array_elements(%(cases)s::jsonb) AS r
     WHERE held.tenant = %(tenant)s AND held.id = ANY (%(ids)s) AND held.id = (r ->> 0)::uuid
    RETURNING held.id
), past AS (
    INSERT INTO process_history (tenant, case_id, first, events, actor, basis, at, hash)
    SELECT %(tenant)s, (r ->> 0)::uuid, (r ->> 1)::bigint, r -> 2, r ->> 3, r ->> 4,
           (r ->> 5)::timestamptz, (r ->> 6)::bytea
      FROM jsonb_array_elements(%(history)s::jsonb) AS r
), closed AS (
    DELETE FROM process_wait AS held
     USING jsonb_array_elements(%(closed)s::jsonb) AS r
     WHERE held.tenant = %(tenant)s AND held.case_id = ANY (%(ids)s) -- finds them by the key
       AND held.case_id = (r ->> 0)::uuid AND held.key = (r ->> 1)::bigint
), opened AS (
    INSERT INTO process_wait (tenant, case_id, key, kind, element, name, correlation, due, about,
                              opened_at, not_before)
    SELECT %(tenant)s, written.id, (r ->> 1)::bigint, r ->> 2, r ->> 3, r ->> 4, r ->> 5,
           (r ->> 6)::timestamptz, r -> 7, (r ->> 8)::timestamptz, (r ->> 8)::timestamptz
      FROM jsonb_array_elements(%(opened)s::jsonb) AS r
      JOIN (SELECT id FROM changed UNION ALL SELECT id FROM begun) AS written
        ON written.id = (r ->> 0)::uuid
), posted AS (
    INSERT INTO process_outbox (tenant, key, case_id, element, kind, name, correlation, variables,
                                at, not_before)
    SELECT %(tenant)s, r ->> 0, (r ->> 1)::uuid, r ->> 2, r ->> 3, r ->> 4, r ->> 5, r -> 6,
           (r ->> 7)::timestamptz, (r ->> 7)::timestamptz
      FROM jsonb_array_elements(%(letters)s::jsonb) AS r
)
INSERT INTO process_command (tenant, key, case_id, digest, seq, at)
SELECT %(tenant)s, r ->> 0, (r ->> 1)::uuid, (r ->> 2)::bytea, (r ->> 3)::bigint, %(at)s
  FROM jsonb_array_elements(%(commands)s::jsonb) AS r;

-- name: keep_lists
-- What tasks and cases are found by, written behind `keep_batch` where a batch changes any of it. Both
-- as one would be longer than what psycopg reads once for all times it is run.
WITH clocks AS (
    INSERT INTO process_deadline (tenant, case_id, period, since, due)
    SELECT %(tenant)s, (r ->> 0)::uuid, (r ->> 1)::integer, (r ->> 2)::date, (r ->> 3)::date
      FROM jsonb_array_elements(%(clocks)s::jsonb) AS r
), done AS (
    DELETE FROM process_task AS held
     USING jsonb_array_elements(%(done)s::jsonb) AS r
     WHERE held.tenant = %(tenant)s AND held.case_id = ANY (%(ids)s)
       AND held.case_id = (r ->> 0)::uuid AND held.key = (r ->> 1)::bigint
), withdrawn AS (
    DELETE FROM process_offer AS held
     USING jsonb_array_elements(%(done)s::jsonb) AS r
     WHERE held.tenant = %(tenant)s AND held.case_id = ANY (%(ids)s)
       AND held.case_id = (r ->> 0)::uuid AND held.key = (r ->> 1)::bigint
), tasks AS (
    INSERT INTO process_task (tenant, case_id, key, process, title, assignee, opened_on, own_due,
                              due_days, due, follow_up, turn, is_four_eyes, ladder, step_on)
    SELECT %(tenant)s, (r ->> 0)::uuid, (r ->> 1)::bigint, r ->> 2, r ->> 3, r ->> 4, (r ->> 5)::date,
           (r ->> 6)::date, (r ->> 7)::integer, coalesce((r ->> 8)::date, 'infinity'),
           (r ->> 9)::date, (r ->> 10)::integer, (r ->> 11)::boolean, r -> 12,
           coalesce((r ->> 13)::date, 'infinity')
      FROM jsonb_array_elements(%(tasks)s::jsonb) AS r
        ON CONFLICT (tenant, case_id, key) DO NOTHING -- a move taken back opens its wait anew
), offered AS (
    INSERT INTO process_offer (tenant, case_id, key, name, process, may_do, awaits, turn, due)
    SELECT %(tenant)s, (r ->> 0)::uuid, (r ->> 1)::bigint, name, r ->> 2, true,
           CASE WHEN r ->> 4 IS NULL THEN 'doing' ELSE 'nothing' END, (r ->> 10)::integer,
           coalesce((r ->> 8)::date, 'infinity')
      FROM jsonb_array_elements(%(tasks)s::jsonb) AS r
     CROSS JOIN LATERAL jsonb_array_elements_text(r -> 14) AS name
        ON CONFLICT (tenant, case_id, key, name) DO NOTHING
), unknown AS (
    DELETE FROM process_known AS held
     USING jsonb_array_elements(%(unknown)s::jsonb) AS r
     WHERE held.tenant = %(tenant)s AND held.case_id = ANY (%(ids)s)
       AND held.case_id = (r ->> 0)::uuid AND held.name = r ->> 1
)
INSERT INTO process_known (tenant, case_id, name, said, number)
SELECT %(tenant)s, (r ->> 0)::uuid, r ->> 1, r ->> 2, (r ->> 3)::float8
  FROM jsonb_array_elements(%(known)s::jsonb) AS r
    ON CONFLICT (tenant, case_id, name) DO UPDATE
   SET said = excluded.said, number = excluded.number;

-- name: keep_event
WITH past AS (
    INSERT INTO process_history (tenant, case_id, first, events, actor, basis, at, hash)
    VALUES (%(tenant)s, %(id)s, %(seq)s, %(events)s::jsonb, %(actor)s, %(basis)s, %(at)s, %(head)s)
)
UPDATE process_case SET seq = %(seq)s, head = %(head)s WHERE tenant = %(tenant)s AND id = %(id)s;

-- name: drop_waits
DELETE FROM process_wait AS held
 USING unnest(%(case_ids)b::uuid[], %(keys)b::bigint[]) AS gone (case_id, key)
 WHERE held.tenant = %(tenant)s AND held.case_id = ANY (%(case_ids)b::uuid[]) -- finds them by the key
   AND held.case_id = gone.case_id AND held.key = gone.key;

-- name: claim_due
-- With its case, which is locked first: who holds a case waits for nobody, so two never wait for each
-- other. What another has now is passed over.
SELECT timer.case_id, timer.key, timer.due, timer.tries, held.state, held.seq, held.head
  FROM process_wait AS timer
  JOIN process_case AS held ON held.tenant = %(tenant)s AND held.id = timer.case_id
 WHERE timer.tenant = %(tenant)s AND kind = 'timer' AND due <= %(at)s AND not_before <= %(at)s
 ORDER BY timer.due, timer.case_id, timer.key LIMIT %(most)s FOR UPDATE OF held, timer SKIP LOCKED;

-- name: postpone_timer
UPDATE process_wait SET not_before = %(not_before)s, tries = tries + 1, trouble = %(trouble)s
 WHERE tenant = %(tenant)s AND case_id = %(case_id)s AND key = %(key)s;

-- name: claim_jobs
UPDATE process_wait AS job
   SET leased_until = %(until)s, not_before = %(until)s, fence = job.fence + 1, tries = job.tries + 1
  FROM (SELECT ready.case_id, ready.key
          FROM (SELECT name FROM unnest(%(names)s::text[]) AS name ORDER BY random()) AS wanted
         CROSS JOIN LATERAL (SELECT case_id, key FROM process_wait
                              WHERE tenant = %(tenant)s AND kind = 'job' AND name = wanted.name
                                AND not_before <= %(at)s
                              ORDER BY not_before LIMIT %(most)s FOR UPDATE SKIP LOCKED) AS ready
         LIMIT %(most)s) AS free
 WHERE job.tenant = %(tenant)s AND job.case_id = free.case_id AND job.key = free.key
RETURNING job.case_id, job.key, job.name, job.element, job.about::text, job.fence, job.tries;

-- name: hold_jobs
-- With their cases, as `claim_due`.
SELECT job.*
  FROM (SELECT name FROM unnest(%(names)s::text[]) AS name ORDER BY random()) AS wanted
 CROSS JOIN LATERAL (SELECT job.case_id, job.key, job.name, job.element, job.about::text, job.tries,
                            held.state, held.seq, held.head, held.applied_on
                       FROM process_wait AS job
                       JOIN process_case AS held ON held.tenant = %(tenant)s AND held.id = job.case_id
                      WHERE job.tenant = %(tenant)s AND kind = 'job' AND name = wanted.name
                        AND not_before <= %(at)s
                      ORDER BY not_before LIMIT %(most)s FOR UPDATE OF held, job SKIP LOCKED) AS job
 LIMIT %(most)s;

-- name: leased_jobs
SELECT case_id, key, fence, name FROM process_wait
 WHERE tenant = %(tenant)s AND kind = 'job'
   AND (case_id, key) IN (SELECT * FROM unnest(%(case_ids)b::uuid[], %(keys)b::bigint[]));

-- name: postpone_job
UPDATE process_wait SET not_before = %(not_before)s, leased_until = NULL, trouble = %(trouble)s
 WHERE tenant = %(tenant)s AND case_id = %(case_id)s AND key = %(key)s
   AND (%(fence)s::bigint IS NULL OR fence = %(fence)s);

-- name: retry_job
UPDATE process_wait
   SET not_before = %(at)s + least(%(first)s * power(2, least(tries, 30) - 1), %(longest)s),
       leased_until = NULL, trouble = %(trouble)s
 WHERE tenant = %(tenant)s AND case_id = %(case_id)s AND key = %(key)s AND fence = %(fence)s
   AND tries < CASE WHEN about ->> 'retries' ~ '^[0-9]{1,4}$' THEN (about ->> 'retries')::integer
                    ELSE %(most)s END;

-- name: keep_incoming
INSERT INTO process_inbox (tenant, sender, message_id, kind, name, correlation, variables,
                           received_at, expires_at)
VALUES (%(tenant)s, %(sender)s, %(message_id)s, %(kind)s, %(name)s, %(correlation)s,
        %(variables)s::jsonb, %(at)s, %(expires_at)s)
ON CONFLICT (tenant, sender, message_id) DO NOTHING;

-- name: incoming_fate
SELECT fate, case_id, trouble FROM process_inbox
 WHERE tenant = %(tenant)s AND sender = %(sender)s AND message_id = %(message_id)s;

-- name: claim_incoming
SELECT inbox.sender, inbox.message_id, inbox.name, inbox.correlation, inbox.variables::text,
       wait.case_id, wait.key
  FROM process_inbox AS inbox
  JOIN LATERAL (SELECT case_id, key FROM process_wait AS wait
                 WHERE wait.tenant = %(tenant)s AND wait.kind = 'message'
                   AND wait.name = inbox.name AND wait.correlation = inbox.correlation
                 ORDER BY wait.opened_at, wait.case_id, wait.key LIMIT 1) AS wait ON true
 WHERE inbox.tenant = %(tenant)s AND inbox.fate = 'waiting' AND inbox.kind = 'message'
 ORDER BY inbox.received_at LIMIT %(most)s FOR UPDATE OF inbox SKIP LOCKED;

-- name: waits_for_signal
SELECT case_id, key FROM process_wait
 WHERE tenant = %(tenant)s AND kind = 'signal' AND name = %(name)s ORDER BY case_id, key;

-- name: decide_incoming
UPDATE process_inbox SET fate = %(fate)s, case_id = %(case_id)s, decided_at = %(at)s,
       trouble = %(trouble)s
 WHERE tenant = %(tenant)s AND sender = %(sender)s AND message_id = %(message_id)s
   AND fate = 'waiting';

-- name: expire_incoming
UPDATE process_inbox SET fate = 'expired', decided_at = %(at)s
 WHERE tenant = %(tenant)s AND fate IN ('waiting', 'held') AND expires_at <= %(at)s
RETURNING sender, message_id, name, correlation;

-- name: claim_outgoing
UPDATE process_outbox AS letter
   SET leased_until = %(until)s, not_before = %(until)s, fence = letter.fence + 1,
       tries = letter.tries + 1
  FROM (SELECT key FROM process_outbox WHERE tenant = %(tenant)s AND not_before <= %(at)s
         ORDER BY not_before, at LIMIT %(most)s FOR UPDATE SKIP LOCKED) AS free
 WHERE letter.tenant = %(tenant)s AND letter.key = free.key
RETURNING letter.key, letter.case_id, letter.element, letter.kind, letter.name, letter.correlation,
          letter.variables::text, letter.fence, letter.tries;

-- name: drop_outgoing
DELETE FROM process_outbox WHERE tenant = %(tenant)s AND key = ANY (%(keys)s);

-- name: postpone_outgoing
UPDATE process_outbox SET not_before = %(not_before)s, leased_until = NULL, trouble = %(trouble)s
 WHERE tenant = %(tenant)s AND key = %(key)s AND fence = %(fence)s;

-- name: case_row
SELECT id, definition, process, business_key, applied_on, status, state, seq, head, started_at,
       ended_at
  FROM process_case WHERE tenant = %(tenant)s AND id = %(id)s;

-- name: history
SELECT first, events::text, actor, basis, at, hash FROM process_history
 WHERE tenant = %(tenant)s AND case_id = %(id)s ORDER BY first;

-- name: find_cases
SELECT held.id, held.process, held.definition, held.business_key, held.status, held.applied_on,
       held.started_at, held.ended_at
  FROM process_case AS held WHERE held.tenant = %(tenant)s

-- name: found_of_process
   AND held.process = %(process)s

-- name: found_by_definition
   AND held.definition = %(definition)s

-- name: found_status
   AND held.status = %(status)s

-- name: found_key
   AND held.business_key = %(business_key)s AND held.business_key <> ''

-- name: found_known
   AND EXISTS (SELECT FROM process_known AS known
                WHERE known.tenant = %(tenant)s AND known.case_id = held.id
                  AND known.name = %(name{n})s

-- name: known_text_is
   AND known.said = %(value{n})s AND known.number IS NULL)

-- name: known_text_less
   AND known.said < %(value{n})s AND known.said > '' AND known.number IS NULL)

-- name: known_text_more
   AND known.said > %(value{n})s AND known.number IS NULL)

-- name: known_text_at_most
   AND known.said <= %(value{n})s AND known.said > '' AND known.number IS NULL)

-- name: known_text_at_least
   AND known.said >= %(value{n})s AND known.number IS NULL)

-- name: known_number_is
   AND known.said = %(value{n})s AND known.number IS NOT NULL)

-- name: known_number_less
   AND known.number < %(value{n})s)

-- name: known_number_more
   AND known.number > %(value{n})s)

-- name: known_number_at_most
   AND known.number <= %(value{n})s)

-- name: known_number_at_least
   AND known.number >= %(value{n})s)

-- name: known_at_all
   )

-- name: found_waiting
   AND EXISTS (SELECT FROM process_wait AS wait
                WHERE wait.tenant = %(tenant)s AND wait.case_id = held.id
                  AND wait.element = %(element)s)

-- name: found_stuck
   AND EXISTS (SELECT FROM process_wait AS wait
                WHERE wait.tenant = %(tenant)s AND wait.case_id = held.id
                  AND wait.kind = 'incident')

-- name: found_since
   AND held.started_at >= %(since)s

-- name: found_until
   AND held.started_at < %(until)s

-- name: found_after_newest
   AND (held.started_at, held.id) < (%(after_at)s, %(after_id)s::uuid)

-- name: found_after_oldest
   AND (held.started_at, held.id) > (%(after_at)s, %(after_id)s::uuid)

-- name: newest_first
 ORDER BY held.started_at DESC, held.id DESC LIMIT %(most)s

-- name: oldest_first
 ORDER BY held.started_at, held.id LIMIT %(most)s

-- name: waits_of
SELECT case_id, element, kind FROM process_wait
 WHERE tenant = %(tenant)s AND case_id = ANY (%(ids)s) ORDER BY case_id, key;

-- name: standing
SELECT wait.element, wait.kind, count(*)
  FROM process_wait AS wait
  JOIN process_case AS held ON held.tenant = %(tenant)s AND held.id = wait.case_id
 WHERE wait.tenant = %(tenant)s AND held.definition = %(definition)s
 GROUP BY wait.element, wait.kind;

-- name: passages
-- A page shows them: it is not to read all that ever happened.
WITH newest AS (
    SELECT id FROM process_case WHERE tenant = %(tenant)s AND definition = %(definition)s
     ORDER BY started_at DESC LIMIT %(newest)s
), passage AS ( -- each place is entered once
    SELECT event.element,
           min(event.at) FILTER (WHERE event.kind = 'entered') AS begun,
           max(event.at) FILTER (WHERE event.kind IN ('completed', 'caught')) AS done,
           count(*) FILTER (WHERE event.kind IN ('completed', 'caught')) AS passed
      FROM newest
      JOIN process_event AS event ON event.tenant = %(tenant)s AND event.case_id = newest.id
     WHERE event.kind IN ('entered', 'completed', 'caught')
     GROUP BY event.case_id, event.place, event.element
)
SELECT element, sum(passed)::bigint,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM done - begun)),
       sum(extract(epoch FROM done - begun))
  FROM passage WHERE passed > 0 GROUP BY element;

-- name: counted_cases
SELECT definition, status, count(*) FROM process_case WHERE tenant = %(tenant)s
 GROUP BY definition, status;

-- name: counted_incidents
SELECT held.definition, count(*)
  FROM process_wait AS wait
  JOIN process_case AS held ON held.tenant = %(tenant)s AND held.id = wait.case_id
 WHERE wait.tenant = %(tenant)s AND wait.kind = 'incident'
 GROUP BY held.definition;

-- name: running_by
SELECT id FROM process_case
 WHERE tenant = %(tenant)s AND definition = %(definition)s AND status = 'running'
   AND (%(after)s::uuid IS NULL OR id > %(after)s)
 ORDER BY id LIMIT %(most)s;

-- name: move_cases
UPDATE process_case AS held
   SET definition = %(definition)s, process = %(process)s, before_move = moved.state
  FROM unnest(%(ids)b::uuid[], %(states)b::bytea[]) AS moved (id, state)
 WHERE held.tenant = %(tenant)s AND held.id = moved.id;

-- name: rename_waits
UPDATE process_wait AS wait SET element = renamed.new
  FROM unnest(%(olds)b::text[], %(news)b::text[]) AS renamed (old, new)
 WHERE wait.tenant = %(tenant)s AND wait.case_id = ANY (%(ids)s) AND wait.element = renamed.old;

-- name: moved_cases
SELECT id, state, seq, head, before_move FROM process_case
 WHERE tenant = %(tenant)s AND id = ANY (%(ids)s) AND before_move IS NOT NULL ORDER BY id FOR UPDATE;

-- name: put_back
UPDATE process_case SET definition = %(definition)s, process = %(process)s
 WHERE tenant = %(tenant)s AND id = %(id)s;

-- name: anything_due
SELECT EXISTS (SELECT FROM process_wait
                WHERE tenant = %(tenant)s AND kind = 'timer' AND due <= %(at)s AND not_before <= %(at)s)
    OR EXISTS (SELECT FROM process_wait
                WHERE tenant = %(tenant)s AND kind = 'job' AND name = ANY (%(names)s)
                  AND not_before <= %(at)s)
    OR EXISTS (SELECT FROM process_outbox WHERE tenant = %(tenant)s AND not_before <= %(at)s)
    OR EXISTS (SELECT FROM process_task
                WHERE tenant = %(tenant)s AND step_on < 'infinity' -- as its index has it
                  AND step_on <= (%(at)s::timestamptz AT TIME ZONE 'Asia/Tokyo')::date)
    OR EXISTS (SELECT FROM process_inbox WHERE tenant = %(tenant)s AND fate = 'waiting');

-- name: closed_days
SELECT day, name FROM process_closed_day WHERE tenant = %(tenant)s ORDER BY day;

-- name: hold_calendar
SELECT pg_advisory_xact_lock_shared(hashtextextended('process_closed_day ' || %(tenant)s, 0));

-- name: change_calendar
SELECT pg_advisory_xact_lock(hashtextextended('process_closed_day ' || %(tenant)s, 0));

-- name: drop_closed_days
DELETE FROM process_closed_day
 WHERE tenant = %(tenant)s AND extract(year FROM day)::int = ANY (%(years)s::int[]);

-- name: keep_closed_days
INSERT INTO process_closed_day (tenant, day, name)
SELECT %(tenant)s, day, name FROM unnest(%(days)s::date[], %(names)s::text[]) AS new (day, name);

-- name: deadlines
SELECT case_id, period, since, stopped, resumed FROM process_deadline
 WHERE tenant = %(tenant)s AND case_id = ANY (%(case_ids)s);

-- name: running_deadlines
SELECT case_id, period, since, stopped, resumed FROM process_deadline
 WHERE tenant = %(tenant)s AND (%(after)s::uuid IS NULL OR case_id > %(after)s)
   AND EXISTS (SELECT FROM process_case AS held
                WHERE held.tenant = %(tenant)s AND held.id = case_id AND held.status = 'running')
 ORDER BY case_id LIMIT %(most)s;

-- name: turn_deadline
UPDATE process_deadline SET stopped = %(stopped)s::date[], resumed = %(resumed)s::date[], due = %(due)s
 WHERE tenant = %(tenant)s AND case_id = %(case_id)s;

-- name: move_deadlines
UPDATE process_deadline AS held SET due = new.due
  FROM unnest(%(case_ids)b::uuid[], %(dues)b::date[]) AS new (case_id, due)
 WHERE held.tenant = %(tenant)s AND held.case_id = new.case_id;

-- name: follow_cases
UPDATE process_task AS task SET process = held.process
  FROM process_case AS held
 WHERE task.tenant = %(tenant)s AND task.case_id = ANY (%(case_ids)s) AND held.tenant = %(tenant)s
   AND held.id = task.case_id AND held.process <> task.process;

-- name: follow_tasks
UPDATE process_offer AS held SET process = task.process
  FROM process_task AS task
 WHERE held.tenant = %(tenant)s AND held.case_id = ANY (%(case_ids)s) AND task.tenant = %(tenant)s
   AND task.case_id = held.case_id AND task.key = held.key AND task.process <> held.process;

-- name: timed_tasks
SELECT case_id, key, own_due, due_days, opened_on, ladder::text, step FROM process_task
 WHERE tenant = %(tenant)s AND case_id = ANY (%(case_ids)s);

-- name: tasks_in_days
SELECT case_id, key, own_due, due_days, opened_on, ladder::text, step FROM process_task
 WHERE tenant = %(tenant)s AND (case_id, key) > (%(after_case)s, %(after_key)s)
   AND (due_days IS NOT NULL OR step_on < 'infinity')
 ORDER BY case_id, key LIMIT %(most)s;

-- name: time_tasks
UPDATE process_task AS held
   SET own_due = new.own_due, due = coalesce(new.due, 'infinity'),
       step_on = coalesce(new.step_on, 'infinity')
  FROM unnest(%(case_ids)b::uuid[], %(keys)b::bigint[], %(own_dues)b::date[], %(dues)b::date[],
              %(step_ons)b::date[]) AS new (case_id, key, own_due, due, step_on)
 WHERE held.tenant = %(tenant)s AND held.case_id = new.case_id AND held.key = new.key;

-- name: time_offers
UPDATE process_offer AS held SET due = task.due
  FROM process_task AS task
 WHERE held.tenant = %(tenant)s AND held.case_id = ANY (%(case_ids)s) AND task.tenant = %(tenant)s
   AND task.case_id = held.case_id AND task.key = held.key AND task.due <> held.due;

-- name: task
SELECT task.case_id, task.key, wait.element, task.process, task.title, held.business_key,
       held.definition, wait.about::text, wait.opened_at, task.assignee, task.claimed_at,
       nullif(task.due, 'infinity'), task.follow_up, 100 - task.turn, task.is_four_eyes, task.state,
       task.entered_by, task.entered_at, task.entered::text, task.salt, task.ladder::text, task.step,
       nullif(task.step_on, 'infinity')
  FROM process_task AS task
  JOIN process_wait AS wait ON wait.tenant = %(tenant)s AND wait.case_id = task.case_id
                           AND wait.key = task.key
  JOIN process_case AS held ON held.tenant = %(tenant)s AND held.id = task.case_id
 WHERE task.tenant = %(tenant)s AND task.case_id = %(case_id)s AND task.key = %(key)s;

-- name: offers_of
SELECT name, may_do, reminded_on FROM process_offer
 WHERE tenant = %(tenant)s AND case_id = %(case_id)s AND key = %(key)s ORDER BY name;

-- name: tasks_of
SELECT key FROM process_task WHERE tenant = %(tenant)s AND case_id = %(case_id)s ORDER BY key;

-- name: hand_task
UPDATE process_task SET assignee = %(assignee)s, claimed_at = %(claimed_at)s
 WHERE tenant = %(tenant)s AND case_id = %(case_id)s AND key = %(key)s;

-- name: postpone_task
UPDATE process_task SET follow_up = %(follow_up)s
 WHERE tenant = %(tenant)s AND case_id = %(case_id)s AND key = %(key)s;

-- name: enter_task
UPDATE process_task
   SET state = 'entered', assignee = NULL, claimed_at = NULL, entered_by = %(by)s, entered_at = %(at)s,
       entered = %(entered)s::jsonb, salt = %(salt)s
 WHERE tenant = %(tenant)s AND case_id = %(case_id)s AND key = %(key)s;

-- name: return_task
UPDATE process_task SET state = 'returned', assignee = entered_by, claimed_at = %(at)s
 WHERE tenant = %(tenant)s AND case_id = %(case_id)s AND key = %(key)s;

-- name: climb_task
UPDATE process_task
   SET step = %(step)s, step_on = coalesce(%(step_on)s::date, 'infinity'), turn = %(turn)s
 WHERE tenant = %(tenant)s AND case_id = %(case_id)s AND key = %(key)s;

-- name: leave_step
UPDATE process_task SET step_on = %(step_on)s
 WHERE tenant = %(tenant)s AND case_id = %(case_id)s AND key = %(key)s;

-- name: offer_task
INSERT INTO process_offer (tenant, case_id, key, name, process, may_do, reminded_on, awaits, turn, due)
SELECT %(tenant)s, case_id, key, %(name)s, process, %(may_do)s, %(reminded_on)s::date,
       'nothing', turn, due -- what it waits for, `settle_offers` says
  FROM process_task WHERE tenant = %(tenant)s AND case_id = %(case_id)s AND key = %(key)s
    ON CONFLICT (tenant, case_id, key, name) DO UPDATE
   SET may_do = process_offer.may_do OR excluded.may_do,
       reminded_on = coalesce(excluded.reminded_on, process_offer.reminded_on);

-- name: settle_offers
UPDATE process_offer AS held
   SET awaits = CASE WHEN task.assignee IS NOT NULL THEN 'nothing'
                     WHEN task.state = 'entered' THEN 'second look' ELSE 'doing' END,
       entered_by = CASE WHEN task.state = 'entered' THEN task.entered_by END,
       turn = task.turn, due = task.due
  FROM process_task AS task
 WHERE held.tenant = %(tenant)s AND held.case_id = ANY (%(case_ids)s) AND task.tenant = %(tenant)s
   AND task.case_id = held.case_id AND task.key = held.key;

-- name: due_steps
SELECT case_id, key FROM process_task
 WHERE tenant = %(tenant)s AND step_on < 'infinity' AND step_on <= %(on)s
 ORDER BY step_on LIMIT %(most)s;

-- name: my_tasks
SELECT turn, due::text AS day, case_id, key FROM process_task
 WHERE tenant = %(tenant)s AND assignee = %(me)s AND (%(process)s = '' OR process = %(process)s)
   AND (turn, due, case_id, key) > (%(turn)s, %(due)s::date, %(case_id)s, %(key)s)
 ORDER BY turn, due, case_id, key LIMIT %(most)s;

-- name: all_tasks
SELECT turn, due::text AS day, case_id, key FROM process_task
 WHERE tenant = %(tenant)s AND (turn, due, case_id, key) > (%(turn)s, %(due)s::date, %(case_id)s, %(key)s)
 ORDER BY turn, due, case_id, key LIMIT %(most)s;

-- name: all_tasks_of
SELECT turn, due::text AS day, case_id, key FROM process_task
 WHERE tenant = %(tenant)s AND process = %(process)s
   AND (turn, due, case_id, key) > (%(turn)s, %(due)s::date, %(case_id)s, %(key)s)
 ORDER BY turn, due, case_id, key LIMIT %(most)s;

-- name: offered_tasks
SELECT turn, due::text AS day, case_id, key FROM (
SELECT DISTINCT offer.turn, offer.due, offer.case_id, offer.key
  FROM unnest(%(names)s::text[]) AS my (name)
  CROSS JOIN LATERAL (
        SELECT turn, due, case_id, key FROM process_offer AS one
         WHERE one.tenant = %(tenant)s AND one.name = my.name AND one.awaits = %(awaits)s AND one.may_do
           AND (turn, due, case_id, key) > (%(turn)s, %(due)s::date, %(case_id)s, %(key)s)
           AND one.entered_by IS DISTINCT FROM %(me)s
         ORDER BY turn, due, case_id, key LIMIT %(most)s) AS offer) AS found
 ORDER BY turn, due, case_id, key LIMIT %(most)s;

-- name: offered_tasks_of
SELECT turn, due::text AS day, case_id, key FROM (
SELECT DISTINCT offer.turn, offer.due, offer.case_id, offer.key
  FROM unnest(%(names)s::text[]) AS my (name)
  CROSS JOIN LATERAL (
        SELECT turn, due, case_id, key FROM process_offer AS one
         WHERE one.tenant = %(tenant)s AND one.name = my.name AND one.awaits = %(awaits)s AND one.may_do
           AND one.process = %(process)s
           AND (turn, due, case_id, key) > (%(turn)s, %(due)s::date, %(case_id)s, %(key)s)
           AND one.entered_by IS DISTINCT FROM %(me)s
         ORDER BY turn, due, case_id, key LIMIT %(most)s) AS offer) AS found
 ORDER BY turn, due, case_id, key LIMIT %(most)s;

-- name: told_tasks
SELECT turn, due::text AS day, case_id, key FROM (
SELECT DISTINCT offer.turn, offer.due, offer.case_id, offer.key
  FROM unnest(%(names)s::text[]) AS my (name)
  CROSS JOIN LATERAL (
        SELECT turn, due, case_id, key FROM process_offer AS one
         WHERE one.tenant = %(tenant)s AND one.name = my.name AND one.reminded_on IS NOT NULL
           AND (%(process)s = '' OR one.process = %(process)s)
           AND (turn, due, case_id, key) > (%(turn)s, %(due)s::date, %(case_id)s, %(key)s)
         ORDER BY turn, due, case_id, key LIMIT %(most)s) AS offer) AS found
 ORDER BY turn, due, case_id, key LIMIT %(most)s;

-- name: task_lines
SELECT task.case_id, task.key, task.process, task.title, held.business_key, task.assignee,
       task.claimed_at, nullif(task.due, 'infinity'), task.follow_up, task.turn, task.state,
       cardinality(clock.stopped) > cardinality(clock.resumed), clock.due
  FROM unnest(%(case_ids)b::uuid[], %(keys)b::bigint[]) WITH ORDINALITY AS wanted (case_id, key, place)
  JOIN process_task AS task ON task.tenant = %(tenant)s AND task.case_id = wanted.case_id
                           AND task.key = wanted.key
  JOIN process_case AS held ON held.tenant = %(tenant)s AND held.id = wanted.case_id
  LEFT JOIN process_deadline AS clock ON clock.tenant = %(tenant)s AND clock.case_id = wanted.case_id
 ORDER BY wanted.place;

-- name: counted_mine
SELECT count(*), count(*) FILTER (WHERE due < %(on)s)
  FROM (SELECT due FROM process_task WHERE tenant = %(tenant)s AND assignee = %(me)s LIMIT %(most)s)
       AS mine;

-- name: counted_offers
SELECT count(DISTINCT (case_id, key)), count(DISTINCT (case_id, key)) FILTER (WHERE due < %(on)s)
  FROM (SELECT case_id, key, due FROM process_offer AS one
         WHERE one.tenant = %(tenant)s AND one.name = ANY (%(names)s) AND one.awaits = %(awaits)s
           AND one.may_do AND one.entered_by IS DISTINCT FROM %(me)s
         LIMIT %(most)s) AS offer;

-- name: all_offer_names
WITH RECURSIVE known (name) AS (
    (SELECT name FROM process_offer WHERE tenant = %(tenant)s AND may_do ORDER BY name LIMIT 1)
    UNION ALL
    SELECT (SELECT one.name FROM process_offer AS one
             WHERE one.tenant = %(tenant)s AND one.may_do AND one.name > known.name
             ORDER BY one.name LIMIT 1)
      FROM known WHERE known.name IS NOT NULL)
SELECT name FROM known WHERE name LIKE 'group %%' LIMIT %(most)s;

-- name: keep_comment
INSERT INTO process_comment (tenant, id, case_id, element, said, salt, said_by, said_at)
VALUES (%(tenant)s, %(id)s, %(case_id)s, %(element)s, %(said)s, %(salt)s, %(by)s, %(at)s);

-- name: comments
SELECT id, element, said, said_by, said_at FROM process_comment
 WHERE tenant = %(tenant)s AND case_id = %(case_id)s ORDER BY said_at, id;

-- name: drop_comment
DELETE FROM process_comment WHERE tenant = %(tenant)s AND id = %(id)s
RETURNING case_id, element, said_by;

-- name: keep_attachment
INSERT INTO process_attachment (tenant, id, case_id, element, name, media, content, salt, attached_by,
                                attached_at)
VALUES (%(tenant)s, %(id)s, %(case_id)s, %(element)s, %(name)s, %(media)s, %(content)s, %(salt)s, %(by)s,
        %(at)s);

-- name: attachments
SELECT id, element, name, media, length(content), attached_by, attached_at FROM process_attachment
 WHERE tenant = %(tenant)s AND case_id = %(case_id)s ORDER BY attached_at, id;

-- name: attachment
SELECT name, media, content FROM process_attachment
 WHERE tenant = %(tenant)s AND id = %(id)s AND case_id = %(case_id)s;

-- name: drop_attachment
DELETE FROM process_attachment WHERE tenant = %(tenant)s AND id = %(id)s
RETURNING case_id, element, attached_by;

-- name: keep_proposal
INSERT INTO process_proposal (tenant, id, case_id, seq, kind, place, target, variables, reason,
                              proposed_by, proposed_at, expires_at)
VALUES (%(tenant)s, %(id)s, %(case_id)s, %(seq)s, %(kind)s, %(place)s, %(target)s,
        %(variables)s::jsonb, %(reason)s, %(by)s, %(at)s, %(expires_at)s)
ON CONFLICT (tenant, id) DO NOTHING;

-- name: proposals
SELECT made.id, made.case_id, made.seq, made.kind, made.place, made.target, made.variables::text,
       made.reason, made.proposed_by, made.proposed_at, made.expires_at, made.fate, made.decided_by,
       made.decided_at, made.remarks, held.seq, held.status
  FROM process_proposal AS made
  JOIN process_case AS held ON held.tenant = %(tenant)s AND held.id = made.case_id
 WHERE made.tenant = %(tenant)s

-- name: proposals_by_id
   AND made.id = %(id)s

-- name: proposals_of_case
   AND made.case_id = %(case_id)s ORDER BY made.proposed_at DESC, made.id LIMIT %(most)s

-- name: proposals_open
   AND made.fate = 'open' AND made.expires_at > %(at)s
 ORDER BY made.expires_at, made.id LIMIT %(most)s

-- name: lock_proposal
SELECT case_id FROM process_proposal WHERE tenant = %(tenant)s AND id = %(id)s FOR UPDATE;

-- name: decide_proposal
UPDATE process_proposal
   SET fate = %(fate)s, decided_by = %(by)s, decided_at = %(at)s, remarks = %(remarks)s,
       variables = CASE WHEN %(fate)s::text = 'confirmed' THEN variables END
 WHERE tenant = %(tenant)s AND id = %(id)s AND fate = 'open';

-- name: expire_proposals
UPDATE process_proposal
   SET fate = 'expired', decided_by = 'clock', decided_at = %(at)s, variables = NULL
 WHERE tenant = %(tenant)s AND fate = 'open' AND expires_at <= %(at)s;

-- name: counted_within
SELECT count(*) FILTER (WHERE started_at >= %(since)s AND started_at < %(until)s),
       count(*) FILTER (WHERE ended_at >= %(since)s AND ended_at < %(until)s),
       count(*) FILTER (WHERE started_at >= %(since)s AND started_at < %(until)s
                          AND status = 'running'),
       count(*) FILTER (WHERE started_at >= %(since)s AND started_at < %(until)s
                          AND status = 'completed'),
       count(*) FILTER (WHERE started_at >= %(since)s AND started_at < %(until)s
                          AND status = 'cancelled'),
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (
           ORDER BY extract(epoch FROM ended_at - started_at)::float8)
           FILTER (WHERE started_at >= %(since)s AND started_at < %(until)s
                     AND status = 'completed')
  FROM process_case WHERE tenant = %(tenant)s AND definition = ANY (%(definitions)s);

-- name: room_to_reckon
SET LOCAL work_mem = '64MB';

-- name: step_passages
WITH passage AS ( -- each place is entered once; what has no place of its own is done there at once
    SELECT event.case_id, event.place, event.element,
           min(event.at) FILTER (WHERE event.kind = 'entered') AS begun,
           min(event.at) FILTER (WHERE event.kind IN ('claimed', 'delegated')) AS taken,
           max(event.at) FILTER (WHERE event.kind IN ('completed', 'caught')) AS done,
           count(*) FILTER (WHERE event.kind IN ('completed', 'caught')) AS passed,
           count(*) FILTER (WHERE event.kind = 'cancelled') AS cancelled,
           count(*) FILTER (WHERE event.kind = 'troubled') AS troubled,
           bool_or(event.kind = 'entered' AND event.data ->> 'turn' IS NOT NULL) AS is_turn
      FROM process_case AS held
      JOIN process_event AS event ON event.tenant = %(tenant)s AND event.case_id = held.id
     WHERE held.tenant = %(tenant)s AND held.definition = ANY (%(definitions)s)
       AND held.started_at >= %(since)s AND held.started_at < %(until)s
       AND event.kind IN ('entered', 'claimed', 'delegated', 'completed', 'caught', 'cancelled',
                          'troubled')
     GROUP BY event.case_id, event.place, event.element
), decided AS ( -- what waits for the first of several events is done when one of them comes there

-- name: step_decided
    SELECT gate.case_id, gate.place, min(event.at) AS at
      FROM passage AS gate
      JOIN process_event AS event ON event.tenant = %(tenant)s AND event.case_id = gate.case_id
                                 AND event.place = gate.place AND event.kind = 'caught'
     WHERE gate.element = ANY (%(deciding)s) GROUP BY gate.case_id, gate.place

-- name: step_undecided
    SELECT NULL::uuid AS case_id, NULL::bigint AS place, NULL::timestamptz AS at WHERE false

-- name: step_figures
), counted AS (
    SELECT passage.element, passage.cancelled, passage.troubled,
           greatest(passage.passed, (decided.at IS NOT NULL)::integer) AS passed,
           extract(epoch FROM coalesce(passage.done, decided.at) - passage.begun)::float8 AS seconds,
           CASE WHEN passage.done IS NOT NULL
                THEN extract(epoch FROM passage.taken - passage.begun)::float8 END AS idle
      FROM passage
      LEFT JOIN decided ON passage.element = ANY (%(deciding)s)
                       AND decided.case_id = passage.case_id AND decided.place = passage.place
     WHERE passage.is_turn OR passage.element <> ALL (%(repeated)s)
)
SELECT element, sum(passed)::bigint, sum(cancelled)::bigint, sum(troubled)::bigint,
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY idle), sum(idle),
       sum(seconds - idle),
       percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY seconds), sum(seconds)
  FROM counted GROUP BY element;

-- name: ways
WITH way AS (
    SELECT held.id, extract(epoch FROM held.ended_at - held.started_at)::float8 AS seconds,
           array_agg(event.element ORDER BY event.seq) AS path
      FROM process_case AS held
      JOIN process_event AS event ON event.tenant = %(tenant)s AND event.case_id = held.id
     WHERE held.tenant = %(tenant)s AND held.definition = ANY (%(definitions)s)
       AND held.started_at >= %(since)s AND held.started_at < %(until)s
       AND held.status = 'completed' AND event.kind IN ('completed', 'caught')
       AND event.element <> ALL (%(beside)s)
     GROUP BY held.id, held.ended_at, held.started_at
)
SELECT path, array_agg(seconds), (array_agg(id))[1:3] FROM way GROUP BY path;

-- name: waiting_now
SELECT wait.element, wait.kind = 'incident', count(*),
       max(extract(epoch FROM %(at)s - wait.opened_at)::float8)
  FROM process_wait AS wait
  JOIN process_case AS held ON held.tenant = %(tenant)s AND held.id = wait.case_id
 WHERE wait.tenant = %(tenant)s AND held.definition = ANY (%(definitions)s)
 GROUP BY wait.element, wait.kind = 'incident';

-- name: definitions_in_force
SELECT DISTINCT ON (process) hash, process, version, valid_from, valid_until, name, file, NULL,
       deployed_at, deployed_by, note, withdrawn_at, withdrawn_by, withdrawn_why
  FROM process_definition
 WHERE tenant = %(tenant)s AND withdrawn_at IS NULL
   AND valid_from <= %(day)s AND (valid_until IS NULL OR %(day)s < valid_until)
 ORDER BY process, valid_from DESC, version DESC;

-- name: runs_under
SELECT EXISTS (SELECT FROM process_case
                WHERE tenant = %(tenant)s AND process = %(process)s AND status = 'running'
                  AND business_key = %(business_key)s);

-- name: wait_for_message
SELECT wait.case_id, wait.key
  FROM process_inbox AS inbox
  JOIN process_wait AS wait ON wait.tenant = %(tenant)s AND wait.kind = 'message'
                           AND wait.name = inbox.name AND wait.correlation = inbox.correlation
 WHERE inbox.tenant = %(tenant)s AND inbox.sender = %(sender)s
   AND inbox.message_id = %(message_id)s AND inbox.fate = 'waiting'
 ORDER BY wait.opened_at, wait.case_id, wait.key LIMIT 1 FOR UPDATE OF inbox;

-- name: change_incoming
UPDATE process_inbox SET fate = %(fate)s, decided_at = %(decided_at)s
 WHERE tenant = %(tenant)s AND sender = %(sender)s AND message_id = %(message_id)s
   AND fate = ANY (%(before)s);

-- name: incoming_variables
SELECT variables::text, name, correlation, expires_at FROM process_inbox
 WHERE tenant = %(tenant)s AND sender = %(sender)s AND message_id = %(message_id)s;

-- name: keep_procedure
INSERT INTO process_procedure (tenant, partner, id, collaboration, role, partner_role, subject,
                               procedure, question, is_asker, items, year, consent, relation,
                               case_id, opened_at, until)
VALUES (%(tenant)s, %(partner)s, %(id)s, %(collaboration)s, %(role)s, %(partner_role)s, %(subject)s,
        %(procedure)s, %(question)s, %(is_asker)s, %(items)s, %(year)s, %(consent)s, %(relation)s,
        %(case_id)s, %(opened_at)s, %(until)s)
    ON CONFLICT (tenant, partner, id) DO NOTHING;

-- name: procedure
SELECT partner, id, collaboration, role, partner_role, subject, procedure, question, is_asker, items,
       year, consent, relation, case_id, opened_at
  FROM process_procedure WHERE tenant = %(tenant)s AND partner = %(partner)s AND id = %(id)s
   FOR UPDATE;

-- name: procedures_of_case
SELECT partner, id, collaboration, role, partner_role, subject, procedure, question, is_asker, items,
       year, consent, relation, case_id, opened_at
  FROM process_procedure WHERE tenant = %(tenant)s AND case_id = %(case_id)s
 ORDER BY opened_at DESC, id DESC;

-- name: bind_procedure
UPDATE process_procedure
   SET collaboration = %(collaboration)s, role = %(role)s, partner_role = %(partner_role)s
 WHERE tenant = %(tenant)s AND partner = %(partner)s AND id = %(id)s;

-- name: give_procedure_case
UPDATE process_procedure SET case_id = %(case_id)s
 WHERE tenant = %(tenant)s AND partner = %(partner)s AND id = %(id)s;

-- name: drop_procedures
DELETE FROM process_procedure WHERE tenant = %(tenant)s AND until <= %(at)s;

-- name: lock_letters
SELECT pg_advisory_xact_lock(hashtextextended(%(lock)s, 0));

-- name: keep_letter
INSERT INTO process_letter (tenant, partner, direction, id, name, collaboration, procedure_id, case_id,
                            element, counters, digest, body, at, reply_by, expires_at, answer, reason,
                            told)
VALUES (%(tenant)s, %(partner)s, %(direction)s, %(id)s, %(name)s, %(collaboration)s,
        %(procedure_id)s, %(case_id)s, %(element)s, %(counters)s, %(digest)s, %(body)s, %(at)s,
        %(reply_by)s, %(expires_at)s, %(answer)s, %(reason)s, '');

-- name: letter
SELECT letter.partner, letter.direction, letter.id, letter.name, letter.collaboration,
       letter.procedure_id, letter.case_id, letter.element, letter.counters, letter.digest,
       letter.body, letter.at, letter.reply_by, letter.expires_at, letter.answer, letter.reason,
       letter.told, letter.told_at, letter.settled_by, letter.settled_why, inbox.fate,
       inbox.case_id, inbox.trouble
  FROM process_letter AS letter
  LEFT JOIN process_inbox AS inbox
         ON inbox.tenant = %(tenant)s AND inbox.sender = letter.partner
        AND inbox.message_id = letter.id AND letter.direction = 'in'
 WHERE letter.tenant = %(tenant)s AND letter.partner = %(partner)s
   AND letter.direction = %(direction)s AND letter.id = %(id)s;

-- name: letters
SELECT letter.partner, letter.direction, letter.id, letter.name, letter.collaboration,
       letter.procedure_id, letter.case_id, letter.element, letter.counters, letter.digest,
       NULL, letter.at, letter.reply_by, letter.expires_at, letter.answer, letter.reason,
       letter.told, letter.told_at, letter.settled_by, letter.settled_why, inbox.fate,
       inbox.case_id, inbox.trouble
  FROM process_letter AS letter
  LEFT JOIN process_inbox AS inbox
         ON inbox.tenant = %(tenant)s AND inbox.sender = letter.partner
        AND inbox.message_id = letter.id AND letter.direction = 'in'
 WHERE letter.tenant = %(tenant)s
   AND (%(partner)s = '' OR letter.partner = %(partner)s)
   AND (%(id)s = '' OR letter.id = %(id)s)
   AND (%(procedure_id)s = '' OR letter.procedure_id = %(procedure_id)s)
 ORDER BY letter.at DESC, letter.id DESC LIMIT %(most)s;

-- name: letters_of_case
SELECT letter.partner, letter.direction, letter.id, letter.name, letter.collaboration,
       letter.procedure_id, letter.case_id, letter.element, letter.counters, letter.digest,
       NULL, letter.at, letter.reply_by, letter.expires_at, letter.answer, letter.reason,
       letter.told, letter.told_at, letter.settled_by, letter.settled_why, inbox.fate,
       inbox.case_id, inbox.trouble
  FROM process_procedure AS procedure
  JOIN process_letter AS letter
    ON letter.tenant = %(tenant)s AND letter.partner = procedure.partner
   AND letter.procedure_id = procedure.id
  LEFT JOIN process_inbox AS inbox
         ON inbox.tenant = %(tenant)s AND inbox.sender = letter.partner
        AND inbox.message_id = letter.id AND letter.direction = 'in'
 WHERE procedure.tenant = %(tenant)s AND procedure.case_id = %(case_id)s
 ORDER BY letter.at DESC, letter.id DESC LIMIT %(most)s;

-- name: dead_letters
SELECT letter.partner, letter.direction, letter.id, letter.name, letter.collaboration,
       letter.procedure_id, letter.case_id, letter.element, letter.counters, letter.digest,
       NULL, letter.at, letter.reply_by, letter.expires_at, letter.answer, letter.reason,
       letter.told, letter.told_at, letter.settled_by, letter.settled_why, inbox.fate,
       inbox.case_id, inbox.trouble
  FROM process_inbox AS inbox
  JOIN process_letter AS letter
    ON letter.tenant = %(tenant)s AND letter.partner = inbox.sender
   AND letter.id = inbox.message_id AND letter.direction = 'in' AND letter.settled_by IS NULL
 WHERE inbox.tenant = %(tenant)s AND inbox.fate IN ('late', 'expired', 'refused')
 ORDER BY letter.at DESC, letter.id DESC LIMIT %(most)s;

-- name: last_letter_named
SELECT id FROM process_letter
 WHERE tenant = %(tenant)s AND partner = %(partner)s AND direction = 'out'
   AND procedure_id = %(procedure_id)s AND name = %(name)s
   AND answer <> 'refused' ORDER BY at DESC LIMIT 1;

-- name: countering
SELECT id FROM process_letter
 WHERE tenant = %(tenant)s AND partner = %(partner)s AND direction = 'in'
   AND procedure_id = %(procedure_id)s AND counters = %(id)s AND answer = 'taken'
 ORDER BY at LIMIT 1;

-- name: answer_letter
UPDATE process_letter
   SET answer = %(answer)s, reason = %(reason)s, told = %(told)s, told_at = %(at)s,
       body = CASE WHEN %(is_over)s THEN NULL ELSE body END
 WHERE tenant = %(tenant)s AND partner = %(partner)s AND direction = 'out' AND id = %(id)s;

-- name: settle_letter
UPDATE process_letter SET settled_by = %(by)s, settled_why = %(why)s
 WHERE tenant = %(tenant)s AND partner = %(partner)s AND direction = 'in' AND id = %(id)s
   AND settled_by IS NULL;

-- name: last_staff
SELECT actor FROM process_history
 WHERE tenant = %(tenant)s AND case_id = %(case_id)s AND actor LIKE 'staff:%%'
 ORDER BY first DESC LIMIT 1;

-- name: letters_to_begin
SELECT letter.partner, letter.id
  FROM process_inbox AS inbox
  JOIN process_letter AS letter
    ON letter.tenant = %(tenant)s AND letter.partner = inbox.sender
   AND letter.direction = 'in' AND letter.id = inbox.message_id
  JOIN process_procedure AS procedure
    ON procedure.tenant = %(tenant)s AND procedure.partner = letter.partner
   AND procedure.id = letter.procedure_id AND procedure.case_id IS NULL
 WHERE inbox.tenant = %(tenant)s AND inbox.fate = 'waiting'
 ORDER BY inbox.received_at LIMIT %(most)s FOR UPDATE OF inbox SKIP LOCKED;

-- name: claim_to_ask
UPDATE process_letter AS letter SET told_at = %(at)s
  FROM (SELECT partner, id FROM process_letter
         WHERE tenant = %(tenant)s AND direction = 'out' AND answer = 'taken'
           AND told IN ('waiting', 'held') AND told_at <= %(before)s AND body IS NOT NULL
         ORDER BY told_at LIMIT %(most)s FOR UPDATE SKIP LOCKED) AS open
 WHERE letter.tenant = %(tenant)s AND letter.partner = open.partner
   AND letter.direction = 'out' AND letter.id = open.id
RETURNING letter.partner, letter.id, letter.body;
