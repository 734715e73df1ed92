"""A unit names whoever asks; the house's register says what they may do, as at its own desk."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renkei.kit.days import JAPAN
from renkei.law import (
    OfficeHours,
    Official,
    StaffPermit,
    StaffReason,
    StaffRefusal,
    StaffRegister,
    StaffRequest,
    Stated,
    decide_staff,
    decide_stated,
)

AT = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)  # a Wednesday, nine o'clock in Japan
NIGHT = datetime(2026, 4, 1, 11, 0, tzinfo=UTC)
HOURS = OfficeHours.of("1-5 08:00-20:00")
ME = Official("1002", frozenset({"officer"}), frozenset({"15"}))
OTHER = Official("1003", frozenset({"officer"}), frozenset({"*"}))
REGISTER = StaffRegister({one.number: one for one in (ME, OTHER)}, HOURS, frozenset({"15", "32"}))


def decided(
    staff: str = "1002",
    second: str = "1003",
    *,
    unit: str = "15",
    purpose: str = "児童手当",
    at: datetime = AT,
    is_restricted: bool = True,
) -> StaffPermit | StaffRefusal | None:
    """Decide about a question that has everything, but for what is changed."""
    return decide_stated(
        REGISTER,
        Stated(staff, second),
        "inquire",
        unit=unit,
        purpose=purpose,
        at=at,
        is_restricted=is_restricted,
    )


def test_who_is_registered_and_has_the_right_may_ask():
    permit = decided()
    assert isinstance(permit, StaffPermit)
    assert permit.request.facts() == {"staff": "1002", "act": "inquire", "second": "1003"}


def test_of_a_unit_that_names_nobody_nothing_is_decided():
    assert decided(unit="06") is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"staff": ""}, StaffReason.NOT_NAMED),
        ({"staff": "1009"}, StaffReason.UNKNOWN),
        ({"unit": "32"}, StaffReason.OFFICE_ELSEWHERE),
        ({"purpose": "\u3000"}, StaffReason.PURPOSE_MISSING),
        ({"at": NIGHT}, StaffReason.OUTSIDE_HOURS),
        ({"second": ""}, StaffReason.SECOND_MISSING),
        ({"second": "1002"}, StaffReason.SECOND_IS_SAME),
        ({"second": "1009"}, StaffReason.SECOND_WITHOUT_RIGHT),
    ],
)
def test_a_no_says_why_and_whom_the_unit_named(change, reason):
    refusal = decided(**change)
    assert isinstance(refusal, StaffRefusal)
    assert (refusal.reason, refusal.code) == (reason, f"staff-{reason}")
    assert refusal.request.official.number == change.get("staff", "1002")


@pytest.mark.parametrize("second", ["", "1002", "1009"])
def test_a_second_is_looked_at_only_where_one_is_needed(second):
    permit = decided(second=second, is_restricted=False)
    assert isinstance(permit, StaffPermit)
    assert permit.request.second is None


@given(
    st.sampled_from(["1002", "1003", "1009"]),
    st.sampled_from(["1002", "1003", "1009"]),
    st.sampled_from(["15", "32"]),
    st.datetimes(timezones=st.just(UTC)),
)
def test_it_is_the_decision_of_the_console(staff, second, unit, at):
    stated = decided(staff, second, unit=unit, at=at)
    known = [REGISTER.officials.get(one, Official(one, is_known=False)) for one in (staff, second)]
    local = at.astimezone(JAPAN)
    asked = StaffRequest(known[0], "inquire", unit, "児童手当", local, True, known[1])
    assert stated == decide_staff(asked, HOURS)
