-- What this room keeps beside the records. The tables of the records themselves are made from the
-- catalogue, at every start (`renkei.store.alignment`), for each entity a pair: store_<entity> holds
-- the rows in force, store_<entity>_history every row that was.

-- The book of loads: which file became the records, for which day, when. Never edited. What is
-- removed by retention or erasure has a line of its own, so that the book balances.
CREATE TABLE store_load (
    tenant text NOT NULL,
    entity text NOT NULL,
    loaded_at timestamptz NOT NULL,
    states_on date NOT NULL,
    sha256 bytea NOT NULL CHECK (length(sha256) = 32),
    records bigint NOT NULL,
    new bigint NOT NULL,
    changed bigint NOT NULL,
    gone bigint NOT NULL,
    -- Loads of one town in the order of their commits, without a gap.
    position bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('fill', 'snapshot', 'difference', 'retention', 'erasure')),
    number bigint, -- of a difference
    blocked bigint NOT NULL DEFAULT 0, -- rows that did not go in
    PRIMARY KEY (tenant, entity, loaded_at),
    UNIQUE (tenant, entity, states_on, sha256),
    UNIQUE (tenant, position)
);
ALTER TABLE store_load ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_load FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_load
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON store_load TO renkei_application;

-- What a load did to which record. A fill has no events of its own: what it began is every record
-- known since that load. `kind` is new, changed or gone; or, of what was removed here and not by its
-- unit, archived or erased. Readers go by `number`: under row security no index on an array would
-- serve them.
CREATE TABLE store_event (
    tenant text NOT NULL,
    position bigint NOT NULL,
    key text[] NOT NULL,
    kind text NOT NULL CHECK (kind IN ('new', 'changed', 'gone', 'archived', 'erased')),
    number bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (tenant, position, number),
    FOREIGN KEY (tenant, position) REFERENCES store_load (tenant, position)
);
ALTER TABLE store_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_event FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_event
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON store_event TO renkei_application;

-- Who reads the events of the loads, and how far: all loads up to `load`, and of the next one `seen`
-- events up to `mark`. It moves only forward. No entities means all.
CREATE TABLE store_consumer (
    tenant text NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    entities text[] NOT NULL,
    load bigint NOT NULL CHECK (load >= 0),
    mark text[] NOT NULL,
    seen bigint NOT NULL CHECK (seen >= 0),
    moved_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, name),
    CHECK ((seen = 0) = (mark = '{}'))
);
ALTER TABLE store_consumer ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_consumer FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_consumer
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON store_consumer TO renkei_application;

-- Which unit wants the changes of which interface's items, for which of its procedures. The consumer
-- of the same name says how far it was served. What the law refuses on a day waits, and says why.
CREATE TABLE store_subscription (
    tenant text NOT NULL,
    name text NOT NULL,
    unit text NOT NULL,
    interface text NOT NULL,
    procedure text NOT NULL,
    items text[] NOT NULL CHECK (cardinality(items) > 0),
    with_protected boolean NOT NULL,
    since timestamptz NOT NULL,
    refused_on date,
    refused text,
    PRIMARY KEY (tenant, name),
    FOREIGN KEY (tenant, name) REFERENCES store_consumer (tenant, name) ON DELETE CASCADE,
    UNIQUE (tenant, unit, interface),
    CHECK ((refused_on IS NULL) = (refused IS NULL))
);
ALTER TABLE store_subscription ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_subscription FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_subscription
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON store_subscription TO renkei_application;

-- What a subscription was not told because the person was withheld from it (支援措置): told once
-- the protection has ended, as it is then.
CREATE TABLE store_withheld (
    tenant text NOT NULL,
    name text NOT NULL,
    person text NOT NULL,
    key text[] NOT NULL,
    PRIMARY KEY (tenant, name, person, key),
    FOREIGN KEY (tenant, name) REFERENCES store_subscription (tenant, name) ON DELETE CASCADE
);
ALTER TABLE store_withheld ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_withheld FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_withheld
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON store_withheld TO renkei_application;

-- What a record of an entity ever was under, for each item that lists go by: a superset of every
-- day, so each candidate is held against the record on the day that is asked for. The item stands
-- under its number in the standard, readings stand folded, the parts of a key divided by U+001F.
-- Rows are added behind the loads, in order; nothing but an erasure removes one.
CREATE TABLE store_listing (
    tenant text NOT NULL,
    item text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, item, value, key)
);
ALTER TABLE store_listing ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_listing FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_listing
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, DELETE ON store_listing TO renkei_application;

