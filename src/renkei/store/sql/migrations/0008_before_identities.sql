-- 団体内統合宛名: numbers of identities, which register numbers belong to them, pairs and decisions.

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
