-- name: append
INSERT INTO audit_outbox (tenant, core, label, request, year)
    VALUES (%(tenant)s, %(core)s, %(label)s, %(request)s, %(year)s);

-- name: append_many
INSERT INTO audit_outbox (tenant, core, label, request, year)
SELECT %(tenant)s, new.core, nullif(new.label, ''), new.request, new.year
  FROM unnest(%(cores)b::bytea[], %(labels)b::bytea[], %(requests)b::text[],
              %(years)b::bigint[])
       WITH ORDINALITY AS new (core, label, request, year, place)
 ORDER BY new.place;

-- name: pending
SELECT count(*) FROM audit_outbox WHERE tenant = %(tenant)s;

-- name: is_promised
SELECT EXISTS (SELECT FROM audit_entry WHERE tenant = %(tenant)s AND request = %(request)s)
    OR EXISTS (SELECT FROM audit_outbox WHERE tenant = %(tenant)s AND request = %(request)s);

-- name: lock_sequencer
SELECT pg_advisory_xact_lock(hashtextextended('renkei.audit/sequence/' || %(tenant)s, 0));

-- name: lock_publisher
SELECT pg_advisory_xact_lock(hashtextextended('renkei.audit/publish/' || %(tenant)s, 0));

-- name: take_pending
-- By a bound and not by a list: a plan made while little waited must serve when much does.
DELETE FROM audit_outbox
 WHERE tenant = %(tenant)s
   AND q <= coalesce((SELECT q FROM audit_outbox WHERE tenant = %(tenant)s
                       ORDER BY q OFFSET %(limit)s::bigint - 1 LIMIT 1), 9223372036854775807)
RETURNING q, core, label, request, year;

-- name: shards
SELECT shard.year, shard.through, shard.opened, closing.at, closing.size, closing.root,
       closing.output_size, closing.output_root, pruning.at, pruning.rule, pruning.request
  FROM audit_shard AS shard
  LEFT JOIN audit_closing AS closing ON closing.tenant = shard.tenant AND closing.year = shard.year
  LEFT JOIN audit_pruning AS pruning ON pruning.tenant = shard.tenant AND pruning.year = shard.year
 WHERE shard.tenant = %(tenant)s ORDER BY shard.through;

-- name: open_shard
INSERT INTO audit_shard (tenant, year, through, opened)
    VALUES (%(tenant)s, %(year)s, %(through)s, %(at)s) ON CONFLICT (tenant, year) DO NOTHING;

-- name: close_shard
INSERT INTO audit_closing (tenant, year, at, size, root, output_size, output_root)
    VALUES (%(tenant)s, %(year)s, %(at)s, %(size)s, %(root)s, %(output_size)s, %(output_root)s);

-- name: become_pruner
SET LOCAL ROLE renkei_pruner;

-- name: become_application
SET LOCAL ROLE renkei_application;

-- name: prune_shard
-- as renkei_pruner
INSERT INTO audit_pruning (tenant, year, at, rule, request)
    VALUES (%(tenant)s, %(year)s, %(at)s, %(rule)s, %(request)s);

-- name: counted
SELECT count(*), count(*) FILTER (WHERE withheld) FROM audit_entry
 WHERE tenant = %(tenant)s AND year = %(year)s AND kind <> 'shard';

-- name: prune_entries
-- as renkei_pruner
DELETE FROM audit_entry
 WHERE tenant = %(tenant)s AND year = %(year)s AND kind <> 'shard'
   AND i IN (SELECT i FROM audit_entry
              WHERE tenant = %(tenant)s AND year = %(year)s AND kind <> 'shard'
              ORDER BY i LIMIT %(limit)s);

-- name: prune_heads
-- as renkei_pruner
DELETE FROM audit_head WHERE tenant = %(tenant)s AND year = %(year)s;

-- name: prune_map
-- as renkei_pruner
DELETE FROM audit_map_tile WHERE tenant = %(tenant)s AND year = %(year)s;

-- name: pending_through
SELECT EXISTS (SELECT FROM audit_outbox WHERE tenant = %(tenant)s AND year <= %(through)s);

-- name: hold
INSERT INTO audit_hold (tenant, year, document, at)
    VALUES (%(tenant)s, %(year)s, %(document)s, %(at)s);

-- name: lift_hold
UPDATE audit_hold SET lifted = %(at)s
 WHERE tenant = %(tenant)s AND year = %(year)s AND document = %(document)s AND lifted IS NULL;

-- name: holds
SELECT year, document FROM audit_hold
 WHERE tenant = %(tenant)s AND lifted IS NULL ORDER BY year, document;

