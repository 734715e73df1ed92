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
                          AND later.kind IN ('fill', 'snapshot') AND later.position > store_load.position)
   FROM store_load
   WHERE tenant = %(tenant)s AND entity = %(entity)s AND kind = 'difference'
   ORDER BY position DESC LIMIT 1;

-- name: one_end_at_a_time
SELECT pg_advisory_xact_lock(hashtextextended(%(tenant)s, 7230118));

-- name: record_load
INSERT INTO store_load
   (tenant, entity, loaded_at, states_on, sha256, records, new, changed, gone, kind, number,
    blocked, position)
   SELECT %(tenant)s, %(entity)s, %(at)s, %(on)s, %(sha256)s, %(records)s,
          %(new)s, %(changed)s, %(gone)s, %(kind)s, %(number)s, %(blocked)s,
          coalesce(max(position), 0) + 1
     FROM store_load WHERE tenant = %(tenant)s
   RETURNING position;

-- name: booked
SELECT entity, count(*) FILTER (WHERE kind IN ('fill', 'snapshot', 'difference')),
       sum(new - gone)::bigint FROM store_load
   WHERE tenant = %(tenant)s GROUP BY entity ORDER BY entity;

-- name: setting
SELECT current_setting(%(name)s);

-- name: set_setting
SELECT set_config(%(name)s, %(value)s, true);

-- name: drop_staging
DROP TABLE IF EXISTS pg_temp.store_staging, pg_temp.store_change, pg_temp.store_blocked;

-- name: spare_all
DELETE FROM store_change WHERE kind = 'gone';

-- name: analyze_changes
ANALYZE store_change;

-- name: count_changes
SELECT count(*) FILTER (WHERE kind = 'new'), count(*) FILTER (WHERE kind = 'changed'),
       count(*) FILTER (WHERE kind = 'gone')
   FROM store_change;

-- name: loads_after
SELECT position, entity, kind = 'fill', states_on, loaded_at, new + changed + gone
   FROM store_load
   WHERE tenant = %(tenant)s AND position > %(load)s
   ORDER BY position LIMIT %(limit)s;

-- name: events_of_loads
SELECT position, number, key, kind
   FROM store_event
   WHERE tenant = %(tenant)s AND position BETWEEN %(first)s AND %(last)s
   ORDER BY position, number;

-- name: events_within
SELECT position, number, key, kind
   FROM store_event
   WHERE tenant = %(tenant)s AND position = %(position)s AND number > %(number)s
   ORDER BY number LIMIT %(limit)s;

-- name: newest_position
SELECT coalesce(max(position), 0) FROM store_load WHERE tenant = %(tenant)s;

-- name: begin_consumer
INSERT INTO store_consumer (tenant, name, entities, load, mark, seen, moved_at)
VALUES (%(tenant)s, %(name)s, %(entities)s, %(load)s, %(mark)s, %(seen)s, %(at)s)
ON CONFLICT (tenant, name) DO NOTHING;

-- name: position_of
SELECT load, mark, seen FROM store_consumer WHERE tenant = %(tenant)s AND name = %(name)s;

-- name: advance_consumer
UPDATE store_consumer
   SET load = %(load)s, mark = %(mark)s, seen = %(seen)s, moved_at = %(at)s
 WHERE tenant = %(tenant)s AND name = %(name)s AND load = %(old_load)s
   AND seen = %(old_seen)s AND mark = %(old_mark)s::text[];

-- name: end_consumer
DELETE FROM store_consumer WHERE tenant = %(tenant)s AND name = %(name)s;

-- name: consumers
SELECT reader.name, reader.entities, reader.load, reader.mark, reader.seen, reader.moved_at,
       count(ahead.position),
       coalesce(sum(ahead.new + ahead.changed + ahead.gone), 0)::bigint - reader.seen
  FROM store_consumer AS reader
  LEFT JOIN store_load AS ahead
    ON ahead.tenant = reader.tenant AND ahead.position > reader.load
   AND (reader.entities = '{}' OR ahead.entity = any(reader.entities))
 WHERE reader.tenant = %(tenant)s
 GROUP BY reader.tenant, reader.name
 ORDER BY reader.name;

