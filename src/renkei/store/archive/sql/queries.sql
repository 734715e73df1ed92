-- name: begin_batch
INSERT INTO store_archive_batch (tenant, batch, rule, moved_at)
   VALUES (%(tenant)s, %(batch)s, %(rule)s, %(at)s);

-- name: keep
INSERT INTO store_archived
   (tenant, entity, key, valid_from, known_from, valid_to, known_to, dated, rule, record, batch)
   VALUES (%(tenant)s, %(entity)s, %(key)s, %(valid_from)s, %(known_from)s, %(valid_to)s,
           %(known_to)s, %(dated)s, %(rule)s, %(record)s, %(batch)s);

-- name: unconfirmed
SELECT batch FROM store_archive_batch WHERE tenant = %(tenant)s AND NOT confirmed;

-- name: confirm
UPDATE store_archive_batch SET confirmed = true
   WHERE tenant = %(tenant)s AND batch = any(%(batches)s::uuid[]);

-- name: give_back
DELETE FROM store_archived WHERE tenant = %(tenant)s AND batch = any(%(batches)s::uuid[]);

-- name: forget_batches
DELETE FROM store_archive_batch WHERE tenant = %(tenant)s AND batch = any(%(batches)s::uuid[]);

-- name: read
SELECT record, valid_from, valid_to, known_from FROM store_archived
   JOIN store_archive_batch USING (tenant, batch)
   WHERE tenant = %(tenant)s AND entity = %(entity)s AND key = %(key)s AND confirmed
   ORDER BY valid_from, known_from;

-- name: expire
DELETE FROM store_archived
   WHERE tenant = %(tenant)s AND store_archived.rule = %(rule)s AND dated < %(before)s;

-- name: erase_subject
DELETE FROM store_archived
   WHERE tenant = %(tenant)s AND entity = %(entity)s AND record ->> %(item)s = %(subject)s
   RETURNING array_to_string(key, chr(31));

-- name: erase_load
DELETE FROM store_archived
   WHERE tenant = %(tenant)s AND entity = %(entity)s AND known_from = %(known_from)s
   RETURNING array_to_string(key, chr(31));
