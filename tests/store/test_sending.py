"""What is for a person reaches the right one at the right place, and betrays nobody protected."""

from collections.abc import Callable
from datetime import date

import pytest
from tests.store.rows import DAY, NOW, TOWN, Row, day, file, hour, register_number
from tests.store.townspeople import load, outside, outsider, person

from renkei import law, store
from renkei.kit import Connection, tenant
from renkei.standard import catalogue
from renkei.store import people
from renkei.store.people import Capacity, Destination, Source, Verdict

MAILING = ("22-6-003", "22-6-006", "22-6-008", "22-6-009")
ACCOUNT = tuple(f"22-7-00{n}" for n in range(4, 9))
STARTED = "2020-04-01"


def permit(
    unit: str, procedure: str, information: str, items: tuple[str, ...], town: str = TOWN
) -> law.Permit:
    asked = law.Request.in_house(
        *(tenant(town), "municipality", unit, procedure), information=information, items=items
    )
    found = law.decide(asked, law.provision_table(), on=DAY)
    assert isinstance(found, law.Permit), found
    return found


def for_tax(items: tuple[str, ...] = MAILING) -> law.Permit:
    return permit("05", "JT99000000000506", "TM99000000002202", items)


def for_allowance() -> law.Permit:
    return permit("15", "JT99000000001505", "TM99000000002203", ACCOUNT)


def mailing(number: str, unit: str, address: str, **more: str) -> Row:
    return {
        "register_number": number,
        "unit_number": unit,
        "mailing_reason": "1",
        "postal_code": "1000001",
        "address": address,
        "started_on": STARTED,
    } | more


def represents(number: str, kind: str, other: str, **more: str) -> Row:
    return {
        "register_number": number,
        "representative_kind": kind,
        "representative_number": other,
        "started_on": STARTED,
    } | more


def bank(number: str, unit: str, account: str, use: str = "1") -> Row:
    return {
        "register_number": number,
        "unit_number": unit,
        "account_use": use,
        "bank_code": "0001",
        "branch_code": "002",
        "deposit_kind": "1",
        "account_number": account,
        "account_holder": "ミホン",
        "started_on": STARTED,
    }


Register = Callable[..., None]


@pytest.fixture
def register(conn: Connection) -> Register:
    """Return a function that loads what unit 22 registers."""

    def loaded(entity: str, *rows: Row) -> None:
        found = catalogue().entity(entity)
        report = store.load(conn, TOWN, found, file(found, rows), on=DAY, at=NOW)
        assert report.outcome is store.Outcome.loaded, report.findings.kept

    return loaded


@pytest.fixture
def town(conn: Connection) -> Connection:
    load(
        conn,
        [person(1), person(2), person(3, resident_status="3"), person(4, protected="1")],
        [outsider(1, person(1), address="別の町9番地")],
    )
    people.number_all(conn, TOWN, on=DAY, at=hour(1))
    return conn


ONE, TWO, DEAD, HIDDEN = (register_number(n) for n in (1, 2, 3, 4))


def sent(conn: Connection, number: str, on: date = DAY, **more: bool) -> Destination:
    found = people.destination(conn, TOWN, for_tax(), number, on=on, today=DAY, **more)
    assert found is not None
    return found


def test_without_a_registration_the_register_says_where(town: Connection) -> None:
    found = sent(town, ONE)
    assert (found.source, found.address) == (Source.register, person(1)["address"])
    assert found.capacity is Capacity.own


def test_the_units_address_comes_before_the_common_one(
    town: Connection, register: Register
) -> None:
    rows = [
        mailing(ONE, "00", "共通町1"),
        mailing(ONE, "05", "固定町1"),
        mailing(TWO, "00", "共通町2"),
    ]
    register("mailing_address", *rows, mailing(TWO, "06", "住民税町2"))
    assert (sent(town, ONE).source, sent(town, ONE).address) == (Source.unit, "固定町1")
    assert (sent(town, TWO).source, sent(town, TWO).address) == (Source.common, "共通町2")


def test_an_address_holds_from_its_first_day_to_its_last(
    town: Connection, register: Register
) -> None:
    until = day(2).isoformat()
    register("mailing_address", mailing(ONE, "05", "病院", ended_on=until))
    assert sent(town, ONE, day(2)).address == "病院"
    assert sent(town, ONE, day(3)).source is Source.register


