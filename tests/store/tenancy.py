"""Every statement a test of this room runs is asked again as another town, in both nets.

The first time a statement gives a row, it is kept. Before the test's transaction is rolled back it
is run twice more: under row security with the other town set, whatever town its parameters name;
and by a superuser, whom no policy holds, with the other town in its parameters. Either way nothing
of this town may come.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.sql import SQL, Composed
from tests.store.rows import OTHER_TOWN

from renkei.kit import Connection

Query: TypeAlias = str | bytes | SQL | Composed
Kept: TypeAlias = tuple[Query, Mapping[str, Any]]

OF_ONE_LOAD = (b"store_staging", b"store_change", b"store_blocked")
"""Tables that live for one load of one town, and hold nobody else's rows."""

SEEN: set[bytes] = set()
"""The statements this process has tried."""


class RecordingCursor(psycopg.Cursor[tuple[Any, ...]]):
    """A cursor that keeps the reading statements that gave a row."""

    kept: list[Kept]

    def execute(  # type: ignore[override]  # psycopg overloads it for template strings
        self, query: Query, params: Any = None, **more: Any
    ) -> "RecordingCursor":
        """Execute, and keep a statement that was not tried before."""
        super().execute(query, params, **more)
        if isinstance(params, Mapping) and "tenant" in params and self.rowcount > 0:
            text = as_bytes(query, self)
            reads = text.lstrip()[:6].upper() in {b"SELECT", b"WITH S", b"WITH R"}
            lasts = b"store_" in text and not any(name in text for name in OF_ONE_LOAD)
            if reads and lasts and text not in SEEN:
                SEEN.add(text)
                type(self).kept.append((query, dict(params)))
        return self


def as_bytes(query: Query, cursor: psycopg.Cursor[Any]) -> bytes:
    """Return the text of a statement, however it is composed."""
    if isinstance(query, bytes):
        return query
    return query.encode() if isinstance(query, str) else query.as_bytes(cursor)


def hold_to_town(conn: Connection, kept: list[Kept]) -> None:
    """Run what was kept as another town; find nothing."""
    if conn.info.transaction_status is not TransactionStatus.INTRANS:
        return
    plain = conn.cursor_factory
    conn.cursor_factory = psycopg.Cursor
    try:
        for query, params in kept:
            for role, said in (("renkei_application", params), ("none", with_other(params))):
                rows = asked(conn, query, said, role)
                assert all(nothing(row) for row in rows), (role, as_bytes(query, conn.cursor()))
    finally:
        conn.cursor_factory = plain


def with_other(params: Mapping[str, Any]) -> dict[str, Any]:
    return {**params, "tenant": OTHER_TOWN}


def asked(conn: Connection, query: Query, params: Mapping[str, Any], role: str) -> list[Any]:
    """Return the rows of a statement in a role, with the other town set; undo it."""
    try:
        with conn.transaction(force_rollback=True):
            conn.execute(f"SET LOCAL ROLE {role}".encode())
            conn.execute("SELECT set_config('renkei.tenant', %s, true)", [OTHER_TOWN])
            return conn.execute(query, params).fetchall()
    except psycopg.errors.UndefinedTable:
        return []  # of a table that lived for one step of the test


def nothing(row: tuple[Any, ...]) -> bool:
    """Tell whether a row says no more than that there is nothing.

    A yes beside it may say that nothing is all there is.
    """
    rest = [value for value in row if value is not True]
    return all(value in (None, 0, False, "", "0", []) for value in rest) and bool(rest)