-- name: newest_checkpoint
SELECT note FROM audit_checkpoint
 WHERE tenant = %(tenant)s AND year = %(year)s ORDER BY size DESC LIMIT 1;

-- name: signed_size
SELECT coalesce(sum((SELECT max(size) FROM audit_checkpoint AS signed
                      WHERE signed.tenant = shard.tenant AND signed.year = shard.year)), 0)
  FROM audit_shard AS shard WHERE shard.tenant = %(tenant)s;

-- name: entries_about_the_log
SELECT year, i, leaf FROM audit_entry
 WHERE tenant = %(tenant)s AND kind = 'shard' ORDER BY year, i;

-- name: checkpoints
SELECT size, root, note FROM audit_checkpoint
 WHERE tenant = %(tenant)s AND year = %(year)s ORDER BY size;

-- name: keep_checkpoint
INSERT INTO audit_checkpoint (tenant, year, size, root, note, at)
    VALUES (%(tenant)s, %(year)s, %(size)s, %(root)s, %(note)s, %(at)s);

-- name: heads_of
SELECT label, count, head, last_i FROM audit_head
 WHERE tenant = %(tenant)s AND year = %(year)s AND label = ANY(%(labels)b::bytea[]);

-- name: heads
SELECT label, count, head, last_i FROM audit_head
 WHERE tenant = %(tenant)s AND year = %(year)s ORDER BY last_i;

-- name: keep_heads
INSERT INTO audit_head (tenant, year, label, count, head, last_i)
SELECT %(tenant)s, %(year)s, new.label, new.count, new.head, new.last_i
  FROM unnest(%(labels)b::bytea[], %(counts)b::bigint[], %(heads)b::bytea[], %(lasts)b::bigint[])
       AS new (label, count, head, last_i)
    ON CONFLICT (tenant, label, year) DO UPDATE
   SET count = excluded.count, head = excluded.head, last_i = excluded.last_i;

-- name: keep_entries
INSERT INTO audit_entry (tenant, year, i, leaf, label, seq, prev_i, request,
                         at, kind, outcome, partner, message, client, service, withheld)
SELECT %(tenant)s, %(year)s, %(size)s::bigint + new.place - 1, new.leaf, nullif(new.label, ''),
       nullif(new.seq, 0), nullif(new.prev_i, -1), new.request, new.at, new.kind, new.outcome,
       new.partner, new.message, new.client, new.service, new.withheld
  FROM unnest(%(leaves)b::bytea[], %(labels)b::bytea[], %(seqs)b::bigint[], %(prevs)b::bigint[],
              %(requests)b::text[], %(at)b::timestamptz[],
              %(kind)b::text[], %(outcome)b::text[], %(partner)b::text[], %(message)b::text[],
              %(client)b::text[], %(service)b::text[], %(withheld)b::boolean[])
       WITH ORDINALITY AS new (leaf, label, seq, prev_i, request, at, kind, outcome, partner,
                               message, client, service, withheld, place);

-- name: drop_partial_tiles
DELETE FROM audit_tile WHERE tenant = %(tenant)s AND year = %(year)s AND width < 256;

-- name: keep_tiles
INSERT INTO audit_tile (tenant, year, level, n, width, hashes)
SELECT %(tenant)s, %(year)s, new.level, new.n, octet_length(new.hashes) / 32, new.hashes
  FROM unnest(%(levels)s::smallint[], %(ns)s::bigint[], %(hashes)b::bytea[])
       AS new (level, n, hashes);

-- name: partial_tiles
SELECT level, n, hashes FROM audit_tile WHERE tenant = %(tenant)s AND year = %(year)s AND width < 256;

-- name: tile
SELECT hashes FROM audit_tile
 WHERE tenant = %(tenant)s AND year = %(year)s AND level = %(level)s AND n = %(n)s;

-- name: tiles_among
SELECT tile.level, tile.n, tile.hashes
  FROM unnest(%(levels)s::smallint[], %(ns)s::bigint[]) AS wanted (level, n)
  JOIN audit_tile AS tile
    ON tile.tenant = %(tenant)s AND tile.year = %(year)s
   AND tile.level = wanted.level AND tile.n = wanted.n;

-- name: tiles_since
SELECT tile.level, tile.n, tile.hashes
  FROM generate_series(0, 6) AS every (level)
  JOIN audit_tile AS tile
    ON tile.tenant = %(tenant)s AND tile.year = %(year)s AND tile.level = every.level
   AND tile.n >= %(size)s::bigint >> (8 * (every.level + 1))
 ORDER BY tile.level, tile.n;

