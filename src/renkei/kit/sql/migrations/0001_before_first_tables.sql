-- What was applied to this database, and by which bytes. One row a migration, never edited.
CREATE TABLE kit_migration (
    room        text NOT NULL,
    name        text NOT NULL,
    sha256      bytea NOT NULL CHECK (length(sha256) = 32),
    applied_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (room, name)
);
GRANT SELECT ON kit_migration TO renkei_application;
