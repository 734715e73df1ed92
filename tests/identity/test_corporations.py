"""A corporate number is assigned once; what stands is found, and what stood can be read."""

from dataclasses import replace
from datetime import date

import psycopg
import pytest
from tests.identity.registry import order
from tests.identity.world import REGISTRAR

from renkei import audit
from renkei.identity import (
    CorporateDayWrong,
    CorporateNumberMalformed,
    CorporateNumberTaken,
    CorporationMalformed,
    CorporationNotOpen,
    CorporationOpen,
    CorporationUnknown,
    OrderDiffers,
    SearchEmpty,
    corporations,
)
from renkei.identity.corporations import Basics, Closing, EventKind, Sought
from renkei.kit import corporate_number_ok

DAY, LATER = date(2026, 4, 1), date(2026, 10, 1)
PARTS = ("株式会社見本建設", "ミホンケンセツ", "1000001", "東京都千代田区千代田1番1号")
MIHON = Basics(*PARTS)


@pytest.fixture
def register(database):
    """Give one transaction of the registrar, rolled back after the test."""
    with database.transaction(REGISTRAR) as conn:
        yield conn
        raise psycopg.Rollback


def assign(conn, basics=MIHON, *, company_number="", by=None, on=DAY, **more):
    by = by or order()
    return corporations.assign(
        conn, REGISTRAR, basics, by, on=on, company_number=company_number, **more
    )


def found(conn, **sought):
    page = corporations.search(conn, REGISTRAR, Sought(**sought))
    return [one.number for one in page.corporations]


def stands(conn, number):
    return corporations.registered(conn, REGISTRAR, number)


@pytest.mark.parametrize("real", ["4000012090001", "1000012090004", "2000012100001"])
def test_the_number_is_the_company_number_behind_its_check_digit(register, real):
    assert assign(register, company_number=real[1:]) == real
    with pytest.raises(CorporateNumberTaken):
        assign(register, company_number=real[1:])


def test_who_has_no_company_number_gets_a_number_too(register):
    one, other = assign(register), assign(register)
    assert one != other
    assert corporate_number_ok(one)


@pytest.mark.parametrize(
    "wrong", ["12345678901", "1234567890123", "１２３４５６７８９０１２", "12345678901a"]
)
def test_a_company_number_of_another_form_is_refused(register, wrong):
    with pytest.raises(CorporateNumberMalformed):
        assign(register, company_number=wrong)


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"address": ""}, {"name": "あ" * 151}, {"kana": "a\nb"}, {"address": "\x00"}],
)
def test_what_could_not_be_shown_is_no_corporation(change):
    with pytest.raises(CorporationMalformed):
        replace(MIHON, **change)


def test_a_change_stands_from_its_day_and_what_stood_stays(register):
    number = assign(register)
    moved = replace(MIHON, address="大阪府大阪市北区1番地")
    corporations.change(register, REGISTRAR, number, moved, order(), on=LATER)
    now = stands(register, number)
    assert (now.basics, now.assigned_on, now.changed_on) == (moved, DAY, LATER)
    history = corporations.events(register, REGISTRAR, number)
    assert [(one.kind, one.on, one.basics) for one in history] == [
        (EventKind.assigned, DAY, MIHON),
        (EventKind.changed, LATER, moved),
    ]
    with pytest.raises(CorporateDayWrong):
        corporations.change(register, REGISTRAR, number, MIHON, order(), on=DAY)


def test_a_merged_corporation_names_who_stays(register):
    stays, goes = assign(register), assign(register)
    corporations.merge(register, REGISTRAR, goes, stays, order(), on=LATER)
    now = stands(register, goes)
    assert (now.closed_on, now.closed_for, now.successor) == (LATER, Closing.merged, stays)
    assert stands(register, stays).closed_on is None
    third = assign(register)
    with pytest.raises(CorporationNotOpen):
        corporations.merge(register, REGISTRAR, third, goes, order(), on=LATER)
    with pytest.raises(CorporationMalformed):
        corporations.merge(register, REGISTRAR, third, third, order(), on=LATER)


