"""A file damaged in any way is blocked with findings, or what is stored is what it says."""

import csv
import io

import psycopg
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.rows import DAY, NOW, RESIDENT, TOWN, file, resident

from renkei import store
from renkei.kit import Connection, Database
from renkei.store import Outcome

WHOLE = file(
    RESIDENT, [resident(1), resident(2, building='"見本"棟, 2号'), resident(3, building="a")]
).getvalue()
NAMES = [item.name for item in RESIDENT.items]
PIECES = [b'"', b",", b"\n", b"\r\n", b"\r", b"\0", b"\\.", b"\\N", b"#", b" ", b"\xe3", b"\xff"]
PIECES += [b'""', b"\xef\xbb\xbf", b"\t", b"1", "見".encode(), b"", b'","', b"\\"]

cuts = st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 3), st.sampled_from(PIECES))


def damaged(edits: list[tuple[int, int, bytes]]) -> bytes:
    text = WHOLE
    for start, length, piece in edits:
        text = text[:start] + piece + text[start + length :]
    return text


def stored(conn: Connection) -> list[dict[str, str]]:
    """Return all records as a file would hold them, in the order of their key."""
    keys = [key for key, _ in store.persons(conn, TOWN)]
    records = store.read_many(conn, TOWN, RESIDENT, keys, NAMES, on=DAY)
    return [
        {name: "" if value is None else str(value) for name, value in records[key].values.items()}
        for key in keys
    ]


def told(text: bytes) -> list[dict[str, str]]:
    """Return the records of a file as Python's own reader understands them."""
    lines = text.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    while lines[0].startswith("#"):
        lines.pop(0)
    rows = csv.reader(io.StringIO("\n".join(lines[1:])))
    return sorted(
        (dict(zip(NAMES, row, strict=True)) for row in rows), key=lambda row: row[NAMES[0]]
    )


@settings(max_examples=150)
@given(edits=st.lists(cuts, min_size=1, max_size=3))
def test_what_is_stored_is_what_the_file_says_or_nothing(
    database: Database, edits: list[tuple[int, int, bytes]]
) -> None:
    text = damaged(edits)
    with database.transaction(TOWN) as conn:
        report = store.load(conn, TOWN, RESIDENT, io.BytesIO(text), on=DAY, at=NOW)
        if report.outcome is Outcome.blocked:
            assert report.findings.errors
            assert all(f.says("ja") and f.remedy("en") for f in report.findings.kept)
            assert stored(conn) == []
        else:
            assert stored(conn) == told(text)
        raise psycopg.Rollback