-- name: subscribe
INSERT INTO store_subscription
   (tenant, name, unit, interface, procedure, items, with_protected, since)
VALUES (%(tenant)s, %(name)s, %(unit)s, %(interface)s, %(procedure)s, %(items)s,
        %(with_protected)s, %(at)s);

-- name: unsubscribe
DELETE FROM store_subscription WHERE tenant = %(tenant)s AND name = %(name)s;

-- name: subscriptions
SELECT unit, interface, procedure, items, with_protected, refused_on, refused
   FROM store_subscription WHERE tenant = %(tenant)s ORDER BY name;

-- name: set_refused
UPDATE store_subscription SET refused_on = %(on)s, refused = %(reason)s
   WHERE tenant = %(tenant)s AND name = %(name)s;

-- name: withhold
INSERT INTO store_withheld (tenant, name, person, key)
VALUES (%(tenant)s, %(name)s, %(person)s, %(key)s)
ON CONFLICT DO NOTHING;

-- name: withheld
SELECT person, key FROM store_withheld
   WHERE tenant = %(tenant)s AND name = %(name)s ORDER BY person, key;

-- name: release_withheld
DELETE FROM store_withheld
   WHERE tenant = %(tenant)s AND name = %(name)s AND person = %(person)s AND key = %(key)s;

-- name: one_listing_at_a_time
SELECT pg_advisory_xact_lock(hashtextextended(%(tenant)s || ' ' || %(entity)s, 7230119));

-- name: listings_behind
SELECT named.item, listed.until AS since, last.loaded_at
  FROM (SELECT max(loaded_at) AS loaded_at FROM store_load
         WHERE tenant = %(tenant)s AND entity = %(entity)s) AS last
 CROSS JOIN unnest(%(items)s::text[]) AS named (item)
  LEFT JOIN store_listed AS listed
    ON listed.tenant = %(tenant)s AND listed.item = named.item COLLATE "C"
 WHERE last.loaded_at > coalesce(listed.until, '-infinity')
 ORDER BY named.item COLLATE "C";

-- name: keep_listed
INSERT INTO store_listed (tenant, item, until) VALUES (%(tenant)s, %(item)s, %(until)s)
    ON CONFLICT (tenant, item) DO UPDATE SET until = excluded.until;

-- name: unlist
DELETE FROM store_listing
 WHERE tenant = %(tenant)s AND item = ANY (%(items)s) AND key = ANY (%(keys)s);

-- name: listed_until
SELECT item, until FROM store_listed WHERE tenant = %(tenant)s AND item = ANY (%(items)s);
-- name: keep_delivery
INSERT INTO store_delivery
   (tenant, id, entity, received_at, states_on, source, sha256, size, outcome, error,
    said, records, new, changed, gone, same, errors, rules, findings)
   VALUES (%(tenant)s, %(id)s, %(entity)s, %(received_at)s, %(states_on)s, %(source)s, %(sha256)s,
           %(size)s, %(outcome)s, %(error)s, %(said)s, %(records)s, %(new)s, %(changed)s, %(gone)s, %(same)s,
           %(errors)s, %(rules)s, %(findings)s)
   ON CONFLICT (tenant, id) DO NOTHING;

-- name: delivery
SELECT id, entity, received_at, states_on, source, sha256, size, outcome, error, said,
       records, new, changed, gone, same, errors, rules, findings
   FROM store_delivery WHERE tenant = %(tenant)s AND id = %(id)s;

