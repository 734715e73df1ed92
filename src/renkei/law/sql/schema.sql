-- Drafts of the provision table (起案). Every step is a row that stays as it was written; what a
-- draft says, and how far it is, follows from its steps. A step names the save it is about and that
-- save's digest; a decision names whose text it is, and an approval whose review: never one's own.
CREATE TABLE law_draft_step (
    tenant text NOT NULL,
    draft integer NOT NULL CHECK (draft > 0),
    step integer NOT NULL CHECK (step > 0),
    act text NOT NULL CHECK (act IN ('save', 'try', 'submit', 'return', 'review', 'approve',
        'reject', 'withdraw', 'enact')),
    by_whom text NOT NULL,
    person text NOT NULL,
    at timestamptz NOT NULL,
    saved integer NOT NULL CHECK (saved <= step),
    digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    base text NOT NULL,
    result text NOT NULL,
    remarks text NOT NULL DEFAULT '',
    content text CHECK ((act = 'save') = (content IS NOT NULL)),
    trial text CHECK ((act = 'try') = (trial IS NOT NULL)),
    authors text[] NOT NULL DEFAULT '{}',
    review integer,
    reviewer text,
    PRIMARY KEY (tenant, draft, step),
    UNIQUE (tenant, draft, step, digest),
    UNIQUE (tenant, draft, step, digest, person),
    FOREIGN KEY (tenant, draft, saved, digest)
        REFERENCES law_draft_step (tenant, draft, step, digest),
    FOREIGN KEY (tenant, draft, review, digest, reviewer)
        REFERENCES law_draft_step (tenant, draft, step, digest, person),
    CHECK ((act = 'save') = (saved = step)),
    CHECK (act NOT IN ('return', 'review', 'approve', 'reject')
        OR (authors <> '{}' AND person <> ALL (authors))),
    CHECK ((act = 'approve') = (review IS NOT NULL AND reviewer IS NOT NULL)),
    CHECK (act <> 'approve' OR person <> reviewer)
);
ALTER TABLE law_draft_step ENABLE ROW LEVEL SECURITY;
ALTER TABLE law_draft_step FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON law_draft_step
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON law_draft_step TO renkei_application;
-- The oversight body's connections: they read, and nothing else.
GRANT SELECT ON law_draft_step TO renkei_overseer;
