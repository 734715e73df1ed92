-- name: one_alignment_at_a_time
SELECT pg_advisory_xact_lock(7230117);

-- name: become_owner
SET LOCAL ROLE renkei_owner;

-- name: columns
SELECT relname, attname, format_type(atttypid, atttypmod), attnotnull
   FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
   WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
     AND starts_with(relname, 'store_') AND attnum > 0 AND NOT attisdropped;

-- name: unpartitioned
SELECT relname FROM pg_class
   WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT relispartition
     AND starts_with(relname, 'store_');

-- name: one_load_at_a_time
SELECT pg_advisory_xact_lock(hashtextextended(%(tenant)s || ' ' || %(entity)s, 7230116));

-- name: load_of_file
SELECT loaded_at FROM store_load
   WHERE tenant = %(tenant)s AND entity = %(entity)s AND states_on = %(on)s AND sha256 = %(sha256)s;

-- name: last_load
SELECT states_on, loaded_at FROM store_load
   WHERE tenant = %(tenant)s AND entity = %(entity)s
   ORDER BY loaded_at DESC LIMIT 1;

-- name: last_difference
SELECT number, EXISTS (SELECT FROM store_load AS later
                        WHERE later.tenant = store_load.tenant AND later.entity = store_load.entity
                          AND later.kind <> 'difference' AND later.position > store_load.position)
   FROM store_load
   WHERE tenant = %(tenant)s AND entity = %(entity)s AND kind = 'difference'
   ORDER BY position DESC LIMIT 1;

-- name: one_end_at_a_time
SELECT pg_advisory_xact_lock(hashtextextended(%(tenant)s, 7230118));

-- name: record_load
INSERT INTO store_load
   (tenant, entity, loaded_at, states_on, sha256, records, new, changed, gone, kind, number,
    position)
   SELECT %(tenant)s, %(entity)s, %(at)s, %(on)s, %(sha256)s, %(records)s,
          %(new)s, %(changed)s, %(gone)s, %(kind)s, %(number)s, coalesce(max(position), 0) + 1
     FROM store_load WHERE tenant = %(tenant)s
   RETURNING position;

-- name: setting
SELECT current_setting(%(name)s);

-- name: set_setting
SELECT set_config(%(name)s, %(value)s, true);

-- name: drop_staging
DROP TABLE IF EXISTS pg_temp.store_staging, pg_temp.store_change;

-- name: analyze_changes
ANALYZE store_change;

-- name: count_changes
SELECT count(*) FILTER (WHERE kind = 'new'), count(*) FILTER (WHERE kind = 'changed'),
       count(*) FILTER (WHERE kind = 'gone')
   FROM store_change;

-- name: one_decision_at_a_time
SELECT pg_advisory_xact_lock(hashtextextended(%(tenant)s, 7230120));

-- name: last_unified_number
SELECT coalesce(left(max(unified_number), 14)::bigint, 0) FROM store_identity
   WHERE tenant = %(tenant)s;

-- name: link_new_identities
INSERT INTO store_identity_link (tenant, register_number, unified_number, valid_from, known_from)
   SELECT tenant, register_number, unified_number, numbered_on, known_from FROM store_identity
     WHERE tenant = %(tenant)s AND known_from = %(at)s;

-- name: identities_on_day
SELECT register_number, unified_number FROM store_identity_link
   WHERE tenant = %(tenant)s AND register_number = any(%(numbers)s) AND valid_from <= %(on)s
     AND known_from <= coalesce(%(known)s, 'infinity'::timestamptz)
UNION ALL
SELECT register_number, unified_number FROM store_identity_link_history
   WHERE tenant = %(tenant)s AND register_number = any(%(numbers)s) AND valid_from <= %(on)s
     AND known_from <= coalesce(%(known)s, 'infinity'::timestamptz)
     AND (known_to > coalesce(%(known)s, 'infinity'::timestamptz) OR valid_to > %(on)s);

-- name: members_on_day
SELECT register_number FROM store_identity_link
   WHERE tenant = %(tenant)s AND unified_number = %(unified)s AND valid_from <= %(on)s
     AND known_from <= coalesce(%(known)s, 'infinity'::timestamptz)
UNION ALL
SELECT register_number FROM store_identity_link_history
   WHERE tenant = %(tenant)s AND unified_number = %(unified)s AND valid_from <= %(on)s
     AND known_from <= coalesce(%(known)s, 'infinity'::timestamptz)
     AND (known_to > coalesce(%(known)s, 'infinity'::timestamptz) OR valid_to > %(on)s)
ORDER BY register_number;

-- name: identity_history
SELECT unified_number, valid_from, known_from, NULL::date, NULL::timestamptz
   FROM store_identity_link
   WHERE tenant = %(tenant)s AND register_number = %(number)s
