"""A published file that is damaged on disk is found, named, and written again from the database."""

from pathlib import Path

import pytest
from tests.audit.samples import AT, entries, files, tamper, write

from renkei import audit
from renkei.kit import Database, Tenant


@pytest.fixture
def published(
    database: Database, tenant: Tenant, signer: audit.Signer, tmp_path: Path
) -> dict[str, bytes]:
    """Give the files of a log of 600 entries and one epoch, published in `tmp_path`."""
    write(database, tenant, signer, [entries(600)])
    with database.transaction(tenant) as conn:
        audit.make_epoch(conn, tenant, signer, at=AT)
        audit.publish(conn, tenant, tmp_path)
    return files(tmp_path)


def mend(database: Database, tenant: Tenant, signer: audit.Signer, folder: Path) -> list[str]:
    with database.transaction(tenant) as conn:
        return audit.mend(conn, tenant, folder, signer.verifier)


NAMES = [
    "checkpoint",
    "output/checkpoint",
    "output/tile/0/000.p/1",
    "output/tile/entries/000.p/1",
    "tile/0/000",
    "tile/0/001",
    "tile/0/002.p/88",
    "tile/1/000.p/2",
    "tile/entries/000",
    "tile/entries/001",
    "tile/entries/002.p/88",
]


@pytest.mark.parametrize("damage", ["changed", "cut", "gone"])
@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_file_is_found_named_and_written_again(
    database: Database,
    tenant: Tenant,
    signer: audit.Signer,
    tmp_path: Path,
    published: dict[str, bytes],
    name: str,
    damage: str,
) -> None:
    assert sorted(published) == NAMES
    path = tmp_path / name
    data = published[name]
    match damage:
        case "changed":
            path.write_bytes(data[:20] + bytes([data[20] ^ 1]) + data[21:])
        case "cut":
            path.write_bytes(data[:-1])
        case _:
            path.unlink()
    assert defective(tmp_path, signer)
    assert mend(database, tenant, signer, tmp_path) == [name]
    assert files(tmp_path) == published
    assert not defective(tmp_path, signer)


def defective(folder: Path, signer: audit.Signer) -> bool:
    try:
        return bool(audit.verify_directory(folder, signer.verifier))
    except (audit.NoteMalformed, audit.NoteForged, audit.KeyUnknown, audit.LogUnsigned):
        return True


def test_a_whole_log_is_left_as_it_is_and_a_lost_folder_is_written_again(
    database: Database,
    tenant: Tenant,
    signer: audit.Signer,
    tmp_path: Path,
    published: dict[str, bytes],
) -> None:
    assert mend(database, tenant, signer, tmp_path) == []
    assert sorted(mend(database, tenant, signer, tmp_path / "new")) == NAMES
    assert files(tmp_path / "new") == published


def test_nothing_is_written_from_a_database_that_is_damaged_itself(
    database: Database, tenant: Tenant, signer: audit.Signer, dsn: str, tmp_path: Path,
    published: dict[str, bytes],
) -> None:  # fmt: skip
    (tmp_path / "tile/0/001").unlink()
    tamper(dsn, tenant, "UPDATE audit_tile SET hashes = overlay(hashes placing '\\x00' from 1)")
    with pytest.raises(audit.LogAltered):
        mend(database, tenant, signer, tmp_path)
    assert set(files(tmp_path)) == set(published) - {"tile/0/001"}


def test_another_history_is_not_written_over_what_is_published(
    database: Database, tenant: Tenant, signer: audit.Signer, tmp_path: Path,
    published: dict[str, bytes],
) -> None:  # fmt: skip
    other = audit.Checkpoint.sign(signer, 599, bytes(32))
    (tmp_path / "checkpoint").write_text(other.note)
    with pytest.raises(audit.LogForked):
        mend(database, tenant, signer, tmp_path)
    assert files(tmp_path).keys() == published.keys()
