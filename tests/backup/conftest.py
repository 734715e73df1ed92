"""One server for this room's tests, since they stop and kill it; an archive for each test."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.backup.site import Site, new_folder, opened

from renkei.kit.postgres import Postgres

LIMIT = "48MB"  # of log that waits for the archive: three files


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests in one process: they share a server."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.xdist_group("backup"))


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    directory = Path(tempfile.mkdtemp(prefix="renkei-backup-"))
    directory.chmod(0o711)
    limit = {"max_slot_wal_keep_size": LIMIT, "fsync": "off"}
    with Postgres(directory / "server", settings=limit) as running:
        yield running
    shutil.rmtree(directory)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that the server's account may pass."""
    with new_folder() as made:
        yield made


@pytest.fixture
def site(server: Postgres, folder: Path) -> Iterator[Site]:
    with opened(server, folder) as made:
        yield made
