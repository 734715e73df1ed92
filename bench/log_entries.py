"""Entries as exchanges leave them, about so many persons, for the benchmarks of the log."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from bench.measure import Server, server
from renkei import audit, kit
from renkei.kit import Tenant

TENANT = Tenant("131016")
SIGNER = audit.Signer.from_seed("bench.example/131016/access-log", bytes(32))
AT = datetime(2026, 11, 1, tzinfo=UTC)
STARTED = int(AT.timestamp()) * 1000
APPENDED = 500
"""Entries a commit of those who append: as many requests as end in one group commit, or a list."""

MAPPED = 1_000_000


def entry(number: int, persons: int) -> audit.Entry:
    """Return one entry; the same number gives the same bytes."""
    drawn = sha256(number.to_bytes(8)).digest()
    person = int.from_bytes(drawn[:6]) % persons
    name = drawn.hex()
    return audit.Entry(
        kind=audit.Kind.REQUEST,
        request=_number(number, name[:18]),
        at=AT + timedelta(milliseconds=number),
        asker="131016",
        holder="131024",
        unit="06",
        procedure="P-102",
        items=("06.gross_income", "06.tax_base"),
        provision="T-57",
        table=name,
        outcome="asked",
        purpose="児童手当の認定",
        mode=audit.Mode.TEST,
        label=label(person),
        salt=drawn[:16],
        details={
            "message": f"JP-{_number(number, name[18:36])}",
            "client": "JP/MUN/131016/06",
            "service": "JP/MUN/131024/06",
        },
    )


def _number(number: int, drawn: str) -> str:
    """Return a number of the form of `kit.timed_number`, made at the time of the entry."""
    made = f"{STARTED + number:012x}"
    return f"{made[:8]}-{made[8:]}-7{drawn[:3]}-8{drawn[3:6]}-{drawn[6:]}"


def label(person: int) -> bytes:
    """Return the label of a person's chain."""
    return sha256(b"person" + person.to_bytes(8)).digest()


def append(database: kit.Database, tenant: Tenant, start: int, end: int, persons: int) -> None:
    """Append entries with these numbers."""
    append_all(database, tenant, [entry(number, persons) for number in range(start, end)])


def append_all(database: kit.Database, tenant: Tenant, entries: Sequence[audit.Entry]) -> None:
    """Append entries, a few hundred a commit."""
    for start in range(0, len(entries), APPENDED):
        with database.transaction(tenant) as conn:
            audit.append_many(conn, tenant, entries[start : start + APPENDED])


def sequence(database: kit.Database, tenant: Tenant = TENANT) -> int:
    """Sequence what is pending, as the keeper of a log does; return how many have a place now."""
    size = 0
    while True:
        with database.transaction(tenant) as conn:
            checkpoint = audit.sequence(conn, tenant, SIGNER, at=datetime.now(UTC))
        if checkpoint is None:
            return size
        size = checkpoint.size


def map_all(database: kit.Database, tenant: Tenant = TENANT) -> None:
    """Take everything signed into the map, a million entries an epoch."""
    made: audit.Epoch | None = None
    while True:
        with database.transaction(tenant) as conn:
            at = datetime.now(UTC)
            made = audit.make_epoch(conn, tenant, SIGNER, at=at, most=MAPPED)
        if made is None:
            return


@contextmanager
def log_server() -> Iterator[tuple[Server, kit.Database, Path]]:
    """Give a server with the log's tables, a pool on it, and a folder to publish in."""
    with (
        server(["renkei.audit"]) as running,
        kit.Database(running.dsn, size=4) as database,
        tempfile.TemporaryDirectory(prefix="renkei-log-") as folder,
    ):
        yield running, database, Path(folder)