def test_the_representative_of_the_heirs_gets_what_was_for_the_dead(
    town: Connection, register: Register
) -> None:
    assert sent(town, DEAD).is_deceased
    register("addressee_representative", represents(DEAD, "1", TWO), represents(DEAD, "3", ONE))
    register("mailing_address", mailing(TWO, "05", "代表者町"))
    found = sent(town, DEAD)
    assert (found.register_number, found.capacity, found.address) == (
        TWO,
        Capacity.heirs,
        "代表者町",
    )
    assert not found.is_deceased


def test_a_tax_agent_gets_taxes_only(town: Connection, register: Register) -> None:
    register("addressee_representative", represents(ONE, "2", TWO))
    assert sent(town, ONE).capacity is Capacity.tax_agent
    other = permit("15", "JT99000000001505", "TM99000000002202", MAILING)
    found = people.destination(town, TOWN, other, ONE, on=DAY, today=DAY)
    assert found is not None
    assert found.capacity is Capacity.own


def test_a_representative_who_has_one_is_followed_and_a_circle_is_an_error(
    town: Connection, register: Register
) -> None:
    register("addressee_representative", represents(DEAD, "1", ONE), represents(ONE, "3", TWO))
    assert sent(town, DEAD).register_number == TWO
    found = catalogue().entity("addressee_representative")
    rows = [represents(ONE, "3", TWO), represents(TWO, "3", ONE)]
    store.load(town, TOWN, found, file(found, rows), on=DAY, at=hour(2), allow_ending=True)
    with pytest.raises(people.RepresentativesInCircle):
        sent(town, ONE)


def test_what_is_registered_under_any_number_of_the_identity_counts(
    town: Connection, register: Register
) -> None:
    register("mailing_address", mailing(outside(1), "05", "登録町"))
    assert sent(town, ONE).source is Source.register
    said = {"by": "A", "reason": "x"}
    people.decide(town, TOWN, (ONE, outside(1)), Verdict.same, on=DAY, at=hour(2), **said)
    assert sent(town, ONE).address == "登録町"


@pytest.mark.parametrize("protected", ["principal", "recipient", "double"])
def test_who_is_protected_is_not_betrayed_by_anybody_elses_mail(
    town: Connection, register: Register, protected: str
) -> None:
    asked = {"principal": HIDDEN, "recipient": ONE, "double": TWO}[protected]
    if protected == "recipient":
        register("addressee_representative", represents(ONE, "3", HIDDEN))
    elif protected == "double":
        for by in ("A", "B"):
            said = {"by": by, "reason": "x"}
            at = hour(2 if by == "A" else 3)
            people.decide(town, TOWN, (TWO, HIDDEN), Verdict.same, on=DAY, at=at, **said)
    assert sent(town, asked) == Destination(withheld=True, is_protected=True)
    looked = sent(town, asked, looked=True)
    assert (looked.withheld, looked.is_protected) == (False, True)
    assert looked.address is not None


def test_money_goes_to_the_units_account_and_after_death_to_the_heirs(
    town: Connection, register: Register
) -> None:
    rows = [bank(ONE, "00", "1111111"), bank(ONE, "15", "2222222"), bank(TWO, "00", "3333333")]
    register(
        "registered_account", *rows, bank(DEAD, "15", "4444444"), bank(HIDDEN, "15", "5555555")
    )
    register("addressee_representative", represents(DEAD, "1", TWO), represents(ONE, "3", TWO))

    def account(number: str, use: str = "1") -> people.Account | None:
        return people.account(town, TOWN, for_allowance(), number, use, on=DAY, today=DAY)

    found = {number: account(number) for number in (ONE, TWO, DEAD, HIDDEN)}
    assert [one and one.account_number for one in found.values()] == [
        *("2222222", "3333333", "3333333"),
        None,
    ]
    assert found[HIDDEN] == people.Account(withheld=True, is_protected=True)
    assert account(ONE, "2") is None


def test_only_what_the_permit_names_leaves(town: Connection) -> None:
    found = people.destination(town, TOWN, for_tax(("22-6-008",)), ONE, on=DAY, today=DAY)
    assert found is not None
    assert (found.name, found.postal_code, found.address) == (None, None, person(1)["address"])
    with pytest.raises(store.PermitElsewhere):
        people.destination(town, tenant("131024"), for_tax(), ONE, on=DAY, today=DAY)


def test_of_nobody_known_nothing_is_told(town: Connection) -> None:
    number = register_number(77)
    assert people.destination(town, TOWN, for_tax(), number, on=DAY, today=DAY) is None
