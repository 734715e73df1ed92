"""Nobody asks more in a second than the settings let, and nobody loses what another uses up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renkei import exchange
from renkei.app.errors import QuestionsTooMany
from renkei.app.units.throttle import Throttle

ONE, TWO = (exchange.client(f"JP/MUN/131016/{unit}") for unit in ("15", "17"))
INCOME = exchange.service_call("/r1/JP/MUN/131024/06/income/2026")
OTHER = exchange.service_call("/r1/JP/MUN/131024/06/levy/2026")


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def let_in(
    throttle: Throttle, client: exchange.Client = ONE, call: exchange.ServiceCall = INCOME
) -> bool:
    try:
        throttle.enter(client, call)
    except QuestionsTooMany:
        return False
    return True


def test_a_seconds_worth_may_come_at_once_and_then_the_pace_counts() -> None:
    clock = Clock()
    throttle = Throttle({"15": 10}, clock)
    assert [let_in(throttle) for _ in range(12)] == [True] * 10 + [False] * 2
    clock.at += 0.1
    assert [let_in(throttle) for _ in range(2)] == [True, False]
    clock.at += 60
    assert sum(let_in(throttle) for _ in range(20)) == 10


def test_one_unit_leaves_the_others_alone_and_what_has_no_limit_has_none() -> None:
    throttle = Throttle({"15": 1}, Clock())
    assert [let_in(throttle), let_in(throttle)] == [True, False]
    assert all(let_in(throttle, TWO) for _ in range(100))


def test_a_service_has_a_limit_of_its_own() -> None:
    throttle = Throttle({"06/income": 2}, Clock())
    assert [let_in(throttle), let_in(throttle, TWO), let_in(throttle)] == [True, True, False]
    assert let_in(throttle, ONE, OTHER)


def test_who_is_not_let_in_uses_nothing_up() -> None:
    clock = Clock()
    throttle = Throttle({"15": 1, "06/income": 100}, clock)
    assert [let_in(throttle) for _ in range(50)].count(True) == 1
    assert sum(let_in(throttle, TWO) for _ in range(200)) == 99


def test_the_refusal_says_when_to_come_again() -> None:
    throttle = Throttle({"15": 1}, Clock())
    throttle.enter(ONE, INCOME)
    with pytest.raises(QuestionsTooMany) as refused:
        throttle.enter(ONE, INCOME)
    assert refused.value.facts["seconds"] == 1
    assert refused.value.text("ja") != refused.value.text("en")


@given(st.integers(1, 50), st.lists(st.floats(0.0, 0.5), max_size=300))
def test_never_more_than_the_burst_and_the_pace_together(rate: int, pauses: list[float]) -> None:
    clock = Clock()
    begin, throttle, entered = clock.at, Throttle({"15": rate}, clock), 0
    for pause in pauses:
        clock.at += pause
        entered += let_in(throttle)
        assert entered <= rate * (clock.at - begin + 1) + 1e-6
