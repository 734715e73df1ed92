"""What every test of this room reads is held to its town; an archive; a database alone."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from tests.conftest import FreshDsn
from tests.store.tenancy import Kept, RecordingCursor, hold_to_town

from renkei.kit import Connection, Database, migrate, tenant


@pytest.fixture
def archive_dsn(fresh_dsn: FreshDsn) -> Iterator[str]:
    with fresh_dsn() as made:
        migrate(made, ["renkei.store.archive"])
        yield made


@pytest.fixture
def archive(archive_dsn: str) -> Iterator[Database]:
    with Database(archive_dsn, size=1, role="renkei_retention") as opened:
        yield opened


@pytest.fixture
def own_dsn(
    rooms: list[str], fresh_dsn: FreshDsn, template: Callable[[list[str]], str]
) -> Iterator[str]:
    with fresh_dsn(template(rooms)) as made:
        yield made


@pytest.fixture
def conn(database: Database) -> Iterator[Connection]:
    """Give one transaction of A市, rolled back after the test; hold what it read to its town."""
    kept: list[Kept] = []
    factory = type("Recording", (RecordingCursor,), {"kept": kept})
    with database.transaction(tenant("131016")) as opened:
        opened.cursor_factory = factory
        try:
            yield opened
            hold_to_town(opened, kept)
        finally:
            opened.cursor_factory = psycopg.Cursor
        raise psycopg.Rollback
