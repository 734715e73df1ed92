"""One database server for the whole run, one migrated database for each test module.

What they write is in memory where there is room (see scratch.py).
The server is `renkei.kit.postgres` in a directory of its own, started once also under `-n`.
`RENKEI_TEST_DSN` names another server to use instead, `RENKEI_TEST_BINARIES` other programs;
`RENKEI_TEST_TEMPLATES` names the run that server was started by, whose templates are used.
"""

import gc
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings
from psycopg import conninfo
from psycopg.sql import SQL, Identifier
from tests.clusters import make_folder, make_tables, remove_folder
from tests.grouping import Exemplified, Grouped, dear_first
from tests.prepared import prepare
from tests.scratch import make_scratch, remove_scratch

import renkei
from renkei.app.demo import ecosystem
from renkei.kit import Connection, Database, tenant
from renkei.kit.postgres import Postgres

# The rooms with tables, lower ones first; a room's tests see it and those below it.
ROOMS = (
    "renkei.audit",
    "renkei.law",
    "renkei.identity",
    "renkei.store",
    "renkei.exchange",
    "renkei.federation",
    "renkei.process",
)
SOURCE = Path(renkei.__file__).parent

# Some machines forbid it, and each of a hundred nodes would compile all its modules anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A test is never timed: on a busy machine an example would fail for being slow. One state of the
# code is tried with the same examples everywhere, so that what passed once passes again; whoever
# looks for more draws anew.
DRAWS_ANEW = bool(os.environ.get("RENKEI_TEST_EXAMPLES"))
settings.register_profile("untimed", deadline=None, derandomize=not DRAWS_ANEW)
settings.load_profile("untimed")

FreshDsn = Callable[..., AbstractContextManager[str]]


class Worker(Protocol):
    """What xdist gives us of one of its processes."""

    workerinput: dict[str, str]


@dataclass(frozen=True, slots=True)
class Server:
    """The server of this run; `run` leads the name of every database we make on it."""

    dsn: str
    run: str
    started: Postgres | None = None
    directory: Path | None = None
    templates: str = ""

    @property
    def is_ours(self) -> bool:
        """Tell whether a run of these tests started it: nothing there is to last."""
        return bool(self.templates) or "RENKEI_TEST_DSN" not in os.environ