UNION ALL
SELECT unified_number, valid_from, known_from, valid_to, known_to
   FROM store_identity_link_history
   WHERE tenant = %(tenant)s AND register_number = %(number)s
ORDER BY 3;

-- name: own_identities
SELECT register_number, unified_number FROM store_identity
   WHERE tenant = %(tenant)s AND register_number = any(%(numbers)s);

-- name: register_number_of
SELECT register_number FROM store_identity
   WHERE tenant = %(tenant)s AND unified_number = %(unified)s;

-- name: count_identities
SELECT count(*), count(DISTINCT unified_number) FROM store_identity_link
   WHERE tenant = %(tenant)s;

-- name: all_together
SELECT register_number, unified_number FROM store_identity_link
   WHERE tenant = %(tenant)s AND unified_number IN (
     SELECT unified_number FROM store_identity_link
       WHERE tenant = %(tenant)s AND register_number = any(%(numbers)s));

-- name: same_pairs_among
SELECT one, other FROM store_pair
   WHERE tenant = %(tenant)s AND state = 'same' AND one = any(%(numbers)s)
UNION
SELECT one, other FROM store_pair
   WHERE tenant = %(tenant)s AND state = 'same' AND other = any(%(numbers)s);

-- name: latest_links
SELECT max(valid_from), max(known_from) FROM store_identity_link
   WHERE tenant = %(tenant)s AND register_number = any(%(numbers)s);

-- name: keep_moved_links
INSERT INTO store_identity_link_history
   (tenant, register_number, unified_number, valid_from, known_from, valid_to, known_to)
   SELECT tenant, link.register_number, link.unified_number, valid_from, known_from,
          %(on)s, %(at)s
     FROM store_identity_link AS link
     WHERE tenant = %(tenant)s AND register_number = any(%(numbers)s);

-- name: move_links
UPDATE store_identity_link AS link
   SET unified_number = moved.unified_number, valid_from = %(on)s, known_from = %(at)s
   FROM unnest(%(numbers)s::text[], %(unified)s::text[]) AS moved(register_number, unified_number)
   WHERE link.tenant = %(tenant)s AND link.register_number = moved.register_number;

-- name: pair
SELECT one, other, kind, ground, score, evidence, state, judged, found_at, changed_at
   FROM store_pair WHERE tenant = %(tenant)s AND one = %(one)s AND other = %(other)s;

-- name: queue
SELECT one, other, kind, ground, score, evidence, state, judged, found_at, changed_at
   FROM store_pair
   WHERE tenant = %(tenant)s AND state = any(%(states)s) AND kind = any(%(kinds)s)
   ORDER BY state DESC, array_position(ARRAY['conflict', 'alert', 'asked'], kind) NULLS LAST,
            score DESC, one, other
   LIMIT %(limit)s OFFSET %(skip)s;

-- name: count_pairs
SELECT state, kind, count(*) FROM store_pair WHERE tenant = %(tenant)s GROUP BY state, kind
   ORDER BY state, kind;

-- name: pairs_of_number
SELECT one, other, kind, ground, score, evidence, state, judged, found_at, changed_at
   FROM store_pair WHERE tenant = %(tenant)s AND one = any(%(numbers)s)
UNION
SELECT one, other, kind, ground, score, evidence, state, judged, found_at, changed_at
   FROM store_pair WHERE tenant = %(tenant)s AND other = any(%(numbers)s)
ORDER BY 1, 2;

-- name: ask_pair
INSERT INTO store_pair
   (tenant, one, other, kind, score, evidence, state, found_at, changed_at)
   VALUES (%(tenant)s, %(one)s, %(other)s, 'asked', 0, '{}', 'waiting', %(at)s, %(at)s)
   ON CONFLICT DO NOTHING;

-- name: set_pair_state
UPDATE store_pair SET state = %(state)s, judged = judged OR %(judged)s, changed_at = %(at)s
   WHERE tenant = %(tenant)s AND one = %(one)s AND other = %(other)s;

-- name: different_between
SELECT decision.number
   FROM store_pair AS pair
   JOIN store_pair_decision AS decision USING (tenant, one, other)
   WHERE pair.tenant = %(tenant)s AND pair.state = 'different'
     AND ((pair.one = any(%(numbers)s) AND pair.other = any(%(others)s))
       OR (pair.one = any(%(others)s) AND pair.other = any(%(numbers)s)))
   ORDER BY decision.number DESC LIMIT 1;

