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
    blocked, position)
   SELECT %(tenant)s, %(entity)s, %(at)s, %(on)s, %(sha256)s, %(records)s,
          %(new)s, %(changed)s, %(gone)s, %(kind)s, %(number)s, %(blocked)s,
          coalesce(max(position), 0) + 1
     FROM store_load WHERE tenant = %(tenant)s
   RETURNING position;

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
SELECT pg_try_advisory_xact_lock(hashtextextended(%(tenant)s, 7230119));

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
