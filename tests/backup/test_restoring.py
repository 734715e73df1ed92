"""What was committed comes back as of a moment, or the file that prevents it is named."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from tests.backup.site import KEY, TOWN, Site, new_folder, opened, words

from renkei import backup
from renkei.kit.postgres import Postgres
from renkei.kit.programs import find_binaries

SECONDS = 30


@dataclass(frozen=True)
class Told:
    """A site with a base, two log files and a tail after it, and the moments of its words."""

    site: Site
    before_base: datetime
    base: backup.Base
    noted: datetime
    end: datetime


@pytest.fixture(scope="module")
def told(server: Postgres) -> Iterator[Told]:
    """Give a history that the tests read; what a test damages it puts back."""
    with new_folder() as folder, opened(server, folder) as site:
        before_base = site.note("before the base")
        base = site.take()
        noted = site.note("good", "also good")
        site.next_file()
        site.conn.execute("DELETE FROM diary WHERE word = 'good'")
        site.note("damage")
        site.ship()
        site.next_file()
        end = site.note("end")
        site.ship()
        yield Told(site, before_base, base, noted, end)


def test_the_state_of_a_noted_moment_comes_back_exactly(told: Told, folder: Path) -> None:
    with backup.restore(told.site.archive, folder / "back", at=told.noted) as restored:
        assert words(restored.dsn) == ["before the base", "good", "also good"]
        assert restored.last_commit is not None
        assert restored.last_commit <= told.noted <= restored.until


@pytest.mark.parametrize("ahead", [None, timedelta(hours=1)])
def test_without_a_moment_or_after_the_last_commit_it_is_the_end(
    told: Told, folder: Path, ahead: timedelta | None
) -> None:
    at = None if ahead is None else told.end + ahead
    with backup.restore(told.site.archive, folder / "back", at=at) as restored:
        assert words(restored.dsn) == ["before the base", "also good", "damage", "end"]


def test_a_base_that_was_killed_is_no_backup_and_the_one_before_it_serves(
    site: Site,
) -> None:
    site.take()
    program = textwrap.dedent(f"""
        import psycopg
        from pathlib import Path
        from renkei import backup
        archive = backup.Archive(backup.Target({site.archive.target.place!r}),
                                 backup.BackupKey({KEY.key!r}))
        with psycopg.connect({site.server.dsn()!r}, autocommit=True) as conn:
            backup.take({site.server.dsn()!r}, archive, Path({str(find_binaries())!r}),
                        backup.standing(conn), {TOWN!r},
                        clock=lambda: backup.standing(conn).at)
    """)
    before = set(site.names("base"))
    process = subprocess.Popen([sys.executable, "-c", program])
    deadline = time.monotonic() + SECONDS
    while not set(site.names("base")) - before and process.poll() is None:
        assert time.monotonic() < deadline
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    site.ship()
    held = backup.holding(site.archive, site.now.lineage)
    assert held.strays
    assert len(held.bases) == 1
    assert backup.verify(site.archive, everything=True).defects == []
    in_time = site.now.at + timedelta(days=4)
    backup.prune(site.archive, backup.Keep(), at=in_time)
    assert set(site.names("base")) == before


@contextmanager
def damaged(path: Path, how: str) -> Iterator[None]:
    """Damage a file of the archive for a block."""
    before = path.read_bytes()
    middle = len(before) // 2
    path.write_bytes(
        {
            "flipped": before[:middle] + bytes([before[middle] ^ 1]) + before[middle + 1 :],
            "cut": before[:-100],
            "emptied": b"",
        }[how]
    )
    yield
    path.write_bytes(before)


@pytest.mark.parametrize("how", ["flipped", "cut", "emptied"])
@pytest.mark.parametrize("kind", ["base", "wal", "tail"])
def test_a_damaged_file_is_named(told: Told, kind: str, how: str) -> None:
    site = told.site
    name = site.names(kind)[-2 if kind == "base" else -1]
    with damaged(site.path(name), how):
        (defect,) = backup.verify(site.archive, everything=False).defects
    assert name in str(defect)


@pytest.mark.parametrize("kind", ["base", "wal"])
def test_nothing_is_restored_from_a_damaged_file(told: Told, folder: Path, kind: str) -> None:
    site = told.site
    name = site.names(kind)[0 if kind == "base" else -1]
    with (
        damaged(site.path(name), "flipped"),
        pytest.raises(backup.BackupDamaged, match=name),
        backup.restore(site.archive, folder / "back"),
    ):
        pass


def test_a_file_under_another_name_is_named(told: Told) -> None:
    first, second = (told.site.path(name) for name in told.site.names("base")[:2])
    with damaged(first, "flipped"):
        first.write_bytes(second.read_bytes())
        defects = backup.verify(told.site.archive, everything=True).defects
    assert [first.name in str(defect) for defect in defects] == [True]


def test_another_key_opens_nothing(told: Told, folder: Path) -> None:
    strange = backup.Archive(told.site.archive.target, backup.BackupKey(bytes(32)))
    with pytest.raises(backup.BackupKeyDiffers), backup.restore(strange, folder / "back"):
        pass
    assert not (folder / "back").exists()


def test_a_missing_log_file_says_up_to_when_it_can_be_restored(told: Told, folder: Path) -> None:
    site = told.site
    gap = site.path(site.names("wal")[-1])
    gap.rename(folder / "gap")
    with (
        pytest.raises(backup.LogFileMissing, match=gap.name) as missing,
        backup.restore(site.archive, folder / "back"),
    ):
        pass
    assert [str(one) for one in backup.verify(site.archive, everything=False).defects] == [
        str(missing.value)
    ]
    held = backup.holding(site.archive, site.now.lineage)
    until = held.until(held.bases[-1])
    assert until.isoformat() in str(missing.value)
    with backup.restore(site.archive, folder / "back", at=until) as restored:
        assert "end" not in words(restored.dsn)
    (folder / "gap").rename(gap)


def test_before_the_first_base_there_is_nothing(told: Told, folder: Path) -> None:
    first = told.base.ended_at.isoformat()[:19]
    with (
        pytest.raises(backup.BackupMissing, match=first),
        backup.restore(told.site.archive, folder / "back", at=told.before_base),
    ):
        pass


def test_nothing_is_restored_over_what_is_there(told: Told, folder: Path) -> None:
    (folder / "living").mkdir()
    (folder / "living" / "file").touch()
    with (
        pytest.raises(backup.RestoreOccupied, match="living"),
        backup.restore(told.site.archive, folder / "living"),
    ):
        pass
    assert [path.name for path in (folder / "living").iterdir()] == ["file"]
