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

-- name: person_of
SELECT person FROM identity_code WHERE tenant = %(tenant)s AND code = %(code)s;

-- name: enrol
INSERT INTO identity_handle (tenant, handle)
SELECT %(tenant)s, handle FROM unnest(%(handles)s::bytea[]) AS given (handle)
    ON CONFLICT (tenant, handle) DO NOTHING;

-- name: known
SELECT true FROM identity_handle WHERE tenant = %(tenant)s AND handle = %(handle)s;
