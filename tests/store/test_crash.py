"""A load that dies half-way leaves nothing behind, and the same load then succeeds."""

import os
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from renkei import store
from renkei.kit import Connection, Database, DatabaseUnreachable, migrate
from renkei.kit.postgres import Postgres
from renkei.store import Limits, LoadInterrupted, LoadReport, Outcome, Progress
from tests.store.rows import DAY, NOW, RESIDENT, TOWN, day, file, hour, register_number, resident

RECORDS = 60_000  # their staging table is larger than the disk we leave
DISK = 20 * 2**20  # a segment of the write-ahead log must still fit
BLOCKS = Limits(block_bytes=2**20)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits another process by prlimit")

Strike = Callable[[Connection], None]


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """Give a server of our own: killing a backend restarts all of them."""
    directory = Path(tempfile.mkdtemp(prefix="renkei-"))
    directory.chmod(0o711)
    with Postgres(directory / "server") as running:
        migrate(running.dsn(), ["renkei.store"])
        yield running
    shutil.rmtree(directory)


@pytest.fixture
def database(server: Postgres) -> Iterator[Database]:
    with Database(server.dsn(), size=1) as opened:
        yield opened


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("town") / "resident.csv"
    path.write_bytes(file(RESIDENT, [resident(n) for n in range(RECORDS)]).getvalue())
    return path


def full_disk(conn: Connection) -> None:
    """Let the backend write no file beyond the limit: PostgreSQL reports a write error."""
    _, hard = resource.prlimit(conn.info.backend_pid, resource.RLIMIT_FSIZE)
    resource.prlimit(conn.info.backend_pid, resource.RLIMIT_FSIZE, (DISK, hard))


def terminated(conn: Connection) -> None:
    with psycopg.connect(conn.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [conn.info.backend_pid])


def killed(conn: Connection) -> None:
    os.kill(conn.info.backend_pid, signal.SIGKILL)


def load(database: Database, path: Path, strike: Strike | None, at_record: int) -> LoadReport:
    """Load the town; strike once when that many records were judged."""
    struck: list[Strike] = []

    with database.transaction(TOWN) as conn:

        def watch(so_far: Progress) -> None:
            if strike is not None and not struck and so_far.records >= at_record:
                struck.append(strike)
                strike(conn)

        return store.load(
            conn, TOWN, RESIDENT, path, on=DAY, at=NOW, progress=watch, limits=BLOCKS
        )


def held(database: Database) -> int:
    with database.transaction(TOWN) as conn:
        return sum(1 for _ in store.persons(conn, TOWN))


@pytest.mark.parametrize("strike", [full_disk, terminated, killed])
def test_nothing_half_loaded_stays_and_the_same_load_succeeds(
    server: Postgres, town: Path, strike: Strike
) -> None:
    with (
        Database(server.dsn(), size=1) as first,
        pytest.raises((LoadInterrupted, DatabaseUnreachable)) as error,
    ):
        load(first, town, strike, RECORDS // 3)
    assert "見本" not in str(error.value)
    with Database(server.dsn(), size=1) as database:
        assert held(database) == 0
        report = load(database, town, None, 0)
        assert report.outcome is Outcome.loaded
        assert held(database) == RECORDS
        with database.transaction(TOWN) as conn:
            conn.execute("DELETE FROM store_resident WHERE tenant = %s", [TOWN])


def test_a_merge_that_dies_leaves_the_records_as_they_were(server: Postgres) -> None:
    def rows(name: str) -> list[store.Value]:
        return [resident(n, name=name) for n in range(50)]
