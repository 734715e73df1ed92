-- name: see
INSERT INTO exchange_seen (tenant, keyid, nonce, request_id, seen_at)
SELECT %(tenant)s, new.keyid, new.nonce, new.request_id, %(at)s
  FROM unnest(%(keyids)s::text[], %(nonces)s::text[], %(requests)s::text[])
    AS new (keyid, nonce, request_id)
    ON CONFLICT (tenant, keyid, nonce) DO NOTHING
RETURNING keyid, nonce;

-- name: use
INSERT INTO exchange_request (tenant, client, request_id, used_at)
SELECT %(tenant)s, new.client, new.request_id, %(at)s
  FROM unnest(%(clients)s::text[], %(requests)s::text[]) AS new (client, request_id)
    ON CONFLICT (tenant, client, request_id) DO NOTHING
RETURNING client, request_id;

-- name: forget_seen
DELETE FROM exchange_seen WHERE tenant = %(tenant)s AND seen_at < %(before)s;

-- name: forget_requests
DELETE FROM exchange_request WHERE tenant = %(tenant)s AND used_at < %(before)s;

-- name: register_destination
INSERT INTO exchange_destination (tenant, destination, url)
VALUES (%(tenant)s, %(destination)s, %(url)s)
ON CONFLICT (tenant, destination) DO UPDATE SET url = excluded.url;

-- name: unregister_destination
DELETE FROM exchange_destination WHERE tenant = %(tenant)s AND destination = %(destination)s;

-- name: hold_destination
SELECT url FROM exchange_destination
   WHERE tenant = %(tenant)s AND destination = %(destination)s FOR NO KEY UPDATE;

-- name: put
INSERT INTO exchange_outbox (tenant, destination, id, body, put_at, not_before)
SELECT %(tenant)s, %(destination)s, new.id, new.body, %(at)s, %(not_before)s
  FROM unnest(%(ids)s::text[], %(bodies)s::bytea[]) WITH ORDINALITY AS new (id, body, place)
 ORDER BY new.place
    ON CONFLICT (tenant, destination, id) DO NOTHING;

-- name: claim_destinations
UPDATE exchange_destination AS ours SET lease = %(lease)s, leased_until = %(until)s
  FROM (SELECT free.destination FROM exchange_destination AS free
          JOIN LATERAL (SELECT first.not_before FROM exchange_outbox AS first
                         WHERE first.tenant = free.tenant AND first.destination = free.destination
                         ORDER BY first.place LIMIT 1) AS next ON next.not_before <= %(at)s
         WHERE free.tenant = %(tenant)s
           AND (free.leased_until IS NULL OR free.leased_until <= %(at)s)
         ORDER BY free.leased_until NULLS FIRST, next.not_before LIMIT %(destinations)s
           FOR NO KEY UPDATE OF free SKIP LOCKED) AS claimed
 WHERE ours.tenant = %(tenant)s AND ours.destination = claimed.destination
RETURNING ours.destination, ours.url;

-- name: claimed_letters
SELECT letter.destination, letter.place, letter.id, letter.body, letter.tries, letter.failures,
       letter.not_before <= %(at)s
  FROM unnest(%(names)s::text[]) AS claimed (destination)
 CROSS JOIN LATERAL (SELECT * FROM exchange_outbox AS waiting
                      WHERE waiting.tenant = %(tenant)s
                        AND waiting.destination = claimed.destination
                      ORDER BY waiting.place LIMIT %(limit)s) AS letter
 ORDER BY letter.destination, letter.place;

-- name: taken
DELETE FROM exchange_outbox
   WHERE tenant = %(tenant)s AND destination = %(destination)s AND place = any(%(places)s);

-- name: postpone
UPDATE exchange_outbox
   SET not_before = %(until)s, reason = %(reason)s, tries = tries + 1,
       failures = failures + %(reached)s
 WHERE tenant = %(tenant)s AND destination = %(destination)s AND place = %(place)s;

-- name: bury
WITH dead AS (
    DELETE FROM exchange_outbox
     WHERE tenant = %(tenant)s AND destination = %(destination)s AND place = %(place)s
    RETURNING tenant, destination, place, id, body, tries)
INSERT INTO exchange_dead_letter (tenant, destination, place, id, body, tries, reason, died_at)
SELECT tenant, destination, place, id, body, tries + 1, %(reason)s, %(at)s FROM dead;

-- name: release
UPDATE exchange_destination SET lease = NULL, leased_until = NULL
   WHERE tenant = %(tenant)s AND destination = %(destination)s AND lease = %(lease)s;

-- name: resend
WITH risen AS (
    DELETE FROM exchange_dead_letter
     WHERE tenant = %(tenant)s AND destination = %(destination)s
       AND (%(ids)s::text[] = '{}' OR id = any(%(ids)s::text[]))
    RETURNING place, id, body)