-- name: enter_decision
INSERT INTO store_pair_decision
   (tenant, number, one, other, verdict, is_proposed, decided_by, reason, decided_at, holds_from,
    kind, score, evidence)
   SELECT %(tenant)s, coalesce((SELECT max(number) FROM store_pair_decision
                                  WHERE tenant = %(tenant)s), 0) + 1,
          one, other, %(verdict)s, %(is_proposed)s, %(by)s, %(reason)s, %(at)s, %(on)s,
          kind, score, evidence
     FROM store_pair WHERE tenant = %(tenant)s AND one = %(one)s AND other = %(other)s
   RETURNING number;

-- name: decisions_of_pair
SELECT number, one, other, verdict, is_proposed, decided_by, reason, decided_at, holds_from
   FROM store_pair_decision
   WHERE tenant = %(tenant)s AND one = %(one)s AND other = %(other)s ORDER BY number;

-- name: last_decisions
SELECT number, one, other, verdict, is_proposed, decided_by, reason, decided_at, holds_from
   FROM store_pair_decision
   WHERE tenant = %(tenant)s AND (%(by_program)s OR decided_by <> 'renkei')
   ORDER BY number DESC LIMIT %(limit)s;

-- name: last_match
SELECT matched_at, matched_on, position, weights_of_persons, weights_of_bodies
   FROM store_match
   WHERE tenant = %(tenant)s ORDER BY matched_at DESC LIMIT 1;

-- name: last_position
SELECT coalesce(max(position), 0) FROM store_load WHERE tenant = %(tenant)s;

-- name: fills_since
SELECT entity, loaded_at FROM store_load
   WHERE tenant = %(tenant)s AND position > %(position)s AND kind = 'fill'
     AND entity = any(%(entities)s);

-- name: touched_since
SELECT DISTINCT unnest(key[1:2])
   FROM store_event JOIN store_load USING (tenant, position)
   WHERE tenant = %(tenant)s AND position > %(position)s AND entity = any(%(entities)s);

-- name: record_match
INSERT INTO store_match (tenant, matched_at, matched_on, position, is_whole, records, compared,
                         found, merged, lapsed, weights_of_persons, weights_of_bodies)
   VALUES (%(tenant)s, %(at)s, %(on)s, %(position)s, %(is_whole)s, %(records)s, %(compared)s,
           %(found)s, %(merged)s, %(lapsed)s, %(persons)s, %(bodies)s);

-- name: drop_found
DROP TABLE IF EXISTS pg_temp.store_found, pg_temp.store_touched, pg_temp.store_joined;

-- name: make_found
CREATE TEMP TABLE store_found (
    one text NOT NULL, other text NOT NULL, kind text NOT NULL, ground text,
    score real NOT NULL, evidence text[] NOT NULL, PRIMARY KEY (one, other)
) ON COMMIT DROP;

-- name: make_touched
CREATE TEMP TABLE store_touched (number text PRIMARY KEY) ON COMMIT DROP;

-- name: make_joined
CREATE TEMP TABLE store_joined (
    was text NOT NULL PRIMARY KEY, unified_number text NOT NULL
) ON COMMIT DROP;

-- name: copy_found
COPY store_found (one, other, kind, ground, score, evidence) FROM STDIN WITH (FORMAT csv);

-- name: copy_touched
COPY store_touched (number) FROM STDIN WITH (FORMAT csv);

-- name: copy_joined
COPY store_joined (was, unified_number) FROM STDIN WITH (FORMAT csv);

-- name: analyze_found
ANALYZE store_found;

-- name: withdrawn
-- What the program merged and what now speaks against it, or is no longer said by the unit.
SELECT pair.one, pair.other
   FROM store_pair AS pair LEFT JOIN store_found AS found USING (one, other)
   WHERE pair.tenant = %(tenant)s AND pair.state = 'same' AND NOT pair.judged
     AND (found.kind = 'conflict'
       OR pair.ground = 'given' AND coalesce(found.kind, '') NOT IN ('given', 'certain'));

-- name: joining
COPY (
    SELECT found.one, found.other, l.unified_number, r.unified_number
       FROM store_found AS found
       JOIN store_identity_link AS l
         ON l.tenant = %(tenant)s AND l.register_number = found.one
       JOIN store_identity_link AS r
         ON r.tenant = %(tenant)s AND r.register_number = found.other
       LEFT JOIN store_pair AS pair
         ON pair.tenant = %(tenant)s AND pair.one = found.one AND pair.other = found.other
       WHERE found.kind IN ('certain', 'given')
         AND (pair.one IS NULL OR (NOT pair.judged AND pair.state <> 'same'))
) TO STDOUT WITH (FORMAT csv);

