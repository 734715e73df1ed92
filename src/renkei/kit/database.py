"""The database of one process: its roles, its schema, its transactions.

Three roles (design 5): the owner owns the tables, the migrator may become the owner, the
application works under row-level security. Three are for what the application must not do:
`renkei_retention` removes what is past its time, `renkei_archive` reads what was moved away (0021),
`renkei_pruner` removes entries of the log whose years are over (0041). And `renkei_overseer` can
only read (0049).
One login may be a member of all; a pool connection is one role from its first statement on.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from threading import BoundedSemaphore
from typing import Any, Self

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.sql import SQL, Identifier
from psycopg_pool import ConnectionPool, PoolTimeout

from renkei.kit.errors import (
    DatabaseNewer,
    DatabaseRefused,
    DatabaseUnreachable,
    LookingRightMissing,
    LookTooLong,
)
from renkei.kit.sql import queries
from renkei.kit.tenant import Tenant

Connection = psycopg.Connection[tuple[Any, ...]]

LOOK_SECONDS = 30
"""How long one statement of a look may run."""

sql = queries("renkei.kit")


def is_away(error: Exception) -> bool:
    """Tell whether an error says of the database that it is out of reach, or can do nothing now.

    What is too much for it, such as a value no index takes, is too much however often it is tried.
    """
    too_much = psycopg.errors.ProgramLimitExceeded, psycopg.errors.StatementTooComplex
    return isinstance(error, psycopg.OperationalError) and not isinstance(error, too_much)


class Database:
    """A pool of application connections; the unit of work is one transaction of one tenant."""

    def __init__(
        self,
        dsn: str,
        *,
        size: int = 4,
        role: str = "renkei_application",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Open lazily: nothing is connected before the first transaction.

        `settings` are those of PostgreSQL that every connection begins with, e.g. `work_mem`; a
        value holds no space.
        """
        held = {"role": role, **(settings or {})}
        self._options = " ".join(f"-c {name}={value}" for name, value in held.items())
        self._dsn = dsn
        self._looks = BoundedSemaphore(max(1, size // 4))
        self._pool = ConnectionPool(
            dsn,
            min_size=1,
            max_size=size,
            timeout=10.0,
            open=False,
            kwargs={"options": self._options},
            check=ConnectionPool.check_connection,
        )

    @property
    def dsn(self) -> str:
        """Return the connection string, which may hold a password: never for a log."""
        return self._dsn

    def beside(self, *, size: int, settings: Mapping[str, str]) -> "Database":
        """Return another pool on the same database, for work of another kind; not open yet."""
        return Database(self._dsn, size=size, settings=settings)

    def connect(self) -> "Piped":
        """Open a connection beside the pool; the caller sets its tenant and closes it."""
        return Piped.connect(
            self._dsn, autocommit=True, options=self._options, cursor_factory=AnsweringCursor
        )

    def __enter__(self) -> Self:
        self._pool.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    @contextmanager
    def transaction(self, tenant: Tenant) -> Iterator[Connection]:
        """Give a connection that sees this tenant's rows only; commit at the end, or nothing."""
        try:
            with self._pool.connection() as conn, conn.transaction():
                conn.execute(sql.set_tenant, {"tenant": tenant})
                yield conn
        except (psycopg.OperationalError, PoolTimeout) as error:
            if not is_away(error):
                raise
            raise DatabaseUnreachable(reason=type(error).__name__) from error

    @contextmanager
    def looking(self, tenant: Tenant, *, seconds: float = LOOK_SECONDS) -> Iterator[Connection]:
        """Give a transaction in which PostgreSQL refuses every change, by role and by mode.

        Looks take turns on a quarter of the connections: however much is looked at, work goes on.
        """
        with self._looks, self.transaction(tenant) as conn:
            try:
                conn.execute(sql.only_look, {"timeout": f"{seconds * 1000:.0f}"})
            except psycopg.errors.InsufficientPrivilege as error:
                raise LookingRightMissing from error
            try:
                yield conn
            except psycopg.errors.QueryCanceled as error:
                raise LookTooLong(seconds=f"{seconds:g}") from error


class AnsweringCursor(psycopg.Cursor[tuple[Any, ...]]):
    """A cursor that waits for the answer where it is asked how many rows there were."""

    @property
    def rowcount(self) -> int:
        """Return how many rows the statement touched; psycopg says -1 until somebody fetches."""
        self._fetch_pipeline()
        return super().rowcount


class Piped(psycopg.Connection[tuple[Any, ...]]):
    """A connection whose statements go out together, also with parts of a transaction in it."""

    @contextmanager
    def transaction(
        self, savepoint_name: str | None = None, force_rollback: bool = False
    ) -> Iterator[psycopg.Transaction]:
        """Give a part of the transaction, which goes by itself.

        Psycopg asks whether a transaction has begun; of one whose beginning nobody answered yet it
        would commit or roll back the whole.
        """
        with self.pipeline():  # to leave it is to wait for the answers; the outer one goes on
            pass
        with super().transaction(savepoint_name, force_rollback) as part:
            yield part


class Line:
    """One connection of one tenant, for a thread that writes again and again.

    Its statements go out together where none needs the answer of the one before (pipeline mode).
    """

    def __init__(self, database: Database, tenant: Tenant) -> None:
        """Open lazily; a connection that broke is opened anew."""
        self._database = database
        self._tenant = tenant
        self._conn: Piped | None = None

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give the connection for one transaction; commit at the end, or nothing."""
        try:
            if self._conn is None or self._conn.closed:
                self._conn = self._database.connect()
                self._conn.execute(sql.begin_line, {"tenant": self._tenant})
            with self._whole(self._conn):
                yield self._conn
        except psycopg.OperationalError as error:
            if not is_away(error):
                raise
            self.close()
            raise DatabaseUnreachable(reason=type(error).__name__) from error

    @staticmethod
    @contextmanager
    def _whole(conn: Connection) -> Iterator[None]:
        """Commit at the end, or nothing; to begin and to commit costs no round trip of its own.

        A statement whose answer nobody asked for may fail as late as that.
        """
        try:
            with conn.pipeline() as pipe:
                conn.execute(sql.begin)
                try:
                    yield
                except BaseException:
                    with suppress(psycopg.Error):  # after an error nothing is taken until then
                        pipe.sync()
                    raise
                committed = conn.execute(sql.commit)
            if committed.statusmessage == "ROLLBACK":  # after an error that somebody passed over
                raise psycopg.errors.InFailedSqlTransaction(committed.statusmessage)
        finally:
            if conn.info.transaction_status is not TransactionStatus.IDLE and not conn.closed:
                conn.rollback()

    def close(self) -> None:
        """Close the connection."""
        if self._conn is not None:
            self._conn.close()
            self._conn = None


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of a room's schema, in the order of its name."""

    room: str
    name: str
    text: bytes

    @property
    def sha256(self) -> bytes:
        """Return the digest that pins the step."""
        return hashlib.sha256(self.text).digest()


def migrations(room: str) -> list[Migration]:
    """Return a room's migrations, oldest first, e.g. `migrations("renkei.kit")`."""
    folder = files(room) / "sql" / "migrations"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [Migration(room, name, (folder / name).read_bytes()) for name in names]


def migrate(dsn: str, rooms: Iterable[str], *, from_migrations: bool = False) -> list[str]:
    """Bring a database to this program's schema and return what was applied.

    A new database is built from each room's `schema.sql`; an existing one gets the migrations it
    lacks. `from_migrations` builds a new one by the migrations too: a test finds both equal.
    Safe to call from many processes at once, and again.
    """
    wanted = ["renkei.kit", *(room for room in rooms if room != "renkei.kit")]
    try:
        conn = psycopg.connect(dsn, autocommit=True)
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(reason=str(error).split("\n", maxsplit=1)[0]) from error
    with conn:
        with conn.transaction():
            conn.execute(sql.lock)
            conn.execute(sql.create_roles)
            conn.execute(sql.grant_roles)
        with conn.transaction():
            conn.execute(sql.lock)
            conn.execute(sql.become_owner)
            return _apply(conn, wanted, from_migrations=from_migrations)


def make_database(dsn: str, name: str) -> None:
    """Make a database beside another one if it is not there, closed to whoever is not named."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        if conn.execute(sql.database_of_name, {"name": name}).fetchone() is None:
            with suppress(psycopg.errors.DuplicateDatabase):  # another process was faster
                conn.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
            conn.execute(SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(Identifier(name)))


def applied(dsn: str, rooms: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the migrations a database has and those these rooms would still apply to it.

    Changes nothing; raises as `migrate` does where the database is newer than this program.
    """
    wanted = ["renkei.kit", *(room for room in rooms if room != "renkei.kit")]
    with psycopg.connect(dsn, autocommit=True) as conn:
        row = conn.execute(sql.create_table).fetchone()
        rows = [] if row and row[0] else conn.execute(sql.applied).fetchall()
    done = {(room, name): bytes(sha256) for room, name, sha256 in rows}
    known = {(step.room, step.name): step for room in wanted for step in migrations(room)}
    _refuse_strange(done, known, wanted)
    return ["/".join(key) for key in done], ["/".join(key) for key in known if key not in done]


def _is_ours(room: str) -> bool:
    """Say whether this program has such a room, asked for or not."""
    return room.startswith("renkei.") and find_spec(room) is not None


def _apply(conn: Connection, rooms: list[str], *, from_migrations: bool) -> list[str]:
    row = conn.execute(sql.create_table).fetchone()
    fresh = bool(row and row[0])
    done = {} if fresh else {(r, n): bytes(h) for r, n, h in conn.execute(sql.applied)}
    known = {(step.room, step.name): step for room in rooms for step in migrations(room)}
    _refuse_strange(done, known, rooms)
    steps_done = []
    for room in rooms:
        steps = [step for step in migrations(room) if (room, step.name) not in done]
        if steps and not from_migrations and not any(key[0] == room for key in done):
            conn.execute((files(room) / "sql" / "schema.sql").read_bytes())
        else:
            for step in steps:
                conn.execute(step.text)
        for step in steps:
            conn.execute(sql.record, {"room": room, "name": step.name, "sha256": step.sha256})
            steps_done.append(f"{room}/{step.name}")
    return steps_done


def _refuse_strange(
    done: dict[tuple[str, str], bytes], known: dict[tuple[str, str], Migration], rooms: list[str]
) -> None:
    """Raise where a migration was applied that this program does not know as it is."""
    for key, sha256 in done.items():
        if key not in known and (key[0] in rooms or not _is_ours(key[0])):
            raise DatabaseNewer(migration="/".join(key))
        if key in known and known[key].sha256 != sha256:
            raise DatabaseRefused(migration="/".join(key))
