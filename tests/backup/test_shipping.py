"""The log reaches the archive, whatever is killed or away, and only from one database."""

import os
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from tests.backup.site import OTHER_TOWN, Site, words

from renkei import backup
from renkei.kit.postgres import Postgres

SECONDS = 30


def test_what_is_committed_is_in_the_archive_after_one_call(site: Site) -> None:
    noted = site.note("word")
    shipped = site.ship()
    assert shipped.is_level
    assert shipped.until >= noted
    assert site.now.archived == shipped.standing.archived
    assert site.ship().files == 0


def test_a_whole_log_file_takes_the_place_of_its_tails(site: Site) -> None:
    for word in "abc":
        site.note(word)
        site.ship()
    assert len(site.names("tail")) == 1
    site.next_file()
    site.note("d")
    site.ship()
    (tail,) = site.names("tail")
    assert site.names("wal")[-1].rpartition("/")[2] < tail.split("/")[2]


def test_a_file_sent_before_a_crash_is_sent_again_without_harm(site: Site) -> None:
    site.note("word")
    site.next_file()
    now = site.now
    lost = psycopg.connect(site.server.dsn(), autocommit=True)
    backup.ship(lost, site.archive, site.writer, since=site.since)
    name = site.names("wal")[-1]
    before = site.path(name).read_bytes()
    site.archive.put(name, site.archive.get(name).data, now.at)
    assert site.path(name).read_bytes() == before
    lost.close()


def killed(server: Postgres, directory: Path) -> None:
    pid = (directory / "data" / "postmaster.pid").read_text(encoding="utf-8").split()[0]
    os.kill(int(pid), signal.SIGKILL)
    while server.is_running:
        time.sleep(0.02)
    server.restart()


def test_a_killed_server_goes_on_where_the_archive_is(site: Site, folder: Path) -> None:
    site.take()
    site.note("before")
    site.ship()
    site.note("not yet shipped")
    killed(site.server, site.server._directory)
    with psycopg.connect(site.server.dsn(), autocommit=True) as conn:
        site.conn = conn
        site.note("after")
        site.ship()
        with backup.restore(site.archive, folder / "back") as restored:
            assert words(restored.dsn) == ["before", "not yet shipped", "after"]


def test_an_archive_that_is_away_stops_nothing_and_loses_nothing(site: Site, folder: Path) -> None:
    place = Path(site.archive.target.place)
    place.rename(folder / "elsewhere")
    site.note("meanwhile")
    site.next_file()
    with pytest.raises(backup.ArchiveGone, match=str(place)):
        site.ship()
    with pytest.raises(backup.ArchiveGone):
        backup.claim(site.archive, site.writer, site.now.lineage, at=site.now.at)
    assert site.now.waiting > 0
    assert not place.exists()
    (folder / "elsewhere").rename(place)
    assert site.ship().is_level
    assert site.now.waiting == 0


@contextmanager
def full_disk() -> Iterator[None]:
    """Let this process write no file beyond 4 KiB."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_archive_is_an_error_and_nothing_half_stays(site: Site) -> None:
    site.note(*(f"{os.urandom(2000).hex()}" for _ in range(10)))
    before = site.names("tail")
    with full_disk(), pytest.raises(backup.ArchiveUnreachable):
        site.ship()
    assert site.names("tail") == before
    assert site.ship().is_level


def test_log_beyond_the_limit_is_given_up_and_said(site: Site) -> None:
    site.take()
    for _ in range(6):
        site.note("word")
        site.next_file()
    site.conn.execute("CHECKPOINT")
    with pytest.raises(backup.LogNotKept, match="48MB"):
        site.ship()
    site.ship()
    held = backup.holding(site.archive, site.now.lineage)
    assert held.missing(held.bases[-1]) is not None
    site.take()
    assert backup.verify(site.archive, everything=False).defects == []


def test_two_folders_of_a_site_never_write_into_one_archive(site: Site, folder: Path) -> None:
    copy = backup.Writer.of(site.writer.tenant, folder / "copy")
    at, lineage = site.now.at, site.now.lineage
    with pytest.raises(backup.ArchiveTaken):
        backup.claim(site.archive, copy, lineage, at=at)
    backup.claim(site.archive, copy, lineage, at=at, take_over=True)
    with pytest.raises(backup.ArchiveTaken):
        site.ship()


@pytest.mark.parametrize("take_over", [False, True])
def test_the_archive_of_another_town_is_never_taken(site: Site, take_over: bool) -> None:
    other = replace(site.writer, tenant=OTHER_TOWN)
    with pytest.raises(backup.ArchiveForeign, match=site.writer.tenant):
        backup.claim(site.archive, other, site.now.lineage, at=site.now.at, take_over=take_over)


def test_a_copy_of_the_whole_machine_is_found_by_what_it_writes(site: Site) -> None:
    """Its mark is the same: only the content of a log file tells them apart."""
    site.note("here")
    name = f"{site.now.lineage}/wal/{site.now.current.name}"
    site.archive.put(name, b"what the copy wrote", site.now.at)
    site.next_file()
    with pytest.raises(backup.ArchiveConflict, match=name):
        site.ship()


def test_one_process_ships_at_a_time(site: Site) -> None:
    assert backup.hold(site.conn)
    with psycopg.connect(site.server.dsn(), autocommit=True) as other:
        assert not backup.hold(other)
        backup.release(site.conn)
        assert backup.hold(other)


def test_a_database_that_does_not_let_us_says_what_its_operator_must_set(site: Site) -> None:
    site.conn.execute("DROP ROLE IF EXISTS plain")
    site.conn.execute("CREATE ROLE plain LOGIN")
    backup.forget(site.conn)
    dsn = site.server.dsn().replace("user=postgres", "user=plain")
    with (
        psycopg.connect(dsn, autocommit=True) as conn,
        pytest.raises(backup.BackupRightsMissing, match="REPLICATION"),
    ):
        backup.ship(conn, site.archive, site.writer, since=site.since)
