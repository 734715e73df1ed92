"""What a unit that names its staff sees of its own house is decided of them too, and of two."""

from collections.abc import Iterator

import pytest
from tests.app.test_sending_door import PAY, SEND, ask
from tests.app.test_staff_units import STAFF, Named
from tests.app.test_viewing import HIDDEN, SEARCH, SEEN, UNLOCK, Town, identify, run_town
from tests.store.rows import personal_number, register_number

from renkei import audit


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """Give a node whose units 15 and 32 name their staff."""
    with run_town('staff_units = ["15", "32"]\n', STAFF) as made:
        yield made


def looked_for(number: int, **more: object) -> dict[str, object]:
    return {"by": "register_number", "value": register_number(number), **more}


@pytest.mark.clause("RK-50.3", "RK-50.4", "RK-50.5")
@pytest.mark.parametrize(
    ("named", "unlock", "code"),
    [
        ({}, False, "staff-not-named"),
        ({"X_Road_UserId": "1009"}, False, "staff-unknown"),
        ({"X_Road_UserId": "1004"}, False, "staff-office-elsewhere"),
        ({"X_Road_UserId": "1002"}, True, "staff-second-missing"),
        ({"X_Road_UserId": "1002", "PF_Second": "1002"}, True, "staff-second-is-same"),
        ({"X_Road_UserId": "1002", "PF_Second": "1004"}, True, "staff-second-without-right"),
    ],
)
def test_a_view_in_the_house_is_decided_of_the_staff_too(
    town: Town, named: Named, unlock: bool, code: str
) -> None:
    wanted = looked_for(SEEN, **({"unlock": UNLOCK} if unlock else {}))
    told = town.ask(f"{SEARCH}/look-up", wanted, **named)
    assert (told.status, told.body["code"]) == (403, code)
    assert told.headers["pf-provision"] == "IN-01-person_search-15"
    (entry,) = town.entries(str(told.body["detail"]))
    assert (entry.kind, entry.outcome) == (audit.Kind.REFUSAL, "refused")
    assert (entry.details["reason"], entry.details["act"]) == (code, "look")
    assert entry.label == town.chain(SEEN).label(entry.at.year)


@pytest.mark.clause("RK-50.2")
def test_what_the_law_does_not_let_the_unit_see_is_refused_by_the_law(town: Town) -> None:
    told = town.ask(f"{SEARCH}/look-up", looked_for(SEEN), PF_Procedure="JT99000000009999")
    assert told.body["code"] == "procedure-not-named"


@pytest.mark.clause("RK-50.4", "RK-50.6")
@pytest.mark.parametrize("path", ["look-up", "list"])
def test_two_members_of_staff_see_a_protected_person_and_stand_in_the_entry(
    town: Town, path: str
) -> None:
    wanted = looked_for(HIDDEN) if path == "look-up" else {"by": "kana", "begins": "ミホン"}
    two = {"X_Road_UserId": "1002", "PF_Second": "1003"}
    told = town.ask(f"{SEARCH}/{path}", {**wanted, "unlock": UNLOCK}, **two)
    assert register_number(HIDDEN) in told.numbers
    entry = town.entries(str(told.body["inquiry"]))[0]
    kept = {name: entry.details[name] for name in ("staff", "second", "act", "unlock")}
    assert kept == {"staff": "1002", "second": "1003", "act": "look", "unlock": UNLOCK["reason"]}


@pytest.mark.clause("RK-50.1")
def test_no_view_is_left_out(town: Town) -> None:
    everyone = town.ask(f"{SEARCH}/list", {"by": "kana", "begins": "ミホン"})
    ways = [everyone, ask(town, SEND, SEEN), ask(town, PAY, SEEN)]
    ways.append(identify(town, personal_number(SEEN)))
    assert [told.body["code"] for told in ways] == ["staff-not-named"] * 4
