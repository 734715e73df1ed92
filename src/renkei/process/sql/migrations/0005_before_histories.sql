-- What a command brought about becomes one row of `process_history`, the events in it as they were,
-- their hashes too: that of the last one is kept, the others follow from it and the one before.
CREATE TABLE process_history (
    tenant text NOT NULL,
    case_id uuid NOT NULL,
    first bigint NOT NULL CHECK (first > 0), -- the number of its first event; the others follow
    events jsonb NOT NULL, -- kind, element, place, data of each
    actor text NOT NULL, -- who gave the command: a member of staff, a unit, a body, `clock`
    basis text NOT NULL, -- why they may, where that is asked: a provision, a right
    at timestamptz NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (tenant, case_id, first)
);

-- The migrator is the owner: for this statement the events of all tenants are to be seen. Which of them
-- one command brought about was not kept: those in a row, of one moment and one actor.
ALTER TABLE process_event NO FORCE ROW LEVEL SECURITY;
INSERT INTO process_history (tenant, case_id, first, events, actor, basis, at, hash)
SELECT tenant, case_id, min(seq),
       jsonb_agg(jsonb_build_array(kind, element, place, coalesce(data, '{}')) ORDER BY seq),
       actor, basis, at, (array_agg(hash ORDER BY seq DESC))[1]
  FROM (SELECT *, seq - row_number() OVER (PARTITION BY tenant, case_id, actor, basis, at
                                               ORDER BY seq) AS run
          FROM process_event) AS event
 GROUP BY tenant, case_id, actor, basis, at, run;
DROP TABLE process_event;

ALTER TABLE process_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE process_history FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON process_history
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON process_history TO renkei_application;

-- The same, event by event.
CREATE VIEW process_event WITH (security_invoker = true) AS
SELECT tenant, case_id, first + n - 1 AS seq, kind, element, place, data, actor, basis, at
  FROM process_history
 CROSS JOIN LATERAL (
       SELECT n, each ->> 0 AS kind, each ->> 1 AS element, (each ->> 2)::bigint AS place,
              each -> 3 AS data
         FROM jsonb_array_elements(events) WITH ORDINALITY AS event (each, n)
       OFFSET 0) AS event; -- so that a part of it is read once, however often it is asked for
GRANT SELECT ON process_event TO renkei_application;

-- Who writes a case has read its definition, and no definition is ever deleted.
ALTER TABLE process_case DROP CONSTRAINT process_case_tenant_definition_fkey;
