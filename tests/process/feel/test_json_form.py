"""Values become JSON and come back without loss."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renkei.kit import canonical
from renkei.process import feel

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False).map(feel.NUMBERS.plus)
ZONES = st.none() | st.integers(-18 * 3600, 18 * 3600) | st.sampled_from(["Asia/Tokyo", "Etc/UTC"])
DATES = st.integers(-(10**11), 10**11).map(feel.Date)
TIMES = st.builds(feel.Time, st.integers(0, 86_400 * 10**9 - 1), ZONES)
SCALARS = (
    st.none()
    | st.booleans()
    | NUMBERS
    | st.text(st.characters(codec="utf-8"), max_size=10)
    | DATES
    | TIMES
    | st.builds(feel.DateTime, DATES, TIMES)
    | st.builds(feel.YearsMonths, st.integers(-(10**9), 10**9))
    | st.builds(feel.DaysTime, st.integers(-(10**18), 10**18))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("a@ b", max_size=4), inner, max_size=4)
        | st.builds(feel.Range, inner, inner, st.booleans(), st.booleans())
    ),
    max_leaves=8,
)


@given(VALUES)
def test_a_value_comes_back_as_it_was(value):
    said = json.loads(json.dumps(feel.dump(value)))
    assert repr(feel.load(said)) == repr(value)


@given(VALUES)
def test_the_form_is_one_that_can_be_signed(value):
    assert canonical(feel.dump(value)) == canonical(feel.dump(feel.load(feel.dump(value))))


@pytest.mark.parametrize(
    "said",
    [1.5, {"@number": "x"}, {"@number": "NaN"}, {"@date": "2026-13-01"}, {"@range": [1]}, {"@x": 1},
     {"@context": [["a", 1], ["a", 2]]}, {"a": {"@time": "25:00:00"}}, {"@number": 1}, {1: 2}, b"a",
     {"@number": "9" * 200}],
)  # fmt: skip
def test_what_is_no_such_form_is_refused_with_its_place(said):
    with pytest.raises(feel.FeelValueUnreadable) as refused:
        feel.load(said)
    assert refused.value.text("ja").startswith("$")


def test_a_form_too_deep_is_refused():
    said: object = 1
    for _ in range(200):
        said = [said]
    with pytest.raises(feel.FeelValueUnreadable):
        feel.load(said)


def test_a_function_is_not_kept():
    with pytest.raises(feel.FeelFunctionNotKept):
        feel.dump({"f": feel.expression("abs").value({})})


def test_whole_numbers_keep_their_digits():
    assert feel.dump([Decimal("1"), Decimal("1.0"), Decimal("1E+1")]) == [
        1, {"@number": "1.0"}, {"@number": "1E+1"},
    ]  # fmt: skip
