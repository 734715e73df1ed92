"""The text of `sql/schema.sql`: the catalogue's tables, and the book of loads.

`schema()` makes it; a test compares the file with it, so a change of the catalogue is noticed.
"""

from renkei.standard import Catalogue, catalogue
from renkei.standard.generate import store_sql

BOOK = """\
-- The book of loads: which file became the records, for which day, when. Never edited.
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
    PRIMARY KEY (tenant, entity, loaded_at),
    UNIQUE (tenant, entity, states_on, sha256)
);
ALTER TABLE store_load ENABLE ROW LEVEL SECURITY;
ALTER TABLE store_load FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON store_load
    USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT ON store_load TO renkei_application;
"""


def schema(standard: Catalogue | None = None) -> str:
    """Return the whole schema of this room.

    A correction for a day that was loaded before replaces a row on the day it began: that row
    holds for no day, but it was known, so the history takes an empty interval.
    """
    return f"{store_sql(standard or catalogue())}\n{BOOK}"