INSERT INTO exchange_outbox (tenant, destination, id, body, put_at, not_before)
SELECT %(tenant)s, %(destination)s, id, body, %(at)s, %(at)s FROM risen ORDER BY place
    ON CONFLICT (tenant, destination, id) DO NOTHING;

-- name: backlog
SELECT known.destination, known.url, waiting.letters, waiting.oldest,
       coalesce(next.tries, 0), coalesce(next.reason, ''), dead.letters
  FROM exchange_destination AS known
 CROSS JOIN LATERAL (SELECT count(*) AS letters, min(put_at) AS oldest FROM exchange_outbox AS mine
                      WHERE mine.tenant = known.tenant
                        AND mine.destination = known.destination) AS waiting
 CROSS JOIN LATERAL (SELECT count(*) AS letters FROM exchange_dead_letter AS mine
                      WHERE mine.tenant = known.tenant
                        AND mine.destination = known.destination) AS dead
  LEFT JOIN LATERAL (SELECT tries, reason FROM exchange_outbox AS first
                      WHERE first.tenant = known.tenant AND first.destination = known.destination
                      ORDER BY first.place LIMIT 1) AS next ON true
 WHERE known.tenant = %(tenant)s
 ORDER BY known.destination;

-- name: dead_letters
SELECT id, reason, tries, died_at FROM exchange_dead_letter
   WHERE tenant = %(tenant)s AND destination = %(destination)s ORDER BY place;

-- name: accept_task
INSERT INTO exchange_task (tenant, number, client, request_id, digest, priority, question,
                           accepted_at, expires_at, not_before)
VALUES (%(tenant)s, %(number)s, %(client)s, %(request_id)s, %(digest)s, %(priority)s, %(question)s,
        %(at)s, %(expires_at)s, %(at)s)
ON CONFLICT (tenant, client, request_id) DO NOTHING;

-- name: accepted_task
SELECT number, digest, accepted_at, expires_at FROM exchange_task
 WHERE tenant = %(tenant)s AND client = %(client)s AND request_id = %(request_id)s;

-- name: claim_tasks
WITH RECURSIVE waiting (client) AS (
     (SELECT client FROM exchange_task WHERE tenant = %(tenant)s AND ended_at IS NULL
       ORDER BY client LIMIT 1)
     UNION ALL
     SELECT (SELECT next.client FROM exchange_task AS next
              WHERE next.tenant = %(tenant)s AND next.ended_at IS NULL
                AND next.client > waiting.client
              ORDER BY next.client LIMIT 1)
       FROM waiting WHERE waiting.client IS NOT NULL),
     free AS (
     SELECT own.number, own.client, own.priority, own.accepted_at, row_number() OVER (
            PARTITION BY own.client, own.priority ORDER BY own.accepted_at, own.number) AS turn
       FROM waiting
      CROSS JOIN LATERAL (
            SELECT number, client, priority, accepted_at FROM exchange_task AS task
             WHERE task.tenant = %(tenant)s AND task.client = waiting.client
               AND task.ended_at IS NULL AND task.expires_at > %(at)s
               AND task.not_before <= %(at)s AND (task.lease IS NULL OR task.leased_until <= %(at)s)
             ORDER BY task.priority, task.accepted_at, task.number LIMIT %(most)s) AS own),
     served AS (
     SELECT waiting.client, (SELECT max(claimed_at) FROM exchange_task AS every
             WHERE every.tenant = %(tenant)s AND every.client = waiting.client) AS last
       FROM (SELECT DISTINCT client FROM free) AS waiting),
     chosen AS (
     SELECT number FROM free JOIN served USING (client)
      ORDER BY priority, turn, last NULLS FIRST, accepted_at, number LIMIT %(most)s)
UPDATE exchange_task AS ours
   SET lease = %(lease)s, leased_until = %(until)s, claimed_at = %(at)s, tries = tries + 1
 WHERE ours.tenant = %(tenant)s AND ours.number = any(ARRAY(SELECT number FROM chosen))
   AND ours.ended_at IS NULL AND (ours.lease IS NULL OR ours.leased_until <= %(at)s)
RETURNING ours.number, ours.client, ours.question, ours.tries, ours.priority, ours.accepted_at;

-- name: end_task
UPDATE exchange_task SET ended_at = %(at)s, answer = %(answer)s, lease = NULL, leased_until = NULL
 WHERE tenant = %(tenant)s AND number = %(number)s AND lease = %(lease)s AND ended_at IS NULL;

-- name: postpone_task
UPDATE exchange_task SET not_before = %(not_before)s, lease = NULL, leased_until = NULL
 WHERE tenant = %(tenant)s AND number = %(number)s AND lease = %(lease)s AND ended_at IS NULL;