def test_a_closed_corporation_changes_no_more_until_it_is_reopened(register):
    number = assign(register)
    with pytest.raises(CorporationOpen):
        corporations.reopen(register, REGISTRAR, number, order(), on=LATER)
    corporations.close(register, REGISTRAR, number, Closing.liquidated, order(), on=LATER)
    with pytest.raises(CorporationNotOpen):
        corporations.change(register, REGISTRAR, number, MIHON, order(), on=LATER)
    with pytest.raises(CorporationNotOpen):
        corporations.close(register, REGISTRAR, number, Closing.other, order(), on=LATER)
    corporations.reopen(register, REGISTRAR, number, order(), on=LATER)
    assert stands(register, number).closed_on is None
    kinds = [one.kind for one in corporations.events(register, REGISTRAR, number)]
    assert kinds == [EventKind.assigned, EventKind.closed, EventKind.reopened]


def test_an_order_is_carried_out_once_and_entered_once(register):
    by = order()
    number = assign(register, by=by)
    assert assign(register, by=by) == number
    with pytest.raises(OrderDiffers):
        assign(register, replace(MIHON, name="別の会社"), by=by)
    closing = order()
    for _ in range(2):
        corporations.close(register, REGISTRAR, number, Closing.other, closing, on=LATER)
    signer = audit.Signer.from_seed("test.example/registrar", bytes(32))
    audit.sequence(register, REGISTRAR, signer, at=by.at)
    entries = audit.search(register, REGISTRAR, audit.Search(), before=None, limit=9)
    said = {(one.entry.outcome, one.entry.details["number"]) for one in entries}
    assert len(entries) == 2
    assert said == {("corporation-assigned", number), ("corporation-closed", number)}


@pytest.mark.parametrize("number", ["4000012090001", "4000012090002"])
def test_a_number_of_nobody_is_nobody_whatever_its_check_digit(register, number):
    with pytest.raises((CorporationUnknown, CorporateNumberMalformed)):
        corporations.change(register, REGISTRAR, number, MIHON, order(), on=DAY)
    assert stands(register, number) is None


@pytest.mark.parametrize(
    "name",
    [
        *("見本建設", "見本", "本建", "建設", "㈱見本建設", "見本建設　株式会社", "株式会社 見本"),
        *("ミホンケンセツ", "みほん", "ﾐﾎﾝｹﾝｾﾂ", "ケンセツ", "見", "み"),
    ],
)
def test_a_name_is_found_by_any_part_written_or_read(register, name):
    number = assign(register)
    assign(register, Basics("合同会社別", "ベツ", "", "北海道札幌市"))
    assert found(register, name=name) == [number]


@pytest.mark.parametrize("name", ["見設", "ホミ", "本見", "%", "_本", "設", "ン", "\\"])
def test_what_is_not_in_the_name_finds_nothing(register, name):
    assign(register)
    assert found(register, name=name) == []


def test_old_forms_of_characters_are_found_by_the_common_ones(register):
    number = assign(register, Basics("髙﨑工業", "タカサキコウギョウ", "", "群馬県高崎市"))
    assert found(register, name="高崎") == [number]
    assert found(register, name="髙崎工業株式会社") == [number]


def test_the_legal_form_alone_is_nothing_to_look_for(register):
    with pytest.raises(SearchEmpty):
        found(register, name="株式会社")


def test_an_address_is_found_by_its_beginning(register):
    number = assign(register)
    assert found(register, address="東京都千代田区") == [number]
    assert found(register, address="東京都　千代田区千代田１番") == [number]
    assert found(register, address="千代田区") == []
    assert found(register, name="見本", address="大阪府") == []


def test_closed_ones_are_found_only_where_wanted(register):
    number = assign(register)
    corporations.close(register, REGISTRAR, number, Closing.other, order(), on=LATER)
    assert found(register, name="見本") == []
    assert found(register, name="見本", closed=True) == [number]
    assert found(register, number=number) == [number]


def test_pages_tell_everything_once_in_the_order_of_numbers(register):
    numbers = sorted(assign(register) for _ in range(7))
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = corporations.search(register, REGISTRAR, Sought(name="見本"), after=after, limit=3)
        seen += [one.number for one in page.corporations]
        after = page.after
    assert seen == numbers


def test_a_corporation_is_never_removed_and_its_history_never_rewritten(register):
    assign(register)
    for statement in (
        "DELETE FROM identity_corporation",
        "DELETE FROM identity_corporate_event",
        "UPDATE identity_corporate_event SET name = ''",
        "UPDATE identity_corporation SET number = number",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), register.transaction():
            register.execute(statement)
