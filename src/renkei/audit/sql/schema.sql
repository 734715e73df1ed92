-- The provable access record. Rows here are evidence: the application may add to it, never change it.

-- What was promised and waits for the sequencer. Written in the transaction of the deed itself.
CREATE TABLE audit_outbox (
    tenant   text NOT NULL,
    q        bigint GENERATED ALWAYS AS IDENTITY,
    core     bytea NOT NULL CHECK (octet_length(core) <= 32768),
    label    bytea CHECK (octet_length(label) = 32),
    request  text NOT NULL,
    -- In which the deed was done, in Japan: the year of its label.
    year     smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, q)
);

-- The shards of the log, each a tree of its own: of year 0 the first one, which bears the log's name
-- and takes all deeds up to the end of the year it was begun in; then one a year, named after it.
CREATE TABLE audit_shard (
    tenant   text NOT NULL,
    year     smallint NOT NULL CHECK (year = 0 OR year BETWEEN 1900 AND 9999),
    through  smallint NOT NULL CHECK (through BETWEEN 1900 AND 9999),
    opened   timestamptz NOT NULL,
    PRIMARY KEY (tenant, year),
    UNIQUE (tenant, through),
    CHECK (year IN (0, through))
);

-- The last word on a shard: with what tree, and what map, it ended. Nothing is signed of it after.
CREATE TABLE audit_closing (
    tenant       text NOT NULL,
    year         smallint NOT NULL,
    at           timestamptz NOT NULL,
    size         bigint NOT NULL CHECK (size >= 1),
    root         bytea NOT NULL CHECK (octet_length(root) = 32),
    output_size  bigint NOT NULL CHECK (output_size >= 1),
    output_root  bytea NOT NULL CHECK (octet_length(output_root) = 32),
    PRIMARY KEY (tenant, year),
    FOREIGN KEY (tenant, year) REFERENCES audit_shard (tenant, year)
);

-- That a shard's entries go, by which rule: entered in the log under this request in the same
-- transaction. Its hashes, its checkpoints and the entries about the log itself stay.
CREATE TABLE audit_pruning (
    tenant   text NOT NULL,
    year     smallint NOT NULL,
    at       timestamptz NOT NULL,
    rule     text NOT NULL,
    request  text NOT NULL,
    PRIMARY KEY (tenant, year),
    FOREIGN KEY (tenant, year) REFERENCES audit_closing (tenant, year)
);

-- That a shard is kept beyond its time, by which document, until the hold is lifted.
CREATE TABLE audit_hold (
    tenant    text NOT NULL,
    year      smallint NOT NULL,
    document  text NOT NULL,
    at        timestamptz NOT NULL,
    lifted    timestamptz,
    PRIMARY KEY (tenant, year, document, at)
);

-- The leaves of the tree in their order, with what they are looked up by (copied from the leaf).
CREATE TABLE audit_entry (
    tenant     text NOT NULL,
    i          bigint NOT NULL CHECK (i >= 0),
    leaf       bytea NOT NULL CHECK (octet_length(leaf) <= 65535),
    label      bytea CHECK (octet_length(label) = 32),
    seq        bigint CHECK (seq >= 1),
    request    text NOT NULL,
    -- What is searched by: of the core, and of its details; the partner is the other organisation.
    at         timestamptz NOT NULL DEFAULT '-infinity',
    kind       text NOT NULL DEFAULT '',
    outcome    text NOT NULL DEFAULT '',
    partner    text NOT NULL DEFAULT '',
    message    text NOT NULL DEFAULT '',
    client     text COLLATE "C" NOT NULL DEFAULT '',
    service    text COLLATE "C" NOT NULL DEFAULT '',
    withheld   boolean NOT NULL DEFAULT false,
    -- Where the entry before it in its chain stands. A chain is read along these, from its head.
    prev_i     bigint,
    year       smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, year, i),
    CHECK ((label IS NULL) = (seq IS NULL)),
    CONSTRAINT audit_entry_chained
        CHECK (prev_i < i AND (coalesce(seq, 1) > 1) = (prev_i IS NOT NULL))
);
CREATE INDEX audit_entry_request ON audit_entry (tenant, request, year, i);
-- A page of a search goes along the times, newest first; what is rare is found by an index of its
-- own. Those hold no time: of few values each, they are small and cost a new entry little.
CREATE INDEX audit_entry_at ON audit_entry (tenant, at, year, i);
CREATE INDEX audit_entry_kind ON audit_entry (tenant, kind, outcome);
CREATE INDEX audit_entry_partner ON audit_entry (tenant, partner, service);
CREATE INDEX audit_entry_message ON audit_entry (tenant, message);
CREATE INDEX audit_entry_client ON audit_entry (tenant, client);
CREATE INDEX audit_entry_service ON audit_entry (tenant, service);
-- No refusal is answered, and a service is one partner's: without this a page that finds nothing
-- would be looked for along all times.
CREATE STATISTICS audit_entry_search (mcv) ON kind, outcome, partner, client, service
    FROM audit_entry;
