"""Which of two nodes is asked follows from how long they lately took and what waits there."""

from hypothesis import given
from hypothesis import strategies as st

from renkei.federation.pace import FADES_SECONDS, LOST_SECONDS, UNKNOWN, Pace

SECONDS = st.floats(0.001, 30.0)


class Moved:
    """A clock that a test moves."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


@given(st.lists(SECONDS, min_size=1), SECONDS)
def test_a_slower_answer_counts_at_once_and_a_quicker_one_little_by_little(
    before: list[float], last: float
) -> None:
    moved = Moved()
    pace = Pace(moved)
    for seconds in before:
        pace.took(seconds)
        moved.at += 0.1
    was = pace.seconds
    pace.took(last)
    assert was is not None
    assert pace.seconds is not None
    assert min(was, last) <= pace.seconds <= max(was, last)
    assert last < was or pace.seconds == last


@given(SECONDS, st.integers(0, 50))
def test_every_question_that_waits_makes_the_next_one_dearer(seconds: float, waiting: int) -> None:
    pace = Pace(Moved())
    pace.took(seconds)
    pace.under_way = waiting
    before = pace.cost()
    pace.under_way += 1
    assert pace.cost() > before


def test_of_a_node_nobody_measured_lately_one_question_finds_out() -> None:
    moved = Moved()
    pace = Pace(moved)
    assert pace.cost() == 0.0
    pace.under_way = 1
    assert pace.cost() > UNKNOWN
    pace.took(0.5)
    assert pace.cost() == 1.0
    moved.at += FADES_SECONDS
    assert pace.cost() > UNKNOWN
    pace.under_way = 0
    assert pace.cost() < 0.2


def test_a_node_that_was_lost_costs_as_a_slow_one_and_is_looked_at_again_later() -> None:
    moved = Moved()
    pace, other = Pace(moved), Pace(moved)
    pace.lost()
    other.took(0.01)
    assert (pace.seconds, pace.answers) == (LOST_SECONDS, 0)
    waited = 0.0
    while other.cost() < pace.cost():
        moved.at += 1.0
        waited += 1.0
        other.took(0.01)
    assert 10 < waited < 120