-- name: leaf_tiles
SELECT n, hashes FROM audit_tile
 WHERE tenant = %(tenant)s AND year = %(year)s AND level = 0 AND n >= %(start)s AND n < %(end)s
 ORDER BY n;

-- name: leaves
SELECT i, leaf, label, seq, prev_i, request,
       at, kind, outcome, partner, message, client, service, withheld FROM audit_entry
 WHERE tenant = %(tenant)s AND year = %(year)s AND i >= %(start)s AND i < %(end)s;

-- name: beyond
SELECT i FROM audit_entry
 WHERE tenant = %(tenant)s AND year = %(year)s AND i >= %(size)s ORDER BY i LIMIT 1000;

-- name: leaf_bytes
SELECT leaf FROM audit_entry
 WHERE tenant = %(tenant)s AND year = %(year)s AND i >= %(start)s AND i < %(end)s ORDER BY i;

-- name: count_days
WITH found AS (
SELECT partner, at AT TIME ZONE 'Asia/Tokyo' AS moment
  FROM audit_entry
 WHERE tenant = %(tenant)s
   AND (%(kind)s::text IS NULL OR kind = %(kind)s)
   AND (%(outcome)s::text IS NULL OR outcome = %(outcome)s)
   AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
   AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
   AND (%(asker)s::bytea IS NULL OR position(%(asker)s::bytea IN leaf) > 0)
   AND (%(holder)s::bytea IS NULL OR position(%(holder)s::bytea IN leaf) > 0)
   AND (%(provision)s::bytea IS NULL OR position(%(provision)s::bytea IN leaf) > 0)
)
SELECT partner, moment::date, count(*),
       count(*) FILTER (WHERE extract(isodow FROM moment) >= 6
                           OR moment::time < %(opens)s::time OR moment::time >= %(closes)s::time)
  FROM found GROUP BY partner, moment::date;

-- name: count_persons
WITH found AS (
SELECT label, partner, count(*) AS count
  FROM audit_entry
 WHERE tenant = %(tenant)s AND label IS NOT NULL
   AND (%(kind)s::text IS NULL OR kind = %(kind)s)
   AND (%(outcome)s::text IS NULL OR outcome = %(outcome)s)
   AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
   AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
   AND (%(asker)s::bytea IS NULL OR position(%(asker)s::bytea IN leaf) > 0)
   AND (%(holder)s::bytea IS NULL OR position(%(holder)s::bytea IN leaf) > 0)
   AND (%(provision)s::bytea IS NULL OR position(%(provision)s::bytea IN leaf) > 0)
 GROUP BY label, partner)
SELECT label, array_agg(partner ORDER BY count DESC, partner),
       array_agg(count ORDER BY count DESC, partner)
  FROM found GROUP BY label
HAVING max(count) >= %(often)s::bigint OR count(*) >= %(many)s::bigint
 ORDER BY greatest(max(count)::float8 / %(often)s::bigint, count(*)::float8 / %(many)s::bigint) DESC,
       label
 LIMIT %(limit)s::bigint;

-- name: entries_of
-- From the head back, entry by entry: an index by label would cost every new entry a page of its own.
WITH RECURSIVE chain AS (
    SELECT last.year, last.i, last.leaf, last.prev_i
      FROM audit_head AS head
      JOIN audit_entry AS last
        ON last.tenant = head.tenant AND last.year = head.year AND last.i = head.last_i
     WHERE head.tenant = %(tenant)s AND head.label = %(label)s AND last.label = head.label
       AND (%(year)s::smallint IS NULL OR head.year = %(year)s::smallint)
    UNION ALL
    SELECT before.year, before.i, before.leaf, before.prev_i
      FROM chain
      JOIN audit_entry AS before
        ON before.tenant = %(tenant)s AND before.year = chain.year AND before.i = chain.prev_i
     WHERE before.label = %(label)s
)
SELECT year, i, leaf FROM chain ORDER BY year, i;

-- name: entries_for_request
SELECT year, i, leaf FROM audit_entry
 WHERE tenant = %(tenant)s AND request = %(request)s ORDER BY year, i;

-- name: first_at
SELECT min(at) FROM audit_entry WHERE tenant = %(tenant)s AND at > '-infinity';

