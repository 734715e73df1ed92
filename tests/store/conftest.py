"""An archive, and a database of its own for a test that commits."""

from collections.abc import Callable, Iterator

import pytest
from tests.conftest import FreshDsn

from renkei.kit import Database, migrate


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
