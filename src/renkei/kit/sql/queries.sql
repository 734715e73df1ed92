-- name: create_table
SELECT to_regclass('kit_migration') IS NULL AS missing;

-- name: begin
BEGIN;

-- name: commit
COMMIT;

-- name: lock
SELECT pg_advisory_xact_lock(7230115);

-- name: create_roles
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['renkei_owner', 'renkei_migrator', 'renkei_application',
                                  'renkei_retention', 'renkei_archive', 'renkei_pruner',
                                  'renkei_overseer'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- another process created it at the same moment
            END;
        END IF;
    END LOOP;
END
$$;

-- name: grant_roles
DO $$
BEGIN
    -- Roles belong to the server, and our lock to one database: a process that migrates another
    -- database may grant the same at the same moment. Then it is granted, which is all we want.
    IF NOT pg_has_role('renkei_migrator', 'renkei_owner', 'MEMBER') THEN
        BEGIN
            GRANT renkei_owner TO renkei_migrator;
        EXCEPTION WHEN unique_violation OR internal_error THEN
            NULL; -- "duplicate key" for a new membership, "tuple concurrently updated" for an old
        END;
    END IF;
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        BEGIN
            EXECUTE format('GRANT renkei_owner, renkei_migrator, renkei_application,'
                           ' renkei_retention, renkei_archive, renkei_pruner, renkei_overseer'
                           ' TO %I', current_user);
        EXCEPTION WHEN unique_violation OR internal_error THEN
            NULL;
        END;
    END IF;
    EXECUTE format('GRANT CREATE, USAGE ON SCHEMA public TO renkei_owner');
    EXECUTE format('GRANT USAGE ON SCHEMA public TO renkei_application, renkei_retention,'
                   ' renkei_archive, renkei_pruner, renkei_overseer');
    EXECUTE format('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
END
$$;

-- name: become_owner
SET LOCAL ROLE renkei_owner;

-- name: applied
SELECT room, name, sha256 FROM kit_migration ORDER BY room, name;

-- name: record
INSERT INTO kit_migration (room, name, sha256) VALUES (%(room)s, %(name)s, %(sha256)s);

-- name: set_tenant
SELECT set_config('renkei.tenant', %(tenant)s, true);

-- name: begin_line
-- Its statements are planned once and run for months: one planned while a table was empty would go on
-- reading all of it.
SELECT set_config('renkei.tenant', %(tenant)s, false), set_config('enable_seqscan', 'off', false);

-- name: only_look
-- To the end of the transaction. That it only reads cannot be taken back in it, whatever the role.
SELECT set_config('transaction_read_only', 'on', true),
       set_config('statement_timeout', %(timeout)s, true),
       set_config('role', 'renkei_overseer', true);

-- name: database_of_name
SELECT FROM pg_database WHERE datname = %(name)s;
