"""What strikes in a window is found by time, by number, by unnamed person and by use."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.audit.samples import ENTRY, HANAKO, TARO

from renkei.app.operations.anomalies import MASS, OFTEN, anomalies
from renkei.audit import Kind, Logged

US = ENTRY.asker
MORNING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # Tuesday, 10 o'clock in Japan
END = datetime(2026, 11, 30, tzinfo=UTC).timestamp()
ASKED = replace(ENTRY, outcome="asked", at=MORNING, label=None)


def looked(*entries):
    found = [Logged(n, None, None, b"", one) for n, one in enumerate(entries)]
    return anomalies(found, us=US, until=END)


def ended(entry, kind=Kind.ANSWER):
    return replace(entry, kind=kind, outcome="answered")


def test_nights_and_weekends_of_japan_strike():
    night = replace(ASKED, at=datetime(2026, 11, 24, 11, 0, tzinfo=UTC))  # 20 o'clock
    saturday = replace(ASKED, at=datetime(2026, 11, 28, 2, 0, tzinfo=UTC))
    sunday_night = replace(ASKED, at=datetime(2026, 11, 29, 15, 30, tzinfo=UTC))  # Monday 0:30
    evening = replace(ASKED, at=datetime(2026, 11, 24, 10, 59, tzinfo=UTC))
    found = looked(ASKED, night, saturday, sunday_night, evening)
    assert [one.index for one in found.out_of_hours] == [1, 2, 3]


def test_what_others_asked_of_us_and_what_was_refused_is_not_ours():
    saturday = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
    theirs = replace(ASKED, asker="131024", holder=US, at=saturday)
    refused = replace(ASKED, kind=Kind.REFUSAL, outcome="refused", at=saturday)
    assert looked(theirs, refused).out_of_hours == ()


def test_many_in_a_day_by_one_unit_or_person_of_staff_strike():
    entries = [ASKED] * (MASS - 1)
    assert looked(*entries).many == ()
    staff = replace(
        ASKED, kind=Kind.VIEW, outcome="seen", holder=US, unit="", details={"staff": "1004"}
    )
    found = looked(*entries, ASKED, *[staff] * (MASS + 5)).many
    assert [(one.who, one.count) for one in found] == [("1004", MASS + 5), (f"{US}/06", MASS)]


def test_one_unit_that_comes_back_to_one_person_strikes_first_by_procedures():
    often = [
        replace(ASKED, label=HANAKO, procedure=f"P-{n % 2}", request=f"h-{n}") for n in range(OFTEN)
    ]
    more = [replace(ASKED, label=TARO, request=f"t-{n}") for n in range(OFTEN + 2)]
    found = looked(*often, *more, *more[:1], replace(more[0], unit="15")).often
    assert [(one.chain, one.count, len(one.procedures)) for one in found] == [
        (HANAKO.hex()[:12], OFTEN, 2),
        (TARO.hex()[:12], OFTEN + 3, 1),
    ]
    assert looked(*often[1:]).often == ()


def test_a_question_of_which_no_end_was_taken_strikes_after_a_while():
    one, other = replace(ASKED, request="one"), replace(ASKED, request="other")
    fresh = replace(
        ASKED, request="fresh", at=datetime.fromtimestamp(END, UTC) - timedelta(minutes=5)
    )
    found = looked(one, other, ended(other), fresh)
    assert [one.entry.request for one in found.left] == ["one"]
    for kind in (Kind.REFUSAL, Kind.FAILURE):
        assert looked(one, ended(one, kind)).left == ()


def test_an_inquiry_about_many_strikes_as_one_and_counts_among_the_many():
    said = {"bulk": "n-1", "order": "ordered", "persons": str(MASS)}
    of_many = [replace(ASKED, request=f"b.{n}", details=said) for n in range(MASS)]
    found = looked(ASKED, *of_many, replace(ASKED, request="b.x", details={**said, "bulk": "n-2"}))
    assert [(one.number, one.count, one.order) for one in found.in_bulk] == [
        ("n-1", MASS, "ordered"),
        ("n-2", 1, "ordered"),
    ]
    assert [(one.count, one.in_bulk) for one in found.many] == [(MASS + 2, MASS + 1)]
    assert looked(ASKED).in_bulk == ()
