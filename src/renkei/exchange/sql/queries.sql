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
WITH free AS (
     SELECT number, client, priority, accepted_at, row_number() OVER (
            PARTITION BY client, priority ORDER BY accepted_at, number) AS turn
       FROM exchange_task
      WHERE tenant = %(tenant)s AND ended_at IS NULL AND expires_at > %(at)s
        AND not_before <= %(at)s AND (lease IS NULL OR leased_until <= %(at)s)),
     served AS (
     SELECT waiting.client, (SELECT max(claimed_at) FROM exchange_task AS every
             WHERE every.tenant = %(tenant)s AND every.client = waiting.client) AS last
       FROM (SELECT DISTINCT client FROM free) AS waiting),
     chosen AS (
     SELECT number FROM free JOIN served USING (client)
      ORDER BY priority, turn, last NULLS FIRST, accepted_at, number LIMIT %(most)s)
UPDATE exchange_task AS ours
   SET lease = %(lease)s, leased_until = %(until)s, claimed_at = %(at)s, tries = tries + 1
  FROM chosen
 WHERE ours.tenant = %(tenant)s AND ours.number = chosen.number
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
   AND (ended_at IS NULL OR ended_at < %(before)s);
