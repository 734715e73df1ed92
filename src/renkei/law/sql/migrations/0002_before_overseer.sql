-- The oversight body's connections: they read, and nothing else.
GRANT SELECT ON law_draft_step TO renkei_overseer;
