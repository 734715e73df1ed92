"""No tenant sees another, whatever the statement forgets; and a schema has one history."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

import psycopg
import pytest
from psycopg import errors
from psycopg.sql import SQL, Identifier

from renkei.kit import Database, DatabaseNewer, DatabaseRefused, DatabaseUnreachable, migrate
from renkei.kit import tenant as parse_tenant

A = parse_tenant("131016")
B = parse_tenant("131024")

FreshDsn = Callable[..., AbstractContextManager[str]]

OWN_SERVER = pytest.mark.skipif(
    "RENKEI_TEST_DSN" in os.environ, reason="changes the roles of the whole server"
)

DEMO = """
SET LOCAL ROLE renkei_owner;
CREATE TABLE demo_value (
    tenant text NOT NULL,
    word   text NOT NULL,
    PRIMARY KEY (tenant, word)
);
ALTER TABLE demo_value ENABLE ROW LEVEL SECURITY;
ALTER TABLE demo_value FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON demo_value USING (tenant = current_setting('renkei.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON demo_value TO renkei_application;
"""


@pytest.fixture(scope="module")
def demo(fresh_dsn: FreshDsn) -> Iterator[str]:
    """Give a database with one tenant-keyed table that holds one word of each of two towns."""
    with fresh_dsn() as dsn:
        migrate(dsn, [])
        with psycopg.connect(dsn) as conn:
            conn.execute(DEMO)
        with Database(dsn, size=1) as database:
            for town, word in ((A, "甲"), (B, "乙")):
                with database.transaction(town) as conn:
                    conn.execute("INSERT INTO demo_value VALUES (%s, %s)", [town, word])
        yield dsn


@pytest.fixture
def application(demo: str) -> Iterator[psycopg.Connection]:
    """Give a connection of the application that no tenant has been set on."""
    with psycopg.connect(demo, options="-c role=renkei_application") as conn:
        yield conn
        conn.rollback()


@pytest.fixture
def towns(demo: str) -> Iterator[Database]:
    """Give a pool of one connection, so that every transaction follows on the last."""
    with Database(demo, size=1) as database:
        yield database


def test_without_a_tenant_there_are_no_rows(application: psycopg.Connection) -> None:
    assert application.execute("SELECT * FROM demo_value").fetchall() == []


def test_a_tenant_sees_its_own_rows_only(towns: Database) -> None:
    with towns.transaction(A) as conn:
        assert conn.execute("SELECT word FROM demo_value").fetchall() == [("甲",)]
    with towns.transaction(B) as conn:
        assert conn.execute("SELECT word FROM demo_value").fetchall() == [("乙",)]


def test_a_tenant_does_not_outlast_its_transaction(towns: Database) -> None:
    with towns.transaction(A) as conn:
        backend = conn.info.backend_pid
    with towns._pool.connection() as again:
        assert again.info.backend_pid == backend
        assert again.execute("SELECT word FROM demo_value").fetchall() == []


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO demo_value VALUES ('131024', '丙')",
        "UPDATE demo_value SET tenant = '131024'",
    ],
)
def test_a_tenant_cannot_write_rows_of_another(towns: Database, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege), towns.transaction(A) as conn:
        conn.execute(statement.encode())


def test_a_tenant_cannot_change_or_delete_rows_of_another(towns: Database) -> None:
    with towns.transaction(A) as conn:
        assert conn.execute("UPDATE demo_value SET word = '丙' WHERE word = '乙'").rowcount == 0
        assert conn.execute("DELETE FROM demo_value WHERE tenant = '131024'").rowcount == 0


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (a int)",
        "CREATE SCHEMA mine",
        "ALTER TABLE demo_value DISABLE ROW LEVEL SECURITY",
        "DROP POLICY tenant_only ON demo_value",
        "TRUNCATE demo_value",
        "DELETE FROM kit_migration",
        "ALTER ROLE renkei_application BYPASSRLS",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ],
)
def test_the_application_may_not(application: psycopg.Connection, statement: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        application.execute(statement.encode())


def test_switching_row_security_off_is_an_error_and_not_a_way_round(
    application: psycopg.Connection,
) -> None:
    application.execute("SET row_security = off")
    with pytest.raises(errors.InsufficientPrivilege):
        application.execute("SELECT * FROM demo_value")


def test_the_owner_of_the_tables_sees_no_rows_either(demo: str) -> None:
    with psycopg.connect(demo, options="-c role=renkei_owner") as conn:
        assert conn.execute("SELECT * FROM demo_value").fetchall() == []


def test_none_of_the_roles_is_privileged(demo: str) -> None:
    powers = "rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolcanlogin"
    sql = f"""SELECT count(*) FILTER (WHERE {powers}), count(*)
                FROM pg_roles WHERE starts_with(rolname, 'renkei_')"""  # noqa: S608
    with psycopg.connect(demo) as conn:
        assert conn.execute(sql.encode()).fetchone() == (0, len(ROLES))


def test_the_application_is_a_member_of_no_other_role(demo: str) -> None:
    sql = "SELECT count(*) FROM pg_auth_members WHERE member = 'renkei_application'::regrole"
    with psycopg.connect(demo) as conn:
        assert conn.execute(sql).fetchone() == (0,)


def test_an_unreachable_database_is_said_to_be_so() -> None:
    with pytest.raises(DatabaseUnreachable):
        migrate("host=/nowhere dbname=renkei", [])


def test_migrating_again_applies_nothing(fresh_dsn: FreshDsn, rooms: list[str]) -> None:
    with fresh_dsn() as dsn:
        first = migrate(dsn, rooms)
        assert first[0] == "renkei.kit/0001_before_first_tables.sql"
        assert {step.split("/")[0] for step in first} == {"renkei.kit", *rooms}
        assert migrate(dsn, rooms) == []


def test_a_room_may_come_later(fresh_dsn: FreshDsn, rooms: list[str]) -> None:
    with fresh_dsn() as dsn:
        migrate(dsn, [])
        assert {step.split("/")[0] for step in migrate(dsn, rooms)} == set(rooms)


def test_four_processes_may_migrate_at_once(fresh_dsn: FreshDsn, rooms: list[str]) -> None:
    with fresh_dsn() as one, fresh_dsn() as other:
        answers = _at_once(lambda n: migrate((one, other)[n % 2], rooms), 8)
    assert [len(answer) for answer in answers if answer] == [len(max(answers, key=len))] * 2


@OWN_SERVER
def test_the_roles_of_a_new_server_may_be_granted_by_many_at_once(
    demo: str, fresh_dsn: FreshDsn, server_dsn: str
) -> None:
    """Roles belong to the whole server, so the lock of one database does not guard them."""
    with psycopg.connect(server_dsn, autocommit=True) as conn:
        for _ in range(5):
            conn.execute("REVOKE renkei_owner FROM renkei_migrator")
            with fresh_dsn() as a, fresh_dsn() as b, fresh_dsn() as c:
                answers = _at_once(partial(_migrate_one_of, (a, b, c)), 3)
            assert [len(answer) for answer in answers] == [1, 1, 1]


def test_a_database_newer_than_the_program_is_refused(fresh_dsn: FreshDsn) -> None:
    with fresh_dsn() as dsn:
        migrate(dsn, [])
        with psycopg.connect(dsn) as conn:
            conn.execute(
                "INSERT INTO kit_migration VALUES ('renkei.kit', '9999_after.sql', sha256('x'))"
            )
        with pytest.raises(DatabaseNewer, match=r"renkei\.kit/9999_after\.sql"):
            migrate(dsn, [])


def test_a_database_with_a_room_the_program_lacks_is_refused(fresh_dsn: FreshDsn) -> None:
    with fresh_dsn() as dsn:
        migrate(dsn, [])
        with psycopg.connect(dsn) as conn:
            conn.execute(
                "INSERT INTO kit_migration VALUES ('renkei.tomorrow', '0001.sql', sha256('x'))"
            )
        with pytest.raises(DatabaseNewer, match=r"renkei\.tomorrow/0001\.sql"):
            migrate(dsn, [])


def test_an_edited_migration_is_refused(fresh_dsn: FreshDsn) -> None:
    with fresh_dsn() as dsn:
        migrate(dsn, [])
        with psycopg.connect(dsn) as conn:
            conn.execute("UPDATE kit_migration SET sha256 = sha256('edited')")
        with pytest.raises(DatabaseRefused, match="0001_before_first_tables"):
            migrate(dsn, [])


ROLES = (
    "renkei_owner",
    "renkei_migrator",
    "renkei_application",
    "renkei_retention",
    "renkei_archive",
    "renkei_pruner",
    "renkei_overseer",
)


@OWN_SERVER
def test_a_login_that_is_no_superuser_may_migrate_and_work(
    fresh_dsn: FreshDsn, server_dsn: str
) -> None:
    """A managed server gives a login that may create roles and databases, and no more."""
    login = Identifier("test_login")
    with psycopg.connect(server_dsn, autocommit=True) as conn, fresh_dsn() as dsn:
        conn.execute(SQL("CREATE ROLE {} LOGIN CREATEROLE").format(login))
        name = Identifier(str(psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]))
        try:
            for role in ROLES:
                if conn.execute("SELECT to_regrole(%s)", [role]).fetchone() != (None,):
                    give = SQL("GRANT {} TO {} WITH ADMIN OPTION")
                    conn.execute(give.format(Identifier(role), login))
            conn.execute(SQL("ALTER DATABASE {} OWNER TO {}").format(name, login))
            own = psycopg.conninfo.make_conninfo(dsn, user="test_login")
            assert migrate(own, []) == ["renkei.kit/0001_before_first_tables.sql"]
            assert migrate(own, []) == []
            with Database(own, size=1) as database, database.transaction(A) as mine:
                assert mine.execute("SELECT count(*) FROM kit_migration").fetchone() == (1,)
        finally:
            conn.execute(SQL("ALTER DATABASE {} OWNER TO CURRENT_USER").format(name))
            with psycopg.connect(dsn, autocommit=True) as inside:
                inside.execute(SQL("REASSIGN OWNED BY {} TO CURRENT_USER").format(login))
                inside.execute(SQL("DROP OWNED BY {}").format(login))
            conn.execute(SQL("DROP ROLE {}").format(login))


def _migrate_one_of(databases: tuple[str, ...], n: int) -> list[str]:
    return migrate(databases[n], [])


def _at_once(work: Callable[[int], list[str]], times: int) -> list[list[str]]:
    """Run the work in that many threads that start together, and return every answer."""
    gate = threading.Barrier(times)
    answers: list[list[str] | Exception] = [[] for _ in range(times)]

    def run(n: int) -> None:
        gate.wait()
        try:
            answers[n] = work(n)
        except Exception as error:  # shown below, in the thread of the test
            answers[n] = error

    threads = [threading.Thread(target=run, args=(n,)) for n in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    failed = [answer for answer in answers if isinstance(answer, Exception)]
    assert failed == []
    return [answer for answer in answers if isinstance(answer, list)]
