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

-- name: let_retention_remove
DO $$
DECLARE
    kept oid;
BEGIN
    -- The records and their history; of the books beside them those that have a rule.
    FOR kept IN SELECT oid FROM pg_class AS history
                 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
                   AND NOT relispartition
                   AND (relname IN ('store_delivery', 'store_reconciliation') OR relname LIKE 'store\_%\_history'
                        OR to_regclass('public.' || quote_ident(relname || '_history')) IS NOT NULL)
                   AND starts_with(relname, 'store_')
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