-- name: task
SELECT accepted_at, expires_at, ended_at, answer, tries FROM exchange_task
 WHERE tenant = %(tenant)s AND client = %(client)s AND number = %(number)s;

-- name: waiting_tasks
SELECT count(*) FROM exchange_task
 WHERE tenant = %(tenant)s AND ended_at IS NULL AND expires_at > %(at)s;

-- name: forget_tasks
DELETE FROM exchange_task
 WHERE tenant = %(tenant)s AND expires_at < %(before)s
   AND (ended_at IS NULL OR ended_at < %(before)s)
   AND NOT EXISTS (SELECT FROM exchange_file_line AS line
                    WHERE line.tenant = exchange_task.tenant
                      AND line.number = exchange_task.number);

-- name: accept_tasks
INSERT INTO exchange_task (tenant, number, client, request_id, digest, priority, question,
                           accepted_at, expires_at, not_before)
SELECT %(tenant)s, new.number, %(client)s, new.request_id, new.digest, %(priority)s, new.question,
       %(at)s, %(expires_at)s, %(at)s
  FROM unnest(%(numbers)s::uuid[], %(request_ids)s::text[], %(digests)s::bytea[],
              %(questions)s::bytea[]) AS new (number, request_id, digest, question)
    ON CONFLICT (tenant, client, request_id) DO NOTHING;

-- name: accepted_tasks
SELECT task.number, task.digest
  FROM unnest(%(request_ids)s::text[]) WITH ORDINALITY AS asked (request_id, place)
  JOIN exchange_task AS task ON task.tenant = %(tenant)s AND task.client = %(client)s
                            AND task.request_id = asked.request_id
 ORDER BY asked.place;

-- name: accept_file
INSERT INTO exchange_file (tenant, client, id, digest, place, folder, content, lines, accepted_at,
                           expires_at)
VALUES (%(tenant)s, %(client)s, %(id)s, %(digest)s, %(place)s, %(folder)s, %(content)s, %(lines)s,
        %(at)s, %(expires_at)s)
ON CONFLICT (tenant, client, id) DO NOTHING;

-- name: add_file_lines
INSERT INTO exchange_file_line (tenant, client, file, line, number)
SELECT %(tenant)s, %(client)s, %(id)s, new.line, new.number
  FROM unnest(%(numbers)s::uuid[]) WITH ORDINALITY AS new (number, line);

-- name: file
SELECT digest, accepted_at, expires_at, answered_at FROM exchange_file
 WHERE tenant = %(tenant)s AND client = %(client)s AND id = %(id)s;

-- name: ended_files
SELECT file.client, file.id, file.folder
  FROM exchange_file AS file
 WHERE file.tenant = %(tenant)s AND file.place = %(place)s AND file.answered_at IS NULL
   AND NOT EXISTS (SELECT FROM exchange_file_line AS line
                     JOIN exchange_task AS task ON task.tenant = line.tenant
                                               AND task.number = line.number
                    WHERE line.tenant = file.tenant AND line.client = file.client
                      AND line.file = file.id AND task.ended_at IS NULL
                      AND (task.expires_at > %(at)s OR task.leased_until > %(at)s))
 ORDER BY file.accepted_at, file.client, file.id;

-- name: file_content
SELECT content FROM exchange_file
 WHERE tenant = %(tenant)s AND client = %(client)s AND id = %(id)s;

-- name: file_answers
SELECT task.number, coalesce(task.ended_at, task.expires_at), task.answer
  FROM exchange_file_line AS line
  JOIN exchange_task AS task ON task.tenant = line.tenant AND task.number = line.number
 WHERE line.tenant = %(tenant)s AND line.client = %(client)s AND line.file = %(id)s
 ORDER BY line.line;

-- name: set_file_answered
UPDATE exchange_file SET answered_at = %(at)s
 WHERE tenant = %(tenant)s AND client = %(client)s AND id = %(id)s;

-- name: files
SELECT file.client, file.id, file.place, file.folder, file.lines, counted.ended, counted.expired,
       file.accepted_at, file.expires_at, file.answered_at
  FROM exchange_file AS file
 CROSS JOIN LATERAL (
       SELECT count(task.ended_at) AS ended,
              count(*) FILTER (WHERE task.ended_at IS NULL
                                 AND task.expires_at <= %(at)s) AS expired
         FROM exchange_file_line AS line
         JOIN exchange_task AS task ON task.tenant = line.tenant AND task.number = line.number
        WHERE line.tenant = file.tenant AND line.client = file.client AND line.file = file.id
       ) AS counted
 WHERE file.tenant = %(tenant)s
 ORDER BY file.accepted_at DESC, file.client, file.id LIMIT %(most)s;

