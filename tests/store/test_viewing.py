"""A view leaves against its permit and with its entry; a protected person is as if never there."""

import logging
from dataclasses import replace

import pytest
from tests.store.asking import (
    OCCASION,
    PROTECTION,
    SEAL,
    chain,
    give_codes,
    load,
    permit,
    protection,
)
from tests.store.rows import (
    DAY,
    OTHER_TOWN,
    RESIDENT,
    TOWN,
    Row,
    day,
    household,
    register_number,
    resident,
)
from tests.store.test_disclosure import entered

from renkei import law, store
from renkei.kit import Connection
from renkei.standard import Entity, catalogue
from renkei.store import Ask, Begins, Is, Viewing

HOUSEHOLD = catalogue().entity("household")
EVACUEE = catalogue().entity("evacuee")
MEDICAL = catalogue().entity("child_medical")
DISASTER = "D1"
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
    child = {**home, "relationship": "子"}
    flagged = resident(HIDDEN, protected="1", **child)
    load(conn, RESIDENT, resident(SEEN, **home), flagged, resident(FILED, **child))
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
    assert (entry.label, entry.outcome) == (chain(town, SEEN).label(2026), "answered")


@pytest.mark.parametrize("hidden", [HIDDEN, FILED])
def test_a_look_up_of_a_protected_person_answers_as_for_an_absent_one(
    town: Connection, hidden: int
) -> None:
    assert look_up(town, hidden) is look_up(town, ABSENT) is None
    assert look_up(town, hidden, SEES_ALL) is not None
    first, second, third = entered(town)
    assert (first.outcome, second.outcome, third.outcome) == ("not-held", "not-held", "answered")
    sealed = chain(town, hidden).sealed_label(2026)
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


def evacuee(place: int, person: int | None, name: str) -> Row:
    """Return a valid evacuee, known or not."""
    return {
        "disaster_id": DISASTER,
        "shelter_id": "S1",
        "evacuee_number": str(place + 1),
        "register_number": "" if person is None else register_number(person),
        "name": name,
        "evacuation_type": "1",
        "match_state": "1",
    }


def child_medical(child: int, *, guardian: int) -> Row:
    """Return a valid entitlement of a child, with its guardian."""
    return {
        "child_number": register_number(child),
        "recipient_number": "1234567",
        "guardian_number": register_number(guardian),
        "assessed_year": "2025",
        "qualified_since": "2026-01-01",
        "copayment_class": "1",
    }


def own(entity: Entity, *items: str) -> law.Permit:
    """Return the leave of the unit that keeps an entity to read items of it."""
    procedure = next(
        one for one in catalogue().procedures if one.unit == entity.unit and one.since <= DAY
    )
    asked = law.Request.in_house(
        *(TOWN, "municipality", entity.unit, procedure.code),
        items=(item.id for item in entity.items if item.name in items),
    )
    decided = law.decide_own_records(asked, catalogue(), law.provision_table(), DAY)
    assert isinstance(decided, law.Permit), decided
    return decided


@pytest.mark.parametrize("items", [("household_head",), ("household_number", "address")])
@pytest.mark.parametrize(("head", "is_shown"), [(SEEN, True), (HIDDEN, False), (FILED, False)])
def test_a_record_without_a_subject_is_about_all_whose_number_it_holds(
    town: Connection, items: tuple[str, ...], head: int, *, is_shown: bool
) -> None:
    load(town, HOUSEHOLD, household(1, head=head))
    number = register_number(90001)
    viewing = Viewing(TOWN, own(HOUSEHOLD, *items), HOUSEHOLD, on=DAY)
    ask = Ask(number, OCCASION)
    shown = store.view_each(town, viewing, [ask], seal=SEAL)[ask]
    assert (shown is not None, set(shown or {})) == (is_shown, set(items if is_shown else ()))
    found = store.view_by(town, viewing, "household_number", number, occasion=OCCASION, seal=SEAL)
    assert bool(found) is is_shown
    free = replace(viewing, unlocked=True)
    assert store.view_each(town, free, [ask], seal=SEAL)[ask] is not None
    mark = chain(town, head).label if is_shown else chain(town, head).sealed_label
    assert {entry.label for entry in entered(town)} == {mark(2026)}


def test_an_evacuee_who_is_protected_is_on_no_list(town: Connection) -> None:
    people = ((SEEN, "見本　あり"), (HIDDEN, "見本　なし"), (None, "見本　不明"))
    load(town, EVACUEE, *(evacuee(n, number, name) for n, (number, name) in enumerate(people)))
    viewing = Viewing(TOWN, own(EVACUEE, "name", "shelter_id"), EVACUEE, on=DAY)
    found = store.view_by(town, viewing, "disaster_id", DISASTER, occasion=OCCASION, seal=SEAL)
    assert [one["name"] for one in found] == ["見本　あり", "見本　不明"]


def test_whoever_a_told_number_belongs_to_hides_the_record_too(town: Connection) -> None:
    load(town, MEDICAL, child_medical(SEEN, guardian=HIDDEN))
    for items, is_shown in (
        (("qualified_since",), True),
        (("qualified_since", "guardian_number"), False),
    ):
        viewing = Viewing(TOWN, own(MEDICAL, *items), MEDICAL, on=DAY)
        ask = Ask(register_number(SEEN), OCCASION)
        assert (store.view_each(town, viewing, [ask], seal=SEAL)[ask] is not None) is is_shown