-- name: clients_below
-- The addresses in use that are this one or stand below it ("0" is the sign after "/"), each found by
-- one step in the index: they are few, however many entries name them.
WITH RECURSIVE found AS (
    SELECT (SELECT min(client) FROM audit_entry
             WHERE tenant = %(tenant)s AND client >= %(address)s AND client < %(address)s || '0')
           AS client
    UNION ALL
    SELECT (SELECT min(next.client) FROM audit_entry AS next
             WHERE next.tenant = %(tenant)s AND next.client > found.client
               AND next.client < %(address)s || '0')
      FROM found WHERE found.client IS NOT NULL
)
SELECT client FROM found
 WHERE client = %(address)s OR client > %(address)s || '/'
 LIMIT 1000;

-- name: services_below
-- The addresses in use that are this one or stand below it ("0" is the sign after "/"), each found by
-- one step in the index: they are few, however many entries name them.
WITH RECURSIVE found AS (
    SELECT (SELECT min(service) FROM audit_entry
             WHERE tenant = %(tenant)s AND service >= %(address)s AND service < %(address)s || '0')
           AS service
    UNION ALL
    SELECT (SELECT min(next.service) FROM audit_entry AS next
             WHERE next.tenant = %(tenant)s AND next.service > found.service
               AND next.service < %(address)s || '0')
      FROM found WHERE found.service IS NOT NULL
)
SELECT service FROM found
 WHERE service = %(address)s OR service > %(address)s || '/'
 LIMIT 1000;

-- name: search
-- A part that is null selects nothing. Planned anew each time: which index helps depends on them.
SELECT year, i, leaf FROM audit_entry
 WHERE tenant = %(tenant)s
   AND (%(withheld)s::boolean OR NOT withheld)
   AND (%(name)s::text IS NULL OR request = %(name)s OR message = %(name)s)
   AND (%(partner)s::text IS NULL OR partner = %(partner)s)
   AND (%(kind)s::text IS NULL OR kind = %(kind)s)
   AND (%(outcome)s::text IS NULL OR outcome = %(outcome)s)
   AND (%(clients)s::text[] IS NULL OR client = ANY(%(clients)s::text[]))
   AND (%(services)s::text[] IS NULL OR service = ANY(%(services)s::text[]))
   AND (%(asker)s::bytea IS NULL OR position(%(asker)s::bytea IN leaf) > 0)
   AND (%(holder)s::bytea IS NULL OR position(%(holder)s::bytea IN leaf) > 0)
   AND (%(provision)s::bytea IS NULL OR position(%(provision)s::bytea IN leaf) > 0)
   AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
   AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
   AND (%(before_at)s::timestamptz IS NULL
        OR (at, year, i) < (%(before_at)s::timestamptz, %(before_year)s::smallint,
                            %(before)s::bigint))
 ORDER BY at DESC, year DESC, i DESC
 LIMIT %(limit)s;

-- name: signed_since
-- When a root was signed for the first time that has the entry at each place.
SELECT wanted.i,
       (SELECT at FROM audit_checkpoint
         WHERE tenant = %(tenant)s AND year = %(year)s AND size > wanted.i
         ORDER BY size LIMIT 1)
  FROM (SELECT DISTINCT unnest(%(indices)s::bigint[])) AS wanted (i);

-- name: checkpoint_within
-- The largest size signed that an epoch takes in at once; where there is none, the next one.
SELECT note FROM audit_checkpoint
 WHERE tenant = %(tenant)s AND year = %(year)s
   AND size = coalesce((SELECT max(size) FROM audit_checkpoint
                         WHERE tenant = %(tenant)s AND year = %(year)s
                           AND size > %(start)s AND size <= %(most)s),
                       (SELECT min(size) FROM audit_checkpoint
                         WHERE tenant = %(tenant)s AND year = %(year)s
                           AND size > %(start)s));

-- name: lock_map
SELECT pg_advisory_xact_lock(hashtextextended('renkei.audit/map/' || %(tenant)s, 0));

-- name: share_map
SELECT pg_advisory_xact_lock_shared(hashtextextended('renkei.audit/map/' || %(tenant)s, 0));

-- name: heads_moved
-- Of every label that has entries there, the last of them.
SELECT DISTINCT ON (label) label, seq, i, leaf FROM audit_entry
 WHERE tenant = %(tenant)s AND year = %(year)s
   AND i >= %(start)s AND i < %(end)s AND label IS NOT NULL
 ORDER BY label, i DESC;

-- name: map_tiles
SELECT place, slots FROM audit_map_tile
 WHERE tenant = %(tenant)s AND year = %(year)s AND place = ANY(%(places)s::text[]);

-- name: all_map_tiles
SELECT place, slots FROM audit_map_tile WHERE tenant = %(tenant)s AND year = %(year)s;

