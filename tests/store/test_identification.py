"""A person is who they say where number and all four basic items are one record's, and else not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renkei.kit import personal_number, personal_number_ok
from renkei.store import BASIC, Check, Claim
from renkei.store.identification import compare

RECORD: dict[str, object] = {
    "name": "髙橋　花子",
    "birth_date": "1980-02-29",
    "sex": "2",
    "address": "見本県見本市見本町一丁目1番1号",
    "building": "見本ハイツ101",
}
SAID = Claim("髙橋　花子", "1980-02-29", "2", "見本県見本市見本町一丁目1番1号")


def said(**changes: str) -> Claim:
    return Claim(**{name: changes.get(name, getattr(SAID, name)) for name in BASIC})


def check(claim: Claim, *records: dict[str, object]) -> tuple[Check, tuple[str, ...]]:
    found = compare(claim, records or (RECORD,))
    return found.check, found.differs


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"name": "高橋花子"},
        {"name": "髙橋 花子"},
        {"birth_date": "１９８０－０２－２９"},
        {"sex": "女"},
        {"sex": "２"},
        {"address": "見本県見本市見本町1-1-1"},
        {"address": "見本市見本町1丁目1番地1号"},
        {"address": "見本県見本市見本町一丁目1番1号 見本ハイツ101"},
    ],
)
def test_other_ways_of_writing_the_same_agree(changes):
    assert check(said(**changes)) == (Check.matched, ())


@pytest.mark.parametrize(
    ("item", "value"),
    [
        *(("name", value) for value in ("髙橋　花", "橋髙　花子", "髙橋　華子", "")),
        *(("birth_date", value) for value in ("1980-02-28", "1981-02-29", "1980-02", "")),
        *(("sex", value) for value in ("1", "男", "9", "")),
        *(("address", value) for value in ("見本市見本町1-1-2", "見本市1-1-1", "見本町1-1-1", "")),
    ],
)
def test_one_item_that_differs_is_named(item, value):
    assert check(said(**{item: value})) == (Check.differs, (item,))


def test_two_characters_that_are_merely_alike_are_two():
    record = RECORD | {"name": "斉藤　一"}
    assert check(said(name="斎藤　一"), record) == (Check.differs, ("name",))


def test_what_the_register_does_not_hold_agrees_with_nothing():
    assert check(said(sex=""), RECORD | {"sex": None}) == (Check.differs, ("sex",))


def test_all_that_differ_are_named_in_order():
    assert check(Claim("x", "x", "x", "x")) == (Check.differs, BASIC)


def test_of_two_records_with_one_number_each_person_is_found():
    twin = RECORD | {"name": "髙橋　月子"}
    for name in ("髙橋　花子", "髙橋　月子"):
        assert check(said(name=name), RECORD, twin) == (Check.matched, ())
    assert check(said(name="髙橋　星子"), RECORD, twin) == (Check.differs, ("name",))


@given(st.text("0123456789", min_size=11, max_size=11))
def test_a_number_whose_check_digit_fits_is_nobody(body):
    assert personal_number_ok(personal_number(body))
    assert compare(SAID, []).check is Check.not_held