-- Up to which load the listing of an item is complete.
CREATE TABLE store_listed (
    tenant text NOT NULL,
    item text COLLATE "C" NOT NULL,
    until timestamptz NOT NULL,
    PRIMARY KEY (tenant, item)
);
ALTER TABLE store_listed ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_listed FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_listed
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE ON store_listed TO renkei_application;
-- The book of deliveries: every file that was taken in or kept out, with its findings. A finding
-- holds the shape of a value, never the value. Never edited.
CREATE TABLE store_delivery (
    tenant text NOT NULL,
    id uuid NOT NULL,
    entity text NOT NULL,
    received_at timestamptz NOT NULL,
    states_on date NOT NULL,
    source text NOT NULL, -- the file's name, without its folder
    sha256 bytea CHECK (length(sha256) = 32), -- null: not read to its end
    size bigint NOT NULL,
    outcome text NOT NULL
        CHECK (outcome IN ('loaded', 'already-loaded', 'blocked', 'refused', 'failed')),
    error text NOT NULL, -- the code of the error of what failed, else empty
    said jsonb NOT NULL, -- language → what the error said; no fact of an error is a value
    records bigint NOT NULL,
    new bigint, -- these four are null where nothing was compared
    changed bigint,
    gone bigint,
    same bigint,
    errors bigint NOT NULL,
    rules jsonb NOT NULL, -- rule → how often
    findings jsonb NOT NULL, -- the first ones of each rule
    PRIMARY KEY (tenant, id)
);
CREATE INDEX store_delivery_by_entity ON store_delivery (tenant, entity, received_at);
CREATE INDEX store_delivery_by_time ON store_delivery (tenant, received_at);
ALTER TABLE store_delivery ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_delivery FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_delivery
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON store_delivery TO renkei_application;

-- What a comparison with the owner's file, or with its digests, found. Never edited.
CREATE TABLE store_reconciliation (
    tenant text NOT NULL,
    entity text NOT NULL,
    compared_at timestamptz NOT NULL,
    states_on date NOT NULL,
    source text NOT NULL, -- the name of the file or of the digest file
    there bigint NOT NULL, -- records of the owner
    here bigint NOT NULL, -- records in force here on that day
    blocks integer NOT NULL,
    drifted integer[] NOT NULL, -- the numbers of the blocks that differ
    PRIMARY KEY (tenant, entity, compared_at)
);
ALTER TABLE store_reconciliation ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_reconciliation FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_reconciliation
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON store_reconciliation TO renkei_application;
-- What the retention rules have moved or removed, batch by batch; the archive repeats the batch.
CREATE TABLE store_retention (
    tenant text NOT NULL,
    batch uuid NOT NULL,
    rule text NOT NULL,
    target text NOT NULL, -- an entity, or a table of this room
    records bigint NOT NULL,
    versions bigint NOT NULL,
    done_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, batch)
);
ALTER TABLE store_retention ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_retention FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_retention
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT ON store_retention TO renkei_application;
GRANT SELECT, INSERT ON store_retention TO renkei_retention;

-- Which record was erased by order, and when: its key and none of its values.
CREATE TABLE store_erased (
    tenant text NOT NULL,
    entity text NOT NULL,
    key text[] NOT NULL,
    erased_at timestamptz NOT NULL,
    scope text NOT NULL CHECK (scope IN ('person', 'load')),
    request text NOT NULL, -- the order, as the log has it
    PRIMARY KEY (tenant, entity, key, erased_at)
);
ALTER TABLE store_erased ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_erased FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_erased
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT ON store_erased TO renkei_application;
GRANT SELECT, INSERT ON store_erased TO renkei_retention;
GRANT SELECT, INSERT ON store_load, store_event TO renkei_retention;
GRANT DELETE ON store_event TO renkei_retention;
-- 団体内統合宛名. The number each register number brings with it: issued once, never issued again.
CREATE TABLE store_identity (
    tenant text NOT NULL,
    unified_number text NOT NULL CHECK (unified_number ~ '^[0-9]{15}$'),
    register_number text NOT NULL,
    numbered_on date NOT NULL,
    known_from timestamptz NOT NULL,
    PRIMARY KEY (tenant, unified_number),
    UNIQUE (tenant, register_number)
);
ALTER TABLE store_identity ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_identity FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_identity
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON store_identity TO renkei_application;

-- The identity a register number belongs to: the smallest number among those it is the same as.
CREATE TABLE store_identity_link (
    tenant text NOT NULL,
    register_number text NOT NULL,
    unified_number text NOT NULL,
    valid_from date NOT NULL,
    known_from timestamptz NOT NULL,
    PRIMARY KEY (tenant, register_number),
    FOREIGN KEY (tenant, unified_number) REFERENCES store_identity (tenant, unified_number)
);
CREATE INDEX ON store_identity_link (tenant, unified_number);
ALTER TABLE store_identity_link ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_identity_link FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_identity_link
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE ON store_identity_link TO renkei_application;

