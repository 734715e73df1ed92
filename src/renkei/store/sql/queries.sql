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
