"""A published log verifies without its database, whenever the publisher was interrupted."""

import errno
import os
import shutil
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from tests.audit.samples import entries, files, tamper, write

from renkei import audit
from renkei.audit import Defect, Finding
from renkei.kit import Database, Tenant


def publish(
    database: Database, tenant: Tenant, directory: Path, *, entries: bool = True
) -> audit.Checkpoint | None:
    with database.transaction(tenant) as conn:
        return audit.publish(conn, tenant, directory, entries=entries)


@pytest.fixture
def published(
    database: Database, tenant: Tenant, signer: audit.Signer, tmp_path: Path
) -> dict[str, bytes]:
    """Give the files of a log of 600 entries, published in `tmp_path / "log"` at 200 and 600."""
    write(database, tenant, signer, [entries(200)])
    publish(database, tenant, tmp_path / "log")
    write(database, tenant, signer, [entries(400, start=200)])
    publish(database, tenant, tmp_path / "log")
    return files(tmp_path / "log")


@pytest.mark.clause("RK-9.3")
def test_tiles_stand_where_the_specification_has_them(
    published: dict[str, bytes], signer: audit.Signer, tmp_path: Path
) -> None:
    assert sorted(published) == [
        "checkpoint",
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/88",
        "tile/1/000.p/2",
        "tile/entries/000",
        "tile/entries/001",
        "tile/entries/002.p/88",
    ]
    assert len(published["tile/0/001"]) == 8192
    first = published["tile/entries/000"]
    assert first[2:30].startswith(b'{"core":{"asker":"131016"')
    assert audit.verify_directory(tmp_path / "log", signer.verifier) == []


def test_publishing_again_changes_nothing(
    database: Database, tenant: Tenant, published: dict[str, bytes], tmp_path: Path
) -> None:
    checkpoint = publish(database, tenant, tmp_path / "log")
    assert checkpoint is not None
    assert checkpoint.note.encode() == published["checkpoint"]
    assert files(tmp_path / "log") == published


@pytest.mark.parametrize("done", range(9))
def test_a_publisher_killed_at_any_file_and_repeated_gives_the_same_bytes(
    database: Database, tenant: Tenant, published: dict[str, bytes], tmp_path: Path, done: int
) -> None:
    names = sorted(published, key=lambda name: (name == "checkpoint", name))
    for name in names[:done]:
        path = tmp_path / "again" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(published[name])
    if 0 < done < len(names):  # and the file it was writing
        path = tmp_path / "again" / names[done]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name(f".{path.name}.tmp").write_bytes(published[names[done]][:7])
    publish(database, tenant, tmp_path / "again")
    assert files(tmp_path / "again") == published


