"""A list is complete on any day, as known at any time, indexed or not, and pages hold together."""

from datetime import date, datetime
from typing import LiteralString

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.sql import SQL, Placeholder
from tests.store.asking import OUTSIDER, load, outsider
from tests.store.rows import (
    ALLOWANCE,
    DAY,
    OTHER_TOWN,
    RESIDENT,
    TOWN,
    allowance,
    day,
    file,
    hour,
    personal_number,
    register_number,
    resident,
)

from renkei import store
from renkei.kit import Connection, Database
from renkei.standard import catalogue
from renkei.standard.characters import fold_to_find
from renkei.store import Begins, Between, Is
from renkei.store.folding import folded
from renkei.store.listing_statements import candidates

READINGS = {1: "ヤマダ　ハナコ", 2: "ヤマタ　イチロウ", 3: "ヤノ　ジロウ", 4: "アオキ　サブロウ"}


def index(conn: Connection) -> list[str]:
    """Bring all listings up to date; return the steps that were taken."""
    taken = []
    for entity in (RESIDENT, OUTSIDER):
        while step := store.index_lists(conn, TOWN, entity):
            taken.append(f"{entity.name}.{step}")
    return taken


def remove(conn: Connection, statement: LiteralString) -> None:
    """Remove rows as the one role that may."""
    conn.execute("SET LOCAL ROLE renkei_retention")
    conn.execute(statement)
    conn.execute("SET LOCAL ROLE renkei_application")


def numbers(page: store.Page) -> list[int]:
    return [int(one.key[0][:-1]) for one in page.records]


def listed(
    conn: Connection,
    selection: store.Selection,
    on: date = DAY,
    known: datetime | None = None,
    limit: int = 100,
) -> list[int]:
    page = store.list_records(
        conn, TOWN, RESIDENT, selection, ("name",), on=on, known=known, limit=limit
    )
    return numbers(page)


@pytest.fixture(params=["indexed", "gone through"])
def town(request: pytest.FixtureRequest, conn: Connection) -> Connection:
    """Give a town of four residents, its listing up to date or not there at all."""
    rows = [
        resident(1, kana=READINGS[1], birth_date="1980-05-31"),
        resident(2, kana=READINGS[2], birth_date="1980-06-00頃", address_code="13101002001"),
        resident(3, kana=READINGS[3], birth_date="1980-春", postal_code="1000001"),
        resident(4, kana=READINGS[4], birth_date="0000-00-00", household_number=register_number(9)),
    ]
    load(conn, RESIDENT, *rows)
    if request.param == "indexed":
        index(conn)
    page = store.list_records(conn, TOWN, RESIDENT, Begins("kana", "ア"), (), on=DAY)
    assert page.indexed is (request.param == "indexed")
    return conn


def test_readings_are_found_by_how_they_begin_whatever_their_voicing(town: Connection) -> None:
    assert listed(town, Begins("kana", "ヤマタ")) == [2, 1]
    assert listed(town, Begins("kana", "やまだ　は")) == [1]
    assert listed(town, Begins("kana", "ヤ")) == [3, 2, 1]
    assert listed(town, Is("kana", "ヤマタ・ハナコ")) == [1]
    assert listed(town, Begins("kana", "ン")) == []


def test_households_addresses_and_postal_codes_are_listed(town: Connection) -> None:
    assert listed(town, Is("household_number", register_number(9))) == [4]
    assert listed(town, Begins("address_code", "13101001")) == [1, 3, 4]
    assert listed(town, Is("address_code", "13101002001")) == [2]
    assert listed(town, Is("postal_code", "1000001")) == [3]


