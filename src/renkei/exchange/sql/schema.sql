-- The signed messages received lately, by key and nonce. A row lives as long as its message could
-- still pass the time window; until then a second one is refused.
CREATE TABLE exchange_seen (
    tenant      text NOT NULL,
    keyid       text NOT NULL CHECK (length(keyid) <= 128),
    nonce       text NOT NULL CHECK (length(nonce) BETWEEN 16 AND 64),
    request_id  text NOT NULL CHECK (length(request_id) <= 255),
    seen_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant, keyid, nonce)
);
CREATE INDEX exchange_seen_at ON exchange_seen (tenant, seen_at);
ALTER TABLE exchange_seen ENABLE ROW LEVEL SECURITY;
ALTER TABLE exchange_seen FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON exchange_seen USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON exchange_seen TO renkei_application;

-- The X-Road-Ids each client of an organisation has used.
CREATE TABLE exchange_request (
    tenant      text NOT NULL,
    client      text NOT NULL CHECK (length(client) <= 4096),
    request_id  text NOT NULL CHECK (length(request_id) <= 255),
    used_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant, client, request_id)
);
CREATE INDEX exchange_request_at ON exchange_request (tenant, used_at);
ALTER TABLE exchange_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE exchange_request FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON exchange_request
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON exchange_request TO renkei_application;
