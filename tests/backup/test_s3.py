"""An S3-compatible store is an archive like a folder: nothing else differs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.backup.site import Site, opened, words
from tests.buckets import bucket_server

from renkei import backup
from renkei.kit.postgres import Postgres

BUCKET = "renkei-test"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Give a store in this process, with one bucket."""
    with bucket_server(BUCKET) as address:
        yield address


@pytest.fixture
def stored(
    server: Postgres, folder: Path, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Site]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "dummy")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "dummy")
    target = backup.Target(f"s3://{BUCKET}/{folder.name}", endpoint, "ap-northeast-1")
    with opened(server, folder, target) as site:
        yield site


def test_a_database_comes_back_from_a_store(stored: Site, folder: Path) -> None:
    stored.note("one")
    stored.take()
    stored.next_file()
    noted = stored.note("two")
    stored.note("three")
    stored.ship()
    assert backup.verify(stored.archive, everything=True).defects == []
    with backup.restore(stored.archive, folder / "back", at=noted) as restored:
        assert words(restored.dsn) == ["one", "two"]
    assert backup.prune(stored.archive, backup.Keep(), at=noted).bases == 0


def test_a_file_is_not_overwritten_in_a_store(stored: Site) -> None:
    at = stored.now.at
    stored.archive.put("file", b"first", at)
    stored.archive.put("file", b"first", at)
    with pytest.raises(backup.ArchiveConflict, match="file"):
        stored.archive.put("file", b"second", at)
    assert stored.archive.get("file").data == b"first"


def test_a_store_that_refuses_is_an_error_without_its_secrets(
    stored: Site, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-to-be-shown")
    target = backup.Target("s3://no-such-bucket/x", endpoint, "ap-northeast-1")
    nowhere = backup.Archive(target, backup.BackupKey(bytes(32)))
    with pytest.raises(backup.ArchiveUnreachable, match="no-such-bucket") as refused:
        nowhere.put("file", b"", stored.now.at)
    assert "not-to-be-shown" not in str(refused.value)
