"""A packed column is read by the server as the values that were packed."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

import pytest

from renkei.kit import (
    BytesColumn,
    Column,
    Database,
    InstantsColumn,
    NumbersColumn,
    Tenant,
    TextsColumn,
    TruthsColumn,
)

AT = datetime(2026, 11, 28, 1, 2, 3, 456789, UTC)


@pytest.mark.parametrize(
    ("kind", "type_", "values"),
    [
        (BytesColumn, "bytea", [b"", b"\x00\xff" * 300, b"\\x41"]),
        (TextsColumn, "text", ["", "髙橋\n\t\\N", "a" * 70_000]),
        (NumbersColumn, "bigint", [0, -1, 2**63 - 1, -(2**63)]),
        (InstantsColumn, "timestamptz", [AT, datetime(1890, 1, 1, tzinfo=UTC)]),
        (TruthsColumn, "boolean", [True, False, True]),
        *((kind, type_, []) for kind, type_ in ((BytesColumn, "bytea"), (TextsColumn, "text"))),
    ],
)
def test_a_column_comes_out_as_it_was_packed(
    database: Database, kind: type[Column], type_: str, values: Sequence[object]
) -> None:
    statement = f"SELECT value FROM unnest(%(all)b::{type_}[]) AS value"  # noqa: S608
    with database.transaction(Tenant("131016")) as conn:
        rows = conn.execute(statement.encode(), {"all": kind(values)}).fetchall()  # type: ignore[call-arg, arg-type]  # each kind takes its own values
    assert [value for (value,) in rows] == list(values)


def test_an_instant_keeps_its_moment_whatever_zone_it_is_written_in(database: Database) -> None:
    japan = AT.astimezone(timezone(timedelta(hours=9)))
    with database.transaction(Tenant("131016")) as conn:
        query = b"SELECT value FROM unnest(%(all)b::timestamptz[]) AS value"
        assert conn.execute(query, {"all": InstantsColumn([japan])}).fetchall() == [(AT,)]