-- name: parted
-- Identities that must not become one: decided to be different, or in conflict.
COPY (
    SELECT l.unified_number, r.unified_number
       FROM (SELECT one, other FROM store_pair WHERE tenant = %(tenant)s
               AND (state = 'different'
                 OR kind = 'conflict' AND state IN ('waiting', 'postponed') AND judged)
             UNION SELECT one, other FROM store_found WHERE kind = 'conflict') AS apart
       JOIN store_identity_link AS l
         ON l.tenant = %(tenant)s AND l.register_number = apart.one
       JOIN store_identity_link AS r
         ON r.tenant = %(tenant)s AND r.register_number = apart.other
) TO STDOUT WITH (FORMAT csv);

-- name: block_found
UPDATE store_found AS found SET kind = 'conflict'
   FROM store_identity_link AS link
   WHERE link.tenant = %(tenant)s AND link.register_number = found.one
     AND found.kind IN ('certain', 'given') AND link.unified_number = any(%(identities)s)
     AND NOT EXISTS (SELECT FROM store_pair AS pair
                       WHERE pair.tenant = %(tenant)s AND pair.one = found.one
                         AND pair.other = found.other AND pair.state = 'same');

-- name: keep_found
INSERT INTO store_pair
   (tenant, one, other, kind, ground, score, evidence, state, found_at, changed_at)
   SELECT %(tenant)s, one, other, kind, ground, score, evidence, 'waiting', %(at)s, %(at)s
     FROM store_found
   ON CONFLICT (tenant, one, other) DO UPDATE
   SET kind = excluded.kind, ground = excluded.ground, score = excluded.score,
       evidence = excluded.evidence, changed_at = excluded.changed_at,
       state = CASE WHEN store_pair.state = 'postponed' THEN 'postponed' ELSE 'waiting' END
   WHERE store_pair.state = 'lapsed'
      OR store_pair.state IN ('waiting', 'postponed')
         AND (store_pair.kind, store_pair.ground, store_pair.evidence)
             IS DISTINCT FROM (excluded.kind, excluded.ground, excluded.evidence)
      -- Decided to be different before a number only one person has was equal: look again.
      OR store_pair.state = 'different' AND excluded.evidence @> ARRAY['number-same']
         AND NOT store_pair.evidence @> ARRAY['number-same'];

-- name: lapse_pairs
UPDATE store_pair AS pair SET state = 'lapsed', changed_at = %(at)s
   WHERE tenant = %(tenant)s AND state IN ('waiting', 'postponed') AND kind <> 'asked'
     AND (%(is_whole)s OR one IN (SELECT number FROM store_touched)
          OR other IN (SELECT number FROM store_touched))
     AND NOT EXISTS (SELECT FROM store_found AS found
                       WHERE found.one = pair.one AND found.other = pair.other);

-- name: enter_mergers
INSERT INTO store_pair_decision
   (tenant, number, one, other, verdict, is_proposed, decided_by, reason, decided_at, holds_from,
    kind, score, evidence)
   SELECT tenant, coalesce((SELECT max(number) FROM store_pair_decision
                              WHERE tenant = %(tenant)s), 0)
            + row_number() OVER (ORDER BY one, other),
          one, other, 'same', false, %(by)s, ground, %(at)s, %(on)s, kind, score, evidence
     FROM store_pair
     WHERE tenant = %(tenant)s AND kind IN ('certain', 'given') AND NOT judged
       AND state IN ('waiting', 'postponed');

-- name: merge_pairs
UPDATE store_pair SET state = 'same', changed_at = %(at)s
   WHERE tenant = %(tenant)s AND kind IN ('certain', 'given') AND NOT judged
     AND state IN ('waiting', 'postponed');

-- name: latest_joined_links
SELECT max(valid_from), max(known_from)
   FROM store_identity_link AS link JOIN store_joined AS joined ON joined.was = link.unified_number
   WHERE tenant = %(tenant)s AND known_from <> %(at)s;

-- name: latest_of_all_links
SELECT max(valid_from), max(known_from) FROM store_identity_link WHERE tenant = %(tenant)s;

-- name: keep_joined_links
INSERT INTO store_identity_link_history
   (tenant, register_number, unified_number, valid_from, known_from, valid_to, known_to)
   SELECT tenant, register_number, link.unified_number, valid_from, known_from, %(on)s, %(at)s
     FROM store_identity_link AS link JOIN store_joined AS joined ON joined.was = link.unified_number
     -- What this same search numbered nobody has seen yet.
     WHERE tenant = %(tenant)s AND known_from <> %(at)s;

-- name: join_links
UPDATE store_identity_link AS link
   SET unified_number = joined.unified_number, valid_from = %(on)s, known_from = %(at)s
   FROM store_joined AS joined
   WHERE link.tenant = %(tenant)s AND joined.was = link.unified_number;
