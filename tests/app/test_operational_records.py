"""What is counted is what happened, for ten minutes and since the start, and bounded in memory."""

from math import sqrt
from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renkei.app.operations.operational_records import (
    MOST_SERIES,
    SLOT_SECONDS,
    SLOTS,
    OperationalRecords,
    Series,
    Tally,
)

ONE = Series("asked", "06/income", "131024", "15", "answered")


class Moved:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


@given(st.lists(st.floats(0.0001, 100), min_size=1, max_size=200))
def test_a_tally_tells_least_mean_most_and_deviation(seconds: list[float]) -> None:
    tally = Tally()
    for one in seconds:
        tally.add(one, 10, 20)
    assert (tally.count, tally.question.total) == (len(seconds), 10 * len(seconds))
    assert (tally.seconds.least, tally.seconds.most) == (min(seconds), max(seconds))
    assert tally.seconds.total / tally.count == pytest.approx(fmean(seconds))
    wanted = pstdev(seconds)
    assert tally.seconds.deviation(tally.count) == pytest.approx(wanted, abs=1e-4 * sqrt(1e4))
    assert min(seconds) <= tally.quantile(0.5) <= tally.quantile(0.95) <= max(seconds)


def test_the_window_forgets_what_is_older_and_the_totals_do_not() -> None:
    moved = Moved()
    records = OperationalRecords(moved)
    for _ in range(30):
        records.add(ONE, 0.01, 100, 200)
        moved.at += SLOT_SECONDS
    last, minutes = records.window()[ONE]
    assert [one.count for one in minutes] == [1] * (SLOTS - 1) + [0]
    assert last.timestamp() == moved.at - SLOT_SECONDS
    assert records.totals()[ONE].count == 30
    moved.at += SLOTS * SLOT_SECONDS
    assert sum(one.count for one in records.window()[ONE][1]) == 0


def test_services_a_client_makes_up_cannot_fill_the_memory() -> None:
    records = OperationalRecords(Moved())
    for number in range(2 * MOST_SERIES):
        records.add(ONE._replace(service=f"06/x{number}"), 0.01)
    totals = records.totals()
    assert len(totals) <= MOST_SERIES + 1
    assert sum(one.count for one in totals.values()) == 2 * MOST_SERIES
