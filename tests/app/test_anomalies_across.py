"""What strikes across organisations: an unusual day, who comes back, many who ask, the night."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.audit.samples import ENTRY, HANAKO, SEED, TARO, write

from renkei.app.demo.ecosystem import L, R
from renkei.app.operations.anomalies import MASS, OFTEN, anomalies
from renkei.app.operations.anomalies_across import SURGE, Surge, across, surges
from renkei.audit import DayCount, Kind, Logged, Search, Signer

TOWNS = ("131016", "131024", "131032")
MORNING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # Tuesday, 10 o'clock in Japan
RECEIPTED = replace(ENTRY, outcome="receipted", at=MORNING, label=None, details={})
USUAL = MASS // 2


def on_day(day, count, who=TOWNS[0]):
    return DayCount(who, date(2026, 11, day), count, 0)


def test_a_day_far_above_what_is_usual_with_an_organisation_strikes():
    usual = [on_day(day, USUAL) for day in (24, 25, 27)]
    found = surges([*usual, on_day(26, USUAL * SURGE), on_day(26, MASS - 1, TOWNS[1])])
    assert found == [Surge(TOWNS[0], date(2026, 11, 26), USUAL * SURGE, USUAL)]
    assert surges([*usual, on_day(26, USUAL * SURGE - 1)]) == []


def test_who_asks_as_much_every_day_does_not_strike_and_who_asked_once_does():
    assert surges([on_day(day, MASS * 2) for day in (24, 25, 26)]) == []
    quiet = [on_day(day, 1) for day in (24, 25, 26)]
    (found,) = surges([*quiet, on_day(25, MASS, TOWNS[1])])
    assert (found.who, found.usual) == (TOWNS[1], 0)


def test_of_one_day_alone_nobody_knows_what_is_usual():
    assert surges([on_day(24, MASS)]) == [Surge(TOWNS[0], date(2026, 11, 24), MASS, None)]


OPERATORS = iter((L.tenant, R.tenant))  # each with a log of its own


@pytest.fixture
def seen(database):
    tenant = next(OPERATORS)
    signer = Signer.from_seed(f"renkei.example/{tenant}/access-log", SEED)

    def look(*entries):
        batch = [
            replace(one, request=f"r-{n}", salt=n.to_bytes(16)) for n, one in enumerate(entries)
        ]
        write(database, tenant, signer, [batch])
        with database.looking(tenant) as conn:
            return across(conn, tenant, Search(since=MORNING, until=MORNING + timedelta(days=3)))

    return look


def test_who_comes_back_whom_many_ask_about_and_who_asks_at_night_strike(seen):
    units = [replace(RECEIPTED, label=HANAKO, unit=f"{n:02}", procedure="P") for n in range(OFTEN)]
    towns = [replace(RECEIPTED, label=TARO, asker=town, procedure="Q") for town in TOWNS]
    night = replace(RECEIPTED, asker=TOWNS[1], at=MORNING + timedelta(hours=12))
    before = [replace(one, at=MORNING - timedelta(days=1)) for one in units]
    others = [
        replace(units[0], kind=Kind.REFUSAL, outcome="refused"),
        replace(units[0], kind=Kind.VIEW, outcome="seen", procedure="X"),
    ]
    found = seen(*before, *units, *towns, night, *others)
    (hanako,), (taro,) = found.by_one.rows, found.by_many.rows
    assert (hanako.chain, hanako.often, hanako.procedures) == (HANAKO.hex()[:12], OFTEN, ("P",))
    assert (taro.askers, taro.count, taro.procedures) == (TOWNS, 3, ("Q",))
    assert (found.by_one.count, found.by_many.count) == (1, 1)
    assert found.out_of_hours == ((TOWNS[1], 1),)


def test_below_the_numbers_nothing_strikes(seen):
    units = [replace(RECEIPTED, label=HANAKO)] * (OFTEN - 1)
    towns = [replace(RECEIPTED, label=TARO, asker=town) for town in TOWNS[1:]]
    found = seen(*units, *towns, towns[0])
    assert (found.by_one.rows, found.by_many.rows, found.surges) == ((), (), ())


def test_questions_of_others_are_left_where_that_is_known_of_them():
    ours = [replace(RECEIPTED, request=request) for request in ("one", "other")]
    looked = [Logged(n, None, None, b"", one) for n, one in enumerate(ours)]
    end = (MORNING + timedelta(days=2)).timestamp()
    assert anomalies(looked, us=L.tenant, until=end, left=looked[:1]).left == (looked[0],)
    assert anomalies(looked, us=L.tenant, until=end, left=()).left == ()