-- name: forget_files
DELETE FROM exchange_file
 WHERE tenant = %(tenant)s AND expires_at < %(before)s AND answered_at < %(before)s;

-- name: accept_bulk
INSERT INTO exchange_bulk (tenant, number, client, request_id, digest, question, persons,
                           accepted_at, expires_at)
VALUES (%(tenant)s, %(number)s, %(client)s, %(request_id)s, %(digest)s, %(question)s, %(persons)s,
        %(at)s, %(expires_at)s)
ON CONFLICT (tenant, client, request_id) DO NOTHING;

-- name: add_bulk_parts
INSERT INTO exchange_bulk_part (tenant, number, part, persons, list, not_before)
SELECT %(tenant)s, %(number)s, new.part, new.persons, new.list, %(at)s
  FROM unnest(%(persons)s::integer[], %(lists)s::bytea[]) WITH ORDINALITY
    AS new (persons, list, part);

-- name: accepted_bulk
SELECT number, digest, accepted_at, expires_at FROM exchange_bulk
 WHERE tenant = %(tenant)s AND client = %(client)s AND request_id = %(request_id)s;

-- name: claim_bulk
-- One part: of the inquiry that was served longest ago, its parts in their order.
UPDATE exchange_bulk_part AS ours
   SET lease = %(lease)s, leased_until = %(until)s, tries = ours.tries + 1
  FROM (SELECT part.number, part.part FROM exchange_bulk_part AS part
          JOIN exchange_bulk AS bulk
            ON bulk.tenant = part.tenant AND bulk.number = part.number
         WHERE part.tenant = %(tenant)s AND part.ended_at IS NULL AND bulk.expires_at > %(at)s
           AND part.not_before <= %(at)s AND (part.lease IS NULL OR part.leased_until <= %(at)s)
         ORDER BY bulk.claimed_at NULLS FIRST, bulk.accepted_at, part.number, part.part LIMIT 1
           FOR NO KEY UPDATE OF part SKIP LOCKED) AS next
 WHERE ours.tenant = %(tenant)s AND ours.number = next.number AND ours.part = next.part
RETURNING ours.number, ours.part, ours.persons, ours.list, ours.tries;

-- name: served_bulk
UPDATE exchange_bulk SET claimed_at = %(at)s WHERE tenant = %(tenant)s AND number = %(number)s
RETURNING client, question, accepted_at;

-- name: renew_bulk
UPDATE exchange_bulk_part SET leased_until = %(until)s
 WHERE tenant = %(tenant)s AND number = %(number)s AND part = %(part)s AND lease = %(lease)s
   AND ended_at IS NULL;

-- name: end_bulk_part
UPDATE exchange_bulk_part
   SET ended_at = %(at)s, answer = %(answer)s, lease = NULL, leased_until = NULL
 WHERE tenant = %(tenant)s AND number = %(number)s AND part = %(part)s AND lease = %(lease)s
   AND ended_at IS NULL;

-- name: postpone_bulk
UPDATE exchange_bulk_part SET not_before = %(not_before)s, lease = NULL, leased_until = NULL
 WHERE tenant = %(tenant)s AND number = %(number)s AND part = %(part)s AND lease = %(lease)s
   AND ended_at IS NULL;

-- name: bulks
SELECT bulk.number, bulk.client, bulk.persons, bulk.accepted_at, bulk.expires_at,
       coalesce(sum(part.persons) FILTER (WHERE part.ended_at IS NOT NULL), 0),
       max(part.ended_at), max(part.tries) FILTER (WHERE part.ended_at IS NULL)
  FROM exchange_bulk AS bulk
  JOIN exchange_bulk_part AS part
    ON part.tenant = bulk.tenant AND part.number = bulk.number
 WHERE bulk.tenant = %(tenant)s AND (%(number)s::uuid IS NULL OR bulk.number = %(number)s)
   AND (%(client)s::text IS NULL OR bulk.client = %(client)s)
 GROUP BY bulk.tenant, bulk.number
 ORDER BY bulk.accepted_at DESC, bulk.number LIMIT %(most)s;

-- name: bulk_parts
SELECT bulk.question, part.part, part.list, part.answer
  FROM exchange_bulk AS bulk
  JOIN exchange_bulk_part AS part
    ON part.tenant = bulk.tenant AND part.number = bulk.number
 WHERE bulk.tenant = %(tenant)s AND bulk.number = %(number)s
 ORDER BY part.part;

-- name: forget_bulks
DELETE FROM exchange_bulk AS bulk
 WHERE bulk.tenant = %(tenant)s AND bulk.expires_at < %(before)s
   AND NOT EXISTS (SELECT FROM exchange_bulk_part AS part
                    WHERE part.tenant = bulk.tenant AND part.number = bulk.number
                      AND part.ended_at >= %(before)s);
