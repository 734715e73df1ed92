"""A line commits whole transactions or nothing, whatever fails and when, and goes on after it."""

from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest

from renkei.kit import Connection, Database, DatabaseUnreachable, Line, Tenant

A = Tenant("131016")


class Wrong(Exception):
    """Something of the caller's."""


@pytest.fixture
def line(database: Database) -> Iterator[Line]:
    found = Line(database, A)
    with found.transaction() as conn:
        conn.execute("CREATE TEMP TABLE kept (number integer PRIMARY KEY)")
    yield found
    found.close()


def put(conn: Connection, number: int) -> None:
    conn.execute("INSERT INTO kept VALUES (%s)", [number])


def do(line: Line, *numbers: int, asks: bool, fails: bool = False) -> None:
    """Put these numbers in one transaction; ask for an answer behind them, and then fail."""
    with line.transaction() as conn:
        for number in numbers:
            put(conn, number)
        if asks:
            conn.execute("SELECT 1").fetchone()
        if fails:
            raise Wrong


def put_part(conn: Connection, *numbers: int) -> None:
    """Put these numbers in a part of a transaction, and ask for an answer."""
    with conn.transaction():
        for number in numbers:
            put(conn, number)
        conn.execute("SELECT 1").fetchone()


def do_part(line: Line, number: int, *, asks: bool) -> None:
    """Put a number in a part of a transaction that fails behind it."""
    with line.transaction() as conn:
        if asks:
            conn.execute("SELECT 1").fetchone()
        put_part(conn, number)
        raise Wrong


def cut_off(line: Line, dsn: str) -> None:
    """Lose the connection within a transaction."""
    with line.transaction() as conn:
        with psycopg.connect(dsn) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [conn.info.backend_pid])
        conn.execute("SELECT 1").fetchone()


def kept(line: Line) -> list[int]:
    with line.transaction() as conn:
        return [one for (one,) in conn.execute("SELECT number FROM kept ORDER BY number")]


def test_what_was_done_is_there_and_the_tenant_is_set(line):
    with line.transaction() as conn:
        put(conn, 1)
        tenant = conn.execute("SELECT current_setting('renkei.tenant')").fetchone()
    assert (kept(line), tenant) == ([1], (A,))


@pytest.mark.parametrize("asks", [True, False], ids=["seen", "unseen"])
def test_an_error_of_the_caller_leaves_nothing(line, asks):
    with pytest.raises(Wrong):
        do(line, 1, asks=asks, fails=True)
    assert kept(line) == []


@pytest.mark.parametrize("asks", [True, False], ids=["seen", "unseen"])
def test_a_statement_that_fails_is_raised_and_leaves_nothing(line, asks):
    with pytest.raises(psycopg.errors.UniqueViolation):
        do(line, 1, 1, asks=asks)
    assert kept(line) == []


@pytest.mark.parametrize("asks", [True, False], ids=["seen", "unseen"])
def test_a_part_may_fail_by_itself(line, asks):
    with line.transaction() as conn:
        put(conn, 0)
        if asks:
            conn.execute("SELECT 1").fetchone()
        put_part(conn, 1)
        with pytest.raises(psycopg.errors.UniqueViolation):
            put_part(conn, 3, 1)
        put(conn, 2)
    assert kept(line) == [0, 1, 2]


@pytest.mark.parametrize("asks", [True, False], ids=["seen", "unseen"])
def test_a_part_that_is_done_is_gone_with_the_whole(line, asks):
    with pytest.raises(Wrong):
        do_part(line, 1, asks=asks)
    assert kept(line) == []


def test_an_error_that_was_passed_over_is_not_taken_for_a_commit(line):
    def pass_over() -> None:
        with line.transaction() as conn:
            put(conn, 1)
            put(conn, 1)
            with suppress(psycopg.errors.UniqueViolation):
                put_part(conn, 2)

    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        pass_over()
    assert kept(line) == []


def test_a_statement_says_how_many_rows_it_touched_before_the_end(line):
    with line.transaction() as conn:
        assert conn.execute("INSERT INTO kept VALUES (1)").rowcount == 1
        again = "INSERT INTO kept VALUES (1) ON CONFLICT DO NOTHING"
        assert conn.execute(again).rowcount == 0


def test_a_connection_that_breaks_is_told_and_opened_anew(line, database):
    with pytest.raises(DatabaseUnreachable):
        cut_off(line, database.dsn)
    with line.transaction() as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_a_line_finds_by_key_also_what_it_met_when_it_was_empty(line):
    """Its statements are planned once; the table grows behind that."""
    with line.transaction() as conn:
        plan = conn.execute("EXPLAIN SELECT FROM kept WHERE number = 1").fetchall()
        whole = conn.execute("EXPLAIN SELECT FROM kept").fetchall()
    assert "Index" in plan[0][0]
    assert whole, "and all of it can be read"