@pytest.mark.parametrize(
    ("first", "last", "wanted"),
    [
        ("1980-05-31", "1980-05-31", [1, 3]),
        ("1980-06-15", "1980-06-20", [2, 3]),
        ("1980-01-01", "1980-12-31", [1, 2, 3]),
        ("1979-01-01", "1979-12-31", []),
        ("1981-01-01", "2000-12-31", []),
    ],
)
def test_an_uncertain_day_lies_in_a_span_if_what_is_known_of_it_may(
    town: Connection, first: str, last: str, wanted: list[int]
) -> None:
    span = Between("birth_date", date.fromisoformat(first), date.fromisoformat(last))
    assert listed(town, span) == wanted


def test_pages_follow_each_other_without_a_gap_or_a_double(town: Connection) -> None:
    found, after = [], None
    for _ in range(3):
        page = store.list_records(
            town, TOWN, RESIDENT, Begins("kana", "ヤ"), (), on=DAY, after=after, limit=1
        )
        found += numbers(page)
        after = page.after
    assert (found, after) == ([3, 2, 1], None)


def test_a_page_goes_on_behind_the_one_before_whatever_was_loaded_meanwhile(
    town: Connection,
) -> None:
    first = store.list_records(town, TOWN, RESIDENT, Begins("kana", "ヤ"), (), on=day(1), limit=2)
    rows = [resident(n, kana=READINGS[n]) for n in (1, 2)]
    load(town, RESIDENT, *rows, resident(7, kana="ヤノ　アオイ"), on=1)
    rest = store.list_records(
        town, TOWN, RESIDENT, Begins("kana", "ヤ"), (), on=day(1), after=first.after
    )
    assert (numbers(first), numbers(rest)) == ([3, 2], [1])
    assert not rest.indexed


def test_a_list_of_a_past_day_and_as_known_then_is_as_it_was(town: Connection) -> None:
    moved = resident(1, kana="カトウ　ハナコ", household_number=register_number(9))
    load(town, RESIDENT, moved, resident(2, kana=READINGS[2]), on=2)
    for _ in range(2):
        assert listed(town, Begins("kana", "ヤ"), on=day(1)) == [3, 2, 1]
        assert listed(town, Begins("kana", "ヤ"), on=day(2)) == [2]
        assert listed(town, Begins("kana", "ヤ"), on=day(2), known=hour(1)) == [3, 2, 1]
        assert listed(town, Begins("kana", "カト"), on=day(2)) == [1]
        assert listed(town, Is("household_number", register_number(9)), on=day(2)) == [1]
        assert listed(town, Is("household_number", register_number(9)), on=day(1)) == [4]
        index(town)


def test_who_is_left_out_leaves_no_hole_in_a_page(town: Connection) -> None:
    hidden = (register_number(3),)
    page = store.list_records(
        town,
        TOWN,
        RESIDENT,
        Begins("kana", "ヤ"),
        (),
        on=DAY,
        limit=2,
        leave_out=lambda found: {one.key for one in found if one.key == hidden},
    )
    assert (numbers(page), page.after) == ([2, 1], None)


def test_a_record_is_found_by_another_key_on_any_day(town: Connection) -> None:
    other = personal_number(99)
    load(town, RESIDENT, resident(1, personal_number=other), on=1)

    def found(item: str, value: str, on: int) -> list[str]:
        records = store.find(town, TOWN, RESIDENT, item, value, ("name",), on=day(on))
        return [one.key[0] for one in records]

    one, two = register_number(1), register_number(2)
    for _ in range(2):
        assert found("personal_number", personal_number(1), 0) == [one]
        assert found("personal_number", personal_number(1), 1) == []
        assert found("personal_number", other, 1) == [one]
        assert found("resident_record_code", "00000000002", 0) == [two]
        assert found("register_number", two, 0) == [two]
        assert found("register_number", two, 1) == []
        index(town)