ALTER STATISTICS audit_entry_search SET STATISTICS 100;
-- The server looks at a sample anew whenever the log has grown by a tenth, while others write: what
-- nobody searches by is not looked at, and the sample is no larger than the list above needs.
ALTER TABLE audit_entry
    ALTER COLUMN leaf SET STATISTICS 0,
    ALTER COLUMN label SET STATISTICS 0,
    ALTER COLUMN seq SET STATISTICS 0,
    ALTER COLUMN prev_i SET STATISTICS 0;

-- The last link of each person's chain.
CREATE TABLE audit_head (
    tenant  text NOT NULL,
    label   bytea NOT NULL CHECK (octet_length(label) = 32),
    count   bigint NOT NULL CHECK (count >= 1),
    head    bytea NOT NULL CHECK (octet_length(head) = 32),
    last_i  bigint NOT NULL,
    year    smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, label, year)
);

-- The hashes of the tree: full tiles for ever, of partial ones only the newest of each level.
CREATE TABLE audit_tile (
    tenant  text NOT NULL,
    level   smallint NOT NULL CHECK (level BETWEEN 0 AND 6),
    n       bigint NOT NULL CHECK (n >= 0),
    width   smallint NOT NULL CHECK (width BETWEEN 1 AND 256),
    hashes  bytea NOT NULL,
    year    smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, year, level, n),
    CHECK (octet_length(hashes) = 32 * width)
);
CREATE UNIQUE INDEX audit_tile_partial ON audit_tile (tenant, year, level) WHERE width < 256;

-- Every root that was signed.
CREATE TABLE audit_checkpoint (
    tenant  text NOT NULL,
    size    bigint NOT NULL CHECK (size >= 1),
    root    bytea NOT NULL CHECK (octet_length(root) = 32),
    note    text NOT NULL,
    at      timestamptz NOT NULL,
    year    smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, year, size)
);

-- The map: of each label how many entries it has, and its last one. A tree in tiles by the digits
-- that lead to them; derived from the entries alone, so it may be changed, and made anew.
CREATE TABLE audit_map_tile (
    tenant  text NOT NULL,
    place   text COLLATE "C" NOT NULL CHECK (place ~ '^[0-9a-f]{0,63}$'),
    slots   bytea NOT NULL,
    year    smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, year, place)
);

-- The roots the map has had: the leaves of the output log.
CREATE TABLE audit_epoch (
    tenant  text NOT NULL,
    e       bigint NOT NULL CHECK (e >= 0),
    leaf    bytea NOT NULL CHECK (octet_length(leaf) <= 1024),
    year    smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, year, e)
);

-- The hashes of the output log's tree, as those of the log's.
CREATE TABLE audit_output_tile (
    tenant  text NOT NULL,
    level   smallint NOT NULL CHECK (level BETWEEN 0 AND 6),
    n       bigint NOT NULL CHECK (n >= 0),
    width   smallint NOT NULL CHECK (width BETWEEN 1 AND 256),
    hashes  bytea NOT NULL,
    year    smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, year, level, n),
    CHECK (octet_length(hashes) = 32 * width)
);
CREATE UNIQUE INDEX audit_output_tile_partial ON audit_output_tile (tenant, year, level)
    WHERE width < 256;

-- Every root of the output log that was signed.
CREATE TABLE audit_output_checkpoint (
    tenant  text NOT NULL,
    size    bigint NOT NULL CHECK (size >= 1),
    root    bytea NOT NULL CHECK (octet_length(root) = 32),
    note    text NOT NULL,
    at      timestamptz NOT NULL,
    year    smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, year, size)
);

-- What each witness cosigned last of a log of ours: the size, and its line. One that names a smaller
-- size than stands here was set back.
CREATE TABLE audit_cosignature (
    tenant   text NOT NULL,
    origin   text NOT NULL,
    witness  text NOT NULL,
    size     bigint NOT NULL CHECK (size >= 0),
    line     text NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (tenant, origin, witness)
);

-- What a day's comparison with the other parties and the log operator found: who lacks what of which
-- exchange (JSON), and who could not be asked. A later comparison of the same day takes its place.
CREATE TABLE audit_reconciliation (
    tenant     text NOT NULL,
    day        date NOT NULL,
    at         timestamptz NOT NULL,
    compared   bigint NOT NULL CHECK (compared >= 0),
    unreached  text[] NOT NULL,
    lacks      text NOT NULL,
    PRIMARY KEY (tenant, day)
);

