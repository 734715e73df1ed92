-- name: keep_definition
INSERT INTO process_definition (tenant, hash, process, version, valid_from, valid_until, name, file,
                                model, deployed_at, deployed_by)
SELECT %(tenant)s, %(hash)s, %(process)s, coalesce(max(version), 0) + 1, %(valid_from)s,
       %(valid_until)s, %(name)s, %(file)s, %(model)s, %(at)s, %(by)s
  FROM process_definition WHERE tenant = %(tenant)s AND process = %(process)s
    ON CONFLICT (tenant, hash) DO NOTHING
RETURNING version;

-- name: lock_definitions
SELECT pg_advisory_xact_lock(hashtextextended('process_definition ' || %(tenant)s, 0));

-- name: definition
SELECT hash, process, version, valid_from, valid_until, name, file, model, deployed_at, deployed_by,
       withdrawn_at
  FROM process_definition WHERE tenant = %(tenant)s AND hash = %(hash)s;

-- name: definition_on
SELECT hash, process, version, valid_from, valid_until, name, file, model, deployed_at, deployed_by,
       withdrawn_at
  FROM process_definition
 WHERE tenant = %(tenant)s AND process = %(process)s AND withdrawn_at IS NULL
   AND valid_from <= %(day)s AND (valid_until IS NULL OR %(day)s < valid_until)
 ORDER BY valid_from DESC, version DESC LIMIT 1;

-- name: definitions
SELECT hash, process, version, valid_from, valid_until, name, file, NULL, deployed_at, deployed_by,
       withdrawn_at
  FROM process_definition WHERE tenant = %(tenant)s ORDER BY process, version;

-- name: withdraw_definition
UPDATE process_definition SET withdrawn_at = %(at)s
 WHERE tenant = %(tenant)s AND hash = %(hash)s AND withdrawn_at IS NULL;

-- name: begin_cases
INSERT INTO process_case (tenant, id, definition, process, business_key, applied_on, status, state,
                          variables, seq, head, started_at)
SELECT %(tenant)s, id, definition, process, business_key, applied_on, 'running', state,
       '{}'::jsonb, 0, decode(repeat('00', 32), 'hex'), %(at)s
  FROM unnest(%(ids)b::uuid[], %(definitions)b::text[], %(processes)b::text[],
              %(business_keys)b::text[], %(days)b::date[], %(states)b::bytea[])
       AS new (id, definition, process, business_key, applied_on, state);

-- name: lock_cases
SELECT id, definition, state, seq, head FROM process_case
 WHERE tenant = %(tenant)s AND id = ANY (%(ids)s) ORDER BY id FOR UPDATE;

-- name: known_commands
SELECT key, case_id, digest, seq FROM process_command
 WHERE tenant = %(tenant)s AND key = ANY (%(keys)s);

-- name: keep_commands
INSERT INTO process_command (tenant, key, case_id, digest, seq, at)
SELECT %(tenant)s, key, case_id, digest, seq, %(at)s
  FROM unnest(%(keys)b::text[], %(case_ids)b::uuid[], %(digests)b::bytea[], %(seqs)b::bigint[])
       AS new (key, case_id, digest, seq);

-- name: keep_cases
UPDATE process_case AS held
   SET state = new.state, variables = new.variables, seq = new.seq, head = new.head,
       status = new.status, ended_at = CASE WHEN new.status = 'running' THEN NULL ELSE %(at)s END,
       before_move = NULL
  FROM unnest(%(ids)b::uuid[], %(states)b::bytea[], %(variables)b::jsonb[], %(seqs)b::bigint[],
              %(heads)b::bytea[], %(statuses)b::text[])
       AS new (id, state, variables, seq, head, status)
 WHERE held.tenant = %(tenant)s AND held.id = ANY (%(ids)b::uuid[]) AND held.id = new.id;

-- name: keep_events
INSERT INTO process_event (tenant, case_id, seq, kind, element, place, data, actor, basis, at, hash)
SELECT %(tenant)s, case_id, seq, kind, element, place, data, actor, basis, at, hash
  FROM unnest(%(case_ids)b::uuid[], %(seqs)b::bigint[], %(kinds)b::text[], %(elements)b::text[],
              %(places)b::bigint[], %(data)b::jsonb[], %(actors)b::text[], %(bases)b::text[],
              %(ats)b::timestamptz[], %(hashes)b::bytea[])
       AS new (case_id, seq, kind, element, place, data, actor, basis, at, hash);

-- name: drop_waits
DELETE FROM process_wait AS held
 USING unnest(%(case_ids)b::uuid[], %(keys)b::bigint[]) AS gone (case_id, key)
 WHERE held.tenant = %(tenant)s AND held.case_id = ANY (%(case_ids)b::uuid[]) -- finds them by the key
   AND held.case_id = gone.case_id AND held.key = gone.key;

-- name: keep_waits
INSERT INTO process_wait (tenant, case_id, key, kind, element, name, correlation, due, about,
                          opened_at, not_before)
SELECT %(tenant)s, case_id, key, kind, element, name, correlation, due, about, at, at
  FROM unnest(%(case_ids)b::uuid[], %(keys)b::bigint[], %(kinds)b::text[], %(elements)b::text[],
              %(names)b::text[], %(correlations)b::text[], %(dues)b::timestamptz[],
              %(abouts)b::jsonb[], %(ats)b::timestamptz[])
       AS new (case_id, key, kind, element, name, correlation, due, about, at);

