"""A connection whose server process is killed before or after one of its statements."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql as text

from renkei import kit


class Mortal(psycopg.Connection[tuple[Any, ...]]):
    """Counts its statements, and dies where it is told to."""

    owners_dsn = ""
    count = 0
    dies_before: int | None = None
    dies_after: int | None = None

    def execute(self, *args: Any, **kwargs: Any) -> psycopg.Cursor[tuple[Any, ...]]:
        """Run a statement, unless the server's process is killed before."""
        number, self.count = self.count, self.count + 1
        if number == self.dies_before:
            self._die()
        done = super().execute(*args, **kwargs)
        if number == self.dies_after:
            self._die()
        return done

    def _die(self) -> None:
        with psycopg.connect(self.owners_dsn, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [self.info.backend_pid])


@contextmanager
def mortal(dsn: str, tenant: kit.Tenant) -> Iterator[Mortal]:
    """Give one transaction of a tenant on a connection that can be told to die."""
    with Mortal.connect(dsn, options="-c role=renkei_application") as conn:
        named = text.SQL("SET renkei.tenant = {}").format(text.Literal(tenant))
        conn.owners_dsn = dsn
        conn.cursor().execute(named)
        yield conn


def kill_everywhere(dsn: str, tenant: kit.Tenant, work: Callable[[kit.Connection], object]) -> int:
    """Run some work, killed before and after each of its statements; return how many it has."""
    with mortal(dsn, tenant) as conn:
        work(conn)
        statements = conn.count
        conn.rollback()
    for number in range(statements):
        for when in ("dies_before", "dies_after"):
            try:
                with mortal(dsn, tenant) as conn:
                    setattr(conn, when, number)
                    work(conn)
            except psycopg.OperationalError:
                continue
            raise AssertionError(f"not killed: {when} {number} of {statements}")
    return statements