-- name: keep_map_tiles
INSERT INTO audit_map_tile (tenant, year, place, slots)
SELECT %(tenant)s, %(year)s, new.place, new.slots
  FROM unnest(%(places)s::text[], %(slots)b::bytea[]) AS new (place, slots)
    ON CONFLICT (tenant, year, place) DO UPDATE SET slots = excluded.slots;

-- name: newest_epoch
SELECT e, leaf FROM audit_epoch WHERE tenant = %(tenant)s AND year = %(year)s ORDER BY e DESC LIMIT 1;

-- name: epochs
SELECT leaf FROM audit_epoch
 WHERE tenant = %(tenant)s AND year = %(year)s
   AND e >= %(start)s AND (%(end)s::bigint IS NULL OR e < %(end)s::bigint)
 ORDER BY e;

-- name: keep_epoch
INSERT INTO audit_epoch (tenant, year, e, leaf) VALUES (%(tenant)s, %(year)s, %(e)s, %(leaf)s);

-- name: newest_output
SELECT note FROM audit_output_checkpoint
 WHERE tenant = %(tenant)s AND year = %(year)s ORDER BY size DESC LIMIT 1;

-- name: output_checkpoints
SELECT size, root, note FROM audit_output_checkpoint
 WHERE tenant = %(tenant)s AND year = %(year)s ORDER BY size;

-- name: keep_output
INSERT INTO audit_output_checkpoint (tenant, year, size, root, note, at)
    VALUES (%(tenant)s, %(year)s, %(size)s, %(root)s, %(note)s, %(at)s);

-- name: drop_partial_output_tiles
DELETE FROM audit_output_tile WHERE tenant = %(tenant)s AND year = %(year)s AND width < 256;

-- name: keep_output_tiles
INSERT INTO audit_output_tile (tenant, year, level, n, width, hashes)
SELECT %(tenant)s, %(year)s, new.level, new.n, octet_length(new.hashes) / 32, new.hashes
  FROM unnest(%(levels)s::smallint[], %(ns)s::bigint[], %(hashes)b::bytea[])
       AS new (level, n, hashes);

-- name: partial_output_tiles
SELECT level, n, hashes FROM audit_output_tile
 WHERE tenant = %(tenant)s AND year = %(year)s AND width < 256;

-- name: output_tile
SELECT hashes FROM audit_output_tile
 WHERE tenant = %(tenant)s AND year = %(year)s AND level = %(level)s AND n = %(n)s;

-- name: output_tiles_among
SELECT tile.level, tile.n, tile.hashes
  FROM unnest(%(levels)s::smallint[], %(ns)s::bigint[]) AS wanted (level, n)
  JOIN audit_output_tile AS tile
    ON tile.tenant = %(tenant)s AND tile.year = %(year)s
   AND tile.level = wanted.level AND tile.n = wanted.n;

-- name: output_tiles_since
SELECT tile.level, tile.n, tile.hashes
  FROM generate_series(0, 6) AS every (level)
  JOIN audit_output_tile AS tile
    ON tile.tenant = %(tenant)s AND tile.year = %(year)s AND tile.level = every.level
   AND tile.n >= %(size)s::bigint >> (8 * (every.level + 1))
 ORDER BY tile.level, tile.n;

-- name: keep_cosignature
-- What was cosigned at a larger size stays: two nodes with one log may ask at once.
INSERT INTO audit_cosignature (tenant, origin, witness, size, line, at)
    VALUES (%(tenant)s, %(origin)s, %(witness)s, %(size)s, %(line)s, %(at)s)
    ON CONFLICT (tenant, origin, witness) DO UPDATE
   SET size = excluded.size, line = excluded.line, at = excluded.at
 WHERE audit_cosignature.size <= excluded.size;

-- name: cosignatures_kept
SELECT witness, size, line, at FROM audit_cosignature
 WHERE tenant = %(tenant)s AND origin = %(origin)s ORDER BY witness;

-- name: keep_reconciliation
INSERT INTO audit_reconciliation (tenant, day, at, compared, unreached, lacks)
    VALUES (%(tenant)s, %(day)s, %(at)s, %(compared)s, %(unreached)s, %(lacks)s)
    ON CONFLICT (tenant, day) DO UPDATE
   SET at = excluded.at, compared = excluded.compared, unreached = excluded.unreached,
       lacks = excluded.lacks;

-- name: reconciliations
SELECT day, at, compared, unreached, lacks FROM audit_reconciliation
 WHERE tenant = %(tenant)s AND day >= %(since)s ORDER BY day DESC;
