"""Killed between any two statements of a step, the registrar is as it was before, or as after."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, cast

import psycopg
import pytest
from tests.identity.registry import Registry, order
from tests.identity.world import REGISTRAR, A

from renkei.identity import NumberNotInUse
from renkei.kit import Connection, DatabaseUnreachable

TABLES = ("person", "basis", "step", "holder", "succession")


@dataclass
class Dying:
    """A connection whose server process is killed before its n-th statement."""

    conn: Connection
    killer: psycopg.Connection
    left: int

    def execute(self, *statement: Any, **more: Any) -> Any:
        if self.left == 0:
            pid = self.conn.info.backend_pid
            self.killer.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        self.left -= 1
        return self.conn.execute(*statement, **more)


@pytest.fixture(scope="module")
def killer(dsn: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(dsn, autocommit=True) as conn:
        yield conn


def stored(killer: psycopg.Connection) -> list[str]:
    """Return everything that is committed: the rows of the registrar, and the entries."""
    names = [*(f"identity_{table}" for table in TABLES), "audit_outbox"]
    return [
        f"{name} {row}"
        for name in names
        for row in sorted(map(str, killer.execute(f"SELECT * FROM {name}")))  # noqa: S608
    ]


def killed_everywhere(database, killer, step, *given):
    """Take a step, killed before each of its statements in turn, until it ends; by one order."""
    by = order()
    for statements in range(100):
        before = stored(killer)
        try:
            with database.transaction(REGISTRAR) as conn:
                dying = cast("Connection", Dying(conn, killer, statements))
                answer = Registry(dying).take(step, *given, by=by)
        except DatabaseUnreachable:
            assert stored(killer) == before
        else:
            assert statements > 3, "it was killed at several places before it ended"
            assert stored(killer) != before
            return by, answer
    raise AssertionError("the step never ended")


def test_no_step_is_half_taken(database, killer):
    _, one = killed_everywhere(database, killer, "issue", "one")
    _, two = killed_everywhere(database, killer, "issue", "two")
    with database.transaction(REGISTRAR) as conn:
        Registry(conn).acquire(one, two, organisation=A)
    _, three = killed_everywhere(database, killer, "change", one)
    killed_everywhere(database, killer, "reissue", three)
    killed_everywhere(database, killer, "merge", three, two)
    by, (four, five) = killed_everywhere(database, killer, "separate", three)
    killed_everywhere(database, killer, "close", four)
    with database.transaction(REGISTRAR) as conn:
        held = Registry(conn)
        assert [pid is None for pid in held.pids(one, two, three, four, five)] == [True] * 4 + [
            False
        ]
        after = stored(killer)
        assert held.take("separate", three, by=by) == (four, five)
    assert stored(killer) == after, "the answer was lost and asked for again: nothing is done twice"


def test_two_equal_orders_at_once_give_one_number(database):
    """The second waits for the first, and finds its answer."""
    by = order()

    def issue(_: int) -> str:
        with database.transaction(REGISTRAR) as conn:
            return str(Registry(conn).take("issue", "at once", by=by))

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(issue, range(8)))) == 1


def test_two_orders_about_one_number_do_not_both_find_it_in_use(database):
    with database.transaction(REGISTRAR) as conn:
        number = Registry(conn).take("issue", "contended")

    def change(_: int) -> str | None:
        try:
            with database.transaction(REGISTRAR) as conn:
                return str(Registry(conn).take("change", number))
        except NumberNotInUse:
            return None

    with ThreadPoolExecutor(4) as threads:
        found = [new for new in threads.map(change, range(4)) if new is not None]
    assert len(found) == 1
