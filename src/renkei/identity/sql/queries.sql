-- name: register
INSERT INTO identity_person (tenant, number_index, number_sealed, pid_sealed, enrolled_at)
SELECT %(tenant)s, number_index, number_sealed, pid_sealed, %(at)s
  FROM unnest(%(indices)s::bytea[], %(numbers)s::bytea[], %(pids)s::bytea[])
       AS given (number_index, number_sealed, pid_sealed)
    ON CONFLICT (tenant, number_index) DO NOTHING;

-- name: persons
SELECT number_index, pid_sealed
  FROM identity_person
 WHERE tenant = %(tenant)s AND number_index = ANY (%(indices)s::bytea[]);

-- name: renumber
UPDATE identity_person
   SET number_index = %(new)s, number_sealed = %(number)s, pid_sealed = %(pid)s
 WHERE tenant = %(tenant)s AND number_index = %(old)s
   AND NOT EXISTS (SELECT FROM identity_person AS taken
                    WHERE taken.tenant = %(tenant)s AND taken.number_index = %(new)s);

-- name: one_keeper
-- One transaction at a time keeps codes of an organisation, so that no code is lost between two.
SELECT pg_advisory_xact_lock(hashtextextended('identity_code ' || %(tenant)s::text, 0));

-- name: drop_older
DELETE FROM identity_code
 USING unnest(%(persons)s::text[], %(versions)s::integer[], %(codes)s::text[])
       AS given (person, kv, code)
 WHERE identity_code.tenant = %(tenant)s AND identity_code.person = given.person
   AND identity_code.kv = given.kv AND identity_code.code <> given.code;

-- name: keep_codes
INSERT INTO identity_code (tenant, person, kv, code, nym_sealed)
SELECT %(tenant)s, person, kv, code, nym_sealed
  FROM unnest(%(persons)s::text[], %(versions)s::integer[], %(codes)s::text[], %(nyms)s::bytea[])
       AS given (person, kv, code, nym_sealed)
 ORDER BY person, kv
    ON CONFLICT DO NOTHING;

-- name: shared
SELECT given.person, held.person
  FROM unnest(%(persons)s::text[], %(codes)s::text[]) AS given (person, code)
  JOIN identity_code AS held
    ON held.tenant = %(tenant)s AND held.code = given.code AND held.person <> given.person
 ORDER BY given.person;

-- name: code_of
SELECT nym_sealed, kv
  FROM identity_code
 WHERE tenant = %(tenant)s AND person = %(person)s
 ORDER BY kv DESC
 LIMIT 1;

-- name: codes_of
SELECT DISTINCT ON (person) person, nym_sealed, kv
  FROM identity_code
 WHERE tenant = %(tenant)s AND person = ANY (%(persons)s::text[])
 ORDER BY person, kv DESC;

-- name: people_with_codes
SELECT DISTINCT person FROM identity_code WHERE tenant = %(tenant)s ORDER BY person;

-- name: to_rotate
SELECT old.person, old.nym_sealed
  FROM identity_code AS old
 WHERE old.tenant = %(tenant)s AND old.kv = %(before)s AND old.person > %(behind)s
   AND NOT EXISTS (SELECT FROM identity_code AS done
                    WHERE done.tenant = old.tenant AND done.person = old.person
                      AND done.kv = %(after)s)
 ORDER BY old.person
 LIMIT %(limit)s;

-- name: not_rotated
SELECT count(*)
  FROM identity_code AS old
 WHERE old.tenant = %(tenant)s AND old.kv = %(kv)s
   AND NOT EXISTS (SELECT FROM identity_code AS newer
                    WHERE newer.tenant = old.tenant AND newer.person = old.person
                      AND newer.kv > old.kv);

-- name: forget_codes
DELETE FROM identity_code WHERE tenant = %(tenant)s AND kv = %(kv)s;

-- name: persons_of
SELECT code, person FROM identity_code
 WHERE tenant = %(tenant)s AND code = ANY (%(codes)s::text[]);

-- name: drop_codes
DELETE FROM identity_code WHERE tenant = %(tenant)s AND code = ANY (%(codes)s::text[]);

-- name: person_of
SELECT person FROM identity_code WHERE tenant = %(tenant)s AND code = %(code)s;

-- name: enrol
INSERT INTO identity_handle (tenant, handle)
SELECT %(tenant)s, handle FROM unnest(%(handles)s::bytea[]) AS given (handle)
    ON CONFLICT (tenant, handle) DO NOTHING;

-- name: known
SELECT closed_at FROM identity_handle WHERE tenant = %(tenant)s AND handle = %(handle)s;

-- name: known_of
SELECT handle FROM identity_handle
 WHERE tenant = %(tenant)s AND handle = ANY (%(handles)s::bytea[]) AND closed_at IS NULL;

-- name: close_handles
UPDATE identity_handle
   SET closed_at = %(at)s
 WHERE tenant = %(tenant)s AND handle = ANY (%(handles)s::bytea[]) AND closed_at IS NULL;