def test_a_full_disk_at_any_moment_leaves_what_was_published_whole(
    database: Database,
    tenant: Tenant,
    signer: audit.Signer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(database, tenant, signer, [entries(200)])
    publish(database, tenant, tmp_path)
    write(database, tenant, signer, [entries(400, start=200)])
    flush, left = os.fsync, 0

    def full(opened: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, "")
        flush(opened)

    monkeypatch.setattr(os, "fsync", full)
    for number in count():
        left = number
        with suppress(OSError):
            publish(database, tenant, tmp_path)
            break
        assert audit.verify_directory(tmp_path, signer.verifier) == []
    assert number > 7
    assert b"\n600\n" in files(tmp_path)["checkpoint"]
    assert audit.verify_directory(tmp_path, signer.verifier) == []


def test_a_log_with_nothing_signed_publishes_nothing(
    database: Database, tenant: Tenant, signer: audit.Signer, tmp_path: Path
) -> None:
    assert publish(database, tenant, tmp_path / "log") is None
    assert not (tmp_path / "log").exists()
    with pytest.raises(audit.LogUnsigned):
        audit.verify_directory(tmp_path / "log", signer.verifier)


@pytest.mark.clause("RK-9.3")
def test_entries_can_be_left_out_and_the_tree_still_verifies(
    database: Database, tenant: Tenant, signer: audit.Signer, tmp_path: Path
) -> None:
    write(database, tenant, signer, [entries(300)])
    publish(database, tenant, tmp_path, entries=False)
    assert not (tmp_path / "tile" / "entries").exists()
    assert audit.verify_directory(tmp_path, signer.verifier, entries=False) == []
    missing = audit.verify_directory(tmp_path, signer.verifier)
    assert missing == [Finding(0, Defect.REMOVED), Finding(256, Defect.REMOVED)]


@pytest.mark.clause("RK-9.4")
def test_a_log_that_does_not_continue_what_is_published_is_not_published(
    database: Database, tenant: Tenant, signer: audit.Signer, tmp_path: Path
) -> None:
    write(database, tenant, signer, [entries(5)])
    publish(database, tenant, tmp_path)
    fork = audit.Checkpoint.sign(signer, 4, bytes(32))
    for note in (fork.note, fork.note.replace("\n4\n", "\n40\n")):
        (tmp_path / "checkpoint").write_text(note)
        with pytest.raises(audit.LogForked):
            publish(database, tenant, tmp_path)
    (tmp_path / "checkpoint").write_bytes(b"\xff")
    with pytest.raises(audit.NoteMalformed):
        publish(database, tenant, tmp_path)


@pytest.mark.clause("RK-9.3")
def test_a_published_file_is_never_replaced_by_other_bytes(
    database: Database, tenant: Tenant, signer: audit.Signer, tmp_path: Path
) -> None:
    write(database, tenant, signer, [entries(5)])
    path = tmp_path / "tile" / "0" / "000.p" / "5"
    path.parent.mkdir(parents=True)
    path.write_bytes(bytes(160))
    with pytest.raises(audit.LogForked):
        publish(database, tenant, tmp_path)
    assert not (tmp_path / "checkpoint").exists()


@pytest.mark.parametrize(
    ("name", "at", "finding"),
    [
        ("tile/entries/001", 40, Finding(256, Defect.ALTERED)),
        ("tile/entries/002.p/88", 40, Finding(512, Defect.ALTERED)),
        ("tile/0/001", 33, Finding(257, Defect.ALTERED)),
        ("tile/1/000.p/2", 33, Finding(0, Defect.TILE)),
    ],
)
def test_one_altered_byte_of_a_published_file_is_named(
    published: dict[str, bytes],
    signer: audit.Signer,
    tmp_path: Path,
    name: str,
    at: int,
    finding: Finding,
) -> None:
    data = bytearray(published[name])
    data[at] ^= 1
    (tmp_path / "log" / name).write_bytes(data)
    assert finding in audit.verify_directory(tmp_path / "log", signer.verifier)


@pytest.mark.parametrize(
    ("name", "length", "finding"),
    [
        ("tile/0/001", None, Finding(256, Defect.TILE)),
        ("tile/0/001", 8191, Finding(256, Defect.TILE)),
        ("tile/1/000.p/2", None, Finding(0, Defect.TILE)),
        ("tile/entries/001", None, Finding(256, Defect.REMOVED)),
        ("tile/entries/001", 0, Finding(256, Defect.REMOVED)),
        ("tile/entries/001", 1, Finding(256, Defect.REMOVED)),
        ("tile/entries/001", 5000, Finding(264, Defect.REMOVED)),
    ],
)
def test_a_missing_or_shortened_published_file_is_named(
    published: dict[str, bytes],
    signer: audit.Signer,
    tmp_path: Path,
    name: str,
    length: int | None,
    finding: Finding,
) -> None:
    path = tmp_path / "log" / name
    path.unlink()
    if length is not None:
        path.write_bytes(published[name][:length])
    assert finding in audit.verify_directory(tmp_path / "log", signer.verifier)


def test_a_checkpoint_kept_beside_a_forked_log_convicts_it(
    published: dict[str, bytes], signer: audit.Signer, tmp_path: Path
) -> None:
    fork = audit.Checkpoint.sign(signer, 200, bytes(32))
    later = audit.Checkpoint.sign(signer, 700, bytes(32))
    for kept in (fork, later):
        (tmp_path / "log" / f"checkpoint.{kept.size}").write_text(kept.note)
    findings = audit.verify_directory(tmp_path / "log", signer.verifier)
    assert findings == [Finding(200, Defect.FORKED), Finding(700, Defect.FORKED)]
    assert published["checkpoint"].startswith(signer.name.encode())


def test_proofs_are_made_from_published_tiles_alone(
    database: Database, tenant: Tenant, signer: audit.Signer, tmp_path: Path
) -> None:
    old, new = write(database, tenant, signer, [entries(300), entries(300, start=300)])
    publish(database, tenant, tmp_path)
    audit.check_fork(old, new, audit.published_tree(tmp_path, new.size).consistency(old.size))
    shutil.rmtree(tmp_path / "tile" / "0")
    with pytest.raises(audit.LogAltered):
        audit.published_tree(tmp_path, new.size).consistency(old.size)


def test_the_published_entries_are_read_back(
    published: dict[str, bytes], signer: audit.Signer, tmp_path: Path
) -> None:
    read = list(audit.published_entries(tmp_path / "log", signer.verifier))
    assert [audit.Leaf.parse(data).entry() for data in read] == entries(600)
    (tmp_path / "log" / "tile/entries/001").write_bytes(published["tile/entries/000"])
    with pytest.raises(audit.LogAltered):
        list(audit.published_entries(tmp_path / "log", signer.verifier))


def test_entries_altered_in_the_database_are_not_published(
    database: Database, tenant: Tenant, signer: audit.Signer, tmp_path: Path, dsn: str
) -> None:
    write(database, tenant, signer, [entries(5)])
    tamper(dsn, tenant, "UPDATE audit_entry SET leaf = 'x' WHERE i = 3")
    with pytest.raises(audit.LogAltered):
        publish(database, tenant, tmp_path)
