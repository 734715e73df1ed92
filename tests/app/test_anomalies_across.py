"""What strikes across organisations: an unusual day, who comes back, many who ask, the night."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.audit.samples import ENTRY, HANAKO, TARO

from renkei.app.operations.anomalies import MASS, OFTEN, anomalies
from renkei.app.operations.anomalies_across import MANY, SURGE, across
from renkei.audit import Kind, Logged

US = "6990000000004"
TOWNS = ("131016", "131024", "131032")
MORNING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # Tuesday, 10 o'clock in Japan
RECEIPTED = replace(ENTRY, outcome="receipted", at=MORNING, label=None, details={})


def logged(*entries):
    return [Logged(n, None, None, b"", one) for n, one in enumerate(entries)]


def looked(*entries):
    return across(logged(*entries), us=US)


def on_day(day, count, asker=TOWNS[0]):
    return [replace(RECEIPTED, asker=asker, at=MORNING + timedelta(days=day))] * count


def test_a_day_far_above_what_is_usual_with_an_organisation_strikes():
    usual = [one for day in (0, 1, 3) for one in on_day(day, MASS // 2)]
    found = looked(*usual, *on_day(2, MASS // 2 * SURGE), *on_day(2, MASS - 1, TOWNS[1])).surges
    assert [(one.who, one.day.day, one.count, one.usual) for one in found] == [
        (TOWNS[0], 26, MASS // 2 * SURGE, MASS // 2)
    ]
    assert looked(*usual, *on_day(2, MASS // 2 * SURGE - 1)).surges == ()


def test_a_large_organisation_that_asks_as_much_every_day_does_not_strike():
    assert looked(*(one for day in range(3) for one in on_day(day, MASS * 2))).surges == ()


def test_one_organisation_that_comes_back_to_a_person_strikes_whichever_unit_asked():
    asked = [replace(RECEIPTED, label=HANAKO, unit=f"{n:02}", procedure="P") for n in range(OFTEN)]
    (found,) = looked(*asked, replace(RECEIPTED, label=TARO)).by_one
    assert (found.chain, found.most, found.often, found.procedures) == (
        *(HANAKO.hex()[:12], ENTRY.asker, OFTEN),
        ("P",),
    )
    assert looked(*asked[1:]).by_one == ()


def test_a_person_many_organisations_asked_about_strikes():
    asked = [replace(RECEIPTED, label=HANAKO, asker=town) for town in TOWNS]
    (found,) = looked(*asked, asked[0]).by_many
    assert (found.askers, found.count, found.most) == (TOWNS, MANY + 1, TOWNS[0])
    assert looked(*asked[1:], asked[1]).by_many == ()


def test_the_night_is_counted_by_organisation():
    night = MORNING + timedelta(hours=12)
    late = [replace(RECEIPTED, asker=town, at=night) for town in (TOWNS[1], *TOWNS[:2])]
    assert looked(*late, RECEIPTED).out_of_hours == ((TOWNS[1], 2), (TOWNS[0], 1))


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": Kind.REFUSAL, "outcome": "refused"},
        {"kind": Kind.VIEW, "outcome": "seen", "asker": US, "holder": US},
        {"outcome": "asked"},
    ],
)
def test_what_no_receipt_was_given_for_is_nobodys_question(changes):
    found = looked(*[replace(RECEIPTED, label=HANAKO, **changes)] * MASS)
    assert (found.surges, found.by_one) == ((), ())


def test_questions_of_others_are_left_where_that_is_known_of_them():
    one, other = replace(RECEIPTED, request="one"), replace(RECEIPTED, request="other")
    end = (MORNING + timedelta(days=2)).timestamp()
    found = anomalies(logged(one, other), us=US, until=end, left={"one", "older"})
    assert [one.entry.request for one in found.left] == ["one"]
    assert anomalies(logged(one, other), us=US, until=end, left=()).left == ()