-- name: keep_outgoing
INSERT INTO process_outbox (tenant, key, case_id, element, kind, name, correlation, variables, at,
                            not_before)
SELECT %(tenant)s, key, case_id, element, kind, name, correlation, variables, at, at
  FROM unnest(%(keys)b::text[], %(case_ids)b::uuid[], %(elements)b::text[], %(kinds)b::text[],
              %(names)b::text[], %(correlations)b::text[], %(variables)b::jsonb[],
              %(ats)b::timestamptz[])
       AS new (key, case_id, element, kind, name, correlation, variables, at);

-- name: claim_due
SELECT case_id, key, due, tries FROM process_wait
 WHERE tenant = %(tenant)s AND kind = 'timer' AND due <= %(at)s AND not_before <= %(at)s
 ORDER BY due, case_id, key LIMIT %(most)s FOR UPDATE SKIP LOCKED;

-- name: postpone_timer
UPDATE process_wait SET not_before = %(not_before)s, tries = tries + 1, trouble = %(trouble)s
 WHERE tenant = %(tenant)s AND case_id = %(case_id)s AND key = %(key)s;

-- name: claim_jobs
UPDATE process_wait AS job
   SET leased_until = %(until)s, not_before = %(until)s, fence = job.fence + 1, tries = job.tries + 1
  FROM (SELECT case_id, key FROM process_wait
         WHERE tenant = %(tenant)s AND kind = 'job' AND name = ANY (%(names)s)
           AND not_before <= %(at)s
         ORDER BY not_before LIMIT %(most)s FOR UPDATE SKIP LOCKED) AS free
 WHERE job.tenant = %(tenant)s AND job.case_id = free.case_id AND job.key = free.key
RETURNING job.case_id, job.key, job.name, job.element, job.about::text, job.fence, job.tries;

-- name: hold_jobs
SELECT case_id, key, name, element, about::text, fence, tries FROM process_wait
 WHERE tenant = %(tenant)s AND kind = 'job' AND name = ANY (%(names)s) AND not_before <= %(at)s
 ORDER BY not_before LIMIT %(most)s FOR UPDATE SKIP LOCKED;

-- name: leased_jobs
SELECT case_id, key, fence, tries FROM process_wait
 WHERE tenant = %(tenant)s AND kind = 'job'
   AND (case_id, key) IN (SELECT * FROM unnest(%(case_ids)b::uuid[], %(keys)b::bigint[]));

-- name: postpone_job
UPDATE process_wait SET not_before = %(not_before)s, leased_until = NULL, trouble = %(trouble)s
 WHERE tenant = %(tenant)s AND case_id = %(case_id)s AND key = %(key)s AND fence = %(fence)s;

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

-- name: events
SELECT seq, kind, element, place, data::text, actor, basis, at, hash FROM process_event
 WHERE tenant = %(tenant)s AND case_id = %(id)s ORDER BY seq;

-- name: find_cases
SELECT id, process, business_key, status, started_at, ended_at FROM process_case AS held
 WHERE tenant = %(tenant)s
   AND (%(process)s = '' OR process = %(process)s)
   AND (%(status)s = '' OR status = %(status)s)
   AND (%(business_key)s = '' OR business_key = %(business_key)s)
   AND (%(variables)s::jsonb IS NULL OR variables @> %(variables)s::jsonb)
   AND (%(element)s = '' OR EXISTS (SELECT FROM process_wait AS wait
                                     WHERE wait.tenant = %(tenant)s AND wait.case_id = held.id
                                       AND wait.element = %(element)s))
 ORDER BY started_at DESC, id DESC LIMIT %(most)s;

-- name: standing
SELECT wait.element, wait.kind, count(*)
  FROM process_wait AS wait
  JOIN process_case AS held ON held.tenant = %(tenant)s AND held.id = wait.case_id
 WHERE wait.tenant = %(tenant)s AND held.definition = %(definition)s
 GROUP BY wait.element, wait.kind;

-- name: passages
SELECT done.element, count(*),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM done.at - begun.at)),
       sum(extract(epoch FROM done.at - begun.at))
  FROM process_case AS held
  JOIN process_event AS done ON done.tenant = %(tenant)s AND done.case_id = held.id
                            AND done.kind IN ('completed', 'caught')
  LEFT JOIN process_event AS begun ON begun.tenant = %(tenant)s AND begun.case_id = held.id
                                  AND begun.kind = 'entered' AND begun.element = done.element
                                  AND begun.place = done.place
 WHERE held.tenant = %(tenant)s AND held.definition = %(definition)s
 GROUP BY done.element;

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
    OR EXISTS (SELECT FROM process_inbox WHERE tenant = %(tenant)s AND fate = 'waiting');

-- name: definitions_in_force
SELECT DISTINCT ON (process) hash, process, version, valid_from, valid_until, name, file, NULL,
       deployed_at, deployed_by, withdrawn_at
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
SELECT actor FROM process_event
 WHERE tenant = %(tenant)s AND case_id = %(case_id)s AND actor LIKE 'staff:%%'
 ORDER BY seq DESC LIMIT 1;

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
