-- The state of a witness, in SQLite: one file, no server. Placeholders are SQLite's.

-- name: prepare
CREATE TABLE IF NOT EXISTS witnessed (
    origin  TEXT PRIMARY KEY,
    size    INTEGER NOT NULL CHECK (size >= 0),
    root    BLOB NOT NULL CHECK (length(root) = 32),
    note    TEXT NOT NULL,      -- as the log signed it, with our own lines behind it
    at      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- name: prepare_conflicts
-- What a log signed and we did not cosign: the proof that it shows two histories, if it does.
CREATE TABLE IF NOT EXISTS conflict (
    origin  TEXT NOT NULL,
    digest  BLOB NOT NULL,
    known   INTEGER NOT NULL,
    sent    BLOB NOT NULL,
    at      TEXT NOT NULL,
    PRIMARY KEY (origin, digest)
) STRICT, WITHOUT ROWID;

-- name: known
SELECT size, root FROM witnessed WHERE origin = :origin;

-- name: note
SELECT note FROM witnessed WHERE origin = :origin;

-- name: keep
INSERT INTO witnessed (origin, size, root, note, at) VALUES (:origin, :size, :root, :note, :at)
    ON CONFLICT (origin) DO UPDATE
   SET size = excluded.size, root = excluded.root, note = excluded.note, at = excluded.at;

-- name: keep_conflict
-- The first ones say all there is to say; a log that goes on does not fill the disk.
INSERT OR IGNORE INTO conflict (origin, digest, known, sent, at)
SELECT :origin, :digest, :known, :sent, :at
 WHERE (SELECT count(*) FROM conflict WHERE origin = :origin) < :most;

-- name: conflicts
SELECT origin, known, sent, at FROM conflict ORDER BY origin, at, digest;

-- name: standing
SELECT origin, size, root, at FROM witnessed ORDER BY origin;
