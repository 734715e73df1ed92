"""A load that dies half-way leaves nothing behind, and the same load then succeeds."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from tests.store.rows import RESIDENT, TOWN, day, file, hour, register_number, resident

from renkei import store
from renkei.kit import Connection, Database, DatabaseUnreachable, migrate
from renkei.kit.postgres import Postgres
from renkei.standard import catalogue
from renkei.store import Limits, LoadInterrupted, LoadReport, Outcome, Progress

MANY = 50_000  # their staging table is larger than the disk we leave
FEW = 10_000
# A thirtieth of it is enough; where each was looked for in all, one statement took twelve seconds.
PATIENCE = {"statement_timeout": "8s"}
DISK = 17 * 2**20  # a segment of the write-ahead log must still fit
BLOCKS = Limits(block_bytes=2**18)

pytestmark = pytest.mark.xdist_group("crash")  # few tests, each of seconds: dealt out early

NO_PRLIMIT = pytest.mark.skipif(shutil.which("prlimit") is None, reason="no program prlimit here")

Strike = Callable[[Connection], None]


@dataclass(frozen=True)
class Town:
    """A file of residents, and how many they are."""

    path: Path
    records: int


Towns = Callable[[int], Town]


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """Give a server of our own: killing a backend restarts all of them."""
    directory = Path(tempfile.mkdtemp(prefix="renkei-"))
    directory.chmod(0o711)
    with Postgres(directory / "server") as running:
        migrate(running.dsn(), ["renkei.store"])
        store.align(running.dsn(), catalogue())
        yield running
    shutil.rmtree(directory)


def ready(dsn: str) -> None:
    """Wait for a server that recovers from the test before."""
    end = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(dsn).close()
        except psycopg.OperationalError:
            assert time.monotonic() < end
            time.sleep(0.1)
        else:
            return


@pytest.fixture
def dsn(server: Postgres, request: pytest.FixtureRequest) -> str:
    """Give an empty database for each test."""
    name = f"case_{abs(hash(request.node.name))}"
    ready(server.dsn("postgres"))
    server.create_database(name)
    migrate(server.dsn(name), ["renkei.store"])
    store.align(server.dsn(name), catalogue())
    return server.dsn(name)


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Towns:
    folder = tmp_path_factory.mktemp("town")

    def town(records: int) -> Town:
        path = folder / f"{records}.csv"
        if not path.exists():
            path.write_bytes(file(RESIDENT, [resident(n) for n in range(records)]).getvalue())
        return Town(path, records)

    return town


def size_for(strike: Strike) -> int:
    """Return how many records a strike takes to be felt."""
    return MANY if strike is full_disk else FEW


def full_disk(conn: Connection) -> None:
    """Let the backend write no file beyond the limit: PostgreSQL reports a write error."""
    pid = conn.info.backend_pid
    account = Path(f"/proc/{pid}").stat()  # only the account itself may limit its processes
    root = os.geteuid() == 0
    subprocess.run(
        ["prlimit", f"--pid={pid}", f"--fsize={DISK}:"],
        user=account.st_uid if root else None,
        group=account.st_gid if root else None,
        extra_groups=[] if root else None,
        check=True,
    )


def spare(_: Connection) -> None:
    """Let the load be."""


def terminated(conn: Connection) -> None:
    with psycopg.connect(conn.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [conn.info.backend_pid])


def killed(conn: Connection) -> None:
    os.kill(conn.info.backend_pid, signal.SIGKILL)


def load(
    database: Database, source: Town, strike: Strike = spare, *, on: int = 0, commit: bool = True
) -> LoadReport:
    """Load a file; strike once, after the first third, or instead of `commit`."""
    struck: list[int] = []
    with database.transaction(TOWN) as conn:

        def watch(so_far: Progress) -> None:
            if commit and not struck and so_far.records >= source.records // 3:
                struck.append(so_far.records)
                strike(conn)

        report = store.load(
            *(conn, TOWN, RESIDENT, source.path),
            on=day(on),
            at=hour(on),
            progress=watch,
            limits=BLOCKS,
        )
        if not commit:
            strike(conn)
    return report


def renamed(town: Town, folder: Path) -> Town:
    """Return a second snapshot in which everybody has another name."""
    second = folder / "resident.csv"
    second.write_bytes(town.path.read_bytes().replace("見本　".encode(), "改名　".encode()))
    return Town(second, town.records)


def names(database: Database, town: Town, on: int) -> set[store.Value]:
    """Return the names of the first, a middle and the last resident of a day."""
    last = town.records - 1
    keys = [register_number(number) for number in (0, last // 2, last)]
    with database.transaction(TOWN) as conn:
        records = store.read_many(conn, TOWN, RESIDENT, keys, ("name",), on=day(on))
    return {record.values["name"] for record in records.values()}


def held(database: Database) -> int:
    with database.transaction(TOWN) as conn:
        return sum(1 for _ in store.persons(conn, TOWN))


@pytest.mark.parametrize("strike", [pytest.param(full_disk, marks=NO_PRLIMIT), terminated, killed])
def test_nothing_half_loaded_stays_and_the_same_load_succeeds(
    dsn: str, towns: Towns, strike: Strike
) -> None:
    town = towns(size_for(strike))
    with Database(dsn, size=1) as database, pytest.raises(LoadInterrupted) as stopped:
        load(database, town, strike)
    assert "見本" not in str(stopped.value)
    ready(dsn)
    with Database(dsn, size=1) as database:
        assert held(database) == 0
        assert load(database, town).outcome is Outcome.loaded
        assert held(database) == town.records


@pytest.mark.parametrize("strike", [pytest.param(full_disk, marks=NO_PRLIMIT), killed])
def test_a_refresh_that_stops_half_way_leaves_the_records_as_they_were(
    dsn: str, towns: Towns, tmp_path: Path, strike: Strike
) -> None:
    town = towns(size_for(strike))
    second = renamed(town, tmp_path)
    with Database(dsn, size=1) as database:
        load(database, town)
        before = names(database, town, on=1)
        with pytest.raises(LoadInterrupted):
            load(database, second, strike, on=1)
    ready(dsn)
    with Database(dsn, size=1) as database:
        assert names(database, town, on=1) == before
        assert load(database, second, on=1).outcome is Outcome.loaded
        assert {str(name)[:2] for name in names(database, town, on=1)} == {"改名"}


def test_a_merge_that_is_never_committed_leaves_the_records_as_they_were(
    dsn: str, towns: Towns, tmp_path: Path
) -> None:
    town = towns(FEW)
    second = renamed(town, tmp_path)
    with Database(dsn, size=1, settings=PATIENCE) as database:
        load(database, town)
        before = names(database, town, on=1)
        with pytest.raises(DatabaseUnreachable):
            load(database, second, killed, on=1, commit=False)
    ready(dsn)
    with Database(dsn, size=1) as database:
        assert names(database, town, on=1) == before
        assert load(database, second, on=1).outcome is Outcome.loaded
        assert names(database, town, on=0) == before
        assert {str(name)[:2] for name in names(database, town, on=1)} == {"改名"}


def test_a_server_killed_in_mid_load_starts_again_without_the_load(towns: Towns) -> None:
    town = towns(FEW)
    directory = Path(tempfile.mkdtemp(prefix="renkei-"))
    directory.chmod(0o711)

    def kill_server(conn: Connection) -> None:
        pid = (directory / "server/data/postmaster.pid").read_text(encoding="utf-8").split()[0]
        os.kill(int(pid), signal.SIGKILL)
        os.kill(conn.info.backend_pid, signal.SIGKILL)  # it would go on until it waits

    with Postgres(directory / "server") as server:
        migrate(server.dsn(), ["renkei.store"])
        store.align(server.dsn(), catalogue())
        with Database(server.dsn(), size=1) as database, pytest.raises(LoadInterrupted):
            load(database, town, kill_server)
    with Postgres(directory / "server") as server, Database(server.dsn(), size=1) as database:
        assert held(database) == 0
        assert load(database, town).outcome is Outcome.loaded
    shutil.rmtree(directory)
