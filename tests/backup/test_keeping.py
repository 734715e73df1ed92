"""The rule keeps what it says, whatever else is there, and removes nothing that is needed."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.backup.site import TOWN, Site, words

from renkei import backup
from renkei.backup.keeping import kept
from renkei.kit import day_of

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
AGES = st.lists(st.integers(0, 60 * 24), max_size=60)  # hours


def base(age: int, number: int = 0) -> backup.Base:
    at = NOW - timedelta(hours=age)
    return backup.Base(
        id=f"{at:%Y%m%dT%H}-{number}",
        tenant=TOWN,
        lineage="1-1",
        version="18.6",
        began_at=at,
        ended_at=at,
        start_lsn="0/0",
        end_lsn="0/0",
        timeline=1,
        segment_bytes=16 * 2**20,
        tar_bytes=0,
        parts=(),
    )


def days(bases: list[backup.Base], since: datetime) -> set[date]:
    return {day_of(one.ended_at) for one in bases if one.ended_at > since}


@given(AGES, st.integers(1, 14), st.integers(0, 8))
def test_every_day_and_week_of_the_rule_keeps_a_base(
    ages: list[int], for_days: int, weeks: int
) -> None:
    everything = [base(age, number) for number, age in enumerate(ages)]
    staying = kept(everything, backup.Keep(for_days, weeks), at=NOW)
    assert set(staying) <= set(everything)
    since = NOW - timedelta(days=for_days)
    assert days(staying, since) == days(everything, since)
    since = NOW - timedelta(weeks=weeks)
    assert {day.isocalendar()[:2] for day in days(staying, since)} == {
        day.isocalendar()[:2] for day in days(everything, since)
    }


@given(AGES, st.integers(1, 14))
def test_any_moment_of_the_last_days_has_a_base_before_it(ages: list[int], for_days: int) -> None:
    everything = [base(age) for age in ages]
    staying = kept(everything, backup.Keep(for_days, 0), at=NOW)
    since = NOW - timedelta(days=for_days)
    if any(one.ended_at <= since for one in everything):
        assert any(one.ended_at <= since for one in staying)
    assert bool(staying) == bool(everything)


@given(AGES)
def test_what_stays_stays_at_the_next_pruning_too(ages: list[int]) -> None:
    staying = kept([base(age) for age in ages], backup.Keep(), at=NOW)
    assert kept(staying, backup.Keep(), at=NOW) == staying


def test_pruning_leaves_a_restorable_archive_and_no_needless_file(site: Site) -> None:
    old = site.take()
    for _ in range(3):
        site.next_file()
        site.ship()
    new = site.take()
    later = new.ended_at + timedelta(days=8)
    done = backup.prune(site.archive, backup.Keep(days=7, weeks=0), at=later)
    assert (done.bases, done.oldest) == (1, new.ended_at)
    assert not [name for name in site.names("") if old.id in name]
    assert site.names("wal")[0].endswith(new.first.name)
    assert backup.verify(site.archive, everything=True).defects == []


def test_a_base_kept_for_its_week_comes_back_as_of_its_end(site: Site, folder: Path) -> None:
    ages = [timedelta(days=20), timedelta(days=10), timedelta(0)]
    bases = []
    for number, age in enumerate(ages):
        site.note(str(number))
        bases.append(site.take(ago=age))
        for _ in range(2):
            site.next_file()
            site.note("later")
            site.ship()
    files = len(site.names("wal"))
    backup.prune(site.archive, backup.Keep(days=7, weeks=4), at=bases[-1].ended_at)
    assert len(backup.holding(site.archive, site.now.lineage).bases) == 3
    assert len(site.names("wal")) < files
    assert backup.verify(site.archive, everything=True).defects == []
    at = bases[0].ended_at
    with backup.restore(site.archive, folder / "back", at=at) as restored:
        assert words(restored.dsn) == ["0"]
