"""A look-up says what was in force, or that nothing was."""

from datetime import date

import pytest
from tests.store.rows import (
    ALLOWANCE,
    DAY,
    NOW,
    RESIDENT,
    TOWN,
    Row,
    allowance,
    day,
    file,
    personal_number,
    register_number,
    resident,
)

from renkei import store
from renkei.kit import Connection
from renkei.standard import catalogue

OUTSIDER = catalogue().entity("unregistered_person")
FIRM: Row = {
    **dict.fromkeys((item.name for item in OUTSIDER.items), ""),
    "register_number": register_number(500),
    "person_kind": "2",
    "name": "見本商店",
    "kana": "ミホンショウテン",
    "address": "見本町二丁目",
    "registration_reason": "課税",
    "registration_affair": "固定資産税",
    "valid_since": "2020-04-01",
    "protected": "0",
}


@pytest.fixture
def town(conn: Connection) -> Connection:
    rows = [resident(1), resident(2, protected="1")]
    store.load(conn, TOWN, RESIDENT, file(RESIDENT, rows), on=DAY, at=NOW)
    store.load(conn, TOWN, OUTSIDER, file(OUTSIDER, [FIRM]), on=DAY, at=NOW)
    store.load(conn, TOWN, ALLOWANCE, file(ALLOWANCE, [allowance(1, 2)]), on=DAY, at=NOW)
    return conn


def test_values_come_as_text_numbers_and_days_with_the_day_they_hold_from(
    town: Connection,
) -> None:
    key = {"register_number": register_number(1), "child_number": register_number(2)}
    items = ("monthly_amount", "claimed_on", "paid_since", "paid_until")
    record = store.read(town, TOWN, ALLOWANCE, key, items, on=day(9))
    assert record == store.Record(
        {
            "monthly_amount": 10000,
            "claimed_on": date(2024, 10, 1),
            "paid_since": "2024-10",
            "paid_until": None,
        },
        valid_from=DAY,
        known_from=NOW,
    )


def test_before_the_first_snapshot_nothing_is_known(town: Connection) -> None:
    key = {"register_number": register_number(1)}
    assert store.read(town, TOWN, RESIDENT, key, ("name",), on=day(-1)) is None


def test_many_keys_are_read_at_once(town: Connection) -> None:
    keys = [register_number(n) for n in (2, 1, 77)]
    records = store.read_many(town, TOWN, RESIDENT, keys, ("name",), on=DAY)
    assert {key: record.values["name"] for key, record in records.items()} == {
        register_number(1): "見本　1号",
        register_number(2): "見本　2号",
    }


def test_a_person_is_found_whether_resident_or_not(town: Connection) -> None:
    one, two, firm, nobody = (
        store.find_person(town, TOWN, register_number(n), on=DAY) for n in (1, 2, 500, 77)
    )
    assert one == store.Person(
        register_number(1), personal_number(1), protected=False, entity="resident"
    )
    assert two is not None
    assert two.protected
    assert firm is not None
    assert (firm.personal_number, firm.entity) == (None, "unregistered_person")
    assert nobody is None


def test_everyone_with_a_personal_number_is_listed(town: Connection) -> None:
    assert list(store.persons(town, TOWN)) == [
        (register_number(n), personal_number(n)) for n in (1, 2)
    ]


def test_an_item_the_entity_lacks_is_an_error(town: Connection) -> None:
    with pytest.raises(store.ItemNotInEntity):
        store.read(town, TOWN, RESIDENT, {"register_number": "1"}, ("income",), on=DAY)


@pytest.mark.parametrize("key", [{}, {"register_number": "1"}, {"name": "1"}])
def test_a_key_must_be_whole(town: Connection, key: dict[str, str]) -> None:
    with pytest.raises(store.RecordKeyIncomplete):
        store.read(town, TOWN, ALLOWANCE, key, ("paid_since",), on=DAY)


def test_many_keys_need_a_key_of_one_item(town: Connection) -> None:
    with pytest.raises(store.RecordKeyIncomplete):
        store.read_many(town, TOWN, ALLOWANCE, ["1"], ("paid_since",), on=DAY)