-- name: deliveries
SELECT id, entity, received_at, states_on, source, sha256, size, outcome, error, said,
       records, new, changed, gone, same, errors, rules, '[]'::jsonb
   FROM store_delivery
   WHERE tenant = %(tenant)s AND (%(entity)s::text IS NULL OR entity = %(entity)s)
   ORDER BY received_at DESC, id LIMIT %(most)s;

-- name: last_loads
SELECT DISTINCT ON (entity) entity, kind, number, states_on, loaded_at, sha256,
       records, new, changed, gone, blocked
   FROM store_load WHERE tenant = %(tenant)s
   ORDER BY entity, loaded_at DESC;

-- name: last_deliveries
SELECT DISTINCT ON (entity) id, entity, received_at, states_on, source, sha256, size, outcome,
       error, said, records, new, changed, gone, same, errors, rules, '[]'::jsonb
   FROM store_delivery WHERE tenant = %(tenant)s
   ORDER BY entity, received_at DESC;

-- name: sole_receiver
SELECT pg_try_advisory_xact_lock(hashtextextended(%(tenant)s, 7230122));

-- name: keep_reconciliation
INSERT INTO store_reconciliation
   (tenant, entity, compared_at, states_on, source, there, here, blocks, drifted)
   VALUES (%(tenant)s, %(entity)s, %(at)s, %(on)s, %(source)s, %(there)s, %(here)s, %(blocks)s,
           %(drifted)s);

-- name: last_reconciliations
SELECT DISTINCT ON (entity)
       entity, compared_at, states_on, source, there, here, blocks, drifted
   FROM store_reconciliation WHERE tenant = %(tenant)s
   ORDER BY entity, compared_at DESC;
-- name: let_retention_remove
DO $$
DECLARE
    kept oid;
BEGIN
    -- The records and their history; of the books beside them those that have a rule.
    FOR kept IN SELECT oid FROM pg_class AS history
                 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
                   AND NOT relispartition
                   AND (relname IN ('store_delivery', 'store_reconciliation')
                        OR relname LIKE 'store\_%\_history'
                        OR to_regclass('public.' || quote_ident(relname || '_history')) IS NOT NULL)
                   AND starts_with(relname, 'store_') AND NOT starts_with(relname, 'store_identity')
                   AND NOT has_table_privilege('renkei_retention', oid, 'DELETE') LOOP
        EXECUTE format('GRANT SELECT, DELETE ON %s TO renkei_retention', kept::regclass);
    END LOOP;
END
$$;

-- name: become_retention
SET LOCAL ROLE renkei_retention;

-- name: become_application
SET LOCAL ROLE renkei_application;

-- name: record_removal
INSERT INTO store_load
   (tenant, entity, loaded_at, states_on, sha256, records, new, changed, gone, kind, position)
   SELECT %(tenant)s, %(entity)s,
          greatest(%(at)s, max(loaded_at) FILTER (WHERE entity = %(entity)s)
                           + interval '1 microsecond'),
          coalesce(max(states_on) FILTER (WHERE entity = %(entity)s), %(on)s),
          %(sha256)s, 0, 0, 0, %(gone)s, %(kind)s, coalesce(max(position), 0) + 1
     FROM store_load WHERE tenant = %(tenant)s
   RETURNING position, loaded_at;

-- name: record_events
INSERT INTO store_event (tenant, position, key, kind)
   SELECT DISTINCT %(tenant)s, %(position)s::bigint,
          string_to_array(key, chr(31)), %(kind)s
     FROM unnest(%(keys)s::text[]) AS key;

-- name: record_batch
-- as renkei_retention
INSERT INTO store_retention (tenant, batch, rule, target, records, versions, done_at)
   VALUES (%(tenant)s, %(batch)s, %(rule)s, %(target)s, %(records)s, %(versions)s, %(at)s);

-- name: batches
SELECT batch FROM store_retention WHERE tenant = %(tenant)s AND batch = any(%(batches)s::uuid[]);

