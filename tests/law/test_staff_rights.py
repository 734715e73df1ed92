"""Who is at the desk is decided apart: role, office, purpose, time, and four eyes."""

from dataclasses import replace
from datetime import datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renkei.kit import texts_of
from renkei.law import (
    RIGHTS,
    OfficeHours,
    Official,
    StaffPermit,
    StaffReason,
    StaffRefusal,
    StaffRequest,
    decide_staff,
)


def at(*when: int) -> datetime:
    """Return a time as the clocks of the house show it."""
    return datetime(*when)  # type: ignore[arg-type]  # noqa: DTZ001


HOURS = OfficeHours.of("1-5 08:00-20:00")
ME = Official("1002", frozenset({"officer"}), frozenset({"32"}))
OTHER = Official("1003", frozenset({"approver"}), frozenset({"*"}))
ASK = StaffRequest(ME, "look", "32", "本人からの申出", at(2026, 4, 1, 9, 0), True, OTHER)


def test_everything_in_order_is_permitted():
    assert decide_staff(ASK, HOURS) == StaffPermit(ASK)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"act": "dance"}, StaffReason.ACT_UNKNOWN),
        ({"official": replace(ME, number="")}, StaffReason.NOT_NAMED),
        ({"official": replace(ME, is_known=False)}, StaffReason.UNKNOWN),
        ({"official": replace(ME, roles=frozenset({"auditor"}))}, StaffReason.ROLE_MISSING),
        ({"official": replace(ME, offices=frozenset())}, StaffReason.OFFICE_ELSEWHERE),
        ({"office": "15"}, StaffReason.OFFICE_ELSEWHERE),
        ({"purpose": " "}, StaffReason.PURPOSE_MISSING),
        ({"at": at(2026, 4, 1, 20, 0)}, StaffReason.OUTSIDE_HOURS),
        ({"at": at(2026, 4, 4, 9, 0)}, StaffReason.OUTSIDE_HOURS),
        ({"second": None}, StaffReason.SECOND_MISSING),
        ({"second": ME}, StaffReason.SECOND_IS_SAME),
        ({"second": replace(OTHER, is_known=False)}, StaffReason.SECOND_WITHOUT_RIGHT),
        ({"second": replace(OTHER, roles=frozenset())}, StaffReason.SECOND_WITHOUT_RIGHT),
        ({"second": replace(OTHER, offices=frozenset())}, StaffReason.SECOND_WITHOUT_RIGHT),
    ],
)
def test_each_part_is_needed(change, reason):
    refusal = decide_staff(replace(ASK, **change), HOURS)
    assert isinstance(refusal, StaffRefusal)
    assert refusal.reason is reason
    assert not refusal


def test_every_reason_has_its_text():
    for told in ("staff-refusal-{}", "refusal-staff-{}"):
        assert {told.format(reason) for reason in StaffReason} <= set(texts_of())


@pytest.mark.parametrize(
    "text", ["always", "1-8 08:00-20:00", "5-1 08:00-20:00", "1-5 20:00-08:00", "1-5 25:00-26:00"]
)
def test_hours_that_are_none_are_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        OfficeHours.of(text)


ROLES = st.frozensets(st.sampled_from(["officer", "approver", "operator"]))
OFFICES = st.frozensets(st.sampled_from(["15", "32", "*"]))
OFFICIALS = st.builds(Official, st.sampled_from(["1", "2"]), ROLES, OFFICES)
REQUESTS = st.builds(
    StaffRequest,
    OFFICIALS,
    st.sampled_from([*RIGHTS, "other"]),
    st.sampled_from(["15", "32"]),
    st.sampled_from(["", "調査"]),
    st.datetimes(at(2026, 4, 1), at(2026, 4, 14)),
    st.booleans(),
    st.one_of(st.none(), OFFICIALS),
)


@given(REQUESTS)
def test_a_permit_has_all_of_it(asked):
    """The same said otherwise: every part for itself, in no order."""

    def fits(one: Official) -> bool:
        in_office = asked.office in one.offices or "*" in one.offices
        return asked.act in RIGHTS and bool(one.roles & RIGHTS[asked.act].roles) and in_office

    second = asked.second
    parts = [
        fits(asked.official),
        asked.act == "review" or asked.purpose != "",
        asked.at.weekday() < 5 and time(8) <= asked.at.time() < time(20),
        not asked.is_restricted
        or (second is not None and second.number != asked.official.number and fits(second)),
    ]
    assert bool(decide_staff(asked, HOURS)) is all(parts)