WORKERS = 12
"""How many have ports of their own."""
SERVER = pytest.StashKey[Server]()
SCRATCH = pytest.StashKey[Path | None]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose where the run writes before anybody writes; an xdist worker is told by TMPDIR."""
    config.pluginmanager.register(Exemplified())  # a conftest is asked about its own folder alone
    if not hasattr(config, "workerinput"):
        config.stash[SCRATCH] = make_scratch()
        make_folder()
    else:
        _take_ports(config)
    prepare()


def _take_ports(config: pytest.Config) -> None:
    """Let each worker choose among ports of its own: a site listens long after it chose one."""
    worker = int(config.workerinput["workerid"].removeprefix("gw"))  # type: ignore[attr-defined]
    first, end = ecosystem.PORTS
    room = (end - first) // WORKERS
    begin = first + worker % WORKERS * room
    ecosystem.PORTS = begin, begin + room


def _server(config: pytest.Config) -> Server:
    """Return the run's server: the controller's, the given one, or a new one."""
    if SERVER not in config.stash:
        given: dict[str, str] | None = getattr(config, "workerinput", None)
        if given is not None:
            config.stash[SERVER] = Server(given["server_dsn"], given["server_run"])
        elif dsn := os.environ.get("RENKEI_TEST_DSN"):
            templates = os.environ.get("RENKEI_TEST_TEMPLATES", "")
            config.stash[SERVER] = Server(dsn, uuid4().hex[:8], templates=templates)
        else:
            config.stash[SERVER] = _start()
    return config.stash[SERVER]


def _start() -> Server:
    binaries = os.environ.get("RENKEI_TEST_BINARIES")
    # Not pytest's own temporary directory: the server's account could not enter it.
    directory = Path(tempfile.mkdtemp(prefix="renkei-"))
    server = Postgres(directory / "server", binaries=Path(binaries) if binaries else None)
    if os.geteuid() == 0:
        directory.chmod(0o711)
    server.start()
    dsn = server.dsn("postgres")
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("ALTER SYSTEM SET fsync = off")  # nothing here outlives the run
        conn.execute("SELECT pg_reload_conf()")
    return Server(dsn, uuid4().hex[:8], server, directory)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Set aside what is collected: it stays, and to look through it again and again is dear."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()
        # What a test leaves behind is small; to look through all that stays took a sixth of a run.
        gc.set_threshold(10_000, 10, 100)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Let two workers share a processor: the stories wait for other processes much of it."""
    return 2 * (os.cpu_count() or 1)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Grouped:
    """Keep the tests of a module, and of a group, on one worker."""
    return Grouped(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let an xdist worker take the tests in the order they are dealt out."""
    if hasattr(config, "workerinput"):
        dear_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Worker) -> None:
    """Start the server before the first xdist worker and tell each worker where it is."""
    server = _server(node.config)  # type: ignore[attr-defined]  # xdist gives no types
    node.workerinput |= {"server_dsn": server.dsn, "server_run": server.run}


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what we started, and leave nothing, also on a server we did not start."""
    server = config.stash.get(SERVER, None)
    if not hasattr(config, "workerinput"):
        if server is not None:
            _leave(server)
        remove_folder()
    if made := config.stash.get(SCRATCH, None):
        remove_scratch(made)


def _leave(server: Server) -> None:
    if server.started is not None and server.directory is not None:
        server.started.stop()
        shutil.rmtree(server.directory)
        return
    with psycopg.connect(server.dsn, autocommit=True) as conn:
        ours = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        for (name,) in conn.execute(ours, [f"renkei_test_{server.run}_"]).fetchall():
            conn.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture(scope="session")
def server_dsn(pytestconfig: pytest.Config) -> str:
    """Give the server's own database `postgres`, as a superuser."""
    return _server(pytestconfig).dsn


@pytest.fixture(scope="session")
def run_name(pytestconfig: pytest.Config) -> str:
    """Give what leads the name of every database of this run."""
    return _server(pytestconfig).run


@pytest.fixture(scope="session")
def fresh_dsn(pytestconfig: pytest.Config, server_dsn: str) -> FreshDsn:
    """Give a context that makes a database, empty or from a template, and drops it after."""
    server = _server(pytestconfig)

    @contextmanager
    def fresh(template: str = "template1") -> Iterator[str]:
        name = f"renkei_test_{server.run}_{uuid4().hex[:12]}"
        # Copied file by file, not through the log: a fifth of the work where no disk is waited for.
        way = SQL("STRATEGY file_copy" if server.is_ours else "")
        make = SQL("CREATE DATABASE {} TEMPLATE {} {}").format(
            Identifier(name), Identifier(template), way
        )
        drop = SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name))
        with psycopg.connect(server_dsn, autocommit=True) as conn:
            conn.execute(make)
        try:
            yield conninfo.make_conninfo(server_dsn, dbname=name)
        finally:
            with psycopg.connect(server_dsn, autocommit=True) as conn:
                conn.execute(drop)

    return fresh


@pytest.fixture(scope="module")
def rooms(request: pytest.FixtureRequest) -> list[str]:
    """Give the rooms whose tables a test module may see: all, or up to its own room."""
    own = f"renkei.{request.path.parent.name}"
    upto = ROOMS.index(own) + 1 if own in ROOMS else len(ROOMS)
    folders = {room: SOURCE / room.removeprefix("renkei.") for room in ROOMS[:upto]}
    return [room for room, folder in folders.items() if (folder / "sql" / "schema.sql").exists()]


@pytest.fixture(scope="session")
def template(pytestconfig: pytest.Config, server_dsn: str) -> Callable[[list[str]], str]:
    """Give a function that returns the template database of these rooms, migrated once a run."""
    server = _server(pytestconfig)
    run = server.templates or server.run

    def template_of(rooms: list[str]) -> str:
        name = f"renkei_test_{run}_{hashlib.sha256(' '.join(rooms).encode()).hexdigest()[:12]}"
        with psycopg.connect(server_dsn, autocommit=True) as conn, conn.transaction():
            conn.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])
            there = "SELECT FROM pg_database WHERE datname = %s"
            if conn.execute(there, [name]).fetchone() is None:
                with psycopg.connect(server_dsn, autocommit=True) as second:
                    second.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
                made = conninfo.make_conninfo(server_dsn, dbname=name)
                make_tables(made, rooms)
        return name

    return template_of


@pytest.fixture(scope="module")
def dsn(
    rooms: list[str], fresh_dsn: FreshDsn, template: Callable[[list[str]], str]
) -> Iterator[str]:
    """Give a migrated database that belongs to this test module alone."""
    with fresh_dsn(template(rooms)) as made:
        yield made


@pytest.fixture(scope="module")
def database(dsn: str) -> Iterator[Database]:
    """Give the pool of the application on the module's database."""
    with Database(dsn) as opened:
        yield opened


@pytest.fixture
def conn(database: Database) -> Iterator[Connection]:
    """Give one transaction of A市, rolled back after the test."""
    with database.transaction(tenant("131016")) as opened:
        yield opened
        raise psycopg.Rollback