ALTER TABLE audit_outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_outbox USING (tenant = current_setting('renkei.tenant', true));
ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_entry USING (tenant = current_setting('renkei.tenant', true));
ALTER TABLE audit_head ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_head FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_head USING (tenant = current_setting('renkei.tenant', true));
ALTER TABLE audit_tile ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_tile FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_tile USING (tenant = current_setting('renkei.tenant', true));
-- A partial tile may go when a wider one replaces it; a full one may not.
CREATE POLICY partial_only ON audit_tile AS RESTRICTIVE FOR DELETE USING (width < 256);
ALTER TABLE audit_checkpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_checkpoint FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_checkpoint USING (tenant = current_setting('renkei.tenant', true));
ALTER TABLE audit_map_tile ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_map_tile FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_map_tile USING (tenant = current_setting('renkei.tenant', true));
ALTER TABLE audit_epoch ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_epoch FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_epoch USING (tenant = current_setting('renkei.tenant', true));
ALTER TABLE audit_output_tile ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_output_tile FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_output_tile USING (tenant = current_setting('renkei.tenant', true));
ALTER TABLE audit_output_checkpoint ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_output_checkpoint FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_output_checkpoint USING (tenant = current_setting('renkei.tenant', true));
CREATE POLICY partial_only ON audit_output_tile AS RESTRICTIVE FOR DELETE USING (width < 256);
ALTER TABLE audit_cosignature ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_cosignature FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_cosignature USING (tenant = current_setting('renkei.tenant', true));
ALTER TABLE audit_reconciliation ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_reconciliation FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_reconciliation USING (tenant = current_setting('renkei.tenant', true));
ALTER TABLE audit_shard ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_shard FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_shard USING (tenant = current_setting('renkei.tenant', true));
ALTER TABLE audit_closing ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_closing FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_closing USING (tenant = current_setting('renkei.tenant', true));
ALTER TABLE audit_pruning ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_pruning FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_pruning USING (tenant = current_setting('renkei.tenant', true));
ALTER TABLE audit_hold ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_hold FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON audit_hold USING (tenant = current_setting('renkei.tenant', true));
-- Nothing is signed of a shard that is closed.
CREATE POLICY open_only ON audit_checkpoint AS RESTRICTIVE FOR INSERT WITH CHECK (
    NOT EXISTS (SELECT FROM audit_closing AS closing
                 WHERE closing.tenant = audit_checkpoint.tenant
                   AND closing.year = audit_checkpoint.year));
CREATE POLICY open_only ON audit_output_checkpoint AS RESTRICTIVE FOR INSERT WITH CHECK (
    NOT EXISTS (SELECT FROM audit_closing AS closing
                 WHERE closing.tenant = audit_output_checkpoint.tenant
                   AND closing.year = audit_output_checkpoint.year));
-- Only what was said to go may go, and never the entries about the log itself.
CREATE POLICY pruned_only ON audit_entry AS RESTRICTIVE FOR DELETE TO renkei_pruner USING (
    kind <> 'shard'
    AND EXISTS (SELECT FROM audit_pruning AS pruning
                 WHERE pruning.tenant = audit_entry.tenant
                   AND pruning.year = audit_entry.year));
CREATE POLICY pruned_only ON audit_head AS RESTRICTIVE FOR DELETE TO renkei_pruner USING (
    EXISTS (SELECT FROM audit_pruning AS pruning
             WHERE pruning.tenant = audit_head.tenant AND pruning.year = audit_head.year));
CREATE POLICY pruned_only ON audit_map_tile AS RESTRICTIVE FOR DELETE TO renkei_pruner USING (
    EXISTS (SELECT FROM audit_pruning AS pruning
             WHERE pruning.tenant = audit_map_tile.tenant
               AND pruning.year = audit_map_tile.year));

GRANT SELECT, INSERT, DELETE ON audit_outbox TO renkei_application;
GRANT SELECT, INSERT ON audit_entry TO renkei_application;
GRANT SELECT, INSERT, UPDATE ON audit_head TO renkei_application;
GRANT SELECT, INSERT, DELETE ON audit_tile TO renkei_application;
GRANT SELECT, INSERT ON audit_checkpoint TO renkei_application;
GRANT SELECT, INSERT, UPDATE ON audit_map_tile TO renkei_application;
GRANT SELECT, INSERT ON audit_epoch TO renkei_application;
GRANT SELECT, INSERT, DELETE ON audit_output_tile TO renkei_application;
GRANT SELECT, INSERT ON audit_output_checkpoint TO renkei_application;
GRANT SELECT, INSERT, UPDATE ON audit_cosignature TO renkei_application;
GRANT SELECT, INSERT, UPDATE ON audit_reconciliation TO renkei_application;
GRANT SELECT, INSERT ON audit_shard TO renkei_application;
GRANT SELECT, INSERT ON audit_closing TO renkei_application;
GRANT SELECT ON audit_pruning TO renkei_application;
GRANT SELECT, INSERT, UPDATE (lifted) ON audit_hold TO renkei_application;
-- The one role that removes entries, a verb's for a few statements.
GRANT SELECT, DELETE ON audit_entry, audit_head, audit_map_tile TO renkei_pruner;
GRANT SELECT, INSERT ON audit_pruning TO renkei_pruner;
GRANT SELECT ON audit_shard, audit_closing, audit_hold TO renkei_pruner;
-- The oversight body's connections: they read, and nothing else. Of what waits, only how much.
GRANT SELECT ON audit_entry, audit_head, audit_tile, audit_checkpoint, audit_map_tile, audit_epoch,
    audit_output_tile, audit_output_checkpoint, audit_reconciliation, audit_shard, audit_closing,
    audit_pruning TO renkei_overseer;
GRANT SELECT (tenant) ON audit_outbox TO renkei_overseer;