-- name: remove_events
-- as renkei_retention
DELETE FROM store_event USING store_load
   WHERE store_event.tenant = %(tenant)s AND store_load.tenant = %(tenant)s
     AND store_load.position = store_event.position AND loaded_at < %(before)s;

-- name: due_events
SELECT count(*) FROM store_event JOIN store_load USING (tenant, position)
   WHERE store_event.tenant = %(tenant)s AND loaded_at < %(before)s;

-- name: tombstones
-- as renkei_retention
INSERT INTO store_erased (tenant, entity, key, erased_at, scope, request)
   SELECT DISTINCT %(tenant)s, %(entity)s, string_to_array(key, chr(31)), %(at)s::timestamptz,
          %(scope)s, %(request)s
     FROM unnest(%(keys)s::text[]) AS key;

-- name: erased_at
SELECT max(erased_at) FROM store_erased
   WHERE tenant = %(tenant)s AND entity = %(entity)s AND key = %(key)s;

-- name: erased_entities
SELECT DISTINCT entity FROM store_erased
   WHERE tenant = %(tenant)s AND scope = 'person' ORDER BY entity;

-- name: any_erased
SELECT FROM store_erased
   WHERE tenant = %(tenant)s AND entity = %(entity)s AND scope = 'person' LIMIT 1;
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

-- name: one_extract_at_a_time
SELECT pg_advisory_xact_lock(hashtextextended(%(tenant)s || ' ' || %(name)s, 7230131));

-- name: save_extract
INSERT INTO store_extract (tenant, name, version, query, unit, procedure, purpose, saved_by, saved_at)
   SELECT %(tenant)s, %(name)s, coalesce(max(version), 0) + 1, %(query)s::jsonb,
          %(unit)s, %(procedure)s, %(purpose)s, %(by)s, %(at)s
     FROM store_extract WHERE tenant = %(tenant)s AND name = %(name)s
   RETURNING version;

-- name: approve_extract
INSERT INTO store_extract_approval (tenant, name, version, saved_by, approved_by, approved_at)
   SELECT tenant, name, version, saved_by, %(by)s, %(at)s
     FROM store_extract
    WHERE tenant = %(tenant)s AND name = %(name)s AND version = %(version)s
   ON CONFLICT (tenant, name, version) DO NOTHING;

-- name: extracts
SELECT DISTINCT ON (saved.name)
       saved.name, saved.version, saved.query::text, saved.unit, saved.procedure, saved.purpose,
       saved.saved_by, saved.saved_at, approval.approved_by, approval.approved_at
   FROM store_extract AS saved
   LEFT JOIN store_extract_approval AS approval
     ON (approval.tenant, approval.name, approval.version)
      = (saved.tenant, saved.name, saved.version)
   WHERE saved.tenant = %(tenant)s
   ORDER BY saved.name, saved.version DESC;

-- name: extract_versions
SELECT saved.name, saved.version, saved.query::text, saved.unit, saved.procedure, saved.purpose,
       saved.saved_by, saved.saved_at, approval.approved_by, approval.approved_at
   FROM store_extract AS saved
   LEFT JOIN store_extract_approval AS approval
     ON (approval.tenant, approval.name, approval.version)
      = (saved.tenant, saved.name, saved.version)
   WHERE saved.tenant = %(tenant)s AND saved.name = %(name)s
   ORDER BY saved.version DESC;

-- name: remove_deliveries
-- as renkei_retention
DELETE FROM store_delivery WHERE tenant = %(tenant)s AND received_at < %(before)s;

-- name: due_deliveries
SELECT count(*) FROM store_delivery WHERE tenant = %(tenant)s AND received_at < %(before)s;

-- name: remove_reconciliations
-- as renkei_retention
DELETE FROM store_reconciliation WHERE tenant = %(tenant)s AND compared_at < %(before)s;

-- name: due_reconciliations
SELECT count(*) FROM store_reconciliation WHERE tenant = %(tenant)s AND compared_at < %(before)s;
