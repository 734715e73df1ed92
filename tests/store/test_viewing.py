"""A view leaves against its permit and with its entry; a protected person is as if never there."""

import logging
from dataclasses import replace

import pytest
from tests.store.asking import (
    OCCASION,
    PROTECTION,
    SEAL,
    give_codes,
    load,
    nym,
    permit,
    protection,
)
from tests.store.rows import DAY, OTHER_TOWN, RESIDENT, TOWN, day, register_number, resident
from tests.store.test_disclosure import entered

from renkei import identity, store
from renkei.kit import Connection
from renkei.store import Ask, Begins, Is, Viewing

HOME = register_number(90)
SEEN, HIDDEN, FILED, ABSENT = 1, 2, 3, 7
VIEWING = Viewing(
    TOWN, permit("register_number", "name", "kana", "household_number"), RESIDENT, on=DAY
)
SEES_ALL = replace(VIEWING, unlocked=True)


@pytest.fixture(params=["indexed", "gone through"])
def town(request: pytest.FixtureRequest, conn: Connection) -> Connection:
    """Give a household of three: one is protected by the flag, one by a protection on file."""
    home = {"household_number": HOME}
    flagged = resident(HIDDEN, protected="1", **home)
    load(conn, RESIDENT, resident(SEEN, **home), flagged, resident(FILED, **home))
    load(conn, PROTECTION, protection(FILED))
    give_codes(conn, SEEN, HIDDEN, FILED)
    while request.param == "indexed" and store.index_lists(conn, TOWN, RESIDENT):
        pass
    return conn


def look_up(conn: Connection, number: int, viewing: Viewing = VIEWING) -> object:
    ask = Ask(register_number(number), OCCASION)
    return store.view_each(conn, viewing, [ask], seal=SEAL)[ask]


def by(conn: Connection, item: str, value: str, viewing: Viewing = VIEWING) -> list[object]:
    found = store.view_by(conn, viewing, item, value, occasion=OCCASION, seal=SEAL)
    return [record["register_number"] for record in found]


def page(
    conn: Connection, viewing: Viewing = VIEWING, after: str = "", limit: int = 9
) -> store.Shown:
    return store.view_list(
        conn, viewing, Begins("kana", "ミ"), after=after, limit=limit, occasion=OCCASION, seal=SEAL
    )


def numbers(shown: store.Shown) -> list[object]:
    return [record["register_number"] for record in shown.records]


def test_a_look_up_gives_the_permitted_items_and_one_entry(town: Connection) -> None:
    assert look_up(town, SEEN) == {
        "register_number": register_number(SEEN),
        "name": "見本　1号",
        "kana": "ミホン　ゴウ",
        "household_number": HOME,
    }
    (entry,) = entered(town)
    assert (entry.label, entry.outcome) == (identity.label(2026, nym(SEEN)), "answered")


@pytest.mark.parametrize("hidden", [HIDDEN, FILED])
def test_a_look_up_of_a_protected_person_answers_as_for_an_absent_one(
    town: Connection, hidden: int
) -> None:
    assert look_up(town, hidden) is look_up(town, ABSENT) is None
    assert look_up(town, hidden, SEES_ALL) is not None
    first, second, third = entered(town)
    assert (first.outcome, second.outcome, third.outcome) == ("not-held", "not-held", "answered")
    sealed = identity.sealed_label(2026, nym(hidden))
    assert (first.label, second.label, third.label) == (sealed, None, sealed)


@pytest.mark.parametrize("hidden", [HIDDEN, FILED])
def test_finding_by_another_key_hides_a_protected_person(town: Connection, hidden: int) -> None:
    assert by(town, "register_number", register_number(hidden)) == []
    assert by(town, "register_number", register_number(ABSENT)) == []
    assert by(town, "household_number", HOME) == [register_number(SEEN)]
    everybody = [register_number(n) for n in (SEEN, HIDDEN, FILED)]
    assert by(town, "household_number", HOME, SEES_ALL) == everybody


def test_a_list_hides_protected_persons_and_says_nothing_of_them(town: Connection) -> None:
    shown = page(town)
    assert (numbers(shown), shown.after) == ([register_number(SEEN)], "")
    head, *small = entered(town)
    assert small == []
    assert head.details == {"records": "1", "persons": "1"}
    assert len(page(town, SEES_ALL).records) == 3


def test_a_list_of_protected_persons_only_is_as_one_of_nobody(town: Connection) -> None:
    load(town, RESIDENT, resident(HIDDEN, protected="1"), on=1)
    empty = replace(VIEWING, on=day(1))
    hidden = page(town, empty)
    nothing = store.view_list(town, empty, Begins("kana", "ン"), occasion=OCCASION, seal=SEAL)
    assert replace(hidden, indexed=True) == replace(nothing, indexed=True)
    first, second = entered(town)
    assert (first.details, first.label) == (second.details, second.label)


def test_a_page_goes_on_only_from_a_sealed_place_of_the_same_list(town: Connection) -> None:
    first = page(town, SEES_ALL, limit=2)
    assert numbers(page(town, SEES_ALL, after=first.after)) == [register_number(FILED)]
    for strange in (first.after[:-4] + "AAAA", "x", "あ", register_number(SEEN)):
        with pytest.raises(store.CursorStrange):
            page(town, SEES_ALL, after=strange)
    with pytest.raises(store.CursorStrange):
        store.view_list(
            town,
            SEES_ALL,
            Is("household_number", HOME),
            after=first.after,
            occasion=OCCASION,
            seal=SEAL,
        )
    assert register_number(HIDDEN) not in first.after


def test_what_the_permit_does_not_name_is_not_looked_for_by(town: Connection) -> None:
    viewing = replace(VIEWING, permit=permit("name"))
    for item, value in (("household_number", HOME), ("personal_number", "1" * 12)):
        with pytest.raises(store.SelectionNotPermitted) as error:
            store.view_by(town, viewing, item, value, occasion=OCCASION, seal=SEAL)
        assert value not in error.value.text() + error.value.text("ja")
    with pytest.raises(store.SelectionNotPermitted):
        store.view_list(town, viewing, Begins("kana", "ミ"), occasion=OCCASION, seal=SEAL)
    assert entered(town) == []


def test_look_ups_made_together_are_entered_one_by_one(town: Connection) -> None:
    occasions = [replace(OCCASION, request=f"JP/town/{n}") for n in range(4)]
    people = (SEEN, HIDDEN, SEEN, ABSENT)
    asks = [
        Ask(register_number(n), occasion) for n, occasion in zip(people, occasions, strict=True)
    ]
    shown = store.view_each(town, VIEWING, asks, seal=SEAL)
    assert [shown[ask] is None for ask in asks] == [False, True, False, True]
    assert [(entry.request, entry.outcome) for entry in entered(town)] == [
        ("JP/town/0", "answered"),
        ("JP/town/1", "not-held"),
        ("JP/town/2", "answered"),
        ("JP/town/3", "not-held"),
    ]


def test_nothing_of_a_view_is_written_to_a_log(
    town: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        look_up(town, HIDDEN)
        by(town, "household_number", HOME)
        page(town)
    said = caplog.text
    assert [
        n for n in (SEEN, HIDDEN, FILED) if register_number(n) in said or f"{n}号" in said
    ] == []


def test_a_permit_for_another_holder_shows_nothing(town: Connection) -> None:
    with pytest.raises(store.PermitElsewhere):
        look_up(town, SEEN, replace(VIEWING, tenant=OTHER_TOWN))