def test_all_records_of_a_person_are_found_by_the_number_that_leads_their_key(
    conn: Connection,
) -> None:
    load(conn, ALLOWANCE, allowance(1, 11), allowance(1, 12), allowance(2, 13))
    load(conn, ALLOWANCE, allowance(1, 12, monthly_amount="15000"), on=1)

    def found(on: int) -> list[object]:
        number = register_number(1)
        items = ("child_number", "monthly_amount")
        records = store.find(conn, TOWN, ALLOWANCE, "register_number", number, items, on=day(on))
        return [tuple(one.record.values.values()) for one in records]

    assert found(0) == [(register_number(11), 10000), (register_number(12), 10000)]
    assert found(1) == [(register_number(12), 15000)]


@pytest.mark.parametrize("value", ["2026-04-01", "2026-02-30", "x", "9" * 40])
def test_a_key_that_is_no_day_finds_nothing_where_a_day_leads_the_key(
    conn: Connection, value: str
) -> None:
    receipts = catalogue().entity("daily_receipts")
    assert store.find(conn, TOWN, receipts, "received_on", value, (), on=DAY) == ()


def test_more_than_a_look_up_can_hold_is_an_error_that_tells_nobody(
    conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("renkei.store.lists.MOST_FOUND", 1)
    home = register_number(9)
    child = resident(2, household_number=home, relationship="子")
    load(conn, RESIDENT, resident(1, household_number=home), child)
    with pytest.raises(store.TooManyFound) as error:
        store.find(conn, TOWN, RESIDENT, "household_number", home, (), on=DAY)
    assert home not in error.value.text()


@pytest.mark.parametrize(
    "selection",
    [
        Begins("kana", ""),
        Begins("kana", "・　"),
        Is("postal_code", ""),
        Begins("personal_number", "1"),
        Begins("birth_date", "1980"),
        Between("kana", DAY, DAY),
        Is("postal_code", "1\0"),
    ],
)
def test_a_selection_an_item_does_not_allow_is_refused(
    conn: Connection, selection: store.Selection
) -> None:
    with pytest.raises(store.SelectionUnfit):
        listed(conn, selection)


@pytest.mark.parametrize("item", ["name", "income", "register_number", "protected"])
def test_an_item_that_nothing_is_listed_by_is_refused(conn: Connection, item: str) -> None:
    with pytest.raises(store.ItemNotListed):
        listed(conn, Is(item, "1"))


def test_a_step_brings_one_item_up_to_the_last_load_and_no_step_is_taken_twice(
    conn: Connection,
) -> None:
    load(conn, RESIDENT, resident(1))
    load(conn, OUTSIDER, outsider(2, person_kind="2", corporate_number="7000012050002"))
    every = {f"{entity}.{item}" for entity, ways in store.LISTED.items() for item in ways}
    assert sorted(index(conn)) == sorted(every)
    assert index(conn) == []
    load(conn, RESIDENT, resident(1, kana="アア"), on=1)
    assert set(index(conn)) == {one for one in every if one.startswith("resident.")}
    found = store.find(conn, TOWN, OUTSIDER, "corporate_number", "7000012050002", (), on=DAY)
    assert [one.key for one in found] == [(register_number(2),)]


def test_what_only_removed_versions_had_is_taken_out_of_the_listing(conn: Connection) -> None:
    load(conn, RESIDENT, resident(1, kana="ヤマダ"), resident(2))
    load(conn, RESIDENT, resident(1, kana="カトウ"), resident(2), on=1)
    index(conn)
    remove(conn, "DELETE FROM store_resident_history WHERE kana = 'ヤマダ'")
    assert store.unlist(conn, TOWN, RESIDENT, [(register_number(1),)]) == 1
    assert listed(conn, Begins("kana", "カト"), on=day(1)) == [1]
    remove(conn, "DELETE FROM store_resident WHERE kana = 'カトウ'")
    assert store.unlist(conn, TOWN, RESIDENT, [(register_number(1),)]) == 7
    rest = conn.execute("SELECT DISTINCT key FROM store_listing").fetchall()
    assert rest == [(register_number(2),)]


def test_records_are_reached_by_their_key_under_row_security(conn: Connection) -> None:
    load(conn, RESIDENT, resident(1))
    index(conn)
    conn.execute("SET LOCAL enable_seqscan = off")
    kana = RESIDENT.item("kana")
    assert kana is not None
    about = {"tenant": TOWN, "entity": "resident", "item": kana.id, "on": DAY, "known": None}
    bounds = {"high": "ン", "first": "", "last": "", "after_value": "", "after_key": "", "many": 9}
    query = b"EXPLAIN " + candidates(RESIDENT, kana, ("name",), by_day=False)
    plan = "\n".join(line for (line,) in conn.execute(query, {**about, **bounds}))
    assert plan.count("(register_number = candidate.part_1)") == 2
    assert "Seq Scan on store_resident" not in plan


def test_another_town_lists_nothing_with_row_security_or_without(dsn: str) -> None:
    with psycopg.connect(dsn) as conn:  # a superuser, who passes every policy by
        conn.execute("SELECT set_config('renkei.tenant', %s, true)", [TOWN])
        load(conn, RESIDENT, resident(1))
        for _ in range(2):
            assert listed(conn, Begins("address_code", "1")) == [1]
            other = store.list_records(
                conn, OTHER_TOWN, RESIDENT, Begins("address_code", "1"), (), on=DAY
            )
            assert other.records == ()
            assert store.index_lists(conn, OTHER_TOWN, RESIDENT) is None
            index(conn)
        conn.execute("SET ROLE renkei_application")
        conn.execute("SELECT set_config('renkei.tenant', %s, true)", [OTHER_TOWN])
        assert listed(conn, Begins("address_code", "1")) == []
        conn.rollback()


readings = st.sampled_from(["ヤマダ", "ヤノ", "オノ", "オオノ"])
states = st.dictionaries(st.integers(1, 4), readings)
loads = st.lists(st.tuples(states, st.integers(0, 2), st.booleans()), min_size=1, max_size=5)


@settings(max_examples=25, deadline=None)
@given(loads, st.sampled_from(["ヤ", "ヤマ", "オ", "オノ"]))
def test_a_list_agrees_with_a_naive_model_on_every_day_as_known_at_every_time(
    database: Database, taken: list[tuple[dict[int, str], int, bool]], prefix: str
) -> None:
    with database.transaction(TOWN) as conn:
        days: list[tuple[int, dict[int, str]]] = []
        known = 0
        for step, (state, later, indexes) in enumerate(taken):
            known += later
            rows = [resident(n, kana=kana) for n, kana in state.items()]
            report = store.load(
                conn,
                TOWN,
                RESIDENT,
                file(RESIDENT, rows),
                on=day(known),
                at=hour(step),
                allow_ending=True,
            )
            if report.outcome is store.Outcome.already_loaded:
                state = days[-1][1]  # the same file for the same day again
            days.append((known, state))
            if indexes:
                index(conn)
        for asked in range(known + 1):
            for step in range(len(taken)):
                before = [state for on, state in days[: step + 1] if on <= asked]
                state = before[-1] if before else {}
                wanted = sorted(
                    (fold_to_find(kana), n)
                    for n, kana in state.items()
                    if fold_to_find(kana).startswith(fold_to_find(prefix))
                )
                page = listed(conn, Begins("kana", prefix), on=day(asked), known=hour(step))
                assert page == [n for _, n in wanted]
        raise psycopg.Rollback


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from([chr(c) for c in range(0x30A1, 0x30FB)] + list("ーヽヾ・‐ 　"))))
def test_the_database_folds_a_reading_as_the_standard_does(
    database: Database, reading: str
) -> None:
    with database.transaction(TOWN) as conn:
        query = SQL("SELECT {}").format(folded(SQL("{}::text").format(Placeholder())))
        count = query.as_string().count("%s")
        assert conn.execute(query, [reading] * count).fetchone() == (fold_to_find(reading),)
