-- Loads get a position in the order of their commits; what they did to each record is kept as events.
ALTER TABLE store_load ADD COLUMN position bigint;
ALTER TABLE store_load ADD COLUMN kind text;
ALTER TABLE store_load ADD COLUMN number bigint;
ALTER TABLE store_load ADD COLUMN blocked bigint NOT NULL DEFAULT 0;
ALTER TABLE store_load NO FORCE ROW LEVEL SECURITY;
UPDATE store_load SET position = numbered.position, kind = numbered.kind
   FROM (SELECT tenant, entity, loaded_at,
                row_number() OVER (PARTITION BY tenant ORDER BY loaded_at, entity) AS position,
                CASE WHEN new = records THEN 'fill' ELSE 'snapshot' END AS kind
           FROM store_load) AS numbered
   WHERE (store_load.tenant, store_load.entity, store_load.loaded_at)
       = (numbered.tenant, numbered.entity, numbered.loaded_at);
ALTER TABLE store_load FORCE ROW LEVEL SECURITY;
ALTER TABLE store_load ALTER COLUMN position SET NOT NULL;
ALTER TABLE store_load ALTER COLUMN kind SET NOT NULL;
ALTER TABLE store_load ADD CHECK (kind IN ('fill', 'snapshot', 'difference'));
ALTER TABLE store_load ADD UNIQUE (tenant, position);

CREATE TABLE store_event (
    tenant text NOT NULL,
    position bigint NOT NULL,
    key text[] NOT NULL,
    kind text NOT NULL CHECK (kind IN ('new', 'changed', 'gone')),
    PRIMARY KEY (tenant, position, key),
    FOREIGN KEY (tenant, position) REFERENCES store_load (tenant, position)
);
ALTER TABLE store_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_event FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_event
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON store_event TO renkei_application;
