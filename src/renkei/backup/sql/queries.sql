-- The clock first: whatever was committed before that moment lies before the position read after.
-- name: standing
SELECT clock_timestamp(),
       (pg_current_wal_flush_lsn() - '0/0')::bigint,
       left(pg_walfile_name(pg_current_wal_flush_lsn()), 8),
       (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size'),
       (SELECT system_identifier::text FROM pg_control_system()),
       (slot.restart_lsn - '0/0')::bigint,
       slot.wal_status,
       current_setting('max_slot_wal_keep_size'),
       current_setting('server_version')
  FROM (VALUES (1)) AS one
  LEFT JOIN pg_replication_slots AS slot ON slot.slot_name = 'renkei_backup';

-- name: make_slot
SELECT FROM pg_create_physical_replication_slot('renkei_backup', true);

-- name: drop_slot
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
 WHERE slot_name = 'renkei_backup';

-- name: advance_slot
SELECT FROM pg_replication_slot_advance('renkei_backup', '0/0'::pg_lsn + %(lsn)s::bigint);

-- name: read_log
SELECT pg_read_binary_file('pg_wal/' || %(name)s, 0, %(length)s);

-- name: try_to_ship
SELECT pg_try_advisory_lock(7230901);

-- name: stop_shipping
SELECT pg_advisory_unlock(7230901);

-- name: recovered
SELECT pg_is_in_recovery(), pg_last_xact_replay_timestamp();
