"""Saved queries: named, in versions, for one procedure of one unit and one purpose.

A version is never changed. Whoever saved it does not approve it; what is not approved does not run.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from renkei import kit
from renkei.store.extracts.errors import (
    ApproverSame,
    ExtractNameMalformed,
    ExtractNotApproved,
    ExtractUnknown,
)
from renkei.store.extracts.permits import Asker
from renkei.store.extracts.query import Query, parse_query, render_query

sql = kit.queries("renkei.store")

NAME = re.compile(r"\w[\w \-・（）()]{0,99}")


@dataclass(frozen=True, slots=True)
class Extract:
    """One version of a saved query, and who answers for it."""

    name: str
    version: int
    query: Query
    unit: str
    procedure: str
    purpose: str
    saved_by: str
    saved_at: datetime
    approved_by: str | None
    approved_at: datetime | None

    def asker(self, tenant: kit.Tenant, kind: str) -> Asker:
        """Return for whom the query runs."""
        return Asker(tenant, kind, self.unit, self.procedure, self.purpose)

    def check_approved(self) -> None:
        """Refuse to go on with what nobody approved."""
        if self.approved_by is None:
            raise ExtractNotApproved(name=self.name, version=self.version, by=self.saved_by)


def save(
    conn: kit.Connection, name: str, query: Query, *, asker: Asker, by: str, at: datetime
) -> int:
    """Save a query as the next version of a name and return its number."""
    if not NAME.fullmatch(name):
        raise ExtractNameMalformed(name=name[:100])
    facts: Mapping[str, object] = {
        "tenant": asker.tenant,
        "name": name,
        "query": render_query(parse_query(render_query(query))).decode(),
        "unit": asker.unit,
        "procedure": asker.procedure,
        "purpose": asker.purpose,
        "by": by,
        "at": at,
    }
    conn.execute(sql.one_extract_at_a_time, {"tenant": asker.tenant, "name": name})
    row = conn.execute(sql.save_extract, facts).fetchone()
    return int(row[0]) if row else 0


def approve(
    conn: kit.Connection, tenant: kit.Tenant, extract: Extract, *, by: str, at: datetime
) -> None:
    """Approve a version; a second approval changes nothing."""
    if extract.saved_by == by:
        raise ApproverSame(name=extract.name, version=extract.version, by=by)
    conn.execute(
        sql.approve_extract,
        {"tenant": tenant, "name": extract.name, "version": extract.version, "by": by, "at": at},
    )


def extracts(conn: kit.Connection, tenant: kit.Tenant) -> list[Extract]:
    """Return the newest version of every extract, by name."""
    return [_extract(*row) for row in conn.execute(sql.extracts, {"tenant": tenant})]


def versions(conn: kit.Connection, tenant: kit.Tenant, name: str) -> list[Extract]:
    """Return every version of an extract, the newest first."""
    facts = {"tenant": tenant, "name": name}
    return [_extract(*row) for row in conn.execute(sql.extract_versions, facts)]


def find(
    conn: kit.Connection, tenant: kit.Tenant, name: str, version: int | None = None
) -> Extract:
    """Return a version of an extract, the newest unless another one is asked for."""
    for extract in versions(conn, tenant, name):
        if version is None or extract.version == version:
            return extract
    raise ExtractUnknown(name=name[:100], version="*" if version is None else str(version))


def _extract(
    name: str,
    version: int,
    query: str,
    unit: str,
    procedure: str,
    purpose: str,
    saved_by: str,
    saved_at: datetime,
    approved_by: str | None,
    approved_at: datetime | None,
) -> Extract:
    parsed = parse_query(query.encode())
    return Extract(
        *(name, version, parsed, unit, procedure, purpose),
        *(saved_by, saved_at, approved_by, approved_at),
    )
