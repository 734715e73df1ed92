"""Entries to write and ways to write them, for the tests of this room."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Literal

from renkei.audit import Checkpoint, Entry, Kind, Mode, Signer, append_many, sequence
from renkei.kit import Database, Tenant

SEED = bytes(range(32))
AT = datetime(2026, 11, 23, 1, 2, 3, 456000, UTC)
HANAKO, TARO = b"\x01" * 32, b"\x02" * 32
OUTSIDE = Path(__file__).parents[2].parent / "shared" / "data" / "tlog" / "tessera" / "log"

ENTRY = Entry(
    kind=Kind.REQUEST,
    request="JP-0001",
    at=AT,
    asker="131016",
    holder="131024",
    unit="06",
    procedure="P-102",
    items=("06.gross_income", "06.tax_base"),
    provision="T-57",
    table="ab" * 32,
    outcome="answered",
    purpose="児童手当の認定",
    mode=Mode.TEST,
    label=HANAKO,
    salt=bytes(16),
    details={"request": "x" * 43},
)


def entries(number: int, *, label: bytes | None = HANAKO, start: int = 0) -> list[Entry]:
    """Return entries that differ in their request and their salt."""
    return [
        replace(ENTRY, request=f"JP-{n:04}", label=label, salt=n.to_bytes(16))
        for n in range(start, start + number)
    ]


def write(
    database: Database, tenant: Tenant, signer: Signer, batches: Iterable[list[Entry]]
) -> list[Checkpoint]:
    """Append and sequence each batch in a transaction of its own."""
    checkpoints = []
    for batch in batches:
        with database.transaction(tenant) as conn:
            append_many(conn, tenant, batch)
        with database.transaction(tenant) as conn:
            checkpoint = sequence(conn, tenant, signer, at=AT)
            assert checkpoint is not None
            checkpoints.append(checkpoint)
    return checkpoints


def tamper(dsn: str, tenant: Tenant, statement: str) -> None:
    """Do what only the owner of the tables can do, for one organisation's rows."""
    with psycopg.connect(dsn) as conn:
        conn.execute(SQL("SELECT set_config('renkei.tenant', {}, false)").format(Literal(tenant)))
        conn.execute("SET ROLE renkei_owner")
        conn.execute(statement.encode())


def files(directory: Path) -> dict[str, bytes]:
    """Return every file of a directory with its bytes."""
    found = (path for path in directory.rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): path.read_bytes() for path in found}