-- Which identity it belonged to before; the same two times as the records have.
CREATE TABLE store_identity_link_history (
    tenant text NOT NULL,
    register_number text NOT NULL,
    unified_number text NOT NULL,
    valid_from date NOT NULL,
    known_from timestamptz NOT NULL,
    valid_to date NOT NULL,
    known_to timestamptz NOT NULL,
    PRIMARY KEY (tenant, register_number, valid_from, known_from),
    CHECK (valid_from <= valid_to),
    CHECK (known_from < known_to)
);
CREATE INDEX ON store_identity_link_history (tenant, unified_number);
ALTER TABLE store_identity_link_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_identity_link_history FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_identity_link_history
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON store_identity_link_history TO renkei_application;

-- Two register numbers that may be one person or body, and where they stand. `evidence` says which
-- comparisons agreed and how, as codes; no value of a person stands here. `judged`: people decided
-- on it once, and the program leaves it to people from then on.
CREATE TABLE store_pair (
    tenant text NOT NULL,
    one text NOT NULL,
    other text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('certain', 'given', 'conflict', 'alert', 'likely', 'asked')),
    ground text CHECK (ground IN
        ('personal-number', 'record-code', 'card-number', 'corporate-number', 'given')),
    score real NOT NULL,
    evidence text[] NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'same', 'different', 'postponed', 'lapsed')),
    judged boolean NOT NULL DEFAULT false,
    found_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, one, other),
    CHECK (one < other)
);
CREATE INDEX ON store_pair (tenant, other);
CREATE INDEX ON store_pair (tenant, kind, score) WHERE state IN ('waiting', 'postponed');
CREATE INDEX ON store_pair (tenant, one) WHERE state = 'different';
ALTER TABLE store_pair ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_pair FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_pair
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE ON store_pair TO renkei_application;

-- What was decided about a pair, by whom, on which evidence; never edited, an undo is a line more.
-- A line that is only `proposed` takes effect with the same verdict of a second person.
CREATE TABLE store_pair_decision (
    tenant text NOT NULL,
    number bigint NOT NULL, -- of the town's decisions, in their order
    one text NOT NULL,
    other text NOT NULL,
    verdict text NOT NULL CHECK (verdict IN ('same', 'different', 'postponed', 'undone')),
    is_proposed boolean NOT NULL,
    decided_by text NOT NULL,
    reason text NOT NULL,
    decided_at timestamptz NOT NULL,
    holds_from date NOT NULL,
    kind text NOT NULL,
    score real NOT NULL,
    evidence text[] NOT NULL,
    PRIMARY KEY (tenant, number),
    FOREIGN KEY (tenant, one, other) REFERENCES store_pair (tenant, one, other)
);
CREATE INDEX ON store_pair_decision (tenant, one, other);
ALTER TABLE store_pair_decision ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_pair_decision FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_pair_decision
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON store_pair_decision TO renkei_application;

-- The book of searches for pairs: up to which load the records were looked at, with which weights.
CREATE TABLE store_match (
    tenant text NOT NULL,
    matched_at timestamptz NOT NULL,
    matched_on date NOT NULL,
    position bigint NOT NULL, -- of the last load that was looked at
    is_whole boolean NOT NULL, -- all records, or only those that loads touched since
    records bigint NOT NULL,
    compared bigint NOT NULL,
    found bigint NOT NULL,
    merged bigint NOT NULL,
    lapsed bigint NOT NULL,
    weights_of_persons text NOT NULL, -- JSON: shares m and u of every level, pairs expected
    weights_of_bodies text NOT NULL,
    PRIMARY KEY (tenant, matched_at)
);
ALTER TABLE store_match ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_match FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_match
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON store_match TO renkei_application;

-- Queries saved for extracts (抽出): every version is kept as it was saved, whoever asks for what.
CREATE TABLE store_extract (
    tenant text NOT NULL,
    name text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    query jsonb NOT NULL,
    unit text NOT NULL,
    procedure text NOT NULL,
    purpose text NOT NULL CHECK (purpose <> ''),
    saved_by text NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, name, version),
    UNIQUE (tenant, name, version, saved_by)
);
ALTER TABLE store_extract ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_extract FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_extract
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON store_extract TO renkei_application;

-- Who approved a version, never whoever saved it.
CREATE TABLE store_extract_approval (
    tenant text NOT NULL,
    name text NOT NULL,
    version integer NOT NULL,
    saved_by text NOT NULL,
    approved_by text NOT NULL CHECK (approved_by <> saved_by),
    approved_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, name, version),
    FOREIGN KEY (tenant, name, version, saved_by)
        REFERENCES store_extract (tenant, name, version, saved_by)
);
ALTER TABLE store_extract_approval ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_extract_approval FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_extract_approval
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON store_extract_approval TO renkei_application;
